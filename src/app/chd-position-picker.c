/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chooses one of a node's interface positions. */

#include "config.h"

#include "chd-position-picker.h"

#include <glib/gi18n.h>

struct _ChdPositionPicker
{
  AdwBin parent_instance;

  GtkWidget *buttons[CHD_N_POSITIONS];
  ChdPosition position;
};

G_DEFINE_FINAL_TYPE (ChdPositionPicker, chd_position_picker, ADW_TYPE_BIN)

static GParamSpec *position_property;

static void
toggled_cb (GtkToggleButton *button, ChdPositionPicker *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < CHD_N_POSITIONS; i++)
    if (self->buttons[i] == GTK_WIDGET (button) && self->position != i)
      {
        self->position = i;
        g_object_notify_by_pspec (G_OBJECT (self), position_property);
      }
}

static char *
describe (ChdWorkspace *workspace, const ChdNode *node, ChdPosition position)
{
  const ChdPipelineBinding *binding = node != NULL ? chd_node_get_pipeline (node, position) : NULL;
  ChdInterface *interface;

  if (binding == NULL)
    return g_strdup (C_ ("position", "Free"));
  interface = chd_catalogue_find_interface (chd_workspace_get_catalogue (workspace), binding->interface_id);
  return g_strdup (interface != NULL ? chd_interface_get_title (interface) : binding->interface_id);
}

static GtkWidget *
new_button (ChdPositionPicker *self, ChdPosition position, const char *holds)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = gtk_label_new (chd_position_get_title (position));
  GtkWidget *subtitle = gtk_label_new (holds);
  g_autofree char *name = g_strdup_printf ("%s, %s", chd_position_get_title (position), holds);

  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (subtitle, "caption");
  gtk_widget_add_css_class (subtitle, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (subtitle), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (subtitle), 16);
  gtk_widget_set_tooltip_text (subtitle, holds);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), subtitle);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (position > 0)
    gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button), GTK_TOGGLE_BUTTON (self->buttons[0]));
  g_signal_connect_object (button, "toggled", G_CALLBACK (toggled_cb), self, 0);
  return button;
}

static void
chd_position_picker_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, CHD_POSITION_PICKER (object)->position);
}

static void
chd_position_picker_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  chd_position_picker_set_position (CHD_POSITION_PICKER (object), g_value_get_int (value));
}

static void
chd_position_picker_class_init (ChdPositionPickerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_position_picker_get_property;
  object_class->set_property = chd_position_picker_set_property;
  position_property = g_param_spec_int ("position", NULL, NULL, 0, CHD_N_POSITIONS - 1, CHD_POSITION_BEFORE,
                                        G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, position_property);
}

static void
chd_position_picker_init (ChdPositionPicker *self)
{
}

GtkWidget *
chd_position_picker_new (ChdWorkspace *workspace, const char *node_id)
{
  ChdPositionPicker *self = g_object_new (CHD_TYPE_POSITION_PICKER, NULL);
  const ChdNode *node = chd_chain_find_node (chd_workspace_get_chain (workspace), node_id);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (guint i = 0; i < CHD_N_POSITIONS; i++)
    {
      g_autofree char *holds = describe (workspace, node, i);

      if (i > 0)
        {
          GtkWidget *arrow = i == CHD_POSITION_ON_FAILURE ? gtk_separator_new (GTK_ORIENTATION_VERTICAL)
                             : gtk_widget_get_default_direction () == GTK_TEXT_DIR_RTL
                                 ? gtk_image_new_from_icon_name ("go-previous-symbolic")
                                 : gtk_image_new_from_icon_name ("go-next-symbolic");

          gtk_widget_add_css_class (arrow, "dim-label");
          gtk_box_append (GTK_BOX (box), arrow);
        }
      self->buttons[i] = new_button (self, i, holds);
      gtk_box_append (GTK_BOX (box), self->buttons[i]);
    }
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[CHD_POSITION_BEFORE]), TRUE);
  adw_bin_set_child (ADW_BIN (self), box);
  return GTK_WIDGET (self);
}

ChdPosition
chd_position_picker_get_position (ChdPositionPicker *self)
{
  g_return_val_if_fail (CHD_IS_POSITION_PICKER (self), CHD_POSITION_BEFORE);
  return self->position;
}

void
chd_position_picker_set_position (ChdPositionPicker *self, ChdPosition position)
{
  g_return_if_fail (CHD_IS_POSITION_PICKER (self));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[position]), TRUE);
}
