/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions about a chain that need more than a look-up: reach, order, unit paths, free ids. */

#include "config.h"

#include "chd-chain.h"

#include <string.h>

#include "chd-util.h"

/**
 * chd_chain_reaches:
 *
 * Returns: whether a path of links leads from @from to @to; a node reaches itself
 */
gboolean
chd_chain_reaches (ChdChain *self, const char *from, const char *to)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  g_ptr_array_add (pending, (gpointer) from);
  while (pending->len > 0)
    {
      const char *id = g_ptr_array_steal_index_fast (pending, pending->len - 1);
      GPtrArray *links;

      if (g_strcmp0 (id, to) == 0)
        return TRUE;
      if (!g_hash_table_add (seen, (gpointer) id))
        continue;
      links = chd_chain_get_links (self, id, CHD_LINKS_OUT);
      for (guint i = 0; i < links->len; i++)
        g_ptr_array_add (pending, ((ChdLink *) g_ptr_array_index (links, i))->to);
    }
  return FALSE;
}

/* A binary heap of indexes, the smallest on top. */
static void
heap_push (GArray *heap, guint value)
{
  guint at = heap->len;

  g_array_append_val (heap, value);
  while (at > 0 && g_array_index (heap, guint, (at - 1) / 2) > value)
    {
      g_array_index (heap, guint, at) = g_array_index (heap, guint, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  g_array_index (heap, guint, at) = value;
}

static guint
heap_pop (GArray *heap)
{
  guint top = g_array_index (heap, guint, 0);
  guint last = g_array_index (heap, guint, heap->len - 1);
  guint at = 0;

  g_array_set_size (heap, heap->len - 1);
  while (2 * at + 1 < heap->len)
    {
      guint child = 2 * at + 1;

      if (child + 1 < heap->len && g_array_index (heap, guint, child + 1) < g_array_index (heap, guint, child))
        child++;
      if (g_array_index (heap, guint, child) >= last)
        break;
      g_array_index (heap, guint, at) = g_array_index (heap, guint, child);
      at = child;
    }
  if (heap->len > 0)
    g_array_index (heap, guint, at) = last;
  return top;
}

/**
 * chd_chain_list_in_order:
 *
 * Returns: (transfer container) (element-type ChdNode): so that every link points forward, in document order where
 *   the links leave a choice; nodes on or behind a circle come last, in document order
 */
GPtrArray *
chd_chain_list_in_order (ChdChain *self)
{
  guint n = chd_chain_get_n_items (self, CHD_ITEM_NODE);
  g_autofree guint *waits = g_new0 (guint, n);
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (guint));
  GPtrArray *ordered = g_ptr_array_sized_new (n);

  for (guint i = 0; i < chd_chain_get_n_items (self, CHD_ITEM_LINK); i++)
    {
      const ChdLink *link = (const ChdLink *) chd_chain_get_item (self, CHD_ITEM_LINK, i);
      guint to;

      if (chd_chain_find_node (self, link->from) != NULL && chd_chain_find_index (self, CHD_ITEM_NODE, link->to, &to))
        waits[to]++;
    }
  for (guint i = 0; i < n; i++)
    if (waits[i] == 0)
      heap_push (ready, i);
  while (ready->len > 0)
    {
      const ChdItem *node = chd_chain_get_item (self, CHD_ITEM_NODE, heap_pop (ready));
      GPtrArray *links = chd_chain_get_links (self, node->id, CHD_LINKS_OUT);

      g_ptr_array_add (ordered, (gpointer) node);
      for (guint i = 0; i < links->len; i++)
        {
          guint to;

          if (chd_chain_find_index (self, CHD_ITEM_NODE, ((ChdLink *) g_ptr_array_index (links, i))->to, &to) &&
              --waits[to] == 0)
            heap_push (ready, to);
        }
    }
  for (guint i = 0; i < n && ordered->len < n; i++)
    if (waits[i] > 0)
      g_ptr_array_add (ordered, (gpointer) chd_chain_get_item (self, CHD_ITEM_NODE, i));
  return ordered;
}

/**
 * chd_chain_list_unit_ancestry:
 *
 * Returns: (transfer container) (element-type ChdUnit): the unit, its parent, and so on to the top; a circle of
 *   parents ends where it closes
 */
GPtrArray *
chd_chain_list_unit_ancestry (ChdChain *self, const char *unit_id)
{
  GPtrArray *units = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  const ChdUnit *unit = chd_chain_find_unit (self, unit_id);

  while (unit != NULL && g_hash_table_add (seen, (gpointer) unit))
    {
      g_ptr_array_add (units, (gpointer) unit);
      unit = chd_chain_find_unit (self, unit->parent);
    }
  return units;
}

/**
 * chd_chain_get_unit_path:
 *
 * Returns: (transfer full): the titles from the top down, "Example Group / Finance"; empty for an unknown unit
 */
char *
chd_chain_get_unit_path (ChdChain *self, const char *unit_id)
{
  g_autoptr (GPtrArray) units = chd_chain_list_unit_ancestry (self, unit_id);
  GString *path = g_string_new (NULL);

  for (guint i = units->len; i > 0; i--)
    {
      if (path->len > 0)
        g_string_append (path, " / ");
      g_string_append (path, chd_item_get_title (g_ptr_array_index (units, i - 1)));
    }
  return g_string_free (path, FALSE);
}

/**
 * chd_chain_make_id:
 *
 * Returns: (transfer full): a free id of that kind: the title as a DNS label, with a number where that is taken
 */
char *
chd_chain_make_id (ChdChain *self, ChdItemKind kind, const char *title)
{
  static const char *const fallbacks[CHD_N_ITEM_KINDS] = { "chain", "unit", "environment", "script", "node", "link" };
  gsize max = kind == CHD_ITEM_NODE || kind == CHD_ITEM_HEAD ? CHD_MAX_NAME : CHD_MAX_ID;
  g_autofree char *stem = chd_str_to_label (title, max, fallbacks[kind]);

  if (chd_chain_find (self, kind, stem) == NULL)
    return g_steal_pointer (&stem);
  for (guint number = 2;; number++)
    {
      g_autofree char *suffix = g_strdup_printf ("-%u", number);
      g_autofree char *short_stem = chd_str_to_label (stem, max - strlen (suffix), fallbacks[kind]);
      g_autofree char *id = g_strconcat (short_stem, suffix, NULL);

      if (chd_chain_find (self, kind, id) == NULL)
        return g_steal_pointer (&id);
    }
}
