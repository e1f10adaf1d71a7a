/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * create, delete, list, open: chains on an engine. */

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "chd-cli.h"
#include "chd-create-op.h"
#include "chd-engine-chains.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"
#include "chd-validate.h"

static const char *
get_action_word (ChdAction action)
{
  switch (action)
    {
    case CHD_ACTION_CREATE:
      return "create";
    case CHD_ACTION_UPDATE:
      return "update";
    case CHD_ACTION_KEEP:
      return "keep";
    case CHD_ACTION_DELETE:
      return "delete";
    case CHD_ACTION_UPLOAD:
      return "upload";
    default:
      g_assert_not_reached ();
    }
}

static JsonObject *
target_to_json (const ChdCreateTarget *target)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "action", get_action_word (target->action));
  json_object_set_string_member (object, "kind", target->kind);
  json_object_set_string_member (object, "name", target->name);
  chd_json_set_string_if (object, "node", target->node);
  json_object_set_string_member (object, "state", chd_node_state_to_string (target->state));
  chd_json_set_string_if (object, "uid", target->uid);
  if (target->bytes_total >= 0 && target->action == CHD_ACTION_UPLOAD)
    json_object_set_int_member (object, "bytes", target->bytes_total);
  chd_json_set_string_if (object, "error", target->error != NULL ? target->error->message : NULL);
  return object;
}

static void
print_target (const ChdCreateTarget *target)
{
  static const int widths[] = { 12, 10, 44, -1 };
  g_autofree char *last = target->error != NULL ? g_strdup (target->error->message)
                          : target->action == CHD_ACTION_UPLOAD && target->bytes_total > 0
                              ? g_format_size (target->bytes_total)
                              : g_strdup (chd_node_state_get_title (target->state));

  chd_cli_print_row (widths, chd_create_action_get_title (target->action), target->kind, target->name, last, NULL);
}

static void
print_targets (ChdCli *cli, const char *chain, ChdCreateOp *op, gboolean done)
{
  GPtrArray *targets = chd_create_op_get_targets (op);
  JsonObject *output;
  JsonArray *items;

  if (!cli->json)
    {
      for (guint i = 0; i < targets->len; i++)
        print_target (g_ptr_array_index (targets, i));
      return;
    }
  output = json_object_new ();
  items = json_array_new ();
  json_object_set_string_member (output, "chain", chain);
  json_object_set_boolean_member (output, "created", done);
  json_object_set_array_member (output, "targets", items);
  for (guint i = 0; i < targets->len; i++)
    json_array_add_object_element (items, target_to_json (g_ptr_array_index (targets, i)));
  chd_cli_print_json (output);
}

/* All problems, not only the first one that refuses. */
static gboolean
has_errors (ChdCli *cli, ChdChain *chain)
{
  g_autoptr (GPtrArray) problems = chd_validate (chain, cli->catalogue);

  for (guint i = 0; i < problems->len; i++)
    {
      const ChdProblem *problem = g_ptr_array_index (problems, i);

      if (problem->severity == CHD_SEVERITY_ERROR)
        chd_cli_say ("%s", problem->message);
    }
  return chd_problems_count (problems, CHD_SEVERITY_ERROR) > 0;
}

