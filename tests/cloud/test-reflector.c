/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cloud-test.h"

#include "chd-line-buffer.h"
#include "chd-reflector-cache.h"
#include "chd-reflector.h"

/* What a reflector told, checked as it comes: of one uid versions only rise, and nothing is told twice. */
typedef struct
{
  GHashTable *shown; /* uid → JsonObject as last told */
  guint added, modified, deleted, synced, failed;
  GError *error;
  gboolean stop_at_added;
} Told;

static void
told_init (Told *told)
{
  memset (told, 0, sizeof *told);
  told->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
}

static void
told_clear (Told *told)
{
  g_hash_table_unref (told->shown);
  g_clear_error (&told->error);
}

static void
show (Told *told, JsonObject *object)
{
  g_hash_table_replace (told->shown, g_strdup (chd_kube_get_uid (object)), json_object_ref (object));
}

static void
added_cb (ChdReflector *reflector, JsonObject *object, gpointer user_data)
{
  Told *told = user_data;

  g_assert_false (g_hash_table_contains (told->shown, chd_kube_get_uid (object)));
  show (told, object);
  told->added++;
  if (told->stop_at_added)
    chd_reflector_stop (reflector);
}

static void
modified_cb (ChdReflector *reflector, JsonObject *object, JsonObject *before, gpointer user_data)
{
  Told *told = user_data;

  g_assert_true (g_hash_table_lookup (told->shown, chd_kube_get_uid (object)) == before);
  g_assert_cmpint (chd_kube_compare_versions (chd_kube_get_resource_version (object),
                                              chd_kube_get_resource_version (before)),
                   >, 0);
  show (told, object);
  told->modified++;
}

static void
deleted_cb (ChdReflector *reflector, JsonObject *object, gpointer user_data)
{
  Told *told = user_data;

  g_assert_true (g_hash_table_remove (told->shown, chd_kube_get_uid (object)));
  told->deleted++;
}

static void
synced_cb (ChdReflector *reflector, gpointer user_data)
{
  ((Told *) user_data)->synced++;
}

static void
failed_cb (ChdReflector *reflector, GError *error, gpointer user_data)
{
  Told *told = user_data;

  told->failed++;
  told->error = g_error_copy (error);
}

static ChdReflector *
make_reflector (const char *url, Told *told)
{
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (ChdCluster) cluster = chd_cluster_new_for_http (http, "default");
  ChdReflector *reflector = chd_reflector_new (cluster, CHD_KUBE_TASK_RUN, NULL, NULL);

  chd_reflector_set_backoff (reflector, 5);
  g_signal_connect (reflector, "added", G_CALLBACK (added_cb), told);
  g_signal_connect (reflector, "modified", G_CALLBACK (modified_cb), told);
  g_signal_connect (reflector, "deleted", G_CALLBACK (deleted_cb), told);
  g_signal_connect (reflector, "synced", G_CALLBACK (synced_cb), told);
  g_signal_connect (reflector, "failed", G_CALLBACK (failed_cb), told);
  return reflector;
}

/* A server of ours */

typedef struct
{
  SoupServer *soup;
  char *url;
  char *items;         /* of the next lists */
  const char *version; /* of the next lists */
  guint list_status, watch_status;
  SoupServerMessage *watch; /* the one that is open */
  char *watch_version;
  char *selector;
  guint lists, watches;
} Server;

static void
watch_finished_cb (SoupServerMessage *message, gpointer user_data)
{
  Server *server = user_data;

  if (server->watch == message)
    server->watch = NULL;
}

static void
handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Server *server = user_data;
  const char *selector = query != NULL ? g_hash_table_lookup (query, "labelSelector") : NULL;

  g_assert_cmpstr (path, ==, "/apis/tekton.dev/v1/namespaces/default/taskruns");
  g_free (server->selector);
  server->selector = g_strdup (selector);
  if (g_hash_table_lookup (query, "watch") == NULL)
    {
      g_autofree char *body =
          g_strdup_printf ("{\"kind\":\"TaskRunList\",\"apiVersion\":\"tekton.dev/v1\",\"metadata\":"
                           "{\"resourceVersion\":\"%s\"},\"items\":[%s]}",
                           server->version, server->items);

      server->lists++;
      soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
      soup_server_message_set_status (message, server->list_status, NULL);
      return;
    }
  server->watches++;
  g_free (server->watch_version);
  server->watch_version = g_strdup (g_hash_table_lookup (query, "resourceVersion"));
  soup_server_message_set_status (message, server->watch_status, NULL);
  if (server->watch_status != 200)
    return;
  server->watch = message;
  g_signal_connect (message, "finished", G_CALLBACK (watch_finished_cb), server);
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message), SOUP_ENCODING_CHUNKED);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
}

