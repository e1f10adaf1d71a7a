/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "chd-chain.h"

/* The document as text, so that states can be compared. */
static char *
describe (ChdChain *chain)
{
  GString *text = g_string_new (chd_chain_get_head (chain)->item.id);

  for (guint kind = CHD_ITEM_UNIT; kind < CHD_N_ITEM_KINDS; kind++)
    for (guint i = 0; i < chd_chain_get_n_items (chain, kind); i++)
      {
        const ChdItem *item = chd_chain_get_item (chain, kind, i);
        guint index = G_MAXUINT;

        g_string_append_printf (text, " %s=%s", item->id, chd_item_get_title (item));
        if (kind == CHD_ITEM_NODE)
          g_string_append_printf (text, "@%g", CHD_NODE (item)->x);
        g_assert_true (chd_chain_find (chain, kind, item->id) == item);
        g_assert_true (chd_chain_find_index (chain, kind, item->id, &index));
        g_assert_cmpuint (index, ==, i);
      }
  return g_string_free (text, FALSE);
}

static void
add_node (ChdChain *chain, const char *id)
{
  chd_chain_append (chain, chd_node_new (id, NULL, "u"));
}

static void
add_link (ChdChain *chain, const char *from, const char *to)
{
  chd_chain_append (chain, chd_link_new (from, to));
}

static void
assert_state (ChdChain *chain, const char *expected)
{
  g_autofree char *state = describe (chain);

  g_assert_cmpstr (state, ==, expected);
}

static void
move_node (ChdChain *chain, const char *id, double x)
{
  ChdNode *node = chd_item_copy (chd_chain_find_node (chain, id));

  node->x = x;
  chd_chain_replace (chain, node);
}

static void
test_edit_undo (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");

  add_node (chain, "a");
  add_node (chain, "b");
  add_link (chain, "a", "b");
  assert_state (chain, "c a=a@0 b=b@0 a->b=a->b");
  chd_chain_remove (chain, CHD_ITEM_NODE, "a");
  assert_state (chain, "c b=b@0");
  g_assert_cmpstr (chd_chain_get_undo_name (chain), ==, "Delete Node");
  chd_chain_undo (chain);
  assert_state (chain, "c a=a@0 b=b@0 a->b=a->b");
  chd_chain_undo (chain);
  chd_chain_undo (chain);
  chd_chain_undo (chain);
  assert_state (chain, "c");
  g_assert_false (chd_chain_can_undo (chain));
  for (guint i = 0; i < 4; i++)
    chd_chain_redo (chain);
  assert_state (chain, "c b=b@0");
  g_assert_false (chd_chain_can_redo (chain));
}

static void
test_steps (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");

  chd_chain_begin (chain, "Outer");
  add_node (chain, "a");
  chd_chain_begin (chain, "Inner");
  add_node (chain, "b");
  chd_chain_cancel (chain);
  add_node (chain, "d");
  chd_chain_end (chain);
  assert_state (chain, "c a=a@0 d=d@0");
  g_assert_cmpstr (chd_chain_get_undo_name (chain), ==, "Outer");
  chd_chain_begin (chain, "Nothing");
  move_node (chain, "a", 0);
  chd_chain_end (chain);
  g_assert_cmpstr (chd_chain_get_undo_name (chain), ==, "Outer");
  chd_chain_undo (chain);
  assert_state (chain, "c");
  g_assert_false (chd_chain_can_undo (chain));
}

static void
test_merge_and_saved (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");

  add_node (chain, "a");
  chd_chain_mark_saved (chain);
  for (guint i = 1; i <= 5; i++)
    {
      chd_chain_begin (chain, "Nudge");
      chd_chain_set_merge_key (chain, "nudge:a");
      move_node (chain, "a", i);
      chd_chain_end (chain);
    }
  g_assert_true (chd_chain_get_modified (chain));
  chd_chain_undo (chain);
  assert_state (chain, "c a=a@0");
  g_assert_false (chd_chain_get_modified (chain));
  chd_chain_redo (chain);
  assert_state (chain, "c a=a@5");
  chd_chain_undo (chain);
  chd_chain_undo (chain);
  g_assert_true (chd_chain_get_modified (chain));
  add_node (chain, "z"); /* the saved point cannot be reached any more */
  chd_chain_undo (chain);
  g_assert_true (chd_chain_get_modified (chain));
}

