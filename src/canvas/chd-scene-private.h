/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-grid.h"
#include "chd-lanes.h"
#include "chd-scene.h"

G_BEGIN_DECLS

/* What the service told about a node. */
typedef struct
{
  ChdNodeState state;
  char *note;
  double progress;
} ChdNodeNews;

struct _ChdScene
{
  GObject parent_instance;

  ChdChain *chain;
  GHashTable *news;             /* node id → ChdNodeNews */
  GHashTable *problems;         /* (nullable): node id → what was found (chd-scene-problems.c) */
  GHashTable *interface_titles; /* id → title */
  GDestroyNotify free_picture;  /* (nullable) */

  gboolean stale;    /* the chain has changed since the arrays were made */
  gboolean announce; /* it has changed in the step that runs */
  gboolean hide_unused;
  gboolean scripts_changed; /* cards show titles of scripts */
  ChdSceneNode *nodes;
  guint n_nodes;
  ChdSceneLink *links;
  guint n_links;
  ChdLanes lanes;
  ChdRect bounds;
  ChdGrid *node_grid;
  ChdGrid *link_grid;
  guint *ranks; /* (nullable): place of each node in execution order; made when asked for */
};

/* Makes the arrays anew when the chain has changed; every public function begins with it. */
void chd_scene_update (ChdScene *self);
void chd_scene_clear (ChdScene *self);
void chd_scene_drop_picture (ChdScene *self, gpointer *picture);
void chd_scene_read_news (ChdScene *self, ChdSceneNode *node);
/* Has a node drawn and named anew. */
void chd_scene_refresh_node (ChdScene *self, guint index);
/* The node's place in the execution order, from 0. */
guint chd_scene_get_rank (ChdScene *self, guint node);
/* The catalogue's title of an interface, else its id. */
const char *chd_scene_get_interface_title (ChdScene *self, const char *id);

G_END_DECLS
