/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "chd-http.h"

G_BEGIN_DECLS

struct _ChdHttpRequest
{
  gatomicrefcount ref_count;
  char *method; /* (owned) */
  char *target; /* (owned) */
  ChdHttpFlags flags;
  GPtrArray *headers;        /* (owned) name, value, name, value … */
  char *content_type;        /* (owned) (nullable) */
  GBytes *body;              /* (owned) (nullable) */
  GInputStream *body_stream; /* (owned) (nullable) */
  goffset body_length;
  goffset body_start; /* where body_stream stood at first, -1 when it cannot seek */
  gsize max_body;
  ChdHttpProgress progress; /* (nullable) */
  gpointer progress_data;
  GDestroyNotify progress_destroy;
  char *subject; /* (owned) (nullable) */
};

const char *chd_http_request_get_header (ChdHttpRequest *self, const char *name);
gboolean chd_http_request_has_body (ChdHttpRequest *self);
gboolean chd_http_request_rewind (ChdHttpRequest *self);
gboolean chd_http_request_is_idempotent (ChdHttpRequest *self);

ChdHttpResponse *chd_http_response_new (SoupSession *session, SoupMessage *message, GInputStream *stream);
void chd_http_response_take_body (ChdHttpResponse *self, GBytes *body);

/* For the exchange. */
GUri *chd_http_resolve (ChdHttp *self, const char *target, GError **error);
gboolean chd_http_is_own_origin (ChdHttp *self, GUri *uri);
SoupSession *chd_http_get_session (ChdHttp *self);
SoupSession *chd_http_get_foreign_session (ChdHttp *self);
ChdCredentials *chd_http_get_credentials (ChdHttp *self);
gboolean chd_http_check_plain_text (ChdHttp *self, GError **error);
void chd_http_append_headers (ChdHttp *self, SoupMessageHeaders *headers);
guint chd_http_get_backoff (ChdHttp *self);
guint chd_http_get_connect_timeout (ChdHttp *self);
guint chd_http_get_request_timeout (ChdHttp *self);
/* The host for people, without credentials. */
const char *chd_http_get_host (ChdHttp *self);

void chd_http_wait (guint milliseconds, GCancellable *cancellable, GSourceFunc callback, gpointer user_data);

/* What the network library or the system reported, as an error of ours. */
GError *chd_http_translate_error (ChdHttp *self, const GError *error, SoupMessage *message);

G_END_DECLS
