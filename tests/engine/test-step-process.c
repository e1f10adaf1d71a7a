/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps as the engine runs them: the real supervisor, the real sandbox, the shipped image. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chd-error.h"
#include "step-test.h"

static void
test_output_and_code (void)
{
  g_autoptr (Step) step = NULL;
  const ChdStepExit *end;
  g_autofree char *log = NULL;

  if (!have_sandbox ())
    return;
  step = step_new_script ("echo hello; echo bad >&2; printf last; exit 3");
  end = step_run (step);
  g_assert_cmpint (end->end, ==, CHD_STEP_EXITED);
  g_assert_cmpint (end->exit_code, ==, 3);
  g_assert_cmpint (end->started_at, >, g_get_real_time () - 60 * G_USEC_PER_SEC);
  g_assert_cmpint (end->finished_at, >=, end->started_at);
  g_assert_false (end->output_cut);
  log = step_read_log (step);
  g_assert_nonnull (strstr (log, "stdout F hello\n"));
  g_assert_nonnull (strstr (log, "stderr F bad\n"));
  g_assert_nonnull (strstr (log, "stdout F last\n"));
}

static void
test_ends (void)
{
  static const struct
  {
    const char *script;
    ChdStepEnd end;
    int code;
    int signal;
  } cases[] = {
    { "true", CHD_STEP_EXITED, 0, 0 },
    { "exit 255", CHD_STEP_EXITED, 255, 0 },
    { "kill -SEGV $$", CHD_STEP_SIGNALED, 139, SIGSEGV },
    { "kill -KILL $$", CHD_STEP_SIGNALED, 137, SIGKILL },
  };

  if (!have_sandbox ())
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Step) step = step_new_script (cases[i].script);
      const ChdStepExit *end = step_run (step);
      g_autoptr (ChdStepExit) read = chd_step_exit_read (step->record_path);

      g_assert_cmpint (end->end, ==, cases[i].end);
      g_assert_cmpint (end->exit_code, ==, cases[i].code);
      g_assert_cmpint (end->signal, ==, cases[i].signal);
      g_assert_cmpint (read->end, ==, end->end);
      g_assert_cmpint (read->exit_code, ==, end->exit_code);
      g_assert_cmpint (read->finished_at, ==, end->finished_at);
    }
}

static void
test_not_started (void)
{
  const char *const missing[] = { "/bin/no-such-program", NULL };
  const char *const script_argv[] = { "/step/script", NULL };
  g_autofree char *script = g_build_filename (folder, "script", NULL);
  g_autoptr (Step) first = NULL;
  g_autoptr (Step) second = NULL;
  g_autoptr (Step) third = NULL;
  const ChdStepExit *end;

  if (!have_sandbox ())
    return;
  first = step_new (shell, missing);
  end = step_run (first);
  g_assert_cmpint (end->end, ==, CHD_STEP_NOT_STARTED);
  g_assert_cmpint (end->started_at, ==, 0);
  g_assert_nonnull (strstr (end->message, "/bin/no-such-program"));
  g_assert_nonnull (strstr (end->message, "environments/shell:1"));

  g_assert_true (g_file_set_contents (script, "#!/usr/bin/no-such-interpreter -x\ntrue\n", -1, NULL));
  g_assert_cmpint (g_chmod (script, 0755), ==, 0);
  second = step_new (shell, script_argv);
  chd_step_spec_add_bind (second->spec, script, "/step/script", FALSE);
  end = step_run (second);
  g_assert_cmpint (end->end, ==, CHD_STEP_NOT_STARTED);
  g_assert_nonnull (strstr (end->message, "/usr/bin/no-such-interpreter"));

  g_assert_true (g_file_set_contents (script, "#!/bin/sh\r\ntrue\r\n", -1, NULL));
  g_assert_cmpint (g_chmod (script, 0755), ==, 0);
  third = step_new (shell, script_argv);
  chd_step_spec_add_bind (third->spec, script, "/step/script", FALSE);
  end = step_run (third);
  g_assert_cmpint (end->end, ==, CHD_STEP_NOT_STARTED);
  g_assert_nonnull (strstr (end->message, "Windows"));
}

