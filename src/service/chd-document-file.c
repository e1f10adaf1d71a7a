/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading and writing of a document's file. A first save is as durable as a later one: GLib's own replacing syncs
 * only files that existed before. */

#include "config.h"

#include "chd-document-file.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"

static char *
read_stream (GFile *file, gsize *length, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree char *data = NULL;

  if (stream == NULL)
    return NULL;
  data = g_malloc (CHD_JSON_MAX_DOCUMENT + 2);
  if (!g_input_stream_read_all (G_INPUT_STREAM (stream), data, CHD_JSON_MAX_DOCUMENT + 1, length, cancellable, error))
    return NULL;
  if (*length > CHD_JSON_MAX_DOCUMENT)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("The file is larger than a chain may be."));
      return NULL;
    }
  data[*length] = '\0';
  return g_realloc (g_steal_pointer (&data), *length + 1);
}

char *
chd_document_file_read (GFile *file, gsize *length, char **hash, GCancellable *cancellable, GError **error)
{
  const char *path = g_file_peek_path (file);
  char *text = path != NULL ? chd_read_regular_file (path, CHD_JSON_MAX_DOCUMENT, length, error)
                            : read_stream (file, length, cancellable, error);

  if (text != NULL && hash != NULL)
    *hash = chd_sha256 (text, *length);
  return text;
}

char *
chd_document_file_hash (GFile *file, GCancellable *cancellable)
{
  g_autofree char *text = NULL;
  char *hash = NULL;
  gsize length;

  text = chd_document_file_read (file, &length, &hash, cancellable, NULL);
  return hash;
}

static void
set_write_error (GFile *file, const GError *reason, GError **error)
{
  g_autofree char *name = g_file_get_parse_name (file);

  /* Translators: a file name, and the system's reason */
  g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED, _ ("The chain cannot be saved in %s: %s"), name, reason->message);
}

gboolean
chd_document_file_write (GFile *file, const char *text, gsize length, GCancellable *cancellable, GError **error)
{
  const char *path = g_file_peek_path (file);
  g_autoptr (GError) local = NULL;

  if (path != NULL)
    {
      /* Renaming onto a link would replace the link. */
      char *resolved = realpath (path, NULL);
      GStatBuf info;
      int mode = g_stat (path, &info) == 0 ? (int) (info.st_mode & 07777) : 0666;
      gboolean is_new = mode == 0666 && resolved == NULL;

      /* The mode of a new file is narrowed by the user's mask as with any other program. */
      if (is_new)
        {
          mode_t mask = umask (0);

          umask (mask);
          mode &= ~mask;
        }
      g_file_set_contents_full (resolved != NULL ? resolved : path, text, (gssize) length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, &local);
      free (resolved);
    }
  else
    {
      g_file_replace_contents (file, text, length, NULL, FALSE, G_FILE_CREATE_NONE, NULL, cancellable, &local);
    }
  if (local == NULL)
    return TRUE;
  set_write_error (file, local, error);
  return FALSE;
}
