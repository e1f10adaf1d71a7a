/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * engine start|stop|status|kubeconfig: the engine on this computer. */

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "chd-cli.h"
#include "chd-local-engine.h"

static int
start (ChdCli *cli)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;

  chd_local_engine_start_async (cli->cancellable, chd_cli_result_cb, &result);
  if (!chd_local_engine_start_finish (chd_cli_wait (&result), &error))
    return chd_cli_fail (error);
  return CHD_EXIT_DONE;
}

int
chd_cmd_engine (ChdCli *cli, char **arguments)
{
  const char *call[4] = { NULL };
  g_auto (GStrv) words = NULL;
  g_autofree char *output = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, NULL, 1, 1, &words))
    return CHD_EXIT_USAGE;
  if (g_str_equal (words[0], "start"))
    return start (cli);
  if (!g_str_equal (words[0], "stop") && !g_str_equal (words[0], "status") && !g_str_equal (words[0], "kubeconfig"))
    return chd_cli_usage (cli);
  /* A kubeconfig is only of use with an engine that serves. */
  if (g_str_equal (words[0], "kubeconfig") && start (cli) != CHD_EXIT_DONE)
    return CHD_EXIT_FAILED;
  call[0] = words[0];
  if (g_str_equal (words[0], "status") && cli->json)
    {
      call[1] = "--output";
      call[2] = "json";
    }
  chd_local_engine_call_async (call, cli->cancellable, chd_cli_result_cb, &result);
  if (!chd_local_engine_call_finish (chd_cli_wait (&result), &output, &error))
    return chd_cli_fail (error);
  fputs (output, stdout);
  return CHD_EXIT_DONE;
}
