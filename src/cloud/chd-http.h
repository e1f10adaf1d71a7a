/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "chd-connection.h"
#include "chd-credentials.h"

G_BEGIN_DECLS

/* HTTP to one origin (scheme, host and port), or to one Unix socket.
 *
 *  (1) Credentials and client certificates go to that origin only. A redirect is followed for GET and HEAD; when it
 *      leaves the origin, Authorization, Cookie and certificate stay behind. Other methods are never sent on.
 *  (2) Every request ends: 10 s to connect, 30 s for the answer (for a stream: its headers), a limit for the body.
 *      Bodies that are sent or received as streams have no total limit in time, but end after 30 s without progress.
 *  (3) 429 and 503 are waited out and sent again a few times: idempotent requests always, others when the server named
 *      a time in Retry-After (it says with that that it did nothing). A lost answer of a POST is never repeated here.
 *  (4) A body counts as complete when its framing says so; libsoup reports some cut bodies as whole. So whoever reads
 *      checks the content: JSON by the strict scan, blobs by digest and size, lines by their end. */

#define CHD_HTTP_CONNECT_SECONDS 10
#define CHD_HTTP_REQUEST_SECONDS 30
#define CHD_HTTP_MAX_BODY (16 * 1024 * 1024)
#define CHD_HTTP_MAX_REDIRECTS 5

#define CHD_TYPE_HTTP (chd_http_get_type ())
G_DECLARE_FINAL_TYPE (ChdHttp, chd_http, CHD, HTTP, GObject)

/**
 * ChdHttpFlags:
 * @CHD_HTTP_RAW_STATUS: an answer of any status is a response, not an error (3xx too: redirects are not followed)
 * @CHD_HTTP_NO_REDIRECT: a redirect is an error
 * @CHD_HTTP_ANONYMOUS: send no credentials
 * @CHD_HTTP_REPEATABLE: may be sent again after a lost answer although its method is not idempotent
 * @CHD_HTTP_NO_RETRY: 429 and 503 are answers like others
 * @CHD_HTTP_RAW_UNAUTHORIZED: a 401 is a response, so that its challenge can be read; never written to an output
 */
typedef enum
{
  CHD_HTTP_DEFAULT = 0,
  CHD_HTTP_RAW_STATUS = 1 << 0,
  CHD_HTTP_NO_REDIRECT = 1 << 1,
  CHD_HTTP_ANONYMOUS = 1 << 2,
  CHD_HTTP_REPEATABLE = 1 << 3,
  CHD_HTTP_NO_RETRY = 1 << 4,
  CHD_HTTP_RAW_UNAUTHORIZED = 1 << 5,
} ChdHttpFlags;

/* Bytes of the body sent (or, while receiving into a stream, received) so far. At most ten times a second. */
typedef void (*ChdHttpProgress) (goffset done, goffset total, gpointer user_data);

typedef struct _ChdHttpRequest ChdHttpRequest;
typedef struct _ChdHttpResponse ChdHttpResponse;

/* @url: (nullable): http or https with an optional path that is kept in front of every request's; %NULL with a socket
 */
ChdHttp *chd_http_new (const char *url, const char *socket_path, GError **error);
ChdHttp *chd_http_new_for_connection (ChdConnection *connection, GError **error);
/* The registry of @connection: another origin without the engine's credentials, or the engine's own. */
ChdHttp *chd_http_new_for_registry (ChdConnection *connection, GError **error);

const char *chd_http_get_url (ChdHttp *self);
gboolean chd_http_is_local (ChdHttp *self);
gboolean chd_http_set_ca (ChdHttp *self, const char *pem, GError **error);
void chd_http_set_insecure (ChdHttp *self, gboolean insecure);
void chd_http_set_tls_server_name (ChdHttp *self, const char *name);
void chd_http_set_proxy (ChdHttp *self, const char *url);
void chd_http_set_client_certificate (ChdHttp *self, GTlsCertificate *certificate);
void chd_http_set_credentials (ChdHttp *self, ChdCredentials *credentials);
void chd_http_set_allow_plain_text (ChdHttp *self, gboolean allow);
/* Sent with every request that carries credentials (impersonation). */
void chd_http_add_header (ChdHttp *self, const char *name, const char *value);
/* The first wait of the backoff, in ms (800); tests make it short. */
void chd_http_set_backoff (ChdHttp *self, guint milliseconds);
void chd_http_set_timeouts (ChdHttp *self, guint connect_milliseconds, guint request_milliseconds);

