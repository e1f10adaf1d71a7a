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

static void
exited_cb (ChdStepProcess *process, gpointer user_data)
{
  Step *step = user_data;

  g_assert_nonnull (chd_step_process_get_exit (process));
  step->exited++;
}

static Step *
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

static Step *
step_new_script (const char *script)
{
  const char *const argv[] = { "/bin/sh", "-c", script, NULL };

  return step_new (shell, argv);
}

static void
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

static void
step_spawn (Step *step)
{
  g_autoptr (GError) error = NULL;

  step->process = chd_step_process_spawn (sandbox, step->spec, &error);
  g_assert_no_error (error);
  g_signal_connect (step->process, "exited", G_CALLBACK (exited_cb), step);
}

static const ChdStepExit *
step_wait (Step *step)
{
  chd_test_wait_for (step->exited > 0);
  g_assert_cmpuint (step->exited, ==, 1);
  return chd_step_process_get_exit (step->process);
}

static const ChdStepExit *
step_run (Step *step)
{
  step_spawn (step);
  chd_step_process_release (step->process);
  return step_wait (step);
}

/* The log's text without its times: "stdout F hello\n". */
static char *
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

static gboolean
have_sandbox (void)
{
  if (chd_sandbox_get_backend (sandbox) == CHD_SANDBOX_BUBBLEWRAP)
    return TRUE;
  g_test_skip (chd_sandbox_get_problem (sandbox));
  return FALSE;
}

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

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  sandbox = chd_sandbox_new (FALSE);
  folder = step_test_make_folder ();
  shell = step_test_shell_image (folder);
  g_test_add_func ("/engine/step/output-and-code", test_output_and_code);
  result = g_test_run ();
  chd_image_unref (shell);
  g_object_unref (sandbox);
  step_test_remove_folder (folder);
  return result;
}
