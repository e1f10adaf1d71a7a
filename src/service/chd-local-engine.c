/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine on this computer, started on demand: in a session of its own, so that it outlives the program and the
 * terminal. Two programs may start it at once; the engine sees to it that one stays, and both find that one. */

#include "config.h"

#include "chd-local-engine.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-http.h"
#include "chd-util.h"

#define START_SECONDS 20
#define PROBE_MILLISECONDS 40
/* How long another engine, to which ours has yielded, has for getting ready. */
#define YIELD_SECONDS 3
#define MAX_LAST_WORDS 4096

typedef struct
{
  ChdHttp *http;        /* (owned) */
  GSubprocess *process; /* (owned) (nullable) until started */
  char *log;            /* (owned) (nullable): file with the engine's messages */
  gint64 deadline;      /* monotonic */
  gboolean exited;
  GSource *wait; /* (owned) (nullable) until the next probe */
} Start;

char *
chd_local_engine_dup_socket (void)
{
  const char *path = g_getenv ("CHD_ENGINE_SOCKET");

  if (path != NULL && *path != '\0')
    return g_strdup (path);
  return g_build_filename (g_get_user_runtime_dir (), "chain-designer", "engine.sock", NULL);
}

static void
start_free (Start *start)
{
  if (start->wait != NULL)
    g_source_destroy (start->wait);
  g_clear_pointer (&start->wait, g_source_unref);
  g_clear_object (&start->http);
  g_clear_object (&start->process);
  g_free (start->log);
  g_free (start);
}

static char *
find_program (GError **error)
{
  char *program = chd_program_path ("chain-engine");

  if (program == NULL)
    g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                         _ ("The program chain-engine, which runs chains on this computer, is not installed."));
  return program;
}

/* What the engine said before it ended. */
static char *
read_last_words (const char *log)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  if (log == NULL || !g_file_get_contents (log, &text, &length, NULL) || length == 0)
    return NULL;
  return chd_str_sanitize (text + length - MIN (length, MAX_LAST_WORDS), -1, MAX_LAST_WORDS);
}

static void
fail (GTask *task, const char *sentence)
{
  Start *start = g_task_get_task_data (task);
  GError *error = g_error_new_literal (CHD_ERROR, CHD_ERROR_ENGINE, sentence);
  g_autofree char *words = read_last_words (start->log);

  chd_error_set_details (error, words);
  g_task_return_error (task, error);
}

static void
leave_session (gpointer user_data)
{
  /* Not our terminal's: its Ctrl+C and its hang-up are no business of the engine. */
  setsid ();
}

static gboolean
spawn (Start *start, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *program = find_program (error);
  g_autofree char *socket = chd_local_engine_dup_socket ();
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "chain-designer", NULL);
  const char *argv[] = { program, NULL };

  if (program == NULL || !chd_make_private_directory (folder, error))
    return FALSE;
  start->log = g_strdup_printf ("%s/engine-%d.log", folder, getpid ());
  g_unlink (start->log);
  g_subprocess_launcher_set_stderr_file_path (launcher, start->log);
  g_subprocess_launcher_setenv (launcher, "CHD_ENGINE_SOCKET", socket, TRUE);
  g_subprocess_launcher_set_child_setup (launcher, leave_session, NULL, NULL);
  g_subprocess_launcher_set_cwd (launcher, "/");
  start->process = g_subprocess_launcher_spawnv (launcher, argv, error);
  return start->process != NULL;
}

static void probe (GTask *task);

static gboolean
probe_again_cb (gpointer user_data)
{
  probe (g_object_ref (user_data));
  return G_SOURCE_REMOVE;
}

static void
exited_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Start *start = g_task_get_task_data (task);

  g_subprocess_wait_finish (G_SUBPROCESS (object), result, NULL);
  start->exited = TRUE;
  start->deadline = MIN (start->deadline, g_get_monotonic_time () + YIELD_SECONDS * G_USEC_PER_SEC);
}

