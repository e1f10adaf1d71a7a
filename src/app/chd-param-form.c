/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A row a param: its name, the editor, what it is for, and what is wrong with it once the user has left the field. */

#include "config.h"

#include "chd-param-form.h"

#include <glib/gi18n.h>

#include "chd-param-editor.h"

typedef struct
{
  ChdParam *param; /* (owned) */
  ChdParamEditor *editor;
  GtkWidget *fault_box;
  GtkLabel *fault_label;
  gboolean shows_faults; /* the user has left it, or confirmed */
  gboolean valid;
} Field;

struct _ChdParamForm
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  char *node;              /* (owned) (nullable) */
  GPtrArray *fields;       /* (owned) of Field */
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (ChdParamForm, chd_param_form, ADW_TYPE_BIN)

typedef enum
{
  PROP_VALUES = 1,
  PROP_VALID,
} ChdParamFormProperty;
static GParamSpec *properties[PROP_VALID + 1];
static guint changed_signal;

static void
field_free (Field *field)
{
  chd_param_free (field->param);
  g_free (field);
}

static void
check_field (Field *field)
{
  g_autoptr (GVariant) value = chd_param_editor_dup_value (field->editor);
  g_autofree char *message = NULL;
  GtkWidget *control = chd_param_editor_get_control (field->editor);
  gboolean shown;

  field->valid = chd_param_check_value (field->param, value, &message);
  shown = field->shows_faults && !field->valid;
  gtk_widget_set_visible (field->fault_box, shown);
  gtk_label_set_label (field->fault_label, message != NULL ? message : "");
  if (shown)
    {
      gtk_widget_add_css_class (control, "error");
      gtk_accessible_update_state (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_STATE_INVALID, GTK_ACCESSIBLE_INVALID_TRUE,
                                   -1);
      gtk_accessible_update_relation (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE,
                                      field->fault_label, -1);
    }
  else
    {
      gtk_widget_remove_css_class (control, "error");
      gtk_accessible_reset_state (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_STATE_INVALID);
      gtk_accessible_reset_relation (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_RELATION_ERROR_MESSAGE);
    }
}

static Field *
find_field (ChdParamForm *self, ChdParamEditor *editor)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      Field *field = g_ptr_array_index (self->fields, i);

      if (field->editor == editor)
        return field;
    }
  return NULL;
}

static void
changed_cb (ChdParamForm *self, ChdParamEditor *editor)
{
  Field *field = find_field (self, editor);

  if (self->filling || field == NULL)
    return;
  check_field (field);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUES]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALID]);
  g_signal_emit (self, changed_signal, 0);
}

static void
left_cb (ChdParamForm *self, ChdParamEditor *editor)
{
  Field *field = find_field (self, editor);

  if (field == NULL)
    return;
  field->shows_faults = TRUE;
  check_field (field);
}

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
add_field (ChdParamForm *self, const ChdParam *param, GVariant *value)
{
  Field *field = g_new0 (Field, 1);
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *icon = gtk_image_new_from_icon_name ("dialog-error-symbolic");
  const char *title = param->title != NULL ? param->title : param->name;
  GtkWidget *label = new_label (title, "heading");

  field->param = chd_param_copy (param);
  field->editor = CHD_PARAM_EDITOR (chd_param_editor_new (self->workspace, field->param, self->node));
  field->fault_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  field->fault_label = GTK_LABEL (new_label ("", "error"));
  gtk_widget_add_css_class (icon, "error");
  gtk_box_append (GTK_BOX (field->fault_box), icon);
  gtk_box_append (GTK_BOX (field->fault_box), GTK_WIDGET (field->fault_label));
  g_ptr_array_add (self->fields, field);

  chd_param_editor_set_value (field->editor, value != NULL ? value : param->fallback);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chd_param_editor_get_control (field->editor)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_widget_set_margin_top (box, 9);
  gtk_widget_set_margin_bottom (box, 9);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (field->editor));
  gtk_box_append (GTK_BOX (box), field->fault_box);
  if (param->description != NULL)
    {
      GtkWidget *description = new_label (param->description, "caption");

      gtk_widget_add_css_class (description, "dim-label");
      gtk_box_append (GTK_BOX (box), description);
      gtk_accessible_update_property (GTK_ACCESSIBLE (chd_param_editor_get_control (field->editor)),
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, param->description, -1);
    }
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  g_signal_connect_object (field->editor, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (field->editor, "left", G_CALLBACK (left_cb), self, G_CONNECT_SWAPPED);
  check_field (field);
  return row;
}

