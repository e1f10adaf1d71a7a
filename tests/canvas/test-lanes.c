/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lanes that are collapsed, moved, nested or not shown. */

#include "config.h"

#include <math.h>
#include <string.h>

#include "canvas-test.h"
#include "chd-edit-lanes.h"
#include "chd-edit-paste.h"
#include "chd-edit.h"
#include "chd-lanes.h"
#include "chd-layout.h"
#include "chd-navigate.h"

static ChdScene *
make_scene (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);

  chd_layout_apply (chain);
  chd_chain_clear_history (chain);
  return chd_scene_new (chain);
}

static const ChdSceneLane *
lane (ChdScene *scene, const char *unit)
{
  return chd_scene_get_lane (scene, chd_scene_find_lane (scene, unit));
}

static const ChdSceneNode *
node (ChdScene *scene, const char *id)
{
  return chd_scene_get_node (scene, chd_scene_find_node (scene, id));
}

/* Shown cards in their lanes, shown lanes in their parents and beside each other. */
static void
assert_sound (ChdScene *scene)
{
  for (guint i = 0; i < chd_scene_get_n_nodes (scene); i++)
    {
      const ChdSceneNode *here = chd_scene_get_node (scene, i);
      const ChdRect *rect = &chd_scene_get_lane (scene, here->lane)->rect;
      ChdRect card = chd_scene_get_card_rect (scene, i);

      g_assert_true (chd_rect_contains (rect, here->x, here->y));
      g_assert_true (here->hidden || chd_rect_contains (rect, card.x, card.y + card.height));
    }
  for (guint i = 0; i < chd_scene_get_n_lanes (scene); i++)
    for (guint j = 0; j < i; j++)
      {
        const ChdSceneLane *a = chd_scene_get_lane (scene, i), *b = chd_scene_get_lane (scene, j);

        if (!a->hidden && !b->hidden && a->parent == b->parent)
          g_assert_false (chd_rect_overlaps (&a->rect, &b->rect));
        if (!a->hidden && a->parent == j)
          g_assert_true (chd_rect_contains (&b->rect, a->rect.x, a->rect.y) &&
                         chd_rect_contains (&b->rect, a->rect.x + a->rect.width, a->rect.y + a->rect.height));
      }
}

static void
test_collapse (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  ChdRect before = chd_scene_get_bounds (scene);
  double pay = node (scene, "pay")->y - lane (scene, "finance")->rect.y;
  const ChdSceneLink *inner, *outer;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *name = NULL;

  assert_sound (scene);
  chd_scene_set_node_state (scene, "check", CHD_NODE_FAILED, NULL, -1);
  g_assert_true (chd_edit_set_collapsed (chain, "purchasing", TRUE));
  g_assert_false (chd_edit_set_collapsed (chain, "purchasing", TRUE));
  assert_sound (scene);
  g_assert_cmpfloat (lane (scene, "purchasing")->rect.height, ==, CHD_LANE_HEADER);
  g_assert_true (lane (scene, "invoices")->hidden);
  g_assert_true (node (scene, "receive")->hidden && node (scene, "order")->hidden);
  g_assert_false (node (scene, "pay")->hidden);
  g_assert_cmpfloat (chd_scene_get_bounds (scene).height, <, before.height - CHD_CARD_HEIGHT);
  /* What is below comes closer, and looks as before. */
  g_assert_cmpfloat (node (scene, "pay")->y - lane (scene, "finance")->rect.y, ==, pay);
  inner = chd_scene_get_link (scene, chd_scene_find_link (scene, "receive->check"));
  g_assert_cmpuint (inner->n_points, ==, 0);
  outer = chd_scene_get_link (scene, chd_scene_find_link (scene, "order->score"));
  g_assert_true (chd_rect_contains (&lane (scene, "purchasing")->rect, outer->points[0].x, outer->points[0].y));
  chd_scene_query_nodes (scene, &before, found);
  g_assert_cmpuint (found->len, ==, 6);
  name = chd_scene_dup_lane_name (scene, chd_scene_find_lane (scene, "purchasing"));
  g_assert_nonnull (strstr (name, "collapsed, 4 nodes: 1 Failed"));
  /* The keyboard goes where there is something to be seen. */
  g_assert_false (chd_scene_get_node (scene, chd_scene_go (scene, CHD_NO_INDEX, CHD_GO_FIRST))->hidden);
  chd_chain_undo (chain);
  assert_sound (scene);
  g_assert_cmpfloat (chd_scene_get_bounds (scene).height, ==, before.height);
  g_assert_cmpstr (chd_chain_get_redo_name (chain), ==, "Collapse Unit");
}

/* The tidy layout is the same whatever is collapsed. */
static void
test_layout (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  double y = chd_chain_find_node (chain, "report")->y;

  chd_edit_set_collapsed (chain, "trading", TRUE);
  chd_layout_apply (chain);
  g_assert_cmpfloat (chd_chain_find_node (chain, "report")->y, ==, y);
}

