/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-http.h"

G_BEGIN_DECLS

/* Private to cloud: a GET whose answer is read line by line for as long as it comes: a watch, a log. */

typedef struct _ChdLineStream ChdLineStream;

typedef struct
{
  /* The headers are there; @response is borrowed. */
  void (*opened) (ChdHttpResponse *response, gpointer user_data);
  /* Bytes came. May be NULL. */
  void (*heard) (gpointer user_data);
  /* One line, or (@whole is FALSE) a piece of one that is too long. */
  void (*line) (const char *line, gsize length, gboolean whole, gpointer user_data);
  /* The last call. @rest: what stood behind the last line end. @error: (nullable). */
  void (*ended) (const char *rest, gsize length, const GError *error, gpointer user_data);
} ChdLineStreamEvents;

ChdLineStream *chd_line_stream_open (ChdHttp *http,
                                     ChdHttpRequest *request,
                                     gsize max_line,
                                     const ChdLineStreamEvents *events,
                                     gpointer user_data);
void chd_line_stream_set_silence_limit (ChdLineStream *self, guint seconds);
void chd_line_stream_close (ChdLineStream *self);

G_END_DECLS
