/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain-reader.h"
#include "chd-connections.h"
#include "chd-create-op.h"
#include "chd-engine-chains.h"
#include "chd-library.h"
#include "chd-local-engine.h"
#include "chd-run.h"
#include "chd-session.h"
#include "chd-util.h"
#include "service-test.h"

/* Tests on a real engine: a process of its own with its data in the test's private home. */

typedef struct
{
  char *home;
  ChdStore *store;
  ChdSession *session;
  ChdCatalogue *catalogue;
} Engine;

static inline ChdSession *
open_session (ChdConnection *connection, ChdStore *store, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_session_open_async (connection, store, NULL, chd_test_result_cb, &result);
  return chd_session_open_finish (wait_for_result (&result), error);
}

/* @home: (transfer full): of make_home(); %NULL when there is no engine to be tested, and the program ends. */
static inline Engine *
engine_start (char *home)
{
  g_autofree char *program = chd_program_path ("chain-engine");
  g_autofree char *data = g_build_filename (home, "engine", NULL);
  g_autofree char *socket = g_build_filename (home, "engine.sock", NULL);
  g_autofree char *library = g_build_filename (home, "library.db", NULL);
  g_autoptr (ChdConnection) connection = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Engine *engine;

  if (program == NULL)
    {
      g_print ("1..0 # SKIP the engine is not built\n");
      exit (0);
    }
  g_setenv ("CHD_ENGINE_DATA", data, TRUE);
  g_setenv ("CHD_ENGINE_SOCKET", socket, TRUE);
  engine = g_new0 (Engine, 1);
  engine->home = home;
  engine->store = open_store (library);
  connection = chd_connections_find (CHD_CONNECTION_LOCAL, NULL);
  engine->session = open_session (connection, engine->store, &error);
  if (error != NULL)
    g_error ("%s (%s)", error->message, chd_error_get_details (error));
  chd_library_load_async (engine->session, NULL, chd_test_result_cb, &result);
  engine->catalogue = chd_library_load_finish (wait_for_result (&result), NULL, &error);
  g_assert_no_error (error);
  return engine;
}

static inline void
engine_stop (Engine *engine)
{
  static const char *const arguments[] = { "stop", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_clear_object (&engine->session);
  g_clear_object (&engine->catalogue);
  g_clear_object (&engine->store);
  chd_local_engine_call_async (arguments, NULL, chd_test_result_cb, &result);
  chd_local_engine_call_finish (wait_for_result (&result), &output, &error);
  g_assert_no_error (error);
  remove_folder (engine->home);
  g_free (engine->home);
  g_free (engine);
}

/* A small chain: a task and a task with a pipeline before it. @image: where its image is put */
static inline ChdChain *
make_chain (const char *name, const char *image)
{
  g_autofree char *text = g_strdup_printf (
      "{\"format\": \"chain-designer/1\", \"name\": \"%s\", \"title\": \"Chain %s\","
      " \"organisation\": {\"title\": \"Group\", \"units\": [{\"id\": \"finance\", \"title\": \"Finance\", \"lead\": "
      "\"bob\"}]},"
      " \"environments\": [{\"id\": \"own\", \"title\": \"Own\", \"image\": \"%s\", \"source\": {\"type\": "
      "\"oci-archive\", \"path\": \"shell.tar\"}}],"
      " \"scripts\": [{\"id\": \"say\", \"title\": \"Say\", \"interpreter\": \"/bin/sh\", \"text\": \"echo said "
      "$PARAM_TEXT"
      "\", \"params\": [{\"name\": \"text\", \"type\": \"string\", \"default\": \"hello\"}]}],"
      " \"nodes\": [{\"id\": \"check\", \"title\": \"Check\", \"unit\": \"finance\", \"task\": {\"script\": \"say\", "
      "\"environment\": \"own\", \"params\": {\"text\": \"one\"}}},"
      " {\"id\": \"book\", \"title\": \"Book\", \"unit\": \"finance\", \"task\": {\"script\": \"say\", "
      "\"environment\": "
      "\"own\", \"params\": {\"text\": \"two\"}}, \"pipelines\": [{\"at\": \"before\", \"interface\": "
      "\"notification\", "
      "\"params\": {\"message\": \"now\"}}]}],"
      " \"links\": [{\"from\": \"check\", \"to\": \"book\"}]}",
      name, name, image);
  g_autoptr (GError) error = NULL;
  ChdChain *chain = chd_chain_read (text, strlen (text), &error);

  g_assert_no_error (error);
  return chain;
}

static inline gboolean
run_op (ChdCreateOp *op, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_create_op_run_async (op, NULL, chd_test_result_cb, &result);
  return chd_create_op_run_finish (op, wait_for_result (&result), error);
}

static inline gboolean
plan_op (ChdCreateOp *op, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_create_op_plan_async (op, NULL, chd_test_result_cb, &result);
  return chd_create_op_plan_finish (op, wait_for_result (&result), error);
}

static inline gboolean
undo_op (ChdCreateOp *op, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_create_op_undo_async (op, NULL, chd_test_result_cb, &result);
  return chd_create_op_undo_finish (op, wait_for_result (&result), error);
}

static inline const ChdCreateTarget *
find_target (ChdCreateOp *op, const char *kind, const char *name)
{
  GPtrArray *targets = chd_create_op_get_targets (op);

  for (guint i = 0; i < targets->len; i++)
    {
      const ChdCreateTarget *target = targets->pdata[i];

      if (g_str_equal (target->kind, kind) && g_str_equal (target->name, name))
        return target;
    }
  return NULL;
}

/* How many rows of the plan have this action. */
static inline guint
count_targets (ChdCreateOp *op, ChdAction action)
{
  GPtrArray *targets = chd_create_op_get_targets (op);
  guint count = 0;

  for (guint i = 0; i < targets->len; i++)
    count += ((ChdCreateTarget *) targets->pdata[i])->action == action;
  return count;
}

static inline char **
list_unfinished (ChdSession *session)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char **names;

  chd_create_op_list_unfinished_async (session, NULL, chd_test_result_cb, &result);
  names = chd_create_op_list_unfinished_finish (session, wait_for_result (&result), &error);
  g_assert_no_error (error);
  return names;
}

