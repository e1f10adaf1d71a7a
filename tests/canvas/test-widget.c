/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The canvas in a window on a display of its own (xvfb-run); what the pointer does goes through the tools' functions,
 * what keys do through the actions. */

#include "config.h"

#include <math.h>

#include "canvas-window.h"

static void
drag (Fixture *fixture, ChdPoint from, ChdPoint to)
{
  chd_canvas_tool_begin (fixture->canvas, from.x, from.y, 0);
  for (guint i = 1; i <= 5; i++)
    chd_canvas_tool_update (fixture->canvas, from.x + (to.x - from.x) * i / 5, from.y + (to.y - from.y) * i / 5, 0);
  chd_canvas_tool_end (fixture->canvas, to.x, to.y, 0);
}

static char *
drop_node (Fixture *fixture, const char *what, const char *unit, double x)
{
  ChdPoint at = at_lane (fixture, unit, x);
  g_autofree char *text = g_strconcat (CHD_CANVAS_PALETTE, what, NULL);

  return chd_canvas_drop (fixture->canvas, text, at.x, at.y);
}

static void
test_draw_two_nodes (void)
{
  Fixture fixture = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *link = NULL;

  show_empty (&fixture);
  keep (&fixture, "widget-empty.png");
  first = drop_node (&fixture, "node", "front", 160);
  second = drop_node (&fixture, "task", "risk", 480);
  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_cmpstr (chd_chain_find_node (fixture.chain, first)->unit, ==, "front");
  g_assert_cmpstr (chd_chain_find_node (fixture.chain, second)->unit, ==, "risk");
  g_assert_nonnull (fixture.bound);
  g_assert_true (g_str_has_suffix (fixture.bound, "/task"));
  g_assert_null (chd_canvas_drop (fixture.canvas, "something else", 10, 10));

  drag (&fixture, at_port (&fixture, first), at_node (&fixture, second));
  g_assert_nonnull (chd_chain_find_link (fixture.chain, first, second));
  link = chd_link_make_id (first, second);
  g_assert_true (chd_canvas_is_selected (fixture.canvas, CHD_ITEM_LINK, link));
  keep (&fixture, "widget-two.png");

  act (&fixture, "canvas.undo");
  g_assert_null (chd_chain_find_link (fixture.chain, first, second));
  act (&fixture, "canvas.undo");
  act (&fixture, "canvas.undo");
  g_assert_cmpuint (chd_chain_get_n_items (fixture.chain, CHD_ITEM_NODE), ==, 0);
  for (guint i = 0; i < 3; i++)
    act (&fixture, "canvas.redo");
  g_assert_nonnull (chd_chain_find_link (fixture.chain, first, second));
  hide (&fixture);
}

static void
test_move_to_other_unit (void)
{
  Fixture fixture = { 0 };
  g_autofree char *id = NULL;
  ChdPoint to, now;

  show_empty (&fixture);
  id = drop_node (&fixture, "node", "front", 160);
  to = at_lane (&fixture, "risk", 300);
  drag (&fixture, at_node (&fixture, id), to);
  g_assert_cmpstr (chd_chain_find_node (fixture.chain, id)->unit, ==, "risk");
  /* It is where it was dropped, up to the grid, although the lane it left has become small. */
  now = at_node (&fixture, id);
  g_assert_cmpfloat (hypot (now.x - to.x, now.y - to.y), <, 48);
  g_assert_cmpstr (chd_chain_get_undo_name (fixture.chain), ==, "Move Node");
  act (&fixture, "canvas.undo");
  g_assert_cmpstr (chd_chain_find_node (fixture.chain, id)->unit, ==, "front");

  /* A press that hardly moves is no drag; an escaped drag leaves no trace. */
  drag (&fixture, at_node (&fixture, id), (ChdPoint){ at_node (&fixture, id).x + 3, at_node (&fixture, id).y + 2 });
  g_assert_cmpstr (chd_chain_get_undo_name (fixture.chain), ==, "Add Node");
  now = at_node (&fixture, id);
  chd_canvas_tool_begin (fixture.canvas, now.x, now.y, 0);
  chd_canvas_tool_update (fixture.canvas, now.x + 200, now.y + 90, 0);
  keep (&fixture, "widget-move.png");
  chd_canvas_tool_cancel (fixture.canvas);
  chd_canvas_tool_end (fixture.canvas, now.x + 200, now.y + 90, 0);
  g_assert_cmpstr (chd_chain_get_undo_name (fixture.chain), ==, "Add Node");
  hide (&fixture);
}

