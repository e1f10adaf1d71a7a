/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cloud-test.h"

#include "chd-log-stream.h"

#define LOG_PATH "/api/v1/namespaces/default/pods/p/log"
#define POD_PATH "/api/v1/namespaces/default/pods/p"

/* A pod and its log, as a server sees them. */
typedef struct
{
  GString *log; /* with time stamps */
  const char *state;
  const char *phase;
  guint waiting; /* requests until the container starts */
  guint cuts;    /* answers that are cut before the log is whole */
  guint log_status, pod_status;
  guint log_requests, pod_requests;
  gsize written; /* of the log, so far */
  GRand *rand;
} Pod;

/* The part of the log from the second @since on. */
static const char *
log_since (Pod *pod, const char *since)
{
  const char *line = pod->log->str;

  while (since != NULL && *line != '\0' && strncmp (line, since, 19) < 0)
    {
      const char *end = strchr (line, '\n');

      line = end != NULL ? end + 1 : line + strlen (line);
    }
  return line;
}

static void
answer (SoupServerMessage *message, guint status, const char *type, const char *body, gsize length)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, body, length);
}

static void
handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  static const char waiting[] =
      "{\"kind\":\"Status\",\"message\":\"container \\\"step\\\" in pod \\\"p\\\" is waiting to "
      "start: PodInitializing\",\"reason\":\"BadRequest\",\"code\":400}";
  Pod *pod = user_data;

  if (strcmp (path, POD_PATH) == 0)
    {
      g_autofree char *body = g_strdup_printf (
          "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":"
          "\"step\"}]},\"status\":{\"phase\":\"%s\",\"containerStatuses\":[{\"name\":\"step\",\"state\":{\"%s\":{}}}]}"
          "}",
          pod->phase, pod->waiting > 0 ? "waiting" : pod->state);

      pod->pod_requests++;
      if (pod->waiting > 0)
        pod->waiting--;
      answer (message, pod->pod_status, "application/json", body, strlen (body));
      return;
    }
  g_assert_cmpstr (path, ==, LOG_PATH);
  g_assert_cmpstr (g_hash_table_lookup (query, "container"), ==, "step");
  g_assert_cmpstr (g_hash_table_lookup (query, "timestamps"), ==, "true");
  pod->log_requests++;
  if (pod->log_status != 200)
    {
      answer (message, pod->log_status, "text/plain", "no", 2);
    }
  else if (pod->waiting > 0)
    {
      answer (message, 400, "application/json", waiting, strlen (waiting));
    }
  else
    {
      const char *from = log_since (pod, g_hash_table_lookup (query, "sinceTime"));
      gsize length = pod->log->len - (gsize) (from - pod->log->str);

      if (pod->cuts > 0)
        {
          gsize end;

          /* The step goes on writing, and the connection breaks anywhere in what it has written. */
          pod->cuts--;
          pod->written += (gsize) g_rand_int_range (pod->rand, 0, (gint32) (pod->log->len - pod->written) / 2 + 1);
          end = (gsize) (from - pod->log->str);
          length = pod->written > end ? (gsize) g_rand_int_range (pod->rand, 0, (gint32) (pod->written - end) + 1) : 0;
        }
      else
        {
          pod->state = "terminated";
        }
      answer (message, 200, "text/plain", from, length);
    }
}

typedef struct
{
  Pod pod;
  SoupServer *soup;
  ChdLogStream *stream;
  GPtrArray *lines;
  GArray *times;
  gboolean ended;
  GError *error;
  guint stop_after;
} Fixture;

static void
line_cb (ChdLogStream *stream, const char *text, gint64 time, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_null (strpbrk (text, "\n\r\x1b\x07\b"));
  g_assert_cmpuint (strlen (text), <=, CHD_LOG_STREAM_MAX_LINE);
  g_assert_false (fixture->ended);
  g_ptr_array_add (fixture->lines, g_strdup (text));
  g_array_append_val (fixture->times, time);
  if (fixture->stop_after > 0 && fixture->lines->len == fixture->stop_after)
    chd_log_stream_stop (stream);
}

static void
ended_cb (ChdLogStream *stream, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_false (fixture->ended);
  g_assert_false (chd_log_stream_is_running (stream));
  fixture->ended = TRUE;
  fixture->error = error != NULL ? g_error_copy (error) : NULL;
}

static void
make_stream (Fixture *fixture, const char *url)
{
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (ChdCluster) cluster = chd_cluster_new_for_http (http, NULL);

  fixture->stream = chd_log_stream_new (cluster, NULL, "p", "step");
  chd_log_stream_set_backoff (fixture->stream, 1);
  g_signal_connect (fixture->stream, "line", G_CALLBACK (line_cb), fixture);
  g_signal_connect (fixture->stream, "ended", G_CALLBACK (ended_cb), fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *url = NULL;

  fixture->lines = g_ptr_array_new_with_free_func (g_free);
  fixture->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  fixture->pod.log = g_string_new (NULL);
  fixture->pod.state = "running";
  fixture->pod.phase = "Running";
  fixture->pod.log_status = fixture->pod.pod_status = 200;
  fixture->soup = server_start (handle, &fixture->pod, &url);
  make_stream (fixture, url);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->stream);
  soup_server_disconnect (fixture->soup);
  g_object_unref (fixture->soup);
  g_ptr_array_unref (fixture->lines);
  g_array_unref (fixture->times);
  g_clear_error (&fixture->error);
  g_string_free (fixture->pod.log, TRUE);
  g_clear_pointer (&fixture->pod.rand, g_rand_free);
}

