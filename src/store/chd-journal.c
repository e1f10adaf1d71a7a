/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The journal of creations; rules (1) and (2) stand in the header. */

#include "config.h"

#include "chd-journal.h"

#include "chd-store-private.h"

static const char *const state_names[] = { "planned", "made", "failed" };

typedef struct
{
  char *engine;                 /* (owned) (nullable) */
  ChdJournalCreation *creation; /* (owned) (nullable) what is written, then what stands there */
  ChdJournalTarget *target;     /* (owned) (nullable) */
  GPtrArray *list;              /* (owned) (nullable) of ChdJournalCreation */
  gint64 id;
} JournalWork;

ChdJournalTarget *
chd_journal_target_new (const char *kind, const char *name, const char *action, const char *hash, gboolean is_new)
{
  ChdJournalTarget *target = g_new0 (ChdJournalTarget, 1);

  target->kind = g_strdup (kind);
  target->name = g_strdup (name);
  target->action = g_strdup (action);
  target->hash = g_strdup (hash);
  target->is_new = is_new;
  return target;
}

void
chd_journal_target_free (ChdJournalTarget *target)
{
  g_free (target->kind);
  g_free (target->name);
  g_free (target->action);
  g_free (target->hash);
  g_free (target->uid);
  g_free (target);
}

void
chd_journal_creation_free (ChdJournalCreation *creation)
{
  g_free (creation->chain);
  g_free (creation->hash);
  g_clear_pointer (&creation->targets, g_ptr_array_unref);
  g_free (creation);
}

static void
journal_work_free (JournalWork *work)
{
  g_free (work->engine);
  g_clear_pointer (&work->creation, chd_journal_creation_free);
  g_clear_pointer (&work->target, chd_journal_target_free);
  g_clear_pointer (&work->list, g_ptr_array_unref);
  g_free (work);
}

static GTask *
make_task (JournalWork *work, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, work, (GDestroyNotify) journal_work_free);
  return task;
}

static ChdJournalState
parse_state (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (text, state_names[i]) == 0)
      return i;
  return CHD_JOURNAL_PLANNED;
}

static gboolean
read_targets (sqlite3 *db, ChdJournalCreation *creation, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ChdSqlStatement) rows =
      chd_sql_query (db, error,
                     "SELECT kind, name, action, hash, is_new, state, uid FROM creation_target WHERE creation = ?1"
                     " ORDER BY kind, name",
                     "i", creation->id);

  if (rows == NULL)
    return FALSE;
  creation->targets = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_journal_target_free);
  while (chd_sql_step (rows, &local))
    {
      ChdJournalTarget *target = g_new0 (ChdJournalTarget, 1);

      target->kind = chd_sql_dup_text (rows, 0);
      target->name = chd_sql_dup_text (rows, 1);
      target->action = chd_sql_dup_text (rows, 2);
      target->hash = chd_sql_dup_text (rows, 3);
      target->is_new = sqlite3_column_int (rows, 4) != 0;
      target->state = parse_state ((const char *) sqlite3_column_text (rows, 5));
      target->uid = chd_sql_dup_text (rows, 6);
      g_ptr_array_add (creation->targets, target);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* What was planned before and is new keeps that mark, and stays when it is no longer asked for. */
static gboolean
write_target (sqlite3 *db, gint64 creation, const ChdJournalTarget *target, GError **error)
{
  return chd_sql_run (db, error,
                      "INSERT INTO creation_target (creation, kind, name, action, hash, is_new, state, uid)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'planned', NULL)"
                      " ON CONFLICT (creation, kind, name) DO UPDATE SET action = excluded.action,"
                      " hash = excluded.hash, is_new = max(is_new, excluded.is_new), state = 'planned'",
                      "isssii", creation, target->kind, target->name, target->action, target->hash,
                      (gint64) target->is_new);
}

static gboolean
begin_work (sqlite3 *db, gpointer data, GError **error)
{
  JournalWork *work = data;
  ChdJournalCreation *creation = work->creation;
  g_autoptr (ChdSqlStatement) row = NULL;
  g_autoptr (GPtrArray) targets = g_steal_pointer (&creation->targets);

  creation->started_at = g_get_real_time () / G_USEC_PER_SEC;
  if (!chd_sql_run (db, error,
                    "INSERT INTO creation (engine, chain, hash, started_at) VALUES (?1, ?2, ?3, ?4)"
                    " ON CONFLICT (engine, chain) DO UPDATE SET hash = excluded.hash",
                    "sssi", work->engine, creation->chain, creation->hash, creation->started_at))
    return FALSE;
  row = chd_sql_query (db, error, "SELECT id, started_at FROM creation WHERE engine = ?1 AND chain = ?2", "ss",
                       work->engine, creation->chain);
  if (row == NULL || !chd_sql_step (row, error))
    return FALSE;
  creation->id = sqlite3_column_int64 (row, 0);
  creation->started_at = sqlite3_column_int64 (row, 1);
  if (!chd_sql_run (db, error, "DELETE FROM creation_target WHERE creation = ?1 AND is_new = 0", "i", creation->id))
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    if (!write_target (db, creation->id, targets->pdata[i], error))
      return FALSE;
  return read_targets (db, creation, error);
}

void
chd_journal_begin_async (ChdStore *store,
                         const char *engine,
                         const char *chain,
                         const char *hash,
                         GPtrArray *targets,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  JournalWork *work = g_new0 (JournalWork, 1);

  work->engine = g_strdup (engine);
  work->creation = g_new0 (ChdJournalCreation, 1);
  work->creation->chain = g_strdup (chain);
  work->creation->hash = g_strdup (hash);
  work->creation->targets = targets;
  chd_store_submit (store, make_task (work, callback, user_data), begin_work);
}

ChdJournalCreation *
chd_journal_begin_finish (GAsyncResult *result, GError **error)
{
  JournalWork *work = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&work->creation) : NULL;
}