static void
server_init (Server *server)
{
  memset (server, 0, sizeof *server);
  server->items = g_strdup ("");
  server->version = "10";
  server->list_status = server->watch_status = 200;
  server->soup = server_start (handle, server, &server->url);
}

static void
server_clear (Server *server)
{
  soup_server_disconnect (server->soup);
  g_object_unref (server->soup);
  g_free (server->url);
  g_free (server->items);
  g_free (server->watch_version);
  g_free (server->selector);
}

static char *
object_text (const char *name, const char *uid, const char *version, const char *state)
{
  return g_strdup_printf ("{\"apiVersion\":\"tekton.dev/v1\",\"kind\":\"TaskRun\",\"metadata\":{\"name\":\"%s\","
                          "\"namespace\":\"default\",\"uid\":\"%s\",\"resourceVersion\":\"%s\"},\"state\":\"%s\"}",
                          name, uid, version, state);
}

static void
set_items (Server *server, const char *version, char *item)
{
  g_free (server->items);
  server->items = item;
  server->version = version;
}

static void
watch_send (Server *server, const char *text)
{
  soup_message_body_append (soup_server_message_get_response_body (server->watch), SOUP_MEMORY_COPY, text,
                            strlen (text));
  soup_server_message_unpause (server->watch);
}

static void
watch_event (Server *server,
             const char *type,
             const char *name,
             const char *uid,
             const char *version,
             const char *state)
{
  g_autofree char *object = object_text (name, uid, version, state);
  g_autofree char *line = g_strdup_printf ("{\"type\":\"%s\",\"object\":%s}\n", type, object);

  watch_send (server, line);
}

static void
watch_end (Server *server)
{
  SoupServerMessage *message = g_steal_pointer (&server->watch);

  soup_message_body_complete (soup_server_message_get_response_body (message));
  soup_server_message_unpause (message);
}

/* The server notices that nobody listens any more when it sends something. */
static void
wait_until_gone (Server *server)
{
  for (guint i = 0; i < 100000 && server->watch != NULL; i++)
    {
      watch_send (server, "\n");
      for (guint k = 0; k < 10; k++)
        g_main_context_iteration (NULL, FALSE);
    }
  g_assert_null (server->watch);
}

static const char *
state_of (ChdReflector *reflector, const char *name)
{
  return chd_json_string (chd_reflector_lookup (reflector, NULL, name), "state", "—");
}

static void
test_list_and_watch (void)
{
  Server server;
  Told told;
  g_autoptr (ChdReflector) reflector = NULL;
  g_autoptr (GPtrArray) list = NULL;

  server_init (&server);
  told_init (&told);
  set_items (&server, "10", object_text ("a", "1", "5", "new"));
  reflector = make_reflector (server.url, &told);
  g_assert_cmpint (chd_reflector_get_state (reflector), ==, CHD_REFLECTOR_STOPPED);
  chd_reflector_start (reflector);
  g_assert_cmpint (chd_reflector_get_state (reflector), ==, CHD_REFLECTOR_CONNECTING);
  chd_test_wait_for (told.synced == 1 && server.watch != NULL);
  g_assert_cmpint (chd_reflector_get_state (reflector), ==, CHD_REFLECTOR_LIVE);
  g_assert_cmpint (chd_reflector_get_last_seen (reflector), >, 0);
  g_assert_cmpstr (server.watch_version, ==, "10");
  g_assert_cmpstr (state_of (reflector, "a"), ==, "new");

  watch_event (&server, "MODIFIED", "a", "1", "11", "running");
  watch_event (&server, "ADDED", "b", "2", "12", "new");
  chd_test_wait_for (told.added == 2 && told.modified == 1);
  g_assert_cmpstr (state_of (reflector, "a"), ==, "running");
  list = chd_reflector_list (reflector);
  g_assert_cmpuint (list->len, ==, 2);

  /* An event in pieces, and the same name with another uid. */
  watch_send (&server, "{\"type\":\"DELE");
  watch_send (&server, "TED\",\"object\":{\"metadata\":{\"name\":\"b\",\"namespace\":\"default\",\"uid\":\"2\","
                       "\"resourceVersion\":\"13\"}}}\n\n");
  watch_event (&server, "MODIFIED", "a", "3", "14", "other");
  chd_test_wait_for (told.deleted == 2 && told.added == 3);
  g_assert_cmpstr (state_of (reflector, "a"), ==, "other");
  g_assert_cmpuint (chd_reflector_get_n_objects (reflector), ==, 1);

  /* A bookmark moves on; a normal end is taken up there, half a line is dropped. */
  watch_send (&server,
              "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"20\"}}}\n{\"type\":\"AD");
  watch_end (&server);
  chd_test_wait_for (server.watches == 2 && server.watch != NULL);
  g_assert_cmpstr (server.watch_version, ==, "20");
  g_assert_cmpuint (server.lists, ==, 1);

  /* Stopped means silent. */
  chd_reflector_stop (reflector);
  g_assert_cmpint (chd_reflector_get_state (reflector), ==, CHD_REFLECTOR_STOPPED);
  wait_until_gone (&server);
  g_assert_cmpuint (server.watches, ==, 2);
  told_clear (&told);
  server_clear (&server);
}

