/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "canvas-test.h"
#include "chd-canvas-private.h"
#include "chd-layout.h"
#include "chd-minimap.h"
#include "chd-test-loop.h"

/* A window with a canvas and a minimap, and what the canvas said by its signals. */

typedef struct
{
  GtkWidget *window;
  ChdCanvas *canvas;
  ChdMinimap *minimap;
  ChdChain *chain;
  char *message;
  gboolean undoable;
  char *bound;
  char *activated;
  char *menu;
  guint n_selection_changes;
  int width, height; /* of the window; 0 for the usual size */
} Fixture;

static inline void
message_cb (ChdCanvas *canvas, const char *text, gboolean undoable, Fixture *fixture)
{
  g_free (fixture->message);
  fixture->message = g_strdup (text);
  fixture->undoable = undoable;
}

static inline void
bind_cb (ChdCanvas *canvas, const char *id, const char *kind, Fixture *fixture)
{
  g_free (fixture->bound);
  fixture->bound = g_strconcat (id, "/", kind, NULL);
}

static inline void
activate_cb (ChdCanvas *canvas, const char *id, Fixture *fixture)
{
  g_free (fixture->activated);
  fixture->activated = g_strdup (id);
}

static inline void
menu_cb (ChdCanvas *canvas, double x, double y, const char *id, Fixture *fixture)
{
  g_free (fixture->menu);
  fixture->menu = g_strdup (id != NULL ? id : "-");
}

static inline void
selection_cb (ChdCanvas *canvas, Fixture *fixture)
{
  fixture->n_selection_changes++;
}

/* Whether the window shows the scene as it is now; an empty one leaves no layer. */
static inline gboolean
is_drawn (ChdCanvas *canvas)
{
  return canvas->view.width > 0 && (canvas->layer != NULL || chd_scene_get_n_lanes (canvas->scene) == 0);
}

static inline void
show (Fixture *fixture, ChdChain *chain)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *overlay = gtk_overlay_new ();

  fixture->chain = chain;
  fixture->window = gtk_window_new ();
  fixture->canvas = CHD_CANVAS (chd_canvas_new (chain));
  fixture->minimap = CHD_MINIMAP (chd_minimap_new (fixture->canvas));
  g_signal_connect (fixture->canvas, "message", G_CALLBACK (message_cb), fixture);
  g_signal_connect (fixture->canvas, "bind-node", G_CALLBACK (bind_cb), fixture);
  g_signal_connect (fixture->canvas, "activate-node", G_CALLBACK (activate_cb), fixture);
  g_signal_connect (fixture->canvas, "request-menu", G_CALLBACK (menu_cb), fixture);
  g_signal_connect (fixture->canvas, "selection-changed", G_CALLBACK (selection_cb), fixture);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (fixture->canvas));
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scroller);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), GTK_WIDGET (fixture->minimap));
  gtk_widget_set_halign (GTK_WIDGET (fixture->minimap), GTK_ALIGN_END);
  gtk_widget_set_valign (GTK_WIDGET (fixture->minimap), GTK_ALIGN_END);
  gtk_widget_set_margin_end (GTK_WIDGET (fixture->minimap), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (fixture->minimap), 12);
  gtk_window_set_child (GTK_WINDOW (fixture->window), overlay);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), fixture->width > 0 ? fixture->width : 1280,
                               fixture->height > 0 ? fixture->height : 800);
  gtk_window_present (GTK_WINDOW (fixture->window));
  chd_test_wait_for (is_drawn (fixture->canvas));
}

/* Two units, nothing else. */
static inline void
show_empty (Fixture *fixture)
{
  ChdChain *chain = chd_chain_new ("loan", "Loan approval");

  canvas_test_add_unit (chain, "front", "Front office", "department", NULL);
  canvas_test_add_unit (chain, "risk", "Risk", "department", NULL);
  chd_chain_clear_history (chain);
  show (fixture, chain);
}

static inline void
show_sample (Fixture *fixture)
{
  ChdChain *chain = canvas_test_make_sample (FALSE);

  chd_layout_apply (chain);
  chd_chain_clear_history (chain);
  show (fixture, chain);
}

static inline void
hide (Fixture *fixture)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->chain);
  g_free (fixture->message);
  g_free (fixture->bound);
  g_free (fixture->activated);
  g_free (fixture->menu);
}

static inline GskRenderNode *
snapshot_window (Fixture *fixture)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (fixture->window);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (fixture->window),
                          gtk_widget_get_height (fixture->window));
  return gtk_snapshot_free_to_node (snapshot);
}

/* Writes what the window shows to $CHD_TEST_PICTURES, for the eye. */
static inline void
keep (Fixture *fixture, const char *name)
{
  const char *folder = g_getenv ("CHD_TEST_PICTURES");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;

  if (path == NULL)
    return;
  chd_test_wait_for (is_drawn (fixture->canvas));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  /* A window that waits for its next frame has no picture. */
  chd_test_wait_for ((node = snapshot_window (fixture)) != NULL);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (fixture->window)), node, NULL);
  g_assert_true (gdk_texture_save_to_png (texture, path));
}

/* Where something is in the widget. */
static inline ChdPoint
at_node (Fixture *fixture, const char *id)
{
  guint node = chd_scene_find_node (fixture->canvas->scene, id);

  g_assert_cmpuint (node, !=, CHD_NO_INDEX);
  return chd_viewport_to_view (&fixture->canvas->view, chd_scene_get_node (fixture->canvas->scene, node)->x,
                               chd_scene_get_node (fixture->canvas->scene, node)->y);
}

static inline ChdPoint
at_port (Fixture *fixture, const char *id)
{
  ChdPoint port =
      chd_scene_get_port (fixture->canvas->scene, chd_scene_find_node (fixture->canvas->scene, id), CHD_LINKS_OUT);

  return chd_viewport_to_view (&fixture->canvas->view, port.x, port.y);
}

static inline ChdPoint
at_lane (Fixture *fixture, const char *unit, double x)
{
  const ChdSceneLane *lane =
      chd_scene_get_lane (fixture->canvas->scene, chd_scene_find_lane (fixture->canvas->scene, unit));

  return chd_viewport_to_view (&fixture->canvas->view, lane->rect.x + x, lane->rect.y + lane->rect.height / 2);
}

static inline void
act (Fixture *fixture, const char *name)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (fixture->canvas), name, NULL));
}
