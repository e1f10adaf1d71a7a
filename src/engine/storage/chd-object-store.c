/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine's objects, seen from the main thread: queues transactions for the writer, takes in what was committed,
 * tells who listens, then answers. */

#include "config.h"

#include "chd-object-store.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-store-view.h"
#include "chd-store-writer.h"
#include "chd-util.h"

struct _ChdObjectStore
{
  GObject parent_instance;

  char *folder;
  GMainContext *context;
  ChdStoreView *view;
  ChdStoreWriter *writer; /* (owned) (nullable) %NULL after closing */
};

G_DEFINE_FINAL_TYPE (ChdObjectStore, chd_object_store, G_TYPE_OBJECT)

enum
{
  SIGNAL_COMMITTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

typedef struct
{
  ChdObjectStore *store; /* (owned) */
  GPtrArray *jobs;       /* (owned) */
} Done;

static void
take_in (ChdObjectStore *self, ChdTransaction *transaction, GPtrArray *changes)
{
  GPtrArray *writes = chd_transaction_get_writes (transaction);

  for (guint i = 0; i < writes->len; i++)
    {
      ChdWrite *write = writes->pdata[i];

      g_ptr_array_add (changes, chd_store_view_apply (self->view, write->type, write->version, write->resource,
                                                      write->namespace_, write->name, write->copy, write->bytes));
    }
}

static gboolean
done_cb (gpointer user_data)
{
  Done *done = user_data;
  ChdObjectStore *self = done->store;
  g_autoptr (GPtrArray) changes = chd_store_view_new_changes ();

  for (guint i = 0; i < done->jobs->len; i++)
    {
      ChdStoreJob *job = done->jobs->pdata[i];

      if (job->transaction != NULL)
        take_in (self, job->transaction, changes);
    }
  if (changes->len > 0)
    {
      if (self->writer != NULL)
        chd_store_writer_set_horizon (self->writer, chd_store_view_get_horizon (self->view));
      g_signal_emit (self, signals[SIGNAL_COMMITTED], 0, changes);
    }
  for (guint i = 0; i < done->jobs->len; i++)
    {
      ChdStoreJob *job = done->jobs->pdata[i];

      if (job->error != NULL)
        g_task_return_error (job->task, g_steal_pointer (&job->error));
      else
        g_task_return_int (job->task, (gssize) job->version);
      chd_store_job_free (job);
    }
  return G_SOURCE_REMOVE;
}

static void
done_free (gpointer user_data)
{
  Done *done = user_data;

  g_ptr_array_unref (done->jobs);
  g_object_unref (done->store);
  g_free (done);
}

/* In the writer thread. */
static void
writer_done (GPtrArray *jobs, gpointer user_data)
{
  ChdObjectStore *self = user_data;
  Done *done = g_new0 (Done, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  done->store = g_object_ref (self);
  done->jobs = jobs;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, done_cb, done, done_free);
  g_source_attach (source, self->context);
}

/**
 * chd_object_store_open:
 * @folder: the engine's data folder, made when needed
 *
 * Reads everything that is stored. Blocks: to be called before the main loop runs. The caller sees to it that no other
 * process has the same folder open.
 *
 * Errors: %CHD_ERROR_CORRUPT when the database is damaged (it was moved aside then, and the message says where),
 * %CHD_ERROR_UNSUPPORTED when it is of a newer version.
 */
ChdObjectStore *
chd_object_store_open (const char *folder, GError **error)
{
  g_autoptr (ChdObjectStore) self = NULL;
  ChdStoreDatabase *database;

  if (!chd_make_private_directory (folder, error))
    return NULL;
  database = chd_store_database_open (folder, error);
  if (database == NULL)
    return NULL;

  self = g_object_new (CHD_TYPE_OBJECT_STORE, NULL);
  self->folder = g_strdup (folder);
  self->context = g_main_context_ref_thread_default ();
  self->view = chd_store_view_load (database, error);
  if (self->view == NULL)
    {
      chd_store_database_close (database, FALSE);
      return NULL;
    }
  self->writer = chd_store_writer_new (database, folder, writer_done, self);
  return g_steal_pointer (&self);
}

/**
 * chd_object_store_close:
 *
 * Finishes what is queued and closes the database; the answers still come from the main loop. Later transactions
 * fail; what was read stays readable.
 */
void
chd_object_store_close (ChdObjectStore *self)
{
  g_return_if_fail (CHD_IS_OBJECT_STORE (self));

  g_clear_pointer (&self->writer, chd_store_writer_free);
}

void
chd_object_store_transact_async (ChdObjectStore *self,
                                 ChdTransactionFunc func,
                                 gpointer data,
                                 GDestroyNotify destroy,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  ChdStoreJob *job;
  GTask *task;

  g_return_if_fail (CHD_IS_OBJECT_STORE (self));
  g_return_if_fail (func != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, chd_object_store_transact_async);
  g_task_set_task_data (task, data, destroy);
  g_task_set_check_cancellable (task, FALSE); /* what was committed was */
  if (self->writer == NULL)
    {
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The engine is ending."));
      g_object_unref (task);
      return;
    }
  job = g_new0 (ChdStoreJob, 1);
  job->task = task;
  job->func = func;
  job->data = data;
  chd_store_writer_push (self->writer, job);
}

gboolean
chd_object_store_transact_finish (ChdObjectStore *self, GAsyncResult *result, guint64 *version, GError **error)
{
  gssize value;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  value = g_task_propagate_int (G_TASK (result), error);
  if (value >= 0 && version != NULL)
    *version = (guint64) value;
  return value >= 0;
}

JsonObject *
chd_object_store_get (ChdObjectStore *self, const char *resource, const char *namespace_, const char *name)
{
  g_return_val_if_fail (CHD_IS_OBJECT_STORE (self), NULL);

  return chd_store_view_get (self->view, resource, namespace_, name);
}

/**
 * chd_object_store_list:
 * Returns: (transfer full) (element-type JsonObject): with references of its own
 */
GPtrArray *
chd_object_store_list (ChdObjectStore *self, const char *resource, const char *namespace_)
{
  g_return_val_if_fail (CHD_IS_OBJECT_STORE (self), NULL);

  return chd_store_view_list (self->view, resource, namespace_);
}

guint64
chd_object_store_get_version (ChdObjectStore *self)
{
  g_return_val_if_fail (CHD_IS_OBJECT_STORE (self), 0);

  return chd_store_view_get_version (self->view);
}

/**
 * chd_object_store_changes_since:
 * Returns: (transfer full) (nullable) (element-type ChdStoreChange):
 */
GPtrArray *
chd_object_store_changes_since (ChdObjectStore *self, const char *resource, guint64 version)
{
  g_return_val_if_fail (CHD_IS_OBJECT_STORE (self), NULL);

  return chd_store_view_changes_since (self->view, resource, version);
}

static void
chd_object_store_finalize (GObject *object)
{
  ChdObjectStore *self = CHD_OBJECT_STORE (object);

  g_clear_pointer (&self->writer, chd_store_writer_free);
  g_clear_pointer (&self->view, chd_store_view_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->folder);
  G_OBJECT_CLASS (chd_object_store_parent_class)->finalize (object);
}

static void
chd_object_store_class_init (ChdObjectStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_object_store_finalize;

  /**
   * ChdObjectStore::committed:
   * @changes: (element-type ChdStoreChange): in order of version
   */
  signals[SIGNAL_COMMITTED] = g_signal_new ("committed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                            NULL, G_TYPE_NONE, 1, G_TYPE_PTR_ARRAY);
}

static void
chd_object_store_init (ChdObjectStore *self)
{
}
