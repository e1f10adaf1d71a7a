/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The objects of one chain on an engine, listed and deleted. */

#include "config.h"

#include "chd-chain-objects.h"

#include "chd-each.h"

#define PARALLEL 4

static const ChdKubeType types[] = { CHD_KUBE_TASK, CHD_KUBE_PIPELINE, CHD_KUBE_CONFIG_MAP, CHD_KUBE_PIPELINE_RUN };

typedef struct
{
  ChdCluster *cluster; /* (owned) */
  char *selector;      /* (owned) (nullable) when deleting */
  GPtrArray *objects;  /* (owned) of JsonObject */
} Objects;

typedef struct
{
  ChdEach *each;
  Objects *work;
} Item;

static void
objects_free (Objects *work)
{
  g_clear_object (&work->cluster);
  g_free (work->selector);
  g_ptr_array_unref (work->objects);
  g_free (work);
}

static Item *
item_new (ChdEach *each, Objects *work)
{
  Item *item = g_new (Item, 1);

  item->each = each;
  item->work = work;
  return item;
}

static void
all_done_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (chd_each_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Item *item = user_data;
  GError *error = NULL;
  g_autoptr (GPtrArray) list = chd_cluster_list_finish (CHD_CLUSTER (object), result, NULL, &error);

  for (guint i = 0; list != NULL && i < list->len; i++)
    g_ptr_array_add (item->work->objects, json_object_ref (list->pdata[i]));
  chd_each_done (item->each, error);
}

static void
list_one (ChdEach *each, guint index, gpointer data)
{
  Objects *work = data;

  chd_cluster_list_async (work->cluster, types[index], NULL, work->selector, chd_each_get_cancellable (each), listed_cb,
                          item_new (each, work));
}

void
chd_chain_objects_list_async (ChdCluster *cluster,
                              const char *chain,
                              gboolean with_runs,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Objects *work = g_new0 (Objects, 1);

  g_task_set_source_tag (task, chd_chain_objects_list_async);
  g_task_set_task_data (task, work, (GDestroyNotify) objects_free);
  work->cluster = g_object_ref (cluster);
  work->objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  work->selector = chd_kube_selector (CHD_LABEL_MANAGED_BY, CHD_LABEL_MANAGED_BY_VALUE, CHD_LABEL_CHAIN, chain, NULL);
  chd_each_async (G_N_ELEMENTS (types) - (with_runs ? 0 : 1), PARALLEL, list_one, work, cancellable, all_done_cb, task);
}

GPtrArray *
chd_chain_objects_list_finish (GAsyncResult *result, GError **error)
{
  Objects *work = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_ptr_array_ref (work->objects) : NULL;
}

static void
deleted_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdEach *each = user_data;
  GError *error = NULL;

  chd_cluster_delete_finish (CHD_CLUSTER (object), result, &error);
  chd_each_done (each, error);
}

static void
delete_one (ChdEach *each, guint index, gpointer data)
{
  Objects *work = data;
  JsonObject *object = work->objects->pdata[index];
  ChdKubeType type;

  if (!chd_kube_type_of (object, &type))
    {
      chd_each_done (each, NULL);
      return;
    }
  chd_cluster_delete_async (work->cluster, type, chd_kube_get_namespace (object), chd_kube_get_name (object),
                            chd_kube_get_uid (object), chd_each_get_cancellable (each), deleted_cb, each);
}

void
chd_chain_objects_delete_async (ChdCluster *cluster,
                                GPtrArray *objects,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Objects *work = g_new0 (Objects, 1);

  g_task_set_source_tag (task, chd_chain_objects_delete_async);
  g_task_set_task_data (task, work, (GDestroyNotify) objects_free);
  work->cluster = g_object_ref (cluster);
  work->objects = g_ptr_array_ref (objects);
  chd_each_async (objects->len, PARALLEL, delete_one, work, cancellable, all_done_cb, task);
}

gboolean
chd_chain_objects_delete_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
