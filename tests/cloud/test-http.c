/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cloud-test.h"

typedef struct
{
  guint requests;
  guint fail_first;
  guint fail_status;
  const char *retry_after;
  char *authorization; /* of the last request */
  char *cookie;
  char *custom;
  char *body;
  char *elsewhere; /* where /redirect leads */
} Server;

static void
server_clear (Server *server)
{
  g_clear_pointer (&server->authorization, g_free);
  g_clear_pointer (&server->cookie, g_free);
  g_clear_pointer (&server->custom, g_free);
  g_clear_pointer (&server->body, g_free);
  g_clear_pointer (&server->elsewhere, g_free);
}

static void
keep (char **slot, SoupServerMessage *message, const char *name)
{
  g_free (*slot);
  *slot = g_strdup (soup_message_headers_get_one (soup_server_message_get_request_headers (message), name));
}

static void
handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Server *server = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  server->requests++;
  keep (&server->authorization, message, "Authorization");
  keep (&server->cookie, message, "Cookie");
  keep (&server->custom, message, "X-Custom");
  g_free (server->body);
  server->body = g_strndup (body->data, (gsize) body->length);
  if (server->fail_first > 0)
    {
      server->fail_first--;
      if (server->retry_after != NULL)
        soup_message_headers_append (headers, "Retry-After", server->retry_after);
      soup_server_message_set_status (message, server->fail_status, NULL);
    }
  else if (g_str_has_prefix (path, "/redirect"))
    {
      soup_server_message_set_redirect (message, 307, server->elsewhere);
    }
  else if (g_str_has_prefix (path, "/hang"))
    {
      soup_server_message_pause (message);
    }
  else if (g_str_has_prefix (path, "/stream"))
    {
      soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
      soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_STATIC, "line\n", 5);
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_pause (message);
      soup_server_message_unpause (message);
    }
  else
    {
      soup_message_headers_append (headers, "Warning", "299 - \"one\"");
      soup_message_headers_append (headers, "Warning", "299 - \"two\"");
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, "{\"a\":1}", 7);
      soup_server_message_set_status (message, 200, NULL);
    }
}

static void
test_json (void)
{
  Server server = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (SoupServer) soup = server_start (handle, &server, &url);
  g_autofree char *with_path = g_strconcat (url, "/k8s/clusters/c-1/", NULL);
  g_autoptr (ChdHttp) http = make_http (with_path);
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) warnings = NULL;

  object = http_get_json (http, "/api/v1?x=y", &error);
  g_assert_no_error (error);
  g_assert_cmpint (chd_json_int (object, "a", 0), ==, 1);
  response = http_get (http, "/api/v1?x=y", 0, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (chd_http_response_get_url (response), "/k8s/clusters/c-1/api/v1?x=y"));
  warnings = chd_http_response_list_headers (response, "warning");
  g_assert_cmpuint (g_strv_length (warnings), ==, 2);
  server_clear (&server);
}

static void
test_retry (void)
{
  Server server = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (SoupServer) soup = server_start (handle, &server, &url);
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (GBytes) body = g_bytes_new_static ("body", 4);
  static const struct
  {
    const char *method;
    guint status, times;
    const char *retry_after;
    ChdHttpFlags flags;
    guint requests;
    gboolean ok;
  } cases[] = {
    { "GET", 503, 2, NULL, 0, 3, TRUE },
    { "GET", 429, 2, "0", 0, 3, TRUE },
    { "GET", 503, 100, NULL, 0, 5, FALSE },
    { "POST", 503, 1, NULL, 0, 1, FALSE },
    { "POST", 503, 1, "0", 0, 2, TRUE },
    { "POST", 429, 1, NULL, 0, 2, TRUE },
    { "GET", 503, 1, "3600", 0, 1, FALSE },
    { "GET", 503, 1, NULL, CHD_HTTP_NO_RETRY, 1, FALSE },
    { "GET", 500, 1, NULL, 0, 1, FALSE },
    { "PUT", 503, 1, "-1", 0, 2, TRUE },
    { "PUT", 503, 1, "soon", 0, 2, TRUE },
    { "PUT", 503, 1, "1e9", 0, 2, TRUE },
    { "DELETE", 429, 1, "Wed, 21 Oct 1970 07:28:00 GMT", 0, 2, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChdHttpRequest) request = chd_http_request_new (cases[i].method, "/", cases[i].flags);
      g_autoptr (ChdHttpResponse) response = NULL;
      g_autoptr (GError) error = NULL;
      gboolean writes = strcmp (cases[i].method, "POST") == 0 || strcmp (cases[i].method, "PUT") == 0;

      if (writes)
        chd_http_request_set_body (request, "text/plain", body);
      server.requests = 0;
      server.fail_first = cases[i].times;
      server.fail_status = cases[i].status;
      server.retry_after = cases[i].retry_after;
      response = http_send (http, request, &error);
      g_assert_cmpuint (server.requests, ==, cases[i].requests);
      if (cases[i].ok)
        g_assert_no_error (error);
      else
        g_assert_error (error, CHD_ERROR, (int) (cases[i].status == 500 ? CHD_ERROR_ENGINE : CHD_ERROR_UNREACHABLE));
      if (writes)
        g_assert_cmpstr (server.body, ==, "body");
      server.fail_first = 0;
    }
  server_clear (&server);
}

