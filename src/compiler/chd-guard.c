/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which conditions a node stands under.
 *
 *  (1) guard(n) is what all incoming paths share: the intersection, over the links into n, of the guard of the link's
 *      source together with the link's own condition. So a branch is skipped as a whole, and a join goes on.
 *  (2) A condition is known by the node it looks at, the result, the operator and the set of values: two links of one
 *      node with equal conditions are one condition.
 *  (3) Every path to n that meets a condition passes the node the condition looks at, so guard(source) ⊆ guard(n): a
 *      condition on a node that was skipped always stands beside a condition that does not hold. */

#include "config.h"

#include "chd-compiler-private.h"

#include <string.h>

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The same text for equal conditions, rule (2). */
static char *
make_key (const ChdLink *link)
{
  g_autoptr (GPtrArray) values = g_ptr_array_new ();
  GString *key = g_string_new (link->from);

  for (guint i = 0; link->values != NULL && link->values[i] != NULL; i++)
    g_ptr_array_add (values, link->values[i]);
  g_ptr_array_sort (values, compare_strings);
  g_string_append_printf (key, "\n%s\n%d", link->result, link->op);
  for (guint i = 0; i < values->len; i++)
    if (i == 0 || strcmp (g_ptr_array_index (values, i), g_ptr_array_index (values, i - 1)) != 0)
      {
        g_autofree char *escaped = g_strescape (g_ptr_array_index (values, i), NULL);

        g_string_append_printf (key, "\n%s", escaped);
      }
  return g_string_free (key, FALSE);
}

/* A guard while it is computed: key → link, and the links in order. */
typedef struct
{
  GHashTable *keys; /* (element-type utf8 ChdLink) */
  GPtrArray *links; /* (element-type utf8): keys in order */
} Guard;

static void
guard_free (Guard *guard)
{
  g_hash_table_unref (guard->keys);
  g_ptr_array_unref (guard->links);
  g_free (guard);
}

static Guard *
guard_new (void)
{
  Guard *guard = g_new0 (Guard, 1);

  guard->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guard->links = g_ptr_array_new ();
  return guard;
}

static void
guard_add (Guard *guard, const char *key, const ChdLink *link)
{
  char *own;

  if (g_hash_table_contains (guard->keys, key))
    return;
  own = g_strdup (key);
  g_hash_table_insert (guard->keys, own, (gpointer) link);
  g_ptr_array_add (guard->links, own);
}

/* @link's condition joins the guard of its source; @source is %NULL for a node without one. */
static Guard *
guard_along (const Guard *source, const ChdLink *link)
{
  Guard *guard = guard_new ();

  for (guint i = 0; source != NULL && i < source->links->len; i++)
    {
      const char *key = g_ptr_array_index (source->links, i);

      guard_add (guard, key, g_hash_table_lookup (source->keys, key));
    }
  if (link->result != NULL)
    {
      g_autofree char *key = make_key (link);

      guard_add (guard, key, link);
    }
  return guard;
}

static Guard *
guard_intersect (Guard *a, Guard *b)
{
  Guard *guard = guard_new ();

  for (guint i = 0; i < a->links->len; i++)
    {
      const char *key = g_ptr_array_index (a->links, i);

      if (g_hash_table_contains (b->keys, key))
        guard_add (guard, key, g_hash_table_lookup (a->keys, key));
    }
  guard_free (a);
  guard_free (b);
  return guard;
}

/**
 * chd_guards_new:
 *
 * Returns: (transfer full) (element-type utf8 GPtrArray): for every node, by id, the links whose conditions must hold
 */
GHashTable *
chd_guards_new (ChdChain *chain)
{
  g_autoptr (GPtrArray) order = chd_chain_list_in_order (chain);
  g_autoptr (GHashTable) guards = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) guard_free);
  GHashTable *result = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < order->len; i++)
    {
      const ChdNode *node = g_ptr_array_index (order, i);
      GPtrArray *links = chd_chain_get_links (chain, node->item.id, CHD_LINKS_IN);
      GPtrArray *conditions = g_ptr_array_new ();
      Guard *guard = NULL;

      for (guint j = 0; j < links->len; j++)
        {
          const ChdLink *link = g_ptr_array_index (links, j);
          Guard *along = guard_along (g_hash_table_lookup (guards, link->from), link);

          guard = guard == NULL ? along : guard_intersect (guard, along);
        }
      if (guard == NULL)
        guard = guard_new ();
      for (guint j = 0; j < guard->links->len; j++)
        g_ptr_array_add (conditions, g_hash_table_lookup (guard->keys, g_ptr_array_index (guard->links, j)));
      g_hash_table_insert (guards, node->item.id, guard);
      g_hash_table_insert (result, g_strdup (node->item.id), conditions);
    }
  return result;
}
