/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "canvas-test.h"
#include "chd-layout.h"
#include "chd-scene.h"

/* Everything one can see, so that scenes can be compared. */
static char *
describe (ChdScene *scene)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < chd_scene_get_n_lanes (scene); i++)
    {
      const ChdSceneLane *lane = chd_scene_get_lane (scene, i);

      g_string_append_printf (text, "lane %s %d %g,%g %gx%g %g %u/%u\n", lane->item != NULL ? lane->item->item.id : "-",
                              (int) lane->parent, lane->rect.x, lane->rect.y, lane->rect.width, lane->rect.height,
                              lane->offset, lane->n_nodes, lane->n_all_nodes);
    }
  for (guint i = 0; i < chd_scene_get_n_nodes (scene); i++)
    {
      const ChdSceneNode *node = chd_scene_get_node (scene, i);

      g_string_append_printf (text, "node %s %g,%g in %u, %d\n", node->item->item.id, node->x, node->y, node->lane,
                              node->state);
    }
  for (guint i = 0; i < chd_scene_get_n_links (scene); i++)
    {
      const ChdSceneLink *link = chd_scene_get_link (scene, i);

      g_string_append_printf (text, "link %s:", link->item->item.id);
      for (guint j = 0; j < link->n_points; j++)
        g_string_append_printf (text, " %g,%g", link->points[j].x, link->points[j].y);
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}

static gboolean
is_inside (const ChdRect *inner, const ChdRect *outer)
{
  return inner->x >= outer->x - 0.001 && inner->y >= outer->y - 0.001 &&
         inner->x + inner->width <= outer->x + outer->width + 0.001 &&
         inner->y + inner->height <= outer->y + outer->height + 0.001;
}

/* The promises (1) and (3) of chd-scene.h, and that the index finds what a search of everything finds. */
static void
assert_consistent (ChdScene *scene)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  ChdRect bounds = chd_scene_get_bounds (scene);

  g_assert_cmpuint (chd_scene_get_n_nodes (scene), ==, chd_chain_get_n_items (chain, CHD_ITEM_NODE));
  g_assert_cmpuint (chd_scene_get_n_links (scene), ==, chd_chain_get_n_items (chain, CHD_ITEM_LINK));
  for (guint i = 0; i < chd_scene_get_n_lanes (scene); i++)
    {
      const ChdSceneLane *lane = chd_scene_get_lane (scene, i);

      g_assert_true (is_inside (&lane->rect, &bounds));
      g_assert_true (lane->parent == CHD_NO_INDEX || lane->parent < i);
      if (lane->parent != CHD_NO_INDEX)
        g_assert_true (is_inside (&lane->rect, &chd_scene_get_lane (scene, lane->parent)->rect));
      for (guint j = 0; j < i; j++)
        if (chd_scene_get_lane (scene, j)->parent == lane->parent)
          g_assert_false (chd_rect_overlaps (&lane->rect, &chd_scene_get_lane (scene, j)->rect));
    }
  for (guint i = 0; i < chd_scene_get_n_nodes (scene); i++)
    {
      const ChdSceneNode *node = chd_scene_get_node (scene, i);
      ChdRect card = chd_scene_get_card_rect (scene, i);
      ChdHit hit = chd_scene_hit (scene, node->x, node->y, 4);
      g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));

      g_assert_true (node->item == chd_chain_find_node (chain, node->item->item.id));
      g_assert_cmpuint (chd_scene_find_node (scene, node->item->item.id), ==, i);
      g_assert_true (is_inside (&card, &chd_scene_get_lane (scene, node->lane)->rect));
      g_assert_true (hit.kind == CHD_HIT_NODE || hit.kind == CHD_HIT_PORT);
      chd_scene_query_nodes (scene, &card, found);
      for (guint j = 0, at = 0; j < chd_scene_get_n_nodes (scene); j++)
        {
          ChdRect other = chd_scene_get_card_rect (scene, j);

          if (at < found->len && g_array_index (found, guint, at) == j)
            at++;
          else
            g_assert_false (chd_rect_overlaps (&card, &other));
        }
    }
  for (guint i = 0; i < chd_scene_get_n_links (scene); i++)
    {
      const ChdSceneLink *link = chd_scene_get_link (scene, i);
      ChdPoint from, to;

      if (link->from == CHD_NO_INDEX)
        {
          g_assert_cmpuint (link->n_points, ==, 0);
          continue;
        }
      from = chd_scene_get_port (scene, link->from, CHD_LINKS_OUT);
      to = chd_scene_get_port (scene, link->to, CHD_LINKS_IN);
      g_assert_cmpuint (link->n_points, >=, 2);
      g_assert_true (link->points[0].x == from.x && link->points[0].y == from.y);
      g_assert_true (link->points[link->n_points - 1].x == to.x && link->points[link->n_points - 1].y == to.y);
      for (guint j = 0; j + 1 < link->n_points; j++)
        g_assert_true (link->points[j].x == link->points[j + 1].x || link->points[j].y == link->points[j + 1].y);
    }
}

