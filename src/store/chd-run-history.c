/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The runs of this user, in the store. */

#include "config.h"

#include "chd-run-history.h"

#include "chd-store-private.h"

typedef struct
{
  char *engine;         /* (owned) */
  char *chain;          /* (owned) (nullable) */
  ChdRunRecord *record; /* (owned) (nullable) */
  GPtrArray *list;      /* (owned) (nullable) of ChdRunRecord */
} HistoryWork;

void
chd_run_record_free (ChdRunRecord *record)
{
  g_free (record->name);
  g_free (record->chain);
  g_free (record->uid);
  g_free (record->state);
  g_free (record);
}

static void
history_work_free (HistoryWork *work)
{
  g_free (work->engine);
  g_free (work->chain);
  g_clear_pointer (&work->record, chd_run_record_free);
  g_clear_pointer (&work->list, g_ptr_array_unref);
  g_free (work);
}

static GTask *
make_task (HistoryWork *work, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, work, (GDestroyNotify) history_work_free);
  return task;
}

static gboolean
write_work (sqlite3 *db, gpointer data, GError **error)
{
  HistoryWork *work = data;
  const ChdRunRecord *record = work->record;

  return chd_sql_run (db, error,
                      "INSERT INTO run (engine, name, chain, uid, state, created_at, started_at, finished_at)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                      " ON CONFLICT (engine, name) DO UPDATE SET uid = coalesce(excluded.uid, uid),"
                      " state = excluded.state,"
                      " created_at = iif(excluded.created_at > 0, excluded.created_at, created_at),"
                      " started_at = iif(excluded.started_at > 0, excluded.started_at, started_at),"
                      " finished_at = iif(excluded.finished_at > 0, excluded.finished_at, finished_at)",
                      "sssssiii", work->engine, record->name, record->chain, record->uid, record->state,
                      record->created_at, record->started_at, record->finished_at) &&
         chd_sql_run (db, error,
                      "DELETE FROM run WHERE (engine, name) IN"
                      " (SELECT engine, name FROM run ORDER BY created_at DESC LIMIT -1 OFFSET ?1)",
                      "i", (gint64) CHD_RUN_HISTORY_MAX);
}

void
chd_run_history_write_async (ChdStore *store,
                             const char *engine,
                             const ChdRunRecord *record,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  HistoryWork *work = g_new0 (HistoryWork, 1);

  work->engine = g_strdup (engine);
  work->record = g_new (ChdRunRecord, 1);
  *work->record = *record;
  work->record->name = g_strdup (record->name);
  work->record->chain = g_strdup (record->chain != NULL ? record->chain : "");
  work->record->uid = g_strdup (record->uid);
  work->record->state = g_strdup (record->state);
  chd_store_submit (store, make_task (work, callback, user_data), write_work);
}

gboolean
chd_run_history_write_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
remove_work (sqlite3 *db, gpointer data, GError **error)
{
  HistoryWork *work = data;

  return chd_sql_run (db, error, "DELETE FROM run WHERE engine = ?1 AND name = ?2", "ss", work->engine,
                      work->record->name);
}

void
chd_run_history_remove_async (ChdStore *store,
                              const char *engine,
                              const char *name,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  HistoryWork *work = g_new0 (HistoryWork, 1);

  work->engine = g_strdup (engine);
  work->record = g_new0 (ChdRunRecord, 1);
  work->record->name = g_strdup (name);
  chd_store_submit (store, make_task (work, callback, user_data), remove_work);
}

gboolean
chd_run_history_remove_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
list_work (sqlite3 *db, gpointer data, GError **error)
{
  HistoryWork *work = data;
  g_autoptr (GError) local = NULL;
  g_autoptr (ChdSqlStatement) rows =
      chd_sql_query (db, error,
                     "SELECT name, chain, uid, state, created_at, started_at, finished_at FROM run"
                     " WHERE engine = ?1 AND (?2 IS NULL OR chain = ?2) ORDER BY created_at DESC, name",
                     "ss", work->engine, work->chain);

  if (rows == NULL)
    return FALSE;
  while (chd_sql_step (rows, &local))
    {
      ChdRunRecord *record = g_new0 (ChdRunRecord, 1);

      record->name = chd_sql_dup_text (rows, 0);
      record->chain = chd_sql_dup_text (rows, 1);
      record->uid = chd_sql_dup_text (rows, 2);
      record->state = chd_sql_dup_text (rows, 3);
      record->created_at = sqlite3_column_int64 (rows, 4);
      record->started_at = sqlite3_column_int64 (rows, 5);
      record->finished_at = sqlite3_column_int64 (rows, 6);
      g_ptr_array_add (work->list, record);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
chd_run_history_list_async (ChdStore *store,
                            const char *engine,
                            const char *chain,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  HistoryWork *work = g_new0 (HistoryWork, 1);

  work->engine = g_strdup (engine);
  work->chain = g_strdup (chain);
  work->list = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_run_record_free);
  chd_store_submit (store, make_task (work, callback, user_data), list_work);
}

GPtrArray *
chd_run_history_list_finish (GAsyncResult *result, GError **error)
{
  HistoryWork *work = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&work->list) : NULL;
}