static void
test_stop_in_a_handler (void)
{
  Server server;
  Told told;
  g_autoptr (ChdReflector) reflector = NULL;
  g_autofree char *first = object_text ("a", "1", "5", "new");
  g_autofree char *second = object_text ("b", "2", "6", "new");

  server_init (&server);
  told_init (&told);
  set_items (&server, "10", g_strconcat (first, ",", second, NULL));
  reflector = make_reflector (server.url, &told);
  told.stop_at_added = TRUE;
  chd_reflector_start (reflector);
  chd_test_wait_for (told.added == 1);
  g_assert_cmpint (chd_reflector_get_state (reflector), ==, CHD_REFLECTOR_STOPPED);
  g_assert_cmpuint (told.synced, ==, 0);

  /* And on again: what is held is not told twice. */
  told.stop_at_added = FALSE;
  chd_reflector_start (reflector);
  chd_test_wait_for (told.synced == 1 && server.watch != NULL);
  g_assert_cmpuint (chd_reflector_get_n_objects (reflector), ==, 2);
  g_clear_object (&reflector);
  wait_until_gone (&server);
  told_clear (&told);
  server_clear (&server);
}

static void
test_refresh_and_old_lists (void)
{
  Server server;
  Told told;
  g_autoptr (ChdReflector) reflector = NULL;

  server_init (&server);
  told_init (&told);
  set_items (&server, "10", object_text ("a", "1", "9", "new"));
  reflector = make_reflector (server.url, &told);
  chd_reflector_start (reflector);
  chd_test_wait_for (told.synced == 1 && server.watch != NULL);

  /* The list knows what the watch did not tell. */
  set_items (&server, "12", object_text ("a", "1", "12", "done"));
  chd_reflector_refresh (reflector);
  chd_test_wait_for (told.synced == 2 && server.watches == 2 && server.watch != NULL);
  g_assert_cmpstr (state_of (reflector, "a"), ==, "done");

  /* A server that was restored from a backup: asked once more, then believed. */
  set_items (&server, "3", object_text ("b", "7", "2", "restored"));
  chd_reflector_refresh (reflector);
  chd_test_wait_for (told.synced == 3 && server.watches == 3 && server.watch != NULL);
  g_assert_cmpuint (server.lists, ==, 4);
  g_assert_cmpstr (state_of (reflector, "b"), ==, "restored");
  g_assert_cmpuint (chd_reflector_get_n_objects (reflector), ==, 1);
  g_assert_cmpstr (server.watch_version, ==, "3");
  chd_reflector_stop (reflector);
  told_clear (&told);
  server_clear (&server);
}

