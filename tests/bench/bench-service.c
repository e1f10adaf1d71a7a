/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The services on a real engine: creating 500 targets, creating them again unchanged, and running a chain of 200 tasks
 * that do nothing. CPU seconds of this process and of the engine with all of its steps. */

#include "config.h"

#include <sys/resource.h>
#include <unistd.h>

#include "engine-test.h"

#define TARGETS 500
#define STEPS 200

static Engine *engine;
static int engine_pid;

static double
client_seconds (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* @children: with the steps that have ended (fields 14 to 17 of proc(5)) */
static double
engine_seconds (gboolean children)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", engine_pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  double ticks = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  fields = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  for (guint i = 11; i < (children ? 15 : 13); i++)
    ticks += g_ascii_strtod (fields[i], NULL);
  return ticks / (double) sysconf (_SC_CLK_TCK);
}

static int
find_engine (void)
{
  static const char *const arguments[] = { "status", "--output", "json", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *output = NULL;
  g_autoptr (JsonObject) status = NULL;
  g_autoptr (GError) error = NULL;

  chd_local_engine_call_async (arguments, NULL, chd_test_result_cb, &result);
  chd_local_engine_call_finish (wait_for_result (&result), &output, &error);
  g_assert_no_error (error);
  status = chd_json_parse_object (output, strlen (output), CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, &error);
  g_assert_no_error (error);
  return (int) chd_json_int (status, "pid", 0);
}

/* @chained: each node after the one before; else all at once after the first */
static ChdChain *
make_wide_chain (const char *name, guint n_nodes, gboolean chained)
{
  ChdChain *chain = chd_chain_new (name, name);
  ChdScript *script = chd_script_new ("nothing", "Nothing");

  chd_chain_append (chain, chd_unit_new ("team", "Team", NULL));
  g_free (script->text);
  script->text = g_strdup ("true");
  chd_chain_append (chain, script);
  for (guint i = 0; i < n_nodes; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);
      g_autofree char *before = g_strdup_printf ("n%u", chained ? i - 1 : 0);
      ChdNode *node = chd_node_new (id, id, "team");

      chd_node_set_task (node, chd_task_binding_new ("nothing", "shell", g_variant_new ("a{sv}", NULL)));
      chd_chain_append (chain, node);
      if (i > 0)
        chd_chain_append (chain, chd_link_new (before, id));
    }
  return chain;
}

static void
create (ChdChain *chain, const char *what)
{
  g_autoptr (ChdCreateOp) op = chd_create_op_new (engine->session, chain, engine->catalogue, NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  double client = client_seconds (), server = engine_seconds (FALSE);
  gint64 start = g_get_monotonic_time ();

  chd_create_op_run_async (op, NULL, chd_test_result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  chd_create_op_run_finish (op, result, &error);
  g_assert_no_error (error);
  g_print ("%s: client %.2f s CPU, engine %.2f s CPU, %.1f s on the clock\n", what, client_seconds () - client,
           engine_seconds (FALSE) - server, (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
}

static void
finished_cb (ChdRun *run, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

static void
run (ChdChain *chain)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (GError) error = NULL;
  gboolean finished = FALSE;
  double client = client_seconds (), server = engine_seconds (FALSE), all = engine_seconds (TRUE);
  gint64 start = g_get_monotonic_time ();

  chd_run_start_async (engine->session, chain, engine->catalogue, NULL, NULL, chd_test_result_cb, &result);
  run = chd_run_start_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  g_signal_connect (run, "finished", G_CALLBACK (finished_cb), &finished);
  while (!finished)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (chd_run_get_status (run)->state, ==, CHD_NODE_SUCCEEDED);
  server = engine_seconds (FALSE) - server;
  all = engine_seconds (TRUE) - all;
  g_print ("run %d tasks: client %.2f s CPU, engine %.2f s CPU (%.1f ms a task), its steps %.2f s CPU, %.1f s on the "
           "clock\n",
           STEPS, client_seconds () - client, server, server * 1000 / STEPS, all - server,
           (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC);
}

int
main (void)
{
  g_autoptr (ChdChain) wide = NULL;
  g_autoptr (ChdChain) small = make_wide_chain ("warm", 2, FALSE);
  g_autoptr (ChdChain) chained = make_wide_chain ("row", STEPS, TRUE);

  engine = engine_start (make_home ());
  engine_pid = find_engine ();
  g_assert_cmpint (engine_pid, >, 0);
  /* Beside the nodes' tasks there are the document and the chain's own Pipeline. */
  wide = make_wide_chain ("wide", TARGETS - 2, FALSE);
  create (small, "warm up");
  create (wide, "create 500 targets");
  create (wide, "create them again");
  create (chained, "create 202 targets");
  run (chained);
  engine_stop (engine);
  return 0;
}
