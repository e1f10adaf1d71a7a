/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-scene.h"

G_BEGIN_DECLS

/* Order among nodes that are there. Each call is one step. */

/* Cards are of one size, so that a common edge is a common middle too; rows are made lane by lane. */
typedef enum
{
  CHD_ARRANGE_LEFT,  /* a column where the leftmost is */
  CHD_ARRANGE_RIGHT, /* where the rightmost is */
  CHD_ARRANGE_TOP,   /* a row where the highest of the lane is */
  CHD_ARRANGE_BOTTOM,
  CHD_ARRANGE_ACROSS, /* even distances between the leftmost and the rightmost */
  CHD_ARRANGE_DOWN,
} ChdArrange;

/* Returns: whether anything changed */
gboolean chd_edit_arrange (ChdScene *scene, const char *const *ids, ChdArrange how);

/* Whether a node that is there can be put on a link: it has nothing to do with its ends, and no circle would close. */
gboolean chd_edit_can_insert (ChdScene *scene, const char *id, guint link);
/* Moves the node and puts it between the ends of the link; the condition stays with the first half. */
void chd_edit_insert_node (ChdScene *scene, const char *id, guint link, double dx, double dy);

G_END_DECLS
