/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parts of chains: taken out, made to fit another chain, put in. */

#include "config.h"

#include "chd-fragment.h"

#include <string.h>

#include "chd-util.h"

static void
take (ChdChain *fragment, ChdChain *chain, ChdItemKind kind, const char *id)
{
  const ChdItem *item = id != NULL ? chd_chain_find (chain, kind, id) : NULL;

  if (item != NULL && chd_chain_find (fragment, kind, id) == NULL)
    chd_chain_append (fragment, chd_item_ref (item));
}

/* The units of the nodes of @nodes and those above them, in the order in which @chain has them. */
static void
take_units (ChdChain *to, ChdChain *chain, ChdChain *nodes)
{
  g_autoptr (GHashTable) wanted = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < chd_chain_get_n_items (nodes, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = (const ChdNode *) chd_chain_get_item (nodes, CHD_ITEM_NODE, i);
      g_autoptr (GPtrArray) ancestry = node->unit != NULL ? chd_chain_list_unit_ancestry (chain, node->unit) : NULL;

      for (guint j = 0; ancestry != NULL && j < ancestry->len; j++)
        g_hash_table_add (wanted, g_ptr_array_index (ancestry, j));
    }
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdItem *unit = chd_chain_get_item (chain, CHD_ITEM_UNIT, i);

      if (g_hash_table_contains (wanted, unit))
        take (to, chain, CHD_ITEM_UNIT, unit->id);
    }
}

ChdChain *
chd_fragment_new (ChdChain *chain, const char *const *nodes)
{
  const ChdHead *head = chd_chain_get_head (chain);
  ChdChain *fragment = chd_chain_new (head->item.id, head->title);

  chd_chain_begin (fragment, "Copy");
  for (guint i = 0; nodes[i] != NULL; i++)
    {
      const ChdNode *node = chd_chain_find_node (chain, nodes[i]);

      if (node == NULL)
        continue;
      take (fragment, chain, CHD_ITEM_NODE, nodes[i]);
      if (node->task != NULL)
        {
          take (fragment, chain, CHD_ITEM_SCRIPT, node->task->script);
          take (fragment, chain, CHD_ITEM_ENVIRONMENT, node->task->environment);
        }
    }
  take_units (fragment, chain, fragment);
  for (guint i = 0; nodes[i] != NULL; i++)
    {
      GPtrArray *links = chd_chain_get_links (chain, nodes[i], CHD_LINKS_OUT);

      for (guint j = 0; j < links->len; j++)
        {
          const ChdLink *link = g_ptr_array_index (links, j);

          if (chd_chain_find_node (fragment, link->to) != NULL)
            take (fragment, chain, CHD_ITEM_LINK, link->item.id);
        }
    }
  chd_chain_end (fragment);
  chd_chain_clear_history (fragment);
  return fragment;
}

/* "book" of "book-2", so that copies of copies count on. */
static char *
strip_number (const char *id)
{
  gsize length = strlen (id);

  while (length > 0 && g_ascii_isdigit (id[length - 1]))
    length--;
  return length > 1 && id[length] != '\0' && id[length - 1] == '-' ? g_strndup (id, length - 1) : g_strdup (id);
}

/* An id that neither of the two has. */
static char *
make_free_id (ChdChain *fragment, ChdChain *chain, ChdItemKind kind, const char *id)
{
  gsize max = kind == CHD_ITEM_NODE ? CHD_MAX_NAME : CHD_MAX_ID;
  g_autofree char *plain = strip_number (id);

  for (guint number = 2;; number++)
    {
      g_autofree char *suffix = g_strdup_printf ("-%u", number);
      g_autofree char *stem = chd_str_to_label (plain, max - strlen (suffix), "copy");
      g_autofree char *made = g_strconcat (stem, suffix, NULL);

      if (chd_chain_find (chain, kind, made) == NULL && chd_chain_find (fragment, kind, made) == NULL)
        return g_steal_pointer (&made);
    }
}

static void
adapt_nodes (ChdChain *fragment, ChdChain *chain)
{
  for (guint i = 0; i < chd_chain_get_n_items (fragment, CHD_ITEM_NODE); i++)
    {
      const char *id = chd_chain_get_item (fragment, CHD_ITEM_NODE, i)->id;
      g_autofree char *free_id = NULL;

      if (chd_chain_find_node (chain, id) == NULL)
        continue;
      free_id = make_free_id (fragment, chain, CHD_ITEM_NODE, id);
      chd_chain_rename_node (fragment, id, free_id);
    }
}

static const ChdItem *
find_same (ChdChain *chain, const ChdItem *item)
{
  const ChdItem *there = chd_chain_find (chain, item->kind, item->id);
  const char *title = chd_item_get_title (item);

  if (item->kind != CHD_ITEM_UNIT)
    return there != NULL && chd_item_equal (there, item) ? there : NULL;
  if (there != NULL && g_strcmp0 (chd_item_get_title (there), title) == 0)
    return there;
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    if (g_strcmp0 (chd_item_get_title (chd_chain_get_item (chain, CHD_ITEM_UNIT, i)), title) == 0)
      return chd_chain_get_item (chain, CHD_ITEM_UNIT, i);
  return NULL;
}

