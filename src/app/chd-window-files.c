/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a window gets its document and lets it go: new, open, sample, save, export, recover, close. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-connections.h"
#include "chd-picture.h"
#include "chd-util.h"
#include "chd-window-private.h"

/* The engine that windows use, by the preference. */
ChdConnection *
chd_window_dup_connection (ChdWindow *self, GError **error)
{
  g_autofree char *name = g_settings_get_string (self->settings, "connection");

  return chd_connections_find (name, error);
}

static void
connect_engine (ChdWindow *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdConnection) connection = NULL;

  if (chd_workspace_get_session (self->workspace) != NULL || chd_workspace_is_connecting (self->workspace) ||
      chd_workspace_get_store (self->workspace) == NULL)
    return;
  connection = chd_window_dup_connection (self, &error);
  if (connection != NULL)
    chd_workspace_connect (self->workspace, connection);
  else
    chd_window_show_error (self, _ ("The chosen engine is not known any more."), error);
}

/* Puts a document into the window, and reaches for the engine. */
void
chd_window_show_document (ChdWindow *self, ChdDocument *document)
{
  chd_workspace_set_document (self->workspace, document);
  connect_engine (self);
}

void
chd_window_new_chain (ChdWindow *self)
{
  g_autoptr (ChdChain) chain = NULL;
  g_autoptr (ChdDocument) document = NULL;

  g_return_if_fail (CHD_IS_WINDOW (self));

  chain = chd_chain_new ("new-chain", _ ("New chain"));
  document = chd_document_new (chain, chd_workspace_get_store (self->workspace));
  chd_window_show_document (self, document);
}

/* Open */

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdDocument) document = chd_document_load_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->loading);
  if (document != NULL)
    chd_window_show_document (self, document);
  else
    chd_window_show_error (self, _ ("The chain cannot be opened."), error);
}

void
chd_window_open (ChdWindow *self, GFile *file)
{
  g_return_if_fail (CHD_IS_WINDOW (self));

  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  self->loading = g_cancellable_new ();
  chd_document_load_async (file, chd_workspace_get_store (self->workspace), self->loading, loaded_cb,
                           g_object_ref (self));
}

/* File choosers: kept in a reference of their own while they are open (GtkFileChooserNative). */

static GtkFileChooserNative *
new_chooser (ChdWindow *self, const char *title, GtkFileChooserAction action, const char *accept)
{
  return gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, accept, NULL);
}

static void
add_chain_filter (GtkFileChooserNative *chooser)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, _ ("Chains"));
  gtk_file_filter_add_pattern (filter, "*.chain.json");
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
}

static void
open_response_cb (GtkFileChooserNative *chooser, int response, ChdWindow *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      GFile *files[1];

      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      files[0] = file;
      g_application_open (g_application_get_default (), files, 1, "");
    }
  g_object_unref (chooser);
}

static void
open_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkFileChooserNative *chooser =
      new_chooser (user_data, _ ("Open a Chain"), GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"));

  add_chain_filter (chooser);
  g_signal_connect_object (chooser, "response", G_CALLBACK (open_response_cb), user_data, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* A sample is opened as a new document, so that saving never touches the shipped file. */
static void
sample_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdDocument) sample = chd_document_load_finish (result, &error);
  g_autoptr (ChdDocument) document = NULL;

  if (sample == NULL)
    {
      chd_window_show_error (self, _ ("The sample cannot be opened."), error);
      return;
    }
  document = chd_document_new (chd_document_get_chain (sample), chd_workspace_get_store (self->workspace));
  chd_window_show_document (self, document);
}

static void
open_sample_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autofree char *relative = g_build_filename ("samples", g_variant_get_string (parameter, NULL), NULL);
  g_autofree char *path = chd_data_path (relative);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  chd_document_load_async (file, NULL, NULL, sample_loaded_cb, g_object_ref (user_data));
}

/* Save */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!chd_document_save_finish (CHD_DOCUMENT (source), result, &error))
    {
      self->closing = FALSE;
      chd_window_show_error (self, _ ("The chain was not saved."), error);
      return;
    }
  chd_banner_hide (self->recovery_banner);
  if (self->closing)
    gtk_window_close (GTK_WINDOW (self));
  else
    chd_window_show_toast (self, _ ("All changes are saved."), FALSE);
}

static void
save_to (ChdWindow *self, GFile *file)
{
  chd_document_save_async (chd_workspace_get_document (self->workspace), file, NULL, saved_cb, g_object_ref (self));
}

static void
save_response_cb (GtkFileChooserNative *chooser, int response, ChdWindow *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      save_to (self, file);
    }
  else
    self->closing = FALSE;
  g_object_unref (chooser);
}

