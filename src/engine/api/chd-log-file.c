/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A step's log, read from the first line that is asked for. Memory is bounded by the piece that is read. */

#include "config.h"

#include "chd-log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chd-util.h"

#define BLOCK (64 * 1024)

struct _ChdLogFile
{
  char *path;
  ChdLogOptions options;
  int fd; /* -1 until the file is there */
  off_t offset;
  GString *rest;       /* the beginning of a line whose end was not read yet */
  gboolean continuing; /* the last piece shown was part of a line */
  gboolean since_passed;
  gint64 written;
};

static gsize
read_at (int fd, off_t offset, char *buffer, gsize size)
{
  gsize done = 0;

  while (done < size)
    {
      ssize_t n = pread (fd, buffer + done, size - done, offset + (off_t) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      done += (gsize) n;
    }
  return done;
}

/* Whether the line that begins at @offset is only a part of one: "<time> stdout P …". */
static gboolean
is_part (int fd, off_t offset)
{
  char head[64];
  gsize length = read_at (fd, offset, head, sizeof head - 1);
  const char *space;

  head[length] = '\0';
  space = strchr (head, ' ');
  space = space != NULL ? strchr (space + 1, ' ') : NULL;
  return space != NULL && space[1] == 'P';
}

/* Where the last @lines lines begin: looks backwards, a block at a time. A line in parts is one line, so a line of the
 * file begins one only when the line before it is no part. */
static off_t
find_tail (int fd, off_t end, gint64 lines)
{
  g_autofree char *buffer = g_malloc (BLOCK);
  off_t block = end;
  off_t later = -1; /* where the line behind the one looked at begins */

  if (lines == 0)
    return end;
  while (block > 0)
    {
      gsize size = (gsize) MIN (BLOCK, block);

      block -= (off_t) size;
      if (read_at (fd, block, buffer, size) != size)
        return 0;
      for (gsize i = size; i > 0; i--)
        {
          off_t line = block + (off_t) i;

          if (buffer[i - 1] != '\n' || line == end)
            continue;
          if (later >= 0 && !is_part (fd, line) && --lines == 0)
            return later;
          later = line;
        }
    }
  return later >= 0 && !is_part (fd, 0) && --lines == 0 ? later : 0;
}

static gboolean
open_file (ChdLogFile *self)
{
  if (self->fd >= 0)
    return TRUE;
  self->fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  return self->fd >= 0;
}

ChdLogFile *
chd_log_file_open (const char *path, const ChdLogOptions *options)
{
  ChdLogFile *self = g_new0 (ChdLogFile, 1);

  self->path = g_strdup (path);
  self->options = *options;
  self->fd = -1;
  self->rest = g_string_new (NULL);
  self->since_passed = options->since == 0;
  if (open_file (self) && options->tail_lines >= 0)
    self->offset = find_tail (self->fd, lseek (self->fd, 0, SEEK_END), options->tail_lines);
  return self;
}

void
chd_log_file_free (ChdLogFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_string_free (self->rest, TRUE);
  g_free (self->path);
  g_free (self);
}

gboolean
chd_log_file_is_done (ChdLogFile *self)
{
  return self->options.limit_bytes >= 0 && self->written >= self->options.limit_bytes;
}

static gboolean
is_late_enough (ChdLogFile *self, const char *time, gsize length)
{
  g_autofree char *text = g_strndup (time, length);
  gint64 seconds;

  if (!self->since_passed && chd_parse_timestamp (text, &seconds))
    self->since_passed = seconds >= self->options.since;
  return self->since_passed;
}

/* One line of the file, without its end. */
static void
show_line (ChdLogFile *self, const char *line, gsize length, GByteArray *output)
{
  const char *end = line + length;
  const char *stream = memchr (line, ' ', length);
  const char *tag = stream != NULL ? memchr (stream + 1, ' ', (gsize) (end - stream - 1)) : NULL;
  gboolean part;

  if (tag == NULL || end - tag < 2)
    return;
  part = tag[1] == 'P';
  if (is_late_enough (self, line, (gsize) (stream - line)))
    {
      if (self->options.timestamps && !self->continuing)
        g_byte_array_append (output, (const guint8 *) line, (guint) (stream + 1 - line));
      if (end - tag > 3)
        g_byte_array_append (output, (const guint8 *) tag + 3, (guint) (end - tag - 3));
      if (!part)
        g_byte_array_append (output, (const guint8 *) "\n", 1);
    }
  self->continuing = part;
}

GBytes *
chd_log_file_read (ChdLogFile *self, gsize max)
{
  g_autofree char *buffer = g_malloc (BLOCK);
  GByteArray *output = g_byte_array_new ();

  while (output->len < max && !chd_log_file_is_done (self) && open_file (self))
    {
      gsize got = read_at (self->fd, self->offset, buffer, BLOCK);
      const char *at = buffer, *end = buffer + got;

      if (got == 0)
        break;
      self->offset += (off_t) got;
      while (at < end)
        {
          const char *newline = memchr (at, '\n', (gsize) (end - at));

          g_string_append_len (self->rest, at, (newline != NULL ? newline : end) - at);
          if (newline == NULL)
            break;
          show_line (self, self->rest->str, self->rest->len, output);
          g_string_truncate (self->rest, 0);
          at = newline + 1;
        }
      /* No line of a log is that long; something else lies there. */
      if (self->rest->len > 16 * BLOCK)
        g_string_truncate (self->rest, 0);
    }
  if (self->options.limit_bytes >= 0 && self->written + output->len > self->options.limit_bytes)
    g_byte_array_set_size (output, (guint) (self->options.limit_bytes - self->written));
  self->written += output->len;
  return g_byte_array_free_to_bytes (output);
}
