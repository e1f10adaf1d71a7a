/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The task request of a node: script, environment, values, limits. The document's own scripts are edited in place;
 * one of the library is read only, and editing it makes a copy in the document. */

#include "config.h"

#include "chd-task-dialog.h"

#include <glib/gi18n.h>

#include "chd-dialog-frame.h"
#include "chd-environment-row.h"
#include "chd-param-form.h"
#include "chd-script-editor.h"
#include "chd-util.h"

struct _ChdTaskDialog
{
  AdwWindow parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  char *node;              /* (owned) */
  GPtrArray *scripts;      /* (owned) of ChdScript: the document's, then the library's; the new one comes last */
  AdwComboRow *chooser;
  ChdScriptEditor *editor;
  GtkWidget *copy_button;
  ChdEnvironmentRow *environment;
  ChdParamForm *form;
  GtkWidget *form_group;
  AdwEntryRow *timeout;
  GtkSpinButton *retries;
  GtkWidget *remove;
  gboolean edited; /* the script is another one than it was */
};

G_DEFINE_FINAL_TYPE (ChdTaskDialog, chd_task_dialog, ADW_TYPE_WINDOW)

static ChdChain *
get_chain (ChdTaskDialog *self)
{
  return chd_workspace_get_chain (self->workspace);
}

static const ChdTaskBinding *
get_binding (ChdTaskDialog *self)
{
  const ChdNode *node = chd_chain_find_node (get_chain (self), self->node);

  return node != NULL ? node->task : NULL;
}

static ChdScript *
new_script (ChdTaskDialog *self)
{
  g_autofree char *id = chd_chain_make_id (get_chain (self), CHD_ITEM_SCRIPT, "script");
  ChdScript *script = chd_script_new (id, _ ("New script"));

  g_free (script->interpreter);
  script->interpreter = g_strdup ("/bin/sh");
  g_free (script->text);
  script->text = g_strdup ("echo \"Done\"\n");
  return script;
}

static void
list_scripts (ChdTaskDialog *self)
{
  ChdChain *chain = get_chain (self);
  GPtrArray *shared = chd_catalogue_get_scripts (chd_workspace_get_catalogue (self->workspace));

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_SCRIPT); i++)
    g_ptr_array_add (self->scripts, chd_item_ref (chd_chain_get_item (chain, CHD_ITEM_SCRIPT, i)));
  for (guint i = 0; i < shared->len; i++)
    {
      const ChdScript *script = g_ptr_array_index (shared, i);

      if (chd_chain_find_script (chain, script->item.id) == NULL)
        g_ptr_array_add (self->scripts, chd_item_ref (script));
    }
  g_ptr_array_add (self->scripts, new_script (self));
}

static ChdScript *
get_selected_script (ChdTaskDialog *self)
{
  return g_ptr_array_index (self->scripts, adw_combo_row_get_selected (self->chooser));
}

static gboolean
is_new (ChdTaskDialog *self)
{
  return adw_combo_row_get_selected (self->chooser) == self->scripts->len - 1;
}

static gboolean
is_own (ChdTaskDialog *self)
{
  return is_new (self) || chd_chain_find_script (get_chain (self), get_selected_script (self)->item.id) != NULL;
}

static void
show_form (ChdTaskDialog *self, const ChdScript *script, GVariant *values)
{
  chd_param_form_set_params (self->form, script->params, values);
  gtk_widget_set_visible (self->form_group, script->params->len > 0);
}

static void
chosen_cb (ChdTaskDialog *self)
{
  ChdScript *script = get_selected_script (self);
  const ChdTaskBinding *binding = get_binding (self);

  self->edited = FALSE;
  chd_script_editor_set_script (self->editor, script, is_own (self));
  gtk_widget_set_visible (self->copy_button, !is_own (self));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->chooser), is_new (self)   ? _ ("It becomes part of this chain")
                                                               : is_own (self) ? _ ("Part of this chain")
                                                                               : _ ("From the library"));
  show_form (self, script,
             binding != NULL && g_strcmp0 (binding->script, script->item.id) == 0 ? binding->params : NULL);
}

static void
script_changed_cb (ChdTaskDialog *self)
{
  g_autoptr (ChdScript) script = chd_script_editor_dup_script (self->editor);
  g_autoptr (GVariant) values = chd_param_form_dup_values (self->form);

  self->edited = TRUE;
  show_form (self, script, values);
}

