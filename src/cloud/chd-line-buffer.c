/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Holds at most one line that is not complete yet, and what was fed and not yet taken. */

#include "config.h"

#include "chd-line-buffer.h"

#include <string.h>

struct _ChdLineBuffer
{
  GByteArray *bytes; /* (owned) */
  gsize taken;       /* bytes at the beginning that were given out */
  gsize searched;    /* bytes after them that hold no line end: each byte is looked at once */
  gsize max_line;
};

/**
 * chd_line_buffer_new:
 * @max_line: bytes; a longer line comes in pieces
 */
ChdLineBuffer *
chd_line_buffer_new (gsize max_line)
{
  ChdLineBuffer *self = g_new0 (ChdLineBuffer, 1);

  self->bytes = g_byte_array_new ();
  self->max_line = max_line;
  return self;
}

void
chd_line_buffer_free (ChdLineBuffer *self)
{
  g_byte_array_unref (self->bytes);
  g_free (self);
}

/* What chd_line_buffer_next() gave becomes invalid. */
void
chd_line_buffer_feed (ChdLineBuffer *self, const char *data, gsize size)
{
  if (self->taken > 0)
    g_byte_array_remove_range (self->bytes, 0, (guint) self->taken);
  self->taken = 0;
  g_byte_array_append (self->bytes, (const guint8 *) data, (guint) size);
}

/**
 * chd_line_buffer_next:
 * @length: (out): without the line end
 * @whole: (out): %FALSE for a piece of a line that is too long and goes on
 *
 * Returns: (transfer none) (nullable): the next line, not terminated; %NULL when more has to be fed
 */
const char *
chd_line_buffer_next (ChdLineBuffer *self, gsize *length, gboolean *whole)
{
  const char *line = (const char *) self->bytes->data + self->taken;
  gsize available = self->bytes->len - self->taken;
  const char *end = NULL;

  if (available > self->searched)
    end = memchr (line + self->searched, '\n', available - self->searched);
  *whole = end != NULL && (gsize) (end - line) <= self->max_line;
  if (*whole)
    {
      *length = (gsize) (end - line);
      self->taken += *length + 1;
    }
  else if (available > self->max_line)
    {
      *length = self->max_line;
      self->taken += *length;
    }
  else
    {
      self->searched = available;
      return NULL;
    }
  self->searched = 0;
  return line;
}

/**
 * chd_line_buffer_rest:
 * @length: (out):
 *
 * Returns: (transfer none): what stands behind the last line end
 */
const char *
chd_line_buffer_rest (ChdLineBuffer *self, gsize *length)
{
  *length = self->bytes->len - self->taken;
  return (const char *) self->bytes->data + self->taken;
}
