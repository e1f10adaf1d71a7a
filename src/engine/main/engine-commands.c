/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The small commands: each asks the running engine by /chain-engine/NAME on its socket and prints the answer. */

#include "config.h"

#include "engine-commands.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"

#define TIMEOUT_SECONDS 10
#define STOP_SECONDS 20

/* (transfer full) (nullable): the engine's answer */
static JsonObject *
ask (const EngineOptions *options, const char *name, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (options->socket);
  g_autoptr (SoupSession) session =
      soup_session_new_with_options ("remote-connectable", address, "timeout", TIMEOUT_SECONDS, NULL);
  g_autofree char *uri = g_strdup_printf ("http://localhost/chain-engine/%s", name);
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, uri);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = soup_session_send_and_read (session, message, NULL, &local);
  g_autoptr (JsonObject) answer = NULL;
  gsize length = 0;
  const char *data;

  if (bytes == NULL)
    {
      /* Nobody there is an answer to most commands; somebody who keeps silent is trouble. */
      if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
          g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY) ||
          g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
        g_set_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE, _ ("No engine is running on %s."), options->socket);
      else
        g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The engine on %s does not answer."), options->socket);
      chd_error_set_details (*error, local->message);
      return NULL;
    }
  data = g_bytes_get_data (bytes, &length);
  answer = chd_json_parse_object (data != NULL ? data : "", length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, error);
  if (answer != NULL && soup_message_get_status (message) != SOUP_STATUS_OK)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_ENGINE, chd_json_string (answer, "message", "?"));
      return NULL;
    }
  return g_steal_pointer (&answer);
}

static int
fail (const GError *error)
{
  g_printerr ("%s\n", error->message);
  return 1;
}

static void
print_status (JsonObject *status)
{
  JsonObject *sandbox = chd_json_object (status, "sandbox");
  JsonArray *steps = chd_json_array (status, "steps");
  gint64 pid = chd_json_int (status, "pid", 0);

  g_print (_ ("State: %s\n"), chd_json_string (status, "state", ""));
  g_print (_ ("Socket: %s\n"), chd_json_string (status, "socket", ""));
  if (pid == 0)
    return;
  g_print (_ ("Process: %d\n"), (int) pid);
  g_print (_ ("Data: %s\n"), chd_json_string (status, "data", ""));
  g_print (_ ("Sandbox: %s\n"), chd_json_string (sandbox, "backend", ""));
  if (chd_json_string (sandbox, "problem", NULL) != NULL)
    g_print ("  %s\n", chd_json_string (sandbox, "problem", ""));
  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);

      /* Translators: namespace, name of a run of a task, name of its Pod */
      g_print (_ ("Running: %s/%s in %s\n"), chd_json_string (step, "namespace", ""),
               chd_json_string (step, "taskRun", ""), chd_json_string (step, "pod", ""));
    }
}

int
engine_command_status (const EngineOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) status = ask (options, "status", &error);

  if (status == NULL && !g_error_matches (error, CHD_ERROR, CHD_ERROR_UNREACHABLE))
    return fail (error);
  if (status == NULL)
    {
      status = json_object_new ();
      json_object_set_int_member (status, "pid", 0);
      json_object_set_string_member (status, "state", "stopped");
      json_object_set_string_member (status, "socket", options->socket);
    }
  if (g_strcmp0 (options->output, "json") == 0)
    {
      g_autofree char *text = chd_json_write_object (status, TRUE, NULL);

      g_print ("%s", text);
    }
  else
    print_status (status);
  return 0;
}

int
engine_command_stop (const EngineOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = ask (options, "stop", &error);
  gint64 deadline = g_get_monotonic_time () + STOP_SECONDS * G_USEC_PER_SEC;

  if (answer == NULL)
    return g_error_matches (error, CHD_ERROR, CHD_ERROR_UNREACHABLE) ? 0 : fail (error);
  /* Its socket is the last thing that it gives up. */
  while (g_file_test (options->socket, G_FILE_TEST_EXISTS))
    {
      if (g_get_monotonic_time () > deadline)
        {
          g_printerr ("%s\n", _ ("The engine does not end."));
          return 1;
        }
      g_usleep (20000);
    }
  return 0;
}

int
engine_command_kubeconfig (const EngineOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = ask (options, "kubeconfig", &error);

  if (answer == NULL)
    return fail (error);
  g_print ("%s", chd_json_string (answer, "kubeconfig", ""));
  return 0;
}

int
engine_command_check (const EngineOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = ask (options, "check", &error);
  JsonArray *problems = chd_json_array (answer, "problems");

  if (answer == NULL)
    return fail (error);
  for (guint i = 0; i < chd_json_length (problems); i++)
    g_print ("%s\n", chd_json_string_at (problems, i));
  return chd_json_length (problems) > 0;
}
