/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The object store: transactions, what the main thread sees and when, the window for watches, and what is left after
 * an end without warning, a damaged file, a file of somebody else. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-kube.h"
#include "chd-object-store.h"
#include "chd-store-database.h"
#include "chd-test-loop.h"

#define TASKS "tasks.tekton.dev"
#define RUNS "taskruns.tekton.dev"

typedef struct
{
  char *folder;
  ChdObjectStore *store;
} Fixture;

static void
remove_folder (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_unlink (path) != 0)
        remove_folder (path);
    }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (folder);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("chd-store-XXXXXX", NULL);
  fixture->store = chd_object_store_open (fixture->folder, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->store != NULL)
    chd_object_store_close (fixture->store);
  g_clear_object (&fixture->store);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static void
reopen (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  chd_object_store_close (fixture->store);
  g_clear_object (&fixture->store);
  fixture->store = chd_object_store_open (fixture->folder, &error);
  g_assert_no_error (error);
}

/* What a transaction of the tests does: puts (text of an object) and deletes ("-name"), in order; "!" fails it. */
typedef struct
{
  const char *resource;
  char **steps;
} Script;

static gboolean
run_script (ChdTransaction *transaction, gpointer data, GError **error)
{
  Script *script = data;

  for (guint i = 0; script->steps[i] != NULL; i++)
    {
      const char *step = script->steps[i];

      if (*step == '!')
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_CONFLICT, "no");
          return FALSE;
        }
      if (*step == '-')
        chd_transaction_delete (transaction, script->resource, "default", step + 1);
      else
        {
          JsonObject *object =
              chd_json_parse_object (step, strlen (step), CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, error);

          g_assert_nonnull (object);
          chd_transaction_put (transaction, script->resource, object);
        }
    }
  return TRUE;
}

static void
script_free (gpointer data)
{
  Script *script = data;

  g_strfreev (script->steps);
  g_free (script);
}

static void
start (ChdObjectStore *store, GAsyncResult **result, const char *resource, const char *first, ...)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  Script *script = g_new0 (Script, 1);
  va_list arguments;

  va_start (arguments, first);
  for (const char *step = first; step != NULL; step = va_arg (arguments, const char *))
    g_strv_builder_add (builder, step);
  va_end (arguments);
  script->resource = resource;
  script->steps = g_strv_builder_end (builder);
  chd_object_store_transact_async (store, run_script, script, script_free, NULL, chd_test_result_cb, result);
}

static guint64
finish (ChdObjectStore *store, GAsyncResult **result, GError **error)
{
  guint64 version = 0;

  chd_test_wait_for (*result != NULL);
  chd_object_store_transact_finish (store, *result, &version, error);
  g_clear_object (result);
  return version;
}

#define transact(store, error, ...)                                                                                    \
  ({                                                                                                                   \
    GAsyncResult *transact_result = NULL;                                                                              \
    start ((store), &transact_result, __VA_ARGS__, NULL);                                                              \
    finish ((store), &transact_result, (error));                                                                       \
  })

static char *
task (const char *name, const char *description)
{
  return g_strdup_printf ("{\"kind\":\"Task\",\"metadata\":{\"namespace\":\"default\",\"name\":\"%s\"},"
                          "\"spec\":{\"description\":\"%s\"}}",
                          name, description);
}

static const char *
description (ChdObjectStore *store, const char *name)
{
  return chd_json_lookup_string (chd_object_store_get (store, TASKS, "default", name), "spec/description", NULL);
}

