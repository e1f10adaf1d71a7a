/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The thread that writes. What is queued when it comes around is committed together, each transaction in a savepoint
 * of its own: one sync for all of them, and a failing one takes nothing with it.
 *
 * After a failed write or sync the connection is thrown away, since pages that the system could not write count as
 * clean afterwards (reliability.md section 1); the counter in the file then tells whether the commit happened. */

#include "config.h"

#include "chd-store-writer.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"

#define MAX_JOBS_PER_COMMIT 64
#define MAX_CACHED 4096
#define TRIM_EVERY 512
#define ATTEMPTS 3

struct _ChdStoreWriter
{
  ChdStoreDatabase *database;
  char *folder;
  GAsyncQueue *queue;
  GThread *thread;
  ChdStoreDoneFunc done;
  gpointer user_data;
  GHashTable *cache;
  guint64 version; /* of the last commit */
  guint64 trimmed;
  GMutex lock;
  guint64 horizon; /* guarded by lock */
  ChdStoreJob end; /* queued to end the thread */
};

void
chd_store_job_free (ChdStoreJob *self)
{
  g_clear_pointer (&self->transaction, chd_transaction_free);
  g_clear_error (&self->error);
  g_clear_object (&self->task);
  g_free (self);
}

static gboolean
is_disk_full (const GError *error)
{
  return g_strcmp0 (chd_error_get_reason (error), CHD_STORE_REASON_DISK_FULL) == 0;
}

