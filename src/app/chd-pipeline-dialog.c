/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pipeline request of a node: where in its life, which interface, with which values. */

#include "config.h"

#include "chd-pipeline-dialog.h"

#include <glib/gi18n.h>

#include "chd-dialog-frame.h"
#include "chd-param-form.h"
#include "chd-position-picker.h"

struct _ChdPipelineDialog
{
  AdwWindow parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  char *node;              /* (owned) */
  ChdPositionPicker *positions;
  GtkCustomFilter *fitting;
  GtkFilterListModel *interfaces;
  AdwPreferencesGroup *interface_group;
  AdwComboRow *chooser;
  ChdParamForm *form;
  GtkWidget *form_group;
  GtkWidget *remove;
  gboolean filling; /* the chooser follows the position, not the user */
};

G_DEFINE_FINAL_TYPE (ChdPipelineDialog, chd_pipeline_dialog, ADW_TYPE_WINDOW)

static char *
dup_interface_title (gpointer item, gpointer user_data)
{
  return CHD_IS_INTERFACE (item) ? g_strdup (chd_interface_get_title (item)) : NULL;
}

static gboolean
fits (gpointer item, gpointer user_data)
{
  ChdPipelineDialog *self = user_data;

  return chd_interface_fits (item, chd_position_picker_get_position (self->positions));
}

static const char *
get_origin_title (ChdOrigin origin)
{
  switch (origin)
    {
    case CHD_ORIGIN_SHIPPED:
      return _ ("Comes with Chain Designer");
    case CHD_ORIGIN_LIBRARY:
      return _ ("From your library");
    case CHD_ORIGIN_ENGINE:
      return _ ("Published on the engine");
    default:
      g_assert_not_reached ();
    }
}

static const ChdPipelineBinding *
get_binding (ChdPipelineDialog *self)
{
  const ChdNode *node = chd_chain_find_node (chd_workspace_get_chain (self->workspace), self->node);

  return node != NULL ? chd_node_get_pipeline (node, chd_position_picker_get_position (self->positions)) : NULL;
}

static void
show_form (ChdPipelineDialog *self)
{
  ChdInterface *interface = adw_combo_row_get_selected_item (self->chooser);
  const ChdPipelineBinding *binding = get_binding (self);
  g_autofree char *subtitle = NULL;
  const char *description;

  gtk_widget_set_visible (self->form_group, interface != NULL);
  if (interface == NULL)
    {
      adw_preferences_group_set_description (self->interface_group, _ ("No interface fits this position."));
      return;
    }
  description = chd_interface_get_description (interface);
  subtitle = g_markup_printf_escaped ("%s%s%s", description != NULL ? description : "", description != NULL ? "\n" : "",
                                      get_origin_title (chd_interface_get_origin (interface)));
  adw_preferences_group_set_description (self->interface_group, subtitle);
  chd_param_form_set_params (self->form, chd_interface_get_params (interface),
                             binding != NULL && g_str_equal (binding->interface_id, chd_interface_get_id (interface))
                                 ? binding->params
                                 : NULL);
  gtk_widget_set_visible (self->form_group, chd_interface_get_params (interface)->len > 0);
  chd_dialog_frame_show_fault (ADW_WINDOW (self), NULL);
}

static void
choose (ChdPipelineDialog *self, const char *id)
{
  guint chosen = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->interfaces)); i++)
    {
      g_autoptr (ChdInterface) interface = g_list_model_get_item (G_LIST_MODEL (self->interfaces), i);

      if (g_strcmp0 (chd_interface_get_id (interface), id) == 0)
        chosen = i;
    }
  adw_combo_row_set_selected (self->chooser, chosen);
}

static void
position_changed_cb (ChdPipelineDialog *self)
{
  const ChdPipelineBinding *binding;

  self->filling = TRUE;
  gtk_filter_changed (GTK_FILTER (self->fitting), GTK_FILTER_CHANGE_DIFFERENT);
  binding = get_binding (self);
  choose (self, binding != NULL ? binding->interface_id : NULL);
  gtk_widget_set_visible (self->remove, binding != NULL);
  self->filling = FALSE;
  show_form (self);
}

static void
chosen_cb (ChdPipelineDialog *self)
{
  if (!self->filling)
    show_form (self);
}

static void
store_binding (ChdPipelineDialog *self, ChdPipelineBinding *binding)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  const ChdNode *node = chd_chain_find_node (chain, self->node);
  ChdPosition position = chd_position_picker_get_position (self->positions);
  ChdNode *changed;

  if (node == NULL)
    {
      g_clear_pointer (&binding, chd_pipeline_binding_free);
      return;
    }
  changed = chd_item_copy (node);
  if (binding != NULL)
    chd_node_set_pipeline (changed, binding);
  else
    chd_node_unset_pipeline (changed, position);
  /* A node with both parts has to say how they relate; in order is what people mean first. */
  if (chd_node_has_pair (changed) && changed->execution == CHD_EXECUTION_UNSET)
    changed->execution = CHD_EXECUTION_DEPENDENT;
  chd_chain_begin (chain, binding != NULL ? _ ("Set Pipeline") : _ ("Remove Pipeline"));
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
apply_clicked_cb (ChdPipelineDialog *self)
{
  ChdInterface *interface = adw_combo_row_get_selected_item (self->chooser);
  g_autoptr (GVariant) values = NULL;

  if (interface == NULL || !chd_param_form_confirm (self->form))
    {
      chd_dialog_frame_show_fault (ADW_WINDOW (self), _ ("Some values need attention."));
      return;
    }
  values = chd_param_form_dup_values (self->form);
  store_binding (self, chd_pipeline_binding_new (chd_position_picker_get_position (self->positions),
                                                 chd_interface_get_id (interface), values));
  gtk_window_close (GTK_WINDOW (self));
}

