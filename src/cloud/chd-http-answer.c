/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What came back: refusals, redirects, bodies within their limits. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-http-exchange-private.h"
#include "chd-util.h"
#include "chd-wire-error.h"

#define CHUNK (64 * 1024)

static void read_body (GTask *task);

static void
refuse_answer (GTask *task, const char *details)
{
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
  GError *error = g_error_new (CHD_ERROR, CHD_ERROR_FAILED,
                               /* Translators: %s is a host name */
                               _ ("%s gave an answer that cannot be used."), chd_http_get_host (self));

  chd_error_set_details (error, details);
  chd_error_set_status (error, soup_message_get_status (exchange->message));
  chd_http_exchange_finish_error (task, error);
}

static void
follow_redirect (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
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
      chd_http_exchange_finish_error (task, error);
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
  chd_http_exchange_end_attempt (exchange);
  chd_http_exchange_begin_attempt (task);
}

static GError *
make_status_error (ChdHttpExchange *exchange)
{
  return chd_wire_error_from_response (soup_message_get_status (exchange->message),
                                       exchange->body != NULL ? (const char *) exchange->body->data : NULL,
                                       exchange->body != NULL ? exchange->body->len : 0, exchange->request->subject);
}

static gboolean
is_refusal (ChdHttpExchange *exchange)
{
  return soup_message_get_status (exchange->message) >= 300 && (exchange->request->flags & CHD_HTTP_RAW_STATUS) == 0;
}

static gboolean
is_wanted_challenge (ChdHttpExchange *exchange)
{
  return soup_message_get_status (exchange->message) == 401 &&
         (exchange->request->flags & CHD_HTTP_RAW_UNAUTHORIZED) != 0;
}

static void
body_complete (GTask *task)
{
  ChdHttpExchange *exchange = g_task_get_task_data (task);
  ChdHttpResponse *response;

  if (is_refusal (exchange) && !is_wanted_challenge (exchange))
    {
      chd_http_exchange_finish_error (task, make_status_error (exchange));
      return;
    }
  response = chd_http_response_new (exchange->session, exchange->message, NULL);
  if (exchange->body != NULL)
    chd_http_response_take_body (response, g_byte_array_free_to_bytes (g_steal_pointer (&exchange->body)));
  if (exchange->mode == CHD_HTTP_MODE_DOWNLOAD)
    chd_http_exchange_report_progress (exchange, exchange->received, exchange->received, TRUE);
  chd_http_exchange_finish_response (task, response);
}

static void
too_large (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
  GError *error;

  /* Of a refusal only the beginning matters. */
  if (is_refusal (exchange))
    error = make_status_error (exchange);
  else
    error = g_error_new (CHD_ERROR, CHD_ERROR_LIMIT,
                         /* Translators: host name, size such as “16 MB” */
                         _ ("The answer of %s is larger than the %zu bytes that are accepted here."),
                         chd_http_get_host (self), exchange->request->max_body);
  chd_http_exchange_finish_error (task, error);
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
      chd_http_exchange_finish_error (task, own);
      return;
    }
  chd_http_exchange_attempt_failed (task, error);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);
  gsize limit = is_refusal (exchange) ? CHD_WIRE_MAX_ERROR_BODY : exchange->request->max_body;
  const guint8 *data;
  gsize size;

  if (bytes == NULL)
    {
      chd_http_exchange_attempt_failed (task, error);
      return;
    }
  data = g_bytes_get_data (bytes, &size);
  if (size == 0)
    {
      body_complete (task);
      return;
    }

  exchange->received += (goffset) size;
  if (exchange->mode == CHD_HTTP_MODE_DOWNLOAD && !is_refusal (exchange))
    {
      if ((guint64) exchange->received > limit)
        {
          too_large (task);
          return;
        }
      chd_http_exchange_set_deadline (exchange, chd_http_get_request_timeout (self));
      chd_http_exchange_report_progress (exchange, exchange->received, -1, FALSE);
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
  ChdHttpExchange *exchange = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (exchange->stream, CHUNK, G_PRIORITY_DEFAULT, exchange->inner, read_cb, task);
}

void
chd_http_exchange_take_answer (GTask *task)
{
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
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
      chd_http_exchange_end_attempt (exchange);
      chd_http_exchange_begin_attempt (task);
      return;
    }
  if (chd_http_exchange_retry_when_busy (task))
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

  if (exchange->mode == CHD_HTTP_MODE_STREAM && !is_refusal (exchange))
    {
      ChdHttpResponse *response = chd_http_response_new (exchange->session, exchange->message, exchange->stream);

      g_clear_object (&exchange->stream);
      chd_http_exchange_finish_response (task, response);
      return;
    }
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (headers) < 0)
    {
      refuse_answer (task, NULL);
      return;
    }
  if (exchange->mode != CHD_HTTP_MODE_DOWNLOAD || is_refusal (exchange))
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
