/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * approvals, approve, reject. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-approvals.h"
#include "chd-cli.h"

int
chd_cmd_approvals (ChdCli *cli, char **arguments)
{
  static const int widths[] = { 44, 8, 20, -1 };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GPtrArray) approvals = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, NULL, 0, 0, &rest))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_approvals_list_async (cli->session, cli->cancellable, chd_cli_result_cb, &result);
  approvals = chd_approvals_list_finish (chd_cli_wait (&result), &error);
  if (approvals == NULL)
    return chd_cli_fail (error);
  if (cli->json)
    {
      JsonObject *output = json_object_new ();
      JsonArray *items = json_array_new ();

      json_object_set_array_member (output, "items", items);
      for (guint i = 0; i < approvals->len; i++)
        json_array_add_object_element (items, chd_approval_to_json (g_ptr_array_index (approvals, i)));
      chd_cli_print_json (output);
      return CHD_EXIT_DONE;
    }
  if (approvals->len == 0)
    {
      chd_cli_say ("%s", _ ("Nothing waits for an answer."));
      return CHD_EXIT_DONE;
    }
  chd_cli_print_row (widths, _ ("NAME"), _ ("SINCE"), _ ("WAITS FOR"), _ ("WHAT"), NULL);
  for (guint i = 0; i < approvals->len; i++)
    {
      const ChdApproval *approval = g_ptr_array_index (approvals, i);
      g_autofree char *age = chd_cli_format_age (approval->created_at);
      g_autofree char *pending = g_strjoinv (", ", approval->pending);

      chd_cli_print_row (widths, approval->name, age, pending,
                         approval->description != NULL ? approval->description : "", NULL);
    }
  return CHD_EXIT_DONE;
}

static int
decide (ChdCli *cli, char **arguments, gboolean approve)
{
  g_autofree char *message = NULL, *as = NULL;
  const GOptionEntry entries[] = {
    { "message", 'm', 0, G_OPTION_ARG_FILENAME, &message, N_ ("Why, for those who read it later"), N_ ("TEXT") },
    { "as", 0, 0, G_OPTION_ARG_FILENAME, &as, N_ ("Answer for this user, where the engine lets you"), N_ ("USER") },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdApproval) approval = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, entries, 1, 1, &names))
    return CHD_EXIT_USAGE;
  if (!chd_cli_open_session (cli))
    return CHD_EXIT_FAILED;
  chd_approvals_decide_async (cli->session, names[0], approve, as, message, cli->cancellable, chd_cli_result_cb,
                              &result);
  approval = chd_approvals_decide_finish (chd_cli_wait (&result), &error);
  if (approval == NULL)
    return chd_cli_fail (error);
  if (cli->json)
    chd_cli_print_json (chd_approval_to_json (approval));
  else
    chd_cli_print (approve ? _ ("“%s” was approved.") : _ ("“%s” was rejected."), approval->name);
  return CHD_EXIT_DONE;
}

int
chd_cmd_approve (ChdCli *cli, char **arguments)
{
  return decide (cli, arguments, TRUE);
}

int
chd_cmd_reject (ChdCli *cli, char **arguments)
{
  return decide (cli, arguments, FALSE);
}
