/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What keeps a step within its bounds: its limits, being asked to end, and nothing of it being left behind. */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "step-test.h"

static void
test_nothing_stays (void)
{
  static const char *const scripts[] = {
    "(setsid sh -c 'trap \"\" HUP TERM; sleep 86391' >/dev/null 2>&1 &)\nexit 0",
    "sleep 86391 & echo done",
    "(sleep 86391 & sleep 86391 &) & exit 0",
  };

  if (!have_sandbox ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      g_autoptr (Step) step = step_new_script (scripts[i]);
      const ChdStepExit *end = step_run (step);

      g_assert_cmpint (end->end, ==, CHD_STEP_EXITED);
      g_assert_cmpint (end->exit_code, ==, 0);
      g_assert_false (process_lives ("86391"));
    }
}

static gboolean
log_has (Step *step, const char *text)
{
  g_autofree char *log = NULL;

  return g_file_get_contents (step->log_path, &log, NULL, NULL) && strstr (log, text) != NULL;
}

static void
test_kill (void)
{
  g_autoptr (Step) polite = NULL;
  g_autoptr (Step) deaf = NULL;
  g_autofree char *log = NULL;
  const ChdStepExit *end;
  gint64 begin;

  if (!have_sandbox ())
    return;
  polite = step_new_script ("trap 'echo bye; exit 9' TERM; echo ready; sleep 86392 & wait");
  step_spawn (polite);
  chd_step_process_release (polite->process);
  wait_for_outside (log_has (polite, "ready"));
  chd_step_process_kill (polite->process);
  end = step_wait (polite);
  g_assert_cmpint (end->end, ==, CHD_STEP_KILLED);
  g_assert_cmpint (end->exit_code, ==, 9);
  log = step_read_log (polite);
  g_assert_nonnull (strstr (log, "stdout F bye\n"));

  deaf = step_new_script ("trap '' TERM INT HUP; echo ready; sleep 86392 & while :; do sleep 1; done");
  step_spawn (deaf);
  chd_step_process_release (deaf->process);
  wait_for_outside (g_file_test (deaf->log_path, G_FILE_TEST_EXISTS) && process_lives ("86392"));
  begin = g_get_monotonic_time ();
  chd_step_process_kill (deaf->process);
  end = step_wait (deaf);
  g_assert_cmpint (end->end, ==, CHD_STEP_KILLED);
  g_assert_cmpint (end->exit_code, ==, 137);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 10 * G_USEC_PER_SEC);
  g_assert_false (process_lives ("86392"));
}

static void
test_time_limit (void)
{
  const ChdStepLimits limits = { .seconds = 1 };
  g_autoptr (Step) step = NULL;
  const ChdStepExit *end;

  if (!have_sandbox ())
    return;
  step = step_new_script ("sleep 86393");
  chd_step_spec_set_limits (step->spec, &limits);
  end = step_run (step);
  g_assert_cmpint (end->end, ==, CHD_STEP_TIMED_OUT);
  g_assert_cmpint (end->exit_code, ==, 143);
  g_assert_cmpint (end->finished_at - end->started_at, >=, G_USEC_PER_SEC * 9 / 10);
  g_assert_false (process_lives ("86393"));
}

static guint64
peak_memory (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, "\nVmHWM:")) == NULL)
    return 0;
  return g_ascii_strtoull (line + strlen ("\nVmHWM:"), NULL, 10) * 1024;
}

