/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The editor of a script. Values and results are entered as names with commas between them; what was declared about a
 * name that stays (its type, default, description) stays with it. */

#include "config.h"

#include "chd-script-editor.h"

#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>

struct _ChdScriptEditor
{
  AdwBin parent_instance;

  ChdScript *script; /* (owned) (nullable): as it was set */
  AdwEntryRow *title;
  AdwEntryRow *interpreter;
  AdwEntryRow *params;
  AdwEntryRow *results;
  GtkSourceView *view;
  GtkSourceBuffer *buffer; /* (owned) */
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (ChdScriptEditor, chd_script_editor, ADW_TYPE_BIN)

static guint changed_signal;

static void
changed_cb (ChdScriptEditor *self)
{
  if (!self->filling)
    g_signal_emit (self, changed_signal, 0);
}

static void
update_language (ChdScriptEditor *self)
{
  const char *interpreter = gtk_editable_get_text (GTK_EDITABLE (self->interpreter));
  GtkSourceLanguageManager *languages = gtk_source_language_manager_get_default ();

  gtk_source_buffer_set_language (
      self->buffer,
      gtk_source_language_manager_get_language (languages, strstr (interpreter, "python") != NULL ? "python3" : "sh"));
}

static void
update_scheme (ChdScriptEditor *self)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  gtk_source_buffer_set_style_scheme (
      self->buffer, gtk_source_style_scheme_manager_get_scheme (gtk_source_style_scheme_manager_get_default (),
                                                                dark ? "Adwaita-dark" : "Adwaita"));
}

static AdwEntryRow *
add_entry (ChdScriptEditor *self, AdwPreferencesGroup *group, const char *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_signal_connect_object (row, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (group, row);
  return ADW_ENTRY_ROW (row);
}

static GtkWidget *
build_view (ChdScriptEditor *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->buffer = gtk_source_buffer_new (NULL);
  self->view = GTK_SOURCE_VIEW (gtk_source_view_new_with_buffer (self->buffer));
  gtk_source_view_set_show_line_numbers (self->view, TRUE);
  gtk_source_view_set_auto_indent (self->view, TRUE);
  gtk_source_view_set_tab_width (self->view, 2);
  gtk_source_view_set_insert_spaces_instead_of_tabs (self->view, TRUE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->view), TRUE);
  gtk_text_view_set_top_margin (GTK_TEXT_VIEW (self->view), 6);
  gtk_text_view_set_bottom_margin (GTK_TEXT_VIEW (self->view), 6);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (self->view), 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Script"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), 200);
  gtk_widget_add_css_class (scroller, "card");
  gtk_widget_set_overflow (scroller, GTK_OVERFLOW_HIDDEN);
  g_signal_connect_object (self->buffer, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (update_scheme), self,
                           G_CONNECT_SWAPPED);
  update_scheme (self);
  return scroller;
}

static char *
join_params (GPtrArray *params)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < params->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", ((ChdParam *) g_ptr_array_index (params, i))->name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
join_results (GPtrArray *results)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < results->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", ((ChdResult *) g_ptr_array_index (results, i))->name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char **
split_names (AdwEntryRow *row)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (gtk_editable_get_text (GTK_EDITABLE (row)), ", ", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_strv_builder_add (names, parts[i]);
  return g_strv_builder_end (names);
}

static void
chd_script_editor_dispose (GObject *object)
{
  ChdScriptEditor *self = CHD_SCRIPT_EDITOR (object);

  g_clear_pointer ((ChdItem **) &self->script, chd_item_unref);
  g_clear_object (&self->buffer);
  G_OBJECT_CLASS (chd_script_editor_parent_class)->dispose (object);
}

static void
chd_script_editor_class_init (ChdScriptEditorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_script_editor_dispose;
  changed_signal =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chd_script_editor_init (ChdScriptEditor *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *head = adw_preferences_group_new ();
  GtkWidget *foot = adw_preferences_group_new ();

  self->title = add_entry (self, ADW_PREFERENCES_GROUP (head), _ ("Name"));
  self->interpreter = add_entry (self, ADW_PREFERENCES_GROUP (head), _ ("Interpreter"));
  self->params = add_entry (self, ADW_PREFERENCES_GROUP (foot), _ ("Values it takes, as $PARAM_NAME"));
  self->results = add_entry (self, ADW_PREFERENCES_GROUP (foot), _ ("Results it gives, written to $RESULT_NAME"));
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), build_view (self));
  gtk_box_append (GTK_BOX (box), foot);
  g_signal_connect_object (self->interpreter, "changed", G_CALLBACK (update_language), self, G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
chd_script_editor_new (void)
{
  return g_object_new (CHD_TYPE_SCRIPT_EDITOR, NULL);
}

void
chd_script_editor_set_script (ChdScriptEditor *self, const ChdScript *script, gboolean editable)
{
  GtkEditable *rows[] = { GTK_EDITABLE (self->title), GTK_EDITABLE (self->interpreter), GTK_EDITABLE (self->params),
                          GTK_EDITABLE (self->results) };
  g_autofree char *params = join_params (script->params);
  g_autofree char *results = join_results (script->results);

  g_return_if_fail (CHD_IS_SCRIPT_EDITOR (self));

  self->filling = TRUE;
  g_clear_pointer ((ChdItem **) &self->script, chd_item_unref);
  self->script = chd_item_ref (script);
  gtk_editable_set_text (rows[0], script->title);
  gtk_editable_set_text (rows[1], script->interpreter != NULL ? script->interpreter : "/bin/sh");
  gtk_editable_set_text (rows[2], params);
  gtk_editable_set_text (rows[3], results);
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (self->buffer), script->text != NULL ? script->text : "", -1);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_editable_set_editable (rows[i], editable);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (self->view), editable);
  self->filling = FALSE;
}

ChdScript *
chd_script_editor_dup_script (ChdScriptEditor *self)
{
  ChdScript *script;
  GtkTextIter start, end;
  g_auto (GStrv) params = NULL;
  g_auto (GStrv) results = NULL;

  g_return_val_if_fail (CHD_IS_SCRIPT_EDITOR (self), NULL);

  script = chd_item_copy (self->script);
  g_free (script->title);
  script->title = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->title)));
  g_free (script->interpreter);
  script->interpreter = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->interpreter)));
  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (self->buffer), &start, &end);
  g_free (script->text);
  script->text = gtk_text_buffer_get_text (GTK_TEXT_BUFFER (self->buffer), &start, &end, TRUE);

  g_ptr_array_set_size (script->params, 0);
  params = split_names (self->params);
  for (guint i = 0; params[i] != NULL; i++)
    {
      const ChdParam *known = chd_params_find (self->script->params, params[i]);

      if (chd_params_find (script->params, params[i]) == NULL)
        g_ptr_array_add (script->params,
                         known != NULL ? chd_param_copy (known) : chd_param_new (params[i], CHD_PARAM_STRING));
    }
  g_ptr_array_set_size (script->results, 0);
  results = split_names (self->results);
  for (guint i = 0; results[i] != NULL; i++)
    {
      const ChdResult *known = chd_results_find (self->script->results, results[i]);

      if (chd_results_find (script->results, results[i]) == NULL)
        g_ptr_array_add (script->results, known != NULL ? chd_result_copy (known) : chd_result_new (results[i]));
    }
  return script;
}
