/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A filter on the way to a file that knows in the end whether the right bytes went by. */

#include "config.h"

#include "chd-digest-stream.h"

struct _ChdDigestStream
{
  GFilterOutputStream parent_instance;

  GChecksum *checksum; /* (owned) */
  gint64 size;
};

G_DEFINE_FINAL_TYPE (ChdDigestStream, chd_digest_stream, G_TYPE_FILTER_OUTPUT_STREAM)

static gssize
chd_digest_stream_write (GOutputStream *stream,
                         const void *buffer,
                         gsize count,
                         GCancellable *cancellable,
                         GError **error)
{
  ChdDigestStream *self = CHD_DIGEST_STREAM (stream);
  GOutputStream *base = g_filter_output_stream_get_base_stream (G_FILTER_OUTPUT_STREAM (stream));
  gssize n = g_output_stream_write (base, buffer, count, cancellable, error);

  if (n > 0)
    {
      g_checksum_update (self->checksum, buffer, n);
      self->size += n;
    }
  return n;
}

static void
chd_digest_stream_finalize (GObject *object)
{
  g_checksum_free (CHD_DIGEST_STREAM (object)->checksum);
  G_OBJECT_CLASS (chd_digest_stream_parent_class)->finalize (object);
}

static void
chd_digest_stream_class_init (ChdDigestStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_digest_stream_finalize;
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = chd_digest_stream_write;
}

static void
chd_digest_stream_init (ChdDigestStream *self)
{
}

/**
 * chd_digest_stream_new:
 * @base: stays open when this stream ends
 */
ChdDigestStream *
chd_digest_stream_new (GOutputStream *base, GChecksumType type)
{
  ChdDigestStream *self = g_object_new (CHD_TYPE_DIGEST_STREAM, "base-stream", base, "close-base-stream", FALSE, NULL);

  self->checksum = g_checksum_new (type);
  return self;
}

const char *
chd_digest_stream_get_hash (ChdDigestStream *self)
{
  return g_checksum_get_string (self->checksum);
}

gint64
chd_digest_stream_get_size (ChdDigestStream *self)
{
  return self->size;
}