static void
test_surroundings (void)
{
  g_autofree char *given = g_build_filename (folder, "given", NULL);
  g_autofree char *file = g_build_filename (given, "in", NULL);
  g_autofree char *written = g_build_filename (given, "out", NULL);
  g_autofree char *text = NULL;
  g_autofree char *log = NULL;
  g_autoptr (Step) step = NULL;

  if (!have_sandbox ())
    return;
  g_assert_cmpint (g_mkdir (given, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "from the host", -1, NULL));
  step =
      step_new_script ("pwd; echo $GREETING; cat /deep/er/than/image/in; echo; cp /deep/er/than/image/in /w/out; "
                       "echo x > /deep/er/than/image/new || echo read-only; echo x > /etc/new || echo read-only; "
                       "echo x > /new || echo read-only; echo x > $HOME/a && echo home; echo x > /tmp/a && echo tmp; "
                       "head -c 2000000 /dev/zero > /small/a || echo full; echo x > here && echo here; "
                       "id -u; ls /sys/class 2>/dev/null | head -1; wc -l < /proc/net/dev; ls /");
  chd_step_spec_set_env (step->spec, "GREETING", "first");
  chd_step_spec_set_env (step->spec, "GREETING", "hello = you");
  chd_step_spec_set_working_dir (step->spec, "/not/in/the/image");
  chd_step_spec_add_bind (step->spec, given, "/deep/er/than/image", FALSE);
  chd_step_spec_add_bind (step->spec, given, "/w", TRUE);
  chd_step_spec_add_tmpfs (step->spec, "/small", 1000000);
  g_assert_cmpint (step_run (step)->exit_code, ==, 0);
  log = step_read_log (step);
  g_test_message ("%s", log);
  g_assert_nonnull (strstr (log, "stdout F /not/in/the/image\n"));
  g_assert_nonnull (strstr (log, "stdout F hello = you\n"));
  g_assert_nonnull (strstr (log, "stdout F from the host\n"));
  g_assert_nonnull (strstr (log, "stdout F read-only\n"));
  g_assert_nonnull (strstr (strstr (log, "read-only") + 9, "stdout F read-only\n"));
  g_assert_nonnull (strstr (log, "stdout F home\n"));
  g_assert_nonnull (strstr (log, "stdout F tmp\n"));
  g_assert_nonnull (strstr (log, "stdout F full\n"));
  g_assert_nonnull (strstr (log, "stdout F here\n"));
  g_assert_nonnull (strstr (log, "stdout F 0\n"));
  g_assert_nonnull (strstr (log, "stdout F 3\n")); /* two head lines, and lo */
  g_assert_null (strstr (log, "stdout F host\n"));
  g_assert_true (g_file_get_contents (written, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "from the host");
}

/* What the sandbox takes away beside the files. */
static void
test_confinement (void)
{
  g_autoptr (Step) step = NULL;
  g_autofree char *log = NULL;

  if (!have_sandbox ())
    return;
  step = step_new_script (
      "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status; bad() { echo BAD $*; }; exec 2>/dev/null; "
      "unshare -U true && bad user; unshare -m true && bad mounts; mount -t tmpfs none /mnt && bad mount; "
      "mount -o remount,rw /proc && bad remount; chroot / true && bad chroot; mknod /tmp/sda b 8 0 && bad device; "
      "(echo x > /proc/sys/kernel/domainname) && bad domain; cat /proc/sys/kernel/core_pattern > /tmp/core && "
      "(cat /tmp/core > /proc/sys/kernel/core_pattern) && bad core; (: > /proc/sysrq-trigger) && bad sysrq; "
      "echo out > /dev/stdout; [ $(ls /proc | grep -c '^[0-9]') -lt 7 ] && echo few; hostname; true");
  g_assert_cmpint (step_run (step)->exit_code, ==, 0);
  log = step_read_log (step);
  g_test_message ("%s", log);
  g_assert_nonnull (strstr (log, "CapEff:\t0000000000000000\n"));
  g_assert_nonnull (strstr (log, "CapBnd:\t0000000000000000\n"));
  g_assert_nonnull (strstr (log, "NoNewPrivs:\t1\n"));
  g_assert_nonnull (strstr (log, "Seccomp:\t2\n"));
  g_assert_null (strstr (log, "BAD"));
  /* The sandbox's own first process, two shells, ls and grep. */
  g_assert_nonnull (strstr (log, "stdout F few\n"));
  g_assert_nonnull (strstr (log, "stdout F step\n"));
  g_assert_nonnull (strstr (log, "stdout F out\n"));
}

static void
test_host_system (void)
{
  const char *const argv[] = { "sh", "-c",
                               "ls -d /home /root /var /etc/shadow /etc/ssl/private 2>/dev/null; "
                               "touch /usr/x 2>/dev/null && echo WROTE; ls /usr >/dev/null && echo usr; "
                               "cat /etc/passwd >/dev/null && echo passwd",
                               NULL };
  g_autoptr (ChdRegistryStore) registry = NULL;
  g_autoptr (ChdImageStore) store = NULL;
  g_autoptr (ChdImage) host = NULL;
  g_autoptr (Step) step = NULL;
  g_autofree char *path = g_build_filename (folder, "empty-registry", NULL);
  g_autofree char *log = NULL;

  if (!have_sandbox ())
    return;
  registry = chd_registry_store_open (path, NULL);
  store = chd_image_store_new (registry, folder);
  host = step_test_resolve (store, CHD_IMAGE_HOST, NULL);
  g_assert_true (chd_image_is_host (host));
  step = step_new (host, argv);
  g_assert_cmpint (step_run (step)->exit_code, ==, 0);
  log = step_read_log (step);
  g_assert_cmpstr (log, ==, "stdout F usr\nstdout F passwd\n");
}

static void
test_lines (void)
{
  g_autoptr (Step) step = NULL;
  g_autofree char *text = NULL;
  gsize length;
  guint parts = 0, wholes = 0, bytes = 0;

  if (!have_sandbox ())
    return;
  /* 50,000 letters and an end of line, then a NUL and bytes that are no text. */
  step = step_new_script ("head -c 50000 /dev/zero | tr '\\0' x; echo; printf 'a\\000b\\377\\n'");
  step_run (step);
  g_assert_true (g_file_get_contents (step->log_path, &text, &length, NULL));
  for (char *line = text; line < text + length;)
    {
      char *end = memchr (line, '\n', (gsize) (text + length - line));

      g_assert_nonnull (end);
      parts += line[38] == 'P';
      wholes += line[38] == 'F';
      bytes += (guint) (end - line - 40);
      line = end + 1;
    }
  g_assert_cmpuint (parts, ==, 3);
  g_assert_cmpuint (wholes, ==, 2);
  g_assert_cmpuint (bytes, ==, 50000 + 4);
}

static void
test_gate (void)
{
  g_autoptr (Step) killed = NULL;
  g_autoptr (Step) left = NULL;
  g_autoptr (ChdStepExit) end = NULL;
  g_autoptr (ChdStepProcess) adopted = NULL;
  GPid pid;

  if (!have_sandbox ())
    return;
  killed = step_new_script ("echo ran");
  step_spawn (killed);
  chd_step_process_kill (killed->process);
  g_assert_cmpint (step_wait (killed)->end, ==, CHD_STEP_NEVER_RAN);
  g_assert_false (g_file_test (killed->record_path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (killed->log_path, G_FILE_TEST_EXISTS));

  /* The engine goes away before it opened the gate. */
  left = step_new_script ("echo ran");
  step_spawn (left);
  pid = chd_step_process_get_pid (left->process);
  adopted = chd_step_process_adopt (pid, chd_step_process_get_start_time (left->process),
                                    chd_step_process_get_boot_id (left->process), left->record_path);
  g_signal_handlers_disconnect_by_data (left->process, left);
  g_clear_object (&left->process);
  g_signal_connect (adopted, "exited", G_CALLBACK (exited_cb), left);
  chd_test_wait_for (left->exited > 0);
  g_assert_cmpint (chd_step_process_get_exit (adopted)->end, ==, CHD_STEP_NEVER_RAN);
  end = chd_step_exit_read (left->record_path);
  g_assert_cmpint (end->end, ==, CHD_STEP_NEVER_RAN);
}

static void
test_records (void)
{
  static const struct
  {
    const char *text;
    ChdStepEnd end;
    int code;
  } cases[] = {
    { "", CHD_STEP_NEVER_RAN, 0 },
    { "running 5", CHD_STEP_NEVER_RAN, 0 },
    { "running 5\n", CHD_STEP_LOST, 0 },
    { "running 5\nexited 3 0 5 6 0 ", CHD_STEP_LOST, 0 },
    { "running 5\nexited 3 0 5 6 0 \n", CHD_STEP_EXITED, 3 },
    { "running 5\nsomething 3 0 5 6 0 \n", CHD_STEP_LOST, 0 },
    { "running 5\nexited 3\n", CHD_STEP_LOST, 0 },
    { "running 5\nout-of-memory 137 9 5 6 1 a b\n", CHD_STEP_OUT_OF_MEMORY, 137 },
  };
  g_autofree char *path = g_build_filename (folder, "record", NULL);
  g_autofree char *none = g_build_filename (folder, "no-record", NULL);
  g_autoptr (ChdStepExit) absent = chd_step_exit_read (none);
  g_autoptr (ChdStepExit) directory = chd_step_exit_read (folder);

  g_assert_cmpint (absent->end, ==, CHD_STEP_NEVER_RAN);
  g_assert_cmpint (directory->end, ==, CHD_STEP_NEVER_RAN);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChdStepExit) end = NULL;

      g_assert_true (g_file_set_contents (path, cases[i].text, -1, NULL));
      end = chd_step_exit_read (path);
      g_assert_cmpint (end->end, ==, cases[i].end);
      g_assert_cmpint (end->exit_code, ==, cases[i].code);
    }
}

