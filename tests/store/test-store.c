/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store keeps what it acknowledged, through crashes and damage. Called with --write FILE it is the program that
 * is killed. */

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "chd-drafts.h"
#include "chd-error.h"
#include "chd-journal.h"
#include "chd-run-history.h"
#include "chd-test-loop.h"

#define ENGINE "unix:/run/engine.sock default"

static char *program;

typedef struct
{
  char *folder;
  char *path;
  ChdStore *store;
} Fixture;

static GAsyncResult *
wait_for_result (GAsyncResult **result)
{
  chd_test_wait_for (*result != NULL);
  return *result;
}

static ChdStore *
open_store (const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_store_open_async (path, NULL, chd_test_result_cb, &result);
  return chd_store_open_finish (wait_for_result (&result), error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("chd-store-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "sub", "library.db", NULL);
  fixture->store = open_store (fixture->path, &error);
  g_assert_no_error (error);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_folder (child);
    }
  g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->store);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
reopen (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_clear_object (&fixture->store);
  fixture->store = open_store (fixture->path, &error);
  g_assert_no_error (error);
}

static GPtrArray *
make_targets (const char *first, ...)
{
  GPtrArray *targets = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_journal_target_free);
  va_list names;

  va_start (names, first);
  for (const char *name = first; name != NULL; name = va_arg (names, const char *))
    {
      gboolean is_new = name[0] == '+';

      g_ptr_array_add (targets, chd_journal_target_new ("Task", name + 1, is_new ? "create" : "update", "h", is_new));
    }
  va_end (names);
  return targets;
}

static ChdJournalCreation *
begin (Fixture *fixture, GPtrArray *targets)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ChdJournalCreation *creation;

  chd_journal_begin_async (fixture->store, ENGINE, "pay", "abc", targets, chd_test_result_cb, &result);
  creation = chd_journal_begin_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  return creation;
}

static void
test_journal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdJournalCreation) creation = begin (fixture, make_targets ("+a", "=b", "+gone", NULL));
  g_autoptr (ChdJournalCreation) again = NULL;
  g_autoptr (GAsyncResult) set = NULL, end = NULL, list = NULL;
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GError) error = NULL;
  const ChdJournalTarget *target;

  g_assert_cmpuint (creation->targets->len, ==, 3);
  chd_journal_set_target_async (fixture->store, creation->id, "Task", "a", CHD_JOURNAL_MADE, "uid-a",
                                chd_test_result_cb, &set);
  g_assert_true (chd_journal_set_target_finish (wait_for_result (&set), &error));

  /* The program ends, the chain is created again: “a” exists now and is no longer new to who asks. */
  reopen (fixture);
  again = begin (fixture, make_targets ("=a", "=c", NULL));
  g_assert_cmpint (again->id, ==, creation->id);
  g_assert_cmpuint (again->targets->len, ==, 3);
  target = again->targets->pdata[0];
  g_assert_cmpstr (target->name, ==, "a");
  g_assert_true (target->is_new);
  g_assert_cmpstr (target->uid, ==, "uid-a");
  target = again->targets->pdata[1];
  g_assert_cmpstr (target->name, ==, "c");
  g_assert_false (target->is_new);
  target = again->targets->pdata[2];
  g_assert_cmpstr (target->name, ==, "gone");
  g_assert_true (target->is_new);

  chd_journal_end_async (fixture->store, again->id, chd_test_result_cb, &end);
  g_assert_true (chd_journal_end_finish (wait_for_result (&end), &error));
  chd_journal_list_async (fixture->store, ENGINE, chd_test_result_cb, &list);
  left = chd_journal_list_finish (wait_for_result (&list), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (left->len, ==, 0);
}

static void
write_run (Fixture *fixture, const char *name, const char *state, gint64 created_at, gint64 finished_at)
{
  ChdRunRecord record = { (char *) name, (char *) "pay", NULL, (char *) state, created_at, 0, finished_at };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  chd_run_history_write_async (fixture->store, ENGINE, &record, chd_test_result_cb, &result);
  chd_run_history_write_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
}

