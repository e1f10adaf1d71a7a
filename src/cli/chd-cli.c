/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the commands share: waiting, opening things, telling what went wrong. */

#include "config.h"

#include "chd-cli.h"

#include <glib/gi18n.h>

#include "chd-connections.h"
#include "chd-engine-chains.h"
#include "chd-error.h"
#include "chd-kube.h"
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

  chd_cli_flush ();
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_set_object (&last, *result);
  g_clear_object (result);
  return last;
}

gboolean
chd_cli_iterate (ChdCli *cli)
{
  chd_cli_flush ();
  if (!g_cancellable_is_cancelled (cli->cancellable))
    g_main_context_iteration (NULL, TRUE);
  return !g_cancellable_is_cancelled (cli->cancellable);
}

int
chd_cli_fail (GError *error)
{
  g_autofree char *details = g_strdup (chd_error_get_details (error));

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    chd_cli_say ("%s", _ ("Interrupted."));
  else
    chd_cli_say ("%s", error->message);
  if (details != NULL && *g_strstrip (details) != '\0' && g_strcmp0 (details, error->message) != 0)
    chd_cli_say ("  %s", details);
  g_error_free (error);
  return CHD_EXIT_FAILED;
}

gboolean
chd_cli_is_local (ChdCli *cli)
{
  const char *name = cli->connection != NULL ? cli->connection : cli->context;

  return cli->kubeconfig == NULL && (name == NULL || g_str_equal (name, CHD_CONNECTION_LOCAL));
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
    chd_cli_say ("%s", problems[i]);
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
chd_cli_load_chain (ChdCli *cli, const char *file_or_name)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;
  ChdChain *chain;

  if (strchr (file_or_name, '/') != NULL || strchr (file_or_name, '.') != NULL ||
      g_file_test (file_or_name, G_FILE_TEST_EXISTS))
    {
      g_autoptr (ChdDocument) document = chd_cli_load_document (cli, file_or_name);

      return document != NULL ? g_object_ref (chd_document_get_chain (document)) : NULL;
    }
  if (!chd_cli_open_session (cli))
    return NULL;
  chd_engine_chains_open_async (cli->session, file_or_name, cli->cancellable, chd_cli_result_cb, &result);
  chain = chd_engine_chains_open_finish (chd_cli_wait (&result), NULL, &error);
  if (chain == NULL)
    chd_cli_fail (error);
  return chain;
}