/* What a test engine writes about the step that it started before it dies. */
static int
run_short_lived_engine (const char *script, gboolean release)
{
  g_autoptr (Step) step = step_new_script (script);

  step_spawn (step);
  if (release)
    chd_step_process_release (step->process);
  printf ("%d %" G_GUINT64_FORMAT " %s %s\n", (int) chd_step_process_get_pid (step->process),
          chd_step_process_get_start_time (step->process), chd_step_process_get_boot_id (step->process),
          step->record_path);
  fflush (stdout);
  /* Only when the supervisor opened the gate is it sure that it reads the token before the end. */
  while (release && !g_file_test (step->record_path, G_FILE_TEST_EXISTS))
    g_usleep (1000);
  _exit (0);
}

static ChdStepProcess *
adopt_from_engine (const char *script, gboolean release, char **record_path)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *const argv[] = { self, "--engine", script, release ? "release" : "keep", folder, NULL };
  g_autofree char *output = NULL;
  g_auto (GStrv) fields = NULL;
  g_autoptr (GError) error = NULL;

  g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, &output, NULL, NULL, &error);
  g_assert_no_error (error);
  fields = g_strsplit (g_strchomp (output), " ", 4);
  g_assert_cmpuint (g_strv_length (fields), ==, 4);
  if (record_path != NULL)
    *record_path = g_strdup (fields[3]);
  return chd_step_process_adopt (atoi (fields[0]), g_ascii_strtoull (fields[1], NULL, 10), fields[2], fields[3]);
}