static void
test_final_errors (void)
{
  static const struct
  {
    guint list_status, watch_status;
    int code;
  } cases[] = {
    { 401, 200, CHD_ERROR_SIGN_IN },     { 403, 200, CHD_ERROR_NOT_ALLOWED }, { 404, 200, CHD_ERROR_NOT_FOUND },
    { 400, 200, CHD_ERROR_INVALID },     { 200, 403, CHD_ERROR_NOT_ALLOWED }, { 200, 401, CHD_ERROR_SIGN_IN },
    { 200, 405, CHD_ERROR_UNSUPPORTED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Server server;
      Told told;
      g_autoptr (ChdReflector) reflector = NULL;

      server_init (&server);
      told_init (&told);
      server.list_status = cases[i].list_status;
      server.watch_status = cases[i].watch_status;
      reflector = make_reflector (server.url, &told);
      chd_reflector_start (reflector);
      chd_test_wait_for (told.failed == 1);
      g_assert_error (told.error, CHD_ERROR, cases[i].code);
      g_assert_cmpint (chd_reflector_get_state (reflector), ==, CHD_REFLECTOR_STOPPED);
      g_assert_nonnull (chd_reflector_get_error (reflector));
      g_assert_cmpuint (server.lists, ==, 1);
      told_clear (&told);
      server_clear (&server);
    }
}

static gboolean
over_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* With a hundredth of the usual first wait, a minute of outage is 600 ms. */
static void
test_outage (void)
{
  Server server;
  Told told;
  g_autoptr (ChdReflector) reflector = NULL;
  gboolean over = FALSE;

  server_init (&server);
  told_init (&told);
  reflector = make_reflector (server.url, &told);
  chd_reflector_set_backoff (reflector, 8);
  chd_reflector_start (reflector);
  chd_test_wait_for (told.synced == 1 && server.watch != NULL);

  server.watch_status = server.list_status = 503;
  watch_end (&server);
  g_timeout_add (600, over_cb, &over);
  chd_test_wait_for (over);
  g_test_message ("%u watches, %u lists", server.watches, server.lists);
  g_assert_cmpuint (server.watches - 1, >=, 3);
  g_assert_cmpuint (server.watches - 1, <=, 10);
  g_assert_cmpuint (server.lists, ==, 1);
  g_assert_nonnull (chd_reflector_get_error (reflector));

  server.watch_status = 200;
  chd_test_wait_for (server.watch != NULL && chd_reflector_get_error (reflector) == NULL);
  g_assert_cmpuint (server.lists, ==, 1);
  g_assert_cmpint (chd_reflector_get_state (reflector), ==, CHD_REFLECTOR_LIVE);
  chd_reflector_stop (reflector);
  told_clear (&told);
  server_clear (&server);
}

/* A server that says 410 to everything is not asked in a loop. */
static void
test_always_gone (void)
{
  Server server;
  Told told;
  g_autoptr (ChdReflector) reflector = NULL;
  gboolean over = FALSE;

  server_init (&server);
  told_init (&told);
  server.watch_status = 410;
  reflector = make_reflector (server.url, &told);
  chd_reflector_set_backoff (reflector, 8);
  chd_reflector_start (reflector);
  g_timeout_add (600, over_cb, &over);
  chd_test_wait_for (over);
  g_assert_cmpuint (server.lists, >=, 3);
  g_assert_cmpuint (server.lists, <=, 10);
  chd_reflector_stop (reflector);
  told_clear (&told);
  server_clear (&server);
}

/* The scenarios of the shared data: whatever happens on the way, the end is known. */

static gboolean
is_at_the_end (ChdReflector *reflector)
{
  static const struct
  {
    const char *name, *uid, *status;
  } wanted[] = {
    { "a", "uid-a", "True" }, { "b", "uid-b", "False" }, { "c", "uid-c-second", "True" }, { "d", NULL, NULL }
  };

  if (chd_reflector_get_n_objects (reflector) != G_N_ELEMENTS (wanted))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      JsonObject *object = chd_reflector_lookup (reflector, NULL, wanted[i].name);
      JsonObject *condition = object != NULL ? chd_kube_get_condition (object, "Succeeded") : NULL;

      if (object == NULL || (wanted[i].uid != NULL && g_strcmp0 (chd_kube_get_uid (object), wanted[i].uid) != 0) ||
          g_strcmp0 (chd_json_string (condition, "status", NULL), wanted[i].status) != 0)
        return FALSE;
    }
  return TRUE;
}