static void
test_put_get_list_delete (Fixture *fixture, gconstpointer data)
{
  ChdObjectStore *store = fixture->store;
  g_autofree char *b = task ("b", "first");
  g_autofree char *a = task ("a", "x");
  g_autofree char *changed = task ("b", "second");
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) other = NULL;
  g_autofree char *uid = NULL;
  guint64 one, two;

  one = transact (store, NULL, TASKS, b, a);
  g_assert_cmpuint (chd_object_store_get_version (store), ==, one);
  all = chd_object_store_list (store, TASKS, NULL);
  other = chd_object_store_list (store, TASKS, "defaul");
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpuint (other->len, ==, 0);
  g_assert_cmpstr (chd_kube_get_name (all->pdata[0]), ==, "a");
  uid = g_strdup (chd_kube_get_uid (all->pdata[1]));
  g_assert_nonnull (uid);
  g_assert_nonnull (chd_kube_get_creation_timestamp (all->pdata[0]));
  /* Two objects of one transaction have two versions: a watch may be cut between them. */
  g_assert_cmpint (chd_kube_compare_versions (chd_kube_get_resource_version (all->pdata[0]),
                                              chd_kube_get_resource_version (all->pdata[1])),
                   !=, 0);

  two = transact (store, NULL, TASKS, changed);
  g_assert_cmpuint (two, >, one);
  g_assert_cmpstr (description (store, "b"), ==, "second");
  g_assert_cmpstr (chd_kube_get_uid (chd_object_store_get (store, TASKS, "default", "b")), ==, uid);
  /* The same again is no change. */
  g_assert_cmpuint (transact (store, NULL, TASKS, changed), ==, two);

  transact (store, NULL, TASKS, "-b");
  g_assert_null (chd_object_store_get (store, TASKS, "default", "b"));
}

static void
test_failing_transaction (Fixture *fixture, gconstpointer data)
{
  ChdObjectStore *store = fixture->store;
  g_autofree char *a = task ("a", "1");
  g_autofree char *a2 = task ("a", "2");
  g_autofree char *b = task ("b", "1");
  g_autofree char *c = task ("c", "1");
  GAsyncResult *results[3] = { NULL, NULL, NULL };
  g_autoptr (GError) error = NULL;
  guint64 before = transact (store, NULL, TASKS, a);

  /* All three may share one commit; the one in the middle leaves no trace. */
  start (store, &results[0], TASKS, b, NULL);
  start (store, &results[1], TASKS, a2, "-b", "!", NULL);
  start (store, &results[2], TASKS, c, NULL);
  g_assert_cmpuint (finish (store, &results[0], NULL), ==, before + 1);
  finish (store, &results[1], &error);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CONFLICT);
  g_assert_cmpuint (finish (store, &results[2], NULL), ==, before + 2);
  g_assert_cmpstr (description (store, "a"), ==, "1");
  g_assert_nonnull (chd_object_store_get (store, TASKS, "default", "b"));
  reopen (fixture);
  g_assert_cmpstr (description (fixture->store, "a"), ==, "1");
  g_assert_nonnull (chd_object_store_get (fixture->store, TASKS, "default", "b"));
}

static void
committed_cb (ChdObjectStore *store, GPtrArray *changes, GString *log)
{
  for (guint i = 0; i < changes->len; i++)
    {
      ChdStoreChange *change = changes->pdata[i];

      g_assert_true (change->type == CHD_CHANGE_ADDED ? change->before == NULL : change->before != NULL);
      g_assert_nonnull (change->after);
      g_string_append_printf (log, "%c%s ", "AMD"[change->type], change -> name);
    }
}

static void
test_committed_signal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new (NULL);
  g_autofree char *a = task ("a", "1");
  g_autofree char *b = task ("b", "1");
  g_autofree char *a2 = task ("a", "2");

  g_signal_connect (fixture->store, "committed", G_CALLBACK (committed_cb), log);
  transact (fixture->store, NULL, TASKS, a, b, a2, "-b");
  g_assert_cmpstr (log->str, ==, "Aa Ab Ma Db ");
}

static void
check_window (ChdObjectStore *store, guint64 from, const char *expected)
{
  g_autoptr (GPtrArray) changes = chd_object_store_changes_since (store, TASKS, from);
  g_autoptr (GString) log = g_string_new (NULL);

  g_assert_nonnull (changes);
  for (guint i = 0; i < changes->len; i++)
    {
      ChdStoreChange *change = changes->pdata[i];

      g_string_append_printf (log, "%c%s(%s→%s) ", "AMD"[change->type], change -> name,
                              chd_json_lookup_string (change->before, "spec/description", ""),
                              chd_json_lookup_string (change->after, "spec/description", ""));
      g_assert_cmpuint (g_ascii_strtoull (chd_kube_get_resource_version (change->after), NULL, 10), ==,
                        change->version);
    }
  g_assert_cmpstr (log->str, ==, expected);
}