static inline guint
delete_chain (ChdSession *session, const char *name, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  guint n_deleted = 0;

  chd_engine_chains_delete_async (session, name, TRUE, NULL, chd_test_result_cb, &result);
  chd_engine_chains_delete_finish (wait_for_result (&result), &n_deleted, error);
  return n_deleted;
}

/* The objects of a kind that belong to a chain. (element-type JsonObject) */
static inline GPtrArray *
list_objects (ChdSession *session, ChdKubeType type, const char *chain)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *selector = chd_kube_selector (CHD_LABEL_CHAIN, chain, NULL);
  GPtrArray *objects;

  chd_cluster_list_async (chd_session_get_cluster (session), type, NULL, selector, NULL, chd_test_result_cb, &result);
  objects = chd_cluster_list_finish (chd_session_get_cluster (session), wait_for_result (&result), NULL, &error);
  g_assert_no_error (error);
  return objects;
}

/* A proxy in front of the engine that fails as its rules say; %NULL (and the test is skipped) without the tool. */
typedef struct
{
  GSubprocess *process;
  char *url;
} Proxy;

static inline Proxy *
proxy_start (Engine *engine, const char *rules)
{
  g_autofree char *tool = chd_test_shared ("tools/faulty_server.py");
  g_autofree char *scenario = g_build_filename (engine->home, "scenario.json", NULL);
  g_autofree char *ready = g_build_filename (engine->home, "ready", NULL);
  g_autofree char *socket = chd_local_engine_dup_socket ();
  g_autofree char *text = g_strdup_printf ("{\"upstream\": \"unix:%s\", \"rules\": [%s%s{\"forward\": true}]}", socket,
                                           rules, *rules != '\0' ? "," : "");
  g_autofree char *content = NULL;
  const char *argv[] = { "python3", tool, scenario, "--ready-file", ready, NULL };
  g_autoptr (GError) error = NULL;
  Proxy *proxy;

  if (tool == NULL)
    return NULL;
  g_unlink (ready);
  g_assert_true (g_file_set_contents (scenario, text, -1, NULL));
  proxy = g_new0 (Proxy, 1);
  proxy->process =
      g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < CHD_TEST_SECONDS * 200 && !g_file_test (ready, G_FILE_TEST_EXISTS); i++)
    g_usleep (5000);
  g_assert_true (g_file_get_contents (ready, &content, NULL, NULL));
  proxy->url = g_strdup_printf ("http://127.0.0.1:%s", g_strstrip (content));
  return proxy;
}

static inline void
proxy_stop (Proxy *proxy)
{
  g_subprocess_force_exit (proxy->process);
  g_subprocess_wait (proxy->process, NULL, NULL);
  g_object_unref (proxy->process);
  g_free (proxy->url);
  g_free (proxy);
}

/* A session through the proxy, with short waits. */
static inline ChdSession *
proxy_session (Engine *engine, Proxy *proxy)
{
  g_autoptr (ChdConnection) connection = chd_connection_new ("proxy");
  g_autoptr (GError) error = NULL;
  ChdSession *session;

  g_assert_true (chd_connection_set_server (connection, proxy->url, &error));
  session = open_session (connection, engine->store, &error);
  g_assert_no_error (error);
  chd_http_set_backoff (chd_cluster_get_http (chd_session_get_cluster (session)), 5);
  return session;
}

/* What was asked, "METHOD path?query" each. @rules: (out) (optional): names of those that have answered */
static inline char **
proxy_log (Proxy *proxy, GHashTable **rules)
{
  g_autoptr (ChdHttp) http = NULL;
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", "/_faulty/log", 0);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autoptr (GPtrArray) requests = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  g_autofree char *text = NULL;
  gsize length;
  gconstpointer data;

  if (rules != NULL)
    *rules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  http = chd_http_new (proxy->url, NULL, &error);
  g_assert_no_error (error);
  chd_http_send_async (http, request, NULL, chd_test_result_cb, &result);
  response = chd_http_send_finish (http, wait_for_result (&result), &error);
  g_assert_no_error (error);
  data = g_bytes_get_data (chd_http_response_get_body (response), &length);
  text = g_strndup (data, length);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonObject) entry =
          chd_json_parse_object (lines[i], strlen (lines[i]), CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, NULL);

      if (entry == NULL)
        continue;
      g_ptr_array_add (requests, g_strdup_printf ("%s %s", chd_json_string (entry, "method", ""),
                                                  chd_json_string (entry, "target", "")));
      if (rules != NULL)
        g_hash_table_add (*rules, g_strdup (chd_json_string (entry, "rule", "")));
    }
  g_ptr_array_add (requests, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&requests), FALSE);
}

static inline gboolean
is_write (const char *request)
{
  return !g_str_has_prefix (request, "GET ") && !g_str_has_prefix (request, "HEAD ") &&
         strstr (request, "selfsubject") == NULL;
}
