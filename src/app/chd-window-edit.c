/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What editing needs of a window beside the canvas: the clipboard, and find. */

#include "config.h"

#include "chd-clipboard.h"
#include "chd-find-bar.h"
#include "chd-outline.h"
#include "chd-problems-panel.h"
#include "chd-window-private.h"

static void
copy_cb (ChdWindow *self, ChdChain *fragment)
{
  chd_clipboard_put (gtk_widget_get_clipboard (GTK_WIDGET (self)), fragment);
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdCanvas) canvas = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdChain) fragment = chd_clipboard_get_finish (GDK_CLIPBOARD (source), result, &error);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (canvas));

  /* The document may have been closed meanwhile. */
  if (!CHD_IS_WINDOW (root))
    return;
  if (fragment != NULL)
    chd_canvas_paste (canvas, fragment);
  else
    chd_window_show_toast (CHD_WINDOW (root), error->message, FALSE);
}

static void
paste_cb (ChdWindow *self)
{
  chd_clipboard_get_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, pasted_cb, g_object_ref (self->canvas));
}

static void
find_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  chd_find_bar_open (CHD_FIND_BAR (CHD_WINDOW (user_data)->find_bar));
}

static void
find_next_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  chd_find_bar_go (CHD_FIND_BAR (CHD_WINDOW (user_data)->find_bar), TRUE);
}

static void
find_previous_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  chd_find_bar_go (CHD_FIND_BAR (CHD_WINDOW (user_data)->find_bar), FALSE);
}

/* The canvas' actions live on the canvas; other panes come to them by these. */
static void
canvas_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_widget_activate_action (GTK_WIDGET (CHD_WINDOW (user_data)->canvas), g_variant_get_string (parameter, NULL),
                              NULL);
}

static void
move_to_unit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_widget_activate_action_variant (GTK_WIDGET (CHD_WINDOW (user_data)->canvas), "canvas.move-to-unit", parameter);
}

static void
next_problem_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  chd_window_show_panel (self, "problems");
  chd_problems_panel_go (CHD_PROBLEMS_PANEL (self->problems_panel), TRUE);
}

static void
previous_problem_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  chd_window_show_panel (self, "problems");
  chd_problems_panel_go (CHD_PROBLEMS_PANEL (self->problems_panel), FALSE);
}

static void
problems_changed_cb (ChdWindow *self)
{
  if (self->canvas != NULL)
    chd_scene_set_problems (chd_canvas_get_scene (self->canvas), chd_workspace_get_problems (self->workspace));
}

static const GActionEntry actions[] = {
  { "next-problem", next_problem_activated },
  { "previous-problem", previous_problem_activated },
  { "canvas", canvas_activated, "s" },
  { "move-to-unit", move_to_unit_activated, "s" },
  { "find", find_activated },
  { "find-next", find_next_activated },
  { "find-previous", find_previous_activated },
};

static void
hide_unused_changed_cb (ChdWindow *self)
{
  if (self->canvas != NULL)
    chd_scene_set_hide_unused (chd_canvas_get_scene (self->canvas),
                               g_settings_get_boolean (self->settings, "hide-unused-units"));
}

void
chd_window_install_edit_actions (ChdWindow *self)
{
  g_autoptr (GAction) hide_unused = g_settings_create_action (self->settings, "hide-unused-units");

  g_action_map_add_action (G_ACTION_MAP (self), hide_unused);
  g_signal_connect_object (self->workspace, "problems-changed", G_CALLBACK (problems_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->settings, "changed::hide-unused-units", G_CALLBACK (hide_unused_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_object_set (self->outline, "workspace", self->workspace, NULL);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}

void
chd_window_update_edit_actions (ChdWindow *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), actions[i].name);

      if (action != NULL)
        g_simple_action_set_enabled (G_SIMPLE_ACTION (action), chd_workspace_get_chain (self->workspace) != NULL);
    }
}

void
chd_window_connect_editing (ChdWindow *self)
{
  chd_outline_set_canvas (CHD_OUTLINE (self->outline), self->canvas);
  chd_find_bar_set_canvas (CHD_FIND_BAR (self->find_bar), self->canvas);
  if (self->canvas == NULL)
    return;
  hide_unused_changed_cb (self);
  problems_changed_cb (self);
  g_signal_connect_object (self->canvas, "copy", G_CALLBACK (copy_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "paste", G_CALLBACK (paste_cb), self, G_CONNECT_SWAPPED);
}
