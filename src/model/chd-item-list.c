/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An ordered list of items with an index by id. */

#include "config.h"

#include "chd-item-list.h"

/* Where an item is. The index is a hint: inserts and removals before it make it stale by as many places, so a search
 * outward from it is short. */
typedef struct
{
  ChdItem *item;
  guint hint;
} Entry;

void
chd_item_list_init (ChdItemList *self)
{
  self->items = g_ptr_array_new_with_free_func (chd_item_unref);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
}

void
chd_item_list_clear (ChdItemList *self)
{
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->items);
}

ChdItem *
chd_item_list_get (const ChdItemList *self, guint index)
{
  return index < self->items->len ? g_ptr_array_index (self->items, index) : NULL;
}

/**
 * chd_item_list_find:
 * @id: (nullable):
 *
 * Returns: (transfer none) (nullable):
 */
ChdItem *
chd_item_list_find (const ChdItemList *self, const char *id)
{
  const Entry *entry = id != NULL ? g_hash_table_lookup (self->by_id, id) : NULL;

  return entry != NULL ? entry->item : NULL;
}

static gboolean
find_place (ChdItemList *self, Entry *entry, guint *index)
{
  guint n = self->items->len;

  for (guint distance = 0; distance <= MAX (entry->hint, n); distance++)
    {
      guint below = entry->hint - distance, above = entry->hint + distance;

      if (entry->hint >= distance && below < n && g_ptr_array_index (self->items, below) == entry->item)
        *index = entry->hint = below;
      else if (above < n && g_ptr_array_index (self->items, above) == entry->item)
        *index = entry->hint = above;
      else
        continue;
      return TRUE;
    }
  return FALSE;
}

gboolean
chd_item_list_find_index (ChdItemList *self, const char *id, guint *index)
{
  Entry *entry = id != NULL ? g_hash_table_lookup (self->by_id, id) : NULL;

  return entry != NULL && find_place (self, entry, index);
}

/* Makes the item be found by its id, unless one before it has the same. */
static void
enter (ChdItemList *self, ChdItem *item, guint index)
{
  Entry *entry = g_hash_table_lookup (self->by_id, item->id);
  guint other;

  if (entry != NULL && find_place (self, entry, &other) && other < index)
    return;
  entry = g_new (Entry, 1);
  entry->item = item;
  entry->hint = index;
  g_hash_table_replace (self->by_id, item->id, entry);
}

/* After the item that was found by this id has left its place: the next one that has it takes over. */
static void
enter_next (ChdItemList *self, const char *id, guint index)
{
  gboolean clashes = g_hash_table_size (self->by_id) < self->items->len;

  for (guint i = index; clashes && i < self->items->len; i++)
    {
      ChdItem *item = g_ptr_array_index (self->items, i);

      if (g_strcmp0 (item->id, id) == 0)
        {
          enter (self, item, i);
          return;
        }
    }
}

/**
 * chd_item_list_change:
 * @before: (nullable): the item at @index, which leaves; %NULL to insert
 * @after: (nullable): the item that comes to @index; a reference is taken
 */
void
chd_item_list_change (ChdItemList *self, guint index, const ChdItem *before, ChdItem *after)
{
  g_autoptr (ChdItem) leaving = before != NULL ? chd_item_ref (before) : NULL;
  gboolean was_found = before != NULL && chd_item_list_find (self, before->id) == before;

  if (was_found)
    g_hash_table_remove (self->by_id, before->id);
  if (before != NULL && after != NULL)
    {
      chd_item_unref (g_ptr_array_index (self->items, index));
      g_ptr_array_index (self->items, index) = chd_item_ref (after);
    }
  else if (after != NULL)
    g_ptr_array_insert (self->items, (int) index, chd_item_ref (after));
  else
    g_ptr_array_remove_index (self->items, index);
  if (after != NULL)
    enter (self, after, index);
  if (was_found && chd_item_list_find (self, leaving->id) == NULL)
    enter_next (self, leaving->id, index);
}
