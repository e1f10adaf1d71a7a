/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the supervisor costs: a step that does nothing, through chain-step with its gate, record and log, against
 * bubblewrap started with the same arguments and nobody to watch it. In CPU time of everything involved. */

#include "config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chd-sandbox-private.h"
#include "step-test.h"

#define ROUNDS 100

static const char *const command[] = { "/bin/true", NULL };

static double
cpu_seconds (int who)
{
  struct rusage usage;

  getrusage (who, &usage);
  return (double) usage.ru_utime.tv_sec + (double) usage.ru_stime.tv_sec +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double
all_cpu_seconds (void)
{
  return cpu_seconds (RUSAGE_SELF) + cpu_seconds (RUSAGE_CHILDREN);
}

static void
run_supervised (void)
{
  g_autoptr (Step) step = step_new (shell, command);

  g_assert_cmpint (step_run (step)->exit_code, ==, 0);
}

static void
run_plain (void)
{
  g_autoptr (Step) step = step_new (shell, command);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) args = chd_sandbox_build_args (sandbox, step->spec, &error);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  GBytes *filter = chd_sandbox_get_filter (sandbox);
  const char *const argv[] = {
    chd_sandbox_get_program (sandbox),
    "--args",
    CHD_SANDBOX_ARGS_FD,
    "--seccomp",
    CHD_SANDBOX_SECCOMP_FD,
    "--",
    command[0],
    NULL,
  };
  const int targets[] = { atoi (CHD_SANDBOX_ARGS_FD), atoi (CHD_SANDBOX_SECCOMP_FD) };
  int fds[2];
  int status;
  pid_t pid;

  g_assert_no_error (error);
  for (guint i = 0; i < args->len; i++)
    g_byte_array_append (text, args->pdata[i], (guint) strlen (args->pdata[i]) + 1);
  fds[0] = chd_sandbox_open_data (text->data, text->len);
  fds[1] = chd_sandbox_open_data (g_bytes_get_data (filter, NULL), g_bytes_get_size (filter));
  g_spawn_async_with_pipes_and_fds ("/", argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, -1, -1, -1, fds, targets,
                                    G_N_ELEMENTS (fds), &pid, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  close (fds[0]);
  close (fds[1]);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  /* The sandbox's first process is ours now, and with it the cost of taking the name spaces down. */
  while (waitpid (-1, NULL, 0) > 0)
    ;
}

static double
measure (void (*run) (void))
{
  double begin = all_cpu_seconds ();

  for (guint i = 0; i < ROUNDS; i++)
    run ();
  return (all_cpu_seconds () - begin) / ROUNDS;
}

int
main (int argc, char **argv)
{
  double plain, supervised;

  step_test_begin (NULL);
  if (chd_sandbox_get_backend (sandbox) != CHD_SANDBOX_BUBBLEWRAP)
    g_print ("step: skipped, %s\n", chd_sandbox_get_problem (sandbox));
  else
    {
      prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
      run_plain ();
      run_supervised ();
      plain = measure (run_plain);
      supervised = measure (run_supervised);
      g_print ("step: %.2f ms CPU alone, %.2f ms CPU supervised, ratio %.2f\n", plain * 1e3, supervised * 1e3,
               supervised / plain);
    }
  step_test_end ();
  return 0;
}
