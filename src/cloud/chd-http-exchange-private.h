/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-http-private.h"

G_BEGIN_DECLS

/* One request under way, divided by subject: chd-http-exchange.c (its life and the sending), chd-http-answer.c (what
 * comes back), chd-http-retry.c (what is done again). The functions that take a GTask own it from then on. */

typedef enum
{
  CHD_HTTP_MODE_WHOLE,
  CHD_HTTP_MODE_STREAM,
  CHD_HTTP_MODE_DOWNLOAD,
} ChdHttpMode;

typedef struct
{
  ChdHttpRequest *request; /* (owned) */
  ChdHttpMode mode;
  GOutputStream *output; /* (owned) (nullable) */
  GUri *uri;             /* (owned) where the attempt goes; changes with redirects */
  gboolean own_origin;
  guint attempts;
  guint redirects;
  gboolean renewed; /* credentials were asked anew after a 401 */

  /* of one attempt */
  GCancellable *inner;  /* (owned) */
  SoupSession *session; /* (owned) */
  SoupMessage *message; /* (owned) */
  GInputStream *stream; /* (owned) (nullable) */
  GByteArray *body;     /* (owned) (nullable) */
  goffset received;
  goffset uploaded;
  gboolean started; /* bytes may have left this machine */
  gboolean timed_out;
  guint deadline_id;

  GSource *cancel_source; /* (owned) (nullable) */
  gint64 last_progress;
} ChdHttpExchange;

void chd_http_exchange_begin_attempt (GTask *task);
void chd_http_exchange_end_attempt (ChdHttpExchange *exchange);
void chd_http_exchange_finish_error (GTask *task, GError *error);
void chd_http_exchange_finish_response (GTask *task, ChdHttpResponse *response);
void chd_http_exchange_set_deadline (ChdHttpExchange *exchange, guint milliseconds);
void chd_http_exchange_report_progress (ChdHttpExchange *exchange, goffset done, goffset total, gboolean last);

/* The headers are there. */
void chd_http_exchange_take_answer (GTask *task);

/* Handles 429 and 503; %FALSE when the answer is to be taken as it is. */
gboolean chd_http_exchange_retry_when_busy (GTask *task);
/* The attempt failed without an answer. */
void chd_http_exchange_attempt_failed (GTask *task, const GError *reason);

G_END_DECLS
