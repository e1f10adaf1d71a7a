/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Creation on a real engine: nothing twice, nothing lost, nothing of anybody else overwritten. Called with
 * --create CHAIN IMAGE POINT it is the program that is killed. */

#include "config.h"

#include <signal.h>

#include "engine-test.h"

static Engine *engine;
static char *program;

static ChdCreateOp *
make_op (ChdSession *session, ChdChain *chain)
{
  g_autofree char *folder = chd_data_path ("environments/shell.tar");
  g_autofree char *parent = g_path_get_dirname (folder);

  return chd_create_op_new (session, chain, engine->catalogue, parent);
}

/* A plan that says: all is there, and nothing else. */
static void
assert_created (const char *name, const char *image)
{
  g_autoptr (ChdChain) chain = make_chain (name, image);
  g_autoptr (ChdCreateOp) op = make_op (engine->session, chain);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) unfinished = NULL;

  plan_op (op, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (chd_create_op_get_targets (op)->len, ==, 7);
  g_assert_cmpuint (count_targets (op, CHD_ACTION_KEEP), ==, 7);
  unfinished = list_unfinished (engine->session);
  g_assert_false (g_strv_contains ((const char *const *) unfinished, name));
}

static void
test_create (void)
{
  g_autoptr (ChdChain) chain = make_chain ("first", "environments/first:1");
  g_autoptr (ChdCreateOp) dry = make_op (engine->session, chain);
  g_autoptr (ChdCreateOp) op = make_op (engine->session, chain);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) tasks = NULL;
  const ChdCreateTarget *target;

  plan_op (dry, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chd_create_op_get_state (dry), ==, CHD_CREATE_PLANNED);
  g_assert_cmpuint (count_targets (dry, CHD_ACTION_CREATE), ==, 5);
  /* The notification before “Book” runs in the shipped environment. */
  g_assert_cmpuint (count_targets (dry, CHD_ACTION_UPLOAD), ==, 2);
  tasks = list_objects (engine->session, CHD_KUBE_TASK, "first");
  g_assert_cmpuint (tasks->len, ==, 0);

  run_op (op, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chd_create_op_get_state (op), ==, CHD_CREATE_DONE);
  target = find_target (op, "Task", "first-check");
  g_assert_nonnull (target);
  g_assert_cmpint (target->state, ==, CHD_NODE_CREATED);
  g_assert_nonnull (target->uid);
  assert_created ("first", "environments/first:1");
}

/* Nothing has changed: not one write, not one byte of an image. */
static void
test_again (void)
{
  Proxy *proxy = proxy_start (engine, "");
  g_autoptr (ChdSession) session = NULL;
  g_autoptr (ChdChain) chain = make_chain ("first", "environments/first:1");
  g_autoptr (ChdCreateOp) op = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) requests = NULL;

  if (proxy == NULL)
    return;
  session = proxy_session (engine, proxy);
  op = make_op (session, chain);
  run_op (op, &error);
  g_assert_no_error (error);
  requests = proxy_log (proxy, NULL);
  g_assert_cmpuint (g_strv_length (requests), >, 4);
  for (guint i = 0; requests[i] != NULL; i++)
    if (is_write (requests[i]))
      g_error ("a write: %s", requests[i]);
  proxy_stop (proxy);
}

