/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line of chain-engine, and where things are by default. */

#include "config.h"

#include "engine-options.h"

#include <glib/gi18n-lib.h>

#define DEFAULT_IDLE_SECONDS 600

static char *
default_socket (void)
{
  const char *path = g_getenv ("CHD_ENGINE_SOCKET");

  if (path != NULL && *path != '\0')
    return g_strdup (path);
  return g_build_filename (g_get_user_runtime_dir (), "chain-designer", "engine.sock", NULL);
}

static char *
default_data (void)
{
  const char *path = g_getenv ("CHD_ENGINE_DATA");

  if (path != NULL && *path != '\0')
    return g_strdup (path);
  return g_build_filename (g_get_user_data_dir (), "chain-designer", "engine", NULL);
}

gboolean
engine_options_parse (EngineOptions *options, int *argc, char ***argv, GError **error)
{
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &options->data, N_ ("Folder of the engine's data"), "DIR" },
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &options->socket, N_ ("Path of the engine's socket"), "PATH" },
    { "idle-seconds", 0, 0, G_OPTION_ARG_INT, &options->idle_seconds,
      N_ ("End after so many seconds without work (0: never)"), "N" },
    { "allow-unsandboxed", 0, 0, G_OPTION_ARG_NONE, &options->allow_unsandboxed,
      N_ ("Run steps as plain processes when this system offers no sandbox"), NULL },
    { "output", 0, 0, G_OPTION_ARG_STRING, &options->output, N_ ("Form of the output of status: text or json"),
      "FORM" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &rest, NULL, "[status|stop|kubeconfig|check]" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  options->idle_seconds = DEFAULT_IDLE_SECONDS;
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ ("The local engine of Chain Designer: it keeps and runs chains."));
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (rest != NULL && rest[0] != NULL)
    options->command = g_strdup (rest[0]);
  if (options->idle_seconds < 0 || (rest != NULL && rest[0] != NULL && rest[1] != NULL) ||
      (options->output != NULL && g_strcmp0 (options->output, "json") != 0 && g_strcmp0 (options->output, "text") != 0))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("The command line is not understood."));
      return FALSE;
    }
  if (options->data == NULL)
    options->data = default_data ();
  if (options->socket == NULL)
    options->socket = default_socket ();
  return TRUE;
}

void
engine_options_clear (EngineOptions *options)
{
  g_free (options->command);
  g_free (options->data);
  g_free (options->socket);
  g_free (options->output);
}
