/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs that are there: listed, opened, stopped. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-engine-chains.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-kube.h"
#include "chd-run-private.h"

/* Listing. */

static int
compare_runs (gconstpointer a, gconstpointer b)
{
  const ChdRunStatus *left = *(ChdRunStatus **) a;
  const ChdRunStatus *right = *(ChdRunStatus **) b;

  if (left->created_at != right->created_at)
    return left->created_at > right->created_at ? -1 : 1;
  return g_strcmp0 (left->name, right->name);
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_run_status_unref);
  GError *error = NULL;
  g_autoptr (GPtrArray) objects = chd_cluster_list_finish (CHD_CLUSTER (object), result, NULL, &error);

  if (objects == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < objects->len; i++)
    g_ptr_array_add (runs, chd_run_status_read_summary (objects->pdata[i]));
  g_ptr_array_sort (runs, compare_runs);
  g_task_return_pointer (task, g_steal_pointer (&runs), (GDestroyNotify) g_ptr_array_unref);
}

void
chd_run_list_async (ChdSession *session,
                    const char *chain,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  g_autofree char *selector = NULL;

  g_task_set_source_tag (task, chd_run_list_async);
  if (chain != NULL && !chd_kube_is_label_value (chain))
    {
      g_task_return_pointer (task, g_ptr_array_new (), (GDestroyNotify) g_ptr_array_unref);
      g_object_unref (task);
      return;
    }
  selector = chd_kube_selector (CHD_LABEL_CHAIN, chain != NULL ? chain : "*", NULL);
  chd_cluster_list_async (chd_session_get_cluster (session), CHD_KUBE_PIPELINE_RUN, NULL, selector, cancellable,
                          listed_cb, task);
}

GPtrArray *
chd_run_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Opening. */

typedef struct
{
  char *name;              /* (owned) */
  ChdChain *chain;         /* (owned) (nullable) */
  ChdCatalogue *catalogue; /* (owned) */
  JsonObject *run;         /* (owned) (nullable) */
} OpenRun;

static void
open_run_free (OpenRun *open)
{
  g_free (open->name);
  g_clear_object (&open->chain);
  g_clear_object (&open->catalogue);
  g_clear_pointer (&open->run, json_object_unref);
  g_free (open);
}

static void
set_not_found (GError **error, const char *name)
{
  g_clear_error (error);
  /* Translators: %s is the name of a run */
  g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("There is no run “%s” on this engine."), name);
  chd_error_set_object (*error, name);
}

static void
return_run (GTask *task)
{
  OpenRun *open = g_task_get_task_data (task);

  g_task_return_pointer (task, chd_run_new (g_task_get_source_object (task), open->chain, open->catalogue, open->run),
                         g_object_unref);
}

/* A chain that is no longer on the engine: of what it was, its runs have the nodes, by the labels of their tasks. */
static ChdChain *
make_bare_chain (JsonObject *run)
{
  const char *name = chd_kube_get_label (run, CHD_LABEL_CHAIN);
  const char *title = chd_kube_get_annotation (run, CHD_ANNOTATION_TITLE);
  JsonArray *specs = chd_json_lookup_array (run, "spec/taskRunSpecs");
  ChdChain *chain = chd_chain_new (name, title != NULL ? title : name);

  for (guint i = 0; i < chd_json_length (specs); i++)
    {
      JsonObject *labels = chd_json_lookup_object (chd_json_object_at (specs, i), "metadata/labels");
      const char *node = chd_json_string (labels, CHD_LABEL_NODE, NULL);

      if (node != NULL && chd_chain_find_node (chain, node) == NULL)
        chd_chain_append (chain, chd_node_new (node, node, NULL));
    }
  return chain;
}

static void
chain_opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OpenRun *open = g_task_get_task_data (task);
  GError *error = NULL;

  open->chain = chd_engine_chains_open_finish (result, NULL, &error);
  if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      open->chain = make_bare_chain (open->run);
    }
  if (open->chain != NULL)
    return_run (task);
  else
    g_task_return_error (task, error);
}

