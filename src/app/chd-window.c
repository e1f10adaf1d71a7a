/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main window: puts the panes around the canvas, and says in the header what state the chain is in. */

#include "config.h"

#include "chd-window-private.h"

#include <glib/gi18n.h>

#include "chd-execution-panel.h"
#include "chd-find-bar.h"
#include "chd-inspector.h"
#include "chd-log-panel.h"
#include "chd-organisation-panel.h"
#include "chd-outline.h"
#include "chd-palette.h"
#include "chd-problems-panel.h"
#include "chd-start-page.h"

/* Below these widths (in pixels at 96 dpi) the inspector, then the left pane, slide over the canvas. */
#define NARROW_INSPECTOR 1180
#define NARROW_LEFT 900

G_DEFINE_FINAL_TYPE (ChdWindow, chd_window, ADW_TYPE_APPLICATION_WINDOW)

/* Header */

static void
update_title (ChdWindow *self)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  g_autofree char *text = chd_workspace_dup_state_text (self->workspace);
  const char *title = chain != NULL ? chd_chain_get_head (chain)->title : _ ("Chain Designer");

  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, text);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
update_primary (ChdWindow *self)
{
  switch (chd_workspace_get_state (self->workspace))
    {
    case CHD_WORKSPACE_DRAFT:
    case CHD_WORKSPACE_CHANGED:
      adw_split_button_set_label (self->primary_button, _ ("Create Chain…"));
      break;
    case CHD_WORKSPACE_CREATING:
      adw_split_button_set_label (self->primary_button, _ ("Creating…"));
      break;
    case CHD_WORKSPACE_CREATED:
      adw_split_button_set_label (self->primary_button, _ ("Run…"));
      break;
    case CHD_WORKSPACE_RUNNING:
      adw_split_button_set_label (self->primary_button, _ ("Stop…"));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
state_changed_cb (ChdWindow *self)
{
  update_title (self);
  update_primary (self);
  chd_window_update_actions (self);
}

static void
approvals_changed_cb (ChdWindow *self)
{
  guint count = chd_workspace_get_n_approvals (self->workspace);
  g_autofree char *text = g_strdup_printf ("%u", count);

  gtk_label_set_label (self->approvals_badge, text);
  gtk_widget_set_visible (GTK_WIDGET (self->approvals_badge), count > 0);
}

static void
session_changed_cb (ChdWindow *self)
{
  if (chd_workspace_get_session (self->workspace) != NULL)
    chd_banner_hide (self->banner);
  state_changed_cb (self);
}

static void
failed_cb (ChdWindow *self, const char *what, GError *error)
{
  if (chd_workspace_get_session (self->workspace) == NULL && !chd_workspace_is_connecting (self->workspace))
    chd_banner_show (self->banner, what, _ ("_Try Again"));
  chd_window_show_error (self, what, error);
}

/* Once for a run: who closes the panel then wants it closed. */
static void
run_shown_cb (ChdWindow *self)
{
  if (chd_workspace_get_run (self->workspace) != NULL && !gtk_widget_get_visible (self->bottom_panel))
    chd_window_show_panel (self, "execution");
}

/* On the start page there is nothing to undo, and there are no panes. */
static void
show_designer (ChdWindow *self, gboolean shown)
{
  GtkWidget *buttons[] = { self->left_toggle, self->undo_button, self->redo_button, self->inspector_toggle };

  gtk_stack_set_visible_child_name (self->stack, shown ? "designer" : "start");
  for (guint i = 0; i < G_N_ELEMENTS (buttons); i++)
    gtk_widget_set_visible (buttons[i], shown);
}

static void
document_changed_cb (ChdWindow *self)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);

  chd_banner_hide (self->recovery_banner);
  chd_window_set_canvas (self, chain);
  show_designer (self, chain != NULL);
  if (chain != NULL)
    {
      g_signal_connect_object (chain, "step-done", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (chain, "notify::modified", G_CALLBACK (state_changed_cb), self, G_CONNECT_SWAPPED);
      gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
    }
  state_changed_cb (self);
}

/* Widths */

static gboolean
apply_width_cb (gpointer user_data)
{
  ChdWindow *self = user_data;
  int dpi, width = gtk_widget_get_width (GTK_WIDGET (self));
  double scale;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);
  scale = dpi > 0 ? dpi / 98304.0 : 1;
  adw_flap_set_fold_policy (self->right_flap, width < NARROW_INSPECTOR * scale ? ADW_FLAP_FOLD_POLICY_ALWAYS
                                                                               : ADW_FLAP_FOLD_POLICY_NEVER);
  adw_flap_set_fold_policy (self->left_flap,
                            width < NARROW_LEFT * scale ? ADW_FLAP_FOLD_POLICY_ALWAYS : ADW_FLAP_FOLD_POLICY_NEVER);
  return G_SOURCE_REMOVE;
}