static gboolean
set_target_work (sqlite3 *db, gpointer data, GError **error)
{
  JournalWork *work = data;
  const ChdJournalTarget *target = work->target;

  return chd_sql_run (db, error,
                      "UPDATE creation_target SET state = ?4, uid = coalesce(?5, uid)"
                      " WHERE creation = ?1 AND kind = ?2 AND name = ?3",
                      "issss", work->id, target->kind, target->name, state_names[target->state], target->uid);
}

void
chd_journal_set_target_async (ChdStore *store,
                              gint64 creation,
                              const char *kind,
                              const char *name,
                              ChdJournalState state,
                              const char *uid,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  JournalWork *work = g_new0 (JournalWork, 1);

  work->id = creation;
  work->target = chd_journal_target_new (kind, name, NULL, NULL, FALSE);
  work->target->state = state;
  work->target->uid = g_strdup (uid);
  chd_store_submit (store, make_task (work, callback, user_data), set_target_work);
}

gboolean
chd_journal_set_target_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
end_work (sqlite3 *db, gpointer data, GError **error)
{
  return chd_sql_run (db, error, "DELETE FROM creation WHERE id = ?1", "i", ((JournalWork *) data)->id);
}

void
chd_journal_end_async (ChdStore *store, gint64 creation, GAsyncReadyCallback callback, gpointer user_data)
{
  JournalWork *work = g_new0 (JournalWork, 1);

  work->id = creation;
  chd_store_submit (store, make_task (work, callback, user_data), end_work);
}

gboolean
chd_journal_end_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
list_work (sqlite3 *db, gpointer data, GError **error)
{
  JournalWork *work = data;
  g_autoptr (GError) local = NULL;
  g_autoptr (ChdSqlStatement) rows =
      chd_sql_query (db, error, "SELECT id, chain, hash, started_at FROM creation WHERE engine = ?1 ORDER BY id", "s",
                     work->engine);

  if (rows == NULL)
    return FALSE;
  while (chd_sql_step (rows, &local))
    {
      ChdJournalCreation *creation = g_new0 (ChdJournalCreation, 1);

      g_ptr_array_add (work->list, creation);
      creation->id = sqlite3_column_int64 (rows, 0);
      creation->chain = chd_sql_dup_text (rows, 1);
      creation->hash = chd_sql_dup_text (rows, 2);
      creation->started_at = sqlite3_column_int64 (rows, 3);
      if (!read_targets (db, creation, &local))
        break;
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
chd_journal_list_async (ChdStore *store, const char *engine, GAsyncReadyCallback callback, gpointer user_data)
{
  JournalWork *work = g_new0 (JournalWork, 1);

  work->engine = g_strdup (engine);
  work->list = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_journal_creation_free);
  chd_store_submit (store, make_task (work, callback, user_data), list_work);
}

GPtrArray *
chd_journal_list_finish (GAsyncResult *result, GError **error)
{
  JournalWork *work = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&work->list) : NULL;
}