static void
got_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  OpenRun *open = g_task_get_task_data (task);
  const char *chain;
  GError *error = NULL;

  open->run = chd_cluster_get_finish (CHD_CLUSTER (object), result, &error);
  if (open->run == NULL)
    {
      if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
        set_not_found (&error, open->name);
      g_task_return_error (task, error);
      return;
    }
  if (open->chain != NULL)
    {
      return_run (task);
      return;
    }
  chain = chd_kube_get_label (open->run, CHD_LABEL_CHAIN);
  if (chain == NULL)
    {
      /* Translators: %s is the name of a run */
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                               _ ("The run “%s” is not one of a chain of Chain Designer."), open->name);
      return;
    }
  chd_engine_chains_open_async (g_task_get_source_object (task), chain, g_task_get_cancellable (task), chain_opened_cb,
                                g_object_ref (task));
}

void
chd_run_open_async (ChdSession *session,
                    const char *name,
                    ChdChain *chain,
                    ChdCatalogue *catalogue,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  OpenRun *open = g_new0 (OpenRun, 1);

  g_task_set_source_tag (task, chd_run_open_async);
  g_task_set_task_data (task, open, (GDestroyNotify) open_run_free);
  open->name = g_strdup (name);
  g_set_object (&open->chain, chain);
  open->catalogue = g_object_ref (catalogue);
  chd_cluster_get_async (chd_session_get_cluster (session), CHD_KUBE_PIPELINE_RUN, NULL, name, cancellable, got_cb,
                         task);
}

ChdRun *
chd_run_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Stopping. */

typedef struct
{
  char *name; /* (owned) */
  ChdStopMode mode;
} Stop;

static void
stop_free (Stop *stop)
{
  g_free (stop->name);
  g_free (stop);
}

static JsonNode *
make_patch (ChdStopMode mode)
{
  static const char *const words[] = { "Cancelled", "CancelledRunFinally", "StoppedRunFinally" };
  g_autoptr (JsonObject) patch = json_object_new ();

  json_object_set_string_member (chd_json_ensure_object (patch, "spec"), "status", words[mode]);
  return chd_json_node_from_object (patch);
}

static void
patched_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (JsonObject) run = chd_cluster_patch_finish (CHD_CLUSTER (object), result, &error);

  if (run != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
looked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Stop *stop = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) run = chd_cluster_get_finish (CHD_CLUSTER (object), result, &error);
  g_autoptr (ChdRunStatus) status = run != NULL ? chd_run_status_read_summary (run) : NULL;
  g_autoptr (JsonNode) patch = make_patch (stop->mode);

  if (run == NULL)
    {
      if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
        set_not_found (&error, stop->name);
      g_task_return_error (task, error);
    }
  else if (status->finished)
    {
      /* Translators: %s is the name of a run */
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_CONFLICT, _ ("The run “%s” has ended already."), stop->name);
    }
  else
    {
      chd_cluster_patch_async (CHD_CLUSTER (object), CHD_KUBE_PIPELINE_RUN, NULL, stop->name, NULL, CHD_PATCH_MERGE,
                               patch, CHD_WRITE_DEFAULT, g_task_get_cancellable (task), patched_cb,
                               g_object_ref (task));
    }
}

void
chd_run_stop_async (ChdSession *session,
                    const char *name,
                    ChdStopMode mode,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  Stop *stop = g_new0 (Stop, 1);

  g_task_set_source_tag (task, chd_run_stop_async);
  g_task_set_task_data (task, stop, (GDestroyNotify) stop_free);
  stop->name = g_strdup (name);
  stop->mode = mode;
  chd_cluster_get_async (chd_session_get_cluster (session), CHD_KUBE_PIPELINE_RUN, NULL, name, cancellable, looked_cb,
                         task);
}

gboolean
chd_run_stop_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
