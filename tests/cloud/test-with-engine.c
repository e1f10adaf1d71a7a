/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything of this room against our own engine as a process: the same client as for any cluster. */
#include "config.h"

#include "image-test.h"

#include "chd-cluster.h"
#include "chd-error.h"
#include "chd-log-stream.h"
#include "chd-reflector.h"
#include "chd-registry.h"
#include "chd-test-loop.h"
#include "chd-util.h"
#include "chd-wire-error.h"
#include "spawn-test.h"

#define CALL(result, function, ...)                                                                                    \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_clear_object (&(result));                                                                                        \
    function (__VA_ARGS__, NULL, chd_test_result_cb, &(result));                                                       \
    chd_test_wait_for ((result) != NULL);                                                                              \
  }                                                                                                                    \
  G_STMT_END

typedef struct
{
  char *folder;
  GSubprocess *process;
  ChdConnection *connection;
  ChdCluster *cluster;
} Engine;

/* FALSE when the test is to be skipped. */
static gboolean
engine_start (Engine *self)
{
  g_autofree char *program = chd_program_path ("chain-engine");
  g_autofree char *socket = NULL, *data = NULL;
  const char *argv[] = { NULL, "--data", NULL, "--socket", NULL, "--allow-unsandboxed", NULL };
  g_autoptr (GError) error = NULL;
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  memset (self, 0, sizeof *self);
  if (program == NULL)
    {
      g_test_skip ("chain-engine was not built");
      return FALSE;
    }
  self->folder = g_dir_make_tmp ("chd-engine-XXXXXX", NULL);
  socket = g_build_filename (self->folder, "run", "socket", NULL);
  data = g_build_filename (self->folder, "data", NULL);
  argv[0] = program;
  argv[2] = data;
  argv[4] = socket;
  self->process = spawn_server (argv, NULL);
  while (!g_file_test (socket, G_FILE_TEST_EXISTS) && g_get_monotonic_time () < end)
    g_usleep (10000);
  self->connection = chd_connection_new_for_socket ("engine", socket);
  self->cluster = chd_cluster_new (self->connection, &error);
  g_assert_no_error (error);
  return TRUE;
}

static void
engine_stop (Engine *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_object_unref (self->cluster);
  g_object_unref (self->connection);
  remove_folder (self->folder);
}

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = chd_json_parse_object (text, strlen (text), 1 << 20, CHD_JSON_DEFAULT, &error);

  g_assert_no_error (error);
  return object;
}

