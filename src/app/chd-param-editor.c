/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One value: a text with its reference picker, a choice, a switch, a long text, a list, or several named texts. */

#include "config.h"

#include "chd-param-editor.h"

#include <glib/gi18n.h>

#include "chd-icon-button.h"
#include "chd-reference-button.h"

/* A handful of choices is shown at once, more of them in a drop-down. */
#define MAX_RADIO_CHOICES 4

struct _ChdParamEditor
{
  AdwBin parent_instance;

  const ChdParam *param;
  ChdWorkspace *workspace; /* (owned) */
  char *node;              /* (owned) (nullable) */
  GtkWidget *control;      /* what takes the keyboard */
  GtkBox *rows;            /* of a list or an object: one box with an entry each */
  GPtrArray *choices;      /* (owned) (nullable): values of the drop-down or the radio buttons, in their order */
  GPtrArray *radios;       /* (owned) (nullable): borrowed check buttons */
};

G_DEFINE_FINAL_TYPE (ChdParamEditor, chd_param_editor, ADW_TYPE_BIN)

enum
{
  CHANGED,
  LEFT,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
changed_cb (ChdParamEditor *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
left_cb (ChdParamEditor *self)
{
  g_signal_emit (self, signals[LEFT], 0);
}

/* A text field; with a picker where there may be something to refer to. */
static GtkWidget *
new_entry (ChdParamEditor *self)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_widget_set_hexpand (entry, TRUE);
  g_signal_connect_object (entry, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  return entry;
}

static GtkWidget *
with_reference_button (ChdParamEditor *self, GtkWidget *entry)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box),
                  chd_reference_button_new (self->workspace, self->node, GTK_EDITABLE (entry), self->param->type));
  return box;
}

static void
build_text (ChdParamEditor *self)
{
  self->control = new_entry (self);
  if (g_strcmp0 (self->param->widget, "duration") == 0)
    gtk_entry_set_placeholder_text (GTK_ENTRY (self->control), _ ("30s, 10m or 1h30m"));
  adw_bin_set_child (ADW_BIN (self), with_reference_button (self, self->control));
}

static void
build_long_text (ChdParamEditor *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->control = gtk_text_view_new ();
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->control), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->control), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->control), TRUE);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->control), 6);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (self->control), 6);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->control), 6);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (self->control), 6);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->control);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 90);
  gtk_scrolled_window_set_has_frame (GTK_SCROLLED_WINDOW (scroller), TRUE);
  g_signal_connect_object (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->control)), "changed", G_CALLBACK (changed_cb),
                           self, G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

static void
build_switch (ChdParamEditor *self)
{
  self->control = gtk_switch_new ();
  gtk_widget_set_halign (self->control, GTK_ALIGN_START);
  g_signal_connect_object (self->control, "notify::active", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), self->control);
}

/* The first entry of a choice that need not be made stands for no choice. */
static void
add_choice (ChdParamEditor *self, GtkStringList *titles, const char *value, const char *title)
{
  g_ptr_array_add (self->choices, g_strdup (value));
  gtk_string_list_append (titles, title);
}

static GtkStringList *
list_choices (ChdParamEditor *self)
{
  GtkStringList *titles = gtk_string_list_new (NULL);
  ChdChain *chain = chd_workspace_get_chain (self->workspace);

  self->choices = g_ptr_array_new_with_free_func (g_free);
  if (self->param->choices == NULL)
    add_choice (self, titles, "", _ ("(not chosen)"));
  for (guint i = 0; self->param->choices != NULL && self->param->choices[i] != NULL; i++)
    add_choice (self, titles, self->param->choices[i], self->param->choices[i]);
  if (self->param->choices != NULL)
    return titles;

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdUnit *unit = CHD_UNIT (chd_chain_get_item (chain, CHD_ITEM_UNIT, i));
      g_autofree char *path = chd_chain_get_unit_path (chain, unit->item.id);

      add_choice (self, titles, unit->item.id, path);
    }
  return titles;
}

static void
build_drop_down (ChdParamEditor *self)
{
  GtkStringList *titles = list_choices (self);

  self->control = gtk_drop_down_new (G_LIST_MODEL (titles), NULL);
  g_signal_connect_object (self->control, "notify::selected", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), self->control);
}