static void
test_scenarios (void)
{
  static const struct
  {
    const char *file;
    guint lists;
    gboolean refresh;
  } cases[] = {
    { "watch-cut.json", 1, FALSE },    { "watch-gone.json", 3, FALSE },    { "watch-repeats.json", 1, FALSE },
    { "watch-order.json", 1, FALSE },  { "watch-garbage.json", 1, FALSE }, { "watch-gap.json", 2, TRUE },
    { "watch-silent.json", 1, FALSE }, { "slow-loris.json", 1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *relative = g_build_filename ("data/hostile/http", cases[i].file, NULL);
      g_autofree char *scenario = chd_test_shared (relative);
      Faulty *faulty = scenario != NULL ? faulty_start (scenario, NULL, NULL, NULL) : NULL;
      g_autoptr (ChdReflector) reflector = NULL;
      g_autoptr (GPtrArray) log = NULL;
      guint lists = 0;
      Told told;

      if (faulty == NULL)
        return;
      told_init (&told);
      reflector = make_reflector (faulty->url, &told);
      chd_reflector_set_silence_limit (reflector, 1);
      chd_reflector_start (reflector);
      if (cases[i].refresh)
        {
          chd_test_wait_for (chd_reflector_lookup (reflector, NULL, "d") != NULL);
          g_assert_false (is_at_the_end (reflector));
          chd_reflector_refresh (reflector);
        }
      chd_test_wait_for (is_at_the_end (reflector));
      g_assert_cmpuint (told.failed, ==, 0);
      chd_reflector_stop (reflector);
      log = faulty_log (faulty);
      for (guint k = 0; k < log->len; k++)
        {
          const char *target = chd_json_string (log->pdata[k], "target", "");

          lists += strstr (target, "taskruns") != NULL && strstr (target, "watch=true") == NULL;
        }
      g_test_message ("%s: %u lists, %u requests", cases[i].file, lists, log->len);
      g_assert_cmpuint (lists, ==, cases[i].lists);
      told_clear (&told);
      faulty_stop (faulty);
    }
}

/* A recorded history of real runs, replayed event by event in any order and any number of times, ends where the real
 * one did; and so does one with names that are used again. */

static void
apply (ChdReflectorCache *cache, const char *type, JsonObject *object)
{
  g_autoptr (GPtrArray) changes = strcmp (type, "DELETED") == 0 ? chd_reflector_cache_remove (cache, object)
                                                                : chd_reflector_cache_put (cache, object);
}

typedef struct
{
  const char *type;
  JsonObject *object;
} Event;

static void
event_clear (Event *event)
{
  json_object_unref (event->object);
}

static void
check_any_order (GArray *history, GRand *rand)
{
  ChdReflectorCache *truth = chd_reflector_cache_new ();
  g_autoptr (GPtrArray) objects = NULL;

  for (guint i = 0; i < history->len; i++)
    apply (truth, g_array_index (history, Event, i).type, g_array_index (history, Event, i).object);
  objects = chd_reflector_cache_list (truth);
  for (guint round = 0; round < 50; round++)
    {
      ChdReflectorCache *cache = chd_reflector_cache_new ();
      g_autoptr (GArray) order = g_array_new (FALSE, FALSE, sizeof (guint));

      for (guint i = 0; i < history->len; i++)
        for (guint copies = (guint) g_rand_int_range (rand, 1, 3); copies > 0; copies--)
          g_array_append_val (order, i);
      for (guint i = order->len; i > 1; i--)
        {
          guint k = (guint) g_rand_int_range (rand, 0, (gint32) i);
          guint kept = g_array_index (order, guint, k);

          g_array_index (order, guint, k) = g_array_index (order, guint, i - 1);
          g_array_index (order, guint, i - 1) = kept;
        }
      for (guint i = 0; i < order->len; i++)
        {
          Event *event = &g_array_index (history, Event, g_array_index (order, guint, i));

          apply (cache, event->type, event->object);
        }
      g_assert_cmpuint (chd_reflector_cache_get_n_objects (cache), ==, objects->len);
      for (guint i = 0; i < objects->len; i++)
        {
          JsonObject *held = chd_reflector_cache_lookup (cache, chd_kube_get_namespace (objects->pdata[i]),
                                                         chd_kube_get_name (objects->pdata[i]));

          g_assert_nonnull (held);
          g_assert_cmpstr (chd_kube_get_resource_version (held), ==, chd_kube_get_resource_version (objects->pdata[i]));
        }
      chd_reflector_cache_free (cache);
    }
  chd_reflector_cache_free (truth);
}

static void
test_any_order (void)
{
  guint32 seed = g_test_rand_int ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);

  g_test_message ("seed %u", seed);
  for (guint run = 0; run < 20; run++)
    {
      g_autoptr (GArray) history = g_array_new (FALSE, FALSE, sizeof (Event));
      guint uids[3] = { 0 };
      gboolean there[3] = { FALSE };
      guint next_uid = 1;

      g_array_set_clear_func (history, (GDestroyNotify) event_clear);
      for (guint version = 1; version <= 25; version++)
        {
          guint i = (guint) g_rand_int_range (rand, 0, 3);
          g_autofree char *name = g_strdup_printf ("n%u", i);
          g_autofree char *uid = NULL, *text = NULL, *number = g_strdup_printf ("%u", version * 7);
          Event event;

          if (!there[i])
            {
              event.type = "ADDED";
              uids[i] = next_uid++;
              there[i] = TRUE;
            }
          else if (g_rand_int_range (rand, 0, 3) == 0)
            {
              event.type = "DELETED";
              there[i] = FALSE;
            }
          else
            {
              event.type = "MODIFIED";
            }
          uid = g_strdup_printf ("u%u", uids[i]);
          text = object_text (name, uid, number, "");
          event.object = chd_json_parse_object (text, strlen (text), 10000, CHD_JSON_DEFAULT, NULL);
          g_array_append_val (history, event);
        }
      check_any_order (history, rand);
    }
}

