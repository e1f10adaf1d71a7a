/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * logs: what the steps of a run have written. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-cli-watch.h"
#include "chd-cli.h"
#include "chd-error.h"
#include "chd-node-log.h"

typedef struct
{
  ChdCli *cli;
  ChdRun *run;
  char *heading; /* (owned) (nullable): of the part that is being printed */
  gboolean ended;
  GError *error; /* (owned) (nullable) */
} LogPrinter;

static void
line_cb (LogPrinter *printer, const char *node, const char *part, const char *step, gint64 time, const char *text)
{
  g_autofree char *heading = NULL;

  if (printer->cli->json)
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "node", node);
      json_object_set_string_member (object, "part", part);
      json_object_set_string_member (object, "step", step);
      json_object_set_int_member (object, "time", time);
      json_object_set_string_member (object, "text", text);
      chd_cli_print_json_line (object);
      return;
    }
  heading = g_strdup_printf ("%s › %s › %s", chd_cli_get_node_title (printer->run, node), part, step);
  if (g_strcmp0 (printer->heading, heading) != 0)
    {
      chd_cli_print ("== %s", heading);
      g_free (printer->heading);
      printer->heading = g_steal_pointer (&heading);
    }
  chd_cli_print ("%s", text);
}

static void
ended_cb (LogPrinter *printer, const GError *error)
{
  printer->error = error != NULL ? g_error_copy (error) : NULL;
  printer->ended = TRUE;
}

int
chd_cmd_logs (ChdCli *cli, char **arguments)
{
  gboolean follow = FALSE;
  const GOptionEntry entries[] = {
    { "follow", 'f', 0, G_OPTION_ARG_NONE, &follow, N_ ("Go on until the run ends"), NULL },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (ChdNodeLog) log = NULL;
  LogPrinter printer = { .cli = cli };

  if (!chd_cli_parse (cli, arguments, entries, 1, 2, &names))
    return CHD_EXIT_USAGE;
  run = chd_cli_open_run (cli, names[0], NULL);
  if (run == NULL)
    return CHD_EXIT_FAILED;
  if (names[1] != NULL && chd_chain_find_node (chd_run_get_chain (run), names[1]) == NULL)
    {
      chd_run_close (run);
      return chd_cli_fail (
          g_error_new (CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("The chain of this run has no node “%s”."), names[1]));
    }
  printer.run = run;
  log = chd_node_log_new (cli->session, run, names[1], follow);
  g_signal_connect_swapped (log, "line", G_CALLBACK (line_cb), &printer);
  g_signal_connect_swapped (log, "ended", G_CALLBACK (ended_cb), &printer);
  chd_node_log_start (log);
  chd_cli_guard_start (cli, run);
  while (!printer.ended && chd_cli_iterate (cli))
    ;
  chd_cli_guard_stop (cli);
  g_signal_handlers_disconnect_by_data (log, &printer);
  chd_node_log_stop (log);
  chd_run_close (run);
  g_free (printer.heading);
  return printer.error != NULL ? chd_cli_fail (printer.error) : CHD_EXIT_DONE;
}
