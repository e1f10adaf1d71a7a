/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-scene.h"

G_BEGIN_DECLS

/* Units by way of their lanes. Each call is one step. */

/* Returns: whether that changes anything */
gboolean chd_edit_set_collapsed (ChdChain *chain, const char *unit, gboolean collapsed);

typedef enum
{
  CHD_LANE_BEFORE, /* beside the other one, above it */
  CHD_LANE_AFTER,
  CHD_LANE_INSIDE, /* as its last */
} ChdLanePlace;

/* Moves a unit with all in it beside another one or into it; the cards keep their places in their lanes.
 * Returns: whether it can be (not into itself) and that changes anything */
gboolean chd_edit_move_lane (ChdScene *scene, const char *unit, const char *other, ChdLanePlace place);

typedef enum
{
  CHD_LANE_UP,
  CHD_LANE_DOWN,
  CHD_LANE_INDENT,  /* into the one above it */
  CHD_LANE_OUTDENT, /* out of the one it is in, behind it */
} ChdLaneStep;

gboolean chd_edit_step_lane (ChdScene *scene, const char *unit, ChdLaneStep step);

G_END_DECLS