static void
reset (Fixture *fixture)
{
  tear_down (fixture, NULL);
  memset (fixture, 0, sizeof *fixture);
  set_up (fixture, NULL);
}

static void
test_whole (Fixture *fixture, gconstpointer data)
{
  g_string_append (fixture->pod.log, "2026-11-23T17:12:02.126170511Z line 1\n"
                                     "2026-11-23T18:12:03.5+01:00 \n"
                                     "2026-11-23T17:12:04Z line 2\r\n"
                                     "no stamp at all\n"
                                     "2026-11-23T17:12:05.000001000Z end: \303\244 \344\270\255");
  chd_log_stream_start (fixture->stream, FALSE);
  g_assert_true (chd_log_stream_is_running (fixture->stream));
  chd_test_wait_for (fixture->ended);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->lines->len, ==, 5);
  g_assert_cmpstr (fixture->lines->pdata[0], ==, "line 1");
  g_assert_cmpstr (fixture->lines->pdata[1], ==, "");
  g_assert_cmpstr (fixture->lines->pdata[2], ==, "line 2");
  g_assert_cmpstr (fixture->lines->pdata[3], ==, "no stamp at all");
  g_assert_cmpstr (fixture->lines->pdata[4], ==, "end: \303\244 \344\270\255");
  g_assert_cmpint (g_array_index (fixture->times, gint64, 0), ==, G_GINT64_CONSTANT (1795453922126170));
  g_assert_cmpint (g_array_index (fixture->times, gint64, 1), ==, G_GINT64_CONSTANT (1795453923500000));
  g_assert_cmpint (g_array_index (fixture->times, gint64, 3), ==, 0);
  g_assert_cmpuint (fixture->pod.log_requests, ==, 1);
}

/* Cut anywhere, any number of times: each line once and in order, several of a second, some with the same stamp, some
 * longer than is shown as one. */
static void
test_cuts (Fixture *fixture, gconstpointer data)
{
  guint32 seed = g_test_rand_int ();

  g_test_message ("seed %u", seed);
  for (guint run = 0; run < 60; run++)
    {
      g_autoptr (GString) expected = g_string_new (NULL), seen = g_string_new (NULL);
      gint64 time = 1795453922;
      guint nanoseconds = 0;

      if (run > 0)
        reset (fixture);
      fixture->pod.rand = g_rand_new_with_seed (seed + run);
      fixture->pod.cuts = (guint) g_rand_int_range (fixture->pod.rand, 0, 12);
      for (guint i = 0; i < 40; i++)
        {
          g_autoptr (GDateTime) stamp = g_date_time_new_from_unix_utc (time);
          g_autofree char *text = g_date_time_format (stamp, "%Y-%m-%dT%H:%M:%S");
          gboolean is_long = g_rand_int_range (fixture->pod.rand, 0, 20) == 0;
          g_autofree char *filling = g_strnfill (is_long ? 150000 : i % 5, 'x');

          g_string_append_printf (fixture->pod.log, "%s.%09uZ %u%s\n", text, nanoseconds, i, filling);
          g_string_append_printf (expected, "%u%s", i, filling);
          if (g_rand_int_range (fixture->pod.rand, 0, 6) == 0)
            {
              time += g_rand_int_range (fixture->pod.rand, 1, 4);
              nanoseconds = 0;
            }
          else if (g_rand_boolean (fixture->pod.rand))
            {
              nanoseconds += 1000;
            }
        }
      chd_log_stream_start (fixture->stream, TRUE);
      chd_test_wait_for (fixture->ended);
      g_assert_no_error (fixture->error);
      for (guint i = 0; i < fixture->lines->len; i++)
        g_string_append (seen, fixture->lines->pdata[i]);
      g_assert_cmpstr (seen->str, ==, expected->str);
    }
}

