/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Going on is by time stamp, which servers take in whole seconds: the lines of the last second come again. So it is
 * counted how many lines of that second were shown, and as many are passed over. Equal time stamps, and stamps a little
 * out of order (two outputs of one step), do no harm to that. */

#include "config.h"

#include "chd-log-cursor.h"

#include <string.h>

#include "chd-util.h"

#define MAX_STAMP 40
#define NANOSECONDS G_GINT64_CONSTANT (1000000000)

void
chd_log_cursor_init (ChdLogCursor *self)
{
  memset (self, 0, sizeof *self);
  self->second = -1;
}

/* Reads "2026-11-23T17:12:02.126170511Z " (or with an offset) at the beginning; returns its length, 0 for none. */
static gsize
read_stamp (const char *line, gsize length, gint64 *nanoseconds)
{
  const char *space = memchr (line, ' ', MIN (length, MAX_STAMP));
  gsize size = space != NULL ? (gsize) (space - line) : length;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *whole = NULL;
  gint64 fraction = 0, unit = NANOSECONDS / 10;
  gsize at = 19;

  if (size < 20 || size > MAX_STAMP || !g_ascii_isdigit (line[0]) || line[4] != '-' || line[10] != 'T')
    return 0;
  if (line[at] == '.')
    for (at++; at < size && g_ascii_isdigit (line[at]); at++)
      {
        fraction += (line[at] - '0') * unit;
        unit /= 10;
      }
  whole = g_strdup_printf ("%.19s%.*s", line, (int) (size - at), line + at);
  time = g_date_time_new_from_iso8601 (whole, NULL);
  if (time == NULL)
    return 0;
  *nanoseconds = g_date_time_to_unix (time) * NANOSECONDS + fraction;
  return space != NULL ? size + 1 : size;
}

/* A line begins: was it shown before the cut? */
static void
begin_line (ChdLogCursor *self, gint64 time)
{
  self->piece = 0;
  if (time > self->latest)
    {
      /* The rest of what was shown is no longer kept there. */
      self->skip_lines = 0;
      self->skip_pieces = 0;
    }
  self->skipping = self->skip_lines > 0 && time != 0;
  if (self->skipping)
    {
      self->skip_lines--;
      return;
    }
  self->time = time;
  if (time == 0)
    return;
  self->latest = MAX (self->latest, time);
  if (time / NANOSECONDS > self->second)
    {
      self->second = time / NANOSECONDS;
      self->in_second = 1;
    }
  else if (time / NANOSECONDS == self->second)
    {
      self->in_second++;
    }
}

/**
 * chd_log_cursor_take:
 * @line: (inout): a line, or a piece of a long one; its time stamp is taken off
 * @length: (inout):
 * @whole: %FALSE when the line goes on in the next piece
 *
 * Returns: whether it is to be shown; %FALSE for what was shown already
 */
gboolean
chd_log_cursor_take (ChdLogCursor *self, const char **line, gsize *length, gboolean whole)
{
  gboolean shown;

  if (!self->in_line)
    {
      gint64 time = 0;
      gsize stamp = read_stamp (*line, *length, &time);

      begin_line (self, time);
      *line += stamp;
      *length -= stamp;
    }
  else
    {
      self->piece++;
    }
  self->in_line = !whole;
  if (self->skipping)
    return FALSE;
  shown = self->piece >= self->skip_pieces;
  if (whole)
    self->skip_pieces = 0;
  return shown;
}

/* The stream broke off; the next one begins at chd_log_cursor_dup_since(). */
void
chd_log_cursor_cut (ChdLogCursor *self)
{
  guint pieces = self->in_line && !self->skipping ? self->piece + 1 : 0;

  /* A long line that was broken off within comes again: its first pieces are passed over. */
  if (pieces > 0 && self->in_second > 0)
    self->in_second--;
  self->skip_lines = self->in_second;
  self->skip_pieces = MAX (pieces, self->skip_pieces);
  self->in_line = FALSE;
}

/**
 * chd_log_cursor_dup_since:
 * Returns: (transfer full) (nullable): the second to ask for, RFC 3339; %NULL for everything
 */
char *
chd_log_cursor_dup_since (const ChdLogCursor *self)
{
  return self->second >= 0 ? chd_format_timestamp (self->second) : NULL;
}