static void
test_verbs (void)
{
  Engine engine;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdClusterInfo) info = NULL;
  g_autoptr (ChdIdentity) identity = NULL;
  g_autoptr (JsonObject) task = parse ("{\"apiVersion\":\"tekton.dev/v1\",\"kind\":\"Task\",\"metadata\":{\"name\":"
                                       "\"t\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"steps\":[{\"name\":\"s\",\"image\":"
                                       "\"x\",\"script\":\"true\"}]}}");
  g_autoptr (JsonObject) created = NULL, got = NULL, dry = NULL;
  g_autoptr (GPtrArray) tasks = NULL, none = NULL;
  g_auto (GStrv) namespaces = NULL;
  g_autofree char *version = NULL;
  gboolean is_new = FALSE, allowed = FALSE;

  if (!engine_start (&engine))
    return;
  CALL (result, chd_cluster_discover_async, engine.cluster);
  info = chd_cluster_discover_finish (engine.cluster, result, &error);
  g_assert_no_error (error);
  g_assert_true (info->tekton && info->custom_runs && info->approvals);
  CALL (result, chd_cluster_who_am_i_async, engine.cluster);
  identity = chd_cluster_who_am_i_finish (engine.cluster, result, &error);
  g_assert_no_error (error);
  CALL (result, chd_cluster_can_i_async, engine.cluster, "create", CHD_KUBE_PIPELINE_RUN, NULL, NULL);
  if (info->access_reviews)
    g_assert_true (chd_cluster_can_i_finish (engine.cluster, result, &allowed, &error) && allowed);
  CALL (result, chd_cluster_list_namespaces_async, engine.cluster);
  namespaces = chd_cluster_list_namespaces_finish (engine.cluster, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_strv_contains ((const char *const *) namespaces, "default"));

  CALL (result, chd_cluster_create_async, engine.cluster, task, CHD_WRITE_DRY_RUN);
  dry = chd_cluster_create_finish (engine.cluster, result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < 2; i++)
    {
      g_clear_pointer (&created, json_object_unref);
      CALL (result, chd_cluster_apply_async, engine.cluster, task, CHD_WRITE_DEFAULT);
      created = chd_cluster_apply_finish (engine.cluster, result, &is_new, &error);
      g_assert_no_error (error);
      g_assert_true (is_new == (i == 0));
    }
  CALL (result, chd_cluster_create_async, engine.cluster, task, CHD_WRITE_DEFAULT);
  g_assert_null (chd_cluster_create_finish (engine.cluster, result, &error));
  g_assert_true (chd_wire_error_is_already_exists (error));
  g_clear_error (&error);
  CALL (result, chd_cluster_list_async, engine.cluster, CHD_KUBE_TASK, NULL, "a=b");
  tasks = chd_cluster_list_finish (engine.cluster, result, &version, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tasks->len, ==, 1);
  g_assert_nonnull (version);
  CALL (result, chd_cluster_list_async, engine.cluster, CHD_KUBE_TASK, NULL, "a=c");
  none = chd_cluster_list_finish (engine.cluster, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (none->len, ==, 0);

  /* Only that very object is deleted; what is gone counts as deleted. */
  CALL (result, chd_cluster_delete_async, engine.cluster, CHD_KUBE_TASK, NULL, "t", "another-uid");
  g_assert_false (chd_cluster_delete_finish (engine.cluster, result, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CONFLICT);
  g_clear_error (&error);
  for (guint i = 0; i < 2; i++)
    {
      CALL (result, chd_cluster_delete_async, engine.cluster, CHD_KUBE_TASK, NULL, "t", chd_kube_get_uid (created));
      g_assert_true (chd_cluster_delete_finish (engine.cluster, result, &error));
    }
  CALL (result, chd_cluster_get_async, engine.cluster, CHD_KUBE_TASK, NULL, "t");
  got = chd_cluster_get_finish (engine.cluster, result, &error);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  engine_stop (&engine);
}

static void
line_cb (ChdLogStream *stream, const char *text, gint64 time, gpointer user_data)
{
  g_assert_cmpint (time, >, 0);
  g_ptr_array_add (user_data, g_strdup (text));
}

static void
ended_cb (ChdLogStream *stream, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static JsonObject *
condition_of (ChdReflector *reflector, const char *name)
{
  JsonObject *object = chd_reflector_lookup (reflector, NULL, name);

  return object != NULL ? chd_kube_get_condition (object, "Succeeded") : NULL;
}

/* The image is uploaded and pinned, a run is started, watched and read. */
static void
test_run (void)
{
  Engine engine;
  g_autofree char *archive = g_build_filename (CHD_BUILD_DIR, "data", "environments", "shell.tar", NULL);
  g_autofree char *digest = NULL, *text = NULL;
  g_autoptr (ChdRegistry) registry = NULL;
  g_autoptr (ChdImageSource) source = NULL;
  g_autoptr (ChdReflector) reflector = NULL;
  g_autoptr (ChdLogStream) log = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ChdImageInfo) image = NULL;
  g_autoptr (JsonObject) run_object = NULL, created = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  const char *pod;
  gboolean ended = FALSE;

  if (!g_file_test (archive, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the image of the environment “shell” was not built");
      return;
    }
  if (!engine_start (&engine))
    return;
  registry = chd_registry_new_for_connection (engine.connection, &error);
  g_assert_no_error (error);
  CALL (result, chd_registry_ping_async, registry);
  chd_registry_ping_finish (registry, result, &error);
  g_assert_no_error (error);
  source = open_image (archive);
  CALL (result, chd_registry_push_async, registry, source, "environments/shell", "1", NULL, NULL, NULL, NULL);
  digest = chd_registry_push_finish (registry, result, &error);
  g_assert_no_error (error);
  CALL (result, chd_registry_inspect_async, registry, "environments/shell", "1");
  image = chd_registry_inspect_finish (registry, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (image->digest, ==, digest);

  reflector = chd_reflector_new (engine.cluster, CHD_KUBE_TASK_RUN, NULL, NULL);
  chd_reflector_start (reflector);
  chd_test_wait_for (chd_reflector_get_state (reflector) == CHD_REFLECTOR_LIVE);
  text =
      g_strdup_printf ("{\"apiVersion\":\"tekton.dev/v1\",\"kind\":\"TaskRun\",\"metadata\":{\"name\":\"r\"},\"spec\":"
                       "{\"taskSpec\":{\"steps\":[{\"name\":\"main\",\"image\":\"%s/environments/shell@%s\","
                       "\"script\":\"#!/bin/sh\\nfor i in 1 2 3 4 5; do echo line $i; sleep 0.1; done\\nprintf "
                       "end\\n\"}]}}}",
                       chd_registry_get_host (registry), digest);
  run_object = parse (text);
  CALL (result, chd_cluster_create_async, engine.cluster, run_object, CHD_WRITE_DEFAULT);
  created = chd_cluster_create_finish (engine.cluster, result, &error);
  g_assert_no_error (error);
  chd_test_wait_for (chd_json_lookup_string (chd_reflector_lookup (reflector, NULL, "r"), "status/podName", NULL) !=
                         NULL ||
                     g_strcmp0 (chd_json_string (condition_of (reflector, "r"), "status", NULL), "False") == 0);
  g_test_message ("%s", chd_json_string (condition_of (reflector, "r"), "message", "—"));
  pod = chd_json_lookup_string (chd_reflector_lookup (reflector, NULL, "r"), "status/podName", NULL);
  g_assert_nonnull (pod);
  log = chd_log_stream_new (engine.cluster, NULL, pod, "step-main");
  chd_log_stream_set_backoff (log, 50);
  g_signal_connect (log, "line", G_CALLBACK (line_cb), lines);
  g_signal_connect (log, "ended", G_CALLBACK (ended_cb), &ended);
  chd_log_stream_start (log, TRUE);
  chd_test_wait_for (ended);
  chd_test_wait_for (g_strcmp0 (chd_json_string (condition_of (reflector, "r"), "status", NULL), "Unknown") != 0);
  g_assert_cmpstr (chd_json_string (condition_of (reflector, "r"), "status", NULL), ==, "True");
  g_assert_cmpuint (lines->len, ==, 6);
  g_assert_cmpstr (lines->pdata[0], ==, "line 1");
  g_assert_cmpstr (lines->pdata[5], ==, "end");

  CALL (result, chd_cluster_delete_async, engine.cluster, CHD_KUBE_TASK_RUN, NULL, "r", chd_kube_get_uid (created));
  g_assert_true (chd_cluster_delete_finish (engine.cluster, result, &error));
  chd_test_wait_for (chd_reflector_get_n_objects (reflector) == 0);
  chd_reflector_stop (reflector);
  engine_stop (&engine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cloud/with-engine/verbs", test_verbs);
  g_test_add_func ("/cloud/with-engine/run", test_run);
  return g_test_run ();
}
