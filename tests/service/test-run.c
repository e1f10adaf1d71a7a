/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The main job on a real engine: the sample chain is created, run, approved level by level, read, and ends. And one
 * press is one run, whatever becomes of the answer. */

#include "config.h"

#include "chd-approvals.h"
#include "chd-node-log.h"
#include "chd-run-history.h"
#include "engine-test.h"

/* Steps start processes; give the whole of a run its time. */
#define wait_long(condition)                                                                                           \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gint64 end = g_get_monotonic_time () + 90 * G_USEC_PER_SEC;                                                        \
    guint tick = g_timeout_add (50, keep_awake_cb, NULL);                                                              \
    while (!(condition) && g_get_monotonic_time () < end)                                                              \
      g_main_context_iteration (NULL, TRUE);                                                                           \
    g_source_remove (tick);                                                                                            \
    if (!(condition))                                                                                                  \
      g_error ("waited in vain for: %s", #condition);                                                                  \
  }                                                                                                                    \
  G_STMT_END

static Engine *engine;

static gboolean
keep_awake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static ChdChain *
load_sample (const char *name)
{
  g_autofree char *relative = g_strdup_printf ("samples/%s.chain.json", name);
  g_autofree char *path = chd_data_path (relative);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  ChdChain *chain;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  chain = chd_chain_read (text, length, &error);
  g_assert_no_error (error);
  return chain;
}

static void
create (ChdSession *session, ChdChain *chain)
{
  g_autofree char *archive = chd_data_path ("environments/shell.tar");
  g_autofree char *folder = g_path_get_dirname (archive);
  g_autoptr (ChdCreateOp) op = chd_create_op_new (session, chain, engine->catalogue, folder);
  g_autoptr (GError) error = NULL;

  if (!run_op (op, &error))
    g_error ("%s (%s)", error->message, chd_error_get_details (error));
}

static ChdRun *
start (ChdSession *session, ChdChain *chain, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_run_start_async (session, chain, engine->catalogue, NULL, NULL, chd_test_result_cb, &result);
  return chd_run_start_finish (wait_for_result (&result), error);
}

static void
finished_cb (ChdRun *run, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
failed_cb (ChdRun *run, GError *error, gpointer user_data)
{
  g_error ("the run cannot be watched: %s", error->message);
}

static GPtrArray *
list_approvals (ChdSession *session)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *approvals;

  chd_approvals_list_async (session, NULL, chd_test_result_cb, &result);
  approvals = chd_approvals_list_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  return approvals;
}

static ChdApproval *
decide (ChdSession *session, const char *name, gboolean approve, const char *as, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_approvals_decide_async (session, name, approve, as, "as agreed", NULL, chd_test_result_cb, &result);
  return chd_approvals_decide_finish (wait_for_result (&result), error);
}

static void
line_cb (ChdNodeLog *log,
         const char *node,
         const char *part,
         const char *step,
         gint64 time,
         const char *text,
         gpointer user_data)
{
  g_string_append_printf (user_data, "%s: %s\n", node, text);
}

