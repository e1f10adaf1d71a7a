/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The canvas in the window: keeps it in step with the workspace, and answers what it asks for. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-icon-button.h"
#include "chd-minimap.h"
#include "chd-window-private.h"

static void
canvas_selection_cb (ChdWindow *self)
{
  ChdItemKind kind;
  g_auto (GStrv) ids = NULL;

  if (self->selecting)
    return;
  self->selecting = TRUE;
  ids = chd_canvas_dup_selection (self->canvas, &kind);
  chd_workspace_set_selection (self->workspace, kind, (const char *const *) ids);
  self->selecting = FALSE;
}

static void
workspace_selection_cb (ChdWindow *self)
{
  ChdItemKind kind;
  const char *const *ids = chd_workspace_get_selection (self->workspace, &kind);

  if (self->selecting || self->canvas == NULL)
    return;
  self->selecting = TRUE;
  chd_canvas_select (self->canvas, kind, ids);
  if (kind == CHD_ITEM_NODE && ids[0] != NULL && ids[1] == NULL)
    chd_canvas_scroll_to_node (self->canvas, ids[0]);
  self->selecting = FALSE;
}

static void
node_state_cb (ChdWindow *self, const char *id, ChdNodeState state, const char *note, double progress)
{
  if (self->canvas != NULL)
    chd_canvas_set_node_state (self->canvas, id, state, note, progress);
}

static void
node_states_cleared_cb (ChdWindow *self)
{
  if (self->canvas != NULL)
    chd_canvas_clear_node_states (self->canvas);
}

static void
activate_node_cb (ChdWindow *self, const char *id)
{
  adw_flap_set_reveal_flap (self->right_flap, TRUE);
  chd_workspace_select (self->workspace, CHD_ITEM_NODE, id);
  gtk_widget_child_focus (self->inspector, GTK_DIR_TAB_FORWARD);
}

/* Opens the dialog for a node's request; for a pipeline it has already, at that one's position. */
static void
bind_node_cb (ChdWindow *self, const char *id, const char *kind)
{
  const ChdNode *node = chd_chain_find_node (chd_workspace_get_chain (self->workspace), id);

  if (g_str_equal (kind, "task"))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.edit-task", "s", id);
  else if (node != NULL && node->pipelines->len == 1)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.edit-pipeline-at", "(ss)", id,
                                chd_position_to_string (
                                    ((ChdPipelineBinding *) g_ptr_array_index (node->pipelines, 0))->at));
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.edit-pipeline", "s", id);
}

