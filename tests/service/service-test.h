/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-store.h"
#include "chd-test-loop.h"

/* What the tests of services share: a private home, and waiting for results. */

static inline GAsyncResult *
wait_for_result (GAsyncResult **result)
{
  chd_test_wait_for (*result != NULL);
  return *result;
}

static inline void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_folder (child);
    }
  g_remove (path);
}

/* A folder of its own for everything that is looked up in the user's home. To be called before anything else asks for
 * one of these folders: GLib remembers the answer. */
static inline char *
make_home (void)
{
  static const char *const variables[] = { "HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
                                           "XDG_RUNTIME_DIR" };
  char *home = g_dir_make_tmp ("chd-home-XXXXXX", NULL);

  g_assert_nonnull (home);
  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      g_autofree char *name = g_ascii_strdown (variables[i], -1);
      g_autofree char *folder = g_build_filename (home, name, NULL);

      g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
      g_setenv (variables[i], folder, TRUE);
    }
  g_unsetenv ("KUBECONFIG");
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  return home;
}

static inline ChdStore *
open_store (const char *path)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ChdStore *store;

  chd_store_open_async (path, NULL, chd_test_result_cb, &result);
  store = chd_store_open_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  return store;
}
