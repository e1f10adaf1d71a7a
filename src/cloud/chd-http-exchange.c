/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request from its first attempt to its end: credentials, deadlines, sending.
 *
 * A GTask goes from step to step and is owned by whatever it waits for. Each attempt has a GCancellable of its own,
 * which the deadline and the caller's cancellation trigger. */

#include "config.h"

#include "chd-http-exchange-private.h"
#include "chd-util.h"

#define CHUNK (64 * 1024)
#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 10)

static void
drop_stream (ChdHttpExchange *exchange)
{
  if (exchange->stream != NULL && !g_input_stream_is_closed (exchange->stream))
    {
      g_autoptr (GCancellable) cancelled = g_cancellable_new ();

      g_cancellable_cancel (cancelled);
      g_input_stream_close (exchange->stream, cancelled, NULL);
    }
  g_clear_object (&exchange->stream);
}

void
chd_http_exchange_end_attempt (ChdHttpExchange *exchange)
{
  g_clear_handle_id (&exchange->deadline_id, g_source_remove);
  drop_stream (exchange);
  if (exchange->message != NULL)
    g_signal_handlers_disconnect_by_data (exchange->message, exchange);
  g_clear_object (&exchange->message);
  g_clear_object (&exchange->session);
  g_clear_object (&exchange->inner);
  g_clear_pointer (&exchange->body, g_byte_array_unref);
}

static void
exchange_free (ChdHttpExchange *exchange)
{
  chd_http_exchange_end_attempt (exchange);
  if (exchange->cancel_source != NULL)
    {
      g_source_destroy (exchange->cancel_source);
      g_source_unref (exchange->cancel_source);
    }
  g_clear_object (&exchange->output);
  g_clear_pointer (&exchange->uri, g_uri_unref);
  chd_http_request_unref (exchange->request);
  g_free (exchange);
}

void
chd_http_exchange_finish_error (GTask *task, GError *error)
{
  ChdHttpExchange *exchange = g_task_get_task_data (task);

  chd_http_exchange_end_attempt (exchange);
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
chd_http_exchange_finish_response (GTask *task, ChdHttpResponse *response)
{
  chd_http_exchange_end_attempt (g_task_get_task_data (task));
  g_task_return_pointer (task, response, (GDestroyNotify) chd_http_response_unref);
  g_object_unref (task);
}

/* Deadlines */

static gboolean
deadline_cb (gpointer user_data)
{
  ChdHttpExchange *exchange = user_data;

  exchange->deadline_id = 0;
  exchange->timed_out = TRUE;
  g_cancellable_cancel (exchange->inner);
  return G_SOURCE_REMOVE;
}

void
chd_http_exchange_set_deadline (ChdHttpExchange *exchange, guint milliseconds)
{
  g_clear_handle_id (&exchange->deadline_id, g_source_remove);
  exchange->deadline_id = g_timeout_add (milliseconds, deadline_cb, exchange);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  ChdHttpExchange *exchange = user_data;

  /* Between two attempts there is none; the wait ends by itself. */
  if (exchange->inner != NULL)
    g_cancellable_cancel (exchange->inner);
  return G_SOURCE_REMOVE;
}

void
chd_http_exchange_report_progress (ChdHttpExchange *exchange, goffset done, goffset total, gboolean last)
{
  gint64 now = g_get_monotonic_time ();

  if (exchange->request->progress == NULL || (!last && now - exchange->last_progress < PROGRESS_INTERVAL))
    return;
  exchange->last_progress = now;
  exchange->request->progress (done, total, exchange->request->progress_data);
}

/* Sending */

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  ChdHttpExchange *exchange = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  if (exchange->stream == NULL)
    chd_http_exchange_attempt_failed (task, error);
  else
    chd_http_exchange_take_answer (task);
}

static void
starting_cb (SoupMessage *message, gpointer user_data)
{
  ChdHttpExchange *exchange = user_data;

  /* A connection is there; from now on the time for the answer counts. */
  exchange->started = TRUE;
  chd_http_exchange_set_deadline (exchange, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (message), "chd-timeout")));
}

static void
wrote_body_data_cb (SoupMessage *message, guint size, gpointer user_data)
{
  ChdHttpExchange *exchange = user_data;

  exchange->uploaded += size;
  if (exchange->request->body_stream != NULL)
    chd_http_exchange_set_deadline (exchange, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (message), "chd-timeout")));
  chd_http_exchange_report_progress (exchange, exchange->uploaded, exchange->request->body_length,
                                     exchange->uploaded == exchange->request->body_length);
}

static gboolean
may_leave_origin (const char *name)
{
  static const char *const harmless[] = { "Accept", "Range", "If-None-Match", "If-Match", "If-Range", NULL };

  for (guint i = 0; harmless[i] != NULL; i++)
    if (g_ascii_strcasecmp (harmless[i], name) == 0)
      return TRUE;
  return FALSE;
}

static void
set_headers (ChdHttp *self, ChdHttpExchange *exchange, const char *authorization)
{
  SoupMessageHeaders *headers = soup_message_get_request_headers (exchange->message);
  ChdHttpRequest *request = exchange->request;

  for (guint i = 0; i < request->headers->len; i += 2)
    if (exchange->own_origin || may_leave_origin (request->headers->pdata[i]))
      soup_message_headers_append (headers, request->headers->pdata[i], request->headers->pdata[i + 1]);
  if (exchange->own_origin && (request->flags & CHD_HTTP_ANONYMOUS) == 0)
    {
      if (authorization != NULL && soup_message_headers_get_one (headers, "Authorization") == NULL)
        soup_message_headers_replace (headers, "Authorization", authorization);
      chd_http_append_headers (self, headers);
    }
}

