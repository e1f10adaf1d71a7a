/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copies of nodes: beside their originals, in other chains, with all they need. */

#include "config.h"

#include <string.h>

#include "canvas-test.h"
#include "chd-edit-paste.h"
#include "chd-edit.h"
#include "chd-fragment.h"
#include "chd-layout.h"

static ChdScene *
make_scene (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);

  chd_layout_apply (chain);
  chd_chain_clear_history (chain);
  return chd_scene_new (chain);
}

static const ChdSceneNode *
scene_node (ChdScene *scene, const char *id)
{
  return chd_scene_get_node (scene, chd_scene_find_node (scene, id));
}

static void
test_duplicate (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "approve", "pay", "score", NULL };
  guint n_nodes = chd_chain_get_n_items (chain, CHD_ITEM_NODE), n_links = chd_chain_get_n_items (chain, CHD_ITEM_LINK);
  g_auto (GStrv) made = chd_edit_duplicate (scene, ids, FALSE, 0, 0);

  g_assert_cmpuint (g_strv_length (made), ==, 3);
  g_assert_cmpstr (made[0], ==, "approve-2");
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, n_nodes + 3);
  /* approve → pay and score → approve are inside; what leads out is not copied. */
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_LINK), ==, n_links + 2);
  g_assert_nonnull (chd_chain_find_link (chain, "approve-2", "pay-2"));
  g_assert_nonnull (chd_chain_find_link (chain, "score-2", "approve-2"));
  g_assert_cmpstr (chd_chain_find_node (chain, "score-2")->unit, ==, "risk");
  g_assert_cmpstr (chd_chain_find_node (chain, "score-2")->task->script, ==, "credit-score");
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_SCRIPT), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const ChdSceneNode *copy = scene_node (scene, made[i]), *original = scene_node (scene, ids[i]);

      g_assert_cmpfloat (copy->x, ==, original->x);
      for (guint j = 0; j < chd_scene_get_n_nodes (scene); j++)
        {
          const ChdSceneNode *other = chd_scene_get_node (scene, j);

          g_assert_true (other == copy || ABS (other->x - copy->x) >= CHD_CARD_WIDTH ||
                         ABS (other->y - copy->y) >= CHD_CARD_HEIGHT);
        }
    }
  g_assert_cmpstr (chd_chain_get_undo_name (chain), ==, "Duplicate Nodes");
  chd_chain_undo (chain);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, n_nodes);
  g_assert_false (chd_chain_can_undo (chain));
}

static void
test_exact (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "pay", NULL };
  const ChdRect *risk = &chd_scene_get_lane (scene, chd_scene_find_lane (scene, "risk"))->rect;
  double dy = risk->y + 90 - scene_node (scene, "pay")->y;
  g_auto (GStrv) made = chd_edit_duplicate (scene, ids, TRUE, 40, dy);

  g_assert_cmpstr (chd_chain_find_node (chain, made[0])->unit, ==, "risk");
  g_assert_cmpstr (chd_chain_find_node (chain, "pay")->unit, ==, "finance");
}

static void
test_references (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "receive", "check", NULL };
  ChdNode *check = chd_item_copy (chd_chain_find_node (chain, "check"));
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GVariant) value = NULL;
  g_auto (GStrv) made = NULL;

  values = check->task->params;
  check->task->params = g_variant_ref_sink (
      chd_values_set (values, "text",
                      g_variant_new_string ("$(nodes.receive.results.total) of $(nodes.pay.results.x)")));
  chd_chain_replace (chain, check);
  made = chd_edit_duplicate (scene, ids, FALSE, 0, 0);
  value = chd_values_lookup (chd_chain_find_node (chain, "check-2")->task->params, "text");
  /* A reference among the copies is to the copy, one to what stayed behind as it was. */
  g_assert_cmpstr (g_variant_get_string (value, NULL), ==,
                   "$(nodes.receive-2.results.total) of $(nodes.pay.results.x)");
}