static void
test_refuse_links (void)
{
  Fixture fixture = { 0 };
  ChdPoint from, to;

  show_sample (&fixture);
  keep (&fixture, "widget-sample.png");
  from = at_port (&fixture, "approve");
  to = at_node (&fixture, "check");
  chd_canvas_tool_begin (fixture.canvas, from.x, from.y, 0);
  chd_canvas_tool_update (fixture.canvas, to.x + 40, to.y, 0);
  chd_canvas_tool_update (fixture.canvas, to.x, to.y, 0);
  g_assert_cmpint (fixture.canvas->tool, ==, CHD_TOOL_LINK);
  g_assert_cmpstr (fixture.canvas->tool_target, ==, "check");
  g_assert_nonnull (strstr (fixture.canvas->tool_reason, "circle"));
  keep (&fixture, "widget-refused.png");
  chd_canvas_tool_end (fixture.canvas, to.x, to.y, 0);
  g_assert_null (chd_chain_find_link (fixture.chain, "approve", "check"));
  g_assert_nonnull (strstr (fixture.message, "circle"));
  g_assert_false (fixture.undoable);
  g_assert_false (chd_chain_can_undo (fixture.chain));

  drag (&fixture, at_port (&fixture, "receive"), at_node (&fixture, "check"));
  g_assert_nonnull (strstr (fixture.message, "already leads to"));
  /* Dropped on the empty canvas: the next node, linked, named at once. */
  drag (&fixture, at_port (&fixture, "clarify"), at_lane (&fixture, "purchasing", 1600));
  g_assert_cmpuint (chd_chain_get_links (fixture.chain, "clarify", CHD_LINKS_OUT)->len, ==, 2);
  g_assert_nonnull (fixture.canvas->editor);
  gtk_editable_set_text (GTK_EDITABLE (fixture.canvas->editor), "Ask again @Risk");
  chd_canvas_stop_editor (fixture.canvas, TRUE);
  g_assert_cmpstr (chd_item_get_title (chd_chain_find_node (fixture.chain, "new-node")), ==, "Ask again");
  g_assert_cmpstr (chd_chain_find_node (fixture.chain, "new-node")->unit, ==, "risk");
  hide (&fixture);
}

static void
test_delete_heals (void)
{
  Fixture fixture = { 0 };

  show_sample (&fixture);
  chd_canvas_focus_node (fixture.canvas, "clarify");
  act (&fixture, "canvas.delete");
  g_assert_nonnull (chd_chain_find_link (fixture.chain, "check", "approve"));
  g_assert_cmpstr (chd_chain_find_link (fixture.chain, "check", "approve")->result, ==, "decision");
  g_assert_true (fixture.undoable);
  act (&fixture, "canvas.undo");
  g_assert_null (chd_chain_find_link (fixture.chain, "check", "approve"));
  g_assert_nonnull (chd_chain_find_node (fixture.chain, "clarify"));
  chd_canvas_focus_node (fixture.canvas, "clarify");
  act (&fixture, "canvas.delete-keep-gap");
  g_assert_null (chd_chain_find_link (fixture.chain, "check", "approve"));
  /* A unit with nodes stays. */
  chd_canvas_select_one (fixture.canvas, CHD_ITEM_UNIT, "trading");
  act (&fixture, "canvas.delete");
  g_assert_nonnull (strstr (fixture.message, "still has"));
  chd_canvas_select_one (fixture.canvas, CHD_ITEM_UNIT, "archive");
  act (&fixture, "canvas.delete");
  g_assert_null (chd_chain_find_unit (fixture.chain, "archive"));
  hide (&fixture);
}