/* (2): a scene that followed all edits is the same as one made now. */
static void
assert_same_as_new (ChdScene *scene)
{
  g_autoptr (ChdScene) fresh = chd_scene_new (chd_scene_get_chain (scene));
  g_autofree char *followed = describe (scene);
  g_autofree char *made = describe (fresh);

  g_assert_cmpstr (followed, ==, made);
}

static void
test_lanes_nest (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  guint group, archive;

  assert_consistent (scene);
  group = chd_scene_find_lane (scene, "group");
  archive = chd_scene_find_lane (scene, "archive");
  g_assert_cmpuint (chd_scene_get_lane (scene, group)->n_all_nodes, ==, 10);
  g_assert_cmpuint (chd_scene_get_lane (scene, group)->n_nodes, ==, 1);
  g_assert_true (chd_scene_get_lane (scene, archive)->compact);
  g_assert_cmpfloat (chd_scene_get_lane (scene, archive)->rect.height, ==, CHD_LANE_HEADER);
  g_assert_cmpuint (chd_scene_get_lane (scene, chd_scene_find_lane (scene, "invoices"))->depth, ==, 3);
}

static void
test_lanes_push (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (ChdScene) scene = chd_scene_new (chain);

  canvas_test_add_unit (chain, "a", "A", NULL, NULL);
  canvas_test_add_unit (chain, "b", "B", NULL, NULL);
  canvas_test_add_node (chain, "one", "One", "a", 100, 100);
  canvas_test_add_node (chain, "two", "Two", "b", 100, 100);
  assert_consistent (scene);
  g_assert_cmpfloat (chd_scene_get_node (scene, 0)->y, ==, 100);
  g_assert_cmpfloat (chd_scene_get_node (scene, 1)->y, >, 172);
  g_assert_cmpfloat (chd_chain_find_node (chain, "two")->y, ==, 100);
  g_assert_cmpfloat_with_epsilon (chd_scene_get_node (scene, 1)->y, 100 + chd_scene_get_lane (scene, 1)->offset, 0.001);
}

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_signals (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  guint changed = 0, node_changed = 0;

  g_signal_connect_swapped (scene, "changed", G_CALLBACK (count_cb), &changed);
  g_signal_connect_swapped (scene, "node-changed", G_CALLBACK (count_cb), &node_changed);
  chd_layout_apply (chain);
  g_assert_cmpuint (changed, ==, 1);
  chd_chain_undo (chain);
  g_assert_cmpuint (changed, ==, 2);
  chd_scene_set_node_state (scene, "pay", CHD_NODE_PROCESSING, NULL, 0.5);
  chd_scene_set_node_state (scene, "pay", CHD_NODE_PROCESSING, NULL, 0.5);
  chd_scene_set_node_state (scene, "nobody", CHD_NODE_FAILED, NULL, -1);
  g_assert_cmpuint (node_changed, ==, 1);
  chd_chain_remove (chain, CHD_ITEM_NODE, "pay");
  chd_chain_undo (chain);
  g_assert_cmpint (chd_scene_get_node (scene, chd_scene_find_node (scene, "pay"))->state, ==, CHD_NODE_PROCESSING);
  chd_scene_clear_node_states (scene);
  g_assert_cmpint (chd_scene_get_node (scene, chd_scene_find_node (scene, "pay"))->state, ==, CHD_NODE_DRAFT);
  g_assert_cmpuint (node_changed, ==, 2);
}

