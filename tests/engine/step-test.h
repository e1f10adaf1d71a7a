/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "chd-image-store.h"
#include "chd-registry-store-private.h"
#include "chd-sandbox.h"
#include "chd-step-process.h"
#include "chd-test-loop.h"
#include "chd-util.h"

/* What tests of images and steps share: a folder that goes away, the shipped shell image in a registry of its own. */

static inline int
step_test_remove_cb (const char *path, const struct stat *info, int kind, struct FTW *where)
{
  return remove (path);
}

static inline void
step_test_remove_folder (char *folder)
{
  nftw (folder, step_test_remove_cb, 64, FTW_DEPTH | FTW_PHYS);
  g_free (folder);
}

static inline guint
count_entries (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  guint count = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

static inline char *
step_test_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("chd-step-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

/* Puts an OCI archive with one manifest into @registry as @repository:@tag; its digest. */
static inline char *
step_test_import (ChdRegistryStore *registry, const char *path, const char *repository, const char *tag)
{
  struct archive *reader = archive_read_new ();
  struct archive_entry *entry;
  g_autoptr (GBytes) manifest = NULL;
  g_autoptr (GError) error = NULL;
  char *digest;

  archive_read_support_format_tar (reader);
  g_assert_cmpint (archive_read_open_filename (reader, path, 65536), ==, ARCHIVE_OK);
  while (archive_read_next_header (reader, &entry) == ARCHIVE_OK)
    {
      gsize size = (gsize) archive_entry_size (entry);
      g_autofree char *data = g_malloc (size + 1);
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *blob = NULL;

      g_assert_cmpint (archive_read_data (reader, data, size), ==, size);
      data[size] = '\0';
      bytes = g_bytes_new (data, size);
      if (!g_str_has_prefix (archive_entry_pathname (entry), "blobs/"))
        continue;
      blob = chd_registry_store_put_blob (registry, repository, bytes, &error);
      g_assert_no_error (error);
      if (size < 65536 && strstr (data, "\"layers\":[") != NULL)
        {
          g_assert_null (manifest);
          manifest = g_steal_pointer (&bytes);
        }
    }
  archive_read_free (reader);
  g_assert_nonnull (manifest);
  digest =
      chd_registry_store_put_manifest (registry, repository, tag, manifest, CHD_OCI_TYPE_MANIFEST, NULL, NULL, &error);
  g_assert_no_error (error);
  return digest;
}

static inline ChdImage *
step_test_resolve (ChdImageStore *store, const char *reference, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_image_store_resolve_async (store, reference, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  return chd_image_store_resolve_finish (store, result, error);
}

/* The shipped image "shell", unpacked below @folder. */
static inline ChdImage *
step_test_shell_image (const char *folder)
{
  g_autofree char *registry_folder = g_build_filename (folder, "registry", NULL);
  g_autofree char *roots = g_build_filename (folder, "roots", NULL);
  g_autofree char *archive = chd_data_path ("environments/shell.tar");
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdRegistryStore) registry = chd_registry_store_open (registry_folder, &error);
  g_autoptr (ChdImageStore) store = NULL;
  g_autofree char *digest = NULL;
  ChdImage *image;

  g_assert_no_error (error);
  digest = step_test_import (registry, archive, "environments/shell", "1");
  store = chd_image_store_new (registry, roots);
  image = step_test_resolve (store, "environments/shell:1", &error);
  g_assert_no_error (error);
  return image;
}

/* Of the whole test program. */
static ChdSandbox *sandbox;
static ChdImage *shell;
static char *folder;

/* One step of a test. */
typedef struct
{
  ChdStepSpec *spec;
  ChdStepProcess *process;
  char *log_path;
  char *record_path;
  guint exited;
} Step;

static inline void
exited_cb (ChdStepProcess *process, gpointer user_data)
{
  Step *step = user_data;

  g_assert_nonnull (chd_step_process_get_exit (process));
  step->exited++;
}

static inline Step *
step_new (ChdImage *image, const char *const *argv)
{
  static guint number;
  Step *step = g_new0 (Step, 1);

  step->log_path = g_strdup_printf ("%s/logs/%u.log", folder, ++number);
  step->record_path = g_strdup_printf ("%s/runs/%u", folder, number);
  step->spec = chd_step_spec_new (image);
  chd_step_spec_set_argv (step->spec, argv);
  chd_step_spec_set_log_path (step->spec, step->log_path);
  chd_step_spec_set_record_path (step->spec, step->record_path);
  return step;
}

static inline Step *
step_new_script (const char *script)
{
  const char *const argv[] = { "/bin/sh", "-c", script, NULL };

  return step_new (shell, argv);
}

static inline void
step_free (Step *step)
{
  if (step->process != NULL)
    g_signal_handlers_disconnect_by_data (step->process, step);
  g_clear_object (&step->process);
  chd_step_spec_free (step->spec);
  g_free (step->log_path);
  g_free (step->record_path);
  g_free (step);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Step, step_free)

static inline void
step_spawn (Step *step)
{
  g_autoptr (GError) error = NULL;

  step->process = chd_step_process_spawn (sandbox, step->spec, &error);
  g_assert_no_error (error);
  g_signal_connect (step->process, "exited", G_CALLBACK (exited_cb), step);
}

static inline const ChdStepExit *
step_wait (Step *step)
{
  chd_test_wait_for (step->exited > 0);
  g_assert_cmpuint (step->exited, ==, 1);
  return chd_step_process_get_exit (step->process);
}

static inline const ChdStepExit *
step_run (Step *step)
{
  step_spawn (step);
  chd_step_process_release (step->process);
  return step_wait (step);
}

/* The log's text without its times: "stdout F hello\n". */
static inline char *
step_read_log (Step *step)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GString *plain = g_string_new (NULL);

  g_assert_true (g_file_get_contents (step->log_path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      g_assert_cmpuint (strlen (lines[i]), >=, strlen ("2026-01-01T00:00:00.000000000Z stdout F "));
      g_assert_cmpint (lines[i][29], ==, 'Z');
      g_string_append_printf (plain, "%s\n", lines[i] + 31);
    }
  return g_string_free (plain, FALSE);
}

static inline gboolean
have_sandbox (void)
{
  if (chd_sandbox_get_backend (sandbox) == CHD_SANDBOX_BUBBLEWRAP)
    return TRUE;
  g_test_skip (chd_sandbox_get_problem (sandbox));
  return FALSE;
}

static inline gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* For what happens outside of this process, where nothing wakes the main loop. */
#define wait_for_outside(condition)                                                                                    \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    guint tick = g_timeout_add (10, tick_cb, NULL);                                                                    \
    chd_test_wait_for (condition);                                                                                     \
    g_source_remove (tick);                                                                                            \
  }                                                                                                                    \
  G_STMT_END

/* Whether a process with @text in its command line lives; steps of these tests use numbers nobody else does. */
static inline gboolean
process_lives (const char *text)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *line = NULL;
      gsize length = 0;

      if (!g_ascii_isdigit (*name) || !g_file_get_contents (path, &line, &length, NULL))
        continue;
      for (gsize i = 0; i < length; i++)
        if (line[i] == '\0')
          line[i] = ' ';
      if (strstr (line, text) != NULL && strstr (line, "sleep") == line)
        return TRUE;
    }
  return FALSE;
}

static inline void
step_test_begin (const char *in_folder)
{
  sandbox = chd_sandbox_new (FALSE);
  folder = in_folder != NULL ? g_strdup (in_folder) : step_test_make_folder ();
  shell = step_test_shell_image (folder);
}

static inline void
step_test_end (void)
{
  chd_image_unref (shell);
  g_object_unref (sandbox);
  step_test_remove_folder (folder);
}
