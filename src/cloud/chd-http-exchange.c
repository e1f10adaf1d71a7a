/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request from its first attempt to its answer: credentials, sending, redirects, waiting, reading within limits.
 *
 * A GTask goes from step to step and is owned by whatever it waits for. Each attempt has a GCancellable of its own,
 * which the deadline and the caller's cancellation trigger. */

#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-http-private.h"
#include "chd-json.h"
#include "chd-util.h"
#include "chd-wire-error.h"

#define CHUNK (64 * 1024)
#define MAX_ATTEMPTS 5
#define MAX_BACKOFF_MS 30000
/* Longer waits are said to the user instead of being waited out in silence. */
#define MAX_RETRY_AFTER_SECONDS 60
#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 10)

typedef enum
{
  MODE_WHOLE,
  MODE_STREAM,
  MODE_DOWNLOAD,
} Mode;

typedef struct
{
  ChdHttpRequest *request; /* (owned) */
  Mode mode;
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

  GTask *waiting; /* (owned) (nullable) while it waits for the next attempt */
  guint wait_id;
  GSource *cancel_source; /* (owned) (nullable) */
  gint64 last_progress;
} Exchange;

static void begin_attempt (GTask *task);
static void send_message (GTask *task, const char *authorization);
static void read_body (GTask *task);

static void
drop_stream (Exchange *exchange)
{
  if (exchange->stream != NULL && !g_input_stream_is_closed (exchange->stream))
    {
      g_autoptr (GCancellable) cancelled = g_cancellable_new ();

      g_cancellable_cancel (cancelled);
      g_input_stream_close (exchange->stream, cancelled, NULL);
    }
  g_clear_object (&exchange->stream);
}