static void
test_recorded_runs (void)
{
  g_autofree char *folder = chd_test_shared ("data/recordings/runs");
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint events = 0;

  if (folder == NULL)
    return;
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr (JsonObject) recording = NULL;
      g_autoptr (GError) error = NULL;
      JsonArray *watches;
      gsize length;

      if (!g_str_has_suffix (name, ".json"))
        continue;
      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      recording = chd_json_parse_object (text, length, length, CHD_JSON_DEFAULT, &error);
      g_assert_no_error (error);
      watches = chd_json_array (recording, "watches");
      for (guint i = 0; i < chd_json_length (watches); i++)
        {
          JsonArray *lines = chd_json_array (chd_json_object_at (watches, i), "lines");
          g_autoptr (GArray) history = g_array_new (FALSE, FALSE, sizeof (Event));

          g_array_set_clear_func (history, (GDestroyNotify) event_clear);
          for (guint k = 0; k < chd_json_length (lines); k++)
            {
              JsonObject *line = chd_json_object (chd_json_object_at (lines, k), "event");
              Event event = { chd_json_string (line, "type", ""), chd_json_object (line, "object") };

              if (!chd_reflector_cache_is_object (event.object) || strcmp (event.type, "BOOKMARK") == 0)
                continue;
              json_object_ref (event.object);
              g_array_append_val (history, event);
            }
          events += history->len;
          check_any_order (history, rand);
        }
    }
  g_test_message ("%u events", events);
  g_assert_cmpuint (events, >, 100);
}

/* Lines come out the same however the bytes are cut. */
static void
test_lines (void)
{
  static const char text[] = "one\n\ntwo two\nthreethreethree\nfour\nrest";
  static const char expected[] = "one|+|+two two|+threethree-three|+four|+rest";

  for (gsize piece = 1; piece <= sizeof text; piece++)
    {
      g_autoptr (ChdLineBuffer) buffer = chd_line_buffer_new (10);
      g_autoptr (GString) seen = g_string_new (NULL);
      const char *line;
      gsize length;
      gboolean whole;

      for (gsize at = 0; at < strlen (text); at += piece)
        {
          chd_line_buffer_feed (buffer, text + at, MIN (piece, strlen (text) - at));
          while ((line = chd_line_buffer_next (buffer, &length, &whole)) != NULL)
            {
              g_string_append_len (seen, line, (gssize) length);
              g_string_append (seen, whole ? "|+" : "-");
            }
        }
      line = chd_line_buffer_rest (buffer, &length);
      g_string_append_len (seen, line, (gssize) length);
      g_assert_cmpstr (seen->str, ==, expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cloud/reflector/lines", test_lines);
  g_test_add_func ("/cloud/reflector/any-order", test_any_order);
  g_test_add_func ("/cloud/reflector/recorded-runs", test_recorded_runs);
  g_test_add_func ("/cloud/reflector/list-and-watch", test_list_and_watch);
  g_test_add_func ("/cloud/reflector/stop-in-a-handler", test_stop_in_a_handler);
  g_test_add_func ("/cloud/reflector/refresh-and-old-lists", test_refresh_and_old_lists);
  g_test_add_func ("/cloud/reflector/final-errors", test_final_errors);
  g_test_add_func ("/cloud/reflector/outage", test_outage);
  g_test_add_func ("/cloud/reflector/always-gone", test_always_gone);
  g_test_add_func ("/cloud/reflector/scenarios", test_scenarios);
  return g_test_run ();
}
