/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shown run as a table, and the way to earlier ones. */

#include "config.h"

#include "chd-execution-panel.h"

#include <glib/gi18n.h>

#include "chd-execution-row.h"

struct _ChdExecutionPanel
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) (nullable) */
  GtkStack *stack;
  GtkLabel *summary;
  GListStore *rows; /* (owned) */
  GtkMenuButton *earlier;
  GtkListBox *runs;
  guint clock; /* a source that lets durations go on while a run is under way; 0 when it is not */
};

G_DEFINE_FINAL_TYPE (ChdExecutionPanel, chd_execution_panel, ADW_TYPE_BIN)

static GParamSpec *workspace_property;

static void
add_rows (ChdExecutionPanel *self, GPtrArray *rows, const ChdNodeStatus *status)
{
  const ChdNode *node = chd_chain_find_node (chd_workspace_get_chain (self->workspace), status->node);
  const char *title = node != NULL ? node->title : status->node;

  if (status->parts->len == 0)
    g_ptr_array_add (rows, chd_execution_row_new (status, title, NULL));
  for (guint i = 0; i < status->parts->len; i++)
    g_ptr_array_add (rows, chd_execution_row_new (status, title, g_ptr_array_index (status->parts, i)));
}

/* "Running · 3:12 · now: Check credit, Sign contract" */
static char *
describe (ChdExecutionPanel *self, const ChdRunStatus *status)
{
  g_autoptr (GString) text = g_string_new (chd_node_state_get_title (status->state));
  gint64 end = status->finished_at > 0 ? status->finished_at : g_get_real_time () / G_USEC_PER_SEC;
  const char *separator = NULL;

  if (status->started_at > 0)
    {
      g_autofree char *elapsed = chd_format_elapsed (end - status->started_at);

      g_string_append_printf (text, " · %s", elapsed);
    }
  for (guint i = 0; !status->finished && i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);
      const ChdNode *item = chd_chain_find_node (chd_workspace_get_chain (self->workspace), node->node);

      if (node->state != CHD_NODE_PROCESSING && node->state != CHD_NODE_AWAITING_APPROVAL)
        continue;
      if (separator == NULL)
        g_string_append_printf (text, " · %s ", _ ("now:"));
      g_string_append_printf (text, "%s%s", separator != NULL ? separator : "",
                              item != NULL ? item->title : node->node);
      separator = ", ";
    }
  if (status->note != NULL && status->finished)
    g_string_append_printf (text, " · %s", status->note);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Puts in only the rows that have become others, so that the table stays where it was scrolled to. */
static void
set_rows (ChdExecutionPanel *self, GPtrArray *rows)
{
  GListModel *model = G_LIST_MODEL (self->rows);
  guint n = g_list_model_get_n_items (model);

  for (guint i = 0; i < rows->len && i < n; i++)
    {
      g_autoptr (ChdExecutionRow) shown = g_list_model_get_item (model, i);

      if (!chd_execution_row_equal (shown, g_ptr_array_index (rows, i)))
        g_list_store_splice (self->rows, i, 1, rows->pdata + i, 1);
    }
  if (rows->len > n)
    g_list_store_splice (self->rows, n, 0, rows->pdata + n, rows->len - n);
  else if (rows->len < n)
    g_list_store_splice (self->rows, rows->len, n - rows->len, NULL, 0);
}

static void
update (ChdExecutionPanel *self)
{
  ChdRun *run = chd_workspace_get_run (self->workspace);
  ChdRunStatus *status = run != NULL ? chd_run_get_status (run) : NULL;
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *text = NULL;

  gtk_stack_set_visible_child_name (self->stack, status != NULL ? "table" : "nothing");
  if (status == NULL)
    {
      g_list_store_remove_all (self->rows);
      gtk_label_set_label (self->summary, run != NULL ? _ ("Waiting for the engine…") : "");
      return;
    }
  for (guint i = 0; i < status->nodes->len; i++)
    add_rows (self, rows, g_ptr_array_index (status->nodes, i));
  set_rows (self, rows);
  text = describe (self, status);
  gtk_label_set_label (self->summary, text);
}

static gboolean
clock_cb (gpointer user_data)
{
  ChdExecutionPanel *self = user_data;

  update (self);
  if (chd_workspace_get_state (self->workspace) == CHD_WORKSPACE_RUNNING)
    return G_SOURCE_CONTINUE;
  self->clock = 0;
  return G_SOURCE_REMOVE;
}

static void
run_changed_cb (ChdExecutionPanel *self)
{
  if (self->clock == 0 && chd_workspace_get_run (self->workspace) != NULL)
    self->clock = g_timeout_add_seconds (1, clock_cb, self);
  update (self);
}

/* The table */

static void
setup_cell_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_item_set_child (item, label);
}

static void
bind_cell_cb (GtkListItemFactory *factory, GtkListItem *item, gpointer column)
{
  GtkWidget *label = gtk_list_item_get_child (item);
  const char *text = chd_execution_row_get_text (gtk_list_item_get_item (item), GPOINTER_TO_INT (column));

  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, GPOINTER_TO_INT (column) == CHD_EXECUTION_NOTE && *text != '\0' ? text : NULL);
}

static void
row_activated_cb (ChdExecutionPanel *self, guint position)
{
  g_autoptr (ChdExecutionRow) row = g_list_model_get_item (G_LIST_MODEL (self->rows), position);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-log", "s", chd_execution_row_get_node (row));
}

