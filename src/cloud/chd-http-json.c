/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests whose answer is one JSON object. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-http-private.h"
#include "chd-json.h"
#include "chd-util.h"

/* Larger answers are parsed in a thread, so that the main loop goes on. */
#define PARSE_IN_THREAD (256 * 1024)

typedef struct
{
  ChdHttpResponse *response; /* (owned) (nullable) */
  GBytes *body;              /* (owned) (nullable) */
  gsize limit;
  gboolean may_be_empty;
  char *host; /* (owned) */
} JsonAnswer;

static void
json_answer_free (JsonAnswer *answer)
{
  g_clear_pointer (&answer->response, chd_http_response_unref);
  g_clear_pointer (&answer->body, g_bytes_unref);
  g_free (answer->host);
  g_free (answer);
}

static gboolean
looks_like_a_page (const char *text, gsize length)
{
  while (length > 0 && g_ascii_isspace (*text))
    {
      text++;
      length--;
    }
  return length > 0 && *text == '<';
}

static JsonObject *
parse (JsonAnswer *answer, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (answer->body, &length);
  g_autoptr (GError) local_error = NULL;
  g_autofree char *beginning = NULL;
  JsonObject *object;

  /* Headers that were cut look like an empty answer; only one that says so is. */
  if (length == 0 && answer->may_be_empty)
    return json_object_new ();
  object = chd_json_parse_object (text, length, answer->limit, CHD_JSON_DEFAULT, &local_error);
  if (object != NULL)
    return object;

  if (looks_like_a_page (text, length))
    g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED,
                 /* Translators: %s is a host name */
                 _ ("%s answers with a web page: this is not the address of an engine or a registry, or a network asks "
                    "you to sign in first."),
                 answer->host);
  else
    g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
                 /* Translators: %s is a host name */
                 _ ("The answer of %s is damaged or not from an engine or a registry. Try again."), answer->host);
  if (error != NULL)
    {
      g_autofree char *details = NULL;

      beginning = chd_str_sanitize (length > 0 ? text : "", (gssize) length, 1000);
      details = g_strdup_printf ("%s\n%s", local_error->message, beginning);
      chd_error_set_details (*error, details);
    }
  return NULL;
}

static void
parse_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  JsonObject *object = parse (task_data, &error);

  if (object != NULL)
    g_task_return_pointer (task, object, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, error);
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  JsonAnswer *answer = g_task_get_task_data (task);
  GError *error = NULL;
  GBytes *body;

  answer->response = chd_http_send_finish (CHD_HTTP (object), result, &error);
  if (answer->response == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  body = chd_http_response_get_body (answer->response);
  answer->body = g_bytes_ref (body);
  answer->may_be_empty = chd_http_response_get_status (answer->response) == 204;
  if (g_bytes_get_size (body) > PARSE_IN_THREAD)
    g_task_run_in_thread (task, parse_thread);
  else
    parse_thread (task, object, answer, NULL);
}

void
chd_http_send_json_async (ChdHttp *self,
                          ChdHttpRequest *request,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  JsonAnswer *answer = g_new0 (JsonAnswer, 1);

  g_task_set_source_tag (task, chd_http_send_json_async);
  answer->limit = request->max_body;
  answer->host = g_strdup (chd_http_get_host (self));
  g_task_set_task_data (task, answer, (GDestroyNotify) json_answer_free);
  if (chd_http_request_get_header (request, "Accept") == NULL)
    chd_http_request_set_header (request, "Accept", "application/json");
  chd_http_send_async (self, request, cancellable, sent_cb, task);
}

/**
 * chd_http_send_json_finish:
 * @response: (out) (optional) (transfer full):
 *
 * Returns: (transfer full): the object, immutable; an empty one for 204 (no content)
 */
JsonObject *
chd_http_send_json_finish (ChdHttp *self, GAsyncResult *result, ChdHttpResponse **response, GError **error)
{
  JsonAnswer *answer = g_task_get_task_data (G_TASK (result));
  JsonObject *object = g_task_propagate_pointer (G_TASK (result), error);

  if (response != NULL)
    *response = object != NULL ? chd_http_response_ref (answer->response) : NULL;
  return object;
}
