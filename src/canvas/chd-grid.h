/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-geometry.h"

G_BEGIN_DECLS

/* A uniform grid of cells: which numbered rectangles may touch a place. It knows cells only, so the answer is a
 * superset; the caller compares exactly. */
typedef struct _ChdGrid ChdGrid;

ChdGrid *chd_grid_new (void);
void chd_grid_free (ChdGrid *self);
void chd_grid_add (ChdGrid *self, guint id, const ChdRect *rect);
/* Appends candidates to @found in ascending order, each once. @found: (element-type guint) */
void chd_grid_query (ChdGrid *self, const ChdRect *rect, GArray *found);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdGrid, chd_grid_free)

G_END_DECLS
