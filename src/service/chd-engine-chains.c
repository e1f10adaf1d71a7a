/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chains that an engine holds: listed, opened, deleted. */

#include "config.h"

#include "chd-engine-chains.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-chain-objects.h"
#include "chd-chain-reader.h"
#include "chd-compiler.h"
#include "chd-error.h"
#include "chd-journal.h"
#include "chd-json.h"
#include "chd-kube.h"
#include "chd-util.h"

void
chd_engine_chain_free (ChdEngineChain *chain)
{
  g_free (chain->name);
  g_free (chain->title);
  g_free (chain->unit_path);
  g_free (chain->revision);
  g_free (chain->hash);
  g_free (chain);
}

static ChdEngineChain *
read_chain (JsonObject *object)
{
  const char *name = chd_kube_get_label (object, CHD_LABEL_CHAIN);
  const char *title = chd_kube_get_annotation (object, CHD_ANNOTATION_TITLE);
  g_autofree char *expected = name != NULL ? chd_design_name (name) : NULL;
  ChdEngineChain *chain;

  if (name == NULL || g_strcmp0 (expected, chd_kube_get_name (object)) != 0)
    return NULL;
  chain = g_new0 (ChdEngineChain, 1);
  chain->name = g_strdup (name);
  chain->title = chd_str_sanitize (title != NULL ? title : name, -1, 1000);
  chain->unit_path = g_strdup (chd_kube_get_annotation (object, CHD_ANNOTATION_UNIT_PATH));
  chain->revision = g_strdup (chd_kube_get_annotation (object, CHD_ANNOTATION_REVISION));
  chain->hash = g_strdup (chd_kube_get_annotation (object, CHD_ANNOTATION_HASH));
  chd_parse_timestamp (chd_kube_get_creation_timestamp (object), &chain->created_at);
  return chain;
}

static int
compare_chains (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 ((*(ChdEngineChain **) a)->name, (*(ChdEngineChain **) b)->name);
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) maps = NULL;
  g_autoptr (GPtrArray) chains = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_engine_chain_free);
  GError *error = NULL;

  maps = chd_cluster_list_finish (CHD_CLUSTER (object), result, NULL, &error);
  if (maps == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < maps->len; i++)
    {
      ChdEngineChain *chain = read_chain (maps->pdata[i]);

      if (chain != NULL)
        g_ptr_array_add (chains, chain);
    }
  g_ptr_array_sort (chains, compare_chains);
  g_task_return_pointer (task, g_steal_pointer (&chains), (GDestroyNotify) g_ptr_array_unref);
}

void
chd_engine_chains_list_async (ChdSession *session,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  g_autofree char *selector =
      chd_kube_selector (CHD_LABEL_MANAGED_BY, CHD_LABEL_MANAGED_BY_VALUE, CHD_LABEL_CHAIN, "*", NULL);

  g_task_set_source_tag (task, chd_engine_chains_list_async);
  chd_cluster_list_async (chd_session_get_cluster (session), CHD_KUBE_CONFIG_MAP, NULL, selector, cancellable,
                          listed_cb, task);
}

GPtrArray *
chd_engine_chains_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Opening. The task's data is the name; its result the document's text. */

static void
set_not_found (GError **error, const char *name)
{
  g_clear_error (error);
  /* Translators: %s is a chain's name */
  g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("There is no chain “%s” on this engine."), name);
  chd_error_set_object (*error, name);
}

static void
got_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const char *name = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) map = chd_cluster_get_finish (CHD_CLUSTER (object), result, &error);
  const char *text = map != NULL ? chd_json_string (chd_json_object (map, "data"), CHD_DESIGN_KEY, NULL) : NULL;

  if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND) || (error == NULL && text == NULL))
    set_not_found (&error, name);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_strdup (text), g_free);
}