static void
end_attempt (Exchange *exchange)
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
exchange_free (Exchange *exchange)
{
  g_assert (exchange->waiting == NULL);

  end_attempt (exchange);
  g_clear_handle_id (&exchange->wait_id, g_source_remove);
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

/* Ends the exchange; takes @task and @error. */
static void
finish_error (GTask *task, GError *error)
{
  Exchange *exchange = g_task_get_task_data (task);

  end_attempt (exchange);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
finish_response (GTask *task, ChdHttpResponse *response)
{
  end_attempt (g_task_get_task_data (task));
  g_task_return_pointer (task, response, (GDestroyNotify) chd_http_response_unref);
  g_object_unref (task);
}

/* Deadlines */

static gboolean
deadline_cb (gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->deadline_id = 0;
  exchange->timed_out = TRUE;
  g_cancellable_cancel (exchange->inner);
  return G_SOURCE_REMOVE;
}

static void
set_deadline (Exchange *exchange, guint milliseconds)
{
  g_clear_handle_id (&exchange->deadline_id, g_source_remove);
  exchange->deadline_id = g_timeout_add (milliseconds, deadline_cb, exchange);
}

static gboolean
cancelled_cb (GCancellable *cancellable, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *exchange = g_task_get_task_data (task);

  if (exchange->inner != NULL)
    {
      g_cancellable_cancel (exchange->inner);
    }
  else if (exchange->waiting != NULL)
    {
      g_clear_handle_id (&exchange->wait_id, g_source_remove);
      finish_error (g_steal_pointer (&exchange->waiting),
                    g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Cancelled")));
    }
  return G_SOURCE_REMOVE;
}

/* Waiting and trying again */

static gboolean
wait_over_cb (gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->wait_id = 0;
  begin_attempt (g_steal_pointer (&exchange->waiting));
  return G_SOURCE_REMOVE;
}

static void
wait_and_try_again (GTask *task, guint milliseconds)
{
  Exchange *exchange = g_task_get_task_data (task);

  end_attempt (exchange);
  exchange->waiting = task;
  exchange->wait_id = g_timeout_add (milliseconds, wait_over_cb, exchange);
}

static guint
get_backoff (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  guint first = chd_http_get_backoff (g_task_get_source_object (task));
  guint64 wait = (guint64) first << MIN (exchange->attempts - 1, 10);

  return (guint) (MIN (wait, MAX_BACKOFF_MS) * g_random_double_range (1.0, 1.5));
}

/* Seconds that the server asks for, or -1 when it says nothing that makes sense. */
static gint64
get_retry_after (SoupMessage *message)
{
  const char *text = soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  guint64 seconds;

  if (text == NULL)
    return -1;
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &seconds, NULL))
    return (gint64) seconds;
  if (g_ascii_isalpha (*text))
    {
      g_autoptr (GDateTime) then = soup_date_time_new_from_http_string (text);
      g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

      if (then != NULL && g_date_time_compare (then, now) > 0)
        return g_date_time_difference (then, now) / G_TIME_SPAN_SECOND + 1;
    }
  return -1;
}

/* Handles 429 and 503; FALSE when the answer is to be taken as it is. */
static gboolean
retry_when_busy (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  guint status = soup_message_get_status (exchange->message);
  gint64 after;
  guint wait;

  if ((status != 429 && status != 503) || (exchange->request->flags & CHD_HTTP_NO_RETRY) != 0 ||
      exchange->attempts >= MAX_ATTEMPTS)
    return FALSE;
  after = get_retry_after (exchange->message);
  if (after > MAX_RETRY_AFTER_SECONDS)
    return FALSE;
  /* 429 is refused before anything was done, and so is 503 when it names a time. */
  if (status == 503 && after < 0 && !chd_http_request_is_idempotent (exchange->request))
    return FALSE;
  if (!chd_http_request_rewind (exchange->request))
    return FALSE;

  wait = get_backoff (task);
  if (after > 0)
    wait = MAX (wait, (guint) after * 1000);
  wait_and_try_again (task, wait);
  return TRUE;
}

/* The attempt failed without an answer. */
static void
attempt_failed (GTask *task, const GError *reason)
{
  ChdHttp *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  ChdHttpRequest *request = exchange->request;
  gboolean reading = g_strcmp0 (request->method, "GET") == 0 || g_strcmp0 (request->method, "HEAD") == 0;
  gboolean broke_off = reason->domain == G_IO_ERROR &&
                       (reason->code == G_IO_ERROR_CONNECTION_CLOSED || reason->code == G_IO_ERROR_PARTIAL_INPUT ||
                        reason->code == G_IO_ERROR_FAILED || reason->code == G_IO_ERROR_BROKEN_PIPE);
  GError *error;

  if (!g_cancellable_is_cancelled (g_task_get_cancellable (task)) && broke_off && exchange->started &&
      exchange->received == 0 && (reading || (request->flags & CHD_HTTP_REPEATABLE) != 0) &&
      (request->flags & CHD_HTTP_NO_RETRY) == 0 && exchange->attempts < MAX_ATTEMPTS - 2 &&
      chd_http_request_rewind (request))
    {
      wait_and_try_again (task, get_backoff (task));
      return;
    }

  if (exchange->timed_out)
    {
      error = g_error_new (CHD_ERROR, CHD_ERROR_UNREACHABLE,
                           /* Translators: %s is a host name */
                           exchange->started ? _ ("%s did not answer in time. Try again.")
                                             : _ ("%s cannot be reached. Check the address and the network."),
                           chd_http_get_host (self));
    }
  else
    {
      error = chd_http_translate_error (self, reason, exchange->message);
    }
  /* A POST whose answer was lost may have been done. */
  chd_error_set_reason (error, exchange->started ? "answer-lost" : "not-sent");
  chd_error_set_object (error, request->subject);
  finish_error (task, error);
}

/* Answers */

static void
report_progress (Exchange *exchange, goffset done, goffset total, gboolean last)
{
  gint64 now = g_get_monotonic_time ();

  if (exchange->request->progress == NULL || (!last && now - exchange->last_progress < PROGRESS_INTERVAL))
    return;
  exchange->last_progress = now;
  exchange->request->progress (done, total, exchange->request->progress_data);
}

static void
refuse_answer (GTask *task, const char *details)
{
  ChdHttp *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  GError *error = g_error_new (CHD_ERROR, CHD_ERROR_FAILED,
                               /* Translators: %s is a host name */
                               _ ("%s gave an answer that cannot be used."), chd_http_get_host (self));

  chd_error_set_details (error, details);
  chd_error_set_status (error, soup_message_get_status (exchange->message));
  finish_error (task, error);
}

static void
follow_redirect (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  SoupMessageHeaders *headers = soup_message_get_response_headers (exchange->message);
  const char *location = soup_message_headers_get_one (headers, "Location");
  g_autoptr (GUri) relative = NULL;
  g_autoptr (GUri) target = NULL;
  g_autofree char *text = NULL;
  gboolean reading =
      g_strcmp0 (exchange->request->method, "GET") == 0 || g_strcmp0 (exchange->request->method, "HEAD") == 0;

  if (location != NULL && *location != '\0')
    relative = g_uri_parse_relative (exchange->uri, location, SOUP_HTTP_URI_FLAGS, NULL);
  if (relative != NULL)
    {
      text = g_uri_to_string_partial (relative, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
      target = g_uri_get_userinfo (relative) == NULL ? chd_http_resolve (self, text, NULL) : NULL;
    }
  if (target == NULL)
    {
      refuse_answer (task, _ ("It points to an address that cannot be used."));
      return;
    }
  if (!reading || (exchange->request->flags & CHD_HTTP_NO_REDIRECT) != 0 ||
      exchange->redirects >= CHD_HTTP_MAX_REDIRECTS)
    {
      g_autofree char *harmless = chd_str_sanitize (text, -1, 300);
      GError *error = g_error_new (CHD_ERROR, CHD_ERROR_FAILED,
                                   /* Translators: host name, address */
                                   _ ("%s sends this request on to %s. It was not followed; check the address."),
                                   chd_http_get_host (self), harmless);

      chd_error_set_status (error, soup_message_get_status (exchange->message));
      finish_error (task, error);
      return;
    }
  if (g_strcmp0 (g_uri_get_scheme (exchange->uri), "https") == 0 &&
      g_strcmp0 (g_uri_get_scheme (relative), "https") != 0)
    {
      refuse_answer (task, _ ("It leads from a secure address to one that is not."));
      return;
    }

  exchange->redirects++;
  g_clear_pointer (&exchange->uri, g_uri_unref);
  exchange->uri = g_steal_pointer (&relative);
  end_attempt (exchange);
  begin_attempt (task);
}

static GError *
make_status_error (Exchange *exchange)
{
  return chd_wire_error_from_response (soup_message_get_status (exchange->message),
                                       exchange->body != NULL ? (const char *) exchange->body->data : NULL,
                                       exchange->body != NULL ? exchange->body->len : 0, exchange->request->subject);
}

static gboolean
is_refusal (Exchange *exchange)
{
  return soup_message_get_status (exchange->message) >= 300 && (exchange->request->flags & CHD_HTTP_RAW_STATUS) == 0;
}

static gboolean
is_wanted_challenge (Exchange *exchange)
{
  return soup_message_get_status (exchange->message) == 401 &&
         (exchange->request->flags & CHD_HTTP_RAW_UNAUTHORIZED) != 0;
}

static void
body_complete (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);
  ChdHttpResponse *response;

  if (is_refusal (exchange) && !is_wanted_challenge (exchange))
    {
      finish_error (task, make_status_error (exchange));
      return;
    }
  response = chd_http_response_new (exchange->session, exchange->message, NULL);
  if (exchange->body != NULL)
    chd_http_response_take_body (response, g_byte_array_free_to_bytes (g_steal_pointer (&exchange->body)));
  if (exchange->mode == MODE_DOWNLOAD)
    report_progress (exchange, exchange->received, exchange->received, TRUE);
  finish_response (task, response);
}

static void
too_large (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  GError *error;

  /* Of a refusal only the beginning matters. */
  if (is_refusal (exchange))
    error = make_status_error (exchange);
  else
    error = g_error_new (CHD_ERROR, CHD_ERROR_LIMIT,
                         /* Translators: host name, size such as “16 MB” */
                         _ ("The answer of %s is larger than the %" G_GSIZE_FORMAT " bytes that are accepted here."),
                         chd_http_get_host (self), exchange->request->max_body);
  finish_error (task, error);
}

static void
written_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr (GError) error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (object), result, NULL, &error))
    {
      read_body (task);
      return;
    }
  if (error->domain == G_IO_ERROR && error->code != G_IO_ERROR_CANCELLED)
    {
      GError *own = g_error_new_literal (CHD_ERROR, CHD_ERROR_FAILED, _ ("What was downloaded cannot be stored."));

      chd_error_set_details (own, error->message);
      finish_error (task, own);
      return;
    }
  attempt_failed (task, error);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  ChdHttp *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);
  gsize limit = is_refusal (exchange) ? CHD_WIRE_MAX_ERROR_BODY : exchange->request->max_body;
  const guint8 *data;
  gsize size;

  if (bytes == NULL)
    {
      attempt_failed (task, error);
      return;
    }
  data = g_bytes_get_data (bytes, &size);
  if (size == 0)
    {
      body_complete (task);
      return;
    }

  exchange->received += (goffset) size;
  if (exchange->mode == MODE_DOWNLOAD && !is_refusal (exchange))
    {
      if ((guint64) exchange->received > limit)
        {
          too_large (task);
          return;
        }
      set_deadline (exchange, chd_http_get_request_timeout (self));
      report_progress (exchange, exchange->received, -1, FALSE);
      /* The bytes belong to the write until it ends. */
      g_object_set_data_full (G_OBJECT (task), "chd-bytes", g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
      g_output_stream_write_all_async (exchange->output, data, size, G_PRIORITY_DEFAULT, exchange->inner, written_cb,
                                       task);
      return;
    }

  g_byte_array_append (exchange->body, data, (guint) MIN (size, limit - exchange->body->len));
  if ((guint64) exchange->received > limit)
    too_large (task);
  else
    read_body (task);
}

