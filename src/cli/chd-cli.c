/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the commands share: waiting, opening things, telling what went wrong, printing. */

#include "config.h"

#include "chd-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "chd-connections.h"
#include "chd-engine-chains.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-kubeconfig.h"
#include "chd-library.h"

void
chd_cli_result_cb (GObject *object, GAsyncResult *result, gpointer result_place)
{
  *(GAsyncResult **) result_place = g_object_ref (result);
}

GAsyncResult *
chd_cli_wait (GAsyncResult **result)
{
  static GAsyncResult *last;

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_set_object (&last, *result);
  g_clear_object (result);
  return last;
}

int
chd_cli_fail (GError *error)
{
  const char *details = chd_error_get_details (error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_printerr ("%s\n", _ ("Interrupted."));
  else
    g_printerr ("%s\n", error->message);
  if (details != NULL && g_strcmp0 (details, error->message) != 0)
    g_printerr ("  %s\n", details);
  g_error_free (error);
  return CHD_EXIT_FAILED;
}

int
chd_cli_usage (const char *usage)
{
  g_printerr (_ ("Usage: %s"), usage);
  g_printerr ("\n");
  return CHD_EXIT_USAGE;
}

gboolean
chd_cli_parse (char **arguments, const GOptionEntry *entries, const char *usage, guint n_min, guint n_max, char ***rest)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  char **strv;
  guint n;

  /* GOption takes the first for the program's name. */
  g_ptr_array_add (argv, g_strdup ("chainctl"));
  for (guint i = 0; arguments[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (arguments[i]));
  g_ptr_array_add (argv, NULL);
  strv = (char **) g_ptr_array_free (g_steal_pointer (&argv), FALSE);
  g_option_context_set_help_enabled (context, FALSE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &strv, &error))
    {
      g_printerr ("%s\n", error->message);
      g_strfreev (strv);
      chd_cli_usage (usage);
      return FALSE;
    }
  g_free (strv[0]);
  n = g_strv_length (strv + 1);
  memmove (strv, strv + 1, (n + 1) * sizeof (char *));
  if (n < n_min || n > n_max)
    {
      g_strfreev (strv);
      chd_cli_usage (usage);
      return FALSE;
    }
  *rest = strv;
  return TRUE;
}

static ChdConnection *
find_connection (ChdCli *cli, GError **error)
{
  g_autoptr (ChdConnection) connection = NULL;
  g_autoptr (ChdKubeconfig) kubeconfig = NULL;

  if (cli->kubeconfig != NULL)
    {
      kubeconfig = chd_kubeconfig_load_file (cli->kubeconfig, error);
      connection = kubeconfig != NULL ? chd_kubeconfig_dup_connection (kubeconfig, cli->context, error) : NULL;
    }
  else
    connection = chd_connections_find (cli->connection != NULL ? cli->connection
                                       : cli->context != NULL  ? cli->context
                                                               : CHD_CONNECTION_LOCAL,
                                       error);
  if (connection == NULL)
    return NULL;
  /* Who names a file on the command line has chosen it, and a terminal is where its sign-in program belongs. */
  chd_connection_allow_risks (connection, chd_connection_list_risks (connection) & (CHD_RISK_EXEC | CHD_RISK_FILE));
  if (cli->namespace_ != NULL)
    chd_connection_set_namespace (connection, cli->namespace_);
  if (cli->registry != NULL && !chd_connection_set_registry (connection, cli->registry, error))
    return NULL;
  return g_steal_pointer (&connection);
}

gboolean
chd_cli_open_session (ChdCli *cli)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;
  g_autoptr (ChdConnection) connection = NULL;

  if (cli->session != NULL)
    return TRUE;
  if (cli->store == NULL)
    {
      chd_store_open_async (NULL, cli->cancellable, chd_cli_result_cb, &result);
      cli->store = chd_store_open_finish (chd_cli_wait (&result), &error);
    }
  if (cli->store != NULL)
    connection = find_connection (cli, &error);
  if (connection != NULL)
    {
      chd_session_open_async (connection, cli->store, cli->cancellable, chd_cli_result_cb, &result);
      cli->session = chd_session_open_finish (chd_cli_wait (&result), &error);
    }
  if (cli->session == NULL)
    chd_cli_fail (error);
  return cli->session != NULL;
}