static void
test_rename (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (GVariant) value = NULL;
  ChdNode *node = chd_node_new ("b", "B", "u");
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "x", "s", "is $(nodes.a.results.r) and $(nodes.ab.results.r)");
  chd_node_set_task (node, chd_task_binding_new ("s", "e", g_variant_dict_end (&dict)));
  add_node (chain, "a");
  chd_chain_append (chain, node);
  add_link (chain, "a", "b");
  chd_chain_rename_node (chain, "a", "first");
  assert_state (chain, "c first=first@0 b=B@0 first->b=first->b");
  value = chd_values_lookup (chd_chain_find_node (chain, "b")->task->params, "x");
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==, "is $(nodes.first.results.r) and $(nodes.ab.results.r)");
  g_assert_cmpuint (chd_chain_get_links (chain, "first", CHD_LINKS_OUT)->len, ==, 1);
  chd_chain_undo (chain);
  assert_state (chain, "c a=a@0 b=B@0 a->b=a->b");
}

/* References inside lists and objects, and written with brackets. */
static void
test_rename_everywhere (void)
{
  const char *text = "{\"l\":[\"$(nodes['a'].results.r)\",\"x\"],\"o\":{\"k\":\"$(nodes[\\\"a\\\"].results.r)\"}}";
  const char *renamed = "{\"l\":[\"$(nodes['z'].results.r)\",\"x\"],\"o\":{\"k\":\"$(nodes[\\\"z\\\"].results.r)\"}}";
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (JsonNode) json = json_from_string (text, NULL);
  g_autoptr (GVariant) values = chd_values_from_json (json_node_get_object (json));
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *written = NULL;
  ChdNode *user = chd_node_new ("b", "B", "u");

  chd_node_set_pipeline (user, chd_pipeline_binding_new (CHD_POSITION_AFTER, "i", values));
  add_node (chain, "a");
  chd_chain_append (chain, user);
  chd_chain_rename_node (chain, "a", "z");
  object = chd_values_to_json (chd_node_get_pipeline (chd_chain_find_node (chain, "b"), CHD_POSITION_AFTER)->params);
  node = json_node_init_object (json_node_alloc (), object);
  written = json_to_string (node, FALSE);
  g_assert_cmpstr (written, ==, renamed);
}

/* A file may hold an id twice: both are there, the first one counts, whatever is edited. */
static void
test_same_id_twice (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  guint index;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *title = g_strdup_printf ("%u", i);

      chd_chain_append (chain, chd_node_new ("a", title, "u"));
    }
  g_assert_cmpstr (chd_chain_find_node (chain, "a")->title, ==, "0");
  chd_chain_insert (chain, chd_node_new ("a", "front", "u"), 0);
  g_assert_cmpstr (chd_chain_find_node (chain, "a")->title, ==, "front");
  chd_chain_rename_node (chain, "a", "b");
  g_assert_cmpstr (chd_chain_find_node (chain, "a")->title, ==, "0");
  g_assert_true (chd_chain_find_index (chain, CHD_ITEM_NODE, "a", &index));
  g_assert_cmpuint (index, ==, 1);
  chd_chain_undo (chain);
  g_assert_cmpstr (chd_chain_find_node (chain, "a")->title, ==, "front");
  for (guint i = 0; i < 4; i++)
    chd_chain_remove (chain, CHD_ITEM_NODE, "a");
  g_assert_null (chd_chain_find_node (chain, "a"));
  while (chd_chain_can_undo (chain))
    chd_chain_undo (chain);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, 0);
}

static void
test_queries (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (GPtrArray) order = NULL;
  g_autofree char *path = NULL, *id = NULL;

  chd_chain_append (chain, chd_unit_new ("g", "Group", NULL));
  chd_chain_append (chain, chd_unit_new ("f", "Finance", "g"));
  for (const char *c = "dcba"; *c != '\0'; c++)
    add_node (chain, (char[]){ *c, '\0' });
  add_link (chain, "a", "b");
  add_link (chain, "b", "c");
  add_link (chain, "a", "d");
  g_assert_true (chd_chain_reaches (chain, "a", "c"));
  g_assert_false (chd_chain_reaches (chain, "c", "a"));
  order = chd_chain_list_in_order (chain);
  g_assert_cmpuint (order->len, ==, 4);
  g_assert_cmpstr (((ChdItem *) order->pdata[0])->id, ==, "a");
  g_assert_cmpstr (((ChdItem *) order->pdata[1])->id, ==, "d");
  g_assert_cmpstr (((ChdItem *) order->pdata[3])->id, ==, "c");
  path = chd_chain_get_unit_path (chain, "f");
  g_assert_cmpstr (path, ==, "Group / Finance");
  id = chd_chain_make_id (chain, CHD_ITEM_NODE, "A");
  g_assert_cmpstr (id, ==, "a-2");
}