static void
read_body (GTask *task)
{
  Exchange *exchange = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (exchange->stream, CHUNK, G_PRIORITY_DEFAULT, exchange->inner, read_cb, task);
}

/* The headers are there. */
static void
take_answer (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
  ChdHttpRequest *request = exchange->request;
  SoupMessageHeaders *headers = soup_message_get_response_headers (exchange->message);
  const char *encoding = soup_message_headers_get_list (headers, "Content-Encoding");
  guint status = soup_message_get_status (exchange->message);
  gboolean raw = (request->flags & CHD_HTTP_RAW_STATUS) != 0;
  ChdCredentials *credentials = chd_http_get_credentials (self);

  if (status < 200 || status > 599)
    {
      refuse_answer (task, NULL);
      return;
    }
  if (status == 401 && exchange->own_origin && !exchange->renewed && credentials != NULL &&
      (request->flags & CHD_HTTP_ANONYMOUS) == 0 && chd_credentials_can_renew (credentials) &&
      chd_http_request_get_header (request, "Authorization") == NULL && chd_http_request_rewind (request))
    {
      /* A 401 says that nothing was done, so any method may be sent again. */
      exchange->renewed = TRUE;
      end_attempt (exchange);
      begin_attempt (task);
      return;
    }
  if (retry_when_busy (task))
    return;
  if ((status == 301 || status == 302 || status == 303 || status == 307 || status == 308) && !raw)
    {
      follow_redirect (task);
      return;
    }
  if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    {
      refuse_answer (task, _ ("It is packed in a way that was not asked for."));
      return;
    }
  if (status == 206 && chd_http_request_get_header (request, "Range") == NULL)
    {
      refuse_answer (task, _ ("It is a part of something, and the whole was asked for."));
      return;
    }

  if (exchange->mode == MODE_STREAM && !is_refusal (exchange))
    {
      ChdHttpResponse *response = chd_http_response_new (exchange->session, exchange->message, exchange->stream);

      g_clear_object (&exchange->stream);
      finish_response (task, response);
      return;
    }
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (headers) < 0)
    {
      refuse_answer (task, NULL);
      return;
    }
  if (exchange->mode != MODE_DOWNLOAD || is_refusal (exchange))
    exchange->body = g_byte_array_new ();
  exchange->received = 0;
  if (!is_refusal (exchange) && soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      g_strcmp0 (request->method, "HEAD") != 0 &&
      (guint64) soup_message_headers_get_content_length (headers) > request->max_body)
    {
      too_large (task);
      return;
    }
  read_body (task);
}

