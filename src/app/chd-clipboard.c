/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The clipboard. What comes from it may come from anybody: it is read with the limit and the strictness of a file. */

#include "config.h"

#include "chd-clipboard.h"

#include <glib/gi18n.h>

#include "chd-error.h"
#include "chd-fragment-text.h"
#include "chd-fragment.h"

#define MAX_TEXT (64 * 1024 * 1024)
#define PIECE 65536

void
chd_clipboard_put (GdkClipboard *clipboard, ChdChain *fragment)
{
  g_autofree char *text = chd_fragment_to_text (fragment);
  g_autofree char *outline = chd_fragment_describe (fragment);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  GdkContentProvider *providers[] = { gdk_content_provider_new_for_bytes (CHD_CLIPBOARD_TYPE, bytes),
                                      gdk_content_provider_new_typed (G_TYPE_STRING, outline) };
  g_autoptr (GdkContentProvider) provider = gdk_content_provider_new_union (providers, G_N_ELEMENTS (providers));

  gdk_clipboard_set_content (clipboard, provider);
}

static void
return_text (GTask *task, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdChain) fragment = NULL;

  if (g_utf8_validate (text, -1, NULL))
    fragment = chd_fragment_from_text (text, &error);
  if (fragment != NULL)
    g_task_return_pointer (task, g_steal_pointer (&fragment), g_object_unref);
  else
    g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_INVALID, "%s",
                             _ ("There is no part of a chain in the clipboard."));
}

static void
piece_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GInputStream *stream = G_INPUT_STREAM (source);
  g_autoptr (GTask) task = user_data;
  GByteArray *data = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) piece = g_input_stream_read_bytes_finish (stream, result, &error);

  if (piece == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (g_bytes_get_size (piece) == 0 || data->len > MAX_TEXT)
    {
      g_byte_array_append (data, (const guint8 *) "", 1);
      return_text (task, data->len > MAX_TEXT ? "" : (const char *) data->data);
      return;
    }
  g_byte_array_append (data, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
  g_input_stream_read_bytes_async (stream, PIECE, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), piece_read_cb,
                                   g_object_ref (task));
}

static void
stream_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (GInputStream) stream = gdk_clipboard_read_finish (GDK_CLIPBOARD (source), result, NULL, &error);

  if (stream == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, g_byte_array_new (), (GDestroyNotify) g_byte_array_unref);
  g_input_stream_read_bytes_async (stream, PIECE, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), piece_read_cb,
                                   g_object_ref (task));
}

void
chd_clipboard_get_async (GdkClipboard *clipboard,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  static const char *const types[] = { CHD_CLIPBOARD_TYPE, "text/plain;charset=utf-8", "text/plain", NULL };
  g_autoptr (GTask) task = g_task_new (clipboard, cancellable, callback, user_data);
  GdkContentFormats *formats = gdk_clipboard_get_formats (clipboard);
  gboolean has_text = gdk_content_formats_contain_gtype (formats, G_TYPE_STRING);

  g_task_set_source_tag (task, chd_clipboard_get_async);
  for (guint i = 0; types[i] != NULL; i++)
    has_text = has_text || gdk_content_formats_contain_mime_type (formats, types[i]);
  if (has_text)
    gdk_clipboard_read_async (clipboard, (const char **) types, G_PRIORITY_DEFAULT, cancellable, stream_cb,
                              g_object_ref (task));
  else
    return_text (task, "");
}

ChdChain *
chd_clipboard_get_finish (GdkClipboard *clipboard, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