void
chd_engine_chains_open_async (ChdSession *session,
                              const char *name,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  g_autofree char *design = NULL;

  g_task_set_source_tag (task, chd_engine_chains_open_async);
  g_task_set_task_data (task, g_strdup (name), g_free);
  if (!chd_str_is_label (name, CHD_MAX_NAME))
    {
      GError *error = NULL;

      set_not_found (&error, name);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  design = chd_design_name (name);
  chd_cluster_get_async (chd_session_get_cluster (session), CHD_KUBE_CONFIG_MAP, NULL, design, cancellable, got_cb,
                         task);
}

ChdChain *
chd_engine_chains_open_finish (GAsyncResult *result, char **text, GError **error)
{
  g_autofree char *document = g_task_propagate_pointer (G_TASK (result), error);
  ChdChain *chain = document != NULL ? chd_chain_read (document, strlen (document), error) : NULL;

  if (chain != NULL && text != NULL)
    *text = g_steal_pointer (&document);
  return chain;
}

/* Deleting: runs first, for they use the rest; then the chain's own Pipeline with everything else. */

typedef enum
{
  STEP_LIST,
  STEP_DELETE_RUNS,
  STEP_DELETE_REST,
  STEP_READ_JOURNAL,
  STEP_END_JOURNAL,
  STEP_DONE,
} DeleteStep;

typedef struct
{
  DeleteStep step;
  char *name; /* (owned) */
  gboolean with_runs;
  GPtrArray *runs; /* (owned) of JsonObject */
  GPtrArray *rest; /* (owned) of JsonObject */
  gint64 creation; /* a creation of this chain that was not ended; 0 for none */
} Delete;

static void
delete_free (Delete *work)
{
  g_free (work->name);
  g_ptr_array_unref (work->runs);
  g_ptr_array_unref (work->rest);
  g_free (work);
}

static void
sort_objects (Delete *work, GPtrArray *objects)
{
  for (guint i = 0; i < objects->len; i++)
    g_ptr_array_add (g_strcmp0 (chd_kube_get_kind (objects->pdata[i]), "PipelineRun") == 0 ? work->runs : work->rest,
                     json_object_ref (objects->pdata[i]));
}

static gboolean
collect_journal (Delete *work, GAsyncResult *result, GError **error)
{
  g_autoptr (GPtrArray) creations = chd_journal_list_finish (result, error);

  for (guint i = 0; creations != NULL && i < creations->len; i++)
    {
      const ChdJournalCreation *creation = creations->pdata[i];

      if (g_strcmp0 (creation->chain, work->name) == 0)
        work->creation = creation->id;
    }
  work->step = work->creation != 0 ? STEP_END_JOURNAL : STEP_DONE;
  return creations != NULL;
}

static gboolean
delete_collect (Delete *work, GAsyncResult *result, GError **error)
{
  g_autoptr (GPtrArray) objects = NULL;

  switch (work->step)
    {
    case STEP_LIST:
      objects = chd_chain_objects_list_finish (result, error);
      if (objects == NULL)
        return FALSE;
      sort_objects (work, objects);
      if (objects->len == 0)
        {
          set_not_found (error, work->name);
          return FALSE;
        }
      work->step = STEP_DELETE_RUNS;
      return TRUE;
    case STEP_DELETE_RUNS:
      work->step = STEP_DELETE_REST;
      return chd_chain_objects_delete_finish (result, error);
    case STEP_DELETE_REST:
      work->step = STEP_READ_JOURNAL;
      return chd_chain_objects_delete_finish (result, error);
    case STEP_READ_JOURNAL:
      return collect_journal (work, result, error);
    case STEP_END_JOURNAL:
      work->step = STEP_DONE;
      return chd_journal_end_finish (result, error);
    case STEP_DONE:
      break;
    }
  g_assert_not_reached ();
}

static void delete_step_cb (GObject *object, GAsyncResult *result, gpointer user_data);

static void
delete_advance (GTask *task)
{
  Delete *work = g_task_get_task_data (task);
  ChdSession *session = g_task_get_source_object (task);
  ChdCluster *cluster = chd_session_get_cluster (session);
  GCancellable *cancellable = g_task_get_cancellable (task);

  switch (work->step)
    {
    case STEP_LIST:
      chd_chain_objects_list_async (cluster, work->name, work->with_runs, cancellable, delete_step_cb, task);
      break;
    case STEP_DELETE_RUNS:
      chd_chain_objects_delete_async (cluster, work->runs, cancellable, delete_step_cb, task);
      break;
    case STEP_DELETE_REST:
      chd_chain_objects_delete_async (cluster, work->rest, cancellable, delete_step_cb, task);
      break;
    case STEP_READ_JOURNAL:
      chd_journal_list_async (chd_session_get_store (session), chd_session_get_engine_id (session), delete_step_cb,
                              task);
      break;
    case STEP_END_JOURNAL:
      chd_journal_end_async (chd_session_get_store (session), work->creation, delete_step_cb, task);
      break;
    case STEP_DONE:
      g_task_return_int (task, work->runs->len + work->rest->len);
      g_object_unref (task);
      break;
    }
}

static void
delete_step_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (delete_collect (g_task_get_task_data (task), result, &error))
    delete_advance (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
chd_engine_chains_delete_async (ChdSession *session,
                                const char *name,
                                gboolean with_runs,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  Delete *work = g_new0 (Delete, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, chd_engine_chains_delete_async);
  g_task_set_task_data (task, work, (GDestroyNotify) delete_free);
  work->name = g_strdup (name);
  work->with_runs = with_runs;
  work->runs = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  work->rest = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  if (chd_str_is_label (name, CHD_MAX_NAME))
    {
      delete_advance (task);
      return;
    }
  /* Not a chain's name, and no text to make a selector of. */
  set_not_found (&error, name);
  g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
chd_engine_chains_delete_finish (GAsyncResult *result, guint *n_deleted, GError **error)
{
  gssize count = g_task_propagate_int (G_TASK (result), error);

  if (n_deleted != NULL)
    *n_deleted = (guint) MAX (count, 0);
  return count >= 0;
}