gboolean
chd_cli_load_catalogue (ChdCli *cli)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;
  g_auto (GStrv) problems = NULL;

  if (cli->catalogue != NULL)
    return TRUE;
  chd_library_load_async (cli->session, cli->cancellable, chd_cli_result_cb, &result);
  cli->catalogue = chd_library_load_finish (chd_cli_wait (&result), &problems, &error);
  if (cli->catalogue == NULL)
    {
      chd_cli_fail (error);
      return FALSE;
    }
  for (guint i = 0; problems != NULL && problems[i] != NULL; i++)
    g_printerr ("%s\n", problems[i]);
  return TRUE;
}

ChdDocument *
chd_cli_load_document (ChdCli *cli, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  GAsyncResult *result = NULL;
  GError *error = NULL;
  ChdDocument *document;

  chd_document_load_async (file, NULL, cli->cancellable, chd_cli_result_cb, &result);
  document = chd_document_load_finish (chd_cli_wait (&result), &error);
  if (document == NULL)
    chd_cli_fail (error);
  return document;
}

ChdChain *
chd_cli_load_chain (ChdCli *cli, const char *file_or_name, ChdDocument **document)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;
  ChdChain *chain;

  if (document != NULL)
    *document = NULL;
  if (strchr (file_or_name, '/') != NULL || strchr (file_or_name, '.') != NULL ||
      g_file_test (file_or_name, G_FILE_TEST_EXISTS))
    {
      g_autoptr (ChdDocument) loaded = chd_cli_load_document (cli, file_or_name);

      if (loaded == NULL)
        return NULL;
      chain = g_object_ref (chd_document_get_chain (loaded));
      if (document != NULL)
        *document = g_steal_pointer (&loaded);
      return chain;
    }
  if (!chd_cli_open_session (cli))
    return NULL;
  chd_engine_chains_open_async (cli->session, file_or_name, cli->cancellable, chd_cli_result_cb, &result);
  chain = chd_engine_chains_open_finish (chd_cli_wait (&result), NULL, &error);
  if (chain == NULL)
    chd_cli_fail (error);
  return chain;
}

static void
print_json (JsonObject *object, gboolean pretty)
{
  g_autofree char *text = chd_json_write_object (object, pretty, NULL);

  fputs (text, stdout);
  if (!g_str_has_suffix (text, "\n"))
    fputc ('\n', stdout);
  fflush (stdout);
  json_object_unref (object);
}

void
chd_cli_print_json (JsonObject *object)
{
  print_json (object, TRUE);
}

void
chd_cli_print_json_line (JsonObject *object)
{
  print_json (object, FALSE);
}

/* How many columns a terminal gives to a text. */
static int
measure (const char *text)
{
  int width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      width += g_unichar_iszerowidth (character) ? 0 : g_unichar_iswide (character) ? 2 : 1;
    }
  return width;
}

void
chd_cli_print_row (const int *widths, ...)
{
  va_list cells;
  const char *cell;
  guint column = 0;

  va_start (cells, widths);
  while ((cell = va_arg (cells, const char *)) != NULL)
    {
      int padding = widths[column] >= 0 ? MAX (widths[column] - measure (cell), 0) + 2 : 0;

      if (widths[column] >= 0)
        column++;
      printf ("%s%*s", cell, padding, "");
    }
  va_end (cells);
  putchar ('\n');
  fflush (stdout);
}

char *
chd_cli_format_age (gint64 unix_seconds)
{
  gint64 age = g_get_real_time () / G_USEC_PER_SEC - unix_seconds;

  if (unix_seconds <= 0)
    return g_strdup ("");
  if (age < 60)
    return g_strdup_printf (_ ("%d s"), (int) MAX (age, 0));
  if (age < 3600)
    return g_strdup_printf (_ ("%d min"), (int) (age / 60));
  if (age < 86400)
    return g_strdup_printf (_ ("%d h"), (int) (age / 3600));
  return g_strdup_printf (_ ("%d d"), (int) (age / 86400));
}