static void
test_waiting_for_the_start (Fixture *fixture, gconstpointer data)
{
  fixture->pod.waiting = 5;
  g_string_append (fixture->pod.log, "2026-11-23T17:12:02.126170511Z line\n");
  chd_log_stream_start (fixture->stream, TRUE);
  chd_test_wait_for (fixture->ended);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->lines->len, ==, 1);
  /* The pod was asked, not the log. */
  g_assert_cmpuint (fixture->pod.log_requests, <=, 4);

  /* Without following there is nothing yet. */
  reset (fixture);
  fixture->pod.waiting = 5;
  chd_log_stream_start (fixture->stream, FALSE);
  chd_test_wait_for (fixture->ended);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->lines->len, ==, 0);
}

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint log_status, pod_status;
    gboolean follow;
    int code;
  } cases[] = {
    { 403, 200, TRUE, CHD_ERROR_NOT_ALLOWED },  { 401, 200, FALSE, CHD_ERROR_SIGN_IN },
    { 404, 404, TRUE, CHD_ERROR_NOT_FOUND },    { 404, 404, FALSE, CHD_ERROR_NOT_FOUND },
    { 500, 403, TRUE, CHD_ERROR_NOT_ALLOWED },  { 500, 200, FALSE, CHD_ERROR_ENGINE },
    { 503, 503, FALSE, CHD_ERROR_UNREACHABLE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      if (i > 0)
        reset (fixture);
      fixture->pod.log_status = cases[i].log_status;
      fixture->pod.pod_status = cases[i].pod_status;
      chd_log_stream_start (fixture->stream, cases[i].follow);
      chd_test_wait_for (fixture->ended);
      g_assert_error (fixture->error, CHD_ERROR, cases[i].code);
      g_assert_cmpuint (fixture->pod.log_requests, <=, 8);
    }
}

static void
test_limit_and_stop (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (fixture->pod.log, "2026-11-23T17:12:02.126170511Z line %u\n", i);
  chd_log_stream_set_max_bytes (fixture->stream, 500);
  chd_log_stream_start (fixture->stream, TRUE);
  chd_test_wait_for (fixture->ended);
  g_assert_error (fixture->error, CHD_ERROR, CHD_ERROR_LIMIT);
  g_assert_cmpuint (fixture->lines->len, >, 40);
  g_assert_cmpuint (fixture->lines->len, <, 80);

  reset (fixture);
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (fixture->pod.log, "2026-11-23T17:12:02.126170511Z line %u\n", i);
  fixture->stop_after = 3;
  chd_log_stream_start (fixture->stream, TRUE);
  chd_test_wait_for (fixture->lines->len == 3);
  g_assert_false (chd_log_stream_is_running (fixture->stream));
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (fixture->lines->len, ==, 3);
  g_assert_false (fixture->ended);
}

/* What programs print that was never meant for a window. */
static void
test_hostile_lines (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = chd_test_shared ("data/hostile/logs");
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  g_string_append_len (fixture->pod.log, "2026-11-23T17:12:02Z a\0b\x1b[31mred\x07\xff\xfe\n", 37);
  for (guint i = 0; i < 3 * CHD_LOG_STREAM_MAX_LINE; i++)
    g_string_append_c (fixture->pod.log, (char) (i % 200 + 50 == '\n' ? 1 : i % 200 + 50));
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      g_string_append_c (fixture->pod.log, '\n');
      g_string_append_len (fixture->pod.log, text, (gssize) length);
    }
  chd_log_stream_start (fixture->stream, FALSE);
  chd_test_wait_for (fixture->ended);
  g_assert_no_error (fixture->error);
  g_assert_nonnull (strstr (fixture->lines->pdata[0], "b"));
  g_assert_cmpuint (fixture->lines->len, >=, 4);
}

/* A real server's answers. */
static void
test_recorded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = chd_test_shared ("data/recordings/api/pod-logs.json");
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) recording = NULL;
  JsonArray *exchanges;
  gsize length;

  if (path == NULL)
    return;
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  recording = chd_json_parse_object (text, length, length, CHD_JSON_DEFAULT, NULL);
  exchanges = chd_json_array (recording, "exchanges");
  for (guint i = 0; i < chd_json_length (exchanges); i++)
    {
      JsonObject *exchange = chd_json_object_at (exchanges, i);
      const char *target = chd_json_lookup_string (exchange, "request/path", "");

      if (g_str_has_suffix (target, "container=step-main&timestamps=true"))
        g_string_assign (fixture->pod.log, chd_json_lookup_string (exchange, "response/body", ""));
    }
  g_assert_cmpuint (fixture->pod.log->len, >, 0);
  chd_log_stream_start (fixture->stream, TRUE);
  chd_test_wait_for (fixture->ended);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->lines->len, ==, 8);
  g_assert_cmpstr (fixture->lines->pdata[0], ==, "line 1");
  g_assert_cmpstr (fixture->lines->pdata[7], ==, "no newline at the end: \303\244 \344\270\255\346\226\207");
  for (guint i = 1; i < 8; i++)
    g_assert_cmpint (g_array_index (fixture->times, gint64, i), >, g_array_index (fixture->times, gint64, i - 1));
}

static void
add (const char *name, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/cloud/log-stream/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("whole", test_whole);
  add ("cuts", test_cuts);
  add ("waiting-for-the-start", test_waiting_for_the_start);
  add ("errors", test_errors);
  add ("limit-and-stop", test_limit_and_stop);
  add ("hostile-lines", test_hostile_lines);
  add ("recorded", test_recorded);
  return g_test_run ();
}
