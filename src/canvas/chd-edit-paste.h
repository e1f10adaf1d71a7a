/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-scene.h"

G_BEGIN_DECLS

/* Copies of nodes: taken out as a fragment (chd-fragment.h) whose positions are the scene's, and put in. */

ChdChain *chd_edit_copy (ChdScene *scene, const char *const *nodes); /* (transfer full) */

/* What the cards of a fragment cover; nodes without a place get one first. */
ChdRect chd_edit_measure_fragment (ChdChain *fragment);

typedef enum
{
  CHD_PASTE_BESIDE,  /* in the units they come from, at the next place below where no card is in the way */
  CHD_PASTE_AT,      /* exactly there; each belongs to the unit whose lane it comes to lie in */
  CHD_PASTE_IN_UNIT, /* in one unit, at the next place below */
} ChdPasteMode;

/* Puts a fragment in, moved by (@dx, @dy), as one step. @name: of the step. @unit: (nullable), for CHD_PASTE_IN_UNIT.
 * The fragment is changed to fit. Returns: (transfer full): the new nodes' ids */
char **chd_edit_paste (ChdScene *scene,
                       ChdChain *fragment,
                       ChdPasteMode mode,
                       const char *unit,
                       double dx,
                       double dy,
                       const char *name);

/* Copies of nodes of the same chain: beside them, or exactly (@dx, @dy) away when @exact. */
char **chd_edit_duplicate (ChdScene *scene, const char *const *nodes, gboolean exact, double dx, double dy);

G_END_DECLS
