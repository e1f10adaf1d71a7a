/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The user's database and the thread that works on it.
 *
 *  (1) One thread, one connection, one queue: what was asked for first is on disk first.
 *  (2) What waits in the queue is done in one transaction, each work in a savepoint of its own; the answers leave after
 *      the commit. So a hundred small writes cost one sync of the disk.
 *  (3) After a failed write the connection is closed and opened again: what the system still holds of such a write is
 *      unknown. */

#include "config.h"

#include "chd-store.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-store-private.h"

#define MAX_BATCH 128

typedef struct
{
  GTask *task;       /* (owned) (nullable) NULL: the end */
  ChdStoreWork work; /* (nullable) NULL: open */
  GError *error;     /* (owned) (nullable) */
} Job;

/* What the thread works with; outlives the object when that ends inside the thread. */
typedef struct
{
  gatomicrefcount refs;
  char *path;         /* (owned) */
  GAsyncQueue *queue; /* (owned) of Job */
  char *notice;       /* (owned) (nullable) set once, before the store is handed out */
} Shared;

struct _ChdStore
{
  GObject parent_instance;

  Shared *shared;
  GThread *thread; /* (owned) (nullable) NULL when closed */
};

G_DEFINE_FINAL_TYPE (ChdStore, chd_store, G_TYPE_OBJECT)

static void
shared_unref (Shared *shared)
{
  if (!g_atomic_ref_count_dec (&shared->refs))
    return;
  g_async_queue_unref (shared->queue);
  g_free (shared->path);
  g_free (shared->notice);
  g_free (shared);
}

static void
job_finish (Job *job)
{
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else
    g_task_return_boolean (job->task, TRUE);
  g_object_unref (job->task);
  g_free (job);
}

static gboolean
execute (sqlite3 *db, const char *sql, GError **error)
{
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  chd_sql_set_error (db, error);
  return FALSE;
}

static void
do_job (sqlite3 *db, Job *job)
{
  if (job->work == NULL || !execute (db, "SAVEPOINT work", &job->error))
    return;
  if (!job->work (db, g_task_get_task_data (job->task), &job->error))
    sqlite3_exec (db, "ROLLBACK TO work", NULL, NULL, NULL);
  sqlite3_exec (db, "RELEASE work", NULL, NULL, NULL);
}

/* Does the jobs in one transaction. Returns: whether the connection can still be trusted */
static gboolean
do_batch (sqlite3 *db, GPtrArray *batch)
{
  g_autoptr (GError) error = NULL;

  if (execute (db, "BEGIN IMMEDIATE", &error))
    {
      for (guint i = 0; i < batch->len; i++)
        do_job (db, batch->pdata[i]);
      if (!sqlite3_get_autocommit (db))
        execute (db, "COMMIT", &error);
      else
        /* sqlite has rolled everything back by itself: a full disk, a failed write. */
        g_set_error_literal (&error, CHD_ERROR, CHD_ERROR_FAILED,
                             _ ("The program’s own database cannot be written. Is the disk full?"));
    }
  if (error == NULL)
    return TRUE;
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  for (guint i = 0; i < batch->len; i++)
    {
      Job *job = batch->pdata[i];

      if (job->error == NULL)
        job->error = g_error_copy (error);
    }
  return FALSE;
}

static gpointer
store_thread (gpointer user_data)
{
  Shared *shared = user_data;
  g_autoptr (GPtrArray) batch = g_ptr_array_new ();
  sqlite3 *db = NULL;
  gboolean first = TRUE, end = FALSE;

  while (!end)
    {
      g_autoptr (GError) error = NULL;
      Job *job = g_async_queue_pop (shared->queue);

      for (; job != NULL && batch->len < MAX_BATCH; job = g_async_queue_try_pop (shared->queue))
        {
          if (job->task == NULL)
            {
              g_free (job);
              end = TRUE;
              break;
            }
          g_ptr_array_add (batch, job);
        }
      if (job != NULL && !end)
        g_async_queue_push_front (shared->queue, job);
      if (batch->len == 0)
        continue;
      if (db == NULL)
        {
          g_autofree char *notice = NULL;

          db = chd_store_database_open (shared->path, &notice, &error);
          if (first)
            shared->notice = g_steal_pointer (&notice);
          first = FALSE;
        }
      if (db == NULL)
        for (guint i = 0; i < batch->len; i++)
          ((Job *) batch->pdata[i])->error = g_error_copy (error);
      else if (!do_batch (db, batch))
        g_clear_pointer (&db, sqlite3_close);
      for (guint i = 0; i < batch->len; i++)
        job_finish (batch->pdata[i]);
      g_ptr_array_set_size (batch, 0);
    }
  if (db != NULL)
    sqlite3_close (db);
  shared_unref (shared);
  return NULL;
}

static void
push (ChdStore *self, GTask *task, ChdStoreWork work)
{
  Job *job = g_new0 (Job, 1);

  job->task = task;
  job->work = work;
  g_async_queue_push (self->shared->queue, job);
}

void
chd_store_submit (ChdStore *self, GTask *task, ChdStoreWork work)
{
  g_return_if_fail (CHD_IS_STORE (self));

  if (self->thread != NULL)
    {
      push (self, task, work);
      return;
    }
  g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_FAILED, "%s",
                           _ ("The program is ending; nothing more is written to its database."));
  g_object_unref (task);
}

static void
chd_store_dispose (GObject *object)
{
  chd_store_close (CHD_STORE (object));
  G_OBJECT_CLASS (chd_store_parent_class)->dispose (object);
}

static void
chd_store_finalize (GObject *object)
{
  ChdStore *self = CHD_STORE (object);

  if (self->shared != NULL)
    shared_unref (self->shared);
  G_OBJECT_CLASS (chd_store_parent_class)->finalize (object);
}

static void
chd_store_class_init (ChdStoreClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = chd_store_dispose;
  object_class->finalize = chd_store_finalize;
}

static void
chd_store_init (ChdStore *self)
{
}

void
chd_store_open_async (const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  ChdStore *self = g_object_new (CHD_TYPE_STORE, NULL);

  g_task_set_source_tag (task, chd_store_open_async);
  self->shared = g_new0 (Shared, 1);
  g_atomic_ref_count_init (&self->shared->refs);
  self->shared->queue = g_async_queue_new ();
  self->shared->path =
      path != NULL ? g_strdup (path) : g_build_filename (g_get_user_data_dir (), "chain-designer", "library.db", NULL);
  g_atomic_ref_count_inc (&self->shared->refs);
  self->thread = g_thread_new ("store", store_thread, self->shared);
  g_task_set_task_data (task, self, g_object_unref);
  push (self, task, NULL);
}

ChdStore *
chd_store_open_finish (GAsyncResult *result, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  return g_object_ref (g_task_get_task_data (G_TASK (result)));
}

void
chd_store_close (ChdStore *self)
{
  g_return_if_fail (CHD_IS_STORE (self));

  if (self->thread == NULL)
    return;
  push (self, NULL, NULL);
  /* The last reference may have been an answer's, dropped in the thread itself. */
  if (self->thread == g_thread_self ())
    g_clear_pointer (&self->thread, g_thread_unref);
  else
    g_thread_join (g_steal_pointer (&self->thread));
}

const char *
chd_store_get_notice (ChdStore *self)
{
  return self->shared->notice;
}

const char *
chd_store_get_path (ChdStore *self)
{
  return self->shared->path;
}
