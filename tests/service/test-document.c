/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents: saved whole, drafted within a second, never lost. Called with --edit STORE it is the designer that is
 * killed. */

#include "config.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chd-document.h"
#include "service-test.h"

static char *program;

typedef struct
{
  char *folder;
  GFile *file;
  ChdStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  fixture->folder = g_dir_make_tmp ("chd-document-XXXXXX", NULL);
  path = g_build_filename (fixture->folder, "library.db", NULL);
  fixture->store = open_store (path);
  fixture->file = g_file_new_build_filename (fixture->folder, "pay.chain.json", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->store);
  g_clear_object (&fixture->file);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
}

static ChdChain *
make_chain (void)
{
  ChdChain *chain = chd_chain_new ("pay", "付款");

  chd_chain_append (chain, chd_unit_new ("finance", "Finance", NULL));
  chd_chain_append (chain, chd_node_new ("check", "Check", "finance"));
  chd_chain_append (chain, chd_node_new ("book", "Book", "finance"));
  return chain;
}

static gboolean
save (ChdDocument *document, GFile *file, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_document_save_async (document, file, NULL, chd_test_result_cb, &result);
  return chd_document_save_finish (document, wait_for_result (&result), error);
}

static ChdDocument *
load (GFile *file, ChdStore *store, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_document_load_async (file, store, NULL, chd_test_result_cb, &result);
  return chd_document_load_finish (wait_for_result (&result), error);
}