static gboolean
is_valid (ChdParamForm *self)
{
  for (guint i = 0; i < self->fields->len; i++)
    if (!((Field *) g_ptr_array_index (self->fields, i))->valid)
      return FALSE;
  return TRUE;
}

static void
chd_param_form_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChdParamForm *self = CHD_PARAM_FORM (object);

  switch ((ChdParamFormProperty) prop_id)
    {
    case PROP_VALUES:
      g_value_take_variant (value, chd_param_form_dup_values (self));
      break;
    case PROP_VALID:
      g_value_set_boolean (value, is_valid (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_param_form_dispose (GObject *object)
{
  ChdParamForm *self = CHD_PARAM_FORM (object);

  adw_bin_set_child (ADW_BIN (self), NULL);
  g_ptr_array_set_size (self->fields, 0);
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->node, g_free);
  G_OBJECT_CLASS (chd_param_form_parent_class)->dispose (object);
}

static void
chd_param_form_finalize (GObject *object)
{
  g_ptr_array_unref (CHD_PARAM_FORM (object)->fields);
  G_OBJECT_CLASS (chd_param_form_parent_class)->finalize (object);
}

static void
chd_param_form_class_init (ChdParamFormClass *klass)
{
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_param_form_get_property;
  object_class->dispose = chd_param_form_dispose;
  object_class->finalize = chd_param_form_finalize;
  properties[PROP_VALUES] = g_param_spec_variant ("values", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, read);
  properties[PROP_VALID] = g_param_spec_boolean ("valid", NULL, NULL, TRUE, read);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  changed_signal =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chd_param_form_init (ChdParamForm *self)
{
  self->fields = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
}

GtkWidget *
chd_param_form_new (ChdWorkspace *workspace, const char *node)
{
  ChdParamForm *self = g_object_new (CHD_TYPE_PARAM_FORM, NULL);

  self->workspace = g_object_ref (workspace);
  self->node = g_strdup (node);
  return GTK_WIDGET (self);
}

void
chd_param_form_set_params (ChdParamForm *self, GPtrArray *params, GVariant *values)
{
  GtkWidget *list = gtk_list_box_new ();

  g_return_if_fail (CHD_IS_PARAM_FORM (self));

  self->filling = TRUE;
  adw_bin_set_child (ADW_BIN (self), NULL);
  g_ptr_array_set_size (self->fields, 0);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  for (guint i = 0; i < params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (params, i);
      g_autoptr (GVariant) value = values != NULL ? chd_values_lookup (values, param->name) : NULL;

      gtk_list_box_append (GTK_LIST_BOX (list), add_field (self, param, value));
    }
  gtk_widget_set_visible (list, params->len > 0);
  adw_bin_set_child (ADW_BIN (self), list);
  self->filling = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALUES]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALID]);
}

GVariant *
chd_param_form_dup_values (ChdParamForm *self)
{
  GVariantBuilder builder;

  g_return_val_if_fail (CHD_IS_PARAM_FORM (self), NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < self->fields->len; i++)
    {
      Field *field = g_ptr_array_index (self->fields, i);
      g_autoptr (GVariant) value = chd_param_editor_dup_value (field->editor);

      if (value != NULL && (field->param->fallback == NULL || !g_variant_equal (value, field->param->fallback)))
        g_variant_builder_add (&builder, "{sv}", field->param->name, value);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

gboolean
chd_param_form_confirm (ChdParamForm *self)
{
  Field *first = NULL;

  g_return_val_if_fail (CHD_IS_PARAM_FORM (self), FALSE);

  for (guint i = 0; i < self->fields->len; i++)
    {
      Field *field = g_ptr_array_index (self->fields, i);

      field->shows_faults = TRUE;
      check_field (field);
      if (!field->valid && first == NULL)
        first = field;
    }
  if (first != NULL)
    gtk_widget_grab_focus (chd_param_editor_get_control (first->editor));
  return first == NULL;
}