/* The ids that items of a kind get: old → new, those that keep theirs left out. */
static GHashTable *
map_ids (ChdChain *fragment, ChdChain *chain, ChdItemKind kind)
{
  GHashTable *map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < chd_chain_get_n_items (fragment, kind); i++)
    {
      const ChdItem *item = chd_chain_get_item (fragment, kind, i);
      const ChdItem *same = find_same (chain, item);

      if (same != NULL && !g_str_equal (same->id, item->id))
        g_hash_table_replace (map, g_strdup (item->id), g_strdup (same->id));
      else if (same == NULL && chd_chain_find (chain, kind, item->id) != NULL)
        g_hash_table_replace (map, g_strdup (item->id), make_free_id (fragment, chain, kind, item->id));
    }
  return map;
}

static gboolean
map_field (GHashTable *map, char **field)
{
  const char *id = *field != NULL ? g_hash_table_lookup (map, *field) : NULL;

  return id != NULL && chd_set_str (field, id);
}

static void
map_uses (ChdChain *fragment, ChdItemKind kind, GHashTable *map)
{
  for (guint i = 0; i < chd_chain_get_n_items (fragment, CHD_ITEM_NODE); i++)
    {
      g_autoptr (ChdNode) copy = chd_item_copy (chd_chain_get_item (fragment, CHD_ITEM_NODE, i));
      gboolean changed = FALSE;

      if (kind == CHD_ITEM_UNIT)
        changed = map_field (map, &copy->unit);
      else if (copy->task != NULL)
        changed = map_field (map, kind == CHD_ITEM_SCRIPT ? &copy->task->script : &copy->task->environment);
      if (changed)
        chd_chain_replace (fragment, g_steal_pointer (&copy));
    }
}

/* Gives each item of a kind the id under which the chain has it, or one that is free there. */
static void
adapt_kind (ChdChain *fragment, ChdChain *chain, ChdItemKind kind)
{
  g_autoptr (GHashTable) map = map_ids (fragment, chain, kind);
  g_autoptr (GPtrArray) items = g_ptr_array_new ();

  if (g_hash_table_size (map) == 0)
    return;
  map_uses (fragment, kind, map);
  while (chd_chain_get_n_items (fragment, kind) > 0)
    {
      const ChdItem *item = chd_chain_get_item (fragment, kind, 0);
      ChdItem *copy = chd_item_copy (item);

      map_field (map, &copy->id);
      if (kind == CHD_ITEM_UNIT)
        map_field (map, &CHD_UNIT (copy)->parent);
      g_ptr_array_add (items, copy);
      chd_chain_remove (fragment, kind, item->id);
    }
  for (guint i = 0; i < items->len; i++)
    {
      ChdItem *item = g_ptr_array_index (items, i);

      /* Two units of one title are one where they go. */
      if (chd_chain_find (fragment, kind, item->id) == NULL)
        chd_chain_append (fragment, item);
      else
        chd_item_unref (item);
    }
}

void
chd_fragment_adapt (ChdChain *fragment, ChdChain *chain)
{
  chd_chain_begin (fragment, "Adapt");
  adapt_nodes (fragment, chain);
  adapt_kind (fragment, chain, CHD_ITEM_UNIT);
  adapt_kind (fragment, chain, CHD_ITEM_SCRIPT);
  adapt_kind (fragment, chain, CHD_ITEM_ENVIRONMENT);
  chd_chain_end (fragment);
  chd_chain_clear_history (fragment);
}

char **
chd_fragment_append (ChdChain *fragment, ChdChain *chain)
{
  static const ChdItemKind kinds[] = { CHD_ITEM_ENVIRONMENT, CHD_ITEM_SCRIPT, CHD_ITEM_NODE, CHD_ITEM_LINK };
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  take_units (chain, fragment, fragment);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint j = 0; j < chd_chain_get_n_items (fragment, kinds[i]); j++)
      {
        const char *id = chd_chain_get_item (fragment, kinds[i], j)->id;

        take (chain, fragment, kinds[i], id);
        if (kinds[i] == CHD_ITEM_NODE)
          g_strv_builder_add (ids, id);
      }
  return g_strv_builder_end (ids);
}

static void
describe_node (ChdChain *fragment, const ChdNode *node, GString *text)
{
  GPtrArray *links = chd_chain_get_links (fragment, node->item.id, CHD_LINKS_OUT);

  g_string_append_printf (text, "- %s", chd_item_get_title (node));
  for (guint i = 0; i < links->len; i++)
    {
      const ChdNode *next = chd_chain_find_node (fragment, ((const ChdLink *) g_ptr_array_index (links, i))->to);

      if (next != NULL)
        g_string_append_printf (text, "%s %s", i == 0 ? " →" : ",", chd_item_get_title (next));
    }
  g_string_append_c (text, '\n');
}

char *
chd_fragment_describe (ChdChain *fragment)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GPtrArray) nodes = chd_chain_list_in_order (fragment);

  /* After the last unit come those that have none. */
  for (guint i = 0; i <= chd_chain_get_n_items (fragment, CHD_ITEM_UNIT); i++)
    {
      const ChdItem *unit =
          i < chd_chain_get_n_items (fragment, CHD_ITEM_UNIT) ? chd_chain_get_item (fragment, CHD_ITEM_UNIT, i) : NULL;
      gboolean named = FALSE;

      for (guint j = 0; j < nodes->len; j++)
        {
          const ChdNode *node = g_ptr_array_index (nodes, j);
          const ChdUnit *own = node->unit != NULL ? chd_chain_find_unit (fragment, node->unit) : NULL;

          if (own != (const ChdUnit *) unit)
            continue;
          if (!named && unit != NULL)
            {
              g_autofree char *path = chd_chain_get_unit_path (fragment, unit->id);

              g_string_append_printf (text, "%s\n", path);
            }
          named = TRUE;
          describe_node (fragment, node, text);
        }
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}