static void
save_as_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;
  GtkFileChooserNative *chooser = new_chooser (self, _ ("Save the Chain"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"));
  g_autofree char *name = NULL;

  chd_workspace_commit (self->workspace);
  name = g_strconcat (chd_chain_get_head (chd_workspace_get_chain (self->workspace))->item.id, ".chain.json", NULL);
  add_chain_filter (chooser);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_object (chooser, "response", G_CALLBACK (save_response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

static void
save_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;

  chd_workspace_commit (self->workspace);
  if (chd_document_get_file (chd_workspace_get_document (self->workspace)) != NULL)
    save_to (self, NULL);
  else
    save_as_activated (action, NULL, self);
}

/* Export */

typedef struct
{
  ChdWindow *window; /* (owned) */
  ChdPictureFormat format;
} Export;

static void
export_free (Export *export)
{
  g_object_unref (export->window);
  g_free (export);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    chd_window_show_toast (self, _ ("The picture was written."), FALSE);
  else
    chd_window_show_error (self, _ ("The picture was not written."), error);
}

static void
export_response_cb (GtkFileChooserNative *chooser, int response, Export *export)
{
  ChdWindow *self = export->window;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  if (response == GTK_RESPONSE_ACCEPT && self->canvas != NULL)
    {
      file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (chooser));
      bytes = chd_picture_render (chd_canvas_get_scene (self->canvas), export->format,
                                  export->format == CHD_PICTURE_PNG ? 2 : 1, CHD_PICTURE_LIGHT, &error);
      if (bytes != NULL)
        g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL, exported_cb,
                                             g_object_ref (self));
      else
        chd_window_show_error (self, _ ("The picture was not written."), error);
    }
  g_object_unref (chooser);
}

static void
export_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdWindow *self = user_data;
  const char *format = g_variant_get_string (parameter, NULL);
  Export *export = g_new0 (Export, 1);
  GtkFileChooserNative *chooser;
  g_autofree char *name = NULL;

  export->window = g_object_ref (self);
  if (!chd_picture_format_from_string (format, &export->format))
    {
      export_free (export);
      return;
    }
  chooser = new_chooser (self, _ ("Export the Picture"), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Export"));
  name = g_strdup_printf ("%s.%s", chd_chain_get_head (chd_workspace_get_chain (self->workspace))->item.id, format);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  g_signal_connect_data (chooser, "response", G_CALLBACK (export_response_cb), export, (GClosureNotify) export_free, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (chooser));
}

/* Drafts */

static void
recovered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdDocument) document = chd_document_recover_finish (result, &error);

  g_clear_object (&self->loading);
  if (document == NULL)
    {
      chd_window_show_error (self, _ ("The unsaved changes cannot be recovered."), error);
      return;
    }
  chd_window_show_document (self, document);
  chd_banner_show (self->recovery_banner, _ ("Recovered unsaved changes. Save to keep them."), NULL);
}

/* Never cancelled: a draft that was taken belongs to a document. */
static void
recover (ChdWindow *self, const char *draft_id)
{
  chd_document_recover_async (chd_workspace_get_store (self->workspace), draft_id, NULL, recovered_cb,
                              g_object_ref (self));
}

static void
suspect_response_cb (ChdWindow *self, const char *response, GtkWidget *dialog)
{
  const char *draft_id = g_object_get_data (G_OBJECT (dialog), "draft");

  if (g_str_equal (response, "open"))
    {
      recover (self, draft_id);
      return;
    }
  g_clear_object (&self->loading);
  if (g_str_equal (response, "delete"))
    chd_document_drop_draft (chd_workspace_get_store (self->workspace), draft_id);
}

static void
ask_before_recovering (ChdWindow *self, const ChdDraft *draft)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Open the Unsaved Changes?"), NULL);

  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  _ ("The program ended when it last opened the unsaved changes of “%s”."),
                                  draft->title);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "later", _ ("_Not Now"), "delete", _ ("_Delete"),
                                    "open", _ ("_Open"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "later");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "later");
  g_object_set_data_full (G_OBJECT (dialog), "draft", g_strdup (draft->id), g_free);
  g_signal_connect_object (dialog, "response", G_CALLBACK (suspect_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
chd_window_offer_draft (ChdWindow *self, const ChdDraft *draft)
{
  g_return_if_fail (CHD_IS_WINDOW (self));

  /* From now on the window is no place for anything else, least of all for another draft. */
  g_clear_object (&self->loading);
  self->loading = g_cancellable_new ();
  if (draft->suspect)
    ask_before_recovering (self, draft);
  else
    recover (self, draft->id);
}

/* Close */

static gboolean
close_cb (gpointer window)
{
  gtk_window_close (window);
  return G_SOURCE_REMOVE;
}

static void
close_response_cb (ChdWindow *self, const char *response)
{
  if (g_str_equal (response, "cancel"))
    return;
  self->closing = TRUE;
  if (g_str_equal (response, "save"))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.save", NULL);
  else
    /* Not before the dialog has ended: it still uses its parent. */
    g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, close_cb, g_object_ref (self), g_object_unref);
}

void
chd_window_ask_before_closing (ChdWindow *self)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Save Changes?"),
                                              _ ("Changes that are not saved are lost for good."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "discard", _ ("_Discard"),
                                    "save", _ ("_Save"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "discard", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "save", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "save");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (close_response_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static const GActionEntry actions[] = {
  { "open", open_activated },       { "open-sample", open_sample_activated, "s" }, { "save", save_activated },
  { "save-as", save_as_activated }, { "export", export_activated, "s" },
};

void
chd_window_install_file_actions (ChdWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
}
