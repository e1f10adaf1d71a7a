/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a frame of the canvas costs, in milliseconds of processor time, with about sixty cards in view and 100, 1 000
 * and 10 000 in the chain; what an edit and a layout cost. For a display of 1680x1050 (xvfb-run). */

#include "config.h"

#include <time.h>

#include "canvas-window.h"

#define FRAMES 80

static double
now_ms (void)
{
  return 1000.0 * (double) clock () / CLOCKS_PER_SEC;
}

/* A field of cards, 25 to a unit, linked along and across. */
static ChdChain *
make_field (guint n)
{
  ChdChain *chain = chd_chain_new ("field", "Field");
  guint columns = n <= 100 ? 10 : n <= 1000 ? 25 : 50;

  chd_chain_begin (chain, "Make");
  for (guint i = 0; i < (n + columns * 4 - 1) / (columns * 4); i++)
    {
      g_autofree char *id = g_strdup_printf ("unit-%u", i);

      canvas_test_add_unit (chain, id, id, "team", NULL);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("node-%u", i);
      g_autofree char *title = g_strdup_printf ("Check invoice %u", i);
      g_autofree char *unit = g_strdup_printf ("unit-%u", i / (columns * 4));
      guint row = i / columns;

      canvas_test_add_node (chain, id, title, unit, 200 + i % columns * 264.0, 100 + row * 108.0 + row / 4 * 60.0);
    }
  for (guint i = 0; i + 1 < n; i++)
    for (guint j = 0; j < (i % 2 == 0 ? 2u : 1u); j++)
      {
        g_autofree char *from = g_strdup_printf ("node-%u", i);
        g_autofree char *to = g_strdup_printf ("node-%u", j == 0 ? i + 1 : MIN (i + columns + 1, n - 1));

        if (i % columns + 1 < columns && chd_chain_find_link (chain, from, to) == NULL && i + 1 < n)
          canvas_test_add_link (chain, from, to, NULL, NULL);
      }
  chd_chain_end (chain);
  chd_chain_clear_history (chain);
  return chain;
}

static void
painted_cb (guint *frames)
{
  (*frames)++;
}

/* Lets the window paint once what was changed. */
static void
paint (Fixture *fixture, guint *frames)
{
  guint before = *frames;

  chd_test_wait_for (*frames > before);
}

static void
measure (guint n)
{
  Fixture fixture = { .width = 1600, .height = 1000 };
  guint frames = 0, visible;
  double start, pan, zoom, carry, edit;
  ChdPoint at;
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));
  ChdRect view;

  show (&fixture, make_field (n));
  gtk_widget_set_visible (GTK_WIDGET (fixture.minimap), FALSE);
  chd_canvas_set_zoom (fixture.canvas, 1);
  fixture.canvas->view.x = 0;
  fixture.canvas->view.y = 0;
  chd_canvas_view_changed (fixture.canvas);
  g_signal_connect_swapped (gtk_widget_get_frame_clock (fixture.window), "after-paint", G_CALLBACK (painted_cb),
                            &frames);
  paint (&fixture, &frames);
  view = chd_viewport_get_visible (&fixture.canvas->view);
  chd_scene_query_nodes (fixture.canvas->scene, &view, found);
  visible = found->len;

  start = now_ms ();
  for (guint i = 0; i < FRAMES; i++)
    {
      fixture.canvas->view.x += i < FRAMES / 2 ? 9 : -9;
      fixture.canvas->view.y += i < FRAMES / 2 ? 5 : -5;
      chd_canvas_view_changed (fixture.canvas);
      paint (&fixture, &frames);
    }
  pan = (now_ms () - start) / FRAMES;

  start = now_ms ();
  for (guint i = 0; i < FRAMES / 2; i++)
    {
      chd_canvas_zoom_at (fixture.canvas, 800, 500, i < FRAMES / 4 ? 1 + i * 0.01 : 1.2 - (i - FRAMES / 4) * 0.01);
      paint (&fixture, &frames);
    }
  zoom = (now_ms () - start) / (FRAMES / 2);

  chd_canvas_set_zoom (fixture.canvas, 0.8);
  at = at_node (&fixture, "node-12");
  chd_canvas_tool_begin (fixture.canvas, at.x, at.y, 0);
  chd_canvas_tool_update (fixture.canvas, at.x + 20, at.y, 0);
  paint (&fixture, &frames);
  start = now_ms ();
  for (guint i = 0; i < FRAMES / 2; i++)
    {
      chd_canvas_tool_update (fixture.canvas, at.x + 20 + i * 4, at.y + i * 2, 0);
      paint (&fixture, &frames);
    }
  carry = (now_ms () - start) / (FRAMES / 2);
  chd_canvas_tool_cancel (fixture.canvas);

  chd_canvas_focus_node (fixture.canvas, "node-12");
  start = now_ms ();
  for (guint i = 0; i < 5; i++)
    {
      act (&fixture, "canvas.nudge-right");
      paint (&fixture, &frames);
    }
  edit = (now_ms () - start) / 5;
  g_print ("%6u nodes, %u in view: pan %.1f ms, zoom %.1f ms, drag a card %.1f ms, an edit with its frame %.1f ms\n", n,
           visible, pan, zoom, carry, edit);
  hide (&fixture);
}

int
main (int argc, char **argv)
{
  g_autoptr (ChdChain) large = canvas_test_make_large (1000, 1);
  double start = now_ms ();
  g_autofree ChdPoint *places = chd_layout_run (large);

  g_print ("layout of 1000 nodes: %.1f ms\n", now_ms () - start);
  if (!gtk_init_check ())
    return 77;
  measure (100);
  measure (1000);
  measure (10000);
  return 0;
}
