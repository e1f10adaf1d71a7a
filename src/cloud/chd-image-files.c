/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One face for the two forms an image has on disk: a folder, and a tar archive that is read in place. */

#include "config.h"

#include "chd-image-files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-file-slice.h"
#include "chd-tar-index.h"
#include "chd-util.h"

struct _ChdImageFiles
{
  int fd;           /* of the folder or the archive */
  ChdTarIndex *tar; /* (owned) (nullable) NULL for a folder */
};

/* Opens a file below @folder without following links, so that nothing outside is reached. */
static int
open_below (int folder, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  int fd = fcntl (folder, F_DUPFD_CLOEXEC, 0);

  for (guint i = 0; parts[i] != NULL && fd >= 0; i++)
    {
      gboolean last = parts[i + 1] == NULL;
      gboolean proper = *parts[i] != '\0' && g_strcmp0 (parts[i], ".") != 0 && g_strcmp0 (parts[i], "..") != 0;
      int next = -1;

      if (proper)
        next =
            openat (fd, parts[i], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (last ? 0 : O_DIRECTORY));
      else
        errno = ENOENT;
      close (fd);
      fd = next;
    }
  return fd;
}

/* @fd: (out): to be closed by the caller when it is not the archive's own */
static gboolean
find (ChdImageFiles *self, const char *name, int *fd, goffset *offset, gint64 *size, GError **error)
{
  g_autofree char *shown = chd_str_sanitize (name, -1, 200);
  struct stat info;

  *fd = self->fd;
  *offset = 0;
  if (self->tar != NULL)
    {
      if (chd_tar_index_lookup (self->tar, name, offset, size))
        return TRUE;
    }
  else
    {
      *fd = open_below (self->fd, name);
      if (*fd >= 0 && fstat (*fd, &info) == 0 && S_ISREG (info.st_mode))
        {
          *size = info.st_size;
          return TRUE;
        }
      if (*fd >= 0)
        close (*fd);
    }
  /* Translators: %s is a file name */
  g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The image is incomplete: the file %s is missing in it."),
               shown);
  return FALSE;
}

/**
 * chd_image_files_open:
 * @path: a folder or a tar archive
 */
ChdImageFiles *
chd_image_files_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (ChdImageFiles) self = g_new0 (ChdImageFiles, 1);
  g_autofree char *name = g_filename_display_basename (path);
  struct stat info;

  self->fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    {
      /* Translators: file name, and the system's reason */
      g_set_error (error, CHD_ERROR, errno == ENOENT ? CHD_ERROR_NOT_FOUND : CHD_ERROR_FAILED,
                   _ ("The image %s cannot be opened: %s"), name, g_strerror (errno));
      return NULL;
    }
  if (S_ISDIR (info.st_mode))
    return g_steal_pointer (&self);
  if (!S_ISREG (info.st_mode))
    {
      /* Translators: %s is a file name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("%s is neither an image archive nor an image folder."),
                   name);
      return NULL;
    }
  self->tar = chd_tar_index_new (self->fd, info.st_size, cancellable, error);
  return self->tar != NULL ? g_steal_pointer (&self) : NULL;
}

void
chd_image_files_free (ChdImageFiles *self)
{
  g_clear_pointer (&self->tar, chd_tar_index_free);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

gboolean
chd_image_files_is_folder (ChdImageFiles *self)
{
  return self->tar == NULL;
}

gboolean
chd_image_files_has (ChdImageFiles *self, const char *name)
{
  goffset offset;
  gint64 size;
  int fd;

  if (!find (self, name, &fd, &offset, &size, NULL))
    return FALSE;
  if (fd != self->fd)
    close (fd);
  return TRUE;
}

/**
 * chd_image_files_read:
 * @max_bytes: a larger file is refused
 */
GBytes *
chd_image_files_read (ChdImageFiles *self, const char *name, gsize max_bytes, GError **error)
{
  gint64 size;
  g_autoptr (GInputStream) stream = chd_image_files_open_stream (self, name, &size, error);
  g_autofree char *data = NULL;
  gsize done;

  if (stream == NULL)
    return NULL;
  if ((guint64) size > max_bytes)
    {
      g_autofree char *shown = chd_str_sanitize (name, -1, 200);

      /* Translators: %s is a file name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("The file %s in the image is too large."), shown);
      return NULL;
    }
  data = g_malloc ((gsize) size + 1);
  if (!g_input_stream_read_all (stream, data, (gsize) size, &done, NULL, error))
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&data), done);
}

/**
 * chd_image_files_open_stream:
 * @size: (out): of the file, in bytes
 *
 * Returns: (transfer full): a seekable stream
 */
GInputStream *
chd_image_files_open_stream (ChdImageFiles *self, const char *name, gint64 *size, GError **error)
{
  GInputStream *stream;
  goffset offset;
  int fd;

  if (!find (self, name, &fd, &offset, size, error))
    return NULL;
  stream = chd_file_slice_new (fd, offset, *size, error);
  if (fd != self->fd)
    close (fd);
  return stream;
}