static void
test_changes_since (Fixture *fixture, gconstpointer data)
{
  g_autofree char *a = task ("a", "1");
  g_autofree char *a2 = task ("a", "2");
  g_autofree char *b = task ("b", "1");
  guint64 first, second;

  first = transact (fixture->store, NULL, TASKS, a);
  second = transact (fixture->store, NULL, TASKS, a2, b);
  transact (fixture->store, NULL, RUNS, "{\"metadata\":{\"namespace\":\"default\",\"name\":\"r\"}}");
  transact (fixture->store, NULL, TASKS, "-a");
  check_window (fixture->store, first, "Ma(1→2) Ab(→1) Da(2→2) ");
  check_window (fixture->store, second, "Da(2→2) ");
  check_window (fixture->store, 0, "Aa(→1) Ma(1→2) Ab(→1) Da(2→2) ");
  /* A watch that comes back after a restart finds the same. */
  reopen (fixture);
  check_window (fixture->store, first, "Ma(1→2) Ab(→1) Da(2→2) ");
  check_window (fixture->store, 0, "Aa(→1) Ma(1→2) Ab(→1) Da(2→2) ");
}

static void
test_window_is_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *big = g_strnfill (600 * 1024, 'x');
  g_autoptr (GPtrArray) changes = NULL;
  guint64 version = 0;

  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *text = g_strdup_printf ("%s%u", big, i);
      g_autofree char *object = task ("a", text);

      version = transact (fixture->store, NULL, TASKS, object);
    }
  g_assert_null (chd_object_store_changes_since (fixture->store, TASKS, 1));
  changes = chd_object_store_changes_since (fixture->store, TASKS, version - 2);
  g_assert_cmpuint (changes->len, ==, 2);
}

static void
test_completion_is_final (Fixture *fixture, gconstpointer data)
{
  static const char done[] = "{\"metadata\":{\"namespace\":\"default\",\"name\":\"r\"},"
                             "\"status\":{\"completionTime\":\"2026-01-01T00:00:00Z\"}}";
  static const char undone[] = "{\"metadata\":{\"namespace\":\"default\",\"name\":\"r\"},\"status\":{\"x\":1}}";
  g_autoptr (GError) error = NULL;

  transact (fixture->store, NULL, RUNS, done);
  transact (fixture->store, &error, RUNS, undone);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CONFLICT);
  g_assert_nonnull (
      chd_json_lookup (chd_object_store_get (fixture->store, RUNS, "default", "r"), "status/completionTime"));
  /* A new object of the same name is another one. */
  transact (fixture->store, NULL, RUNS, "-r", undone);
  g_assert_null (
      chd_json_lookup (chd_object_store_get (fixture->store, RUNS, "default", "r"), "status/completionTime"));
}

/* A child that is killed while it writes: all it had acknowledged is there. */
static void
test_killed_writer (Fixture *fixture, gconstpointer data)
{
  int pipe_fds[2];
  pid_t child;
  int acknowledged = 0;
  char line[16];
  FILE *stream;
  g_autoptr (GPtrArray) objects = NULL;

  chd_object_store_close (fixture->store);
  g_clear_object (&fixture->store);
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  child = fork ();
  if (child == 0)
    {
      ChdObjectStore *store = chd_object_store_open (fixture->folder, NULL);

      for (int i = 0;; i++)
        {
          g_autofree char *name = g_strdup_printf ("t%06d", i);
          g_autofree char *object = task (name, "x");

          transact (store, NULL, TASKS, object);
          dprintf (pipe_fds[1], "%d\n", i + 1);
        }
    }
  close (pipe_fds[1]);
  stream = fdopen (pipe_fds[0], "r");
  while (acknowledged < 50 && fgets (line, sizeof line, stream) != NULL)
    acknowledged = atoi (line);
  kill (child, SIGKILL);
  while (fgets (line, sizeof line, stream) != NULL)
    acknowledged = atoi (line);
  fclose (stream);
  waitpid (child, NULL, 0);

  fixture->store = chd_object_store_open (fixture->folder, NULL);
  g_assert_nonnull (fixture->store);
  objects = chd_object_store_list (fixture->store, TASKS, NULL);
  g_assert_cmpint (objects->len, >=, acknowledged);
  g_assert_cmpint (objects->len, <=, acknowledged + 1);
  g_assert_cmpuint (chd_object_store_get_version (fixture->store), ==, objects->len);
}