static void
test_keyboard (void)
{
  Fixture fixture = { 0 };
  g_auto (GStrv) ids = NULL;
  double x;

  show_sample (&fixture);
  gtk_widget_grab_focus (GTK_WIDGET (fixture.canvas));
  g_assert_cmpstr (chd_canvas_get_focus_node (fixture.canvas), ==, "receive");
  act (&fixture, "canvas.focus-right");
  g_assert_cmpstr (chd_canvas_get_focus_node (fixture.canvas), ==, "check");
  g_assert_true (CHD_IS_CANVAS_PROXY (gtk_root_get_focus (GTK_ROOT (fixture.window))));
  act (&fixture, "canvas.focus-last");
  act (&fixture, "canvas.focus-first");
  g_assert_cmpstr (chd_canvas_get_focus_node (fixture.canvas), ==, "receive");
  act (&fixture, "canvas.extend-right");
  ids = chd_canvas_dup_selection (fixture.canvas, NULL);
  g_assert_cmpuint (g_strv_length (ids), ==, 2);
  x = chd_chain_find_node (fixture.chain, "receive")->x;
  for (guint i = 0; i < 3; i++)
    act (&fixture, "canvas.nudge-right");
  g_assert_cmpfloat (chd_chain_find_node (fixture.chain, "receive")->x, ==, x + 48);
  act (&fixture, "canvas.undo"); /* all three at once */
  g_assert_cmpfloat (chd_chain_find_node (fixture.chain, "receive")->x, ==, x);

  chd_canvas_focus_node (fixture.canvas, "pay");
  act (&fixture, "canvas.activate");
  g_assert_cmpstr (fixture.activated, ==, "pay");
  act (&fixture, "canvas.bind-pipeline");
  g_assert_cmpstr (fixture.bound, ==, "pay/pipeline");
  act (&fixture, "canvas.menu");
  g_assert_cmpstr (fixture.menu, ==, "pay");
  act (&fixture, "canvas.add-next");
  g_assert_cmpuint (chd_chain_get_links (fixture.chain, "pay", CHD_LINKS_OUT)->len, ==, 3);
  g_assert_nonnull (fixture.canvas->editor);
  g_assert_true (chd_canvas_editor_has_focus (fixture.canvas));
  keep (&fixture, "widget-rename.png");
  chd_canvas_stop_editor (fixture.canvas, FALSE);
  g_assert_cmpstr (chd_canvas_get_focus_node (fixture.canvas), ==, "new-node");
  gtk_widget_activate_action (GTK_WIDGET (fixture.canvas), "canvas.move-to-unit", "s", "risk");
  g_assert_cmpstr (chd_chain_find_node (fixture.chain, "new-node")->unit, ==, "risk");
  act (&fixture, "canvas.connect");
  g_assert_nonnull (fixture.canvas->chooser);
  keep (&fixture, "widget-chooser.png");
  chd_canvas_close_chooser (fixture.canvas);
  act (&fixture, "canvas.select-none");
  ids = (g_strfreev (ids), chd_canvas_dup_selection (fixture.canvas, NULL));
  g_assert_cmpuint (g_strv_length (ids), ==, 0);
  chd_canvas_set_editable (fixture.canvas, FALSE);
  act (&fixture, "canvas.select-all");
  gtk_widget_activate_action (GTK_WIDGET (fixture.canvas), "canvas.delete", NULL);
  g_assert_nonnull (chd_chain_find_node (fixture.chain, "pay"));
  hide (&fixture);
}

static void
test_first_unit (void)
{
  Fixture fixture = { 0 };

  show (&fixture, chd_chain_new ("c", "C"));
  keep (&fixture, "widget-nothing.png");
  act (&fixture, "canvas.add");
  g_assert_cmpuint (chd_chain_get_n_items (fixture.chain, CHD_ITEM_UNIT), ==, 1);
  g_assert_nonnull (fixture.canvas->editor);
  gtk_editable_set_text (GTK_EDITABLE (fixture.canvas->editor), "Front office");
  chd_canvas_stop_editor (fixture.canvas, TRUE);
  g_assert_cmpstr (chd_item_get_title (chd_chain_get_item (fixture.chain, CHD_ITEM_UNIT, 0)), ==, "Front office");
  act (&fixture, "canvas.add");
  g_assert_cmpuint (chd_chain_get_n_items (fixture.chain, CHD_ITEM_NODE), ==, 1);
  hide (&fixture);
}

static void
test_click_and_band (void)
{
  Fixture fixture = { 0 };
  ChdPoint at;
  ChdItemKind kind;
  g_auto (GStrv) ids = NULL;

  show_sample (&fixture);
  at = at_node (&fixture, "pay");
  chd_canvas_click (fixture.canvas, 1, at.x, at.y, 0);
  g_assert_true (chd_canvas_is_selected (fixture.canvas, CHD_ITEM_NODE, "pay"));
  at = at_node (&fixture, "book");
  chd_canvas_click (fixture.canvas, 1, at.x, at.y, GDK_CONTROL_MASK);
  ids = chd_canvas_dup_selection (fixture.canvas, &kind);
  g_assert_cmpint (kind, ==, CHD_ITEM_NODE);
  g_assert_cmpuint (g_strv_length (ids), ==, 2);
  chd_canvas_click (fixture.canvas, 2, at.x, at.y, 0);
  g_assert_cmpstr (fixture.activated, ==, "book");
  chd_canvas_click (fixture.canvas, 1, 3, 3, 0);
  g_assert_cmpuint (g_hash_table_size (fixture.canvas->selection), ==, 0);
  drag (&fixture, (ChdPoint){ 2, 2 }, (ChdPoint){ 1270, 790 });
  g_assert_cmpuint (g_hash_table_size (fixture.canvas->selection), ==, 10);
  g_assert_false (chd_chain_can_undo (fixture.chain));
  hide (&fixture);
}

