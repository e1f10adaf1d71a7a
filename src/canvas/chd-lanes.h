/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-scene.h"

G_BEGIN_DECLS

/* The lanes of a chain: which there are, who is inside whom, and where they stand. Shared by the scene and the layout,
 * so that what the layout plans is what the scene shows. */

#define CHD_LANE_INSET 12.0    /* between a lane's edge and the lanes inside */
#define CHD_LANE_GAP 10.0      /* between neighbours */
#define CHD_LANE_SIDE 32.0     /* between the innermost lanes' edge and the cards */
#define CHD_LANE_BAND_TOP 18.0 /* between header and cards */
#define CHD_LANE_BAND_BOTTOM 22.0
#define CHD_LANE_MIN_WIDTH 640.0
#define CHD_LANE_STRIP 5.0 /* from a collapsed lane's lower edge to what stands for its nodes */

typedef struct
{
  ChdSceneLane *lanes; /* (owned), in depth-first order */
  guint n_lanes;
  guint max_depth;
  guint *lane_of;      /* (owned): for each node of the chain */
  guint *lane_of_unit; /* (owned): for each unit of the chain */
} ChdLanes;

/* The vertical room that a lane's own cards take, from the top of the highest to the bottom of the lowest. */
typedef struct
{
  double top, bottom;
} ChdLaneExtent;

/* @lanes hold borrowed units of @chain. */
void chd_lanes_init (ChdLanes *self, ChdChain *chain);
void chd_lanes_clear (ChdLanes *self);
/* Marks the lanes that are not shown: those inside of collapsed ones, and with @unused those without any node. The
 * layout does not do this: it plans for all. */
void chd_lanes_hide (ChdLanes *self, gboolean unused);
/* The innermost lane around this one, or itself, that is shown. */
guint chd_lanes_find_shown (ChdLanes *self, guint lane);
/* Sets rect and offset of every lane. @extents: for each lane, used where n_nodes > 0. @left, @right: of all cards. */
void chd_lanes_place (ChdLanes *self, const ChdLaneExtent *extents, double left, double right);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChdLanes, chd_lanes_clear)

G_END_DECLS
