/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starting, opening files, the windows and the actions of the whole program. What is asked for before the user's store
 * is open waits for it, so that no window ever works without its drafts. */

#include "config.h"

#include "chd-application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "chd-action-table.h"
#include "chd-document.h"
#include "chd-preferences-window.h"
#include "chd-window.h"

struct _ChdApplication
{
  AdwApplication parent_instance;

  GSettings *settings; /* (owned) */
  ChdStore *store;     /* (owned) (nullable) */
  GError *store_error; /* (owned) (nullable): why there is none */
  gboolean ready;      /* the store is open, or known not to open, and its drafts are known */
  GPtrArray *waiting;  /* (owned) of GFile: to be shown when the store is open; NULL stands for an empty window */
};

G_DEFINE_FINAL_TYPE (ChdApplication, chd_application, ADW_TYPE_APPLICATION)

static ChdWindow *
add_window (ChdApplication *self)
{
  ChdWindow *window = chd_window_new (self);

  gtk_window_present (GTK_WINDOW (window));
  if (self->store_error != NULL)
    chd_window_show_error (window, _ ("Your library cannot be opened."), self->store_error);
  return window;
}

/* A chain is open in one window only. */
static ChdWindow *
find_window (ChdApplication *self, GFile *file)
{
  for (GList *link = gtk_application_get_windows (GTK_APPLICATION (self)); link != NULL; link = link->next)
    if (CHD_IS_WINDOW (link->data) && chd_window_shows (link->data, file))
      return link->data;
  return NULL;
}

static ChdWindow *
find_empty_window (ChdApplication *self)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));

  return CHD_IS_WINDOW (active) && chd_window_is_empty (CHD_WINDOW (active)) ? CHD_WINDOW (active) : NULL;
}

static void
show_file (ChdApplication *self, GFile *file)
{
  ChdWindow *window;

  if (file == NULL)
    {
      add_window (self);
      return;
    }
  window = find_window (self, file);
  if (window != NULL)
    {
      gtk_window_present (GTK_WINDOW (window));
      return;
    }
  window = find_empty_window (self);
  chd_window_open (window != NULL ? window : add_window (self), file);
}

/* The draft that belongs to a file. (nullable) */
static const ChdDraft *
find_draft (GPtrArray *drafts, GFile *file)
{
  for (guint i = 0; file != NULL && i < drafts->len; i++)
    {
      const ChdDraft *draft = g_ptr_array_index (drafts, i);
      g_autoptr (GFile) of = draft->path != NULL ? g_file_new_for_path (draft->path) : NULL;

      if (of != NULL && g_file_equal (of, file))
        return draft;
    }
  return NULL;
}

static void
offer_draft (ChdApplication *self, const ChdDraft *draft)
{
  ChdWindow *window = find_empty_window (self);

  chd_window_offer_draft (window != NULL ? window : add_window (self), draft);
}

/* A file that has a draft is opened with it: a chain is open in one window only. */
static void
show_all (ChdApplication *self, GPtrArray *drafts)
{
  self->ready = TRUE;
  for (guint i = 0; i < drafts->len; i++)
    offer_draft (self, g_ptr_array_index (drafts, i));
  for (guint i = 0; i < self->waiting->len; i++)
    {
      GFile *file = g_ptr_array_index (self->waiting, i);

      if (find_draft (drafts, file) == NULL && (file != NULL || drafts->len == 0))
        show_file (self, file);
    }
  g_ptr_array_set_size (self->waiting, 0);
  g_application_release (G_APPLICATION (self));
}

static void
drafts_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdApplication) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) drafts = chd_document_list_drafts_finish (result, &error);

  if (drafts == NULL)
    {
      g_message ("The drafts cannot be listed: %s", error->message);
      drafts = g_ptr_array_new ();
    }
  show_all (self, drafts);
}

static void
store_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ChdApplication *self = user_data;
  g_autoptr (GPtrArray) none = g_ptr_array_new ();

  self->store = chd_store_open_finish (result, &self->store_error);
  if (self->store != NULL)
    chd_document_list_drafts_async (self->store, NULL, drafts_cb, g_object_ref (self));
  else
    show_all (self, none);
}

static void
show_when_ready (ChdApplication *self, GFile *file)
{
  if (self->ready)
    show_file (self, file);
  else
    g_ptr_array_add (self->waiting, file != NULL ? g_object_ref (file) : NULL);
}

/* Actions */

static void
new_window_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdApplication *self = user_data;
  ChdWindow *window = find_empty_window (self);

  chd_window_new_chain (window != NULL ? window : add_window (self));
}

static void
preferences_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdApplication *self = user_data;
  GtkWindow *parent = gtk_application_get_active_window (GTK_APPLICATION (self));
  GtkWidget *window = chd_preferences_window_new (self->settings);

  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_present (GTK_WINDOW (window));
}

static void
shortcuts_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = chd_action_table_build_shortcuts_window ();

  gtk_window_set_transient_for (GTK_WINDOW (window), gtk_application_get_active_window (user_data));
  gtk_window_present (GTK_WINDOW (window));
}

