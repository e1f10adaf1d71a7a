/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The output of the selected node, or of all nodes, in the shown run. It follows the end until one scrolls up. */

#include "config.h"

#include "chd-log-panel.h"

#include <glib/gi18n.h>

#include "chd-icon-button.h"
#include "chd-node-log.h"

/* What is shown at once; older lines go first (ux-guide 3.6). */
#define MAX_LINES 50000

struct _ChdLogPanel
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) (nullable) */
  ChdNodeLog *log;         /* (owned) (nullable) */
  char *shown_run;         /* (owned) (nullable): what the text belongs to */
  char *shown_node;        /* (owned) (nullable) */
  char *last_part;         /* (owned) (nullable): a heading stands before each part */
  GtkStack *stack;
  GtkLabel *title;
  GtkTextView *view;
  GtkTextBuffer *buffer;
  GtkScrolledWindow *scroller;
  gboolean at_end;
};

G_DEFINE_FINAL_TYPE (ChdLogPanel, chd_log_panel, ADW_TYPE_BIN)

static GParamSpec *workspace_property;

static void
drop_old_lines (ChdLogPanel *self)
{
  int excess = gtk_text_buffer_get_line_count (self->buffer) - MAX_LINES;
  GtkTextIter start, end;

  if (excess <= MAX_LINES / 10)
    return;
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  gtk_text_buffer_get_iter_at_line (self->buffer, &end, excess);
  gtk_text_buffer_delete (self->buffer, &start, &end);
}

static void
append (ChdLogPanel *self, const char *text, const char *tag)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert_with_tags_by_name (self->buffer, &end, text, -1, tag, NULL);
  gtk_text_buffer_insert (self->buffer, &end, "\n", 1);
}

static void
line_cb (ChdLogPanel *self, const char *node, const char *part, const char *step, gint64 time, const char *text)
{
  ChdRun *run = chd_workspace_get_run (self->workspace);
  const ChdNode *item = run != NULL ? chd_chain_find_node (chd_run_get_chain (run), node) : NULL;
  g_autofree char *heading = g_strdup_printf ("%s › %s › %s", item != NULL ? item->title : node, part, step);

  if (g_strcmp0 (self->last_part, heading) != 0)
    {
      append (self, heading, "heading");
      g_free (self->last_part);
      self->last_part = g_steal_pointer (&heading);
    }
  append (self, text, "line");
  drop_old_lines (self);
  gtk_stack_set_visible_child_name (self->stack, "log");
}

static void
ended_cb (ChdLogPanel *self, const GError *error)
{
  if (error != NULL)
    append (self, error->message, "trouble");
}

static void
stop (ChdLogPanel *self)
{
  if (self->log == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->log, self);
  chd_node_log_stop (self->log);
  g_clear_object (&self->log);
}

static void
show (ChdLogPanel *self, ChdRun *run, const ChdNode *node)
{
  const char *name = run != NULL ? chd_run_get_name (run) : NULL;
  const char *id = node != NULL ? node->item.id : NULL;

  if (self->log != NULL && g_strcmp0 (name, self->shown_run) == 0 && g_strcmp0 (id, self->shown_node) == 0)
    return;
  stop (self);
  g_free (self->shown_run);
  self->shown_run = g_strdup (name);
  g_free (self->shown_node);
  self->shown_node = g_strdup (id);
  g_clear_pointer (&self->last_part, g_free);
  gtk_text_buffer_set_text (self->buffer, "", 0);
  gtk_stack_set_visible_child_name (self->stack, "nothing");
  gtk_label_set_label (self->title, node != NULL ? node->title : run != NULL ? _ ("All nodes") : "");
  if (run == NULL)
    return;
  self->at_end = TRUE;
  self->log = chd_node_log_new (chd_workspace_get_session (self->workspace), run, id, TRUE);
  g_signal_connect_object (self->log, "line", G_CALLBACK (line_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->log, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
  chd_node_log_start (self->log);
}

static void
update (ChdLogPanel *self)
{
  if (self->workspace != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    show (self, chd_workspace_get_run (self->workspace), chd_workspace_get_selected_node (self->workspace));
}

/* Following */

static void
scrolled_cb (ChdLogPanel *self, GtkAdjustment *adjustment)
{
  self->at_end = gtk_adjustment_get_value (adjustment) >=
                 gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment) - 30;
}

static void
grown_cb (ChdLogPanel *self, GParamSpec *pspec, GtkAdjustment *adjustment)
{
  if (self->at_end)
    gtk_adjustment_set_value (adjustment,
                              gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment));
}

static void
copy_clicked_cb (ChdLogPanel *self)
{
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  text = gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
chd_log_panel_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, CHD_LOG_PANEL (object)->workspace);
}

static void
chd_log_panel_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdLogPanel *self = CHD_LOG_PANEL (object);

  if (!g_set_object (&self->workspace, g_value_get_object (value)) || self->workspace == NULL)
    return;
  g_signal_connect_object (self->workspace, "selection-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "notify::run", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

static void
chd_log_panel_dispose (GObject *object)
{
  ChdLogPanel *self = CHD_LOG_PANEL (object);

  stop (self);
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->shown_run, g_free);
  g_clear_pointer (&self->shown_node, g_free);
  g_clear_pointer (&self->last_part, g_free);
  G_OBJECT_CLASS (chd_log_panel_parent_class)->dispose (object);
}

static void
chd_log_panel_class_init (ChdLogPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_log_panel_get_property;
  object_class->set_property = chd_log_panel_set_property;
  object_class->dispose = chd_log_panel_dispose;
  workspace_property =
      g_param_spec_object ("workspace", NULL, NULL, CHD_TYPE_WORKSPACE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, workspace_property);
}

static GtkWidget *
new_head (ChdLogPanel *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");

  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  chd_icon_button_set_name (copy, _ ("Copy"));
  gtk_widget_add_css_class (copy, "flat");
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_margin_start (head, 12);
  gtk_widget_set_margin_end (head, 6);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (head), copy);
  return head;
}

static void
chd_log_panel_init (ChdLogPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *nothing = adw_status_page_new ();
  GtkAdjustment *adjustment;

  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  self->buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_create_tag (self->buffer, "heading", "weight", PANGO_WEIGHT_BOLD, "pixels-above-lines", 6, NULL);
  gtk_text_buffer_create_tag (self->buffer, "line", NULL);
  gtk_text_buffer_create_tag (self->buffer, "trouble", "style", PANGO_STYLE_ITALIC, NULL);
  gtk_text_view_set_editable (self->view, FALSE);
  gtk_text_view_set_monospace (self->view, TRUE);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (self->view, 12);
  gtk_text_view_set_right_margin (self->view, 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Log"), -1);
  self->scroller = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  gtk_scrolled_window_set_child (self->scroller, GTK_WIDGET (self->view));
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (scrolled_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "notify::upper", G_CALLBACK (grown_cb), self, G_CONNECT_SWAPPED);

  adw_status_page_set_title (ADW_STATUS_PAGE (nothing), _ ("No Output Yet"));
  gtk_widget_add_css_class (nothing, "compact");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_stack_add_named (self->stack, nothing, "nothing");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->scroller), "log");
  gtk_box_append (GTK_BOX (box), new_head (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect (self, "map", G_CALLBACK (update), NULL);
}
