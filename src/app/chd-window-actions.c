/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a window does when it is told to: create, run, stop, approve, edit requests, show and hide panes. Files have a
 * file of their own. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-approvals-dialog.h"
#include "chd-create-dialog.h"
#include "chd-layout.h"
#include "chd-pipeline-dialog.h"
#include "chd-run-dialog.h"
#include "chd-task-dialog.h"
#include "chd-window-private.h"

static void
present (ChdWindow *self, GtkWidget *dialog)
{
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  gtk_window_present (GTK_WINDOW (dialog));
}

static ChdWindow *
get_self (gpointer user_data)
{
  return CHD_WINDOW (user_data);
}

static void
undo_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  chd_chain_undo (chd_workspace_get_chain (get_self (user_data)->workspace));
}

static void
redo_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  chd_chain_redo (chd_workspace_get_chain (get_self (user_data)->workspace));
}

static void
tidy_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  chd_window_show_toast (self,
                         chd_layout_apply (chd_workspace_get_chain (self->workspace)) ? _ ("The chain was tidied up.")
                                                                                      : _ ("The chain is tidy."),
                         FALSE);
}

static void
check_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  chd_workspace_commit (get_self (user_data)->workspace);
  chd_window_show_panel (get_self (user_data), "problems");
}

/* A chain with errors is not sent anywhere: the panel shows them. */
static gboolean
has_errors (ChdWindow *self)
{
  guint count;
  g_autofree char *text = NULL;

  chd_workspace_commit (self->workspace);
  count = chd_problems_count (chd_workspace_get_problems (self->workspace), CHD_SEVERITY_ERROR);
  if (count == 0)
    return FALSE;
  chd_window_show_panel (self, "problems");
  text =
      g_strdup_printf (ngettext ("%u problem has to be solved first.", "%u problems have to be solved first.", count),
                       count);
  chd_window_show_toast (self, text, FALSE);
  return TRUE;
}

static void
create_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  if (!has_errors (self))
    present (self, chd_create_dialog_new (self->workspace));
}

static void
run_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  if (!has_errors (self))
    present (self, chd_run_dialog_new (self->workspace));
}

static void
stop_response_cb (ChdWindow *self, const char *response)
{
  if (g_str_equal (response, "stop"))
    chd_workspace_stop_run (self->workspace, CHD_STOP_NOW);
}

static void
ask_before_stopping (ChdWindow *self)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Stop the Run?"),
                                              _ ("Steps that are under way are ended. This cannot be undone."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "stop", _ ("_Stop Run"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "stop", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (stop_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
stop_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;
  const char *mode = g_variant_get_string (parameter, NULL);

  if (g_str_equal (mode, "run-finally"))
    chd_workspace_stop_run (self->workspace, CHD_STOP_RUN_FINALLY);
  else if (g_str_equal (mode, "after-current"))
    chd_workspace_stop_run (self->workspace, CHD_STOP_AFTER_CURRENT);
  else
    ask_before_stopping (self);
}

/* The one suggested act in the chain's state. */
static void
primary_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  /* What is being typed may make it another state. */
  chd_workspace_commit (self->workspace);
  switch (chd_workspace_get_state (self->workspace))
    {
    case CHD_WORKSPACE_DRAFT:
    case CHD_WORKSPACE_CHANGED:
      create_activated (action, NULL, self);
      break;
    case CHD_WORKSPACE_CREATING:
      present (self, chd_create_dialog_new (self->workspace));
      break;
    case CHD_WORKSPACE_CREATED:
      run_activated (action, NULL, self);
      break;
    case CHD_WORKSPACE_RUNNING:
      ask_before_stopping (self);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
approvals_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  present (self, chd_approvals_dialog_new (self->workspace));
}

static void
edit_pipeline_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  present (self, chd_pipeline_dialog_new (self->workspace, g_variant_get_string (parameter, NULL), -1, NULL));
}

static void
edit_pipeline_at_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;
  const char *node, *at;
  ChdPosition position;

  g_variant_get (parameter, "(&s&s)", &node, &at);
  if (chd_position_from_string (at, &position))
    present (self, chd_pipeline_dialog_new (self->workspace, node, position, NULL));
}

static void
edit_task_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  present (self, chd_task_dialog_new (self->workspace, g_variant_get_string (parameter, NULL)));
}

static void
show_log_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  chd_workspace_select (self->workspace, CHD_ITEM_NODE, g_variant_get_string (parameter, NULL));
  chd_window_show_panel (self, "logs");
}

static void
focus_node_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  chd_canvas_focus_node (get_self (user_data)->canvas, g_variant_get_string (parameter, NULL));
}

static void
add_node_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;
  ChdItemKind kind;
  const char *const *ids = chd_workspace_get_selection (self->workspace, &kind);

  g_free (chd_canvas_add (self->canvas, g_variant_get_string (parameter, NULL),
                          kind == CHD_ITEM_UNIT && ids[0] != NULL ? ids[0] : NULL));
}