static void
build_radios (ChdParamEditor *self)
{
  g_autoptr (GtkStringList) titles = list_choices (self);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->radios = g_ptr_array_new ();
  for (guint i = 0; i < self->choices->len; i++)
    {
      GtkWidget *radio = gtk_check_button_new_with_label (gtk_string_list_get_string (titles, i));

      if (self->radios->len > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (radio), g_ptr_array_index (self->radios, 0));
      else
        self->control = radio;
      g_ptr_array_add (self->radios, radio);
      g_signal_connect_object (radio, "toggled", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (box), radio);
    }
  adw_bin_set_child (ADW_BIN (self), box);
}

static void
remove_clicked_cb (GtkButton *button, ChdParamEditor *self)
{
  gtk_box_remove (self->rows, gtk_widget_get_parent (GTK_WIDGET (button)));
  changed_cb (self);
}

static GtkWidget *
add_list_row (ChdParamEditor *self, const char *text)
{
  GtkWidget *entry = new_entry (self);
  GtkWidget *row = with_reference_button (self, entry);
  GtkWidget *remove = gtk_button_new_from_icon_name ("list-remove-symbolic");

  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  chd_icon_button_set_name (remove, _ ("Remove"));
  gtk_widget_add_css_class (remove, "flat");
  g_signal_connect_object (remove, "clicked", G_CALLBACK (remove_clicked_cb), self, 0);
  gtk_box_append (GTK_BOX (row), remove);
  gtk_box_append (self->rows, row);
  return entry;
}

static void
add_clicked_cb (ChdParamEditor *self)
{
  gtk_widget_grab_focus (add_list_row (self, ""));
  changed_cb (self);
}

static void
build_list (ChdParamEditor *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->rows = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  self->control = gtk_button_new_with_mnemonic (_ ("_Add"));
  gtk_widget_set_halign (self->control, GTK_ALIGN_START);
  g_signal_connect_object (self->control, "clicked", G_CALLBACK (add_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->rows));
  gtk_box_append (GTK_BOX (box), self->control);
  adw_bin_set_child (ADW_BIN (self), box);
}

static void
build_object (ChdParamEditor *self)
{
  self->rows = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  for (guint i = 0; self->param->properties != NULL && self->param->properties[i] != NULL; i++)
    {
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
      GtkWidget *label = gtk_label_new (self->param->properties[i]);
      GtkWidget *entry = new_entry (self);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_width_chars (GTK_LABEL (label), 12);
      gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, self->param->properties[i],
                                      -1);
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (row), entry);
      gtk_box_append (self->rows, row);
      if (self->control == NULL)
        self->control = entry;
    }
  if (self->control == NULL)
    self->control = GTK_WIDGET (self);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->rows));
}

static void
build (ChdParamEditor *self)
{
  const ChdParam *param = self->param;

  if (param->type == CHD_PARAM_ARRAY)
    build_list (self);
  else if (param->type == CHD_PARAM_OBJECT)
    build_object (self);
  else if (param->choices != NULL && g_strv_length (param->choices) <= MAX_RADIO_CHOICES)
    build_radios (self);
  else if (param->choices != NULL || g_strcmp0 (param->widget, "unit") == 0)
    build_drop_down (self);
  else if (g_strcmp0 (param->widget, "boolean") == 0)
    build_switch (self);
  else if (g_strcmp0 (param->widget, "multiline") == 0)
    build_long_text (self);
  else
    build_text (self);
}

/* The entry of a list's or an object's row. */
static GtkEditable *
get_row_entry (ChdParamEditor *self, GtkWidget *row)
{
  GtkWidget *child = gtk_widget_get_first_child (row);

  return GTK_EDITABLE (self->param->type == CHD_PARAM_OBJECT ? gtk_widget_get_next_sibling (child) : child);
}

static char *
dup_text (ChdParamEditor *self)
{
  if (self->radios != NULL)
    {
      for (guint i = 0; i < self->radios->len; i++)
        if (gtk_check_button_get_active (g_ptr_array_index (self->radios, i)))
          return g_strdup (g_ptr_array_index (self->choices, i));
      return g_strdup ("");
    }
  if (GTK_IS_DROP_DOWN (self->control))
    {
      guint selected = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->control));

      return g_strdup (selected < self->choices->len ? g_ptr_array_index (self->choices, selected) : "");
    }
  if (GTK_IS_SWITCH (self->control))
    return g_strdup (gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false");
  if (GTK_IS_TEXT_VIEW (self->control))
    {
      GtkTextIter start, end;
      GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->control));

      gtk_text_buffer_get_bounds (buffer, &start, &end);
      return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
    }
  return g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->control)));
}

