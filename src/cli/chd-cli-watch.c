/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waiting for a run: for its first state, for its end, and for an engine that has gone away. */

#include "config.h"

#include "chd-cli-watch.h"

#include <glib/gi18n.h>

#include "chd-error.h"
#include "chd-local-engine.h"

/* For what is shown to be what the engine has; the requests behind it have limits of their own. */
#define OPEN_SECONDS 30
/* How long an engine may be silent before it is told; and between attempts to start the one on this computer. */
#define LOST_SECONDS 2

typedef struct
{
  ChdCli *cli;
  ChdRun *run;
  GHashTable *told; /* (owned): node → what was printed of it last */
  gboolean first;
  gboolean ended;
  GError *error; /* (owned) (nullable) */
} Watch;

const char *
chd_cli_get_node_title (ChdRun *run, const char *id)
{
  const ChdNode *node = chd_chain_find_node (chd_run_get_chain (run), id);

  return node != NULL ? node->title : id;
}

/* The first state. */

static void
trouble_cb (GError **place, GError *error)
{
  if (*place == NULL)
    *place = g_error_copy (error);
}

static gboolean
too_late_cb (gpointer user_data)
{
  GError **place = user_data;

  if (*place == NULL)
    *place = g_error_new_literal (CHD_ERROR, CHD_ERROR_UNREACHABLE, _ ("The engine does not answer."));
  return G_SOURCE_CONTINUE;
}

ChdRun *
chd_cli_open_run (ChdCli *cli, const char *name, ChdChain *chain)
{
  GAsyncResult *result = NULL;
  GError *error = NULL;
  g_autoptr (ChdRun) run = NULL;
  gulong handler;
  guint limit;

  if (!chd_cli_open_session (cli) || !chd_cli_load_catalogue (cli))
    return NULL;
  chd_run_open_async (cli->session, name, chain, cli->catalogue, cli->cancellable, chd_cli_result_cb, &result);
  run = chd_run_open_finish (chd_cli_wait (&result), &error);
  if (run != NULL)
    {
      handler = g_signal_connect_swapped (run, "failed", G_CALLBACK (trouble_cb), &error);
      limit = g_timeout_add_seconds (OPEN_SECONDS, too_late_cb, &error);
      while (error == NULL && (chd_run_get_status (run) == NULL || !chd_run_is_live (run)))
        if (!chd_cli_iterate (cli))
          g_cancellable_set_error_if_cancelled (cli->cancellable, &error);
      g_source_remove (limit);
      g_signal_handler_disconnect (run, handler);
    }
  if (error != NULL)
    {
      chd_cli_fail (error);
      return NULL;
    }
  return g_steal_pointer (&run);
}

/* An engine that goes away. */

static struct
{
  ChdRun *run; /* (nullable): while waiting */
  guint timer;
  gboolean told;
  gboolean starting;
} guard;

static void
started_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  /* Whether it helped is seen by the run; when it did not, the next turn tries again. */
  chd_local_engine_start_finish (result, NULL);
  guard.starting = FALSE;
}

static gboolean
lost_cb (gpointer user_data)
{
  ChdCli *cli = user_data;

  if (!guard.told)
    chd_cli_say ("%s", _ ("The engine does not answer; trying again."));
  guard.told = TRUE;
  if (chd_cli_is_local (cli) && !guard.starting)
    {
      guard.starting = TRUE;
      chd_local_engine_start_async (cli->cancellable, started_cb, NULL);
    }
  return G_SOURCE_CONTINUE;
}

static void
live_cb (ChdCli *cli)
{
  if (!chd_run_is_live (guard.run))
    {
      if (guard.timer == 0)
        guard.timer = g_timeout_add_seconds (LOST_SECONDS, lost_cb, cli);
      return;
    }
  g_clear_handle_id (&guard.timer, g_source_remove);
  if (guard.told)
    chd_cli_say ("%s", _ ("The engine answers again."));
  guard.told = FALSE;
}

void
chd_cli_guard_start (ChdCli *cli, ChdRun *run)
{
  guard.run = run;
  g_signal_connect_swapped (run, "notify::live", G_CALLBACK (live_cb), cli);
}

void
chd_cli_guard_stop (ChdCli *cli)
{
  g_signal_handlers_disconnect_by_func (guard.run, live_cb, cli);
  g_clear_handle_id (&guard.timer, g_source_remove);
  guard.run = NULL;
}

/* Watching. */

/* At first when the states came about, as far as the engine says; later what comes about is of now. (transfer full) */
static char *
format_time (Watch *watch, const ChdNodeStatus *node)
{
  gint64 seconds = !watch->first ? 0 : node->finished_at > 0 ? node->finished_at : node->started_at;
  g_autoptr (GDateTime) time = seconds > 0 ? g_date_time_new_from_unix_local (seconds) : g_date_time_new_now_local ();

  return g_date_time_format (time, "%H:%M:%S");
}

/* A line a node whose state is another one than was told. */
static void
run_changed_cb (Watch *watch, ChdRun *run)
{
  static const int widths[] = { 10, 30, 20, -1 };
  ChdRunStatus *status = chd_run_get_status (run);

  if (status == NULL)
    return;
  if (watch->cli->json)
    {
      chd_cli_print_json_line (chd_run_status_to_json (status));
      return;
    }
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);
      const char *note = node->note != NULL ? node->note : "";
      g_autofree char *time = format_time (watch, node);
      g_autofree char *line = g_strdup_printf ("%s\t%s", chd_node_state_get_title (node->state), note);

      if (node->state == CHD_NODE_WAITING || g_strcmp0 (g_hash_table_lookup (watch->told, node->node), line) == 0)
        continue;
      chd_cli_print_row (widths, time, chd_cli_get_node_title (run, node->node), chd_node_state_get_title (node->state),
                         note, NULL);
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

int
chd_cli_watch_run (ChdCli *cli, ChdRun *run)
{
  Watch watch = { .cli = cli, .run = run };
  ChdRunStatus *status = chd_run_get_status (run);

  watch.told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  watch.ended = status != NULL && status->finished;
  g_signal_connect_swapped (run, "changed", G_CALLBACK (run_changed_cb), &watch);
  g_signal_connect_swapped (run, "finished", G_CALLBACK (run_finished_cb), &watch);
  g_signal_connect_swapped (run, "failed", G_CALLBACK (run_failed_cb), &watch);
  chd_cli_guard_start (cli, run);
  watch.first = TRUE;
  run_changed_cb (&watch, run);
  watch.first = FALSE;
  while (!watch.ended && chd_cli_iterate (cli))
    ;
  chd_cli_guard_stop (cli);
  g_signal_handlers_disconnect_by_data (run, &watch);
  g_hash_table_unref (watch.told);
  if (watch.error != NULL)
    return chd_cli_fail (watch.error);
  if (!watch.ended)
    {
      chd_cli_say (_ ("The run “%s” goes on; chainctl cancel ends it."), chd_run_get_name (run));
      return CHD_EXIT_FAILED;
    }
  status = chd_run_get_status (run);
  if (!cli->json)
    chd_cli_print ("%s: %s%s%s", chd_run_get_name (run), chd_node_state_get_title (status->state),
                   status->note != NULL ? ". " : "", status->note != NULL ? status->note : "");
  /* A run that has not succeeded is work that failed. */
  return status->state == CHD_NODE_SUCCEEDED ? CHD_EXIT_DONE : CHD_EXIT_FAILED;
}
