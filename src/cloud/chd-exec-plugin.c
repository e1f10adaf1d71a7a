/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a credential program as client-go does: without a shell, one line of JSON in the environment, the answer on
 * standard output. Bounded in time and size. What it prints as errors becomes the details of ours. */

#include "config.h"

#include "chd-exec-plugin.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"

#define MAX_OUTPUT (1024 * 1024)
#define MAX_ERRORS 4096
#define TIME_LIMIT_SECONDS 60

typedef struct
{
  ChdConnection *connection; /* (owned) */
  GSubprocess *process;      /* (owned) (nullable) */
  guint8 *output;            /* (owned) secret */
  gsize length;
  int errors_fd;
  GCancellable *inner; /* (owned) */
  guint deadline_id;
  gboolean timed_out;
} Run;

static void
run_free (Run *run)
{
  g_clear_handle_id (&run->deadline_id, g_source_remove);
  if (run->process != NULL)
    g_subprocess_force_exit (run->process);
  g_clear_object (&run->process);
  g_clear_object (&run->connection);
  g_clear_object (&run->inner);
  explicit_bzero (run->output, MAX_OUTPUT);
  g_free (run->output);
  if (run->errors_fd >= 0)
    close (run->errors_fd);
  g_free (run);
}

void
chd_exec_result_free (ChdExecResult *result)
{
  if (result == NULL)
    return;
  chd_secret_free (result->token);
  g_clear_object (&result->certificate);
  g_free (result);
}

static void
fail (GTask *task, const char *sentence)
{
  Run *run = g_task_get_task_data (task);
  GError *error = g_error_new_literal (CHD_ERROR, CHD_ERROR_SIGN_IN, sentence);
  char text[MAX_ERRORS];
  ssize_t n = run->errors_fd >= 0 ? pread (run->errors_fd, text, sizeof text, 0) : 0;

  if (n > 0)
    {
      g_autofree char *harmless = chd_str_sanitize (text, n, MAX_ERRORS);

      chd_error_set_details (error, harmless);
    }
  g_task_return_error (task, error);
}

static ChdExecResult *
read_answer (Run *run)
{
  JsonObject *exec = chd_connection_get_exec (run->connection);
  g_autoptr (JsonObject) answer =
      chd_json_parse_object ((const char *) run->output, run->length, MAX_OUTPUT, CHD_JSON_DEFAULT, NULL);
  JsonObject *status = chd_json_object (answer, "status");
  const char *token = chd_json_string (status, "token", NULL);
  const char *certificate = chd_json_string (status, "clientCertificateData", NULL);
  const char *key = chd_json_string (status, "clientKeyData", NULL);
  ChdExecResult *result;

  if (status == NULL ||
      g_strcmp0 (chd_json_string (answer, "apiVersion", NULL), chd_json_string (exec, "apiVersion", NULL)) != 0 ||
      (token == NULL && certificate == NULL) || (certificate == NULL) != (key == NULL))
    return NULL;

  result = g_new0 (ChdExecResult, 1);
  result->token = g_strdup (token);
  if (certificate != NULL)
    {
      char *both = g_strconcat (certificate, "\n", key, NULL);

      result->certificate = g_tls_certificate_new_from_pem (both, -1, NULL);
      chd_secret_free (both);
      if (result->certificate == NULL)
        {
          chd_exec_result_free (result);
          return NULL;
        }
    }
  if (!chd_parse_timestamp (chd_json_string (status, "expirationTimestamp", ""), &result->expires))
    result->expires = 0;
  return result;
}

static void
waited_cb (GObject *object, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  ChdExecResult *result;

  if (!g_subprocess_wait_finish (G_SUBPROCESS (object), async_result, &error) || run->timed_out)
    {
      fail (task, _ ("The program that signs in did not end in time."));
      return;
    }
  if (!g_subprocess_get_successful (run->process))
    {
      fail (task, _ ("The program that signs in failed. The details say what it reported."));
      return;
    }
  result = read_answer (run);
  if (result == NULL)
    fail (task, _ ("The program that signs in gave an answer that cannot be used."));
  else
    g_task_return_pointer (task, result, (GDestroyNotify) chd_exec_result_free);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (object), result, &run->length, &error) ||
      run->length == MAX_OUTPUT)
    {
      if (run->timed_out)
        fail (task, _ ("The program that signs in did not end in time."));
      else
        fail (task, _ ("The program that signs in gave an answer that cannot be used."));
      g_object_unref (task);
      return;
    }
  g_subprocess_wait_async (run->process, run->inner, waited_cb, task);
}

static gboolean
deadline_cb (gpointer user_data)
{
  Run *run = user_data;

  run->deadline_id = 0;
  run->timed_out = TRUE;
  g_cancellable_cancel (run->inner);
  return G_SOURCE_REMOVE;
}