static void
test_runs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) list = NULL, other = NULL, removed = NULL;
  g_autoptr (GPtrArray) runs = NULL, none = NULL;
  g_autoptr (GError) error = NULL;
  const ChdRunRecord *record;

  write_run (fixture, "pay-run-1", CHD_RUN_HISTORY_STARTING, 100, 0);
  write_run (fixture, "pay-run-2", CHD_RUN_HISTORY_STARTING, 200, 0);
  write_run (fixture, "pay-run-3", CHD_RUN_HISTORY_STARTING, 300, 0);
  write_run (fixture, "pay-run-1", "succeeded", 0, 150);
  chd_run_history_remove_async (fixture->store, ENGINE, "pay-run-3", chd_test_result_cb, &removed);
  g_assert_true (chd_run_history_remove_finish (wait_for_result (&removed), &error));
  reopen (fixture);
  chd_run_history_list_async (fixture->store, ENGINE, "pay", chd_test_result_cb, &list);
  runs = chd_run_history_list_finish (wait_for_result (&list), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 2);
  record = runs->pdata[0];
  g_assert_cmpstr (record->name, ==, "pay-run-2");
  record = runs->pdata[1];
  g_assert_cmpstr (record->state, ==, "succeeded");
  g_assert_cmpint (record->created_at, ==, 100);
  g_assert_cmpint (record->finished_at, ==, 150);
  chd_run_history_list_async (fixture->store, "another engine", NULL, chd_test_result_cb, &other);
  none = chd_run_history_list_finish (wait_for_result (&other), &error);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_damage (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autofree char *garbage = g_strnfill (20000, 'x');
  const char *name, *kept = NULL;
  GStatBuf info;

  g_assert_null (chd_store_get_notice (fixture->store));
  g_clear_object (&fixture->store);
  g_assert_true (g_file_set_contents (fixture->path, garbage, -1, NULL));
  reopen (fixture);
  g_assert_nonnull (chd_store_get_notice (fixture->store));
  write_run (fixture, "pay-run-1", "succeeded", 1, 2);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (strstr (name, ".damaged-") != NULL)
      kept = name;
  g_assert_nonnull (kept);
  g_assert_cmpint (g_stat (folder, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 077, ==, 0);
}

/* A page in the middle is overwritten and the end was not clean: found before it is used. */
static void
test_damage_inside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = g_strconcat (fixture->path, "-wal", NULL);
  g_autofree char *contents = NULL;
  gsize length;

  for (int i = 0; i < 200; i++)
    {
      g_autofree char *name = g_strdup_printf ("pay-run-%d", i);

      write_run (fixture, name, "succeeded", i, i);
    }
  g_clear_object (&fixture->store);
  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));
  memset (contents + 3 * 4096, 0x5a, length - 3 * 4096);
  g_assert_true (g_file_set_contents (fixture->path, contents, (gssize) length, NULL));
  g_assert_true (g_file_set_contents (log, "", 0, NULL));
  reopen (fixture);
  g_assert_nonnull (chd_store_get_notice (fixture->store));
}

static void
test_foreign (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize length;

  g_clear_object (&fixture->store);
  g_assert_true (g_file_get_contents (fixture->path, &contents, &length, NULL));
  memcpy (contents + 68, "ABCD", 4); /* the application id in sqlite's header */
  g_assert_true (g_file_set_contents (fixture->path, contents, (gssize) length, NULL));
  fixture->store = open_store (fixture->path, &error);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
  g_assert_null (fixture->store);
}