/* @target: a path with query ("/api/v1/namespaces?limit=1"), or an absolute URL; credentials go along only when it is
 * of the same origin. */
ChdHttpRequest *chd_http_request_new (const char *method, const char *target, ChdHttpFlags flags);
ChdHttpRequest *chd_http_request_ref (ChdHttpRequest *self);
void chd_http_request_unref (ChdHttpRequest *self);
/* An Authorization set here replaces the origin's credentials, and stays behind at another origin like those. */
void chd_http_request_set_header (ChdHttpRequest *self, const char *name, const char *value);
void chd_http_request_set_body (ChdHttpRequest *self, const char *content_type, GBytes *body);
void chd_http_request_set_body_json (ChdHttpRequest *self, const char *content_type, JsonNode *body);
/* @length bytes of @stream. Sent again only when the stream can seek. */
void
chd_http_request_set_body_stream (ChdHttpRequest *self, const char *content_type, GInputStream *stream, goffset length);
void chd_http_request_set_max_body (ChdHttpRequest *self, gsize bytes);
void chd_http_request_set_progress (ChdHttpRequest *self,
                                    ChdHttpProgress progress,
                                    gpointer user_data,
                                    GDestroyNotify destroy);
/* What the request is about, for error messages ("Task “pay”"). */
void chd_http_request_set_subject (ChdHttpRequest *self, const char *subject);

/* Sends and reads the whole body, at most the request's limit (%CHD_HTTP_MAX_BODY). */
void chd_http_send_async (ChdHttp *self,
                          ChdHttpRequest *request,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
ChdHttpResponse *chd_http_send_finish (ChdHttp *self, GAsyncResult *result, GError **error);

/* As chd_http_send_async(), and reads the body as one JSON object (strictly). 204 gives an empty object. */
void chd_http_send_json_async (ChdHttp *self,
                               ChdHttpRequest *request,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
JsonObject *chd_http_send_json_finish (ChdHttp *self, GAsyncResult *result, ChdHttpResponse **response, GError **error);

/* Ends with the headers; the body is a stream without limit. Errors (and their bodies) as with chd_http_send_async().
 */
void chd_http_open_async (ChdHttp *self,
                          ChdHttpRequest *request,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
ChdHttpResponse *chd_http_open_finish (ChdHttp *self, GAsyncResult *result, GError **error);

/* As chd_http_open_async(), and writes the body to @output; more than the request's limit is an error. */
void chd_http_download_async (ChdHttp *self,
                              ChdHttpRequest *request,
                              GOutputStream *output,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
ChdHttpResponse *chd_http_download_finish (ChdHttp *self, GAsyncResult *result, GError **error);

ChdHttpResponse *chd_http_response_ref (ChdHttpResponse *self);
void chd_http_response_unref (ChdHttpResponse *self);
guint chd_http_response_get_status (ChdHttpResponse *self);
/* The last header of that name as harmless UTF-8, or %NULL. */
const char *chd_http_response_get_header (ChdHttpResponse *self, const char *name);
char **chd_http_response_list_headers (ChdHttpResponse *self, const char *name);
/* Where the answer came from in the end. */
const char *chd_http_response_get_url (ChdHttpResponse *self);
GBytes *chd_http_response_get_body (ChdHttpResponse *self);
GInputStream *chd_http_response_get_stream (ChdHttpResponse *self);
goffset chd_http_response_get_length (ChdHttpResponse *self);

/* Is @a of the same scheme, host and port as @b? */
gboolean chd_http_same_origin (const char *a, const char *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdHttpRequest, chd_http_request_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdHttpResponse, chd_http_response_unref)

G_END_DECLS