int
chd_cmd_create (ChdCli *cli, char **arguments)
{
  gboolean dry_run = FALSE, done;
  const GOptionEntry entries[] = {
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only print what would be done"), NULL },
    { NULL },
  };
  g_auto (GStrv) files = NULL;
  g_autoptr (ChdDocument) document = NULL;
  g_autoptr (ChdCreateOp) op = NULL;
  g_autofree char *folder = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;
  ChdChain *chain;
  const char *name;

  if (!chd_cli_parse (cli, arguments, entries, 1, 1, &files))
    return CHD_EXIT_USAGE;
  document = chd_cli_load_document (cli, files[0]);
  if (document == NULL || !chd_cli_open_session (cli) || !chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  chain = chd_document_get_chain (document);
  name = chd_chain_get_head (chain)->item.id;
  if (has_errors (cli, chain))
    return CHD_EXIT_FAILED;

  folder = chd_document_dup_folder (document);
  op = chd_create_op_new (cli->session, chain, cli->catalogue, folder);
  chd_create_op_plan_async (op, cli->cancellable, chd_cli_result_cb, &result);
  if (!chd_create_op_plan_finish (op, chd_cli_wait (&result), &error))
    return chd_cli_fail (error);
  if (dry_run)
    {
      print_targets (cli, name, op, FALSE);
      return CHD_EXIT_DONE;
    }
  chd_create_op_run_async (op, cli->cancellable, chd_cli_result_cb, &result);
  done = chd_create_op_run_finish (op, chd_cli_wait (&result), &error);
  print_targets (cli, name, op, done);
  if (!done)
    return chd_cli_fail (error);
  if (!cli->json)
    chd_cli_print (_ ("The chain “%s” is created."), name);
  return CHD_EXIT_DONE;
}

int
chd_cmd_delete (ChdCli *cli, char **arguments)
{
  gboolean with_runs = FALSE;
  const GOptionEntry entries[] = {
    { "with-runs", 0, 0, G_OPTION_ARG_NONE, &with_runs, N_ ("Its runs too"), NULL },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;
  guint n_deleted = 0;

  if (!chd_cli_parse (cli, arguments, entries, 1, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_engine_chains_delete_async (cli->session, names[0], with_runs, cli->cancellable, chd_cli_result_cb, &result);
  if (!chd_engine_chains_delete_finish (chd_cli_wait (&result), &n_deleted, &error))
    return chd_cli_fail (error);
  if (cli->json)
    {
      JsonObject *output = json_object_new ();

      json_object_set_string_member (output, "chain", names[0]);
      json_object_set_int_member (output, "deleted", n_deleted);
      chd_cli_print_json (output);
    }
  else
    chd_cli_print (ngettext ("%u object was deleted.", "%u objects were deleted.", n_deleted), n_deleted);
  return CHD_EXIT_DONE;
}

static void
print_chains (ChdCli *cli, GPtrArray *chains)
{
  static const int widths[] = { 26, 36, 8, -1 };
  JsonObject *output;
  JsonArray *items;

  if (!cli->json && chains->len == 0)
    {
      chd_cli_say ("%s", _ ("There is no chain on this engine."));
      return;
    }
  if (!cli->json)
    {
      chd_cli_print_row (widths, _ ("NAME"), _ ("TITLE"), _ ("AGE"), _ ("UNIT"), NULL);
      for (guint i = 0; i < chains->len; i++)
        {
          const ChdEngineChain *chain = g_ptr_array_index (chains, i);
          g_autofree char *age = chd_cli_format_age (chain->created_at);

          chd_cli_print_row (widths, chain->name, chain->title, age, chain->unit_path != NULL ? chain->unit_path : "",
                             NULL);
        }
      return;
    }
  output = json_object_new ();
  items = json_array_new ();
  json_object_set_array_member (output, "items", items);
  for (guint i = 0; i < chains->len; i++)
    {
      const ChdEngineChain *chain = g_ptr_array_index (chains, i);
      JsonObject *item = json_object_new ();
      g_autofree char *created = chain->created_at > 0 ? chd_format_timestamp (chain->created_at) : NULL;

      json_object_set_string_member (item, "name", chain->name);
      json_object_set_string_member (item, "title", chain->title);
      chd_json_set_string_if (item, "unit", chain->unit_path);
      chd_json_set_string_if (item, "revision", chain->revision);
      chd_json_set_string_if (item, "hash", chain->hash);
      chd_json_set_string_if (item, "created", created);
      json_array_add_object_element (items, item);
    }
  chd_cli_print_json (output);
}

int
chd_cmd_list (ChdCli *cli, char **arguments)
{
  g_auto (GStrv) rest = NULL;
  g_autoptr (GPtrArray) chains = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, NULL, 0, 0, &rest))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_engine_chains_list_async (cli->session, cli->cancellable, chd_cli_result_cb, &result);
  chains = chd_engine_chains_list_finish (chd_cli_wait (&result), &error);
  if (chains == NULL)
    return chd_cli_fail (error);
  print_chains (cli, chains);
  return CHD_EXIT_DONE;
}

int
chd_cmd_open (ChdCli *cli, char **arguments)
{
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdChain) chain = NULL;
  g_autofree char *text = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, NULL, 1, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_engine_chains_open_async (cli->session, names[0], cli->cancellable, chd_cli_result_cb, &result);
  chain = chd_engine_chains_open_finish (chd_cli_wait (&result), &text, &error);
  if (chain == NULL)
    return chd_cli_fail (error);
  fputs (text, stdout);
  return CHD_EXIT_DONE;
}