static void
copy_clicked_cb (ChdTaskDialog *self)
{
  g_autoptr (ChdScript) copy = chd_item_copy (get_selected_script (self));
  g_autofree char *id = chd_chain_make_id (get_chain (self), CHD_ITEM_SCRIPT, copy->item.id);

  chd_set_str (&copy->item.id, id);
  chd_script_editor_set_script (self->editor, copy, TRUE);
  gtk_widget_set_visible (self->copy_button, FALSE);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->chooser), _ ("A copy in this chain"));
  self->edited = TRUE;
}

static gboolean
check_limits (ChdTaskDialog *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->timeout));
  gint64 seconds;
  gboolean good = *text == '\0' || chd_parse_duration (text, &seconds);

  if (good)
    gtk_widget_remove_css_class (GTK_WIDGET (self->timeout), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->timeout), "error");
  return good;
}

/* One step: the script when it was edited, and the node. */
static void
store_task (ChdTaskDialog *self, ChdScript *script, GVariant *values)
{
  ChdChain *chain = get_chain (self);
  const ChdNode *node = chd_chain_find_node (chain, self->node);
  const char *timeout = gtk_editable_get_text (GTK_EDITABLE (self->timeout));
  ChdTaskBinding *task;
  ChdNode *changed;

  if (node == NULL)
    return;
  if (is_new (self))
    {
      g_autofree char *id = chd_chain_make_id (chain, CHD_ITEM_SCRIPT, script->title);

      chd_set_str (&script->item.id, id);
    }
  chd_chain_begin (chain, _ ("Set Task"));
  if (self->edited || is_new (self))
    {
      if (chd_chain_find_script (chain, script->item.id) != NULL)
        chd_chain_replace (chain, chd_item_ref (script));
      else
        chd_chain_append (chain, chd_item_ref (script));
    }
  /* What this version does not know about the binding stays with it. */
  task = node->task != NULL ? chd_task_binding_copy (node->task) : chd_task_binding_new (script->item.id, "", values);
  chd_set_str (&task->script, script->item.id);
  chd_set_str (&task->environment, chd_environment_row_get_id (self->environment));
  g_variant_unref (task->params);
  task->params = g_variant_ref (values);
  task->retries = gtk_spin_button_get_value_as_int (self->retries);
  chd_set_str (&task->timeout, *timeout != '\0' ? timeout : NULL);

  changed = chd_item_copy (node);
  chd_node_set_task (changed, task);
  if (chd_node_has_pair (changed) && changed->execution == CHD_EXECUTION_UNSET)
    changed->execution = CHD_EXECUTION_DEPENDENT;
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
apply_clicked_cb (ChdTaskDialog *self)
{
  g_autoptr (ChdScript) script = chd_script_editor_dup_script (self->editor);
  g_autoptr (GVariant) values = NULL;

  if (!chd_param_form_confirm (self->form))
    chd_dialog_frame_show_fault (ADW_WINDOW (self), _ ("Some values need attention."));
  else if (!check_limits (self))
    chd_dialog_frame_show_fault (ADW_WINDOW (self), _ ("Enter a duration such as 30s, 10m or 1h30m."));
  else if (chd_environment_row_get_id (self->environment) == NULL)
    chd_dialog_frame_show_fault (ADW_WINDOW (self), _ ("Choose an environment."));
  else if (*script->title == '\0')
    chd_dialog_frame_show_fault (ADW_WINDOW (self), _ ("Give the script a name."));
  else
    {
      values = chd_param_form_dup_values (self->form);
      store_task (self, script, values);
      gtk_window_close (GTK_WINDOW (self));
    }
}

static void
remove_clicked_cb (ChdTaskDialog *self)
{
  ChdChain *chain = get_chain (self);
  const ChdNode *node = chd_chain_find_node (chain, self->node);

  if (node != NULL)
    {
      ChdNode *changed = chd_item_copy (node);

      chd_node_set_task (changed, NULL);
      chd_chain_begin (chain, _ ("Remove Task"));
      chd_chain_replace (chain, changed);
      chd_chain_end (chain);
    }
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
build_script_group (ChdTaskDialog *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);

  for (guint i = 0; i < self->scripts->len; i++)
    gtk_string_list_append (titles, i + 1 < self->scripts->len
                                        ? ((ChdScript *) g_ptr_array_index (self->scripts, i))->title
                                        : _ ("New Script…"));
  self->chooser = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->chooser), _ ("Script"));
  adw_combo_row_set_model (self->chooser, G_LIST_MODEL (titles));
  self->copy_button = gtk_button_new_with_mnemonic (_ ("_Edit a Copy"));
  gtk_widget_set_valign (self->copy_button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->chooser), self->copy_button);
  g_signal_connect_object (self->copy_button, "clicked", G_CALLBACK (copy_clicked_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->chooser));
  return group;
}