static void
test_view (void)
{
  Fixture fixture = { 0 };
  ChdPoint fixed, after;
  GtkAdjustment *horizontal;

  show_sample (&fixture);
  g_assert_cmpfloat (chd_canvas_get_zoom (fixture.canvas), <=, 1);
  fixed = chd_canvas_to_scene (fixture.canvas, 300, 200);
  chd_canvas_zoom_at (fixture.canvas, 300, 200, 1.7);
  after = chd_canvas_to_scene (fixture.canvas, 300, 200);
  g_assert_cmpfloat_with_epsilon (fixed.x, after.x, 1e-6);
  g_assert_cmpfloat_with_epsilon (fixed.y, after.y, 1e-6);
  chd_canvas_set_zoom (fixture.canvas, 100);
  g_assert_cmpfloat (chd_canvas_get_zoom (fixture.canvas), ==, 4);
  chd_canvas_set_zoom (fixture.canvas, 1);
  g_object_get (fixture.canvas, "hadjustment", &horizontal, NULL);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (horizontal), fixture.canvas->view.x, 1e-6);
  gtk_adjustment_set_value (horizontal, gtk_adjustment_get_value (horizontal) + 50);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (horizontal), fixture.canvas->view.x, 1e-6);
  g_object_unref (horizontal);
  /* Panning keeps the grabbed place under the pointer. */
  fixed = chd_canvas_to_scene (fixture.canvas, 400, 300);
  chd_canvas_pan_begin (fixture.canvas, 400, 300);
  chd_canvas_tool_update (fixture.canvas, 460, 350, 0);
  after = chd_canvas_to_scene (fixture.canvas, 460, 350);
  chd_canvas_tool_end (fixture.canvas, 460, 350, 0);
  g_assert_cmpfloat_with_epsilon (fixed.x, after.x, 1e-6);
  chd_canvas_set_node_state (fixture.canvas, "pay", CHD_NODE_PROCESSING, NULL, 0.5);
  chd_canvas_set_node_state (fixture.canvas, "approve", CHD_NODE_SUCCEEDED, NULL, -1);
  chd_canvas_set_node_state (fixture.canvas, "score", CHD_NODE_FAILED, "No connection", -1);
  chd_canvas_set_node_state (fixture.canvas, "sanctions", CHD_NODE_SKIPPED, NULL, -1);
  chd_canvas_focus_node (fixture.canvas, "pay");
  keep (&fixture, "widget-zoomed.png");
  chd_canvas_set_zoom (fixture.canvas, 0.4);
  chd_canvas_zoom_fit (fixture.canvas);
  keep (&fixture, "widget-states.png");
  chd_canvas_set_zoom (fixture.canvas, 0.2);
  keep (&fixture, "widget-far.png");
  hide (&fixture);
}

static void
test_accessible (void)
{
  Fixture fixture = { 0 };
  guint n_nodes = 0, n_lanes = 0;

  show_sample (&fixture);
  chd_canvas_zoom_fit (fixture.canvas);
  chd_test_wait_for (is_drawn (fixture.canvas));
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (fixture.canvas)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (CHD_IS_CANVAS_PROXY (child) && gtk_widget_get_child_visible (child))
      {
        const char *name = chd_canvas_proxy_get_name (CHD_CANVAS_PROXY (child));

        g_assert_nonnull (name);
        if (chd_canvas_proxy_get_kind (CHD_CANVAS_PROXY (child)) == CHD_ITEM_NODE)
          {
            g_autofree char *place = g_strdup_printf ("node %u of 10", n_nodes + 1);

            g_assert_nonnull (strstr (name, place));
            g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (child)), ==,
                             GTK_ACCESSIBLE_ROLE_LIST_ITEM);
            n_nodes++;
          }
        else
          n_lanes++;
      }
  g_assert_cmpuint (n_nodes, ==, 10);
  g_assert_cmpuint (n_lanes, ==, 7);
  chd_canvas_set_node_state (fixture.canvas, "pay", CHD_NODE_FAILED, "No money", -1);
  g_assert_nonnull (
      strstr (chd_canvas_proxy_get_name (CHD_CANVAS_PROXY (chd_canvas_get_node_proxy (fixture.canvas, "pay"))),
              "No money"));
  hide (&fixture);
}