static void
test_drafts (Fixture *fixture, gconstpointer data)
{
  ChdDraftRecord draft = { (char *) "d1", (char *) "付款", NULL, NULL, (char *) "{}", 0, FALSE };
  g_autoptr (GAsyncResult) written = NULL, listed = NULL, taken = NULL, missing = NULL;
  g_autoptr (GPtrArray) drafts = NULL;
  g_autoptr (ChdDraftRecord) record = NULL;
  g_autoptr (GError) error = NULL;

  chd_drafts_write_async (fixture->store, &draft, chd_test_result_cb, &written);
  g_assert_true (chd_drafts_write_finish (wait_for_result (&written), &error));
  /* This process lives: it is no draft of a crash. */
  chd_drafts_list_async (fixture->store, chd_test_result_cb, &listed);
  drafts = chd_drafts_list_finish (wait_for_result (&listed), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (drafts->len, ==, 0);
  chd_drafts_take_async (fixture->store, "d1", chd_test_result_cb, &taken);
  record = chd_drafts_take_finish (wait_for_result (&taken), &error);
  g_assert_no_error (error);
  g_assert_cmpstr (record->title, ==, "付款");
  g_assert_cmpstr (record->document, ==, "{}");
  g_assert_false (record->suspect);
  chd_drafts_take_async (fixture->store, "d2", chd_test_result_cb, &missing);
  g_assert_null (chd_drafts_take_finish (wait_for_result (&missing), &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
}

static void
acknowledge_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  if (chd_drafts_write_finish (result, NULL))
    g_print ("%d\n", GPOINTER_TO_INT (user_data));
}

static int
write_for_ever (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdStore) store = open_store (path, &error);

  g_assert_no_error (error);
  for (int i = 0;; i++)
    {
      g_autofree char *id = g_strdup_printf ("d%d", i % 20), *text = g_strdup_printf ("{\"edit\": %d}", i);
      ChdDraftRecord draft = { id, (char *) "Draft", NULL, NULL, text, 0, FALSE };

      chd_drafts_write_async (store, &draft, acknowledge_cb, GINT_TO_POINTER (i));
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  return 0;
}

/* What was acknowledged before kill -9 is there, and is offered. */
static void
test_kill (Fixture *fixture, gconstpointer data)
{
  for (int round = 0; round < 5; round++)
    {
      const char *argv[] = { program, "--write", fixture->path, NULL };
      g_autoptr (GSubprocess) writer = NULL;
      g_autoptr (GDataInputStream) lines = NULL;
      g_autoptr (GAsyncResult) listed = NULL;
      g_autoptr (GPtrArray) drafts = NULL;
      g_autoptr (GError) error = NULL;
      int last = -1, found = -1;
      char *line;

      g_clear_object (&fixture->store);
      writer = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
      g_assert_no_error (error);
      lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (writer));
      while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL)
        {
          last = atoi (line);
          g_free (line);
          if (last == 40 + 30 * round)
            g_subprocess_send_signal (writer, SIGKILL);
        }
      g_assert_cmpint (last, >=, 40);
      g_subprocess_wait (writer, NULL, NULL);
      reopen (fixture);
      g_assert_null (chd_store_get_notice (fixture->store));
      chd_drafts_list_async (fixture->store, chd_test_result_cb, &listed);
      drafts = chd_drafts_list_finish (wait_for_result (&listed), &error);
      g_assert_no_error (error);
      g_assert_cmpuint (drafts->len, ==, 20);
      for (guint i = 0; i < drafts->len; i++)
        {
          g_autoptr (GAsyncResult) taken = NULL, confirmed = NULL;
          g_autoptr (ChdDraftRecord) record = NULL;
          const char *id = ((ChdDraftRecord *) drafts->pdata[i])->id;

          chd_drafts_take_async (fixture->store, id, chd_test_result_cb, &taken);
          record = chd_drafts_take_finish (wait_for_result (&taken), &error);
          g_assert_no_error (error);
          found = MAX (found, atoi (record->document + strlen ("{\"edit\": ")));
          chd_drafts_confirm_async (fixture->store, id, chd_test_result_cb, &confirmed);
          g_assert_true (chd_drafts_confirm_finish (wait_for_result (&confirmed), &error));
        }
      g_assert_cmpint (found, >=, last);
    }
}

int
main (int argc, char *argv[])
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], "--write") == 0)
    return write_for_ever (argv[2]);

  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add ("/store/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("a-creation-goes-on-where-it-was", test_journal);
  ADD ("a-run-is-known-before-and-after", test_runs);
  ADD ("a-damaged-database-is-set-aside", test_damage);
  ADD ("damage-inside-is-found-after-a-crash", test_damage_inside);
  ADD ("a-foreign-database-is-left-alone", test_foreign);
  ADD ("a-draft-of-a-living-process-is-not-offered", test_drafts);
  ADD ("acknowledged-drafts-survive-kill-9", test_kill);
  return g_test_run ();
}