static GtkWidget *
build_limits_group (ChdTaskDialog *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_action_row_new ();

  self->timeout = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->timeout), _ ("Time limit, for example 10m"));
  g_signal_connect_object (self->timeout, "changed", G_CALLBACK (check_limits), self, G_CONNECT_SWAPPED);
  self->retries = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0, 9, 1));
  gtk_widget_set_valign (GTK_WIDGET (self->retries), GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Try again after a failure"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("How many times"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->retries));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (self->retries));

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Limits"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->timeout));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return group;
}

static GtkWidget *
build_content (ChdTaskDialog *self)
{
  GtkWidget *scroller;
  GtkBox *column = chd_dialog_frame_new_column (&scroller);
  GtkWidget *environment = adw_preferences_group_new ();

  self->form_group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->form_group), _ ("Values"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->form_group), GTK_WIDGET (self->form));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (environment), GTK_WIDGET (self->environment));
  self->remove = gtk_button_new_with_mnemonic (_ ("_Remove This Task"));
  gtk_widget_set_halign (self->remove, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->remove, "destructive-action");
  gtk_widget_set_visible (self->remove, get_binding (self) != NULL);
  g_signal_connect_object (self->remove, "clicked", G_CALLBACK (remove_clicked_cb), self, G_CONNECT_SWAPPED);

  gtk_box_append (column, build_script_group (self));
  gtk_box_append (column, GTK_WIDGET (self->editor));
  gtk_box_append (column, environment);
  gtk_box_append (column, self->form_group);
  gtk_box_append (column, build_limits_group (self));
  gtk_box_append (column, self->remove);
  return scroller;
}

static void
chd_task_dialog_dispose (GObject *object)
{
  ChdTaskDialog *self = CHD_TASK_DIALOG (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->node, g_free);
  g_clear_pointer (&self->scripts, g_ptr_array_unref);
  G_OBJECT_CLASS (chd_task_dialog_parent_class)->dispose (object);
}

static void
chd_task_dialog_class_init (ChdTaskDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_task_dialog_dispose;
}

static void
chd_task_dialog_init (ChdTaskDialog *self)
{
  self->scripts = g_ptr_array_new_with_free_func (chd_item_unref);
}

static void
show_binding (ChdTaskDialog *self)
{
  const ChdTaskBinding *binding = get_binding (self);

  for (guint i = 0; binding != NULL && i < self->scripts->len; i++)
    if (g_strcmp0 (((ChdScript *) g_ptr_array_index (self->scripts, i))->item.id, binding->script) == 0)
      adw_combo_row_set_selected (self->chooser, i);
  if (binding != NULL)
    {
      gtk_editable_set_text (GTK_EDITABLE (self->timeout), binding->timeout != NULL ? binding->timeout : "");
      gtk_spin_button_set_value (self->retries, binding->retries);
    }
  chosen_cb (self);
}

GtkWidget *
chd_task_dialog_new (ChdWorkspace *workspace, const char *node_id)
{
  ChdTaskDialog *self = g_object_new (CHD_TYPE_TASK_DIALOG, NULL);
  const ChdNode *node = chd_chain_find_node (chd_workspace_get_chain (workspace), node_id);
  g_autofree char *title = g_strdup_printf (_ ("Task of “%s”"), node != NULL ? node->title : node_id);
  GtkWidget *apply;

  self->workspace = g_object_ref (workspace);
  self->node = g_strdup (node_id);
  list_scripts (self);
  self->editor = CHD_SCRIPT_EDITOR (chd_script_editor_new ());
  self->environment = CHD_ENVIRONMENT_ROW (
      chd_environment_row_new (workspace, node != NULL && node->task != NULL ? node->task->environment : NULL));
  self->form = CHD_PARAM_FORM (chd_param_form_new (workspace, node_id));
  apply = chd_dialog_frame_set (ADW_WINDOW (self), title, _ ("_Apply"), build_content (self));
  gtk_window_set_default_size (GTK_WINDOW (self), 720, 700);
  g_signal_connect_object (apply, "clicked", G_CALLBACK (apply_clicked_cb), self, G_CONNECT_SWAPPED);
  show_binding (self);
  g_signal_connect_object (self->chooser, "notify::selected", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "changed", G_CALLBACK (script_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
