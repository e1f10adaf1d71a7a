/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reading a step's log (its form: chd-engine-folder.h) as the log of a container: bytes as the program wrote them. */

typedef struct
{
  gint64 tail_lines;  /* -1 = all */
  gint64 since;       /* Unix seconds; lines before are left out; 0 = all */
  gint64 limit_bytes; /* -1 = none */
  gboolean timestamps;
} ChdLogOptions;

typedef struct _ChdLogFile ChdLogFile;

/* The file need not be there yet. Looks for the first line to be shown: may take a while on a large log. */
ChdLogFile *chd_log_file_open (const char *path, const ChdLogOptions *options);
void chd_log_file_free (ChdLogFile *self);
/* What follows, at most about @max bytes of it; an empty answer means that no more is there now. (transfer full) */
GBytes *chd_log_file_read (ChdLogFile *self, gsize max);
/* Whether the limit of bytes is reached. */
gboolean chd_log_file_is_done (ChdLogFile *self);

G_END_DECLS