/* A gigabyte: the log ends at its limit with a note, the step goes on, the supervisor does not grow. */
static void
test_flood (void)
{
  const ChdStepLimits limits = { .output = 1000000 };
  g_autoptr (Step) step = NULL;
  const ChdStepExit *end;
  GStatBuf info;
  g_autofree char *log = NULL;
  g_autofree char *done = g_build_filename (folder, "flood", NULL);
  g_autofree char *fifo = g_build_filename (done, "done", NULL);

  if (!have_sandbox ())
    return;
  g_assert_cmpint (g_mkdir (done, 0700), ==, 0);
  step = step_new_script (
      "yes 'a line' | head -c 2000000; dd if=/dev/zero bs=64k count=16000 2>/dev/null; echo > /flood/done; "
      "while [ -e /flood/done ]; do sleep 0.05; done; exit 4");
  chd_step_spec_add_bind (step->spec, done, "/flood", TRUE);
  chd_step_spec_set_limits (step->spec, &limits);
  step_spawn (step);
  chd_step_process_release (step->process);
  wait_for_outside (g_file_test (fifo, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (peak_memory (chd_step_process_get_pid (step->process)), >, 0);
  g_assert_cmpuint (peak_memory (chd_step_process_get_pid (step->process)), <, 8 * 1024 * 1024);
  g_unlink (fifo);
  end = step_wait (step);
  g_assert_cmpint (end->end, ==, CHD_STEP_EXITED);
  g_assert_cmpint (end->exit_code, ==, 4);
  g_assert_true (end->output_cut);
  g_assert_cmpint (g_stat (step->log_path, &info), ==, 0);
  g_assert_cmpint (info.st_size, <, 1000000 + 1000);
  log = step_read_log (step);
  g_assert_nonnull (strstr (log, "The log ends here"));
}

static void
test_memory (void)
{
  const ChdStepLimits limits = { .memory = 64 * 1024 * 1024 };
  const char *const argv[] = { "awk", "BEGIN { s = \"x\"; for (i = 0; i < 31; i++) s = s s; print length(s) }", NULL };
  g_autoptr (Step) one = NULL;
  g_autoptr (Step) many = NULL;
  const ChdStepExit *end;

  if (!have_sandbox ())
    return;
  /* Many that are small alone. */
  many = step_new_script ("for i in 1 2 3 4 5 6; do awk 'BEGIN { s = \"x\"; for (i = 0; i < 24; i++) s = s s; "
                          "system(\"sleep 86396\"); print length(s) }' & done; wait");
  chd_step_spec_set_limits (many->spec, &limits);
  end = step_run (many);
  g_assert_cmpint (end->end, ==, CHD_STEP_OUT_OF_MEMORY);
  g_assert_false (process_lives ("86396"));

  one = step_new (shell, argv);
  chd_step_spec_set_limits (one->spec, &limits);
  end = step_run (one);
  /* Too fast to be measured, it meets the kernel's limit for one process. */
  g_assert_true (end->end == CHD_STEP_OUT_OF_MEMORY || end->exit_code != 0);
}

static void
test_processes (void)
{
  const ChdStepLimits limits = { .processes = 20 };
  g_autoptr (Step) step = NULL;
  const ChdStepExit *end;

  if (!have_sandbox ())
    return;
  step = step_new_script ("i=0; while [ $i -lt 3000 ]; do sleep 86397 & i=$((i+1)); done; wait");
  chd_step_spec_set_limits (step->spec, &limits);
  step_spawn (step);
  chd_step_process_release (step->process);
  /* A shell that is refused a fork may have given up before anybody has looked. */
  wait_for_outside (step->exited > 0 || process_lives ("86397"));
  /* As root the supervisor ends it; else the kernel refuses the forks, and the shell gives up or waits. */
  if (step->exited == 0 && geteuid () != 0)
    chd_step_process_kill (step->process);
  end = step_wait (step);
  if (geteuid () == 0)
    {
      g_assert_cmpint (end->end, ==, CHD_STEP_SIGNALED);
      g_assert_nonnull (strstr (end->message, "20"));
    }
  g_assert_false (process_lives ("86397"));
}

static guint
count_mounts (void)
{
  g_autofree char *text = NULL;
  guint count = 0;

  g_assert_true (g_file_get_contents ("/proc/self/mounts", &text, NULL, NULL));
  for (const char *c = text; *c != '\0'; c++)
    count += *c == '\n';
  return count;
}

/* Step after step: no descriptor, child, mount or file is left of any. */
static void
test_many (void)
{
  guint fds = 0, mounts = 0;

  if (!have_sandbox ())
    return;
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (Step) step = step_new_script ("sleep 86398 & echo $$ > /tmp/file");

      g_assert_cmpint (step_run (step)->exit_code, ==, 0);
      g_unlink (step->log_path);
      g_unlink (step->record_path);
      if (i == 9)
        {
          fds = count_entries ("/proc/self/fd");
          mounts = count_mounts ();
        }
    }
  g_assert_cmpuint (count_entries ("/proc/self/fd"), ==, fds);
  g_assert_cmpuint (count_mounts (), ==, mounts);
  g_assert_false (process_lives ("86398"));
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
}

/* The stored hostile scripts, each run as a task would: with a result's path, a home, and what must not be seen. */
typedef struct
{
  const char *name;
  const char *argument;
  ChdStepEnd end;
  int code;             /* -1: any */
  const char *expected; /* (nullable) part of the log */
  const char *absent;   /* (nullable) the same */
} Hostile;

static const Hostile hostile[] = {
  { "ignores-term.sh", NULL, CHD_STEP_TIMED_OUT, 137, NULL, NULL },
  { "daemon.sh", NULL, CHD_STEP_EXITED, 0, NULL, NULL },
  { "holds-output.sh", NULL, CHD_STEP_EXITED, 0, "done", NULL },
  { "endless-output.sh", NULL, CHD_STEP_TIMED_OUT, -1, "The log ends here", NULL },
  { "one-line.sh", NULL, CHD_STEP_EXITED, 0, "The log ends here", NULL },
  { "binary-output.sh", NULL, CHD_STEP_EXITED, 0, NULL, NULL },
  { "big-result.sh", NULL, CHD_STEP_SIGNALED, -1, NULL, NULL },
  { "result-link.sh", NULL, CHD_STEP_EXITED, 0, NULL, NULL },
  { "result-fifo.sh", NULL, CHD_STEP_EXITED, 0, NULL, NULL },
  { "result-text.sh", NULL, CHD_STEP_EXITED, 0, NULL, NULL },
  { "fork-bomb.sh", NULL, CHD_STEP_SIGNALED, -1, NULL, NULL },
  { "memory.sh", NULL, CHD_STEP_OUT_OF_MEMORY, 137, NULL, NULL },
  { "disk.sh", NULL, CHD_STEP_EXITED, -1, NULL, NULL },
  { "looks-around.sh", NULL, CHD_STEP_EXITED, -1, "HOME /tekton/home", "secret" },
  { "network.sh", NULL, CHD_STEP_EXITED, -1, NULL, "open" },
  { "writes-host.sh", NULL, CHD_STEP_EXITED, -1, NULL, "WROTE" },
  { "kills-parent.sh", NULL, CHD_STEP_EXITED, 0, "still here", NULL },
  { "rewrites-itself.sh", NULL, CHD_STEP_EXITED, -1, "once", "changed" },
  { "exit-codes.sh", "signal", CHD_STEP_SIGNALED, 139, NULL, NULL },
  { "exit-codes.sh", "other", CHD_STEP_EXITED, 255, NULL, NULL },
  { "crlf.sh", NULL, CHD_STEP_EXITED, -1, "written on Windows", NULL },
  { "no-shebang.txt", NULL, CHD_STEP_EXITED, 0, "no first line", NULL },
  { "missing-interpreter.sh", NULL, CHD_STEP_NOT_STARTED, -1, NULL, NULL },
};

static void
run_hostile (const Hostile *item, const char *scripts)
{
  const ChdStepLimits limits = { .seconds = item->end == CHD_STEP_TIMED_OUT ? 2 : 14,
                                 .memory = 256 * 1024 * 1024,
                                 .processes = 64,
                                 .file_size = 20000000,
                                 .output = 1000000,
                                 .tmp = 8000000 };
  const char *const argv[] = { "/step/script", item->argument, NULL };
  g_autoptr (Step) step = step_new (shell, argv);
  g_autofree char *source = g_build_filename (scripts, item->name, NULL);
  g_autofree char *script = g_strdup_printf ("%s/%s", folder, item->name);
  g_autofree char *results = g_strdup_printf ("%s/results-%s", folder, item->name);
  g_autofree char *text = NULL;
  g_autofree char *after = NULL;
  g_autofree char *log = NULL;
  const ChdStepExit *end;
  gsize length;

  g_assert_true (g_file_get_contents (source, &text, &length, NULL));
  g_assert_true (g_file_set_contents (script, text, (gssize) length, NULL));
  g_assert_cmpint (g_chmod (script, 0755), ==, 0);
  g_mkdir (results, 0700);
  chd_step_spec_add_bind (step->spec, script, "/step/script", FALSE);
  chd_step_spec_add_bind (step->spec, results, "/tekton/results", TRUE);
  chd_step_spec_set_env (step->spec, "RESULT", "/tekton/results/r");
  chd_step_spec_set_limits (step->spec, &limits);
  end = step_run (step);
  if (g_file_get_contents (step->log_path, &log, NULL, NULL))
    g_test_message ("%s: end %d, code %d, log of %zu bytes%s%s", item->name, end->end, end->exit_code, strlen (log),
                    end->message != NULL ? ": " : "", end->message != NULL ? end->message : "");
  /* Where the kernel refuses further processes, the shell may go on and wait. */
  if (!g_str_has_prefix (item->name, "fork-bomb") || geteuid () == 0)
    g_assert_cmpint (end->end, ==, item->end);
  if (item->code >= 0)
    g_assert_cmpint (end->exit_code, ==, item->code);
  if (item->expected != NULL)
    g_assert_nonnull (strstr (log, item->expected));
  if (item->absent != NULL)
    g_assert_null (strstr (log, item->absent));
  g_assert_cmpuint (strlen (log), <, 1001000);
  g_assert_false (process_lives ("3600"));
  g_assert_true (g_file_get_contents (script, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, text);
}

static void
test_hostile_scripts (void)
{
  g_autofree char *scripts = NULL;

  if (!have_sandbox () || (scripts = chd_test_shared ("data/hostile/scripts")) == NULL)
    return;
  g_setenv ("CHD_TEST_TOKEN", "secret", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    run_hostile (&hostile[i], scripts);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  step_test_begin (NULL);
  g_test_add_func ("/engine/step/nothing-stays", test_nothing_stays);
  g_test_add_func ("/engine/step/kill", test_kill);
  g_test_add_func ("/engine/step/time-limit", test_time_limit);
  g_test_add_func ("/engine/step/flood", test_flood);
  g_test_add_func ("/engine/step/memory", test_memory);
  g_test_add_func ("/engine/step/processes", test_processes);
  g_test_add_func ("/engine/step/many", test_many);
  g_test_add_func ("/engine/step/hostile-scripts", test_hostile_scripts);
  result = g_test_run ();
  step_test_end ();
  return result;
}
