/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Undo, judged by the bytes of the document: random edits of every kind, all undone, give the bytes of the beginning,
 * all redone those of the end. */
#include "config.h"

#include "formats-test.h"

static char *
write_text (ChdChain *chain)
{
  return chd_chain_write (chain, NULL);
}

static ChdChain *
read_full (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures/chains/full.chain.json", NULL);
  g_autofree char *text = read_file (path, NULL);

  return read_chain (text);
}

static const ChdItem *
pick (ChdChain *chain, ChdItemKind kind)
{
  guint n = chd_chain_get_n_items (chain, kind);

  return n > 0 ? chd_chain_get_item (chain, kind, g_test_rand_int_range (0, (int) n)) : NULL;
}

static void
replace_node (ChdChain *chain)
{
  const ChdItem *item = pick (chain, CHD_ITEM_NODE);
  ChdNode *node;

  if (item == NULL)
    return;
  node = chd_item_copy (item);
  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      node->x = g_test_rand_double_range (-1000, 1000);
      node->placed = TRUE;
      break;
    case 1:
      chd_node_set_pipeline (node, chd_pipeline_binding_new (g_test_rand_int_range (0, CHD_N_POSITIONS), "i", NULL));
      break;
    case 2:
      chd_node_unset_pipeline (node, g_test_rand_int_range (0, CHD_N_POSITIONS));
      break;
    case 3:
      chd_node_set_task (node, g_test_rand_bit () ? chd_task_binding_new ("s", "e", NULL) : NULL);
      break;
    default:
      node->execution = g_test_rand_int_range (0, 3);
      break;
    }
  chd_chain_replace (chain, node);
}

static void
replace_head (ChdChain *chain)
{
  ChdHead *head = chd_item_copy (chd_chain_get_head (chain));

  g_free (head->item.id);
  head->item.id = g_strdup_printf ("c%d", g_test_rand_int_range (0, 1000));
  g_ptr_array_add (head->params, chd_param_new (head->item.id, CHD_PARAM_STRING));
  chd_chain_replace (chain, head);
}

static void
add_item (ChdChain *chain, guint number)
{
  g_autofree char *id = g_strdup_printf ("x%u", number);
  gpointer items[] = { chd_unit_new (id, id, NULL), chd_environment_new (id, id, "image"), chd_script_new (id, id),
                       chd_node_new (id, id, "finance") };
  guint chosen = (guint) g_test_rand_int_range (0, G_N_ELEMENTS (items));
  guint n = chd_chain_get_n_items (chain, ((ChdItem *) items[chosen])->kind);

  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    if (i == chosen)
      chd_chain_insert (chain, items[i], (guint) g_test_rand_int_range (0, (int) n + 1));
    else
      chd_item_unref (items[i]);
}

static void
add_link (ChdChain *chain)
{
  const ChdItem *from = pick (chain, CHD_ITEM_NODE), *to = pick (chain, CHD_ITEM_NODE);

  if (from != NULL && from != to && chd_chain_find_link (chain, from->id, to->id) == NULL)
    chd_chain_append (chain, chd_link_new (from->id, to->id));
}

static void
remove_item (ChdChain *chain)
{
  ChdItemKind kind = (ChdItemKind) g_test_rand_int_range (CHD_ITEM_UNIT, CHD_N_ITEM_KINDS);
  const ChdItem *item = pick (chain, kind);

  if (item != NULL)
    chd_chain_remove (chain, kind, item->id);
}

static void
rename_node (ChdChain *chain, guint number)
{
  const ChdItem *item = pick (chain, CHD_ITEM_NODE);
  g_autofree char *id = g_strdup_printf ("r%u", number);

  if (item != NULL)
    chd_chain_rename_node (chain, item->id, id);
}

static void
edit (ChdChain *chain, guint number)
{
  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      replace_head (chain);
      break;
    case 1:
    case 2:
      add_item (chain, number);
      break;
    case 3:
      add_link (chain);
      break;
    case 4:
      remove_item (chain);
      break;
    case 5:
      rename_node (chain, number);
      break;
    default:
      replace_node (chain);
      break;
    }
}

/* One step of the user: a single edit, several as one, some of them taken back, or a drag that goes on. */
static void
step (ChdChain *chain, guint number)
{
  g_autofree char *before = NULL, *after = NULL;

  switch (g_test_rand_int_range (0, 4))
    {
    case 0:
      chd_chain_begin (chain, "Several");
      for (guint i = 0; i < 4; i++)
        edit (chain, number * 10 + i);
      chd_chain_end (chain);
      break;
    case 1:
      before = write_text (chain);
      chd_chain_begin (chain, "Thought better of");
      for (guint i = 0; i < 4; i++)
        edit (chain, number * 10 + i);
      chd_chain_cancel (chain);
      after = write_text (chain);
      g_assert_true (strcmp (before, after) == 0);
      break;
    case 2:
      chd_chain_begin (chain, "Drag");
      chd_chain_set_merge_key (chain, "drag");
      replace_node (chain);
      chd_chain_end (chain);
      break;
    default:
      edit (chain, number * 10);
      break;
    }
}

static guint
undo_all (ChdChain *chain)
{
  guint n = 0;

  for (; chd_chain_can_undo (chain); n++)
    chd_chain_undo (chain);
  return n;
}

static void
test_random (void)
{
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (ChdChain) chain = read_full ();
      g_autofree char *first = write_text (chain), *last = NULL, *undone = NULL, *redone = NULL;
      guint n;

      for (guint i = 0; i < 60; i++)
        step (chain, i);
      last = write_text (chain);
      n = undo_all (chain);
      undone = write_text (chain);
      g_assert_true (strcmp (undone, first) == 0);
      g_assert_false (chd_chain_get_modified (chain));
      for (; n > 0; n--)
        chd_chain_redo (chain);
      redone = write_text (chain);
      g_assert_true (strcmp (redone, last) == 0);
      g_assert_false (chd_chain_can_redo (chain));
    }
}

/* A document that is read again after any edit is the same, so nothing that can be edited is lost in the file. */
static void
test_read_again (void)
{
  g_autoptr (ChdChain) chain = read_full ();

  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *text = NULL, *again = NULL;
      g_autoptr (ChdChain) read = NULL;

      step (chain, i);
      text = write_text (chain);
      read = read_chain (text);
      again = write_text (read);
      g_assert_true (strcmp (again, text) == 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/undo/random", test_random);
  g_test_add_func ("/undo/read-again", test_read_again);
  return g_test_run ();
}
