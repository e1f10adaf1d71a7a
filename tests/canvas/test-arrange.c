/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Columns, rows and even distances; nodes put on links. */

#include "config.h"

#include <math.h>

#include "canvas-test.h"
#include "chd-edit-arrange.h"
#include "chd-edit.h"
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
node (ChdScene *scene, const char *id)
{
  return chd_scene_get_node (scene, chd_scene_find_node (scene, id));
}

static void
test_columns (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "pay", "receive", "score", NULL }, *const one[] = { "pay", NULL };
  double left = node (scene, "receive")->x, right = node (scene, "pay")->x;

  g_assert_true (chd_edit_arrange (scene, ids, CHD_ARRANGE_LEFT));
  for (guint i = 0; ids[i] != NULL; i++)
    g_assert_cmpfloat (node (scene, ids[i])->x, ==, left);
  /* Nobody changes the unit by that. */
  g_assert_cmpstr (chd_chain_find_node (chain, "score")->unit, ==, "risk");
  g_assert_false (chd_edit_arrange (scene, ids, CHD_ARRANGE_LEFT));
  g_assert_false (chd_edit_arrange (scene, one, CHD_ARRANGE_LEFT));
  chd_chain_undo (chain);
  g_assert_true (chd_edit_arrange (scene, ids, CHD_ARRANGE_RIGHT));
  g_assert_cmpfloat (node (scene, "receive")->x, ==, right);
  chd_chain_undo (chain);
  g_assert_true (chd_edit_arrange (scene, ids, CHD_ARRANGE_ACROSS));
  g_assert_cmpfloat (ABS (node (scene, "score")->x - (left + right) / 2), <=, 1);
  g_assert_cmpfloat (node (scene, "receive")->x, ==, left);
  g_assert_cmpstr (chd_chain_get_undo_name (chain), ==, "Distribute Nodes");
}

static void
test_rows (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "score", "pay", "sanctions", "book", NULL }, *const moved[] = { "book", NULL };
  double risk;

  chd_edit_move (scene, moved, 0, 60, chd_scene_find_lane (scene, "finance"), NULL);
  risk = MIN (node (scene, "score")->y, node (scene, "sanctions")->y);
  g_assert_cmpfloat (node (scene, "score")->y, !=, node (scene, "sanctions")->y);
  g_assert_true (chd_edit_arrange (scene, ids, CHD_ARRANGE_TOP));
  /* Each lane has a row of its own. */
  g_assert_cmpfloat (node (scene, "score")->y, ==, node (scene, "sanctions")->y);
  g_assert_cmpfloat (node (scene, "pay")->y, ==, node (scene, "book")->y);
  g_assert_cmpfloat (node (scene, "score")->y, !=, node (scene, "pay")->y);
  g_assert_cmpfloat (node (scene, "score")->y, <=, risk);
  g_assert_cmpstr (chd_chain_find_node (chain, "book")->unit, ==, "finance");
}

static void
test_insert (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  guint link = chd_scene_find_link (scene, "check->order");
  g_autofree char *id = chd_edit_add_node (scene, "node", "Ask", chd_scene_find_lane (scene, "archive"), 300, 5000);
  double x = node (scene, id)->x;

  g_assert_true (chd_edit_can_insert (scene, id, link));
  /* Its own end, and one that would close a circle. */
  g_assert_false (chd_edit_can_insert (scene, "order", link));
  g_assert_false (chd_edit_can_insert (scene, "receive", link));
  chd_edit_insert_node (scene, id, link, 40, 0);
  g_assert_null (chd_chain_find_link (chain, "check", "order"));
  g_assert_cmpstr (chd_chain_find_link (chain, "check", id)->result, ==, "decision");
  g_assert_null (chd_chain_find_link (chain, id, "order")->result);
  g_assert_cmpfloat (node (scene, id)->x, ==, x + 40);
  chd_chain_undo (chain);
  g_assert_nonnull (chd_chain_find_link (chain, "check", "order"));
  g_assert_cmpfloat (node (scene, id)->x, ==, x);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/arrange/columns", test_columns);
  g_test_add_func ("/canvas/arrange/rows", test_rows);
  g_test_add_func ("/canvas/arrange/insert", test_insert);
  return g_test_run ();
}