static void
test_redirect_credentials (void)
{
  Server first = { 0 }, second = { 0 };
  g_autofree char *url = NULL, *url2 = NULL;
  g_autoptr (SoupServer) soup = server_start (handle, &first, &url);
  g_autoptr (SoupServer) soup2 = server_start (handle, &second, &url2);
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (ChdCredentials) credentials = chd_credentials_new_bearer ("canary");
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", "/redirect", 0);
  g_autoptr (ChdHttpRequest) post = chd_http_request_new ("POST", "/redirect", 0);
  g_autoptr (ChdHttpRequest) absolute = NULL;
  g_autoptr (ChdHttpResponse) response = NULL, own = NULL, third = NULL;
  g_autoptr (GBytes) body = g_bytes_new_static ("secret", 6);
  g_autoptr (GError) error = NULL;
  g_autofree char *target = g_strconcat (url2, "/there", NULL);

  chd_http_set_credentials (http, credentials);
  chd_http_add_header (http, "Impersonate-User", "x");
  chd_http_request_set_header (request, "Cookie", "c=1");
  chd_http_request_set_header (request, "X-Custom", "x");

  /* Elsewhere: followed without anything that identifies. */
  first.elsewhere = g_strdup (target);
  response = http_send (http, request, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first.authorization, ==, "Bearer canary");
  g_assert_cmpuint (second.requests, ==, 1);
  g_assert_null (second.authorization);
  g_assert_null (second.cookie);
  g_assert_null (second.custom);
  g_assert_true (g_str_has_prefix (chd_http_response_get_url (response), url2));

  /* The same origin: with them. */
  g_free (first.elsewhere);
  first.elsewhere = g_strdup ("/here");
  own = http_send (http, request, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (first.authorization, ==, "Bearer canary");
  g_assert_cmpstr (first.cookie, ==, "c=1");

  /* A body is never sent on. */
  g_free (first.elsewhere);
  first.elsewhere = g_strdup (target);
  second.requests = 0;
  chd_http_request_set_body (post, "text/plain", body);
  g_assert_null (http_send (http, post, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, url2));
  g_assert_cmpuint (second.requests, ==, 0);
  g_clear_error (&error);

  /* An absolute address of another origin gets none either, even when the request has its own. */
  absolute = chd_http_request_new ("PUT", target, 0);
  chd_http_request_set_header (absolute, "Authorization", "Bearer other");
  third = http_send (http, absolute, &error);
  g_assert_no_error (error);
  g_assert_null (second.authorization);
  server_clear (&first);
  server_clear (&second);
}

static void
test_plain_text (void)
{
  g_autoptr (ChdHttp) http = make_http ("http://engine.example:6443");
  g_autoptr (ChdCredentials) credentials = chd_credentials_new_bearer ("canary");
  g_autoptr (GError) error = NULL;

  chd_http_set_credentials (http, credentials);
  g_assert_null (http_get (http, "/", 0, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED);
  g_assert_null (strstr (error->message, "canary"));
}

static void
test_deadlines_and_cancelling (void)
{
  Server server = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (SoupServer) soup = server_start (handle, &server, &url);
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", "/hang", 0);
  g_autoptr (GAsyncResult) result = NULL, waiting = NULL, before = NULL;
  g_autoptr (ChdHttp) nobody = make_http ("http://127.0.0.1:1");

  chd_http_set_timeouts (http, 1000, 100);
  g_assert_null (http_get (http, "/hang", 0, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE);
  g_assert_cmpstr (chd_error_get_reason (error), ==, "answer-lost");
  g_clear_error (&error);

  g_assert_null (http_get (nobody, "/", 0, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE);
  g_assert_cmpstr (chd_error_get_reason (error), ==, "not-sent");
  g_clear_error (&error);

  chd_http_set_timeouts (http, 10000, 10000);
  server.requests = 0;
  chd_http_send_async (http, request, cancellable, chd_test_result_cb, &result);
  chd_test_wait_for (server.requests == 1);
  g_cancellable_cancel (cancellable);
  chd_test_wait_for (result != NULL);
  g_assert_null (chd_http_send_finish (http, result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* Cancelled before it begins. */
  chd_http_send_async (http, request, cancellable, chd_test_result_cb, &before);
  chd_test_wait_for (before != NULL);
  g_assert_null (chd_http_send_finish (http, before, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  /* Cancelled while it waits to try again. */
  g_cancellable_reset (cancellable);
  server.requests = 0;
  server.fail_first = 100;
  server.fail_status = 503;
  chd_http_set_backoff (http, 20000);
  chd_http_send_async (http, request, cancellable, chd_test_result_cb, &waiting);
  chd_test_wait_for (server.requests == 1);
  for (guint i = 0; i < 20; i++)
    g_main_context_iteration (NULL, FALSE);
  g_cancellable_cancel (cancellable);
  chd_test_wait_for (waiting != NULL);
  g_assert_null (chd_http_send_finish (http, waiting, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  server_clear (&server);
}

static void
big_handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  g_autofree char *data = g_malloc (300000);

  memset (data, 'x', 300000);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, data, 300000);
  soup_server_message_set_status (message, 200, NULL);
}

static void
count_progress (goffset done, goffset total, gpointer user_data)
{
  *(goffset *) user_data = done;
}

static void
test_limits_and_downloads (void)
{
  g_autofree char *url = NULL;
  g_autoptr (SoupServer) soup = server_start (big_handle, NULL, &url);
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", "/", 0);
  g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  goffset done = 0;

  chd_http_request_set_max_body (request, 299999);
  g_assert_null (http_send (http, request, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
  g_clear_error (&error);

  chd_http_request_set_max_body (request, 300000);
  chd_http_request_set_progress (request, count_progress, &done, NULL);
  chd_http_download_async (http, request, output, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  response = chd_http_download_finish (http, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (done, ==, 300000);
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (output)), ==, 300000);
}

static void
test_upload (void)
{
  Server server = { 0 };
  g_autofree char *url = NULL;
  g_autoptr (SoupServer) soup = server_start (handle, &server, &url);
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (GInputStream) stream = g_memory_input_stream_new_from_data ("skip0123456789", 14, NULL);
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("PUT", "/", 0);
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  goffset done = 0;

  g_assert_cmpint (g_input_stream_skip (stream, 4, NULL, NULL), ==, 4);
  chd_http_request_set_body_stream (request, "application/octet-stream", stream, 10);
  chd_http_request_set_progress (request, count_progress, &done, NULL);
  server.fail_first = 1;
  server.fail_status = 503;
  response = http_send (http, request, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (server.requests, ==, 2);
  g_assert_cmpstr (server.body, ==, "0123456789");
  g_assert_cmpint (done, ==, 10);
  server_clear (&server);
}

/* A stream that never ends is dropped at once. */
static void
test_dropping_a_stream (void)
{
  static const char scenario[] = "{\"rules\":[{\"endless\":\"chunks\",\"limit_bytes\":10000000000}]}";
  Faulty *faulty = faulty_start (NULL, scenario, NULL, NULL);
  g_autoptr (ChdHttp) http = NULL;
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", "/x", 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ChdHttpResponse *response;
  gint64 start;

  if (faulty == NULL)
    return;
  http = make_http (faulty->url);
  chd_http_open_async (http, request, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  response = chd_http_open_finish (http, result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (chd_http_response_get_stream (response));
  start = g_get_monotonic_time ();
  chd_http_response_unref (response);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  faulty_stop (faulty);
}

/* Each hostile answer ends in an error of ours or in a whole object, soon, and without a critical. */
static void
test_hostile (void)
{
  static const char *const readable[] = { "length-and-chunks.http",    "chunk-trailers.http",  "header-folded.http",
                                          "header-not-utf8.http",      "json-as-text.http",    "early-hints.http",
                                          "header-no-colon.http",      "chunk-extension.http", "link-self.http",
                                          "no-content-with-body.http", "two-lengths.http",     NULL };
  g_autofree char *folder = chd_test_shared ("data/hostile/http");
  g_autofree char *scenario = folder != NULL ? g_build_filename (folder, "raw.json", NULL) : NULL;
  Faulty *faulty = folder != NULL ? faulty_start (scenario, NULL, NULL, NULL) : NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0, unexpected = 0;

  if (faulty == NULL)
    return;
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autoptr (ChdHttp) http = make_http (faulty->url);
      g_autoptr (ChdCredentials) credentials = chd_credentials_new_bearer ("canary");
      g_autofree char *stem = g_str_has_suffix (name, ".http") ? g_strndup (name, strlen (name) - 5) : NULL;
      g_autofree char *target = stem != NULL ? g_strconcat ("/raw/", stem, NULL) : NULL;
      g_autoptr (JsonObject) object = NULL;
      g_autoptr (GError) error = NULL;

      if (stem == NULL)
        continue;
      chd_http_set_credentials (http, credentials);
      chd_http_set_timeouts (http, 2000, 2000);
      object = http_get_json (http, target, &error);
      g_test_message ("%s: %s", name, error != NULL ? error->message : "read");
      if (object == NULL)
        {
          g_assert_true (error->domain == CHD_ERROR);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          g_assert_null (strstr (error->message, "canary"));
          g_assert_true (chd_error_get_details (error) == NULL ||
                         strstr (chd_error_get_details (error), "canary") == NULL);
        }
      else
        {
          if (!g_strv_contains (readable, name))
            unexpected++;
        }
      n++;
    }
  g_assert_cmpuint (unexpected, ==, 0);
  g_assert_cmpuint (n, >, 40);
  faulty_stop (faulty);
}

static void
test_server_faults (void)
{
  static const struct
  {
    const char *path;
    guint max_requests;
  } cases[] = { { "/loop", 6 }, { "/zigzag", 7 }, { "/busy", 5 }, { "/many", 5 }, { "/unauthorized", 1 } };
  g_autofree char *scenario = chd_test_shared ("data/hostile/http/server-faults.json");
  Faulty *faulty = scenario != NULL ? faulty_start (scenario, NULL, NULL, NULL) : NULL;

  if (faulty == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChdHttp) http = make_http (faulty->url);
      g_autoptr (GPtrArray) before = faulty_log (faulty), after = NULL;
      g_autoptr (JsonObject) object = NULL;
      g_autoptr (GError) error = NULL;

      object = http_get_json (http, cases[i].path, &error);
      g_assert_null (object);
      g_assert_true (error->domain == CHD_ERROR);
      after = faulty_log (faulty);
      g_test_message ("%s: %u requests, %s", cases[i].path, after->len - before->len, error->message);
      g_assert_cmpuint (after->len - before->len, <=, cases[i].max_requests + 1);
    }
  faulty_stop (faulty);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cloud/http/json-below-a-path", test_json);
  g_test_add_func ("/cloud/http/busy-servers-are-waited-for", test_retry);
  g_test_add_func ("/cloud/http/credentials-stay-at-their-origin", test_redirect_credentials);
  g_test_add_func ("/cloud/http/credentials-never-in-plain-text", test_plain_text);
  g_test_add_func ("/cloud/http/every-request-ends", test_deadlines_and_cancelling);
  g_test_add_func ("/cloud/http/limits-and-downloads", test_limits_and_downloads);
  g_test_add_func ("/cloud/http/upload-again-from-the-beginning", test_upload);
  g_test_add_func ("/cloud/http/a-stream-is-dropped-at-once", test_dropping_a_stream);
  g_test_add_func ("/cloud/http/hostile-answers", test_hostile);
  g_test_add_func ("/cloud/http/server-faults", test_server_faults);
  return g_test_run ();
}