static void
test_adopt (void)
{
  g_autoptr (Step) step = NULL;
  g_autoptr (Step) second = NULL;
  g_autoptr (Step) third = NULL;
  const ChdStepExit *end;

  if (!have_sandbox ())
    return;
  /* One that ends by itself, after its engine. */
  step = step_new_script ("");
  step->process = adopt_from_engine ("sleep 0.5; exit 7", TRUE, NULL);
  g_signal_connect (step->process, "exited", G_CALLBACK (exited_cb), step);
  end = step_wait (step);
  g_assert_cmpint (end->end, ==, CHD_STEP_EXITED);
  g_assert_cmpint (end->exit_code, ==, 7);

  /* One that is asked to end by its second engine. */
  second = step_new_script ("");
  second->process = adopt_from_engine ("sleep 86394", TRUE, NULL);
  g_signal_connect (second->process, "exited", G_CALLBACK (exited_cb), second);
  chd_step_process_kill (second->process);
  g_assert_cmpint (step_wait (second)->end, ==, CHD_STEP_KILLED);
  g_assert_false (process_lives ("86394"));

  /* One whose engine died before it opened the gate. */
  third = step_new_script ("");
  third->process = adopt_from_engine ("sleep 86394", FALSE, NULL);
  g_signal_connect (third->process, "exited", G_CALLBACK (exited_cb), third);
  g_assert_cmpint (step_wait (third)->end, ==, CHD_STEP_NEVER_RAN);
}

