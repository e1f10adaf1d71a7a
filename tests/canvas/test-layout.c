/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <time.h>

#include "canvas-test.h"
#include "chd-layout.h"
#include "chd-scene.h"

static void
assert_tidy (ChdChain *chain)
{
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  guint n = chd_scene_get_n_nodes (scene);

  for (guint i = 0; i < n; i++)
    {
      ChdRect card = chd_scene_get_card_rect (scene, i);
      g_autoptr (GArray) near = g_array_new (FALSE, FALSE, sizeof (guint));

      chd_scene_query_nodes (scene, &card, near);
      for (guint j = 0; j < near->len; j++)
        {
          ChdRect other = chd_scene_get_card_rect (scene, g_array_index (near, guint, j));

          g_assert_true (g_array_index (near, guint, j) == i || !chd_rect_overlaps (&card, &other));
        }
    }
  for (guint i = 0; i < chd_scene_get_n_lanes (scene); i++)
    g_assert_cmpfloat (chd_scene_get_lane (scene, i)->offset, <, 0.001);
}

static void
test_left_to_right (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);

  g_assert_true (chd_layout_apply (chain));
  g_assert_cmpstr (chd_chain_get_undo_name (chain), ==, "Tidy Up");
  assert_tidy (chain);
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_LINK); i++)
    {
      const ChdLink *link = (const ChdLink *) chd_chain_get_item (chain, CHD_ITEM_LINK, i);

      g_assert_cmpfloat (chd_chain_find_node (chain, link->to)->x - chd_chain_find_node (chain, link->from)->x, >=,
                         CHD_CARD_WIDTH + 32);
    }
  g_assert_false (chd_layout_apply (chain));
  chd_chain_undo (chain);
  g_assert_false (chd_chain_can_undo (chain));
  g_assert_false (chd_chain_find_node (chain, "pay")->placed);
}

static void
test_deterministic (void)
{
  g_autoptr (ChdChain) first = canvas_test_make_large (200, 7);
  g_autoptr (ChdChain) second = canvas_test_make_large (200, 7);
  g_autofree ChdPoint *a = chd_layout_run (first);
  g_autofree ChdPoint *b = NULL;

  chd_layout_apply (second);
  b = chd_layout_run (second);
  for (guint i = 0; i < 200; i++)
    {
      g_assert_cmpfloat (a[i].x, ==, b[i].x);
      g_assert_cmpfloat (a[i].y, ==, b[i].y);
    }
}

static void
test_circle_and_strays (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autofree ChdPoint *none = chd_layout_run (chain);

  canvas_test_add_node (chain, "a", "A", "nowhere", 0, 0);
  canvas_test_add_node (chain, "b", "B", "nowhere", 0, 0);
  canvas_test_add_node (chain, "c", "C", "nowhere", 0, 0);
  canvas_test_add_link (chain, "a", "b", NULL, NULL);
  canvas_test_add_link (chain, "b", "a", NULL, NULL);
  canvas_test_add_link (chain, "b", "b", NULL, NULL);
  canvas_test_add_link (chain, "b", "gone", NULL, NULL);
  g_assert_true (chd_layout_apply (chain));
  assert_tidy (chain);
  g_assert_cmpfloat (chd_chain_find_node (chain, "b")->x, >, chd_chain_find_node (chain, "a")->x);
}

static void
test_large_is_quick (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_large (1000, 3);
  clock_t start = clock ();
  double seconds;

  chd_layout_apply (chain);
  seconds = (double) (clock () - start) / CLOCKS_PER_SEC;
  g_test_message ("1000 nodes: %.3f s of processor time", seconds);
  /* Twenty times what it takes, also with a sanitizer. */
  g_assert_cmpfloat (seconds, <, 3);
  assert_tidy (chain);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/layout/left-to-right", test_left_to_right);
  g_test_add_func ("/canvas/layout/same-chain-same-places", test_deterministic);
  g_test_add_func ("/canvas/layout/circles-and-strays", test_circle_and_strays);
  g_test_add_func ("/canvas/layout/a-thousand-nodes-quickly", test_large_is_quick);
  return g_test_run ();
}
