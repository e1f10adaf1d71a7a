/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Private to cloud: where the reading of a log with time stamps stands, so that it can go on after a cut. Pure. */

typedef struct
{
  gint64 latest;   /* ns since 1970 */
  gint64 second;   /* of the newest lines; -1 before the first */
  guint in_second; /* lines of that second that were shown */
  gint64 time;     /* of the line that is read, in ns; 0 when unknown */
  gboolean in_line;
  guint piece; /* of a long line */

  /* What the present stream repeats. */
  guint skip_lines;
  guint skip_pieces; /* of the first line that is not passed over */
  gboolean skipping;
} ChdLogCursor;

void chd_log_cursor_init (ChdLogCursor *self);
gboolean chd_log_cursor_take (ChdLogCursor *self, const char **line, gsize *length, gboolean whole);
void chd_log_cursor_cut (ChdLogCursor *self);
char *chd_log_cursor_dup_since (const ChdLogCursor *self);

G_END_DECLS
