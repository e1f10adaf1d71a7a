/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * run, runs, status, logs, cancel. */

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "chd-cli.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-node-log.h"
#include "chd-run.h"
#include "chd-util.h"

static const int state_widths[] = { 10, 30, 20, -1 };

/* Watching */

typedef struct
{
  ChdCli *cli;
  ChdRun *run;
  GHashTable *told; /* (owned): node → what was printed of it last */
  gboolean ended;
  GError *error; /* (owned) (nullable) */
} Watch;

static void
print_json_status (const ChdRunStatus *status, gboolean line)
{
  JsonObject *object = chd_run_status_to_json (status);

  if (line)
    chd_cli_print_json_line (object);
  else
    chd_cli_print_json (object);
}

static const char *
get_title (ChdRun *run, const char *id)
{
  const ChdNode *node = chd_chain_find_node (chd_run_get_chain (run), id);

  return node != NULL ? node->title : id;
}

static char *
format_now (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  return g_date_time_format (now, "%H:%M:%S");
}

/* A line a node whose state is another one than was told. */
static void
run_changed_cb (Watch *watch, ChdRun *run)
{
  ChdRunStatus *status = chd_run_get_status (run);
  g_autofree char *now = format_now ();

  if (status == NULL)
    return;
  if (watch->cli->json)
    {
      print_json_status (status, TRUE);
      return;
    }
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);
      g_autofree char *line =
          g_strdup_printf ("%s\t%s", chd_node_state_get_title (node->state), node->note != NULL ? node->note : "");

      if (node->state == CHD_NODE_WAITING || g_strcmp0 (g_hash_table_lookup (watch->told, node->node), line) == 0)
        continue;
      chd_cli_print_row (state_widths, now, get_title (run, node->node), chd_node_state_get_title (node->state),
                         node->note != NULL ? node->note : "", NULL);
      g_hash_table_replace (watch->told, g_strdup (node->node), g_steal_pointer (&line));
    }
}

static void
run_finished_cb (Watch *watch)
{
  watch->ended = TRUE;
}

static void
run_failed_cb (Watch *watch, GError *error)
{
  watch->error = g_error_copy (error);
  watch->ended = TRUE;
}

static int
finish_code (const ChdRunStatus *status)
{
  return status->state == CHD_NODE_SUCCEEDED ? CHD_EXIT_DONE : CHD_EXIT_FAILED;
}

static gboolean
wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Follows @run to its end; Ctrl-C leaves the run alone. */
static int
watch_run (ChdCli *cli, ChdRun *run)
{
  Watch watch = { .cli = cli, .run = run };
  ChdRunStatus *status = chd_run_get_status (run);
  /* A cancellable has no source of its own here; looking once a second is soon enough for Ctrl-C. */
  guint wake = g_timeout_add_seconds (1, wake_cb, NULL);

  watch.told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_signal_connect_swapped (run, "changed", G_CALLBACK (run_changed_cb), &watch);
  g_signal_connect_swapped (run, "finished", G_CALLBACK (run_finished_cb), &watch);
  g_signal_connect_swapped (run, "failed", G_CALLBACK (run_failed_cb), &watch);
  if (status != NULL)
    run_changed_cb (&watch, run);
  while (!watch.ended && !g_cancellable_is_cancelled (cli->cancellable))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (wake);
  g_signal_handlers_disconnect_by_data (run, &watch);
  g_hash_table_unref (watch.told);
  if (watch.error != NULL)
    return chd_cli_fail (watch.error);
  if (!watch.ended)
    {
      g_printerr (_ ("The run “%s” goes on; chainctl cancel ends it."), chd_run_get_name (run));
      g_printerr ("\n");
      return CHD_EXIT_FAILED;
    }
  status = chd_run_get_status (run);
  if (!cli->json)
    {
      printf ("%s: %s%s%s\n", chd_run_get_name (run), chd_node_state_get_title (status->state),
              status->note != NULL ? ". " : "", status->note != NULL ? status->note : "");
      fflush (stdout);
    }
  return finish_code (status);
}

/* run */