static void
test_other_chain (void)
{
  Fixture fixture = { 0 };
  ChdChain *large = canvas_test_make_large (3000, 5);

  show_sample (&fixture);
  chd_canvas_focus_node (fixture.canvas, "pay");
  chd_canvas_set_chain (fixture.canvas, large);
  g_assert_null (chd_canvas_get_focus_node (fixture.canvas));
  /* A large chain begins at a size that can be read; all of it is one key away. */
  g_assert_cmpfloat (chd_canvas_get_zoom (fixture.canvas), ==, 0.6);
  chd_canvas_zoom_fit (fixture.canvas);
  g_assert_cmpfloat (chd_canvas_get_zoom (fixture.canvas), ==, 0.1);
  keep (&fixture, "widget-large.png");
  chd_canvas_focus_node (fixture.canvas, "node-2999");
  chd_canvas_set_chain (fixture.canvas, NULL);
  chd_canvas_set_chain (fixture.canvas, fixture.chain);
  g_assert_finalize_object (large);
  hide (&fixture);
}

static void
test_guides (void)
{
  Fixture fixture = { 0 };
  ChdPoint from, to;
  double x;
  guint link;
  const ChdSceneLink *here;
  g_autofree char *id = NULL;

  show_sample (&fixture);
  x = chd_scene_get_node (fixture.canvas->scene, chd_scene_find_node (fixture.canvas->scene, "pay"))->x;
  from = at_node (&fixture, "report");
  to = (ChdPoint){ at_node (&fixture, "pay").x + 4, from.y };
  chd_canvas_tool_begin (fixture.canvas, from.x, from.y, 0);
  chd_canvas_tool_update (fixture.canvas, to.x - 60, to.y, 0);
  g_assert_true (isnan (fixture.canvas->guides.x));
  chd_canvas_tool_update (fixture.canvas, to.x, to.y, 0);
  g_assert_cmpfloat (fixture.canvas->guides.x, ==, x);
  keep (&fixture, "widget-guides.png");
  /* Alt switches snapping off. */
  chd_canvas_tool_update (fixture.canvas, to.x, to.y, GDK_ALT_MASK);
  g_assert_true (isnan (fixture.canvas->guides.x));
  chd_canvas_tool_end (fixture.canvas, to.x, to.y, 0);
  g_assert_cmpfloat (chd_chain_find_node (fixture.chain, "report")->x, ==, round (x));

  /* A card that is there already, dropped on a link. */
  id = drop_node (&fixture, "node", "archive", 300);
  chd_canvas_stop_editor (fixture.canvas, FALSE);
  link = chd_scene_find_link (fixture.canvas->scene, "approve->pay");
  here = chd_scene_get_link (fixture.canvas->scene, link);
  to = chd_viewport_to_view (&fixture.canvas->view, (here->points[0].x + here->points[1].x) / 2, here->points[0].y);
  drag (&fixture, at_node (&fixture, id), to);
  g_assert_null (chd_chain_find_link (fixture.chain, "approve", "pay"));
  g_assert_nonnull (chd_chain_find_link (fixture.chain, "approve", id));
  g_assert_nonnull (chd_chain_find_link (fixture.chain, id, "pay"));
  g_assert_cmpstr (chd_chain_get_undo_name (fixture.chain), ==, "Insert Node");
  hide (&fixture);
}

