/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What waits for people: listed with the runs it belongs to. An approval of a run that has ended is not shown, although
 * the gate would still take an answer. */

#include "config.h"

#include "chd-approvals.h"

#include "chd-approval-read.h"
#include "chd-each.h"
#include "chd-error.h"
#include "chd-kube.h"
#include "chd-run-status.h"

#define PARALLEL 4

typedef struct
{
  GPtrArray *tasks; /* (owned) (nullable) of JsonObject: pending ones */
  GPtrArray *names; /* (owned) of char *: their runs, each once */
  GHashTable *runs; /* (owned): name → JsonObject, those that go on */
} ListWork;

typedef struct
{
  ChdEach *each;
  ListWork *work;
  const char *name;
} Item;

static void
list_work_free (ListWork *work)
{
  g_clear_pointer (&work->tasks, g_ptr_array_unref);
  g_ptr_array_unref (work->names);
  g_hash_table_unref (work->runs);
  g_free (work);
}

static int
compare_approvals (gconstpointer a, gconstpointer b)
{
  const ChdApproval *left = *(ChdApproval **) a;
  const ChdApproval *right = *(ChdApproval **) b;

  if (left->created_at != right->created_at)
    return left->created_at < right->created_at ? -1 : 1;
  return g_strcmp0 (left->name, right->name);
}

static GPtrArray *
make_list (ListWork *work)
{
  GPtrArray *approvals = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_approval_unref);

  for (guint i = 0; i < work->tasks->len; i++)
    {
      JsonObject *task = work->tasks->pdata[i];
      const char *name = chd_kube_get_label (task, CHD_LABEL_TEKTON_PIPELINE_RUN);
      JsonObject *run = name != NULL ? g_hash_table_lookup (work->runs, name) : NULL;

      if (name == NULL || run != NULL)
        g_ptr_array_add (approvals, chd_approval_read (task, run));
    }
  g_ptr_array_sort (approvals, compare_approvals);
  return approvals;
}

static void
runs_known_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (chd_each_finish (result, &error))
    g_task_return_pointer (task, make_list (g_task_get_task_data (task)), (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
run_known_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Item *item = user_data;
  GError *error = NULL;
  g_autoptr (JsonObject) run = chd_cluster_get_finish (CHD_CLUSTER (object), result, &error);

  if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
    g_clear_error (&error);
  if (run != NULL)
    {
      g_autoptr (ChdRunStatus) status = chd_run_status_read_summary (run);

      if (!status->finished)
        g_hash_table_insert (item->work->runs, g_strdup (item->name), json_object_ref (run));
    }
  chd_each_done (item->each, error);
}

static void
ask_run (ChdEach *each, guint index, gpointer data)
{
  GTask *task = data;
  ChdSession *session = g_task_get_source_object (task);
  Item *item = g_new (Item, 1);

  item->each = each;
  item->work = g_task_get_task_data (task);
  item->name = item->work->names->pdata[index];
  chd_cluster_get_async (chd_session_get_cluster (session), CHD_KUBE_PIPELINE_RUN, NULL, item->name,
                         chd_each_get_cancellable (each), run_known_cb, item);
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ListWork *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GPtrArray) all = chd_cluster_list_finish (CHD_CLUSTER (object), result, NULL, &error);

  if (all == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  work->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  for (guint i = 0; i < all->len; i++)
    {
      const char *run = chd_kube_get_label (all->pdata[i], CHD_LABEL_TEKTON_PIPELINE_RUN);

      if (!g_str_equal (chd_approval_task_get_state (all->pdata[i]), "pending"))
        continue;
      g_ptr_array_add (work->tasks, json_object_ref (all->pdata[i]));
      if (run != NULL && !g_ptr_array_find_with_equal_func (work->names, run, g_str_equal, NULL))
        g_ptr_array_add (work->names, g_strdup (run));
    }
  chd_each_async (work->names->len, PARALLEL, ask_run, task, g_task_get_cancellable (task), runs_known_cb,
                  g_object_ref (task));
}

void
chd_approvals_list_async (ChdSession *session,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  ListWork *work = g_new0 (ListWork, 1);

  g_task_set_source_tag (task, chd_approvals_list_async);
  g_task_set_task_data (task, work, (GDestroyNotify) list_work_free);
  work->names = g_ptr_array_new_with_free_func (g_free);
  work->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  if (!chd_session_get_info (session)->approvals)
    {
      g_task_return_pointer (task, g_ptr_array_new (), (GDestroyNotify) g_ptr_array_unref);
      g_object_unref (task);
      return;
    }
  chd_cluster_list_async (chd_session_get_cluster (session), CHD_KUBE_APPROVAL_TASK, NULL, NULL, cancellable, listed_cb,
                          task);
}

GPtrArray *
chd_approvals_list_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