static void
move_pane_focus (ChdWindow *self, gboolean forward)
{
  GtkWidget *panes[] = {
    self->organisation_panel, self->outline,  self->palette, self->canvas != NULL ? GTK_WIDGET (self->canvas) : NULL,
    self->bottom_panel,       self->inspector
  };
  const guint n = G_N_ELEMENTS (panes);
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self));
  guint at = 3;

  for (guint i = 0; i < n; i++)
    if (focus != NULL && panes[i] != NULL && (focus == panes[i] || gtk_widget_is_ancestor (focus, panes[i])))
      at = i;
  for (guint step = 1; step < n; step++)
    {
      GtkWidget *pane = panes[(at + (forward ? step : n - step)) % n];

      if (pane == NULL || !gtk_widget_get_mapped (pane))
        continue;
      if (pane == GTK_WIDGET (self->canvas) ? gtk_widget_grab_focus (pane)
                                            : gtk_widget_child_focus (pane, GTK_DIR_TAB_FORWARD))
        return;
    }
}

static void
next_pane_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  move_pane_focus (user_data, TRUE);
}

static void
previous_pane_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  move_pane_focus (user_data, FALSE);
}

static void
main_menu_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_menu_button_popup (get_self (user_data)->main_menu);
}

static void
fullscreen_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  if (gtk_window_is_fullscreen (user_data))
    gtk_window_unfullscreen (user_data);
  else
    gtk_window_fullscreen (user_data);
}

static void
banner_activated_cb (ChdWindow *self)
{
  g_autoptr (ChdConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  chd_banner_hide (self->banner);
  connection = chd_window_dup_connection (self, &error);
  if (connection != NULL)
    chd_workspace_connect (self->workspace, connection);
  else
    chd_window_show_error (self, _ ("The chosen engine is not known any more."), error);
}

static const GActionEntry actions[] = {
  { "undo", undo_activated },
  { "redo", redo_activated },
  { "tidy", tidy_activated },
  { "check", check_activated },
  { "create", create_activated },
  { "run", run_activated },
  { "stop", stop_activated, "s" },
  { "primary", primary_activated },
  { "approvals", approvals_activated },
  { "edit-pipeline", edit_pipeline_activated, "s" },
  { "edit-pipeline-at", edit_pipeline_at_activated, "(ss)" },
  { "edit-task", edit_task_activated, "s" },
  { "show-log", show_log_activated, "s" },
  { "focus-node", focus_node_activated, "s" },
  { "add-node", add_node_activated, "s" },
  { "next-pane", next_pane_activated },
  { "previous-pane", previous_pane_activated },
  { "main-menu", main_menu_activated },
  { "fullscreen", fullscreen_activated },
};

static void
add_property_action (ChdWindow *self, const char *name, gpointer object, const char *property)
{
  g_autoptr (GPropertyAction) action = g_property_action_new (name, object, property);

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

/* These own the parts they are about, which would otherwise outlive the window, and with them the document. */
static const char *const pane_actions[] = { "show-left-pane", "show-inspector", "show-bottom-panel" };

void
chd_window_remove_pane_actions (ChdWindow *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (pane_actions); i++)
    g_action_map_remove_action (G_ACTION_MAP (self), pane_actions[i]);
}

/* Called once, when the window's parts and workspace are there. */
void
chd_window_install_actions (ChdWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  add_property_action (self, "show-left-pane", self->left_flap, "reveal-flap");
  add_property_action (self, "show-inspector", self->right_flap, "reveal-flap");
  add_property_action (self, "show-bottom-panel", self->bottom_panel, "visible");
  g_signal_connect_object (self->banner, "activated", G_CALLBACK (banner_activated_cb), self, G_CONNECT_SWAPPED);
}

static void
enable (ChdWindow *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), enabled);
}

/* An action is enabled exactly when it would do something. */
void
chd_window_update_actions (ChdWindow *self)
{
  static const char *const with_document[] = {
    "tidy",       "check",    "edit-pipeline", "edit-pipeline-at", "edit-task", "show-log",
    "focus-node", "add-node", "save",          "save-as",          "export",
  };
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  ChdWorkspaceState state = chd_workspace_get_state (self->workspace);
  gboolean connected = chd_workspace_get_session (self->workspace) != NULL;
  gboolean running = state == CHD_WORKSPACE_RUNNING;
  gboolean busy = running || state == CHD_WORKSPACE_CREATING;

  if (g_action_map_lookup_action (G_ACTION_MAP (self), "save") == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (with_document); i++)
    enable (self, with_document[i], chain != NULL);
  enable (self, "undo", chain != NULL && chd_chain_can_undo (chain));
  enable (self, "redo", chain != NULL && chd_chain_can_redo (chain));
  enable (self, "create", chain != NULL && connected && !busy);
  enable (self, "run", chain != NULL && connected && !busy);
  enable (self, "stop", running);
  enable (self, "primary", chain != NULL && connected);
  enable (self, "approvals", connected);
  chd_window_update_edit_actions (self);
  gtk_widget_set_visible (GTK_WIDGET (self->primary_button), chain != NULL);
}