/* Its socket is ready: what the log file holds is of no more use. The engine keeps the open file. */
static void
succeed (GTask *task)
{
  Start *start = g_task_get_task_data (task);

  if (start->log != NULL)
    g_unlink (start->log);
  g_task_return_boolean (task, TRUE);
}

static void
probed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Start *start = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_http_send_finish (CHD_HTTP (object), result, &error);

  if (response != NULL)
    {
      succeed (task);
      return;
    }
  if (!g_error_matches (error, CHD_ERROR, CHD_ERROR_UNREACHABLE))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (start->process == NULL)
    {
      g_autoptr (GError) spawn_error = NULL;

      if (!spawn (start, &spawn_error))
        {
          g_task_return_error (task, g_steal_pointer (&spawn_error));
          return;
        }
      start->deadline = g_get_monotonic_time () + START_SECONDS * G_USEC_PER_SEC;
      g_subprocess_wait_async (start->process, NULL, exited_cb, g_object_ref (task));
    }
  else if (g_get_monotonic_time () > start->deadline)
    {
      fail (task, start->exited ? _ ("The engine on this computer could not start. The details say why.")
                                : _ ("The engine on this computer was started, but does not answer."));
      return;
    }
  g_clear_pointer (&start->wait, g_source_unref);
  start->wait = g_timeout_source_new (PROBE_MILLISECONDS);
  g_task_attach_source (task, start->wait, probe_again_cb);
}

/* Takes over @task. */
static void
probe (GTask *task)
{
  Start *start = g_task_get_task_data (task);
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", "/version", CHD_HTTP_NO_RETRY);

  chd_http_send_async (start->http, request, g_task_get_cancellable (task), probed_cb, task);
}

void
chd_local_engine_start_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autofree char *socket = chd_local_engine_dup_socket ();
  GError *error = NULL;
  Start *start = g_new0 (Start, 1);

  g_task_set_source_tag (task, chd_local_engine_start_async);
  g_task_set_task_data (task, start, (GDestroyNotify) start_free);
  start->http = chd_http_new (NULL, socket, &error);
  if (start->http == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  chd_http_set_timeouts (start->http, 2000, 5000);
  chd_http_set_backoff (start->http, PROBE_MILLISECONDS);
  probe (g_steal_pointer (&task));
}

gboolean
chd_local_engine_start_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
called_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autofree char *output = NULL, *messages = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (object), result, &output, &messages, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (!g_subprocess_get_successful (G_SUBPROCESS (object)))
    {
      g_autofree char *words = chd_str_sanitize (messages, -1, MAX_LAST_WORDS);
      GError *failure;

      g_strstrip (words);
      failure = *words != '\0' ? g_error_new_literal (CHD_ERROR, CHD_ERROR_ENGINE, words)
                               : g_error_new_literal (CHD_ERROR, CHD_ERROR_ENGINE,
                                                      _ ("The engine on this computer refused the command."));
      g_task_return_error (task, failure);
      return;
    }
  g_task_return_pointer (task, g_steal_pointer (&output), g_free);
}

void
chd_local_engine_call_async (const char *const *arguments,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = NULL;
  g_autofree char *socket = chd_local_engine_dup_socket ();
  g_autoptr (GSubprocess) process = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, chd_local_engine_call_async);
  program = find_program (&error);
  if (program == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_ptr_array_add (argv, program);
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, (char *) arguments[i]);
  g_ptr_array_add (argv, NULL);
  g_subprocess_launcher_setenv (launcher, "CHD_ENGINE_SOCKET", socket, TRUE);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, &error);
  if (process == NULL)
    g_task_return_error (task, error);
  else
    g_subprocess_communicate_utf8_async (process, NULL, cancellable, called_cb, g_steal_pointer (&task));
}

gboolean
chd_local_engine_call_finish (GAsyncResult *result, char **output, GError **error)
{
  *output = g_task_propagate_pointer (G_TASK (result), error);
  return *output != NULL;
}