/* Events are told along with what happened; they do not hold up the end of a run. */
static gboolean
adds_objects (ChdTransaction *transaction)
{
  GPtrArray *writes = chd_transaction_get_writes (transaction);

  for (guint i = 0; i < writes->len; i++)
    {
      ChdWrite *write = writes->pdata[i];

      if (write->type == CHD_CHANGE_ADDED && strcmp (write->resource, "events.") != 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether the reserve was given up, and the database has no room of its own either (what was deleted leaves some). */
static gboolean
is_full (ChdStoreWriter *self)
{
  return !chd_store_reserve_exists (self->folder) &&
         chd_store_database_get_free_bytes (self->database) < CHD_STORE_RESERVE_BYTES;
}

static void
fail (ChdStoreJob *job, const GError *error)
{
  g_clear_error (&job->error);
  job->error = g_error_copy (error);
}

/* Runs one job inside the open sqlite transaction. Returns: %FALSE when the whole batch cannot go on */
static gboolean
run_job (ChdStoreWriter *self, ChdStoreJob *job, guint64 *version, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean ok;

  g_clear_error (&job->error);
  g_clear_pointer (&job->transaction, chd_transaction_free);
  if (!chd_store_database_run (self->database, "SAVEPOINT job", error))
    return FALSE;
  job->transaction = chd_transaction_new (self->database, self->cache, *version);
  ok = job->func (job->transaction, job->data, &local);
  if (chd_transaction_get_error (job->transaction) != NULL)
    {
      g_clear_error (&local);
      local = g_error_copy (chd_transaction_get_error (job->transaction));
      ok = FALSE;
      if (is_disk_full (local) || chd_store_database_is_broken (self->database))
        {
          chd_transaction_undo (job->transaction);
          g_clear_pointer (&job->transaction, chd_transaction_free);
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  if (ok && is_full (self) && adds_objects (job->transaction))
    {
      local = g_error_new (CHD_ERROR, CHD_ERROR_ENGINE,
                           _ ("The disk is full. Make room or delete old runs, then try again."));
      chd_error_set_reason (local, CHD_STORE_REASON_DISK_FULL);
      chd_error_set_status (local, 507);
      ok = FALSE;
    }
  if (ok)
    {
      *version = chd_transaction_get_version (job->transaction);
      job->version = *version;
      return chd_store_database_run (self->database, "RELEASE job", error);
    }
  chd_transaction_undo (job->transaction);
  g_clear_pointer (&job->transaction, chd_transaction_free);
  job->error = local != NULL ? g_steal_pointer (&local)
                             : g_error_new (CHD_ERROR, CHD_ERROR_FAILED, _ ("The change was given up."));
  return chd_store_database_run (self->database, "ROLLBACK TO job", error) &&
         chd_store_database_run (self->database, "RELEASE job", error);
}

/* Forgets old changes; on a full disk all of them, or deleting would free nothing. */
static void
trim (ChdStoreWriter *self, guint64 version)
{
  guint64 horizon;

  if (!chd_store_reserve_exists (self->folder))
    {
      chd_store_database_trim (self->database, version, NULL);
      return;
    }
  g_mutex_lock (&self->lock);
  horizon = self->horizon;
  g_mutex_unlock (&self->lock);
  if (horizon >= self->trimmed + TRIM_EVERY && chd_store_database_trim (self->database, horizon, NULL))
    self->trimmed = horizon;
}

/* Moves what lies in the log into the database, so that the log's room is free again. */
static void
shrink_log (ChdStoreWriter *self)
{
  chd_store_database_run (self->database, "PRAGMA wal_checkpoint (TRUNCATE)", NULL);
}

static gboolean
try_commit (ChdStoreWriter *self, GPtrArray *jobs, guint64 *version, GError **error)
{
  *version = self->version;
  if (!chd_store_database_run (self->database, "BEGIN IMMEDIATE", error))
    return FALSE;
  for (guint i = 0; i < jobs->len; i++)
    if (!run_job (self, jobs->pdata[i], version, error))
      return FALSE;
  if (*version == self->version)
    return chd_store_database_run (self->database, "ROLLBACK", error);
  trim (self, *version);
  return chd_store_database_set_version (self->database, *version, error) &&
         chd_store_database_run (self->database, "COMMIT", error);
}

static void
take_back (ChdStoreWriter *self, GPtrArray *jobs)
{
  for (guint i = jobs->len; i > 0; i--)
    {
      ChdStoreJob *job = jobs->pdata[i - 1];

      if (job->transaction != NULL)
        chd_transaction_undo (job->transaction);
    }
  chd_store_database_run (self->database, "ROLLBACK", NULL);
}

static void
commit (ChdStoreWriter *self, GPtrArray *jobs)
{
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  for (guint attempt = 0; attempt < ATTEMPTS; attempt++)
    {
      g_clear_error (&error);
      if (!chd_store_reserve_exists (self->folder))
        chd_store_reserve_make (self->folder);
      chd_store_database_set_remember (self->database, chd_store_reserve_exists (self->folder));
      if (try_commit (self, jobs, &version, &error))
        {
          if (!chd_store_reserve_exists (self->folder))
            shrink_log (self);
          self->version = version;
          return;
        }
      if (chd_store_database_is_broken (self->database))
        {
          g_hash_table_remove_all (self->cache);
          if (!chd_store_database_reopen (self->database, NULL))
            break;
          if (version > self->version && chd_store_database_get_version (self->database) == version)
            {
              self->version = version; /* it was committed, only the answer got lost */
              return;
            }
          continue;
        }
      take_back (self, jobs);
      if (!is_disk_full (error) || !chd_store_reserve_free (self->folder))
        break;
      shrink_log (self);
    }
  for (guint i = 0; i < jobs->len; i++)
    {
      ChdStoreJob *job = jobs->pdata[i];

      g_clear_pointer (&job->transaction, chd_transaction_free);
      if (job->error == NULL)
        fail (job, error);
    }
}

/* Copies for the main thread what was committed. */
static void
make_copies (GPtrArray *jobs)
{
  for (guint i = 0; i < jobs->len; i++)
    {
      ChdStoreJob *job = jobs->pdata[i];
      GPtrArray *writes = job->transaction != NULL ? chd_transaction_get_writes (job->transaction) : NULL;

      for (guint k = 0; writes != NULL && k < writes->len; k++)
        {
          ChdWrite *write = writes->pdata[k];

          write->copy = chd_json_copy_object (write->after);
          json_object_seal (write->copy);
          g_clear_pointer (&write->before, json_object_unref);
          g_clear_pointer (&write->after, json_object_unref);
        }
      if (job->transaction != NULL)
        chd_transaction_release (job->transaction);
    }
}

static gpointer
writer_thread (gpointer data)
{
  ChdStoreWriter *self = data;
  gboolean end = FALSE;

  while (!end)
    {
      g_autoptr (GPtrArray) jobs = g_ptr_array_new ();
      g_autoptr (GPtrArray) all = g_ptr_array_new ();
      ChdStoreJob *job = g_async_queue_pop (self->queue);

      while (job != NULL && job != &self->end)
        {
          GCancellable *cancellable = g_task_get_cancellable (job->task);

          g_ptr_array_add (all, job);
          if (!g_cancellable_set_error_if_cancelled (cancellable, &job->error))
            g_ptr_array_add (jobs, job);
          job = all->len < MAX_JOBS_PER_COMMIT ? g_async_queue_try_pop (self->queue) : NULL;
        }
      end = job == &self->end;
      if (jobs->len > 0)
        {
          commit (self, jobs);
          make_copies (jobs);
        }
      if (all->len > 0)
        self->done (g_ptr_array_ref (all), self->user_data);
      if (g_hash_table_size (self->cache) > MAX_CACHED)
        g_hash_table_remove_all (self->cache);
    }
  return NULL;
}

ChdStoreWriter *
chd_store_writer_new (ChdStoreDatabase *database, const char *folder, ChdStoreDoneFunc done, gpointer user_data)
{
  ChdStoreWriter *self = g_new0 (ChdStoreWriter, 1);

  self->database = database;
  self->folder = g_strdup (folder);
  self->queue = g_async_queue_new ();
  self->done = done;
  self->user_data = user_data;
  self->cache = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  self->version = chd_store_database_get_version (database);
  g_mutex_init (&self->lock);
  self->thread = g_thread_new ("store-writer", writer_thread, self);
  return self;
}

void
chd_store_writer_push (ChdStoreWriter *self, ChdStoreJob *job)
{
  g_async_queue_push (self->queue, job);
}

void
chd_store_writer_set_horizon (ChdStoreWriter *self, guint64 version)
{
  g_mutex_lock (&self->lock);
  self->horizon = version;
  g_mutex_unlock (&self->lock);
}

void
chd_store_writer_free (ChdStoreWriter *self)
{
  g_async_queue_push (self->queue, &self->end);
  g_thread_join (self->thread);
  chd_store_database_close (self->database, TRUE);
  g_async_queue_unref (self->queue);
  g_hash_table_unref (self->cache);
  g_mutex_clear (&self->lock);
  g_free (self->folder);
  g_free (self);
}