static void
test_damaged_database (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "engine.db", NULL);
  g_autofree char *a = task ("a", "1");
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;
  gboolean kept = FALSE;

  transact (fixture->store, NULL, TASKS, a);
  chd_object_store_close (fixture->store);
  g_clear_object (&fixture->store);
  g_assert_true (g_file_set_contents (path, "this is no database, but it is long enough to look at it", -1, NULL));

  fixture->store = chd_object_store_open (fixture->folder, &error);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CORRUPT);
  g_assert_null (fixture->store);
  dir = g_dir_open (fixture->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "engine.db.damaged-"))
      {
        g_assert_nonnull (strstr (error->message, name));
        kept = TRUE;
      }
  g_assert_true (kept);
  fixture->store = chd_object_store_open (fixture->folder, NULL);
  g_assert_nonnull (fixture->store);
}

static void
run_sql (const char *path, const char *sql)
{
  sqlite3 *handle = NULL;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (handle);
}

static void
test_foreign_and_newer_database (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "engine.db", NULL);
  g_autoptr (GError) error = NULL;

  chd_object_store_close (fixture->store);
  g_clear_object (&fixture->store);
  run_sql (path, "PRAGMA user_version = 99");
  fixture->store = chd_object_store_open (fixture->folder, &error);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
  g_clear_error (&error);
  run_sql (path, "PRAGMA user_version = 1; PRAGMA application_id = 7");
  fixture->store = chd_object_store_open (fixture->folder, &error);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_backups (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "engine.db", NULL);
  g_autofree char *a = task ("a", "1");
  g_autoptr (GDir) dir = NULL;
  sqlite3 *handle = NULL;
  const char *name;
  guint n = 0;

  transact (fixture->store, NULL, TASKS, a);
  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  for (guint i = 0; i < 5; i++)
    g_assert_true (chd_store_backup (handle, fixture->folder, NULL));
  sqlite3_close (handle);
  dir = g_dir_open (fixture->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, "engine.db.backup-");
  g_assert_cmpuint (n, ==, 3);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;
  Script script = { .resource = TASKS, .steps = (char *[]){ (char *) "!", NULL } };

  g_cancellable_cancel (cancellable);
  chd_object_store_transact_async (fixture->store, run_script, &script, NULL, cancellable, chd_test_result_cb, &result);
  finish (fixture->store, &result, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_closed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *a = task ("a", "1");
  GAsyncResult *result = NULL;
  g_autoptr (GError) error = NULL;

  start (fixture->store, &result, TASKS, a, NULL);
  chd_object_store_close (fixture->store);
  g_assert_cmpuint (finish (fixture->store, &result, NULL), ==, 1);
  transact (fixture->store, &error, TASKS, "-a");
  g_assert_error (error, CHD_ERROR, CHD_ERROR_ENGINE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func) g_test_add ("/engine/store/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("put-get-list-delete", test_put_get_list_delete);
  ADD ("failing-transaction", test_failing_transaction);
  ADD ("committed-signal", test_committed_signal);
  ADD ("changes-since", test_changes_since);
  ADD ("window-is-bounded", test_window_is_bounded);
  ADD ("completion-is-final", test_completion_is_final);
  ADD ("killed-writer", test_killed_writer);
  ADD ("damaged-database", test_damaged_database);
  ADD ("foreign-and-newer-database", test_foreign_and_newer_database);
  ADD ("backups", test_backups);
  ADD ("cancelled", test_cancelled);
  ADD ("closed", test_closed);
  return g_test_run ();
}
