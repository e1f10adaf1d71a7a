/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * status: the states of a run's nodes. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-cli-watch.h"
#include "chd-cli.h"
#include "chd-json.h"

#define MAX_RESULT 60

/* "net=40840.34 vat=7759.66": what the node's parts have found out. (transfer full) */
static char *
format_results (const ChdNodeStatus *node)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < node->parts->len; i++)
    {
      const ChdPartStatus *part = g_ptr_array_index (node->parts, i);
      g_autoptr (GList) names = part->results != NULL ? json_object_get_members (part->results) : NULL;

      for (GList *at = names; at != NULL; at = at->next)
        {
          const char *value = chd_json_string (part->results, at->data, NULL);

          if (value == NULL)
            continue;
          g_string_append_printf (text, "%s%s=", text->len > 0 ? " " : "", (char *) at->data);
          if (g_utf8_strlen (value, -1) <= MAX_RESULT)
            g_string_append (text, value);
          else
            g_string_append_printf (text, "%.*s…", (int) (g_utf8_offset_to_pointer (value, MAX_RESULT) - value), value);
        }
    }
  return g_string_free (text, FALSE);
}

static void
print_status (ChdRun *run)
{
  static const int widths[] = { 10, 30, 20, -1 };
  ChdRunStatus *status = chd_run_get_status (run);

  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);
      g_autoptr (GDateTime) started = node->started_at > 0 ? g_date_time_new_from_unix_local (node->started_at) : NULL;
      g_autofree char *time = started != NULL ? g_date_time_format (started, "%H:%M:%S") : g_strdup ("");
      g_autofree char *last = node->note != NULL ? g_strdup (node->note) : format_results (node);

      chd_cli_print_row (widths, time, chd_cli_get_node_title (run, node->node), chd_node_state_get_title (node->state),
                         last, NULL);
    }
  chd_cli_print ("%s: %s", chd_run_get_name (run), chd_node_state_get_title (status->state));
}

int
chd_cmd_status (ChdCli *cli, char **arguments)
{
  gboolean watch = FALSE;
  const GOptionEntry entries[] = {
    { "watch", 'w', 0, G_OPTION_ARG_NONE, &watch, N_ ("Tell changes until the run ends"), NULL },
    { NULL },
  };
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdRun) run = NULL;
  int code = CHD_EXIT_DONE;

  if (!chd_cli_parse (cli, arguments, entries, 1, 1, &names))
    return CHD_EXIT_USAGE;
  run = chd_cli_open_run (cli, names[0], NULL);
  if (run == NULL)
    return CHD_EXIT_FAILED;
  if (watch)
    code = chd_cli_watch_run (cli, run);
  else if (cli->json)
    chd_cli_print_json (chd_run_status_to_json (chd_run_get_status (run)));
  else
    print_status (run);
  chd_run_close (run);
  return code;
}