static void
set_text (ChdParamEditor *self, const char *text)
{
  if (self->choices != NULL)
    {
      guint index;

      if (!g_ptr_array_find_with_equal_func (self->choices, text, g_str_equal, &index))
        {
          /* What the document says is not taken away because it is no longer offered. */
          if (self->radios != NULL || *text == '\0')
            return;
          index = self->choices->len;
          add_choice (self, GTK_STRING_LIST (gtk_drop_down_get_model (GTK_DROP_DOWN (self->control))), text, text);
        }
      if (self->radios != NULL)
        gtk_check_button_set_active (g_ptr_array_index (self->radios, index), TRUE);
      else
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->control), index);
    }
  else if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), g_str_equal (text, "true"));
  else if (GTK_IS_TEXT_VIEW (self->control))
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->control)), text, -1);
  else
    gtk_editable_set_text (GTK_EDITABLE (self->control), text);
}

static void
chd_param_editor_dispose (GObject *object)
{
  ChdParamEditor *self = CHD_PARAM_EDITOR (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->node, g_free);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_clear_pointer (&self->radios, g_ptr_array_unref);
  G_OBJECT_CLASS (chd_param_editor_parent_class)->dispose (object);
}

static void
chd_param_editor_class_init (ChdParamEditorClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chd_param_editor_dispose;
  signals[CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LEFT] = g_signal_new ("left", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chd_param_editor_init (ChdParamEditor *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect_object (focus, "leave", G_CALLBACK (left_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}

GtkWidget *
chd_param_editor_new (ChdWorkspace *workspace, const ChdParam *param, const char *node)
{
  ChdParamEditor *self = g_object_new (CHD_TYPE_PARAM_EDITOR, NULL);

  self->workspace = g_object_ref (workspace);
  self->param = param;
  self->node = g_strdup (node);
  build (self);
  return GTK_WIDGET (self);
}

GVariant *
chd_param_editor_dup_value (ChdParamEditor *self)
{
  GVariantBuilder builder;
  g_autofree char *text = NULL;

  g_return_val_if_fail (CHD_IS_PARAM_EDITOR (self), NULL);

  if (self->param->type == CHD_PARAM_STRING)
    {
      text = dup_text (self);
      return *text != '\0' ? g_variant_ref_sink (g_variant_new_string (text)) : NULL;
    }
  g_variant_builder_init (&builder,
                          self->param->type == CHD_PARAM_ARRAY ? G_VARIANT_TYPE ("as") : G_VARIANT_TYPE ("a{ss}"));
  for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->rows)); row != NULL;
       row = gtk_widget_get_next_sibling (row))
    {
      const char *entered = gtk_editable_get_text (get_row_entry (self, row));

      if (*entered == '\0')
        continue;
      if (self->param->type == CHD_PARAM_ARRAY)
        g_variant_builder_add (&builder, "s", entered);
      else
        g_variant_builder_add (&builder, "{ss}", gtk_label_get_text (GTK_LABEL (gtk_widget_get_first_child (row))),
                               entered);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

void
chd_param_editor_set_value (ChdParamEditor *self, GVariant *value)
{
  g_return_if_fail (CHD_IS_PARAM_EDITOR (self));

  if (value == NULL)
    return;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      if (self->param->type == CHD_PARAM_STRING)
        set_text (self, g_variant_get_string (value, NULL));
      else if (self->param->type == CHD_PARAM_ARRAY)
        add_list_row (self, g_variant_get_string (value, NULL));
    }
  else if (self->param->type == CHD_PARAM_ARRAY && g_variant_is_of_type (value, G_VARIANT_TYPE ("as")))
    {
      g_autofree const char **texts = g_variant_get_strv (value, NULL);

      for (guint i = 0; texts[i] != NULL; i++)
        add_list_row (self, texts[i]);
    }
  else if (self->param->type == CHD_PARAM_OBJECT)
    for (GtkWidget *row = gtk_widget_get_first_child (GTK_WIDGET (self->rows)); row != NULL;
         row = gtk_widget_get_next_sibling (row))
      {
        const char *key = gtk_label_get_text (GTK_LABEL (gtk_widget_get_first_child (row)));
        const char *text;

        if (g_variant_lookup (value, key, "&s", &text))
          gtk_editable_set_text (get_row_entry (self, row), text);
      }
}

GtkWidget *
chd_param_editor_get_control (ChdParamEditor *self)
{
  g_return_val_if_fail (CHD_IS_PARAM_EDITOR (self), NULL);
  return self->control;
}