static void
test_save (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (ChdDocument) document = chd_document_new (chain, fixture->store);
  g_autoptr (ChdDocument) again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *link_path = g_build_filename (fixture->folder, "link.chain.json", NULL);
  g_autoptr (GFile) link = g_file_new_for_path (link_path);
  GStatBuf info;

  g_assert_false (save (document, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_clear_error (&error);

  g_assert_true (save (document, fixture->file, &error));
  g_assert_no_error (error);
  g_assert_false (chd_chain_get_modified (chain));
  folder = chd_document_dup_folder (document);
  g_assert_cmpstr (folder, ==, fixture->folder);

  /* The mode stays, and a link is followed, not replaced. */
  g_assert_cmpint (g_chmod (g_file_peek_path (fixture->file), 0640), ==, 0);
  g_assert_cmpint (symlink (g_file_peek_path (fixture->file), link_path), ==, 0);
  chd_chain_append (chain, chd_node_new ("pay", "Pay", "finance"));
  g_assert_true (save (document, link, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_lstat (link_path, &info), ==, 0);
  g_assert_true (S_ISLNK (info.st_mode));
  g_assert_cmpint (g_stat (g_file_peek_path (fixture->file), &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 07777, ==, 0640);

  again = load (fixture->file, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (chd_chain_find_node (chd_document_get_chain (again), "pay"));
}

static void
test_load_errors (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) missing = NULL;
  g_autoptr (GError) broken = NULL;
  g_autoptr (GError) folder = NULL;
  g_autoptr (GFile) parent = g_file_get_parent (fixture->file);

  g_assert_null (load (fixture->file, NULL, &missing));
  g_assert_error (missing, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  g_assert_null (load (parent, NULL, &folder));
  g_assert_nonnull (folder);
  g_assert_true (
      g_file_set_contents (g_file_peek_path (fixture->file), "{\n \"format\": \"chain-designer/1\",\n x", -1, NULL));
  g_assert_null (load (fixture->file, NULL, &broken));
  g_assert_error (broken, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_nonnull (strstr (broken->message, "pay.chain.json"));
  g_assert_nonnull (strstr (broken->message, "3"));
}

static void
test_conflict (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (ChdDocument) document = chd_document_new (chain, fixture->store);
  g_autoptr (GError) error = NULL;
  gboolean conflict = FALSE;

  g_assert_true (save (document, fixture->file, &error));
  g_object_get (document, "conflict", &conflict, NULL);
  g_assert_false (conflict);
  g_assert_true (g_file_set_contents (g_file_peek_path (fixture->file), "of somebody else", -1, NULL));
  chd_chain_append (chain, chd_node_new ("pay", "Pay", "finance"));
  g_assert_false (save (document, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CONFLICT);
  g_clear_error (&error);
  g_object_get (document, "conflict", &conflict, NULL);
  g_assert_true (conflict);
  g_assert_true (chd_chain_get_modified (chain));
  g_assert_true (save (document, NULL, &error));
  g_assert_no_error (error);
  g_object_get (document, "conflict", &conflict, NULL);
  g_assert_false (conflict);
}

/* Somebody else's change is noticed without saving. */
static void
test_watched (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (ChdDocument) document = chd_document_new (chain, fixture->store);
  g_autoptr (GError) error = NULL;
  gboolean conflict = FALSE;

  g_assert_true (save (document, fixture->file, &error));
  g_assert_true (g_file_set_contents (g_file_peek_path (fixture->file), "of somebody else", -1, NULL));
  chd_test_wait_for ((g_object_get (document, "conflict", &conflict, NULL), conflict));
}

static GPtrArray *
list_drafts (ChdStore *store)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *drafts;

  chd_document_list_drafts_async (store, NULL, chd_test_result_cb, &result);
  drafts = chd_document_list_drafts_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  return drafts;
}

static ChdDocument *
recover (ChdStore *store, const char *id)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ChdDocument *document;

  chd_document_recover_async (store, id, NULL, chd_test_result_cb, &result);
  document = chd_document_recover_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  return document;
}

/* Edits a document that was never saved, and says so each time: "n" at the edit. */
static int
edit_for_ever (const char *store_path)
{
  g_autoptr (ChdStore) store = open_store (store_path);
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (ChdDocument) document = chd_document_new (chain, store);

  for (int i = 0; chd_document_get_chain (document) != NULL; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%d", i);
      gint64 end = g_get_monotonic_time () + 20000;

      chd_chain_append (chain, chd_node_new (id, id, "finance"));
      g_print ("%d\n", i);
      while (g_get_monotonic_time () < end)
        {
          g_main_context_iteration (NULL, FALSE);
          g_usleep (1000);
        }
    }
  return 0;
}

/* Killed in the middle of editing: at most a second of edits is lost, and it opens as an unsaved document. */
static void
test_crash (Fixture *fixture, gconstpointer data)
{
  const char *argv[] = { program, "--edit", chd_store_get_path (fixture->store), NULL };
  g_autofree char *path = g_strdup (chd_store_get_path (fixture->store));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) editor = NULL;
  g_autoptr (GDataInputStream) lines = NULL;
  g_autoptr (GPtrArray) drafts = NULL;
  g_autoptr (GPtrArray) none = NULL;
  g_autoptr (ChdDocument) document = NULL;
  g_autofree char *oldest = NULL;
  char *line;
  int last = -1;

  editor = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (editor));
  while ((line = g_data_input_stream_read_line (lines, NULL, NULL, NULL)) != NULL)
    {
      last = atoi (line);
      g_free (line);
      if (last == 100)
        g_subprocess_send_signal (editor, SIGKILL);
    }
  g_assert_cmpint (last, >=, 100);
  g_subprocess_wait (editor, NULL, NULL);
  drafts = list_drafts (fixture->store);
  g_assert_cmpuint (drafts->len, ==, 1);
  document = recover (fixture->store, ((ChdDraft *) drafts->pdata[0])->id);
  g_assert_true (chd_chain_get_modified (chd_document_get_chain (document)));
  g_assert_null (chd_document_get_file (document));
  /* Edits come every 20 ms; 1 s of them is 50. */
  oldest = g_strdup_printf ("n%d", last - 50);
  g_assert_nonnull (chd_chain_find_node (chd_document_get_chain (document), oldest));

  /* Now it is ours; a clean end leaves nothing. */
  g_clear_object (&document);
  g_clear_object (&fixture->store);
  fixture->store = open_store (path);
  none = list_drafts (fixture->store);
  g_assert_cmpuint (none->len, ==, 0);
}

/* Saving drops the draft; so does undoing all. */
static void
test_clean (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (ChdDocument) document = chd_document_new (chain, fixture->store);
  g_autoptr (GPtrArray) drafts = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_strdup (chd_store_get_path (fixture->store));

  chd_chain_append (chain, chd_node_new ("pay", "Pay", "finance"));
  chd_document_flush_draft (document);
  g_assert_true (save (document, fixture->file, &error));
  chd_chain_append (chain, chd_node_new ("more", "More", "finance"));
  chd_document_flush_draft (document);
  chd_chain_undo (chain);
  chd_document_flush_draft (document);
  g_clear_object (&fixture->store);
  g_clear_object (&document);
  fixture->store = open_store (path);
  drafts = list_drafts (fixture->store);
  g_assert_cmpuint (drafts->len, ==, 0);
}

int
main (int argc, char *argv[])
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], "--edit") == 0)
    return edit_for_ever (argv[2]);

  g_test_init (&argc, &argv, NULL);
#define ADD(path, test) g_test_add ("/service/document/" path, Fixture, NULL, set_up, test, tear_down)
  ADD ("saving-keeps-mode-and-links", test_save);
  ADD ("errors-name-file-and-line", test_load_errors);
  ADD ("saving-over-another-s-change-is-asked-once", test_conflict);
  ADD ("another-s-change-is-noticed", test_watched);
  ADD ("a-crash-loses-less-than-a-second", test_crash);
  ADD ("a-clean-end-leaves-no-draft", test_clean);
  return g_test_run ();
}