static GtkWidget *
build_table (ChdExecutionPanel *self)
{
  static const char *const titles[CHD_N_EXECUTION_COLUMNS] = {
    NC_ ("column", "Node"),    NC_ ("column", "Part"), NC_ ("column", "State"),
    NC_ ("column", "Started"), NC_ ("column", "Ran"),  NC_ ("column", "Why"),
  };
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *view =
      gtk_column_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->rows)))));

  for (guint i = 0; i < CHD_N_EXECUTION_COLUMNS; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column =
          gtk_column_view_column_new (g_dpgettext2 (NULL, "column", titles[i]), factory);

      g_signal_connect (factory, "setup", G_CALLBACK (setup_cell_cb), NULL);
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cell_cb), GINT_TO_POINTER (i));
      gtk_column_view_column_set_resizable (column, TRUE);
      if (i == CHD_EXECUTION_NOTE)
        gtk_column_view_column_set_expand (column, TRUE);
      else if (i == CHD_EXECUTION_NODE || i == CHD_EXECUTION_PART)
        gtk_column_view_column_set_fixed_width (column, 150);
      gtk_column_view_append_column (GTK_COLUMN_VIEW (view), column);
    }
  g_signal_connect_object (view, "activate", G_CALLBACK (row_activated_cb), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Execution"), -1);
  gtk_widget_add_css_class (view, "data-table");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  return scroller;
}

/* Earlier runs */

static void
runs_listed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdExecutionPanel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = chd_run_list_finish (result, &error);
  GtkWidget *child;

  if (self->workspace == NULL)
    return;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->runs))) != NULL)
    gtk_list_box_remove (self->runs, child);
  for (guint i = 0; runs != NULL && i < runs->len; i++)
    {
      const ChdRunStatus *run = g_ptr_array_index (runs, i);
      GtkWidget *row = adw_action_row_new ();
      g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (run->created_at);
      g_autofree char *when = time != NULL ? g_date_time_format (time, "%x %H:%M:%S") : NULL;

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), when != NULL ? when : run->name);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), chd_node_state_get_title (run->state));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      g_object_set_data_full (G_OBJECT (row), "run", g_strdup (run->name), g_free);
      gtk_list_box_append (self->runs, row);
    }
}

static void
earlier_shown_cb (ChdExecutionPanel *self)
{
  ChdSession *session = chd_workspace_get_session (self->workspace);
  ChdChain *chain = chd_workspace_get_chain (self->workspace);

  if (session != NULL && chain != NULL)
    chd_run_list_async (session, chd_chain_get_head (chain)->item.id, NULL, runs_listed_cb, g_object_ref (self));
}

static void
run_chosen_cb (ChdExecutionPanel *self, GtkListBoxRow *row)
{
  chd_workspace_show_run (self->workspace, g_object_get_data (G_OBJECT (row), "run"));
  gtk_menu_button_popdown (self->earlier);
}

static void
build_earlier (ChdExecutionPanel *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *nothing = gtk_label_new (_ ("No earlier runs"));

  self->runs = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->runs, GTK_SELECTION_NONE);
  gtk_list_box_set_placeholder (self->runs, nothing);
  g_signal_connect_object (self->runs, "row-activated", G_CALLBACK (run_chosen_cb), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 300);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->runs));
  gtk_popover_set_child (GTK_POPOVER (popover), scroller);
  self->earlier = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_label (self->earlier, _ ("Earlier Runs"));
  gtk_menu_button_set_popover (self->earlier, popover);
  gtk_widget_add_css_class (GTK_WIDGET (self->earlier), "flat");
  g_signal_connect_object (popover, "show", G_CALLBACK (earlier_shown_cb), self, G_CONNECT_SWAPPED);
}

static void
chd_execution_panel_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, CHD_EXECUTION_PANEL (object)->workspace);
}

static void
chd_execution_panel_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdExecutionPanel *self = CHD_EXECUTION_PANEL (object);

  if (!g_set_object (&self->workspace, g_value_get_object (value)) || self->workspace == NULL)
    return;
  g_signal_connect_object (self->workspace, "run-changed", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
chd_execution_panel_dispose (GObject *object)
{
  ChdExecutionPanel *self = CHD_EXECUTION_PANEL (object);

  g_clear_handle_id (&self->clock, g_source_remove);
  g_clear_object (&self->workspace);
  g_clear_object (&self->rows);
  G_OBJECT_CLASS (chd_execution_panel_parent_class)->dispose (object);
}

static void
chd_execution_panel_class_init (ChdExecutionPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_execution_panel_get_property;
  object_class->set_property = chd_execution_panel_set_property;
  object_class->dispose = chd_execution_panel_dispose;
  workspace_property =
      g_param_spec_object ("workspace", NULL, NULL, CHD_TYPE_WORKSPACE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, workspace_property);
}

static void
chd_execution_panel_init (ChdExecutionPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *nothing = adw_status_page_new ();

  self->rows = g_list_store_new (CHD_TYPE_EXECUTION_ROW);
  self->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->summary, 0);
  gtk_label_set_ellipsize (self->summary, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->summary), TRUE);
  build_earlier (self);
  gtk_widget_set_margin_start (head, 12);
  gtk_widget_set_margin_end (head, 6);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->summary));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->earlier));

  adw_status_page_set_title (ADW_STATUS_PAGE (nothing), _ ("No Run Shown"));
  adw_status_page_set_description (ADW_STATUS_PAGE (nothing),
                                   _ ("Create the chain and run it, or look at an earlier run."));
  gtk_widget_add_css_class (nothing, "compact");
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_stack_add_named (self->stack, nothing, "nothing");
  gtk_stack_add_named (self->stack, build_table (self), "table");
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
}
