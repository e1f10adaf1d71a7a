/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edits, ways through the chain and the view's arithmetic, all without a display. */

#include "config.h"

#include <math.h>
#include <string.h>

#include "canvas-test.h"
#include "chd-edit.h"
#include "chd-layout.h"
#include "chd-navigate.h"
#include "chd-viewport.h"

static ChdScene *
make_scene (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);

  chd_layout_apply (chain);
  chd_chain_clear_history (chain);
  return chd_scene_new (chain);
}

static void
test_add (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  guint lane = chd_scene_find_lane (scene, "archive");
  g_autofree char *plain = chd_edit_add_node (scene, "node", "Store away", lane, 300, 5000);
  g_autofree char *task = NULL;
  g_autofree char *pipeline = NULL;
  g_autofree char *inserted = NULL;

  g_assert_cmpstr (plain, ==, "store-away");
  g_assert_cmpstr (chd_chain_find_node (chain, plain)->unit, ==, "archive");
  g_assert_null (chd_edit_add_node (scene, "nonsense", NULL, lane, 0, 0));
  task = chd_edit_add_node (scene, "task:check-invoice", NULL, lane, 300, 5000);
  g_assert_cmpstr (chd_item_get_title (chd_chain_find_node (chain, task)), ==, "Check invoice");
  g_assert_cmpstr (chd_chain_find_node (chain, task)->task->script, ==, "check-invoice");
  /* Not on top of the one that is there already. */
  g_assert_true (ABS (chd_chain_find_node (chain, task)->x - chd_chain_find_node (chain, plain)->x) >= CHD_CARD_WIDTH ||
                 ABS (chd_chain_find_node (chain, task)->y - chd_chain_find_node (chain, plain)->y) >= CHD_CARD_HEIGHT);
  chd_scene_set_interface_title (scene, "notify", "Notification");
  pipeline = chd_edit_add_after (scene, "pipeline:notify", NULL, "book");
  g_assert_cmpstr (chd_item_get_title (chd_chain_find_node (chain, pipeline)), ==, "Notification");
  g_assert_nonnull (chd_chain_find_link (chain, "book", pipeline));
  inserted = chd_edit_insert (scene, "node", "Ask", chd_scene_find_link (scene, "check->order"), 700, 300);
  g_assert_null (chd_chain_find_link (chain, "check", "order"));
  g_assert_cmpstr (chd_chain_find_link (chain, "check", inserted)->result, ==, "decision");
  g_assert_null (chd_chain_find_link (chain, inserted, "order")->result);
  chd_chain_undo (chain);
  g_assert_nonnull (chd_chain_find_link (chain, "check", "order"));
  g_assert_null (chd_chain_find_node (chain, inserted));
}

static void
test_move (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "pay", "book", NULL }, *const one[] = { "pay", NULL };
  double x = chd_chain_find_node (chain, "pay")->x;
  const ChdRect *risk;
  guint pay;

  g_assert_true (chd_edit_move (scene, ids, 16, 0, CHD_NO_INDEX, NULL));
  g_assert_cmpfloat (chd_chain_find_node (chain, "pay")->x, ==, x + 16);
  g_assert_cmpstr (chd_chain_find_node (chain, "book")->unit, ==, "finance");
  g_assert_false (chd_edit_move (scene, ids, 0, 0, CHD_NO_INDEX, NULL));
  risk = &chd_scene_get_lane (scene, chd_scene_find_lane (scene, "risk"))->rect;
  pay = chd_scene_find_node (scene, "pay");
  chd_edit_move (scene, one, 0, risk->y + 90 - chd_scene_get_node (scene, pay)->y, CHD_NO_INDEX, NULL);
  g_assert_cmpstr (chd_chain_find_node (chain, "pay")->unit, ==, "risk");
  chd_chain_undo (chain);
  g_assert_cmpstr (chd_chain_find_node (chain, "pay")->unit, ==, "finance");
  g_assert_true (chd_edit_move_to_unit (scene, ids, "archive"));
  g_assert_cmpstr (chd_chain_find_node (chain, "pay")->unit, ==, "archive");
  g_assert_cmpstr (chd_chain_find_node (chain, "book")->unit, ==, "archive");
  g_assert_false (chd_edit_move_to_unit (scene, ids, "archive"));
  g_assert_false (chd_edit_move_to_unit (scene, ids, "nowhere"));
}