/* Random edits, then all the way back and forth again: every state on the way is met once more. */
static void
test_random_history (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (GPtrArray) states = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (states, describe (chain));
  for (guint i = 0; i < 400; i++)
    {
      guint n = chd_chain_get_n_items (chain, CHD_ITEM_NODE);
      g_autofree char *id = g_strdup_printf ("n%u", i);
      const ChdItem *one = n > 0 ? chd_chain_get_item (chain, CHD_ITEM_NODE, g_test_rand_int_range (0, n)) : NULL;
      const ChdItem *two = n > 0 ? chd_chain_get_item (chain, CHD_ITEM_NODE, g_test_rand_int_range (0, n)) : NULL;
      guint64 serial = chd_chain_get_serial (chain);

      switch (g_test_rand_int_range (0, 5))
        {
        case 0:
        case 1:
          chd_chain_insert (chain, chd_node_new (id, NULL, "u"), g_test_rand_int_range (0, n + 1));
          break;
        case 2:
          if (one != two && chd_chain_find_link (chain, one->id, two->id) == NULL)
            add_link (chain, one->id, two->id);
          break;
        case 3:
          if (one != NULL)
            chd_chain_remove (chain, CHD_ITEM_NODE, one->id);
          break;
        default:
          if (one != NULL)
            chd_chain_rename_node (chain, one->id, id);
          break;
        }
      if (serial != chd_chain_get_serial (chain))
        g_ptr_array_add (states, describe (chain));
    }
  for (guint i = states->len - 1; i > 0; i--)
    {
      assert_state (chain, states->pdata[i]);
      chd_chain_undo (chain);
    }
  assert_state (chain, states->pdata[0]);
  for (guint i = 1; i < states->len; i++)
    {
      chd_chain_redo (chain);
      assert_state (chain, states->pdata[i]);
    }
}

static void
test_many_nodes (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");

  chd_chain_begin (chain, "Build");
  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);

      add_node (chain, id);
    }
  chd_chain_end (chain);
  chd_chain_begin (chain, "Remove from the front");
  for (guint i = 0; i < 19000; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);

      chd_chain_remove (chain, CHD_ITEM_NODE, id);
    }
  chd_chain_end (chain);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, 1000);
  chd_chain_undo (chain);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, 20000);
}

static void
test_params (void)
{
  g_autoptr (ChdParam) param = chd_param_new ("amount", CHD_PARAM_STRING);
  const struct
  {
    const char *widget, *value;
    gboolean good;
  } cases[] = {
    { NULL, "x", TRUE },         { NULL, "", FALSE },
    { "number", "12", TRUE },    { "number", "12a", FALSE },
    { "duration", "10m", TRUE }, { "duration", "ten", FALSE },
    { "boolean", "yes", FALSE }, { "number", "$(params.amount)", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_string (cases[i].value));
      g_autofree char *message = NULL;

      g_free (param->widget);
      param->widget = g_strdup (cases[i].widget);
      g_assert_true (chd_param_check_value (param, value, &message) == cases[i].good);
      g_assert_true ((message == NULL) == cases[i].good);
    }
}

static void
test_values (void)
{
  const char *text = "{\"s\":\"x\",\"n\":12,\"a\":[\"1\",\"2\"],\"o\":{\"k\":\"v\"}}";
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autoptr (GVariant) values = chd_values_from_json (json_node_get_object (node));
  g_autoptr (GVariant) changed = chd_values_set (values, "n", g_variant_new_string ("13"));
  g_autoptr (GVariant) removed = chd_values_set (changed, "a", NULL);
  g_autoptr (JsonObject) object = chd_values_to_json (removed);
  g_autoptr (JsonNode) out = json_node_init_object (json_node_alloc (), object);
  g_autofree char *written = json_to_string (out, FALSE);

  g_assert_cmpstr (written, ==, "{\"s\":\"x\",\"n\":\"13\",\"o\":{\"k\":\"v\"}}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chain/edit-undo", test_edit_undo);
  g_test_add_func ("/chain/steps", test_steps);
  g_test_add_func ("/chain/merge-and-saved", test_merge_and_saved);
  g_test_add_func ("/chain/rename", test_rename);
  g_test_add_func ("/chain/rename-everywhere", test_rename_everywhere);
  g_test_add_func ("/chain/same-id-twice", test_same_id_twice);
  g_test_add_func ("/chain/queries", test_queries);
  g_test_add_func ("/chain/random-history", test_random_history);
  g_test_add_func ("/chain/many-nodes", test_many_nodes);
  g_test_add_func ("/chain/params", test_params);
  g_test_add_func ("/chain/values", test_values);
  return g_test_run ();
}