static GVariant *
read_params (ChdChain *chain, char **texts, GError **error)
{
  g_autoptr (GVariant) values = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      char *value = strchr (texts[i], '=');
      g_autofree char *name = value != NULL ? g_strndup (texts[i], (gsize) (value - texts[i])) : NULL;
      const ChdParam *param = name != NULL ? chd_params_find (chd_chain_get_head (chain)->params, name) : NULL;
      GVariant *set;

      if (value == NULL)
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("“%s” is not of the form NAME=VALUE."), texts[i]);
          return NULL;
        }
      if (param != NULL && param->type == CHD_PARAM_ARRAY)
        {
          g_auto (GStrv) parts = g_strsplit (value + 1, ",", -1);

          set = chd_values_set (values, name, g_variant_new_strv ((const char *const *) parts, -1));
        }
      else
        set = chd_values_set (values, name, g_variant_new_string (value + 1));
      g_variant_unref (values);
      values = set;
    }
  return g_steal_pointer (&values);
}

int
chd_cmd_run (ChdCli *cli, char **arguments)
{
  gboolean watch = FALSE;
  g_auto (GStrv) params = NULL;
  const GOptionEntry entries[] = {
    { "param", 0, 0, G_OPTION_ARG_STRING_ARRAY, &params, NULL, NULL },
    { "watch", 0, 0, G_OPTION_ARG_NONE, &watch, NULL, NULL },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdChain) chain = NULL;
  g_autoptr (GVariant) values = NULL;
  g_autoptr (ChdRun) run = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;
  int code = CHD_EXIT_DONE;

  if (!chd_cli_parse (arguments, entries, "chainctl run FILE|CHAIN [--param K=V]… [--watch]", 1, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli) || !chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  chain = chd_cli_load_chain (cli, names[0], NULL);
  if (chain == NULL)
    return CHD_EXIT_FAILED;
  values = read_params (chain, params, &error);
  if (values == NULL)
    {
      chd_cli_fail (error);
      return CHD_EXIT_USAGE;
    }
  chd_run_start_async (cli->session, chain, cli->catalogue, values, cli->cancellable, chd_cli_result_cb, &result);
  run = chd_run_start_finish (chd_cli_wait (&result), &error);
  if (run == NULL)
    return chd_cli_fail (error);
  if (cli->json)
    {
      JsonObject *output = json_object_new ();

      json_object_set_string_member (output, "name", chd_run_get_name (run));
      json_object_set_string_member (output, "chain", chd_chain_get_head (chain)->item.id);
      chd_cli_print_json_line (output);
    }
  else
    {
      printf (_ ("The run “%s” has started."), chd_run_get_name (run));
      printf ("\n");
      fflush (stdout);
    }
  if (watch)
    code = watch_run (cli, run);
  chd_run_close (run);
  return code;
}

/* runs */

int
chd_cmd_runs (ChdCli *cli, char **arguments)
{
  static const int widths[] = { 36, 18, 8, 8, -1 };
  g_auto (GStrv) names = NULL;
  g_autoptr (GPtrArray) runs = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (arguments, NULL, "chainctl runs [CHAIN]", 0, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_run_list_async (cli->session, names[0], cli->cancellable, chd_cli_result_cb, &result);
  runs = chd_run_list_finish (chd_cli_wait (&result), &error);
  if (runs == NULL)
    return chd_cli_fail (error);
  if (cli->json)
    {
      JsonObject *output = json_object_new ();
      JsonArray *items = json_array_new ();

      json_object_set_array_member (output, "items", items);
      for (guint i = 0; i < runs->len; i++)
        json_array_add_object_element (items, chd_run_status_to_json (g_ptr_array_index (runs, i)));
      chd_cli_print_json (output);
      return CHD_EXIT_DONE;
    }
  chd_cli_print_row (widths, _ ("NAME"), _ ("STATE"), _ ("AGE"), _ ("RAN"), _ ("CHAIN"), NULL);
  for (guint i = 0; i < runs->len; i++)
    {
      const ChdRunStatus *run = g_ptr_array_index (runs, i);
      g_autofree char *age = chd_cli_format_age (run->created_at);
      g_autofree char *ran = run->started_at > 0 && run->finished_at > 0
                                 ? chd_format_duration (run->finished_at - run->started_at)
                                 : g_strdup ("");

      chd_cli_print_row (widths, run->name, chd_node_state_get_title (run->state), age, ran,
                         run->chain != NULL ? run->chain : "", NULL);
    }
  return CHD_EXIT_DONE;
}

/* status */

static void
run_trouble_cb (GError **place, GError *error)
{
  if (*place == NULL)
    *place = g_error_copy (error);
}

/* Opens a run and waits until what it shows is what the engine has. %NULL: told on stderr. */
static ChdRun *
open_run (ChdCli *cli, const char *name)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;
  g_autoptr (ChdRun) run = NULL;
  gulong handler;

  if (!chd_cli_open_session (cli) || !chd_cli_load_catalogue (cli))
    return NULL;
  chd_run_open_async (cli->session, name, NULL, cli->catalogue, cli->cancellable, chd_cli_result_cb, &result);
  run = chd_run_open_finish (chd_cli_wait (&result), &error);
  if (run != NULL)
    {
      handler = g_signal_connect_swapped (run, "failed", G_CALLBACK (run_trouble_cb), &error);
      while (error == NULL && (chd_run_get_status (run) == NULL || !chd_run_is_live (run)))
        g_main_context_iteration (NULL, TRUE);
      g_signal_handler_disconnect (run, handler);
    }
  if (error != NULL)
    {
      chd_cli_fail (error);
      return NULL;
    }
  return g_steal_pointer (&run);
}

static void
print_status (ChdRun *run)
{
  ChdRunStatus *status = chd_run_get_status (run);

  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);
      g_autoptr (GDateTime) started = node->started_at > 0 ? g_date_time_new_from_unix_local (node->started_at) : NULL;
      g_autofree char *time = started != NULL ? g_date_time_format (started, "%H:%M:%S") : g_strdup ("");

      chd_cli_print_row (state_widths, time, get_title (run, node->node), chd_node_state_get_title (node->state),
                         node->note != NULL ? node->note : "", NULL);
    }
  printf ("%s: %s\n", chd_run_get_name (run), chd_node_state_get_title (status->state));
}

