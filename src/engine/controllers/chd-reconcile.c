/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frame around every transaction of the controllers. */

#include "config.h"

#include "chd-reconcile.h"

#include "chd-util.h"

typedef struct
{
  ChdEngineClock *clock; /* (owned) */
  ChdReconcileFunc func;
  gpointer data;
  GDestroyNotify destroy;
  gint64 again;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->destroy != NULL)
    job->destroy (job->data);
  chd_engine_clock_unref (job->clock);
  g_free (job);
}

static gboolean
run_job (ChdTransaction *transaction, gpointer data, GError **error)
{
  Job *job = data;
  g_autofree char *now = chd_format_timestamp (g_get_real_time () / G_USEC_PER_SEC);
  ChdReconcile reconcile = { transaction, job->clock, now, -1 };

  job->func (&reconcile, job->data);
  job->again = reconcile.again;
  return TRUE;
}

void
chd_reconcile_async (ChdObjectStore *store,
                     ChdEngineClock *clock,
                     ChdReconcileFunc func,
                     gpointer data,
                     GDestroyNotify destroy,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->clock = chd_engine_clock_ref (clock);
  job->func = func;
  job->data = data;
  job->destroy = destroy;
  job->again = -1;
  chd_object_store_transact_async (store, run_job, job, job_free, NULL, callback, user_data);
}

gboolean
chd_reconcile_finish (ChdObjectStore *store, GAsyncResult *result, gint64 *again, GError **error)
{
  Job *job = g_task_get_task_data (G_TASK (result));

  if (!chd_object_store_transact_finish (store, result, NULL, error))
    return FALSE;
  if (again != NULL)
    *again = job->again;
  return TRUE;
}