static void
test_hits (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  guint check = chd_scene_find_node (scene, "check");
  ChdPoint port = chd_scene_get_port (scene, check, CHD_LINKS_OUT);
  const ChdSceneLink *link = chd_scene_get_link (scene, chd_scene_find_link (scene, "receive->check"));
  guint archive = chd_scene_find_lane (scene, "archive");
  ChdHit hit = chd_scene_hit (scene, port.x + 3, port.y + 2, 4);

  g_assert_true (hit.kind == CHD_HIT_PORT && hit.index == check);
  hit = chd_scene_hit (scene, (link->points[0].x + link->points[link->n_points - 1].x) / 2, link->points[0].y + 3, 4);
  g_assert_true (hit.kind == CHD_HIT_LINK && hit.index == chd_scene_find_link (scene, "receive->check"));
  hit = chd_scene_hit (scene, 50, chd_scene_get_lane (scene, archive)->rect.y + 10, 4);
  g_assert_true (hit.kind == CHD_HIT_LANE_HEADER && hit.index == archive);
  hit = chd_scene_hit (scene, 1e5, 1e5, 4);
  g_assert_true (hit.kind == CHD_HIT_NOTHING);
  g_assert_cmpuint (chd_scene_lane_at (scene, 50, -1e5), ==, chd_scene_find_lane (scene, "group"));
}

static void
test_free_place (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (ChdScene) scene = chd_scene_new (chain);

  canvas_test_add_unit (chain, "a", "A", NULL, NULL);
  for (guint i = 0; i < 60; i++)
    {
      ChdPoint place = chd_scene_find_free_place (scene, 0, 300, 200, CHD_NO_INDEX);
      g_autofree char *id = g_strdup_printf ("n%u", i);
      ChdHit hit;

      canvas_test_add_node (chain, id, id, "a", place.x, place.y - chd_scene_get_lane (scene, 0)->offset);
      hit = chd_scene_hit (scene, chd_scene_get_node (scene, i)->x, chd_scene_get_node (scene, i)->y, 2);
      g_assert_cmpuint (hit.index, ==, i);
    }
  assert_consistent (scene);
}

static void
test_texts (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  guint score = chd_scene_find_node (scene, "score");
  g_autofree char *bare = NULL;
  g_autofree char *titled = NULL;
  g_autofree char *label = chd_scene_dup_link_label (scene, chd_scene_find_link (scene, "check->order"));
  g_autofree char *name = NULL;
  g_autofree char *description = chd_scene_dup_node_description (scene, score);
  g_autofree char *lane = chd_scene_dup_lane_name (scene, chd_scene_find_lane (scene, "risk"));
  g_autofree char *canvas = chd_scene_dup_name (scene);

  bare = chd_scene_dup_subtitle (scene, score);
  g_assert_cmpstr (bare, ==, "notify · Credit score");
  chd_scene_set_interface_title (scene, "notify", "Notification");
  titled = chd_scene_dup_subtitle (scene, score);
  g_assert_cmpstr (titled, ==, "Notification · Credit score");
  g_assert_cmpstr (label, ==, "decision is ok");
  name = chd_scene_dup_node_name (scene, score);
  g_assert_cmpstr (name, ==, "Score the supplier, node 5 of 10, Risk, department, Draft");
  g_assert_nonnull (strstr (description, "Comes after Match with purchase order."));
  g_assert_nonnull (strstr (description, "Leads to Approve payment."));
  g_assert_cmpstr (lane, ==, "Risk, department, in Example Trading, 2 nodes");
  g_assert_cmpstr (canvas, ==, "Chain canvas, Supplier payment, 10 nodes in 7 units");
}

