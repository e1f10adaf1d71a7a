/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of problems; a row jumps to what it is about. */

#include "config.h"

#include "chd-problems-panel.h"

#include <glib/gi18n.h>

#include "chd-repair.h"

struct _ChdProblemsPanel
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) (nullable) */
  GtkStack *stack;
  GtkListBox *list;
  AdwStatusPage *nothing;
  int at; /* where the selected row is, or was before its problem went; -1 before there was any */
};

G_DEFINE_FINAL_TYPE (ChdProblemsPanel, chd_problems_panel, ADW_TYPE_BIN)

static GParamSpec *workspace_property;

static void
row_activated_cb (ChdProblemsPanel *self, GtkListBoxRow *row)
{
  const ChdProblem *problem = g_object_get_data (G_OBJECT (row), "problem");

  if (problem->id == NULL)
    chd_workspace_select (self->workspace, CHD_ITEM_NODE, NULL);
  else if (problem->kind == CHD_ITEM_NODE)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.focus-node", "s", problem->id);
  else if (problem->kind == CHD_ITEM_LINK || problem->kind == CHD_ITEM_UNIT)
    chd_workspace_select (self->workspace, problem->kind, problem->id);
}

static void
repair_clicked_cb (GtkButton *button, ChdProblemsPanel *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_LIST_BOX_ROW);
  /* The row goes with its problem. */
  g_autoptr (ChdProblem) problem = chd_problem_ref (g_object_get_data (G_OBJECT (row), "problem"));

  chd_repair_apply (chd_workspace_get_chain (self->workspace), problem);
}

static GtkWidget *
new_row (ChdProblemsPanel *self, ChdProblem *problem)
{
  gboolean severe = problem->severity == CHD_SEVERITY_ERROR;
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *icon = gtk_image_new_from_icon_name (severe ? "dialog-error-symbolic" : "dialog-warning-symbolic");
  g_autofree char *title = g_markup_escape_text (problem->message, -1);
  g_autofree char *subtitle = problem->repair != NULL ? g_markup_escape_text (problem->repair, -1) : NULL;
  g_autofree char *label = chd_repair_dup_label (problem);
  g_autofree char *name = g_strdup_printf ("%s: %s", severe ? _ ("Error") : _ ("Warning"), problem->message);

  gtk_widget_add_css_class (icon, severe ? "error" : "warning");
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (label != NULL)
    {
      GtkWidget *button = gtk_button_new_with_label (label);

      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      g_signal_connect (button, "clicked", G_CALLBACK (repair_clicked_cb), self);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  else if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  /* Instead of the title alone. */
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_object_set_data_full (G_OBJECT (row), "problem", chd_problem_ref (problem), (GDestroyNotify) chd_problem_unref);
  return row;
}

static gboolean
is_same (const ChdProblem *a, const ChdProblem *b)
{
  return g_str_equal (a->code, b->code) && a->kind == b->kind && g_strcmp0 (a->id, b->id) == 0 &&
         g_strcmp0 (a->field, b->field) == 0;
}

static void
update (ChdProblemsPanel *self)
{
  GPtrArray *problems = chd_workspace_get_problems (self->workspace);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M");
  g_autofree char *checked = g_strdup_printf (_ ("Last checked %s"), time);
  GtkWidget *row;
  GtkListBoxRow *selected;
  g_autoptr (ChdProblem) before = NULL;

  selected = gtk_list_box_get_selected_row (self->list);
  if (selected != NULL)
    {
      self->at = gtk_list_box_row_get_index (selected);
      before = chd_problem_ref (g_object_get_data (G_OBJECT (selected), "problem"));
    }
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  for (guint i = 0; i < problems->len; i++)
    {
      row = new_row (self, g_ptr_array_index (problems, i));
      gtk_list_box_append (self->list, row);
      if (before != NULL && is_same (before, g_ptr_array_index (problems, i)))
        gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (row));
    }
  adw_status_page_set_description (self->nothing, checked);
  gtk_stack_set_visible_child_name (self->stack, problems->len > 0 ? "list" : "nothing");
}

void
chd_problems_panel_go (ChdProblemsPanel *self, gboolean forward)
{
  GtkListBoxRow *row;
  int n, at;

  g_return_if_fail (CHD_IS_PROBLEMS_PANEL (self));

  n = (int) chd_workspace_get_problems (self->workspace)->len;
  if (n == 0)
    return;
  row = gtk_list_box_get_selected_row (self->list);
  if (row != NULL)
    at = gtk_list_box_row_get_index (row) + (forward ? 1 : -1);
  else
    /* After a problem went, the next one stands in its place. */
    at = self->at >= 0 ? self->at - (forward ? 0 : 1) : forward ? 0 : n - 1;
  row = gtk_list_box_get_row_at_index (self->list, (at + n) % n);
  gtk_list_box_select_row (self->list, row);
  /* The list scrolls to what has the focus. */
  gtk_widget_grab_focus (GTK_WIDGET (row));
  row_activated_cb (self, row);
}

static void
chd_problems_panel_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, CHD_PROBLEMS_PANEL (object)->workspace);
}

static void
chd_problems_panel_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdProblemsPanel *self = CHD_PROBLEMS_PANEL (object);

  if (!g_set_object (&self->workspace, g_value_get_object (value)) || self->workspace == NULL)
    return;
  g_signal_connect_object (self->workspace, "problems-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
chd_problems_panel_dispose (GObject *object)
{
  g_clear_object (&CHD_PROBLEMS_PANEL (object)->workspace);
  G_OBJECT_CLASS (chd_problems_panel_parent_class)->dispose (object);
}

static void
chd_problems_panel_class_init (ChdProblemsPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_problems_panel_get_property;
  object_class->set_property = chd_problems_panel_set_property;
  object_class->dispose = chd_problems_panel_dispose;
  workspace_property =
      g_param_spec_object ("workspace", NULL, NULL, CHD_TYPE_WORKSPACE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, workspace_property);
}

static void
chd_problems_panel_init (ChdProblemsPanel *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->at = -1;
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_SINGLE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Problems"), -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self, G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));

  self->nothing = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_title (self->nothing, _ ("No Problems Found"));
  gtk_widget_add_css_class (GTK_WIDGET (self->nothing), "compact");

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->nothing), "nothing");
  gtk_stack_add_named (self->stack, scroller, "list");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->stack));
}
