/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The engine's objects: one sqlite database (WAL, synchronous=FULL), written by one thread, and all live objects in
 * memory for the main thread to read.
 *
 *  (1) A transaction's function runs in the writer thread with the newest committed state; what it puts and deletes
 *      is committed as one sqlite transaction together with its watch events. Several queued transactions may share
 *      one COMMIT (each in a savepoint), so the cost of a sync is shared.
 *  (2) The main thread's view (get, list) and the "committed" signal change only after COMMIT.
 *  (3) resourceVersion is the store's transaction counter; it only grows, over restarts too.
 *  (4) Objects are immutable once stored: who wants to change one copies it (chd_json_copy_object()).
 *  (5) completionTime, once set, never changes (a database trigger guards it).
 *  (6) json-glib counts references without atomic operations. So no JsonObject crosses between the threads: what a
 *      transaction's @data takes along or brings back must be a deep copy that the other thread does not touch.
 *  (7) While the disk is full, transactions fail with CHD_ERROR_ENGINE, reason "DiskFull", status 507; those that add
 *      no object (but Events) still pass as long as a reserve lasts, so that runs end and history can be deleted.
 *
 * Resources are named "<plural>.<group>" as CRDs are: "pipelineruns.tekton.dev", "configmaps." (core group).
 * Private ones, never served by the API, begin with '_': "_steps", "_timers". */

#define CHD_TYPE_OBJECT_STORE (chd_object_store_get_type ())
G_DECLARE_FINAL_TYPE (ChdObjectStore, chd_object_store, CHD, OBJECT_STORE, GObject)

typedef struct _ChdTransaction ChdTransaction;

typedef enum
{
  CHD_CHANGE_ADDED,
  CHD_CHANGE_MODIFIED,
  CHD_CHANGE_DELETED,
} ChdChangeType;

/* One committed change; the arrays of the "committed" signal hold these in order of version. */
typedef struct
{
  ChdChangeType type;
  guint64 version;      /* resourceVersion of the change; also of a deletion */
  const char *resource; /* interned */
  char *namespace_;     /* "" for cluster-wide ones */
  char *name;
  JsonObject *before; /* (nullable) for added */
  JsonObject *after;  /* for deleted: the last state, with the deletion's resourceVersion */
} ChdStoreChange;

/**
 * ChdTransactionFunc:
 *
 * Runs in the writer thread; touches nothing of the main thread. May be run again when the commit failed for a
 * passing reason, so it has no other effects than those on @transaction and on @data's result fields.
 *
 * Returns: %FALSE with @error set to leave everything as it was
 */
typedef gboolean (*ChdTransactionFunc) (ChdTransaction *transaction, gpointer data, GError **error);

ChdObjectStore *chd_object_store_open (const char *folder, GError **error);
void chd_object_store_close (ChdObjectStore *self);

void chd_object_store_transact_async (ChdObjectStore *self,
                                      ChdTransactionFunc func,
                                      gpointer data,
                                      GDestroyNotify destroy,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* @version: (out) (optional): the counter after the commit. The func's @data stays valid until the callback returned.
 */
gboolean
chd_object_store_transact_finish (ChdObjectStore *self, GAsyncResult *result, guint64 *version, GError **error);

/* In a transaction (writer thread). Objects returned are borrowed and immutable. */
JsonObject *chd_transaction_get (ChdTransaction *self, const char *resource, const char *namespace_, const char *name);
GPtrArray *chd_transaction_list (ChdTransaction *self,
                                 const char *resource,
                                 const char *namespace_); /* (element-type JsonObject) (transfer container) */
/* Stores @object under its metadata.namespace and metadata.name; sets uid and creationTimestamp when it is new, and
 * resourceVersion always. An object equal to the stored one changes nothing. Returns the stored one (borrowed). */
JsonObject *chd_transaction_put (ChdTransaction *self, const char *resource, JsonObject *object /* (transfer full) */);
gboolean chd_transaction_delete (ChdTransaction *self, const char *resource, const char *namespace_, const char *name);

/* The main thread's view. */
JsonObject *chd_object_store_get (ChdObjectStore *self, const char *resource, const char *namespace_, const char *name);
/* @namespace_: (nullable): %NULL for all. In order of namespace and name. */
GPtrArray *chd_object_store_list (ChdObjectStore *self, const char *resource, const char *namespace_);
guint64 chd_object_store_get_version (ChdObjectStore *self);
/* Committed changes after @version, oldest first; %NULL when @version is older than what is kept (410 Gone). */
GPtrArray *chd_object_store_changes_since (ChdObjectStore *self, const char *resource, guint64 version);

/* Signal "committed" (GPtrArray *changes): in the main thread, after each COMMIT, element-type ChdStoreChange. */

G_END_DECLS