/* Sending */

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Exchange *exchange = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  exchange->stream = soup_session_send_finish (SOUP_SESSION (object), result, &error);
  if (exchange->stream == NULL)
    attempt_failed (task, error);
  else
    take_answer (task);
}

static void
starting_cb (SoupMessage *message, gpointer user_data)
{
  Exchange *exchange = user_data;

  /* A connection is there; from now on the time for the answer counts. */
  exchange->started = TRUE;
  set_deadline (exchange, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (message), "chd-timeout")));
}

static void
wrote_body_data_cb (SoupMessage *message, guint size, gpointer user_data)
{
  Exchange *exchange = user_data;

  exchange->uploaded += size;
  if (exchange->request->body_stream != NULL)
    set_deadline (exchange, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (message), "chd-timeout")));
  report_progress (exchange, exchange->uploaded, exchange->request->body_length,
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
set_headers (ChdHttp *self, Exchange *exchange, const char *authorization)
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
  Exchange *exchange = g_task_get_task_data (task);
  ChdHttpRequest *request = exchange->request;
  g_autoptr (GError) error = NULL;

  if ((authorization != NULL || chd_http_request_get_header (request, "Authorization") != NULL) &&
      exchange->own_origin && !chd_http_check_plain_text (self, &error))
    {
      finish_error (task, g_steal_pointer (&error));
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
  set_deadline (exchange, chd_http_get_connect_timeout (self));
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
      finish_error (task, error);
      return;
    }
  if (certificate != NULL)
    chd_http_set_client_certificate (self, certificate);
  send_message (task, authorization);
  chd_secret_free (authorization);
}

