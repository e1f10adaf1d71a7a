/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-scene.h"

G_BEGIN_DECLS

/* Finds nodes by their title, description, unit, the unit's people, script (id or title), pipeline, state, and units
 * by their title and people; see chd-search.h for how. Texts are kept as long as their items are the same. */
typedef struct _ChdFinder ChdFinder;

typedef struct
{
  ChdItemKind kind; /* CHD_ITEM_NODE or CHD_ITEM_UNIT */
  char *id;
} ChdFound;

ChdFinder *chd_finder_new (ChdScene *scene);
void chd_finder_free (ChdFinder *self);

/* Returns: (transfer full) (element-type ChdFound): units in the order of their lanes, each followed by its nodes in
 * the order of execution; empty for an empty query */
GPtrArray *chd_finder_find (ChdFinder *self, const char *query);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdFinder, chd_finder_free)

G_END_DECLS