static void
log_ended_cb (ChdNodeLog *log, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static ChdNodeState
get_state (ChdRun *run, const char *node)
{
  return chd_run_status_find_node (chd_run_get_status (run), node)->state;
}

static void
test_main_job (void)
{
  g_autoptr (ChdChain) chain = load_sample ("supplier-payment");
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (ChdNodeLog) log = NULL;
  g_autoptr (ChdNodeLog) later = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GString) later_text = g_string_new (NULL);
  g_autoptr (GHashTable) approved = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GAsyncResult) history = NULL;
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (GError) error = NULL;
  gboolean log_ended = FALSE, later_ended = FALSE;
  guint n_finished = 0;

  create (engine->session, chain);
  run = start (engine->session, chain, &error);
  g_assert_no_error (error);
  g_signal_connect (run, "finished", G_CALLBACK (finished_cb), &n_finished);
  g_signal_connect (run, "failed", G_CALLBACK (failed_cb), NULL);
  log = chd_node_log_new (engine->session, run, NULL, TRUE);
  g_signal_connect (log, "line", G_CALLBACK (line_cb), text);
  g_signal_connect (log, "ended", G_CALLBACK (log_ended_cb), &log_ended);
  chd_node_log_start (log);

  while (n_finished == 0)
    {
      g_autoptr (GPtrArray) approvals = NULL;

      wait_long (n_finished > 0 ||
                 (chd_run_get_status (run) != NULL && chd_run_get_status (run)->state == CHD_NODE_AWAITING_APPROVAL));
      if (n_finished > 0)
        break;
      g_assert_cmpint (get_state (run, "board-release"), ==, CHD_NODE_AWAITING_APPROVAL);
      approvals = list_approvals (engine->session);
      for (guint i = 0; i < approvals->len; i++)
        {
          const ChdApproval *approval = approvals->pdata[i];
          g_autoptr (ChdApproval) answered = NULL;

          g_assert_cmpstr (approval->run, ==, chd_run_get_name (run));
          g_assert_cmpstr (approval->chain, ==, "supplier-payment");
          g_assert_cmpstr (approval->node, ==, "board-release");
          if (!g_hash_table_add (approved, g_strdup (approval->name)))
            continue;
          /* A stranger is not asked. */
          if (g_hash_table_size (approved) == 1)
            {
              g_autoptr (GError) stranger = NULL;

              g_assert_null (decide (engine->session, approval->name, TRUE, "mallory", &stranger));
              g_assert_error (stranger, CHD_ERROR, CHD_ERROR_NOT_ALLOWED);
            }
          answered = decide (engine->session, approval->name, TRUE, NULL, &error);
          g_assert_no_error (error);
        }
      for (guint i = 0; i < 20; i++)
        g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (n_finished, ==, 1);
  g_assert_cmpint (chd_run_get_status (run)->state, ==, CHD_NODE_SUCCEEDED);
  g_assert_cmpint (get_state (run, "fast-release"), ==, CHD_NODE_SKIPPED);
  g_assert_cmpint (get_state (run, "board-release"), ==, CHD_NODE_SUCCEEDED);
  g_assert_cmpint (get_state (run, "report"), ==, CHD_NODE_SUCCEEDED);
  g_assert_cmpuint (g_hash_table_size (approved), ==, 4);
  wait_long (log_ended);
  g_assert_nonnull (strstr (text->str, "report: "));

  later = chd_node_log_new (engine->session, run, "receive", FALSE);
  g_signal_connect (later, "line", G_CALLBACK (line_cb), later_text);
  g_signal_connect (later, "ended", G_CALLBACK (log_ended_cb), &later_ended);
  chd_node_log_start (later);
  wait_long (later_ended);
  g_assert_true (g_str_has_prefix (later_text->str, "receive: "));

  left = list_approvals (engine->session);
  g_assert_cmpuint (left->len, ==, 0);
  chd_run_list_async (engine->session, "supplier-payment", NULL, chd_test_result_cb, &listed);
  runs = chd_run_list_finish (wait_for_result (&listed), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 1);
  g_assert_cmpint (((ChdRunStatus *) runs->pdata[0])->state, ==, CHD_NODE_SUCCEEDED);
  chd_run_history_list_async (engine->store, chd_session_get_engine_id (engine->session), NULL, chd_test_result_cb,
                              &history);
  records = chd_run_history_list_finish (wait_for_result (&history), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (records->len, ==, 1);
  g_assert_cmpstr (((ChdRunRecord *) records->pdata[0])->state, ==, "succeeded");
  g_assert_cmpint (((ChdRunRecord *) records->pdata[0])->finished_at, >, 0);
}

/* A colleague opens chain and run from the engine alone. */
static void
test_open (void)
{
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GAsyncResult) runs_listed = NULL;
  g_autoptr (GAsyncResult) opened = NULL;
  g_autoptr (GAsyncResult) missing = NULL;
  g_autoptr (GPtrArray) chains = NULL;
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (GError) error = NULL;

  chd_engine_chains_list_async (engine->session, NULL, chd_test_result_cb, &listed);
  chains = chd_engine_chains_list_finish (wait_for_result (&listed), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (chains->len, ==, 1);
  g_assert_cmpstr (((ChdEngineChain *) chains->pdata[0])->name, ==, "supplier-payment");
  g_assert_cmpstr (((ChdEngineChain *) chains->pdata[0])->title, ==, "Supplier payment");
  chd_run_list_async (engine->session, NULL, NULL, chd_test_result_cb, &runs_listed);
  runs = chd_run_list_finish (wait_for_result (&runs_listed), &error);
  chd_run_open_async (engine->session, ((ChdRunStatus *) runs->pdata[0])->name, NULL, engine->catalogue, NULL,
                      chd_test_result_cb, &opened);
  run = chd_run_open_finish (wait_for_result (&opened), &error);
  g_assert_no_error (error);
  wait_long (chd_run_get_status (run) != NULL);
  g_assert_cmpint (chd_run_get_status (run)->state, ==, CHD_NODE_SUCCEEDED);
  g_assert_nonnull (chd_chain_find_node (chd_run_get_chain (run), "board-release"));
  chd_run_open_async (engine->session, "no-such-run", NULL, engine->catalogue, NULL, chd_test_result_cb, &missing);
  g_assert_null (chd_run_open_finish (wait_for_result (&missing), &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
}

static void
test_reject_and_stop (void)
{
  g_autoptr (ChdChain) chain = load_sample ("supplier-payment");
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (ChdRun) stopped = NULL;
  g_autoptr (GPtrArray) approvals = NULL;
  g_autoptr (GPtrArray) left = NULL;
  g_autoptr (ChdApproval) answered = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (GError) error = NULL;
  guint n_finished = 0, n_stopped = 0;

  run = start (engine->session, chain, &error);
  g_assert_no_error (error);
  g_signal_connect (run, "finished", G_CALLBACK (finished_cb), &n_finished);
  wait_long (chd_run_get_status (run) != NULL && chd_run_get_status (run)->state == CHD_NODE_AWAITING_APPROVAL);
  approvals = list_approvals (engine->session);
  g_assert_cmpuint (approvals->len, ==, 1);
  answered = decide (engine->session, ((ChdApproval *) approvals->pdata[0])->name, FALSE, NULL, &error);
  g_assert_no_error (error);
  wait_long (n_finished > 0);
  g_assert_cmpint (chd_run_get_status (run)->state, ==, CHD_NODE_REJECTED);
  g_assert_cmpint (get_state (run, "board-release"), ==, CHD_NODE_REJECTED);

  stopped = start (engine->session, chain, &error);
  g_assert_no_error (error);
  g_signal_connect (stopped, "finished", G_CALLBACK (finished_cb), &n_stopped);
  wait_long (chd_run_get_status (stopped) != NULL && chd_run_get_status (stopped)->state == CHD_NODE_AWAITING_APPROVAL);
  chd_run_stop_async (engine->session, chd_run_get_name (stopped), CHD_STOP_NOW, NULL, chd_test_result_cb, &result);
  chd_run_stop_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  wait_long (n_stopped > 0);
  g_assert_cmpint (chd_run_get_status (stopped)->state, ==, CHD_NODE_CANCELLED);
  left = list_approvals (engine->session);
  g_assert_cmpuint (left->len, ==, 0);
  chd_run_stop_async (engine->session, chd_run_get_name (stopped), CHD_STOP_NOW, NULL, chd_test_result_cb, &late);
  g_assert_false (chd_run_stop_finish (wait_for_result (&late), &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CONFLICT);
}

/* The answer of the request that starts a run is lost, or it never arrives, or the engine is busy: one run. */
static void
test_one_press (void)
{
  static const char *const faults[] = {
    "\"reply\": {\"status\": 503}",
    "\"reply\": {\"status\": 500}",
    "\"reset\": true",
    "\"forward\": true, \"cut_after\": 0, \"cut_with\": \"reset\"",
    "\"forward\": true, \"cut_after\": 200, \"cut_with\": \"reset\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autofree char *name = g_strdup_printf ("press%u", i);
      g_autofree char *rules =
          g_strdup_printf ("{\"match\": {\"method\": \"POST\", \"path\": \".*/pipelineruns\"}, \"times\": 1, %s}",
                           faults[i]);
      Proxy *proxy = proxy_start (engine, rules);
      g_autoptr (ChdSession) session = NULL;
      g_autoptr (ChdChain) chain = make_chain (name, "environments/own:1");
      g_autoptr (ChdRun) run = NULL;
      g_autoptr (GPtrArray) runs = NULL;
      g_autoptr (GError) error = NULL;
      guint n_finished = 0;

      if (proxy == NULL)
        return;
      session = proxy_session (engine, proxy);
      g_assert_null (start (session, chain, &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
      g_clear_error (&error);
      create (session, chain);
      run = start (session, chain, &error);
      g_assert_no_error (error);
      g_signal_connect (run, "finished", G_CALLBACK (finished_cb), &n_finished);
      wait_long (n_finished > 0);
      g_assert_cmpint (chd_run_get_status (run)->state, ==, CHD_NODE_SUCCEEDED);
      runs = list_objects (engine->session, CHD_KUBE_PIPELINE_RUN, name);
      g_assert_cmpuint (runs->len, ==, 1);
      proxy_stop (proxy);
    }
}

/* Each watch is cut, within lines too; what is shown in the end is what the engine has. */
static void
test_cut_watches (void)
{
  g_autofree char *rules = g_strdup (
      "{\"match\": {\"path\": \".*/(pipelineruns|taskruns)\", \"query\": {\"watch\": \"true|1\"}}, \"times\": 4, "
      "\"forward\": true, \"cut_after\": 3000, \"cut_with\": \"reset\"}");
  Proxy *proxy = proxy_start (engine, rules);
  g_autoptr (ChdSession) session = NULL;
  g_autoptr (ChdChain) chain = load_sample ("supplier-payment");
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (GVariant) params = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  guint n_finished = 0;

  if (proxy == NULL)
    return;
  session = proxy_session (engine, proxy);
  create (session, chain);
  /* A small invoice needs no approval. */
  params = g_variant_ref_sink (g_variant_new_parsed ("{'amount': <'500'>}"));
  chd_run_start_async (session, chain, engine->catalogue, params, NULL, chd_test_result_cb, &result);
  run = chd_run_start_finish (wait_for_result (&result), &error);
  g_assert_no_error (error);
  g_signal_connect (run, "finished", G_CALLBACK (finished_cb), &n_finished);
  wait_long (n_finished > 0);
  g_assert_cmpint (chd_run_get_status (run)->state, ==, CHD_NODE_SUCCEEDED);
  g_assert_cmpint (get_state (run, "fast-release"), ==, CHD_NODE_SUCCEEDED);
  g_assert_cmpint (get_state (run, "board-release"), ==, CHD_NODE_SKIPPED);
  g_assert_cmpint (get_state (run, "report"), ==, CHD_NODE_SUCCEEDED);
  proxy_stop (proxy);
}

/* A run that somebody deletes is told, not shown for ever. */
static void
gone_cb (ChdRun *run, GError *error, gpointer user_data)
{
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  *(gboolean *) user_data = TRUE;
}

static void
test_deleted (void)
{
  g_autoptr (ChdChain) chain = load_sample ("supplier-payment");
  g_autoptr (ChdRun) run = NULL;
  g_autoptr (GError) error = NULL;
  gboolean gone = FALSE;

  run = start (engine->session, chain, &error);
  g_assert_no_error (error);
  g_signal_connect (run, "failed", G_CALLBACK (gone_cb), &gone);
  wait_long (chd_run_get_status (run) != NULL);
  g_assert_cmpuint (delete_chain (engine->session, "supplier-payment", &error), >, 12);
  g_assert_no_error (error);
  wait_long (gone);
}

int
main (int argc, char *argv[])
{
  int result;

  engine = engine_start (make_home ());
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/run/does-the-main-job", test_main_job);
  g_test_add_func ("/service/run/is-opened-from-the-engine-alone", test_open);
  g_test_add_func ("/service/run/is-rejected-and-stopped", test_reject_and_stop);
  g_test_add_func ("/service/run/one-press-is-one-run", test_one_press);
  g_test_add_func ("/service/run/is-shown-right-over-cut-watches", test_cut_watches);
  g_test_add_func ("/service/run/a-deleted-run-is-told", test_deleted);
  result = g_test_run ();
  engine_stop (engine);
  return result;
}
