/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "chd-chain.h"
#include "chd-geometry.h"
#include "chd-node-state.h"
#include "chd-validate.h"

G_BEGIN_DECLS

/* The drawing of a chain without a display: where its lanes, cards and links are. It follows the chain by itself and
 * needs no GTK, so that chainctl draws the same picture as the designer.
 *
 *  (1) A node's card lies inside its unit's lane, and a lane inside its parent's. Lanes that would overlap are pushed
 *      down with what is in them; the document's positions are not changed by that.
 *  (2) The same chain gives the same scene, whatever edits led to it.
 *  (3) Indices are those of the chain's lists for nodes and links; they hold until the next change. Lanes are in
 *      depth-first order of the organisation; nodes without a known unit stand in a last lane that has no unit. */
#define CHD_TYPE_SCENE (chd_scene_get_type ())
G_DECLARE_FINAL_TYPE (ChdScene, chd_scene, CHD, SCENE, GObject)

#define CHD_CARD_WIDTH 200.0
#define CHD_CARD_HEIGHT 72.0
#define CHD_LANE_HEADER 32.0
#define CHD_NO_INDEX G_MAXUINT

typedef struct
{
  const ChdNode *item;
  double x, y;   /* centre of the card */
  double open_y; /* y, or what it would be if its lane were open; edits go by this */
  guint lane;
  gboolean hidden; /* its lane, or one around it, is collapsed; it stands in that one's line then */
  ChdNodeState state;
  char *note;       /* (nullable): why, or what it is about; shown instead of the subtitle */
  double progress;  /* 0–1; below 0 when there is none to show */
  gpointer picture; /* (nullable): what the widget keeps about it; dropped when it has to be drawn anew */
} ChdSceneNode;

typedef struct
{
  const ChdLink *item;
  guint from, to;   /* CHD_NO_INDEX when the link leads to nowhere */
  ChdPoint *points; /* corners, from the source's port to the target's; none when it leads to nowhere */
  guint n_points;
  gpointer picture;
} ChdSceneLink;

typedef struct
{
  const ChdUnit *item; /* (nullable): for nodes without a unit */
  guint parent;        /* CHD_NO_INDEX at the top */
  guint depth;
  ChdRect rect;
  double offset;      /* scene y = document y + offset */
  guint n_nodes;      /* its own */
  guint n_all_nodes;  /* with those of the lanes inside */
  gboolean collapsed; /* one line; what is inside is hidden */
  gboolean hidden;    /* inside of a collapsed one, whose rect it has; or not used and not shown */
  gboolean compact;   /* a unit without nodes and without units below it: only its name is shown */
} ChdSceneLane;

typedef enum
{
  CHD_HIT_NOTHING,
  CHD_HIT_NODE,
  CHD_HIT_PORT, /* the place a link starts from, at the end of a card */
  CHD_HIT_LINK,
  CHD_HIT_LANE_HEADER,
  CHD_HIT_LANE,
  CHD_HIT_LANE_ARROW, /* what collapses and expands a lane; only where the canvas asks for it */
} ChdHitKind;

typedef struct
{
  ChdHitKind kind;
  guint index;
} ChdHit;

ChdScene *chd_scene_new (ChdChain *chain);
ChdChain *chd_scene_get_chain (ChdScene *self);

guint chd_scene_get_n_nodes (ChdScene *self);
guint chd_scene_get_n_links (ChdScene *self);
guint chd_scene_get_n_lanes (ChdScene *self);
ChdSceneNode *chd_scene_get_node (ChdScene *self, guint index);
ChdSceneLink *chd_scene_get_link (ChdScene *self, guint index);
ChdSceneLane *chd_scene_get_lane (ChdScene *self, guint index);
guint chd_scene_find_node (ChdScene *self, const char *id);
guint chd_scene_find_link (ChdScene *self, const char *id);
guint chd_scene_find_lane (ChdScene *self, const char *unit_id);

ChdRect chd_scene_get_bounds (ChdScene *self);
ChdRect chd_scene_get_card_rect (ChdScene *self, guint node);
ChdRect chd_scene_get_link_rect (ChdScene *self, guint link);
ChdPoint chd_scene_get_port (ChdScene *self, guint node, ChdLinkDirection direction);

/* @tolerance: in canvas units, how near counts for links and ports. */
ChdHit chd_scene_hit (ChdScene *self, double x, double y, double tolerance);
/* The innermost lane at a place; beyond the lanes the nearest one, CHD_NO_INDEX when there is none. */
guint chd_scene_lane_at (ChdScene *self, double x, double y);
/* Appends the indices of what touches @rect, each once, in ascending order. @found: (element-type guint) */
void chd_scene_query_nodes (ChdScene *self, const ChdRect *rect, GArray *found);
void chd_scene_query_links (ChdScene *self, const ChdRect *rect, GArray *found);
/* The place nearest to (x, y) where a card of @lane covers no other one. @except: a node that does not count. */
ChdPoint chd_scene_find_free_place (ChdScene *self, guint lane, double x, double y, guint except);

/* What the service knows about a node; the document does not hold it. @note: (nullable); @progress: below 0 for none.
 * An unknown id is ignored. States are kept by id, also while a node is taken out and put back by undo. */
void chd_scene_set_node_state (ChdScene *self, const char *id, ChdNodeState state, const char *note, double progress);
void chd_scene_clear_node_states (ChdScene *self);

/* What validation has found; a mark on the node says so. @problems: (element-type ChdProblem) (nullable): all of them
 */
typedef enum
{
  CHD_MARK_NONE,
  CHD_MARK_WARNING,
  CHD_MARK_ERROR,
} ChdNodeMark;

void chd_scene_set_problems (ChdScene *self, GPtrArray *problems);
ChdNodeMark chd_scene_get_mark (ChdScene *self, guint node);
const char *chd_scene_get_problem_text (ChdScene *self, guint node); /* (nullable): a sentence a line */

/* How an interface is called: the catalogue's title instead of the bare id. */
void chd_scene_set_interface_title (ChdScene *self, const char *interface_id, const char *title);

/* (nullable): "department" in the user's language. */
const char *chd_scene_get_level_title (const ChdUnit *unit);

/* Whether units that no node stands in, nor in one below them, have a lane. */
void chd_scene_set_hide_unused (ChdScene *self, gboolean hide_unused);

/* Texts, all (transfer full). */
char *chd_scene_dup_subtitle (ChdScene *self, guint node);   /* what is bound: "Approval · Check invoice" */
char *chd_scene_dup_link_label (ChdScene *self, guint link); /* (nullable): its condition in words */
char *chd_scene_dup_node_name (ChdScene *self, guint node);  /* for a screen reader: name, place, unit, state */
char *chd_scene_dup_node_description (ChdScene *self, guint node);
char *chd_scene_dup_lane_name (ChdScene *self, guint lane);
/* (nullable): what a collapsed lane holds: "5 nodes: 2 Succeeded, 1 Failed" */
char *chd_scene_dup_lane_summary (ChdScene *self, guint lane);
char *chd_scene_dup_name (ChdScene *self); /* "Chain canvas, Loan approval, 5 nodes in 3 units" */

/* Who draws the scene may keep a picture at each node and link. */
void chd_scene_set_picture_free (ChdScene *self, GDestroyNotify free_picture);
void chd_scene_drop_pictures (ChdScene *self);

/* Signals: "changed" () when places, texts or the number of things changed, once a step of the chain;
 *          "node-changed" (guint index) when only a node's state did. */

G_END_DECLS