/* A process of the same number that is not the one that was stored must not be touched. */
static void
test_adopt_stranger (void)
{
  static const char *const boots[] = { NULL, "another-boot" };
  const char *const argv[] = { "sleep", "100", NULL };
  g_autofree char *record = g_build_filename (folder, "strange-record", NULL);
  g_autoptr (Step) probe = NULL;
  GPid stranger;

  if (!have_sandbox ())
    return;
  probe = step_new_script ("true");
  step_run (probe);
  g_assert_true (g_spawn_async (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                                &stranger, NULL));
  g_assert_true (g_file_set_contents (record, "running 5\n", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (boots); i++)
    {
      g_autoptr (Step) step = step_new_script ("");
      const char *boot = boots[i] != NULL ? boots[i] : chd_step_process_get_boot_id (probe->process);

      step->process = chd_step_process_adopt (stranger, 1, boot, record);
      g_signal_connect (step->process, "exited", G_CALLBACK (exited_cb), step);
      chd_step_process_kill (step->process);
      g_assert_cmpint (step_wait (step)->end, ==, CHD_STEP_LOST);
      g_assert_cmpint (waitpid (stranger, NULL, WNOHANG), ==, 0);
    }
  kill (stranger, SIGKILL);
  waitpid (stranger, NULL, 0);
}

static void
test_supervisor_dies (void)
{
  g_autoptr (Step) step = NULL;
  const ChdStepExit *end;

  if (!have_sandbox ())
    return;
  step = step_new_script ("sleep 86395");
  step_spawn (step);
  chd_step_process_release (step->process);
  wait_for_outside (process_lives ("86395"));
  kill (chd_step_process_get_pid (step->process), SIGKILL);
  end = step_wait (step);
  g_assert_cmpint (end->end, ==, CHD_STEP_LOST);
  g_assert_cmpint (end->started_at, >, 0);
  g_assert_false (process_lives ("86395"));
}

static void
test_unavailable (void)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  const char *const argv[] = { "/bin/sh", "-c", "(setsid sleep 86399 &) ; echo plain $GREETING; exit 5", NULL };
  g_autoptr (ChdSandbox) none = NULL;
  g_autoptr (ChdSandbox) allowed = NULL;
  g_autoptr (ChdRegistryStore) registry = NULL;
  g_autoptr (ChdImageStore) store = NULL;
  g_autoptr (ChdImage) host = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Step) refused = step_new_script ("true");
  g_autoptr (Step) plain = NULL;
  g_autofree char *registry_folder = g_build_filename (folder, "no-registry", NULL);
  g_autofree char *log = NULL;

  g_setenv ("PATH", "/nowhere", TRUE);
  none = chd_sandbox_new (FALSE);
  allowed = chd_sandbox_new (TRUE);
  g_setenv ("PATH", path, TRUE);
  g_assert_cmpint (chd_sandbox_get_backend (none), ==, CHD_SANDBOX_UNAVAILABLE);
  g_assert_nonnull (strstr (chd_sandbox_get_problem (none), "bwrap"));
  object = chd_sandbox_describe (none);
  g_assert_cmpstr (json_object_get_string_member (object, "backend"), ==, "unavailable");
  g_assert_null (chd_step_process_spawn (none, refused->spec, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
  g_clear_error (&error);

  g_assert_cmpint (chd_sandbox_get_backend (allowed), ==, CHD_SANDBOX_NONE);
  g_assert_null (chd_step_process_spawn (allowed, refused->spec, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
  registry = chd_registry_store_open (registry_folder, NULL);
  store = chd_image_store_new (registry, folder);
  host = step_test_resolve (store, CHD_IMAGE_HOST, NULL);
  plain = step_new (host, argv);
  chd_step_spec_set_env (plain->spec, "GREETING", "step");
  plain->process = chd_step_process_spawn (allowed, plain->spec, NULL);
  g_signal_connect (plain->process, "exited", G_CALLBACK (exited_cb), plain);
  chd_step_process_release (plain->process);
  g_assert_cmpint (step_wait (plain)->exit_code, ==, 5);
  g_assert_false (process_lives ("86399"));
  log = step_read_log (plain);
  g_assert_cmpstr (log, ==, "stdout F plain step\n");
}

int
main (int argc, char **argv)
{
  int result;

  if (argc == 5 && strcmp (argv[1], "--engine") == 0)
    {
      g_autofree char *own = g_build_filename (argv[4], "engine", NULL);

      step_test_begin (own);
      return run_short_lived_engine (argv[2], strcmp (argv[3], "release") == 0);
    }
  g_test_init (&argc, &argv, NULL);
  step_test_begin (NULL);
  g_test_add_func ("/engine/step/output-and-code", test_output_and_code);
  g_test_add_func ("/engine/step/ends", test_ends);
  g_test_add_func ("/engine/step/not-started", test_not_started);
  g_test_add_func ("/engine/step/surroundings", test_surroundings);
  g_test_add_func ("/engine/step/confinement", test_confinement);
  g_test_add_func ("/engine/step/host-system", test_host_system);
  g_test_add_func ("/engine/step/lines", test_lines);
  g_test_add_func ("/engine/step/gate", test_gate);
  g_test_add_func ("/engine/step/records", test_records);
  g_test_add_func ("/engine/step/adopt", test_adopt);
  g_test_add_func ("/engine/step/adopt-stranger", test_adopt_stranger);
  g_test_add_func ("/engine/step/supervisor-dies", test_supervisor_dies);
  g_test_add_func ("/engine/step/unavailable", test_unavailable);
  result = g_test_run ();
  step_test_end ();
  return result;
}
