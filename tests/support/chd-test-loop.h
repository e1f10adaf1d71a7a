/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

/* Waiting in tests: for a condition, never for a time, and never for ever. */

#define CHD_TEST_SECONDS 15

static inline gboolean
chd_test_timeout_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Runs the main loop until @condition holds; fails the test when it does not in time. */
#define chd_test_wait_for(condition)                                                                                   \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gboolean chd_test_late = FALSE;                                                                                    \
    guint chd_test_source = g_timeout_add_seconds (CHD_TEST_SECONDS, chd_test_timeout_cb, &chd_test_late);             \
    while (!(condition) && !chd_test_late)                                                                             \
      g_main_context_iteration (NULL, TRUE);                                                                           \
    g_source_remove (chd_test_source);                                                                                 \
    if (!(condition))                                                                                                  \
      g_error ("waited in vain for: %s", #condition);                                                                  \
  }                                                                                                                    \
  G_STMT_END

/* A GAsyncReadyCallback that keeps the result: pass the address of a GAsyncResult pointer that is NULL. */
static inline void
chd_test_result_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Path below the shared data, or NULL (and the test is skipped) when it is absent. */
static inline char *
chd_test_shared (const char *relative)
{
  const char *folder = g_getenv ("CHD_SHARED_DIR");
  char *path = folder != NULL ? g_build_filename (folder, relative, NULL) : NULL;

  if (path == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the shared data is not there");
      g_clear_pointer (&path, g_free);
    }
  return path;
}
