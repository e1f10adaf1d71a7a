/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bytes of a layer's tar. gzip goes through zlib, because libarchive does not check its checksum and would take
 * other packings under the same name; zstd goes through libarchive with that one filter. */

#include "config.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-layer.h"

#define CHUNK (128 * 1024)

struct _ChdLayerStream
{
  ChdOciCompression compression;
  int fd;
  struct archive *zstd;        /* (nullable) */
  GConverter *gzip;            /* (owned) (nullable) */
  guchar *input;               /* CHUNK */
  guchar *output;              /* CHUNK */
  gsize begin, end;            /* of @input: what was read and not yet unpacked */
  gboolean at_end;             /* of the file */
  gboolean member_is_finished; /* a gzip stream ended; another one may follow */
};

static gssize
refuse_damaged (GError **error, const char *details)
{
  g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT, _ ("A layer of the image is damaged and cannot be unpacked."));
  if (error != NULL && details != NULL)
    chd_error_set_details (*error, details);
  return -1;
}

ChdLayerStream *
chd_layer_stream_open (const char *path, ChdOciCompression compression, GError **error)
{
  g_autoptr (ChdLayerStream) self = g_new0 (ChdLayerStream, 1);

  self->compression = compression;
  self->input = g_malloc (CHUNK);
  self->output = g_malloc (CHUNK);
  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (self->fd < 0)
    {
      refuse_damaged (error, g_strerror (errno));
      return NULL;
    }
  if (compression == CHD_OCI_COMPRESSION_GZIP)
    self->gzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
  else if (compression == CHD_OCI_COMPRESSION_ZSTD)
    {
      self->zstd = archive_read_new ();
      if (archive_read_support_filter_zstd (self->zstd) != ARCHIVE_OK)
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED, _ ("Layers packed with zstd cannot be read here."));
          return NULL;
        }
      archive_read_support_format_raw (self->zstd);
      if (archive_read_open_fd (self->zstd, self->fd, CHUNK) != ARCHIVE_OK)
        {
          refuse_damaged (error, archive_error_string (self->zstd));
          return NULL;
        }
      /* One filter and the reader's own end: anything else means that it was not zstd. */
      if (archive_filter_code (self->zstd, 0) != ARCHIVE_FILTER_ZSTD)
        {
          refuse_damaged (error, "not zstd");
          return NULL;
        }
    }
  return g_steal_pointer (&self);
}

void
chd_layer_stream_free (ChdLayerStream *self)
{
  if (self == NULL)
    return;
  if (self->zstd != NULL)
    archive_read_free (self->zstd);
  g_clear_object (&self->gzip);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->input);
  g_free (self->output);
  g_free (self);
}

static gboolean
fill_input (ChdLayerStream *self, GError **error)
{
  ssize_t n;

  if (self->begin < self->end || self->at_end)
    return TRUE;
  do
    n = read (self->fd, self->input, CHUNK);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    {
      refuse_damaged (error, g_strerror (errno));
      return FALSE;
    }
  self->at_end = n == 0;
  self->begin = 0;
  self->end = (gsize) n;
  return TRUE;
}

static gssize
read_gzip (ChdLayerStream *self, GError **error)
{
  for (;;)
    {
      g_autoptr (GError) inner = NULL;
      GConverterResult result;
      gsize consumed = 0, produced = 0;

      if (!fill_input (self, error))
        return -1;
      if (self->member_is_finished)
        {
          if (self->at_end)
            return 0;
          g_converter_reset (self->gzip);
          self->member_is_finished = FALSE;
        }
      result = g_converter_convert (self->gzip, self->input + self->begin, self->end - self->begin, self->output, CHUNK,
                                    self->at_end ? G_CONVERTER_INPUT_AT_END : G_CONVERTER_NO_FLAGS, &consumed,
                                    &produced, &inner);
      self->begin += consumed;
      if (result == G_CONVERTER_ERROR)
        {
          if (!self->at_end && g_error_matches (inner, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) &&
              self->begin == self->end)
            continue;
          return refuse_damaged (error, inner->message);
        }
      if (result == G_CONVERTER_FINISHED)
        self->member_is_finished = TRUE;
      if (produced > 0)
        return (gssize) produced;
    }
}

static gssize
read_zstd (ChdLayerStream *self, GError **error)
{
  struct archive_entry *entry;
  gssize n;

  /* The raw reader has one entry: everything. An empty input has none. */
  if (!self->at_end)
    {
      int result = archive_read_next_header (self->zstd, &entry);

      self->at_end = TRUE;
      if (result == ARCHIVE_EOF)
        return 0;
      if (result != ARCHIVE_OK)
        return refuse_damaged (error, archive_error_string (self->zstd));
    }
  n = archive_read_data (self->zstd, self->output, CHUNK);
  return n >= 0 ? n : refuse_damaged (error, archive_error_string (self->zstd));
}

gssize
chd_layer_stream_read (ChdLayerStream *self, const void **data, GError **error)
{
  *data = self->output;
  switch (self->compression)
    {
    case CHD_OCI_COMPRESSION_GZIP:
      return read_gzip (self, error);
    case CHD_OCI_COMPRESSION_ZSTD:
      return read_zstd (self, error);
    case CHD_OCI_COMPRESSION_NONE:
    default:
      if (!fill_input (self, error))
        return -1;
      *data = self->input;
      self->begin = self->end;
      return self->at_end ? 0 : (gssize) self->end;
    }
}