static void
test_hostile (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (ChdScene) scene = chd_scene_new (chain);

  canvas_test_add_unit (chain, "a", "A", NULL, "b");
  canvas_test_add_unit (chain, "b", "B", NULL, "a");
  canvas_test_add_unit (chain, "self", "Self", NULL, "self");
  canvas_test_add_unit (chain, "child", "Child", NULL, "a");
  canvas_test_add_node (chain, "far", "Far", "a", 1e300, -1e300);
  canvas_test_add_node (chain, "nan", "Nan", "b", NAN, INFINITY);
  canvas_test_add_node (chain, "lost", "Lost", "gone", 1, 1);
  canvas_test_add_link (chain, "far", "nan", NULL, NULL);
  canvas_test_add_link (chain, "nan", "far", NULL, NULL);
  canvas_test_add_link (chain, "far", "gone", NULL, NULL);
  g_assert_cmpuint (chd_scene_get_n_lanes (scene), ==, 5);
  g_assert_null (chd_scene_get_lane (scene, 4)->item);
  assert_consistent (scene);
  assert_same_as_new (scene);
}

/* One random edit. */
static void
edit_randomly (ChdChain *chain, GRand *random, guint serial)
{
  guint n_nodes = chd_chain_get_n_items (chain, CHD_ITEM_NODE), n_units = chd_chain_get_n_items (chain, CHD_ITEM_UNIT);
  const ChdItem *node = n_nodes > 0 ? chd_chain_get_item (chain, CHD_ITEM_NODE, g_rand_int (random) % n_nodes) : NULL;
  const ChdItem *other = n_nodes > 0 ? chd_chain_get_item (chain, CHD_ITEM_NODE, g_rand_int (random) % n_nodes) : NULL;
  const ChdItem *unit = n_units > 0 ? chd_chain_get_item (chain, CHD_ITEM_UNIT, g_rand_int (random) % n_units) : NULL;
  g_autofree char *id = g_strdup_printf ("x%u", serial);

  switch (g_rand_int (random) % 8)
    {
    case 0:
      canvas_test_add_node (chain, id, id, unit != NULL ? unit->id : "gone", g_rand_double_range (random, 0, 2000),
                            g_rand_double_range (random, 0, 900));
      break;
    case 1:
      if (node != NULL)
        chd_chain_remove (chain, CHD_ITEM_NODE, node->id);
      break;
    case 2:
      if (node != NULL && chd_chain_find_link (chain, node->id, other->id) == NULL)
        canvas_test_add_link (chain, node->id, other->id, NULL, NULL);
      break;
    case 3:
      if (node != NULL)
        {
          ChdNode *copy = chd_item_copy (node);

          copy->x = g_rand_double_range (random, 0, 2000);
          copy->y = g_rand_double_range (random, 0, 900);
          copy->placed = TRUE;
          if (unit != NULL)
            {
              g_free (copy->unit);
              copy->unit = g_strdup (unit->id);
            }
          chd_chain_replace (chain, copy);
        }
      break;
    case 4:
      canvas_test_add_unit (chain, id, id, "team", unit != NULL ? unit->id : NULL);
      break;
    case 5:
      if (unit != NULL && n_units > 4)
        chd_chain_remove (chain, CHD_ITEM_UNIT, unit->id);
      break;
    case 6:
      chd_chain_undo (chain);
      break;
    default:
      chd_chain_redo (chain);
      break;
    }
}

static void
test_random_edits (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  g_autoptr (GRand) random = g_rand_new_with_seed (20240607);

  for (guint i = 0; i < 400; i++)
    {
      edit_randomly (chain, random, i);
      /* Now and then several edits between two looks. */
      if (i % 3 == 0)
        continue;
      assert_consistent (scene);
      assert_same_as_new (scene);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/scene/lanes-nest", test_lanes_nest);
  g_test_add_func ("/canvas/scene/overlapping-lanes-are-pushed-down", test_lanes_push);
  g_test_add_func ("/canvas/scene/one-signal-a-step", test_signals);
  g_test_add_func ("/canvas/scene/hits", test_hits);
  g_test_add_func ("/canvas/scene/free-places-are-free", test_free_place);
  g_test_add_func ("/canvas/scene/texts", test_texts);
  g_test_add_func ("/canvas/scene/hostile-documents", test_hostile);
  g_test_add_func ("/canvas/scene/same-chain-same-scene", test_random_edits);
  return g_test_run ();
}