/* Starts the attempt; takes @task. */
static void
send_message (GTask *task, const char *authorization)
{
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
  ChdHttpRequest *request = exchange->request;
  g_autoptr (GError) error = NULL;

  if ((authorization != NULL || chd_http_request_get_header (request, "Authorization") != NULL) &&
      exchange->own_origin && !chd_http_check_plain_text (self, &error))
    {
      chd_http_exchange_finish_error (task, g_steal_pointer (&error));
      return;
    }

  exchange->session =
      g_object_ref (exchange->own_origin ? chd_http_get_session (self) : chd_http_get_foreign_session (self));
  exchange->message = soup_message_new_from_uri (request->method, exchange->uri);
  soup_message_add_flags (exchange->message, SOUP_MESSAGE_NO_REDIRECT);
  set_headers (self, exchange, authorization);
  if (request->body != NULL)
    {
      soup_message_set_request_body_from_bytes (exchange->message, request->content_type, request->body);
    }
  else if (request->body_stream != NULL)
    {
      g_autoptr (GInputStream) wrapped = g_buffered_input_stream_new_sized (request->body_stream, CHUNK);

      /* libsoup closes what it has sent; ours is needed for the next attempt. */
      g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (wrapped), FALSE);
      soup_message_set_request_body (exchange->message, request->content_type, wrapped, request->body_length);
      /* On a connection of its own: libsoup sends again what met a dead kept-alive one, but not from the beginning. */
      soup_message_add_flags (exchange->message, SOUP_MESSAGE_NEW_CONNECTION);
    }

  exchange->started = FALSE;
  exchange->timed_out = FALSE;
  exchange->received = 0;
  exchange->uploaded = 0;
  g_object_set_data (G_OBJECT (exchange->message), "chd-timeout",
                     GUINT_TO_POINTER (chd_http_get_request_timeout (self)));
  g_signal_connect (exchange->message, "starting", G_CALLBACK (starting_cb), exchange);
  if (chd_http_request_has_body (request))
    g_signal_connect (exchange->message, "wrote-body-data", G_CALLBACK (wrote_body_data_cb), exchange);
  chd_http_exchange_set_deadline (exchange, chd_http_get_connect_timeout (self));
  soup_session_send_async (exchange->session, exchange->message, G_PRIORITY_DEFAULT, exchange->inner, sent_cb, task);
}

static void
credentials_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  ChdHttp *self = g_task_get_source_object (task);
  g_autoptr (GTlsCertificate) certificate = NULL;
  GError *error = NULL;
  char *authorization = chd_credentials_get_finish (CHD_CREDENTIALS (object), result, &certificate, &error);

  if (error != NULL)
    {
      chd_http_exchange_finish_error (task, error);
      return;
    }
  if (certificate != NULL)
    chd_http_set_client_certificate (self, certificate);
  send_message (task, authorization);
  chd_secret_free (authorization);
}

void
chd_http_exchange_begin_attempt (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
  ChdCredentials *credentials = chd_http_get_credentials (self);

  exchange->attempts++;
  exchange->inner = g_cancellable_new ();
  exchange->own_origin = chd_http_is_own_origin (self, exchange->uri);
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    g_cancellable_cancel (exchange->inner);

  if (credentials == NULL || !exchange->own_origin || (exchange->request->flags & CHD_HTTP_ANONYMOUS) != 0 ||
      chd_http_request_get_header (exchange->request, "Authorization") != NULL)
    send_message (task, NULL);
  else
    chd_credentials_get_async (credentials, exchange->renewed, exchange->inner, credentials_cb, task);
}

static void
start_exchange (ChdHttp *self,
                ChdHttpRequest *request,
                ChdHttpMode mode,
                GOutputStream *output,
                gpointer tag,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  ChdHttpExchange *exchange = g_new0 (ChdHttpExchange, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, tag);
  exchange->request = chd_http_request_ref (request);
  exchange->mode = mode;
  exchange->output = output != NULL ? g_object_ref (output) : NULL;
  g_task_set_task_data (task, exchange, (GDestroyNotify) exchange_free);
  exchange->uri = chd_http_resolve (self, request->target, &error);
  if (exchange->uri == NULL)
    {
      chd_http_exchange_finish_error (task, error);
      return;
    }
  if (cancellable != NULL)
    {
      exchange->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (exchange->cancel_source, G_SOURCE_FUNC (cancelled_cb), exchange, NULL);
      g_source_attach (exchange->cancel_source, g_main_context_get_thread_default ());
    }
  chd_http_exchange_begin_attempt (task);
}

void
chd_http_send_async (ChdHttp *self,
                     ChdHttpRequest *request,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  start_exchange (self, request, CHD_HTTP_MODE_WHOLE, NULL, chd_http_send_async, cancellable, callback, user_data);
}

ChdHttpResponse *
chd_http_send_finish (ChdHttp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
chd_http_open_async (ChdHttp *self,
                     ChdHttpRequest *request,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  start_exchange (self, request, CHD_HTTP_MODE_STREAM, NULL, chd_http_open_async, cancellable, callback, user_data);
}

ChdHttpResponse *
chd_http_open_finish (ChdHttp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
chd_http_download_async (ChdHttp *self,
                         ChdHttpRequest *request,
                         GOutputStream *output,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  start_exchange (self, request, CHD_HTTP_MODE_DOWNLOAD, output, chd_http_download_async, cancellable, callback,
                  user_data);
}

ChdHttpResponse *
chd_http_download_finish (ChdHttp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