/* A lane by its header, and its arrow. */
static void
test_lane_header (void)
{
  Fixture fixture = { 0 };
  const ChdSceneLane *risk, *finance;
  ChdPoint from, to;

  show_sample (&fixture);
  chd_canvas_set_zoom (fixture.canvas, 1);
  risk = chd_scene_get_lane (fixture.canvas->scene, chd_scene_find_lane (fixture.canvas->scene, "risk"));
  finance = chd_scene_get_lane (fixture.canvas->scene, chd_scene_find_lane (fixture.canvas->scene, "finance"));
  from = chd_viewport_to_view (&fixture.canvas->view, risk->rect.x + 300, risk->rect.y + 16);
  to = chd_viewport_to_view (&fixture.canvas->view, finance->rect.x + 320, finance->rect.y + 20);
  drag (&fixture, from, to);
  g_assert_cmpstr (chd_chain_find_unit (fixture.chain, "risk")->parent, ==, "finance");
  risk = chd_scene_get_lane (fixture.canvas->scene, chd_scene_find_lane (fixture.canvas->scene, "risk"));
  chd_canvas_show_item (fixture.canvas, CHD_ITEM_UNIT, "risk");
  from = chd_viewport_to_view (&fixture.canvas->view, MAX (risk->rect.x, fixture.canvas->view.x + 8) + 18,
                               risk->rect.y + 16);
  chd_canvas_click (fixture.canvas, 1, from.x, from.y, 0);
  g_assert_true (chd_chain_find_unit (fixture.chain, "risk")->collapsed);
  /* The arrows do it too, as in a tree. */
  act (&fixture, "canvas.focus-right");
  g_assert_false (chd_chain_find_unit (fixture.chain, "risk")->collapsed);
  hide (&fixture);
}

static void
test_random (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GRand) random = g_rand_new_with_seed (99);
  static const char *const names[] = { "canvas.undo",          "canvas.redo",         "canvas.delete",
                                       "canvas.add-next",      "canvas.nudge-down",   "canvas.focus-right",
                                       "canvas.focus-left",    "canvas.extend-down",  "canvas.add",
                                       "canvas.tidy",          "canvas.focus-down",   "canvas.zoom-fit",
                                       "canvas.lane-collapse", "canvas.lane-up",      "canvas.lane-down",
                                       "canvas.lane-indent",   "canvas.lane-outdent", "canvas.duplicate" };

  show_sample (&fixture);
  for (guint i = 0; i < 250; i++)
    {
      ChdPoint from = { g_rand_double_range (random, 0, 1280), g_rand_double_range (random, 0, 800) };
      ChdPoint to = { g_rand_double_range (random, 0, 1280), g_rand_double_range (random, 0, 800) };

      if (i % 2 == 0)
        drag (&fixture, from, to);
      else
        gtk_widget_activate_action (GTK_WIDGET (fixture.canvas), names[g_rand_int (random) % G_N_ELEMENTS (names)],
                                    NULL);
      if (i % 10 == 0)
        chd_canvas_zoom_fit (fixture.canvas);
      while (g_main_context_iteration (NULL, FALSE))
        ;
      for (guint j = 0; j < chd_scene_get_n_nodes (fixture.canvas->scene); j++)
        {
          const ChdSceneNode *node = chd_scene_get_node (fixture.canvas->scene, j);
          ChdRect card = chd_scene_get_card_rect (fixture.canvas->scene, j);
          const ChdRect *lane = &chd_scene_get_lane (fixture.canvas->scene, node->lane)->rect;

          g_assert_true (node->item == chd_chain_find_node (fixture.chain, node->item->item.id));
          if (node->hidden)
            g_assert_true (chd_rect_contains (lane, node->x, node->y));
          else
            g_assert_true (chd_rect_contains (lane, card.x, card.y) &&
                           chd_rect_contains (lane, card.x + card.width, card.y + card.height));
        }
      for (guint j = 0; j < chd_scene_get_n_links (fixture.canvas->scene); j++)
        {
          const ChdLink *link = chd_scene_get_link (fixture.canvas->scene, j)->item;

          g_assert_false (chd_chain_reaches (fixture.chain, link->to, link->from));
        }
    }
  hide (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      return 0;
    }
  g_test_add_func ("/canvas/widget/two-nodes-from-nothing", test_draw_two_nodes);
  g_test_add_func ("/canvas/widget/another-lane-is-another-unit", test_move_to_other_unit);
  g_test_add_func ("/canvas/widget/no-circles", test_refuse_links);
  g_test_add_func ("/canvas/widget/delete-heals", test_delete_heals);
  g_test_add_func ("/canvas/widget/keyboard-can-do-it-too", test_keyboard);
  g_test_add_func ("/canvas/widget/first-unit", test_first_unit);
  g_test_add_func ("/canvas/widget/click-and-rubber-band", test_click_and_band);
  g_test_add_func ("/canvas/widget/view", test_view);
  g_test_add_func ("/canvas/widget/names-for-screen-readers", test_accessible);
  g_test_add_func ("/canvas/widget/another-chain", test_other_chain);
  g_test_add_func ("/canvas/widget/guides", test_guides);
  g_test_add_func ("/canvas/widget/lane-header", test_lane_header);
  g_test_add_func ("/canvas/widget/random-work", test_random);
  return g_test_run ();
}