static gboolean
drop_popover (gpointer popover)
{
  gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

static void
popover_closed_cb (GtkWidget *popover)
{
  /* Its action may be about to be activated. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, drop_popover, g_object_ref (popover), g_object_unref);
}

static void
request_menu_cb (ChdWindow *self, double x, double y, const char *id)
{
  g_autoptr (GMenuModel) menu = chd_window_build_canvas_menu (self, id);
  GtkWidget *popover = gtk_popover_menu_new_from_model (menu);

  gtk_widget_set_parent (popover, GTK_WIDGET (self->canvas));
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_widget_set_halign (popover, GTK_ALIGN_START);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &(GdkRectangle){ (int) x, (int) y, 1, 1 });
  g_signal_connect (popover, "closed", G_CALLBACK (popover_closed_cb), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
}

static void
canvas_message_cb (ChdWindow *self, const char *text, gboolean undoable)
{
  chd_window_show_toast (self, text, undoable);
}

static void
update_interface_titles (ChdWindow *self)
{
  GListModel *interfaces = chd_catalogue_list_interfaces (chd_workspace_get_catalogue (self->workspace));

  for (guint i = 0; self->canvas != NULL && i < g_list_model_get_n_items (interfaces); i++)
    {
      g_autoptr (ChdInterface) interface = g_list_model_get_item (interfaces, i);

      chd_scene_set_interface_title (chd_canvas_get_scene (self->canvas), chd_interface_get_id (interface),
                                     chd_interface_get_title (interface));
    }
}

static void
remove_children (GtkBox *box, GtkWidget *except)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (box));

  while (child != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (child);

      if (child != except)
        gtk_box_remove (box, child);
      child = next;
    }
}

static void
zoom_changed_cb (ChdWindow *self, GParamSpec *pspec, ChdCanvas *canvas)
{
  GtkWidget *label = gtk_widget_get_next_sibling (gtk_widget_get_first_child (GTK_WIDGET (self->zoom_box)));
  g_autofree char *text = g_strdup_printf (_ ("%.0f %%"), chd_canvas_get_zoom (canvas) * 100);

  gtk_button_set_label (GTK_BUTTON (label), text);
}

/* The canvas' actions live on the canvas, outside of which its buttons stand: they get its action group by hand. */
static void
canvas_button_cb (GtkButton *button, gpointer user_data)
{
  ChdWindow *self = CHD_WINDOW (gtk_widget_get_root (GTK_WIDGET (button)));

  gtk_widget_activate_action (GTK_WIDGET (self->canvas), user_data, NULL);
}

static void
fill_view_tools (ChdWindow *self)
{
  static const struct
  {
    const char *icon;
    const char *action;
    const char *tooltip;
  } buttons[] = {
    { "zoom-out-symbolic", "canvas.zoom-out", N_ ("Zoom Out") },
    { NULL, "canvas.zoom-reset", N_ ("Original Size") },
    { "zoom-in-symbolic", "canvas.zoom-in", N_ ("Zoom In") },
    { "zoom-fit-best-symbolic", "canvas.zoom-fit", N_ ("Fit Chain") },
  };

  remove_children (self->view_tools, GTK_WIDGET (self->zoom_box));
  remove_children (self->zoom_box, NULL);
  gtk_box_prepend (self->view_tools, chd_minimap_new (self->canvas));
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    {
      GtkWidget *button = buttons[i].icon != NULL ? gtk_button_new_from_icon_name (buttons[i].icon)
                                                  : gtk_button_new_with_label ("100 %");

      chd_icon_button_set_name (button, _ (buttons[i].tooltip));
      g_signal_connect (button, "clicked", G_CALLBACK (canvas_button_cb), (gpointer) buttons[i].action);
      gtk_box_append (self->zoom_box, button);
    }
  g_signal_connect_object (self->canvas, "notify::zoom", G_CALLBACK (zoom_changed_cb), self, G_CONNECT_SWAPPED);
  zoom_changed_cb (self, NULL, self->canvas);
}

void
chd_window_set_canvas (ChdWindow *self, ChdChain *chain)
{
  if (self->canvas != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->canvas, self);
      self->canvas = NULL;
      gtk_scrolled_window_set_child (self->canvas_scroller, NULL);
    }
  if (chain == NULL)
    {
      chd_window_connect_editing (self);
      return;
    }

  self->canvas = CHD_CANVAS (chd_canvas_new (chain));
  g_settings_bind (self->settings, "single-keys", self->canvas, "single-keys", G_SETTINGS_BIND_GET);
  gtk_scrolled_window_set_child (self->canvas_scroller, GTK_WIDGET (self->canvas));
  g_signal_connect_object (self->canvas, "selection-changed", G_CALLBACK (canvas_selection_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "activate-node", G_CALLBACK (activate_node_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "bind-node", G_CALLBACK (bind_node_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "request-menu", G_CALLBACK (request_menu_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "message", G_CALLBACK (canvas_message_cb), self, G_CONNECT_SWAPPED);
  chd_window_connect_editing (self);
  fill_view_tools (self);
  update_interface_titles (self);
}

/* Called once, when the workspace is there. */
void
chd_window_connect_canvas (ChdWindow *self)
{
  static const struct
  {
    const char *signal;
    GCallback handler;
  } handlers[] = {
    { "selection-changed", G_CALLBACK (workspace_selection_cb) },
    { "node-state", G_CALLBACK (node_state_cb) },
    { "node-states-cleared", G_CALLBACK (node_states_cleared_cb) },
    { "notify::catalogue", G_CALLBACK (update_interface_titles) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (self->workspace, handlers[i].signal, handlers[i].handler, self, G_CONNECT_SWAPPED);
}