/* What the program learns: that nobody sits at a terminal, and, if it wants, which cluster. */
static char *
make_info (ChdConnection *connection)
{
  JsonObject *exec = chd_connection_get_exec (connection);
  g_autoptr (JsonObject) info = json_object_new ();
  JsonObject *spec = json_object_new ();

  json_object_set_string_member (info, "kind", "ExecCredential");
  json_object_set_string_member (info, "apiVersion", chd_json_string (exec, "apiVersion", ""));
  json_object_set_object_member (info, "spec", spec);
  json_object_set_boolean_member (spec, "interactive", FALSE);
  if (chd_json_bool (exec, "provideClusterInfo", FALSE))
    {
      JsonObject *cluster = json_object_new ();
      const char *ca = chd_connection_get_ca (connection);
      g_autofree char *encoded = ca != NULL ? g_base64_encode ((const guchar *) ca, strlen (ca)) : NULL;
      JsonNode *config = chd_connection_get_cluster_config (connection);

      json_object_set_object_member (spec, "cluster", cluster);
      chd_json_set_string_if (cluster, "server", chd_connection_get_server (connection));
      chd_json_set_string_if (cluster, "tls-server-name", chd_connection_get_tls_server_name (connection));
      if (chd_connection_get_insecure (connection))
        json_object_set_boolean_member (cluster, "insecure-skip-tls-verify", TRUE);
      chd_json_set_string_if (cluster, "certificate-authority-data", encoded);
      if (config != NULL)
        json_object_set_member (cluster, "config", json_node_ref (config));
    }
  return chd_json_write_object (info, FALSE, NULL);
}

static GSubprocess *
spawn (ChdConnection *connection, int *errors_fd, GError **error)
{
  JsonObject *exec = chd_connection_get_exec (connection);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  const char *command = chd_json_string (exec, "command", "");
  JsonArray *args = chd_json_array (exec, "args"), *env = chd_json_array (exec, "env");
  g_autofree char *info = make_info (connection);

  if (strchr (command, '/') != NULL && !g_path_is_absolute (command) && chd_connection_get_folder (connection) != NULL)
    g_ptr_array_add (argv, g_build_filename (chd_connection_get_folder (connection), command, NULL));
  else
    g_ptr_array_add (argv, g_strdup (command));
  for (guint i = 0; i < chd_json_length (args); i++)
    if (chd_json_string_at (args, i) != NULL)
      g_ptr_array_add (argv, g_strdup (chd_json_string_at (args, i)));
  g_ptr_array_add (argv, NULL);
  for (guint i = 0; i < chd_json_length (env); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (env, i), "name", "");

      if (*name != '\0' && strchr (name, '=') == NULL)
        g_subprocess_launcher_setenv (launcher, name, chd_json_string (chd_json_object_at (env, i), "value", ""), TRUE);
    }
  g_subprocess_launcher_setenv (launcher, "KUBERNETES_EXEC_INFO", info, TRUE);
  *errors_fd = memfd_create ("errors", MFD_CLOEXEC);
  if (*errors_fd >= 0)
    g_subprocess_launcher_take_stderr_fd (launcher, dup (*errors_fd));
  return g_subprocess_launcher_spawnv (launcher, (const char *const *) argv->pdata, error);
}

void
chd_exec_plugin_run_async (ChdConnection *connection,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);
  g_autoptr (GError) error = NULL;

  run->connection = g_object_ref (connection);
  run->output = g_malloc0 (MAX_OUTPUT);
  run->errors_fd = -1;
  run->inner = g_cancellable_new ();
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  if (!chd_connection_check_risks (connection, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    {
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                               _ ("Programs of the host that sign in cannot be run from inside Flatpak."));
      return;
    }
  run->process = spawn (connection, &run->errors_fd, &error);
  if (run->process == NULL)
    {
      GError *own = g_error_new (CHD_ERROR, CHD_ERROR_SIGN_IN,
                                 _ ("The program that signs in cannot be started. Install it, or choose another way to "
                                    "sign in."));
      g_autofree char *hint =
          chd_str_sanitize (chd_json_string (chd_connection_get_exec (connection), "installHint", error->message), -1,
                            MAX_ERRORS);

      chd_error_set_details (own, hint);
      g_task_return_error (task, own);
      return;
    }
  run->deadline_id = g_timeout_add_seconds (TIME_LIMIT_SECONDS, deadline_cb, run);
  g_input_stream_read_all_async (g_subprocess_get_stdout_pipe (run->process), run->output, MAX_OUTPUT,
                                 G_PRIORITY_DEFAULT, run->inner, read_cb, g_steal_pointer (&task));
}

ChdExecResult *
chd_exec_plugin_run_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