static void
test_connect (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const struct
  {
    const char *from, *to, *reason;
  } refused[] = {
    { "pay", "pay", "itself" },
    { "pay", "book", "already leads to" },
    { "book", "receive", "circle" },
    { "pay", "nobody", "one node to another" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *message = NULL;

      g_assert_false (chd_edit_connect (chain, refused[i].from, refused[i].to, &message));
      g_assert_nonnull (strstr (message, refused[i].reason));
    }
  g_assert_false (chd_chain_can_undo (chain));
  g_assert_null (chd_edit_refuse_link (chain, "receive", "report"));
}

static void
test_find_unit (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (TRUE);

  g_assert_cmpstr (chd_edit_find_unit (chain, "risk")->item.id, ==, "risk");
  g_assert_cmpstr (chd_edit_find_unit (chain, "财务")->item.id, ==, "finance");
  g_assert_cmpstr (chd_edit_find_unit (chain, "TRAD")->item.id, ==, "trading");
  g_assert_null (chd_edit_find_unit (chain, "nobody"));
  g_assert_null (chd_edit_find_unit (chain, ""));
}

static const char *
go (ChdScene *scene, const char *from, ChdGo where)
{
  guint to = chd_scene_go (scene, from != NULL ? chd_scene_find_node (scene, from) : CHD_NO_INDEX, where);

  return to != CHD_NO_INDEX ? chd_scene_get_node (scene, to)->item->item.id : NULL;
}

static void
test_go (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  const char *at = go (scene, NULL, CHD_GO_RIGHT);

  g_assert_cmpstr (at, ==, "receive");
  g_assert_cmpstr (go (scene, "receive", CHD_GO_RIGHT), ==, "check");
  g_assert_cmpstr (go (scene, "check", CHD_GO_LEFT), ==, "receive");
  g_assert_cmpstr (go (scene, "clarify", CHD_GO_DOWN), ==, "order");
  g_assert_cmpstr (go (scene, "order", CHD_GO_UP), ==, "clarify");
  g_assert_null (go (scene, "receive", CHD_GO_PREVIOUS));
  g_assert_null (go (scene, "receive", CHD_GO_LEFT));
  /* The execution order visits every node once. */
  for (; at != NULL; at = go (scene, at, CHD_GO_NEXT))
    g_assert_true (g_hash_table_add (seen, (gpointer) at));
  g_assert_cmpuint (g_hash_table_size (seen), ==, 10);
}

static void
test_viewport (void)
{
  ChdViewport view = { 10, 20, 2, 800, 600 };
  ChdRect rect = { 100, 100, 1000, 400 };
  ChdPoint fixed = chd_viewport_to_scene (&view, 300, 200), again;
  double lower, upper;

  chd_viewport_zoom_at (&view, 300, 200, 0.3);
  again = chd_viewport_to_scene (&view, 300, 200);
  g_assert_cmpfloat_with_epsilon (fixed.x, again.x, 1e-9);
  g_assert_cmpfloat_with_epsilon (fixed.y, again.y, 1e-9);
  chd_viewport_fit (&view, &rect, 20, 0.1, 1);
  g_assert_cmpfloat_with_epsilon (view.scale, 0.76, 1e-9);
  g_assert_cmpfloat_with_epsilon (view.x + 400 / view.scale, 600, 1e-9);
  g_assert_false (chd_viewport_reveal (&view, &(ChdRect){ 300, 200, 50, 50 }, 10));
  g_assert_true (chd_viewport_reveal (&view, &(ChdRect){ 3000, 200, 50, 50 }, 10));
  again = chd_viewport_to_view (&view, 3050, 200);
  g_assert_cmpfloat_with_epsilon (again.x, 790, 1e-6);
  chd_viewport_get_range (&view, &rect, FALSE, &lower, &upper);
  g_assert_cmpfloat (lower, <=, view.x * view.scale);
  g_assert_cmpfloat (upper, >=, view.x * view.scale + 800 - 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/edit/add-and-insert", test_add);
  g_test_add_func ("/canvas/edit/move", test_move);
  g_test_add_func ("/canvas/edit/links-are-refused-with-a-reason", test_connect);
  g_test_add_func ("/canvas/edit/find-a-unit-by-its-beginning", test_find_unit);
  g_test_add_func ("/canvas/navigate/arrows-and-order", test_go);
  g_test_add_func ("/canvas/viewport/zoom-fit-reveal", test_viewport);
  return g_test_run ();
}