int
chd_cmd_status (ChdCli *cli, char **arguments)
{
  gboolean watch = FALSE;
  const GOptionEntry entries[] = {
    { "watch", 0, 0, G_OPTION_ARG_NONE, &watch, NULL, NULL },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdRun) run = NULL;
  int code = CHD_EXIT_DONE;

  if (!chd_cli_parse (arguments, entries, "chainctl status RUN [--watch]", 1, 1, &names))
    return CHD_EXIT_USAGE;
  run = open_run (cli, names[0]);
  if (run == NULL)
    return CHD_EXIT_FAILED;
  if (watch && !chd_run_get_status (run)->finished)
    code = watch_run (cli, run);
  else
    {
      if (cli->json)
        print_json_status (chd_run_get_status (run), FALSE);
      else
        print_status (run);
      if (watch)
        code = finish_code (chd_run_get_status (run));
    }
  chd_run_close (run);
  return code;
}

/* logs */

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
  heading = g_strdup_printf ("%s › %s › %s", get_title (printer->run, node), part, step);
  if (g_strcmp0 (printer->heading, heading) != 0)
    {
      printf ("== %s\n", heading);
      g_free (printer->heading);
      printer->heading = g_steal_pointer (&heading);
    }
  printf ("%s\n", text);
  fflush (stdout);
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
    { "follow", 'f', 0, G_OPTION_ARG_NONE, &follow, NULL, NULL },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (ChdNodeLog) log = NULL;
  LogPrinter printer = { .cli = cli };
  guint wake;

  if (!chd_cli_parse (arguments, entries, "chainctl logs RUN [NODE] [--follow]", 1, 2, &names))
    return CHD_EXIT_USAGE;
  run = open_run (cli, names[0]);
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
  wake = g_timeout_add_seconds (1, wake_cb, NULL);
  while (!printer.ended && !g_cancellable_is_cancelled (cli->cancellable))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (wake);
  g_signal_handlers_disconnect_by_data (log, &printer);
  chd_node_log_stop (log);
  chd_run_close (run);
  g_free (printer.heading);
  return printer.error != NULL ? chd_cli_fail (printer.error) : CHD_EXIT_DONE;
}

/* cancel */

int
chd_cmd_cancel (ChdCli *cli, char **arguments)
{
  g_auto (GStrv) names = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (arguments, NULL, "chainctl cancel RUN", 1, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_run_stop_async (cli->session, names[0], CHD_STOP_NOW, cli->cancellable, chd_cli_result_cb, &result);
  if (!chd_run_stop_finish (chd_cli_wait (&result), &error))
    return chd_cli_fail (error);
  return CHD_EXIT_DONE;
}