static void
test_other_chain (void)
{
  g_autoptr (ChdScene) from = make_scene ();
  g_autoptr (ChdChain) chain = chd_chain_new ("other", "Other");
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  const char *const ids[] = { "order", "score", "approve", NULL };
  g_autoptr (ChdChain) fragment = chd_edit_copy (from, ids);
  g_auto (GStrv) made = NULL;
  const ChdUnit *risk;
  ChdScript *script = chd_script_new ("credit-score", "Another script of that name");

  /* The same name for other things, and the same title under another id. */
  chd_chain_append (chain, script);
  canvas_test_add_unit (chain, "risk", "Risk kitchen", NULL, NULL);
  canvas_test_add_unit (chain, "money", "Finance", NULL, NULL);
  canvas_test_add_node (chain, "score", "Score", "money", 100, 100);
  made = chd_edit_paste (scene, fragment, CHD_PASTE_BESIDE, NULL, 0, 0, "Paste Nodes");
  g_assert_cmpuint (g_strv_length (made), ==, 3);
  g_assert_cmpstr (chd_chain_find_node (chain, "approve")->unit, ==, "money");
  g_assert_cmpstr (chd_chain_find_node (chain, "score-2")->unit, ==, "risk-2");
  risk = chd_chain_find_unit (chain, "risk-2");
  g_assert_cmpstr (risk->title, ==, "Risk");
  g_assert_cmpstr (risk->parent, ==, "trading");
  g_assert_nonnull (chd_chain_find_unit (chain, "group"));
  /* Units that no pasted node stands in, or above it, stay away. */
  g_assert_null (chd_chain_find_unit (chain, "archive"));
  g_assert_null (chd_chain_find_unit (chain, "finance"));
  g_assert_cmpstr (chd_chain_find_node (chain, "score-2")->task->script, ==, "credit-score-2");
  g_assert_cmpstr (chd_chain_find_script (chain, "credit-score-2")->title, ==, "Credit score");
  g_assert_nonnull (chd_chain_find_link (chain, "order", "score-2"));
  g_assert_nonnull (chd_chain_find_link (chain, "score-2", "approve"));
  chd_chain_undo (chain);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, 1);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_UNIT), ==, 2);
}

/* Units come in the order they have, whatever order their nodes have. */
static void
test_order (void)
{
  g_autoptr (ChdScene) from = make_scene ();
  g_autoptr (ChdChain) chain = chd_chain_new ("other", "Other");
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  const char *const ids[] = { "score", "pay", "receive", NULL };
  static const char *const units[] = { "group", "trading", "purchasing", "invoices", "finance", "risk" };
  g_autoptr (ChdChain) fragment = chd_edit_copy (from, ids);
  g_auto (GStrv) made = chd_edit_paste (scene, fragment, CHD_PASTE_BESIDE, NULL, 0, 0, "Paste Nodes");

  g_assert_cmpuint (g_strv_length (made), ==, 3);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_UNIT), ==, G_N_ELEMENTS (units));
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    g_assert_cmpstr (chd_chain_get_item (chain, CHD_ITEM_UNIT, i)->id, ==, units[i]);
}

static void
test_in_unit (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "pay", "score", NULL };
  g_autoptr (ChdChain) fragment = chd_edit_copy (scene, ids);
  g_auto (GStrv) made = chd_edit_paste (scene, fragment, CHD_PASTE_IN_UNIT, "archive", 0, 0, "Paste Nodes");

  g_assert_cmpstr (chd_chain_find_node (chain, made[0])->unit, ==, "archive");
  g_assert_cmpstr (chd_chain_find_node (chain, made[1])->unit, ==, "archive");
}

static void
test_describe (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  const char *const ids[] = { "approve", "pay", "book", "nobody", NULL };
  g_autoptr (ChdChain) fragment = chd_edit_copy (scene, ids);
  g_autofree char *text = chd_fragment_describe (fragment);

  g_assert_cmpstr (text, ==,
                   "Example Group / Example Trading / Finance\n"
                   "- Approve payment → Pay\n"
                   "- Pay → Book\n"
                   "- Book\n");
}

/* Nodes that came without places, as in a text that somebody wrote. */
static void
test_unplaced (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  g_autoptr (ChdChain) fragment = canvas_test_make_sample (FALSE);
  guint n = chd_chain_get_n_items (chd_scene_get_chain (scene), CHD_ITEM_NODE);
  g_auto (GStrv) made = chd_edit_paste (scene, fragment, CHD_PASTE_BESIDE, NULL, 0, 0, "Paste Nodes");

  g_assert_cmpuint (g_strv_length (made), ==, n);
  g_assert_true (chd_chain_find_node (chd_scene_get_chain (scene), made[0])->placed);
  g_assert_cmpuint (chd_chain_get_n_items (chd_scene_get_chain (scene), CHD_ITEM_UNIT), ==, 7);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/paste/duplicate", test_duplicate);
  g_test_add_func ("/canvas/paste/exact", test_exact);
  g_test_add_func ("/canvas/paste/references", test_references);
  g_test_add_func ("/canvas/paste/other-chain", test_other_chain);
  g_test_add_func ("/canvas/paste/order", test_order);
  g_test_add_func ("/canvas/paste/in-unit", test_in_unit);
  g_test_add_func ("/canvas/paste/describe", test_describe);
  g_test_add_func ("/canvas/paste/unplaced", test_unplaced);
  return g_test_run ();
}