static void
test_move (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  double risk = node (scene, "score")->y - lane (scene, "risk")->rect.y;
  double apart = node (scene, "sanctions")->y - node (scene, "score")->y, top = chd_scene_get_bounds (scene).y;
  double height = chd_scene_get_bounds (scene).height;

  g_assert_cmpfloat (lane (scene, "risk")->rect.y, >, lane (scene, "finance")->rect.y);
  g_assert_true (chd_edit_step_lane (scene, "risk", CHD_LANE_UP));
  assert_sound (scene);
  g_assert_cmpfloat (lane (scene, "risk")->rect.y, <, lane (scene, "finance")->rect.y);
  g_assert_cmpfloat (lane (scene, "risk")->rect.y, >, lane (scene, "purchasing")->rect.y);
  /* With all that is in it. */
  g_assert_cmpfloat (ABS (node (scene, "score")->y - lane (scene, "risk")->rect.y - risk), <=, 1);
  g_assert_cmpfloat (ABS (node (scene, "sanctions")->y - node (scene, "score")->y - apart), <=, 1);
  g_assert_cmpfloat (ABS (chd_scene_get_bounds (scene).y - top), <=, 2);
  g_assert_cmpfloat (ABS (chd_scene_get_bounds (scene).height - height), <=, 8);
  g_assert_cmpstr (chd_chain_get_undo_name (chain), ==, "Move Unit");
  g_assert_true (chd_edit_step_lane (scene, "risk", CHD_LANE_DOWN));
  g_assert_cmpfloat (lane (scene, "risk")->rect.y, >, lane (scene, "finance")->rect.y);
  chd_chain_undo (chain);
  chd_chain_undo (chain);
  g_assert_false (chd_chain_can_undo (chain));
  g_assert_false (chd_edit_step_lane (scene, "group", CHD_LANE_UP));
  g_assert_false (chd_edit_step_lane (scene, "archive", CHD_LANE_DOWN));
}

static void
test_nest (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);

  g_assert_false (chd_edit_move_lane (scene, "trading", "invoices", CHD_LANE_INSIDE));
  g_assert_false (chd_edit_move_lane (scene, "risk", "risk", CHD_LANE_INSIDE));
  g_assert_true (chd_edit_move_lane (scene, "invoices", "risk", CHD_LANE_INSIDE));
  assert_sound (scene);
  g_assert_cmpstr (chd_chain_find_unit (chain, "invoices")->parent, ==, "risk");
  g_assert_cmpstr (chd_chain_find_node (chain, "check")->unit, ==, "invoices");
  g_assert_true (chd_edit_step_lane (scene, "risk", CHD_LANE_INDENT));
  g_assert_cmpstr (chd_chain_find_unit (chain, "risk")->parent, ==, "finance");
  assert_sound (scene);
  g_assert_true (chd_edit_step_lane (scene, "risk", CHD_LANE_OUTDENT));
  g_assert_cmpstr (chd_chain_find_unit (chain, "risk")->parent, ==, "trading");
  g_assert_cmpfloat (lane (scene, "risk")->rect.y, >, lane (scene, "finance")->rect.y);
  g_assert_cmpfloat (lane (scene, "risk")->rect.y, <, lane (scene, "archive")->rect.y);
  g_assert_false (chd_edit_step_lane (scene, "group", CHD_LANE_OUTDENT));
  assert_sound (scene);
}

/* Edits of what is not seen leave it as it was drawn. */
static void
test_hidden_edits (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  ChdChain *chain = chd_scene_get_chain (scene);
  const char *const ids[] = { "receive", "order", "pay", NULL };
  double receive = chd_chain_find_node (chain, "receive")->y, order = chd_chain_find_node (chain, "order")->y;
  g_auto (GStrv) made = NULL;

  chd_edit_set_collapsed (chain, "purchasing", TRUE);
  g_assert_true (chd_edit_move (scene, ids, 16, 0, CHD_NO_INDEX, NULL));
  g_assert_cmpfloat (chd_chain_find_node (chain, "receive")->y, ==, receive);
  g_assert_cmpfloat (chd_chain_find_node (chain, "order")->y, ==, order);
  g_assert_cmpstr (chd_chain_find_node (chain, "receive")->unit, ==, "invoices");
  made = chd_edit_duplicate (scene, ids, FALSE, 0, 0);
  g_assert_cmpfloat (chd_chain_find_node (chain, "order-2")->y - chd_chain_find_node (chain, "receive-2")->y, ==,
                     order - receive);
  chd_chain_undo (chain);
  g_assert_true (chd_edit_step_lane (scene, "purchasing", CHD_LANE_DOWN));
  chd_edit_set_collapsed (chain, "purchasing", FALSE);
  assert_sound (scene);
  g_assert_cmpfloat (ABS (node (scene, "order")->y - node (scene, "receive")->y - (order - receive)), <=, 1);
}

static void
test_unused (void)
{
  g_autoptr (ChdScene) scene = make_scene ();
  g_autoptr (ChdChain) empty = chd_chain_new ("empty", "Empty");
  g_autoptr (ChdScene) bare = NULL;
  double height = chd_scene_get_bounds (scene).height;

  chd_scene_set_hide_unused (scene, TRUE);
  assert_sound (scene);
  g_assert_true (lane (scene, "archive")->hidden);
  g_assert_false (lane (scene, "risk")->hidden);
  g_assert_cmpfloat (chd_scene_get_bounds (scene).height, <, height);
  chd_scene_set_hide_unused (scene, FALSE);
  g_assert_cmpfloat (chd_scene_get_bounds (scene).height, ==, height);
  /* Where there is no node yet, the first one needs a place. */
  canvas_test_add_unit (empty, "risk", "Risk", NULL, NULL);
  bare = chd_scene_new (empty);
  chd_scene_set_hide_unused (bare, TRUE);
  g_assert_false (lane (bare, "risk")->hidden);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/lanes/collapse", test_collapse);
  g_test_add_func ("/canvas/lanes/layout", test_layout);
  g_test_add_func ("/canvas/lanes/move", test_move);
  g_test_add_func ("/canvas/lanes/nest", test_nest);
  g_test_add_func ("/canvas/lanes/hidden-edits", test_hidden_edits);
  g_test_add_func ("/canvas/lanes/unused", test_unused);
  return g_test_run ();
}
