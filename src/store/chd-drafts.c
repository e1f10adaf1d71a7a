/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drafts in the store. The owner of a draft is a process, named by its id, its start time and the boot, so that a
 * reused process id is never mistaken for the one that crashed. */

#include "config.h"

#include "chd-drafts.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-store-private.h"

typedef struct
{
  ChdDraftRecord *record; /* (owned) (nullable) */
  GPtrArray *list;        /* (owned) (nullable) of ChdDraftRecord */
} DraftWork;

void
chd_draft_record_free (ChdDraftRecord *record)
{
  g_free (record->id);
  g_free (record->title);
  g_free (record->path);
  g_free (record->base);
  g_free (record->document);
  g_free (record);
}

static void
draft_work_free (DraftWork *work)
{
  g_clear_pointer (&work->record, chd_draft_record_free);
  g_clear_pointer (&work->list, g_ptr_array_unref);
  g_free (work);
}

static GTask *
make_task (DraftWork *work, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);

  g_task_set_task_data (task, work, (GDestroyNotify) draft_work_free);
  return task;
}

/* "<pid> <start time in ticks since boot> <boot id>"; %NULL when there is no such process, or it has ended and only
 * waits for its parent to notice. */
static char *
describe_process (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *stat = NULL, *boot = NULL;
  g_auto (GStrv) fields = NULL;
  const char *rest;

  if (!g_file_get_contents (path, &stat, NULL, NULL) || (rest = strrchr (stat, ')')) == NULL)
    return NULL;
  /* Behind the name come the fields from the third on; the start time is the 22nd (proc(5)). */
  fields = g_strsplit (g_strstrip ((char *) rest + 1), " ", -1);
  if (g_strv_length (fields) < 20 || *fields[0] == 'Z' || *fields[0] == 'X')
    return NULL;
  g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL);
  return g_strdup_printf ("%d %s %s", pid, fields[19], boot != NULL ? g_strstrip (boot) : "");
}

static gboolean
owner_lives (const char *owner)
{
  g_autofree char *now = describe_process (atoi (owner));

  return g_strcmp0 (now, owner) == 0;
}

static gboolean
write_work (sqlite3 *db, gpointer data, GError **error)
{
  const ChdDraftRecord *record = ((DraftWork *) data)->record;
  g_autofree char *owner = describe_process (getpid ());

  return chd_sql_run (db, error,
                      "INSERT INTO draft (id, owner, title, path, base, document, changed_at)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                      " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, title = excluded.title,"
                      " path = excluded.path, base = excluded.base, document = excluded.document,"
                      " changed_at = excluded.changed_at, recovering = 0",
                      "ssssssi", record->id, owner != NULL ? owner : "", record->title, record->path, record->base,
                      record->document, record->changed_at);
}

void
chd_drafts_write_async (ChdStore *store, const ChdDraftRecord *draft, GAsyncReadyCallback callback, gpointer user_data)
{
  DraftWork *work = g_new0 (DraftWork, 1);

  work->record = g_new0 (ChdDraftRecord, 1);
  work->record->id = g_strdup (draft->id);
  work->record->title = g_strdup (draft->title != NULL ? draft->title : "");
  work->record->path = g_strdup (draft->path);
  work->record->base = g_strdup (draft->base);
  work->record->document = g_strdup (draft->document);
  work->record->changed_at = g_get_real_time () / G_USEC_PER_SEC;
  chd_store_submit (store, make_task (work, callback, user_data), write_work);
}

gboolean
chd_drafts_write_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
submit_for_id (ChdStore *store, const char *id, ChdStoreWork do_work, GAsyncReadyCallback callback, gpointer user_data)
{
  DraftWork *work = g_new0 (DraftWork, 1);

  work->record = g_new0 (ChdDraftRecord, 1);
  work->record->id = g_strdup (id);
  chd_store_submit (store, make_task (work, callback, user_data), do_work);
}

static gboolean
remove_work (sqlite3 *db, gpointer data, GError **error)
{
  return chd_sql_run (db, error, "DELETE FROM draft WHERE id = ?1", "s", ((DraftWork *) data)->record->id);
}

