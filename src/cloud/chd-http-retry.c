/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which requests are sent again, when, and what is said about the others. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-http-exchange-private.h"

#define MAX_ATTEMPTS 5
#define MAX_BACKOFF_MS 30000
/* Longer waits are said to the user instead of being waited out in silence. */
#define MAX_RETRY_AFTER_SECONDS 60

/**
 * chd_http_wait:
 *
 * Calls @callback once: when the time is over, or at once when @cancellable (nullable) is cancelled.
 */
void
chd_http_wait (guint milliseconds, GCancellable *cancellable, GSourceFunc callback, gpointer user_data)
{
  g_autoptr (GSource) source = g_timeout_source_new (milliseconds);

  if (cancellable != NULL)
    {
      g_autoptr (GSource) cancelled = g_cancellable_source_new (cancellable);

      g_source_set_dummy_callback (cancelled);
      g_source_add_child_source (source, cancelled);
    }
  g_source_set_callback (source, callback, user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static gboolean
wait_over_cb (gpointer user_data)
{
  GTask *task = user_data;

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    chd_http_exchange_begin_attempt (task);
  return G_SOURCE_REMOVE;
}

static void
wait_and_try_again (GTask *task, guint milliseconds)
{
  chd_http_exchange_end_attempt (g_task_get_task_data (task));
  chd_http_wait (milliseconds, g_task_get_cancellable (task), wait_over_cb, task);
}

static guint
get_backoff (GTask *task)
{
  ChdHttpExchange *exchange = g_task_get_task_data (task);
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

gboolean
chd_http_exchange_retry_when_busy (GTask *task)
{
  ChdHttpExchange *exchange = g_task_get_task_data (task);
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

void
chd_http_exchange_attempt_failed (GTask *task, const GError *reason)
{
  ChdHttp *self = g_task_get_source_object (task);
  ChdHttpExchange *exchange = g_task_get_task_data (task);
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
  chd_http_exchange_finish_error (task, error);
}