static void
chd_window_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  if (width != gtk_widget_get_width (widget))
    g_idle_add_full (G_PRIORITY_DEFAULT, apply_width_cb, g_object_ref (widget), g_object_unref);
  GTK_WIDGET_CLASS (chd_window_parent_class)->size_allocate (widget, width, height, baseline);
}

static gboolean
chd_window_close_request (GtkWindow *window)
{
  ChdWindow *self = CHD_WINDOW (window);
  ChdDocument *document = chd_workspace_get_document (self->workspace);
  int width, height;

  chd_workspace_commit (self->workspace);
  if (document != NULL && !self->closing && chd_chain_get_modified (chd_document_get_chain (document)))
    {
      chd_window_ask_before_closing (self);
      return TRUE;
    }
  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (self->settings, "window-width", width);
  g_settings_set_int (self->settings, "window-height", height);
  g_settings_set_boolean (self->settings, "window-maximized", gtk_window_is_maximized (window));
  return GTK_WINDOW_CLASS (chd_window_parent_class)->close_request (window);
}

/* Losing the window's focus is a good moment to have everything on disk. */
static void
active_changed_cb (ChdWindow *self)
{
  ChdDocument *document = chd_workspace_get_document (self->workspace);

  if (gtk_window_is_active (GTK_WINDOW (self)) || document == NULL)
    return;
  chd_workspace_commit (self->workspace);
  chd_document_flush_draft (document);
}

static void
chd_window_dispose (GObject *object)
{
  ChdWindow *self = CHD_WINDOW (object);

  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  if (self->workspace != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->workspace, self);
      chd_window_remove_pane_actions (self);
    }
  self->canvas = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (self), CHD_TYPE_WINDOW);
  g_clear_object (&self->notifier);
  if (self->workspace != NULL)
    chd_workspace_close (self->workspace);
  g_clear_object (&self->workspace);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (chd_window_parent_class)->dispose (object);
}

static void
chd_window_class_init (ChdWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chd_window_dispose;
  widget_class->size_allocate = chd_window_size_allocate;
  GTK_WINDOW_CLASS (klass)->close_request = chd_window_close_request;

  g_type_ensure (CHD_TYPE_BANNER);
  g_type_ensure (CHD_TYPE_EXECUTION_PANEL);
  g_type_ensure (CHD_TYPE_FIND_BAR);
  g_type_ensure (CHD_TYPE_INSPECTOR);
  g_type_ensure (CHD_TYPE_LOG_PANEL);
  g_type_ensure (CHD_TYPE_ORGANISATION_PANEL);
  g_type_ensure (CHD_TYPE_OUTLINE);
  g_type_ensure (CHD_TYPE_PALETTE);
  g_type_ensure (CHD_TYPE_PROBLEMS_PANEL);
  g_type_ensure (CHD_TYPE_START_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, CHD_RESOURCE_PATH "/chd-window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, ChdWindow, name)
  BIND (toasts);
  BIND (title);
  BIND (primary_button);
  BIND (left_toggle);
  BIND (undo_button);
  BIND (redo_button);
  BIND (inspector_toggle);
  BIND (main_menu);
  BIND (approvals_badge);
  BIND (banner);
  BIND (recovery_banner);
  BIND (stack);
  BIND (start_page);
  BIND (left_flap);
  BIND (right_flap);
  BIND (work_area);
  BIND (canvas_scroller);
  BIND (view_tools);
  BIND (zoom_box);
  BIND (bottom_panel);
  BIND (bottom_stack);
  BIND (left_pane);
  BIND (organisation_panel);
  BIND (palette);
  BIND (inspector);
  BIND (problems_panel);
  BIND (execution_panel);
  BIND (log_panel);
  BIND (find_bar);
  BIND (outline);
#undef BIND
}

/* The arrow of the split button is a widget of its own that takes the keyboard. */
static void
name_arrow (GtkWidget *split, const char *name)
{
  for (GtkWidget *child = gtk_widget_get_first_child (split); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_MENU_BUTTON (child))
      {
        gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
        gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (child)),
                                        GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
      }
}