static void
about_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_show_about_window (gtk_application_get_active_window (user_data), "application-name", _ ("Chain Designer"),
                         "application-icon", CHD_APPLICATION_ID, "version", CHD_VERSION, "developer-name",
                         _ ("The Chain Designer contributors"), "license-type", GTK_LICENSE_GPL_3_0, "website",
                         "https://chain-designer.example.org", "issue-url", "https://chain-designer.example.org/issues",
                         "comments", _ ("Draw how your organisation works, and let it run."),
                         /* Translators: your name, one a line. */
                         "translator-credits", _ ("translator-credits"), NULL);
}

static void
quit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user_data));

  /* Each window asks for itself; the program ends with the last one. */
  for (GList *link = windows; link != NULL; link = link->next)
    gtk_window_close (link->data);
}

static const GActionEntry actions[] = {
  { "new-window", new_window_activated },
  { "preferences", preferences_activated },
  { "shortcuts", shortcuts_activated },
  { "about", about_activated },
  { "quit", quit_activated },
};

/* Style */

static void
style_changed_cb (ChdApplication *self)
{
  static const AdwColorScheme schemes[] = {
    ADW_COLOR_SCHEME_DEFAULT,
    ADW_COLOR_SCHEME_FORCE_LIGHT,
    ADW_COLOR_SCHEME_FORCE_DARK,
  };

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      schemes[CLAMP (g_settings_get_enum (self->settings, "style"), 0, 2)]);
}

/* The session ends, or somebody ends us: what is not saved goes to its draft first. */
static gboolean
terminated_cb (gpointer user_data)
{
  ChdApplication *self = user_data;

  for (GList *link = gtk_application_get_windows (GTK_APPLICATION (self)); link != NULL; link = link->next)
    {
      ChdDocument *document =
          CHD_IS_WINDOW (link->data) ? chd_workspace_get_document (chd_window_get_workspace (link->data)) : NULL;

      if (document != NULL)
        chd_document_flush_draft (document);
    }
  g_application_quit (G_APPLICATION (self));
  return G_SOURCE_CONTINUE;
}

/* Application */

static void
chd_application_startup (GApplication *application)
{
  ChdApplication *self = CHD_APPLICATION (application);

  G_APPLICATION_CLASS (chd_application_parent_class)->startup (application);

  gtk_window_set_default_icon_name (CHD_APPLICATION_ID);
  self->settings = g_settings_new (CHD_APPLICATION_ID);
  g_signal_connect_object (self->settings, "changed::style", G_CALLBACK (style_changed_cb), self, G_CONNECT_SWAPPED);
  style_changed_cb (self);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  chd_action_table_install (GTK_APPLICATION (self));

  g_unix_signal_add (SIGTERM, terminated_cb, self);
  g_unix_signal_add (SIGHUP, terminated_cb, self);
  g_application_hold (application);
  chd_store_open_async (NULL, NULL, store_opened_cb, self);
}

static void
chd_application_activate (GApplication *application)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (active != NULL)
    gtk_window_present (active);
  else
    show_when_ready (CHD_APPLICATION (application), NULL);
}

static void
chd_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    show_when_ready (CHD_APPLICATION (application), files[i]);
}

static void
chd_application_shutdown (GApplication *application)
{
  ChdApplication *self = CHD_APPLICATION (application);

  if (self->store != NULL)
    chd_store_close (self->store);
  G_APPLICATION_CLASS (chd_application_parent_class)->shutdown (application);
}

static void
chd_application_dispose (GObject *object)
{
  ChdApplication *self = CHD_APPLICATION (object);

  g_clear_object (&self->settings);
  g_clear_object (&self->store);
  g_clear_error (&self->store_error);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  G_OBJECT_CLASS (chd_application_parent_class)->dispose (object);
}

static void
clear_file (gpointer file)
{
  if (file != NULL)
    g_object_unref (file);
}

static void
chd_application_class_init (ChdApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chd_application_dispose;
  application_class->startup = chd_application_startup;
  application_class->activate = chd_application_activate;
  application_class->open = chd_application_open;
  application_class->shutdown = chd_application_shutdown;
}

static void
chd_application_init (ChdApplication *self)
{
  self->waiting = g_ptr_array_new_with_free_func (clear_file);
}

ChdApplication *
chd_application_new (void)
{
  return g_object_new (CHD_TYPE_APPLICATION, "application-id", CHD_APPLICATION_ID, "resource-base-path",
                       CHD_RESOURCE_PATH, "flags", G_APPLICATION_HANDLES_OPEN, NULL);
}

ChdStore *
chd_application_get_store (ChdApplication *self)
{
  g_return_val_if_fail (CHD_IS_APPLICATION (self), NULL);
  return self->store;
}

GSettings *
chd_application_get_settings (ChdApplication *self)
{
  g_return_val_if_fail (CHD_IS_APPLICATION (self), NULL);
  return self->settings;
}
