/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <sqlite3.h>

#include "chd-object-store.h"

G_BEGIN_DECLS

/* The file below an object store. One thread uses it at a time; objects are text here. */
typedef struct _ChdStoreDatabase ChdStoreDatabase;

#define CHD_STORE_APPLICATION_ID 0x43684445 /* "ChDE" */
#define CHD_STORE_SCHEMA 1

/* How many changes, and how much text of them, are kept for watches that come back. */
#define CHD_STORE_MAX_CHANGES 4096
#define CHD_STORE_MAX_CHANGE_BYTES (16 * 1024 * 1024)

ChdStoreDatabase *chd_store_database_open (const char *folder, GError **error);
/* @clean: whether everything is known to be in order, so that the next start need not check */
void chd_store_database_close (ChdStoreDatabase *self, gboolean clean);
/* After a failed write or sync nothing the connection believes can be trusted: opens the file anew. */
gboolean chd_store_database_reopen (ChdStoreDatabase *self, GError **error);

/* @sql: one statement without parameters */
gboolean chd_store_database_run (ChdStoreDatabase *self, const char *sql, GError **error);
guint64 chd_store_database_get_version (ChdStoreDatabase *self);
gboolean chd_store_database_set_version (ChdStoreDatabase *self, guint64 version, GError **error);

typedef void (*ChdStoreRowFunc) (const char *resource,
                                 const char *namespace_,
                                 const char *name,
                                 const char *body,
                                 gsize length,
                                 gpointer user_data);
/* @resource, @namespace_, @name: (nullable): %NULL for all; what stands behind a %NULL is NULL too. The rows of a
 * resource come in order of namespace and name. */
gboolean chd_store_database_each (ChdStoreDatabase *self,
                                  const char *resource,
                                  const char *namespace_,
                                  const char *name,
                                  ChdStoreRowFunc func,
                                  gpointer user_data,
                                  GError **error);

/* Whether changes are remembered with the state before them (the default). On a full disk they are not: deleting would
 * free nothing. */
void chd_store_database_set_remember (ChdStoreDatabase *self, gboolean remember);
/* Writes the object's new state (%NULL: deletes it) and remembers the old one with the change. */
gboolean chd_store_database_write (ChdStoreDatabase *self,
                                   ChdChangeType type,
                                   guint64 version,
                                   const char *resource,
                                   const char *namespace_,
                                   const char *name,
                                   const char *uid,
                                   const char *completed,
                                   const char *body,
                                   GError **error);

typedef void (*ChdStoreChangeFunc) (ChdChangeType type,
                                    guint64 version,
                                    const char *resource,
                                    const char *namespace_,
                                    const char *name,
                                    const char *before,
                                    gsize length,
                                    gpointer user_data);
/* Newest first. */
gboolean
chd_store_database_each_change (ChdStoreDatabase *self, ChdStoreChangeFunc func, gpointer user_data, GError **error);
/* Forgets changes up to @version. */
gboolean chd_store_database_trim (ChdStoreDatabase *self, guint64 version, GError **error);

/* Whether a failed write asks for a new connection. */
gboolean chd_store_database_is_broken (ChdStoreDatabase *self);

/* What deleting has left free inside the file. */
guint64 chd_store_database_get_free_bytes (ChdStoreDatabase *self);

#define CHD_STORE_RESERVE_BYTES (4 * 1024 * 1024)

/* The last reserve against a full disk; see chd-store-reserve.c. */
void chd_store_reserve_make (const char *folder);
/* Returns: whether there was one */
gboolean chd_store_reserve_free (const char *folder);
gboolean chd_store_reserve_exists (const char *folder);

/* A copy of the database beside it, of which the last three are kept. */
gboolean chd_store_backup (sqlite3 *handle, const char *folder, GError **error);

#define CHD_STORE_REASON_DISK_FULL "DiskFull"

G_END_DECLS
