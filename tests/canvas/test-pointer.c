/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The canvas under a real pointer and real keys, sent to the display by xdotool. */

#include "config.h"

#include <math.h>

#include "canvas-window.h"

static char *xdotool;

/* Runs xdotool while our main loop goes on. @format: its arguments, separated by spaces. */
G_GNUC_PRINTF (1, 2)
static void
send (const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strconcat (xdotool, " ", text, NULL);
  argv = g_strsplit (line, " ", -1);
  process = g_subprocess_newv ((const char *const *) argv, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  g_subprocess_wait_check_async (process, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  g_subprocess_wait_check_finish (process, result, &error);
  g_assert_no_error (error);
}

static void
click (ChdPoint at, guint times)
{
  send ("mousemove %d %d", (int) at.x, (int) at.y);
  send ("click --repeat %u --delay 60 1", times);
}

static void
drag_pointer (ChdPoint from, ChdPoint to)
{
  send ("mousemove %d %d mousedown 1", (int) from.x, (int) from.y);
  for (guint i = 1; i <= 6; i++)
    send ("mousemove %d %d", (int) (from.x + (to.x - from.x) * i / 6), (int) (from.y + (to.y - from.y) * i / 6));
  send ("mouseup 1");
}

static void
take_focus (Fixture *fixture)
{
  gtk_window_set_title (GTK_WINDOW (fixture->window), "Canvas under test");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  send ("search --sync --name Canvas.under.test windowfocus");
  chd_test_wait_for (gtk_window_is_active (GTK_WINDOW (fixture->window)));
}

static void
test_pointer (void)
{
  Fixture fixture = { 0 };
  ChdPoint at;
  double zoom;

  show_sample (&fixture);
  take_focus (&fixture);
  click (at_node (&fixture, "pay"), 1);
  chd_test_wait_for (chd_canvas_is_selected (fixture.canvas, CHD_ITEM_NODE, "pay"));
  g_assert_cmpstr (chd_canvas_get_focus_node (fixture.canvas), ==, "pay");
  click (at_node (&fixture, "pay"), 2);
  chd_test_wait_for (fixture.activated != NULL);
  g_assert_cmpstr (fixture.activated, ==, "pay");

  at = at_node (&fixture, "score");
  drag_pointer (at, (ChdPoint){ at.x, at_lane (&fixture, "finance", 0).y });
  chd_test_wait_for (g_strcmp0 (chd_chain_find_node (fixture.chain, "score")->unit, "finance") == 0);
  g_assert_null (fixture.canvas->editor);

  drag_pointer (at_port (&fixture, "receive"), at_node (&fixture, "report"));
  chd_test_wait_for (chd_chain_find_link (fixture.chain, "receive", "report") != NULL);

  /* Escape takes a drag back. */
  at = at_node (&fixture, "book");
  send ("mousemove %d %d mousedown 1 mousemove_relative 30 30", (int) at.x, (int) at.y);
  send ("mousemove_relative 30 30");
  chd_test_wait_for (fixture.canvas->tool_moved);
  send ("key Escape");
  chd_test_wait_for (fixture.canvas->tool == CHD_TOOL_NONE);
  send ("mouseup 1");
  g_assert_cmpstr (chd_chain_get_undo_name (fixture.chain), ==, "Connect Nodes");

  /* With Ctrl a copy is dragged. */
  at = at_node (&fixture, "book");
  send ("keydown ctrl");
  drag_pointer (at, (ChdPoint){ at.x, at.y + 110 });
  send ("keyup ctrl");
  chd_test_wait_for (chd_chain_find_node (fixture.chain, "book-2") != NULL);
  g_assert_true (chd_canvas_is_selected (fixture.canvas, CHD_ITEM_NODE, "book-2"));
  g_assert_false (chd_canvas_is_selected (fixture.canvas, CHD_ITEM_NODE, "book"));
  send ("key ctrl+d");
  chd_test_wait_for (chd_chain_find_node (fixture.chain, "book-3") != NULL);
  send ("key ctrl+x");
  chd_test_wait_for (chd_chain_find_node (fixture.chain, "book-3") == NULL);
  g_assert_cmpstr (chd_chain_get_undo_name (fixture.chain), ==, "Cut Node");

  zoom = chd_canvas_get_zoom (fixture.canvas);
  send ("mousemove 400 300 keydown ctrl click 4 keyup ctrl");
  chd_test_wait_for (chd_canvas_get_zoom (fixture.canvas) > zoom * 1.05);
  send ("click 3");
  chd_test_wait_for (fixture.menu != NULL);
  hide (&fixture);
}

static void
test_keys (void)
{
  Fixture fixture = { 0 };

  show_empty (&fixture);
  take_focus (&fixture);
  gtk_widget_grab_focus (GTK_WIDGET (fixture.canvas));
  send ("key n");
  chd_test_wait_for (fixture.canvas->editor != NULL);
  send ("type Receive@Front");
  send ("key Return");
  chd_test_wait_for (fixture.canvas->editor == NULL);
  g_assert_cmpstr (chd_item_get_title (chd_chain_get_item (fixture.chain, CHD_ITEM_NODE, 0)), ==, "Receive");
  g_assert_cmpstr (CHD_NODE (chd_chain_get_item (fixture.chain, CHD_ITEM_NODE, 0))->unit, ==, "front");
  send ("key ctrl+Return");
  chd_test_wait_for (fixture.canvas->editor != NULL);
  /* Letters and Delete are the editor's while it is open. */
  send ("type npt@Risk");
  send ("key Return");
  chd_test_wait_for (fixture.canvas->editor == NULL);
  g_assert_cmpuint (chd_chain_get_n_items (fixture.chain, CHD_ITEM_NODE), ==, 2);
  g_assert_cmpuint (chd_chain_get_n_items (fixture.chain, CHD_ITEM_LINK), ==, 1);
  g_assert_cmpstr (CHD_NODE (chd_chain_get_item (fixture.chain, CHD_ITEM_NODE, 1))->unit, ==, "risk");
  send ("key Prior");
  chd_test_wait_for (g_strcmp0 (chd_canvas_get_focus_node (fixture.canvas),
                                chd_chain_get_item (fixture.chain, CHD_ITEM_NODE, 0)->id) == 0);
  send ("key p");
  chd_test_wait_for (fixture.bound != NULL);
  send ("key Next key t");
  chd_test_wait_for (g_str_has_suffix (fixture.bound, "/task"));
  keep (&fixture, "pointer-keys.png");
  /* Choosing a target from the list: the only other node comes before this one, so it is refused there. */
  send ("key c");
  chd_test_wait_for (fixture.canvas->chooser != NULL);
  send ("key Escape");
  chd_test_wait_for (fixture.canvas->chooser == NULL);
  send ("key m");
  chd_test_wait_for (fixture.canvas->chooser != NULL);
  send ("type Front");
  send ("key Return");
  chd_test_wait_for (g_strcmp0 (CHD_NODE (chd_chain_get_item (fixture.chain, CHD_ITEM_NODE, 1))->unit, "front") == 0);
  chd_test_wait_for (fixture.canvas->chooser == NULL);
  send ("key Delete");
  chd_test_wait_for (chd_chain_get_n_items (fixture.chain, CHD_ITEM_NODE) == 1);
  g_assert_true (fixture.undoable);
  send ("key ctrl+z");
  chd_test_wait_for (chd_chain_get_n_items (fixture.chain, CHD_ITEM_NODE) == 2);
  send ("key F2");
  chd_test_wait_for (fixture.canvas->editor != NULL || fixture.canvas->focus == NULL ||
                     g_hash_table_size (fixture.canvas->selection) == 0);
  hide (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  xdotool = g_find_program_in_path ("xdotool");
  if (!gtk_init_check () || xdotool == NULL)
    {
      g_print ("1..0 # SKIP there is no display, or no xdotool\n");
      return 0;
    }
  g_test_add_func ("/canvas/pointer/click-drag-zoom", test_pointer);
  g_test_add_func ("/canvas/pointer/keys", test_keys);
  return g_test_run ();
}
