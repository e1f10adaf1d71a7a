/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of the inspector's pages. */

#include "config.h"

#include "chd-inspector-rows.h"

typedef struct
{
  GCallback commit;
  gpointer page; /* the row is part of it */
  char *shown;   /* (owned): what the row was set to */
  gboolean filling;
} Binding;

static void
binding_free (Binding *binding)
{
  g_free (binding->shown);
  g_free (binding);
}

static Binding *
bind_row (gpointer row, GCallback commit, gpointer page)
{
  Binding *binding = g_new0 (Binding, 1);

  binding->commit = commit;
  binding->page = page;
  g_object_set_data_full (row, "binding", binding, (GDestroyNotify) binding_free);
  return binding;
}

static void
commit_entry (AdwEntryRow *row)
{
  Binding *binding = g_object_get_data (G_OBJECT (row), "binding");
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (row)));

  if (g_strcmp0 (text, binding->shown) == 0)
    return;
  g_free (binding->shown);
  binding->shown = g_strdup (text);
  ((ChdTextCommit) binding->commit) (binding->page, text);
}

void
chd_inspector_commit_entry (GtkWidget *row)
{
  if (row != NULL && g_object_get_data (G_OBJECT (row), "binding") != NULL)
    commit_entry (ADW_ENTRY_ROW (row));
}

AdwEntryRow *
chd_inspector_add_entry (AdwPreferencesGroup *group, const char *title, ChdTextCommit commit, gpointer page)
{
  AdwEntryRow *row = ADW_ENTRY_ROW (adw_entry_row_new ());
  GtkEventController *focus = gtk_event_controller_focus_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  bind_row (row, G_CALLBACK (commit), page);
  g_signal_connect (row, "entry-activated", G_CALLBACK (commit_entry), NULL);
  g_signal_connect_object (focus, "leave", G_CALLBACK (commit_entry), row, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (row), focus);
  adw_preferences_group_add (group, GTK_WIDGET (row));
  return row;
}

void
chd_inspector_set_entry (AdwEntryRow *row, const char *text)
{
  Binding *binding = g_object_get_data (G_OBJECT (row), "binding");

  if (text == NULL)
    text = "";
  if (g_strcmp0 (binding->shown, text) == 0)
    return;
  g_free (binding->shown);
  binding->shown = g_strdup (text);
  gtk_editable_set_text (GTK_EDITABLE (row), text);
}

static void
choice_changed_cb (AdwComboRow *row)
{
  Binding *binding = g_object_get_data (G_OBJECT (row), "binding");

  if (!binding->filling && adw_combo_row_get_selected (row) != GTK_INVALID_LIST_POSITION)
    ((ChdChoiceCommit) binding->commit) (binding->page, adw_combo_row_get_selected (row));
}

AdwComboRow *
chd_inspector_add_choice (AdwPreferencesGroup *group, const char *title, ChdChoiceCommit commit, gpointer page)
{
  AdwComboRow *row = ADW_COMBO_ROW (adw_combo_row_new ());

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  /* Below the title: paths of units are long. */
  adw_combo_row_set_use_subtitle (row, TRUE);
  bind_row (row, G_CALLBACK (commit), page);
  g_signal_connect (row, "notify::selected", G_CALLBACK (choice_changed_cb), NULL);
  adw_preferences_group_add (group, GTK_WIDGET (row));
  return row;
}

static gboolean
has_titles (AdwComboRow *row, const char *const *titles)
{
  GListModel *model = adw_combo_row_get_model (row);
  guint n = g_strv_length ((char **) titles);

  if (model == NULL || g_list_model_get_n_items (model) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (model), i), titles[i]))
      return FALSE;
  return TRUE;
}

void
chd_inspector_set_choice (AdwComboRow *row, const char *const *titles, guint selected)
{
  Binding *binding = g_object_get_data (G_OBJECT (row), "binding");

  binding->filling = TRUE;
  if (!has_titles (row, titles))
    {
      g_autoptr (GtkStringList) model = gtk_string_list_new (titles);

      adw_combo_row_set_model (row, G_LIST_MODEL (model));
    }
  adw_combo_row_set_selected (row, selected);
  binding->filling = FALSE;
}

GtkWidget *
chd_inspector_new_link_row (const char *icon,
                            const char *title,
                            const char *subtitle,
                            const char *action,
                            const char *target,
                            const char *target2)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *safe_title = g_markup_escape_text (title, -1);
  g_autofree char *safe_subtitle = subtitle != NULL ? g_markup_escape_text (subtitle, -1) : NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), safe_title);
  if (safe_subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), safe_subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name (icon));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row), action);
  if (target2 != NULL)
    gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "(ss)", target, target2);
  else
    gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", target);
  return row;
}

GtkWidget *
chd_inspector_new_button_row (const char *label, const char *action, const char *target)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  if (target != NULL)
    gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", target);
  gtk_widget_set_margin_top (button, 6);
  return button;
}

AdwPreferencesGroup *
chd_inspector_new_group (const char *title)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  if (title != NULL)
    adw_preferences_group_set_title (group, title);
  return group;
}

GtkBox *
chd_inspector_new_column (GtkWidget **scroller)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);

  gtk_widget_set_margin_top (column, 12);
  gtk_widget_set_margin_bottom (column, 18);
  gtk_widget_set_margin_start (column, 12);
  gtk_widget_set_margin_end (column, 12);
  *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (*scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (*scroller), column);
  return GTK_BOX (column);
}

static gboolean
is_below (ChdChain *chain, const ChdUnit *unit, const char *ancestor)
{
  g_autoptr (GPtrArray) ancestry = chd_chain_list_unit_ancestry (chain, unit->item.id);

  for (guint i = 0; i < ancestry->len; i++)
    if (g_str_equal (((ChdUnit *) g_ptr_array_index (ancestry, i))->item.id, ancestor))
      return TRUE;
  return FALSE;
}

char **
chd_inspector_list_units (ChdChain *chain, const char *except, const char *none, char ***titles)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  if (none != NULL)
    {
      g_strv_builder_add (ids, "");
      g_strv_builder_add (paths, none);
    }
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdUnit *unit = CHD_UNIT (chd_chain_get_item (chain, CHD_ITEM_UNIT, i));
      g_autofree char *path = NULL;

      if (except != NULL && is_below (chain, unit, except))
        continue;
      path = chd_chain_get_unit_path (chain, unit->item.id);
      g_strv_builder_add (ids, unit->item.id);
      g_strv_builder_add (paths, path);
    }
  *titles = g_strv_builder_end (paths);
  return g_strv_builder_end (ids);
}

guint
chd_inspector_find (char **ids, const char *id)
{
  for (guint i = 0; ids[i] != NULL; i++)
    if (g_strcmp0 (ids[i], id != NULL ? id : "") == 0)
      return i;
  return GTK_INVALID_LIST_POSITION;
}
