/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-item.h"

G_BEGIN_DECLS

/* Private to model: items of one kind in document order, found by id. When several have the same id, as only a file can
 * bring it about, the first of them is found. */
typedef struct
{
  GPtrArray *items;  /* (owned) of ChdItem */
  GHashTable *by_id; /* (owned) item id (borrowed from the item) → Entry */
} ChdItemList;

void chd_item_list_init (ChdItemList *self);
void chd_item_list_clear (ChdItemList *self);
ChdItem *chd_item_list_get (const ChdItemList *self, guint index);
ChdItem *chd_item_list_find (const ChdItemList *self, const char *id);
gboolean chd_item_list_find_index (ChdItemList *self, const char *id, guint *index);
void chd_item_list_change (ChdItemList *self, guint index, const ChdItem *before, ChdItem *after);

G_END_DECLS
