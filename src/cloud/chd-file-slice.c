/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes [offset, offset + length) of a file. Positions count from the slice's beginning. */

#include "config.h"

#include "chd-file-slice.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct _ChdFileSlice
{
  GInputStream parent_instance;

  int fd;
  goffset offset;
  goffset length;
  goffset position;
};

static void seekable_init (GSeekableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ChdFileSlice,
                               chd_file_slice,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SEEKABLE, seekable_init))

static gssize
chd_file_slice_read (GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  ChdFileSlice *self = CHD_FILE_SLICE (stream);
  gssize n;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  count = (gsize) MIN ((goffset) MIN (count, G_MAXINT32), self->length - self->position);
  if (count == 0)
    return 0;
  do
    n = pread (self->fd, buffer, count, self->offset + self->position);
  while (n < 0 && errno == EINTR);

  if (n > 0)
    self->position += n;
  else if (n < 0)
    g_set_error_literal (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), g_strerror (errno));
  return n;
}

static gboolean
chd_file_slice_can_seek (GSeekable *seekable)
{
  return TRUE;
}

static goffset
chd_file_slice_tell (GSeekable *seekable)
{
  return CHD_FILE_SLICE (seekable)->position;
}

static gboolean
chd_file_slice_seek (GSeekable *seekable, goffset offset, GSeekType type, GCancellable *cancellable, GError **error)
{
  ChdFileSlice *self = CHD_FILE_SLICE (seekable);
  goffset base = type == G_SEEK_SET ? 0 : type == G_SEEK_CUR ? self->position : self->length;

  if (offset < -base || offset > self->length - base)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, g_strerror (EINVAL));
      return FALSE;
    }
  self->position = base + offset;
  return TRUE;
}

static gboolean
chd_file_slice_can_truncate (GSeekable *seekable)
{
  return FALSE;
}

static gboolean
chd_file_slice_truncate (GSeekable *seekable, goffset offset, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, g_strerror (ENOTSUP));
  return FALSE;
}

static void
seekable_init (GSeekableIface *iface)
{
  iface->can_seek = chd_file_slice_can_seek;
  iface->tell = chd_file_slice_tell;
  iface->seek = chd_file_slice_seek;
  iface->can_truncate = chd_file_slice_can_truncate;
  iface->truncate_fn = chd_file_slice_truncate;
}

static void
chd_file_slice_finalize (GObject *object)
{
  ChdFileSlice *self = CHD_FILE_SLICE (object);

  if (self->fd >= 0)
    close (self->fd);
  G_OBJECT_CLASS (chd_file_slice_parent_class)->finalize (object);
}

static void
chd_file_slice_class_init (ChdFileSliceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_file_slice_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = chd_file_slice_read;
}

static void
chd_file_slice_init (ChdFileSlice *self)
{
  self->fd = -1;
}

/**
 * chd_file_slice_new:
 * @fd: of a regular file; a duplicate is kept
 */
GInputStream *
chd_file_slice_new (int fd, goffset offset, goffset length, GError **error)
{
  ChdFileSlice *self = g_object_new (CHD_TYPE_FILE_SLICE, NULL);

  self->fd = fcntl (fd, F_DUPFD_CLOEXEC, 0);
  self->offset = offset;
  self->length = length;
  if (self->fd < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, (int) g_io_error_from_errno (errno), g_strerror (errno));
      g_clear_object (&self);
    }
  return (GInputStream *) self;
}
