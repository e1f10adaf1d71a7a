/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Preferences; each takes effect at once. */

#include "config.h"

#include "chd-preferences-window.h"

#include <glib/gi18n.h>

#include "chd-connections.h"

struct _ChdPreferencesWindow
{
  AdwPreferencesWindow parent_instance;

  GSettings *settings; /* (owned) */
  char **connections;  /* (owned) (nullable): names of the choices */
};

G_DEFINE_FINAL_TYPE (ChdPreferencesWindow, chd_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

static void
add_group (AdwPreferencesPage *page, AdwPreferencesGroup *group, const char *title, const char *description)
{
  adw_preferences_group_set_title (group, title);
  adw_preferences_group_set_description (group, description);
  adw_preferences_page_add (page, group);
}

static void
style_selected_cb (ChdPreferencesWindow *self, GParamSpec *pspec, AdwComboRow *row)
{
  g_settings_set_enum (self->settings, "style", (int) adw_combo_row_get_selected (row));
}

static GtkWidget *
new_style_row (ChdPreferencesWindow *self)
{
  const char *const titles[] = { _ ("Follow the desktop"), _ ("Light"), _ ("Dark"), NULL };
  g_autoptr (GtkStringList) model = gtk_string_list_new (titles);
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Style"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (model));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), (guint) g_settings_get_enum (self->settings, "style"));
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (style_selected_cb), self, G_CONNECT_SWAPPED);
  return row;
}

static GtkWidget *
new_switch_row (ChdPreferencesWindow *self, const char *key, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *toggle = gtk_switch_new ();

  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  g_settings_bind (self->settings, key, toggle, "active", G_SETTINGS_BIND_DEFAULT);
  return row;
}

static void
connection_selected_cb (ChdPreferencesWindow *self, GParamSpec *pspec, AdwComboRow *row)
{
  g_settings_set_string (self->settings, "connection", self->connections[adw_combo_row_get_selected (row)]);
}

static GtkWidget *
new_connection_row (ChdPreferencesWindow *self)
{
  g_autofree char *current = g_settings_get_string (self->settings, "connection");
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  GtkWidget *row = adw_combo_row_new ();
  guint selected = 0;

  self->connections = chd_connections_list ();
  for (guint i = 0; self->connections[i] != NULL; i++)
    {
      gtk_string_list_append (titles, g_str_equal (self->connections[i], CHD_CONNECTION_LOCAL)
                                          ? _ ("Built-in engine on this computer")
                                          : self->connections[i]);
      if (g_str_equal (self->connections[i], current))
        selected = i;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Engine"));
  /* Below the title: names of clusters are long. */
  adw_combo_row_set_use_subtitle (ADW_COMBO_ROW (row), TRUE);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (titles));
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), selected);
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (connection_selected_cb), self, G_CONNECT_SWAPPED);
  return row;
}

static void
chd_preferences_window_dispose (GObject *object)
{
  ChdPreferencesWindow *self = CHD_PREFERENCES_WINDOW (object);

  g_clear_object (&self->settings);
  g_clear_pointer (&self->connections, g_strfreev);
  G_OBJECT_CLASS (chd_preferences_window_parent_class)->dispose (object);
}

static void
chd_preferences_window_class_init (ChdPreferencesWindowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_preferences_window_dispose;
}

static void
chd_preferences_window_init (ChdPreferencesWindow *self)
{
}

GtkWidget *
chd_preferences_window_new (GSettings *settings)
{
  ChdPreferencesWindow *self = g_object_new (CHD_TYPE_PREFERENCES_WINDOW, "modal", TRUE, NULL);
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *general = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  AdwPreferencesGroup *engine = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  self->settings = g_object_ref (settings);
  adw_preferences_group_add (general, new_style_row (self));
  adw_preferences_group_add (general, new_switch_row (self, "single-keys", _ ("Single-key shortcuts"),
                                                      _ ("Letters act while the canvas has the keyboard")));
  adw_preferences_group_add (
      general, new_switch_row (self, "notifications", _ ("Notifications"),
                               _ ("When a run has ended or asks for a decision, while the window is not in use")));
  adw_preferences_group_add (engine, new_connection_row (self));
  add_group (page, general, _ ("General"), NULL);
  add_group (page, engine, _ ("Connection"),
             _ ("Where chains are created and run. Clusters come from your kubeconfig; windows opened from now on use "
                "the choice."));
  adw_preferences_window_add (ADW_PREFERENCES_WINDOW (self), page);
  return GTK_WIDGET (self);
}