/* Takes @task. */
static void
begin_attempt (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  Exchange *exchange = g_task_get_task_data (task);
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
                Mode mode,
                GOutputStream *output,
                gpointer tag,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Exchange *exchange = g_new0 (Exchange, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, tag);
  exchange->request = chd_http_request_ref (request);
  exchange->mode = mode;
  exchange->output = output != NULL ? g_object_ref (output) : NULL;
  g_task_set_task_data (task, exchange, (GDestroyNotify) exchange_free);
  exchange->uri = chd_http_resolve (self, request->target, &error);
  if (exchange->uri == NULL)
    {
      finish_error (task, error);
      return;
    }
  if (cancellable != NULL)
    {
      exchange->cancel_source = g_cancellable_source_new (cancellable);
      g_source_set_callback (exchange->cancel_source, G_SOURCE_FUNC (cancelled_cb), task, NULL);
      g_source_attach (exchange->cancel_source, g_main_context_get_thread_default ());
    }
  begin_attempt (task);
}

void
chd_http_send_async (ChdHttp *self,
                     ChdHttpRequest *request,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  start_exchange (self, request, MODE_WHOLE, NULL, chd_http_send_async, cancellable, callback, user_data);
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
  start_exchange (self, request, MODE_STREAM, NULL, chd_http_open_async, cancellable, callback, user_data);
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
  start_exchange (self, request, MODE_DOWNLOAD, output, chd_http_download_async, cancellable, callback, user_data);
}

ChdHttpResponse *
chd_http_download_finish (ChdHttp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
