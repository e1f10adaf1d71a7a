/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <signal.h>
#include <sys/prctl.h>

/* Servers that tests start: they end with the test, also when it fails in the middle, and keep no output of its open.
 */

static inline void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* @log: (nullable): a file for what it prints; thrown away otherwise */
static inline GSubprocess *
spawn_server (const char *const *argv, const char *log)
{
  GSubprocessFlags flags = log != NULL ? G_SUBPROCESS_FLAGS_STDERR_MERGE
                                       : G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  if (log != NULL)
    g_subprocess_launcher_set_stdout_file_path (launcher, log);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);
  return process;
}