void
chd_drafts_remove_async (ChdStore *store, const char *id, GAsyncReadyCallback callback, gpointer user_data)
{
  submit_for_id (store, id, remove_work, callback, user_data);
}

gboolean
chd_drafts_remove_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
list_work (sqlite3 *db, gpointer data, GError **error)
{
  DraftWork *work = data;
  g_autoptr (GError) local = NULL;
  g_autoptr (ChdSqlStatement) rows =
      chd_sql_query (db, error,
                     "SELECT id, owner, title, path, base, changed_at, recovering FROM draft ORDER BY changed_at DESC",
                     "");

  if (rows == NULL)
    return FALSE;
  while (chd_sql_step (rows, &local))
    {
      ChdDraftRecord *record;

      if (owner_lives ((const char *) sqlite3_column_text (rows, 1)))
        continue;
      record = g_new0 (ChdDraftRecord, 1);
      record->id = chd_sql_dup_text (rows, 0);
      record->title = chd_sql_dup_text (rows, 2);
      record->path = chd_sql_dup_text (rows, 3);
      record->base = chd_sql_dup_text (rows, 4);
      record->changed_at = sqlite3_column_int64 (rows, 5);
      record->suspect = sqlite3_column_int (rows, 6) != 0;
      g_ptr_array_add (work->list, record);
    }
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

void
chd_drafts_list_async (ChdStore *store, GAsyncReadyCallback callback, gpointer user_data)
{
  DraftWork *work = g_new0 (DraftWork, 1);

  work->list = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_draft_record_free);
  chd_store_submit (store, make_task (work, callback, user_data), list_work);
}

GPtrArray *
chd_drafts_list_finish (GAsyncResult *result, GError **error)
{
  DraftWork *work = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&work->list) : NULL;
}

static gboolean
take_work (sqlite3 *db, gpointer data, GError **error)
{
  ChdDraftRecord *record = ((DraftWork *) data)->record;
  g_autofree char *owner = describe_process (getpid ());
  g_autoptr (GError) local = NULL;
  g_autoptr (ChdSqlStatement) row =
      chd_sql_query (db, error, "SELECT title, path, base, document, changed_at, recovering FROM draft WHERE id = ?1",
                     "s", record->id);

  if (row == NULL)
    return FALSE;
  if (!chd_sql_step (row, &local))
    {
      if (local != NULL)
        g_propagate_error (error, g_steal_pointer (&local));
      else
        g_set_error_literal (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("This draft is no longer there."));
      return FALSE;
    }
  record->title = chd_sql_dup_text (row, 0);
  record->path = chd_sql_dup_text (row, 1);
  record->base = chd_sql_dup_text (row, 2);
  record->document = chd_sql_dup_text (row, 3);
  record->changed_at = sqlite3_column_int64 (row, 4);
  record->suspect = sqlite3_column_int (row, 5) != 0;
  return chd_sql_run (db, error, "UPDATE draft SET recovering = 1, owner = ?2 WHERE id = ?1", "ss", record->id,
                      owner != NULL ? owner : "");
}

void
chd_drafts_take_async (ChdStore *store, const char *id, GAsyncReadyCallback callback, gpointer user_data)
{
  submit_for_id (store, id, take_work, callback, user_data);
}

ChdDraftRecord *
chd_drafts_take_finish (GAsyncResult *result, GError **error)
{
  DraftWork *work = g_task_get_task_data (G_TASK (result));

  return g_task_propagate_boolean (G_TASK (result), error) ? g_steal_pointer (&work->record) : NULL;
}

static gboolean
confirm_work (sqlite3 *db, gpointer data, GError **error)
{
  return chd_sql_run (db, error, "UPDATE draft SET recovering = 0 WHERE id = ?1", "s",
                      ((DraftWork *) data)->record->id);
}

void
chd_drafts_confirm_async (ChdStore *store, const char *id, GAsyncReadyCallback callback, gpointer user_data)
{
  submit_for_id (store, id, confirm_work, callback, user_data);
}

gboolean
chd_drafts_confirm_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