static void
chd_window_init (ChdWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name_arrow (GTK_WIDGET (self->primary_button), _ ("Create, Run and Stop"));
}

static void
connect_workspace (ChdWindow *self)
{
  GtkWidget *panels[] = { self->organisation_panel, self->palette,         self->inspector,
                          self->problems_panel,     self->execution_panel, self->log_panel };
  static const struct
  {
    const char *signal;
    void (*handler) (ChdWindow *self);
  } handlers[] = {
    { "notify::run", run_shown_cb },           { "notify::document", document_changed_cb },
    { "notify::state", state_changed_cb },     { "notify::connecting", state_changed_cb },
    { "notify::session", session_changed_cb }, { "notify::n-approvals", approvals_changed_cb },
  };

  for (guint i = 0; i < G_N_ELEMENTS (panels); i++)
    g_object_set (panels[i], "workspace", self->workspace, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_object (self->workspace, handlers[i].signal, G_CALLBACK (handlers[i].handler), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "failed", G_CALLBACK (failed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::is-active", G_CALLBACK (active_changed_cb), NULL);
}

ChdWindow *
chd_window_new (ChdApplication *application)
{
  ChdWindow *self = g_object_new (CHD_TYPE_WINDOW, "application", application, NULL);

  self->settings = g_object_ref (chd_application_get_settings (application));
  self->workspace = chd_workspace_new (chd_application_get_store (application));
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_settings_bind (self->settings, "show-left-pane", self->left_flap, "reveal-flap", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "show-inspector", self->right_flap, "reveal-flap", G_SETTINGS_BIND_DEFAULT);

  self->notifier = chd_notifier_new (GTK_WINDOW (self), self->workspace, self->settings);
  connect_workspace (self);
  chd_window_connect_canvas (self);
  chd_window_install_actions (self);
  chd_window_install_file_actions (self);
  chd_window_install_edit_actions (self);
  document_changed_cb (self);
  approvals_changed_cb (self);
  /* What is created and run is journaled there. */
  if (chd_workspace_get_store (self->workspace) == NULL)
    chd_banner_show (self->banner,
                     _ ("Without your library nothing can be created or run, and a crash loses what is not saved."),
                     NULL);
  return self;
}

ChdWorkspace *
chd_window_get_workspace (ChdWindow *self)
{
  g_return_val_if_fail (CHD_IS_WINDOW (self), NULL);
  return self->workspace;
}

gboolean
chd_window_is_empty (ChdWindow *self)
{
  g_return_val_if_fail (CHD_IS_WINDOW (self), FALSE);
  return chd_workspace_get_document (self->workspace) == NULL && self->loading == NULL;
}

gboolean
chd_window_shows (ChdWindow *self, GFile *file)
{
  ChdDocument *document;

  g_return_val_if_fail (CHD_IS_WINDOW (self), FALSE);

  document = chd_workspace_get_document (self->workspace);
  return document != NULL && chd_document_get_file (document) != NULL &&
         g_file_equal (chd_document_get_file (document), file);
}

/* Shows the bottom panel with one of its pages. */
void
chd_window_show_panel (ChdWindow *self, const char *name)
{
  gtk_stack_set_visible_child_name (self->bottom_stack, name);
  gtk_widget_set_visible (self->bottom_panel, TRUE);
}
