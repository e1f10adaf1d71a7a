/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * run, runs, cancel. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-cli-watch.h"
#include "chd-cli.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-run.h"
#include "chd-util.h"

/* As the param's type reads it: an array from a list with commas, an object from JSON. (transfer full) */
static GVariant *
read_value (const ChdParam *param, const char *text, GError **error)
{
  g_auto (GStrv) parts = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object;

  if (param == NULL || param->type == CHD_PARAM_STRING)
    return g_variant_ref_sink (g_variant_new_string (text));
  if (param->type == CHD_PARAM_ARRAY)
    {
      parts = g_strsplit (text, ",", -1);
      return g_variant_ref_sink (g_variant_new_strv ((const char *const *) parts, -1));
    }
  object = chd_json_parse_object (text, strlen (text), CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, error);
  if (object == NULL)
    return NULL;
  node = chd_json_node_from_object (object);
  json_object_unref (object);
  return chd_value_from_json (node);
}

/* (transfer full) (nullable) */
static GVariant *
read_params (ChdChain *chain, char **texts, GError **error)
{
  GVariant *values = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      char *text = strchr (texts[i], '=');
      g_autofree char *name = text != NULL ? g_strndup (texts[i], (gsize) (text - texts[i])) : NULL;
      g_autoptr (GVariant) value = NULL;
      GVariant *before = values;

      if (name == NULL)
        g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("“%s” is not of the form NAME=VALUE."), texts[i]);
      else
        value = read_value (chd_params_find (chd_chain_get_head (chain)->params, name), text + 1, error);
      values = value != NULL ? chd_values_set (before, name, value) : NULL;
      g_variant_unref (before);
      if (values == NULL)
        return NULL;
    }
  return values;
}

int
chd_cmd_run (ChdCli *cli, char **arguments)
{
  gboolean watch = FALSE;
  g_auto (GStrv) params = NULL;
  const GOptionEntry entries[] = {
    { "param", 'p', 0, G_OPTION_ARG_FILENAME_ARRAY, &params, N_ ("Value of a param of the chain; a list with commas"),
      N_ ("NAME=VALUE") },
    { "watch", 'w', 0, G_OPTION_ARG_NONE, &watch, N_ ("Tell its states until it ends"), NULL },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdChain) chain = NULL;
  g_autoptr (GVariant) values = NULL;
  g_autoptr (ChdRun) run = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;
  int code = CHD_EXIT_DONE;

  if (!chd_cli_parse (cli, arguments, entries, 1, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli) || !chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  chain = chd_cli_load_chain (cli, names[0]);
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
    chd_cli_print (_ ("The run “%s” has started."), chd_run_get_name (run));
  if (watch)
    code = chd_cli_watch_run (cli, run);
  chd_run_close (run);
  return code;
}

int
chd_cmd_runs (ChdCli *cli, char **arguments)
{
  static const int widths[] = { 36, 18, 8, 8, -1 };
  g_auto (GStrv) names = NULL;
  g_autoptr (GPtrArray) runs = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, NULL, 0, 1, &names))
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
  if (runs->len == 0)
    {
      chd_cli_say ("%s", _ ("There are no runs."));
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

int
chd_cmd_cancel (ChdCli *cli, char **arguments)
{
  g_auto (GStrv) names = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, NULL, 1, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_run_stop_async (cli->session, names[0], CHD_STOP_NOW, cli->cancellable, chd_cli_result_cb, &result);
  if (!chd_run_stop_finish (chd_cli_wait (&result), &error))
    return chd_cli_fail (error);
  if (cli->json)
    {
      JsonObject *output = json_object_new ();

      json_object_set_string_member (output, "name", names[0]);
      chd_cli_print_json (output);
    }
  else
    chd_cli_print (_ ("The run “%s” is being stopped."), names[0]);
  return CHD_EXIT_DONE;
}
