/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine at work: puts storage, registry, sandbox, controllers and API together, opens the socket when all of it is
 * ready, and ends in the reverse order. Steps that run go on; the next engine adopts them. */

#include "config.h"

#include "engine-service.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chd-api-server.h"
#include "chd-controllers.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-kube.h"
#include "chd-util.h"

#define MAX_DESCRIPTORS 65536
/* Answers that are still to be given when the store has closed. */
#define LAST_ROUNDS 1000
#define TASK_RUNS "taskruns.tekton.dev"
#define NAMESPACES "namespaces."

typedef struct
{
  const EngineOptions *options;
  GMainLoop *loop;
  int lock;
  ChdObjectStore *store;
  ChdRegistryStore *registry;
  ChdRegistryServer *registry_server;
  ChdImageStore *images;
  ChdSandbox *sandbox;
  ChdControllers *controllers;
  ChdApiServer *api;
  guint idle_timer;
} Engine;

/* Every connection and every step needs a descriptor. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = MIN (limit.rlim_max, MAX_DESCRIPTORS);
  setrlimit (RLIMIT_NOFILE, &limit);
}

/* One engine a data folder. The lock goes with the process, however it ends. */
static gboolean
lock_folder (Engine *engine, GError **error)
{
  g_autofree char *path = g_build_filename (engine->options->data, "engine.lock", NULL);

  engine->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (engine->lock >= 0 && flock (engine->lock, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  if (engine->lock >= 0 && errno == EWOULDBLOCK)
    g_set_error (error, CHD_ERROR, CHD_ERROR_CONFLICT, _ ("Another engine works on %s already."),
                 engine->options->data);
  else
    g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The folder %s cannot be used: %s"), engine->options->data,
                 g_strerror (errno));
  return FALSE;
}

/* What every cluster has from the beginning. */
static gboolean
ensure_defaults (ChdTransaction *transaction, gpointer data, GError **error)
{
  JsonObject *object;

  if (chd_transaction_get (transaction, NAMESPACES, "", "default") != NULL)
    return TRUE;
  object = chd_kube_object_new (CHD_KUBE_NAMESPACE, NULL, "default");
  chd_kube_set_label (object, "kubernetes.io/metadata.name", "default");
  json_object_set_array_member (chd_json_ensure_object (object, "spec"), "finalizers",
                                chd_json_array_from_strv ((const char *const[]){ "kubernetes", NULL }));
  json_object_set_string_member (chd_json_ensure_object (object, "status"), "phase", "Active");
  chd_transaction_put (transaction, NAMESPACES, object);
  chd_transaction_put (transaction, "serviceaccounts.",
                       chd_kube_object_new (CHD_KUBE_SERVICE_ACCOUNT, "default", "default"));
  return TRUE;
}

static JsonArray *
describe_steps (Engine *engine)
{
  g_autoptr (GPtrArray) runs = chd_object_store_list (engine->store, TASK_RUNS, NULL);
  JsonArray *steps = json_array_new ();

  for (guint i = 0; i < runs->len; i++)
    {
      JsonObject *run = runs->pdata[i];
      const char *pod = chd_json_lookup_string (run, "status/podName", NULL);
      JsonObject *step;

      if (pod == NULL || *pod == '\0' || chd_json_lookup (run, "status/completionTime") != NULL)
        continue;
      step = json_object_new ();
      json_object_set_string_member (step, "namespace", chd_kube_get_namespace (run));
      json_object_set_string_member (step, "taskRun", chd_kube_get_name (run));
      json_object_set_string_member (step, "pod", pod);
      json_array_add_object_element (steps, step);
    }
  return steps;
}

static JsonObject *
describe (Engine *engine)
{
  JsonObject *status = json_object_new ();

  json_object_set_int_member (status, "pid", getpid ());
  json_object_set_string_member (status, "state", "running");
  json_object_set_string_member (status, "socket", engine->options->socket);
  json_object_set_string_member (status, "data", engine->options->data);
  json_object_set_string_member (status, "version", CHD_VERSION);
  json_object_set_boolean_member (status, "idle", chd_controllers_is_idle (engine->controllers));
  json_object_set_object_member (status, "sandbox", chd_sandbox_describe (engine->sandbox));
  json_object_set_array_member (status, "steps", describe_steps (engine));
  return status;
}

static gboolean
quit_cb (gpointer user_data)
{
  Engine *engine = user_data;

  g_main_loop_quit (engine->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
stop_cb (gpointer user_data)
{
  quit_cb (user_data);
  return G_SOURCE_REMOVE;
}

/* The engine's own commands. */
static JsonObject *
private_cb (const char *name, gpointer user_data, GError **error)
{
  Engine *engine = user_data;

  if (g_str_equal (name, "status"))
    return describe (engine);
  if (g_str_equal (name, "stop"))
    {
      g_idle_add_full (G_PRIORITY_LOW, stop_cb, engine, NULL);
      return json_object_new ();
    }
  if (g_str_equal (name, "kubeconfig"))
    {
      g_autofree char *kubeconfig = chd_api_server_listen_tcp (engine->api, 0, error);
      JsonObject *answer;

      if (kubeconfig == NULL)
        return NULL;
      answer = json_object_new ();
      json_object_set_string_member (answer, "kubeconfig", kubeconfig);
      return answer;
    }
  if (g_str_equal (name, "check"))
    {
      g_auto (GStrv) problems = chd_controllers_check (engine->controllers);
      JsonObject *answer = json_object_new ();

      json_object_set_array_member (answer, "problems", chd_json_array_from_strv ((const char *const *) problems));
      return answer;
    }
  return NULL;
}

static gboolean
idle_cb (gpointer user_data)
{
  Engine *engine = user_data;

  engine->idle_timer = 0;
  g_main_loop_quit (engine->loop);
  return G_SOURCE_REMOVE;
}

/* Begins to count when there is nothing to do, and stops when there is. */
static void
look_for_work (Engine *engine)
{
  gboolean idle = chd_api_server_get_n_busy (engine->api) == 0 && chd_controllers_is_idle (engine->controllers);

  g_clear_handle_id (&engine->idle_timer, g_source_remove);
  if (idle && engine->options->idle_seconds > 0)
    engine->idle_timer = g_timeout_add_seconds ((guint) engine->options->idle_seconds, idle_cb, engine);
}

static void
work_changed_cb (GObject *object, GParamSpec *pspec, Engine *engine)
{
  look_for_work (engine);
}

static void
defaults_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Engine *engine = user_data;
  g_autoptr (GError) error = NULL;

  if (!chd_object_store_transact_finish (engine->store, result, NULL, &error))
    g_printerr ("%s\n", error->message);
  chd_controllers_start (engine->controllers);
  if (!chd_api_server_listen_socket (engine->api, engine->options->socket, &error))
    {
      g_printerr ("%s\n", error->message);
      g_main_loop_quit (engine->loop);
      return;
    }
  g_signal_connect (engine->api, "notify::n-busy", G_CALLBACK (work_changed_cb), engine);
  g_signal_connect (engine->controllers, "notify::idle", G_CALLBACK (work_changed_cb), engine);
  look_for_work (engine);
}

static gboolean
open_all (Engine *engine, GError **error)
{
  const char *data = engine->options->data;
  g_autofree char *registry = g_build_filename (data, "registry", NULL);
  g_autofree char *roots = g_build_filename (data, "roots", NULL);

  if (!chd_make_private_directory (data, error) || !lock_folder (engine, error))
    return FALSE;
  engine->store = chd_object_store_open (data, error);
  engine->registry = engine->store != NULL ? chd_registry_store_open (registry, error) : NULL;
  if (engine->registry == NULL)
    return FALSE;
  engine->registry_server = chd_registry_server_new (engine->registry);
  engine->images = chd_image_store_new (engine->registry, roots);
  engine->sandbox = chd_sandbox_new (engine->options->allow_unsandboxed);
  engine->controllers = chd_controllers_new (engine->store, engine->images, engine->sandbox, data);
  engine->api = chd_api_server_new (engine->store, engine->registry_server, data);
  chd_api_server_set_private_func (engine->api, private_cb, engine);
  return TRUE;
}

static void
close_all (Engine *engine)
{
  g_clear_handle_id (&engine->idle_timer, g_source_remove);
  if (engine->controllers != NULL)
    {
      g_signal_handlers_disconnect_by_data (engine->controllers, engine);
      chd_controllers_stop (engine->controllers);
    }
  if (engine->store != NULL)
    chd_object_store_close (engine->store);
  for (guint i = 0; i < LAST_ROUNDS && g_main_context_iteration (NULL, FALSE); i++)
    ;
  if (engine->api != NULL)
    {
      g_signal_handlers_disconnect_by_data (engine->api, engine);
      chd_api_server_stop (engine->api);
    }
  g_clear_object (&engine->api);
  g_clear_object (&engine->controllers);
  g_clear_object (&engine->sandbox);
  g_clear_object (&engine->images);
  g_clear_object (&engine->registry_server);
  g_clear_object (&engine->registry);
  g_clear_object (&engine->store);
  if (engine->lock >= 0)
    close (engine->lock);
}

int
engine_serve (const EngineOptions *options)
{
  Engine engine = { .options = options, .lock = -1 };
  g_autoptr (GError) error = NULL;
  int status = 0;

  raise_descriptor_limit ();
  signal (SIGPIPE, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  umask (077);
  engine.loop = g_main_loop_new (NULL, FALSE);
  if (open_all (&engine, &error))
    {
      guint term = g_unix_signal_add (SIGTERM, quit_cb, &engine);
      guint interrupt = g_unix_signal_add (SIGINT, quit_cb, &engine);

      chd_object_store_transact_async (engine.store, ensure_defaults, NULL, NULL, NULL, defaults_cb, &engine);
      g_main_loop_run (engine.loop);
      g_source_remove (term);
      g_source_remove (interrupt);
    }
  else
    {
      g_printerr ("%s\n", error->message);
      status = 1;
    }
  close_all (&engine);
  g_main_loop_unref (engine.loop);
  return status;
}