static void
test_change_and_prune (void)
{
  g_autoptr (ChdChain) chain = make_chain ("first", "environments/first:1");
  g_autoptr (ChdCreateOp) op = make_op (engine->session, chain);
  g_autoptr (ChdCreateOp) invalid = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) before = list_objects (engine->session, CHD_KUBE_TASK, "first");
  g_autoptr (GPtrArray) after = NULL;
  ChdNode *node;

  g_assert_cmpuint (before->len, ==, 2);
  node = chd_node_new ("file", "File", "finance");
  chd_node_set_task (node, chd_task_binding_copy (chd_chain_find_node (chain, "check")->task));
  chd_chain_append (chain, node);
  chd_chain_append (chain, chd_link_new ("check", "file"));
  chd_chain_remove (chain, CHD_ITEM_NODE, "book");
  run_op (op, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_targets (op, CHD_ACTION_DELETE), ==, 2);
  g_assert_cmpuint (count_targets (op, CHD_ACTION_CREATE), ==, 1);
  after = list_objects (engine->session, CHD_KUBE_TASK, "first");
  g_assert_cmpuint (after->len, ==, 2);

  /* A chain with errors is refused before anything is asked. */
  chd_chain_remove (chain, CHD_ITEM_NODE, "file");
  invalid = make_op (engine->session, chain);
  g_assert_false (run_op (invalid, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_cmpuint (delete_chain (engine->session, "first", NULL), ==, 4);
}

static void
test_undo (void)
{
  g_autoptr (ChdChain) chain = make_chain ("undone", "environments/undone:1");
  g_autoptr (ChdCreateOp) op = make_op (engine->session, chain);
  g_autoptr (GError) error = NULL;

  run_op (op, &error);
  g_assert_no_error (error);
  undo_op (op, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chd_create_op_get_state (op), ==, CHD_CREATE_NEW);
  g_assert_cmpuint (delete_chain (engine->session, "undone", &error), ==, 0);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  run_op (op, &error);
  g_assert_no_error (error);
  assert_created ("undone", "environments/undone:1");
  delete_chain (engine->session, "undone", NULL);
}

/* Someone else changes a field that is ours: told, not overwritten. A name that others hold is found beforehand. */
static void
test_conflict (void)
{
  g_autoptr (ChdChain) chain = make_chain ("contested", "environments/first:1");
  g_autoptr (ChdCreateOp) op = make_op (engine->session, chain);
  g_autoptr (ChdCreateOp) again = NULL;
  g_autoptr (ChdCreateOp) other = NULL;
  g_autoptr (ChdChain) namesake = make_chain ("contested-check", "environments/first:1");
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpRequest) request =
      chd_http_request_new ("PATCH",
                            "/apis/tekton.dev/v1/namespaces/default/tasks/contested-check?fieldManager=someone", 0);
  g_autoptr (GBytes) body =
      g_bytes_new_static ("{\"spec\": {\"description\": \"mine\", \"steps\": [{\"name\": \"run\", "
                          "\"image\": \"other/image:1\", \"script\": \"true\"}]}}",
                          strlen ("{\"spec\": {\"description\": \"mine\", \"steps\": [{\"name\": "
                                  "\"run\", \"image\": \"other/image:1\", \"script\": \"true\"}]}}"));
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autoptr (JsonObject) task = json_object_new ();
  g_autoptr (JsonObject) foreign = NULL;
  g_autoptr (GAsyncResult) created = NULL;
  ChdHttp *http = chd_cluster_get_http (chd_session_get_cluster (engine->session));

  run_op (op, &error);
  g_assert_no_error (error);
  chd_http_request_set_body (request, "application/merge-patch+json", body);
  chd_http_send_async (http, request, NULL, chd_test_result_cb, &result);
  response = chd_http_send_finish (http, wait_for_result (&result), &error);
  g_assert_no_error (error);

  again = make_op (engine->session, chain);
  g_assert_false (run_op (again, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_cmpint (find_target (again, "Task", "contested-check")->state, ==, CHD_NODE_CONFLICT);
  g_assert_cmpint (chd_create_op_get_state (again), ==, CHD_CREATE_FAILED);
  delete_chain (engine->session, "contested", &error);
  g_assert_no_error (error);

  /* The name of a task to be is taken by somebody's own. */
  task = (json_object_unref (task), chd_kube_object_new (CHD_KUBE_CONFIG_MAP, NULL, "contested-check-design"));
  chd_cluster_create_async (chd_session_get_cluster (engine->session), task, CHD_WRITE_DEFAULT, NULL,
                            chd_test_result_cb, &created);
  foreign = chd_cluster_create_finish (chd_session_get_cluster (engine->session), wait_for_result (&created), &error);
  g_assert_no_error (error);
  other = make_op (engine->session, namesake);
  g_assert_false (run_op (other, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CONFLICT);
  g_clear_error (&error);
  g_assert_cmpint (find_target (other, "ConfigMap", "contested-check-design")->state, ==, CHD_NODE_CONFLICT);
  undo_op (other, &error);
  g_assert_no_error (error);
}

/* The registry refuses the upload: no task of it is made, the rest is, and trying again does what is missing. */
static void
test_registry (void)
{
  Proxy *proxy =
      proxy_start (engine, "{\"match\": {\"method\": \"POST\", \"path\": \"/v2/.*\"}, \"times\": 1, \"reply\": "
                           "{\"status\": 403, \"json\": {\"errors\": [{\"code\": \"DENIED\", \"message\": "
                           "\"no room for you\"}]}}}");
  g_autoptr (ChdSession) session = NULL;
  g_autoptr (ChdChain) chain = make_chain ("refused", "environments/refused:1");
  g_autoptr (ChdCreateOp) op = NULL;
  g_autoptr (GPtrArray) tasks = NULL;
  g_autoptr (GPtrArray) pipelines = NULL;
  g_autoptr (GError) error = NULL;

  if (proxy == NULL)
    return;
  session = proxy_session (engine, proxy);
  op = make_op (session, chain);
  g_assert_false (run_op (op, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  g_assert_cmpint (find_target (op, "image", "environments/refused:1")->state, ==, CHD_NODE_CREATE_FAILED);
  g_assert_cmpint (find_target (op, "Task", "refused-check")->state, ==, CHD_NODE_CREATE_FAILED);
  g_assert_cmpint (find_target (op, "Pipeline", "refused-book-before")->state, ==, CHD_NODE_CREATED);
  g_assert_cmpint (find_target (op, "Pipeline", "refused")->state, ==, CHD_NODE_PLANNED);
  tasks = list_objects (engine->session, CHD_KUBE_TASK, "refused");
  g_assert_cmpuint (tasks->len, ==, 0);
  pipelines = list_objects (engine->session, CHD_KUBE_PIPELINE, "refused");
  g_assert_cmpuint (pipelines->len, ==, 1);
  run_op (op, &error);
  g_assert_no_error (error);
  assert_created ("refused", "environments/refused:1");
  delete_chain (engine->session, "refused", NULL);
  proxy_stop (proxy);
}

static void
test_bad_sources (void)
{
  g_autofree char *archive = g_build_filename (engine->home, "shell.tar", NULL);
  g_autoptr (ChdChain) chain = make_chain ("damaged", "environments/damaged:1");
  g_autoptr (ChdCreateOp) damaged = chd_create_op_new (engine->session, chain, engine->catalogue, engine->home);
  g_autoptr (ChdConnection) nowhere = chd_connection_new ("nowhere");
  g_autoptr (ChdSession) session = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) unreachable = NULL;

  g_assert_true (g_file_set_contents (archive, "this is no archive", -1, NULL));
  g_assert_false (run_op (damaged, &error));
  g_assert_nonnull (error);
  g_assert_cmpint (find_target (damaged, "image", "environments/damaged:1")->state, ==, CHD_NODE_CREATE_FAILED);
  g_assert_nonnull (strstr (find_target (damaged, "image", "environments/damaged:1")->error->message, "shell.tar"));
  g_clear_error (&error);
  undo_op (damaged, &error);
  g_assert_no_error (error);
  g_unlink (archive);

  chd_connection_set_socket_path (nowhere, "/nonexistent/engine.sock");
  session = open_session (nowhere, engine->store, &unreachable);
  g_assert_null (session);
  g_assert_error (unreachable, CHD_ERROR, CHD_ERROR_UNREACHABLE);
}

/* Each request of a creation meets each fault once; in the end there is what there always is. */

static const char *const faults[] = {
  "\"reply\": {\"status\": 503}",
  "\"reply\": {\"status\": 500}",
  "\"reset\": true",
  "\"forward\": true, \"cut_after\": 0, \"cut_with\": \"reset\"",
};

typedef struct
{
  char *name;
  char *image;
  ChdChain *chain;
  ChdCreateOp *op;
  guint tries;
  gboolean done;
} Case;

static guint n_running;

static void
case_done_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Case *trial = user_data;
  g_autoptr (GError) error = NULL;

  /* The user's own second try, which has to find its way from wherever the first one ended. */
  if (!chd_create_op_run_finish (trial->op, result, &error) && ++trial->tries < 3)
    {
      g_test_message ("%s: %s", trial->name, error->message);
      chd_create_op_run_async (trial->op, NULL, case_done_cb, trial);
      return;
    }
  g_assert_no_error (error);
  trial->done = TRUE;
  n_running--;
}

/* Requests of one clean creation, with the names as regular expressions that each case fills in. */
static GPtrArray *
record_requests (void)
{
  Proxy *proxy = proxy_start (engine, "");
  g_autoptr (ChdSession) session = NULL;
  g_autoptr (ChdChain) chain = NULL;
  g_autoptr (ChdCreateOp) op = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) requests = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
  gboolean started = FALSE;

  if (proxy == NULL)
    return list;
  session = proxy_session (engine, proxy);
  chain = make_chain ("c000", "environments/c000:1");
  op = make_op (session, chain);
  run_op (op, &error);
  g_assert_no_error (error);
  requests = proxy_log (proxy, NULL);
  proxy_stop (proxy);
  for (guint i = 0; requests[i] != NULL; i++)
    {
      /* What belongs to opening the session comes before the first word about this chain. */
      started |= strstr (requests[i], "c000") != NULL;
      if (started && strstr (requests[i], "c000") != NULL && g_hash_table_add (seen, requests[i]))
        {
          g_ptr_array_add (list, g_strdup (requests[i]));
          g_test_message ("%s", requests[i]);
        }
    }
  delete_chain (engine->session, "c000", &error);
  g_assert_no_error (error);
  return list;
}

static char *
replace_name (const char *text, const char *name)
{
  g_auto (GStrv) parts = g_strsplit (text, "c000", -1);

  return g_strjoinv (name, parts);
}

/* The rule that lets exactly this request of this case fail once. */
static void
append_rule (GString *rules, const char *request, const char *name, const char *fault)
{
  g_autofree char *mine = replace_name (request, name);
  g_auto (GStrv) method = g_strsplit (mine, " ", 2);
  g_auto (GStrv) target = g_strsplit (method[1], "?", 2);
  g_autofree char *path = g_regex_escape_string (target[0], -1);
  g_auto (GStrv) parts = g_strsplit (path, "\\", -1);
  g_autofree char *escaped = g_strjoinv ("\\\\", parts);
  GString *query = g_string_new (NULL);
  g_auto (GStrv) pairs = g_strsplit (target[1] != NULL ? target[1] : "", "&", -1);

  /* The case's name may stand in the selector only. */
  for (guint i = 0; pairs[i] != NULL; i++)
    if (g_str_has_prefix (pairs[i], "labelSelector="))
      g_string_append_printf (query, ", \"query\": {\"labelSelector\": \".*%s.*\"}", name);
  /* An upload's place has a random name. */
  if (strstr (escaped, "/blobs/uploads/") != NULL)
    {
      char *end = strstr (escaped, "/blobs/uploads/") + strlen ("/blobs/uploads/");

      if (*end != '\0')
        {
          *end = '\0';
          path = (g_free (path), g_strconcat (escaped, ".+", NULL));
          escaped = (g_free (escaped), g_steal_pointer (&path));
        }
    }
  g_string_append_printf (rules,
                          "%s{\"name\": \"%s\", \"match\": {\"method\": \"%s\", \"path\": \"%s\"%s}, \"times\": 1, %s}",
                          rules->len > 0 ? ", " : "", name, method[0], escaped, query->str, fault);
  g_string_free (query, TRUE);
}

static void
test_faults (void)
{
  g_autoptr (GPtrArray) requests = record_requests ();
  g_autoptr (GString) rules = g_string_new (NULL);
  g_autoptr (ChdSession) session = NULL;
  guint n_cases = requests->len * G_N_ELEMENTS (faults);
  g_autofree Case *cases = g_new0 (Case, n_cases + 1);
  g_autoptr (GHashTable) used = NULL;
  g_auto (GStrv) log = NULL;
  Proxy *proxy;

  if (requests->len == 0)
    return;
  g_test_message ("%u requests, %u cases", requests->len, n_cases);
  g_assert_cmpuint (requests->len, >=, 12);
  for (guint i = 0; i < n_cases; i++)
    {
      cases[i].name = g_strdup_printf ("c%03u", i + 1);
      cases[i].image = g_strdup_printf ("environments/%s:1", cases[i].name);
      append_rule (rules, requests->pdata[i / G_N_ELEMENTS (faults)], cases[i].name, faults[i % G_N_ELEMENTS (faults)]);
    }
  proxy = proxy_start (engine, rules->str);
  session = proxy_session (engine, proxy);
  for (guint i = 0; i < n_cases; i++)
    {
      cases[i].chain = make_chain (cases[i].name, cases[i].image);
      cases[i].op = make_op (session, cases[i].chain);
      n_running++;
      chd_create_op_run_async (cases[i].op, NULL, case_done_cb, &cases[i]);
      if (n_running >= 12)
        chd_test_wait_for (n_running < 12);
    }
  chd_test_wait_for (n_running == 0);
  log = proxy_log (proxy, &used);
  for (guint i = 0; i < n_cases; i++)
    if (!g_hash_table_contains (used, cases[i].name))
      g_error ("the fault was never met: %s, %s", (char *) requests->pdata[i / G_N_ELEMENTS (faults)],
               faults[i % G_N_ELEMENTS (faults)]);
  for (guint i = 0; i < n_cases; i++)
    {
      assert_created (cases[i].name, cases[i].image);
      g_clear_object (&cases[i].op);
      g_clear_object (&cases[i].chain);
      delete_chain (engine->session, cases[i].name, NULL);
      g_free (cases[i].name);
      g_free (cases[i].image);
    }
  proxy_stop (proxy);
}

/* kill -9 in the middle: at the k-th word of the operation about a target, which is at the latest after the last target
 * and before the journal is closed. */

#define KILL_POINTS 12

static void
told_cb (ChdCreateOp *op, const ChdCreateTarget *target, gpointer user_data)
{
  guint *left = user_data;

  if (target->state != CHD_NODE_PLANNED && --*left == 0)
    raise (SIGKILL);
}

static int
create_and_be_killed (const char *name, const char *image, guint k)
{
  g_autoptr (ChdChain) chain = make_chain (name, image);
  g_autoptr (ChdCreateOp) op = make_op (engine->session, chain);

  g_signal_connect (op, "target-changed", G_CALLBACK (told_cb), &k);
  return run_op (op, NULL) ? 0 : 1;
}

static void
test_kill (void)
{
  for (guint k = 1; k <= KILL_POINTS; k++)
    {
      g_autofree char *name = g_strdup_printf ("killed%u", k);
      g_autofree char *image = g_strdup_printf ("environments/%s:1", name);
      g_autofree char *point = g_strdup_printf ("%u", k);
      const char *argv[] = { program, "--create", name, image, point, NULL };
      g_autoptr (ChdChain) chain = make_chain (name, image);
      g_autoptr (ChdCreateOp) op = NULL;
      g_autoptr (GSubprocess) child = NULL;
      g_autoptr (GPtrArray) before = NULL;
      g_autoptr (GPtrArray) after = NULL;
      g_auto (GStrv) unfinished = NULL;
      g_autoptr (GError) error = NULL;

      child = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, &error);
      g_assert_no_error (error);
      g_subprocess_wait (child, NULL, NULL);
      g_assert_true (g_subprocess_get_if_signaled (child));
      unfinished = list_unfinished (engine->session);
      g_assert_true (g_strv_contains ((const char *const *) unfinished, name));
      before = list_objects (engine->session, CHD_KUBE_TASK, name);
      op = make_op (engine->session, chain);
      run_op (op, &error);
      g_assert_no_error (error);
      assert_created (name, image);
      after = list_objects (engine->session, CHD_KUBE_TASK, name);
      g_assert_cmpuint (after->len, ==, 2);
      /* What was made before the crash was not made again. */
      for (guint i = 0; i < before->len; i++)
        {
          const ChdCreateTarget *target = find_target (op, "Task", chd_kube_get_name (before->pdata[i]));

          g_assert_cmpstr (target->uid, ==, chd_kube_get_uid (before->pdata[i]));
        }
      /* And it can all be taken back. */
      undo_op (op, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (delete_chain (engine->session, name, NULL), ==, 0);
    }
}

int
main (int argc, char *argv[])
{
  int result;

  program = argv[0];
  if (argc == 5 && strcmp (argv[1], "--create") == 0)
    {
      g_autofree char *home = g_path_get_dirname (g_getenv ("CHD_ENGINE_SOCKET"));

      engine = engine_start (g_steal_pointer (&home));
      return create_and_be_killed (argv[2], argv[3], (guint) atoi (argv[4]));
    }
  engine = engine_start (make_home ());
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/create/plans-then-makes", test_create);
  g_test_add_func ("/service/create/writes-nothing-when-nothing-changed", test_again);
  g_test_add_func ("/service/create/changes-and-prunes", test_change_and_prune);
  g_test_add_func ("/service/create/takes-back-what-it-made", test_undo);
  g_test_add_func ("/service/create/overwrites-nobody", test_conflict);
  g_test_add_func ("/service/create/makes-no-task-without-its-image", test_registry);
  g_test_add_func ("/service/create/tells-what-is-wrong-with-sources", test_bad_sources);
  g_test_add_func ("/service/create/survives-each-fault-at-each-request", test_faults);
  g_test_add_func ("/service/create/goes-on-after-kill-9", test_kill);
  result = g_test_run ();
  engine_stop (engine);
  return result;
}