static void
remove_clicked_cb (ChdPipelineDialog *self)
{
  store_binding (self, NULL);
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
build_content (ChdPipelineDialog *self)
{
  GtkWidget *scroller;
  GtkBox *column = chd_dialog_frame_new_column (&scroller);
  GtkWidget *positions = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (positions), _ ("Position"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (positions),
                                         _ ("When in the node's life the pipeline runs"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (positions), GTK_WIDGET (self->positions));

  self->interface_group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->interface_group, _ ("Pipeline"));
  adw_preferences_group_add (self->interface_group, GTK_WIDGET (self->chooser));

  self->form_group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->form_group), _ ("Settings"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->form_group), GTK_WIDGET (self->form));

  self->remove = gtk_button_new_with_mnemonic (_ ("_Remove This Pipeline"));
  gtk_widget_set_halign (self->remove, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->remove, "destructive-action");
  g_signal_connect_object (self->remove, "clicked", G_CALLBACK (remove_clicked_cb), self, G_CONNECT_SWAPPED);

  gtk_box_append (column, positions);
  gtk_box_append (column, GTK_WIDGET (self->interface_group));
  gtk_box_append (column, self->form_group);
  gtk_box_append (column, self->remove);
  return scroller;
}

static void
chd_pipeline_dialog_dispose (GObject *object)
{
  ChdPipelineDialog *self = CHD_PIPELINE_DIALOG (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->node, g_free);
  g_clear_object (&self->interfaces);
  g_clear_object (&self->fitting);
  G_OBJECT_CLASS (chd_pipeline_dialog_parent_class)->dispose (object);
}

static void
chd_pipeline_dialog_class_init (ChdPipelineDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_pipeline_dialog_dispose;
}

static void
chd_pipeline_dialog_init (ChdPipelineDialog *self)
{
}

/* The first position that is free, so that a second pipeline does not replace the first by accident. */
static ChdPosition
find_free_position (const ChdNode *node)
{
  for (ChdPosition position = 0; position < CHD_N_POSITIONS; position++)
    if (node != NULL && chd_node_get_pipeline (node, position) == NULL)
      return position;
  return CHD_POSITION_BEFORE;
}

GtkWidget *
chd_pipeline_dialog_new (ChdWorkspace *workspace, const char *node_id, int position, const char *interface_id)
{
  ChdPipelineDialog *self = g_object_new (CHD_TYPE_PIPELINE_DIALOG, NULL);
  ChdCatalogue *catalogue = chd_workspace_get_catalogue (workspace);
  const ChdNode *node = chd_chain_find_node (chd_workspace_get_chain (workspace), node_id);
  g_autofree char *title = g_strdup_printf (_ ("Pipeline of “%s”"), node != NULL ? node->title : node_id);
  GtkWidget *apply;

  self->workspace = g_object_ref (workspace);
  self->node = g_strdup (node_id);
  self->positions = CHD_POSITION_PICKER (chd_position_picker_new (workspace, node_id));
  self->form = CHD_PARAM_FORM (chd_param_form_new (workspace, node_id));
  self->fitting = gtk_custom_filter_new (fits, self, NULL);
  self->interfaces = gtk_filter_list_model_new (g_object_ref (chd_catalogue_list_interfaces (catalogue)),
                                                GTK_FILTER (g_object_ref (self->fitting)));
  self->chooser = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->chooser), _ ("Interface"));
  adw_combo_row_set_expression (self->chooser,
                                gtk_cclosure_expression_new (G_TYPE_STRING, NULL, 0, NULL,
                                                             G_CALLBACK (dup_interface_title), NULL, NULL));
  adw_combo_row_set_model (self->chooser, G_LIST_MODEL (self->interfaces));

  apply = chd_dialog_frame_set (ADW_WINDOW (self), title, _ ("_Apply"), build_content (self));
  g_signal_connect_object (apply, "clicked", G_CALLBACK (apply_clicked_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->positions, "notify::position", G_CALLBACK (position_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->chooser, "notify::selected-item", G_CALLBACK (chosen_cb), self, G_CONNECT_SWAPPED);
  chd_position_picker_set_position (self->positions,
                                    position >= 0 ? (ChdPosition) position : find_free_position (node));
  position_changed_cb (self);
  if (interface_id != NULL)
    choose (self, interface_id);
  return GTK_WIDGET (self);
}
