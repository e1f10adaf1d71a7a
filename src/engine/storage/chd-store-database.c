/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sqlite file below an object store: opening it safely (another program's file, a newer version's, a damaged one),
 * and the few statements that are run on it.
 *
 * An event keeps the object's state before the change; the state after it is the one before the next change, or the
 * stored one. So one change writes the new text once. */

#include "config.h"

#include "chd-store-database.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "chd-error.h"

#define BUSY_MILLISECONDS 5000
#define SELECT "SELECT resource, namespace, name, body FROM objects"

typedef enum
{
  STATEMENT_GET_META,
  STATEMENT_SET_META,
  STATEMENT_SELECT_ALL,
  STATEMENT_SELECT_RESOURCE,
  STATEMENT_SELECT_NAMESPACE,
  STATEMENT_SELECT_ONE,
  STATEMENT_REMEMBER,
  STATEMENT_PUT,
  STATEMENT_DELETE,
  STATEMENT_CHANGES,
  STATEMENT_TRIM,
  N_STATEMENTS,
} Statement;

static const char *const statement_texts[N_STATEMENTS] = {
  [STATEMENT_GET_META] = "SELECT value FROM meta WHERE key = ?1",
  [STATEMENT_SET_META] = "INSERT INTO meta (key, value) VALUES (?1, ?2) "
                         "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
  [STATEMENT_SELECT_ALL] = SELECT,
  [STATEMENT_SELECT_RESOURCE] = SELECT " WHERE resource = ?1 ORDER BY namespace, name",
  [STATEMENT_SELECT_NAMESPACE] = SELECT " WHERE resource = ?1 AND namespace = ?2 ORDER BY name",
  [STATEMENT_SELECT_ONE] = SELECT " WHERE resource = ?1 AND namespace = ?2 AND name = ?3",
  [STATEMENT_REMEMBER] =
      "INSERT INTO events (version, type, resource, namespace, name, before) VALUES (?1, ?2, ?3, ?4, "
      "?5, (SELECT body FROM objects WHERE resource = ?3 AND namespace = ?4 AND name = ?5))",
  [STATEMENT_PUT] = "INSERT INTO objects (resource, namespace, name, uid, version, completed, body) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (resource, namespace, name) DO UPDATE "
                    "SET uid = excluded.uid, version = excluded.version, completed = excluded.completed, "
                    "body = excluded.body",
  [STATEMENT_DELETE] = "DELETE FROM objects WHERE resource = ?1 AND namespace = ?2 AND name = ?3",
  [STATEMENT_CHANGES] = "SELECT type, version, resource, namespace, name, before FROM events ORDER BY version DESC",
  [STATEMENT_TRIM] = "DELETE FROM events WHERE version <= ?1",
};

/* migrations[n] leads from schema n to n + 1. */
static const char *const migrations[CHD_STORE_SCHEMA] = {
  "CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
  "CREATE TABLE objects (resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, uid TEXT NOT NULL,"
  " version INTEGER NOT NULL, completed TEXT, body TEXT NOT NULL);"
  "CREATE UNIQUE INDEX objects_name ON objects (resource, namespace, name);"
  "CREATE UNIQUE INDEX objects_uid ON objects (resource, uid);"
  "CREATE TABLE events (version INTEGER PRIMARY KEY, type INTEGER NOT NULL, resource TEXT NOT NULL,"
  " namespace TEXT NOT NULL, name TEXT NOT NULL, before TEXT);"
  "CREATE TRIGGER objects_completed BEFORE UPDATE ON objects"
  " WHEN old.uid = new.uid AND old.completed IS NOT NULL AND new.completed IS NOT old.completed"
  " BEGIN SELECT raise (ABORT, 'completionTime'); END;",
};

struct _ChdStoreDatabase
{
  char *folder;
  char *path;
  sqlite3 *handle; /* (owned) (nullable) */
  sqlite3_stmt *statements[N_STATEMENTS];
  gboolean broken;
  gboolean remember;
};

static void
set_error (ChdStoreDatabase *self, int rc, GError **error)
{
  GError *result;

  if (rc == SQLITE_FULL)
    {
      result = g_error_new (CHD_ERROR, CHD_ERROR_ENGINE,
                            _ ("The disk is full. Make room or delete old runs, then try again."));
      chd_error_set_reason (result, CHD_STORE_REASON_DISK_FULL);
      chd_error_set_status (result, 507);
    }
  else if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
    result = g_error_new (CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The engine's database is damaged."));
  else if (rc == SQLITE_CONSTRAINT && sqlite3_extended_errcode (self->handle) == SQLITE_CONSTRAINT_TRIGGER)
    result = g_error_new (CHD_ERROR, CHD_ERROR_CONFLICT, _ ("What has ended cannot be changed back."));
  else
    result = g_error_new (CHD_ERROR, CHD_ERROR_ENGINE, _ ("The engine cannot write its database."));
  chd_error_set_details (result, self->handle != NULL ? sqlite3_errmsg (self->handle) : sqlite3_errstr (rc));
  if (rc == SQLITE_IOERR || rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB)
    self->broken = TRUE;
  g_propagate_error (error, result);
}

static gboolean
run (ChdStoreDatabase *self, const char *sql, GError **error)
{
  int rc = sqlite3_exec (self->handle, sql, NULL, NULL, NULL);

  if (rc == SQLITE_OK)
    return TRUE;
  set_error (self, rc, error);
  return FALSE;
}

static gint64
ask (ChdStoreDatabase *self, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64 value = -1;

  if (sqlite3_prepare_v2 (self->handle, sql, -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    value = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

static sqlite3_stmt *
prepare (ChdStoreDatabase *self, Statement which, GError **error)
{
  int rc;

  if (self->statements[which] != NULL)
    return self->statements[which];
  rc = self->handle != NULL ? sqlite3_prepare_v3 (self->handle, statement_texts[which], -1, SQLITE_PREPARE_PERSISTENT,
                                                  &self->statements[which], NULL)
                            : SQLITE_IOERR;
  if (rc != SQLITE_OK)
    set_error (self, rc, error);
  return self->statements[which];
}

static void
bind_text (sqlite3_stmt *statement, int index, const char *text)
{
  if (text != NULL)
    sqlite3_bind_text (statement, index, text, -1, SQLITE_STATIC);
  else
    sqlite3_bind_null (statement, index);
}

/* Runs a prepared statement that gives no rows. */
static gboolean
finish (ChdStoreDatabase *self, sqlite3_stmt *statement, GError **error)
{
  int rc = sqlite3_step (statement);
  gboolean ok = rc == SQLITE_DONE || rc == SQLITE_ROW;

  if (!ok)
    set_error (self, rc, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return ok;
}

static gint64
get_meta (ChdStoreDatabase *self, const char *key)
{
  sqlite3_stmt *statement = prepare (self, STATEMENT_GET_META, NULL);
  gint64 value = 0;

  if (statement == NULL)
    return 0;
  bind_text (statement, 1, key);
  if (sqlite3_step (statement) == SQLITE_ROW)
    value = sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return value;
}

static gboolean
set_meta (ChdStoreDatabase *self, const char *key, gint64 value, GError **error)
{
  sqlite3_stmt *statement = prepare (self, STATEMENT_SET_META, error);

  if (statement == NULL)
    return FALSE;
  bind_text (statement, 1, key);
  sqlite3_bind_int64 (statement, 2, value);
  return finish (self, statement, error);
}

static void
disconnect (ChdStoreDatabase *self)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    g_clear_pointer (&self->statements[i], sqlite3_finalize);
  g_clear_pointer (&self->handle, sqlite3_close);
}

static gboolean
connect_to_file (ChdStoreDatabase *self, GError **error)
{
  int rc;

  self->broken = FALSE;
  rc = sqlite3_open_v2 (self->path, &self->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);
  if (rc != SQLITE_OK)
    {
      set_error (self, rc, error);
      return FALSE;
    }
  sqlite3_busy_timeout (self->handle, BUSY_MILLISECONDS);
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  return run (self, "PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 0; PRAGMA foreign_keys = ON;", error);
}

static gboolean
use_write_ahead_log (ChdStoreDatabase *self, GError **error)
{
  return run (self,
              "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 500;"
              "PRAGMA journal_size_limit = 16777216;",
              error);
}

/* Brings the file from schema @version to the newest, each step in a transaction of its own. */
static gboolean
migrate (ChdStoreDatabase *self, gint64 version, GError **error)
{
  for (; version < CHD_STORE_SCHEMA; version++)
    {
      g_autofree char *pragmas = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
                                                  CHD_STORE_APPLICATION_ID, (int) version + 1);

      if (!run (self, "BEGIN IMMEDIATE", error) || !run (self, migrations[version], error) ||
          !run (self, pragmas, error))
        return FALSE;
    }
  return TRUE;
}

/* Whether the file's content is in order; @error says what is wrong with it. */
static gboolean
check_content (ChdStoreDatabase *self, GError **error)
{
  sqlite3_stmt *statement = NULL;
  gboolean ok = FALSE;

  if (sqlite3_prepare_v2 (self->handle, "PRAGMA quick_check(1)", -1, &statement, NULL) == SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    ok = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0;
  sqlite3_finalize (statement);
  if (!ok)
    set_error (self, SQLITE_CORRUPT, error);
  return ok;
}

static gboolean
prepare_content (ChdStoreDatabase *self, GError **error)
{
  gint64 tables = ask (self, "SELECT count(*) FROM sqlite_schema");
  gint64 application = ask (self, "PRAGMA application_id");
  gint64 version = ask (self, "PRAGMA user_version");

  if (tables < 0)
    {
      set_error (self, sqlite3_errcode (self->handle), error);
      return FALSE;
    }
  if (tables == 0)
    return use_write_ahead_log (self, error) && migrate (self, 0, error);
  if (application != CHD_STORE_APPLICATION_ID)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The file %s belongs to another program."), self->path);
      return FALSE;
    }
  if (version > CHD_STORE_SCHEMA)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                   _ ("The engine's database was made by a newer version of this program; update it."));
      return FALSE;
    }
  if (!use_write_ahead_log (self, error) || (get_meta (self, "clean") == 0 && !check_content (self, error)))
    return FALSE;
  return version == CHD_STORE_SCHEMA ||
         (chd_store_backup (self->handle, self->folder, error) && migrate (self, version, error));
}

/* A damaged database is never written to and never emptied: it moves aside, and the user is told where. */
static void
set_aside (ChdStoreDatabase *self, GError **error)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autofree char *target = g_strdup_printf ("%s.damaged-%s", self->path, stamp);
  g_autofree char *details = NULL;

  disconnect (self);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (self->path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (target, suffixes[i], NULL);

      g_rename (from, to);
    }
  if (error == NULL)
    return;
  details = g_strdup (*error != NULL ? chd_error_get_details (*error) : NULL);
  g_clear_error (error);
  g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
               _ ("The engine's database is damaged. It was kept as %s; the next start begins with an empty one."),
               target);
  chd_error_set_details (*error, details);
}

ChdStoreDatabase *
chd_store_database_open (const char *folder, GError **error)
{
  ChdStoreDatabase *self = g_new0 (ChdStoreDatabase, 1);
  g_autoptr (GError) local = NULL;

  self->remember = TRUE;
  self->folder = g_strdup (folder);
  self->path = g_build_filename (folder, "engine.db", NULL);
  if (connect_to_file (self, &local) && prepare_content (self, &local) && set_meta (self, "clean", 0, &local))
    {
      chmod (self->path, 0600);
      chd_store_reserve_make (folder);
      return self;
    }
  if (g_error_matches (local, CHD_ERROR, CHD_ERROR_CORRUPT))
    set_aside (self, &local);
  g_propagate_error (error, g_steal_pointer (&local));
  self->broken = TRUE;
  chd_store_database_close (self, FALSE);
  return NULL;
}

void
chd_store_database_close (ChdStoreDatabase *self, gboolean clean)
{
  if (clean && !self->broken && self->handle != NULL)
    set_meta (self, "clean", 1, NULL);
  disconnect (self);
  g_free (self->path);
  g_free (self->folder);
  g_free (self);
}

gboolean
chd_store_database_reopen (ChdStoreDatabase *self, GError **error)
{
  disconnect (self);
  return connect_to_file (self, error) && use_write_ahead_log (self, error);
}

void
chd_store_database_set_remember (ChdStoreDatabase *self, gboolean remember)
{
  self->remember = remember;
}

guint64
chd_store_database_get_free_bytes (ChdStoreDatabase *self)
{
  gint64 pages = self->handle != NULL ? ask (self, "PRAGMA freelist_count") : -1;
  gint64 size = pages > 0 ? ask (self, "PRAGMA page_size") : 0;

  return pages > 0 && size > 0 ? (guint64) pages * (guint64) size : 0;
}

gboolean
chd_store_database_is_broken (ChdStoreDatabase *self)
{
  return self->broken;
}

gboolean
chd_store_database_run (ChdStoreDatabase *self, const char *sql, GError **error)
{
  if (self->handle == NULL)
    {
      set_error (self, SQLITE_IOERR, error);
      return FALSE;
    }
  return run (self, sql, error);
}

guint64
chd_store_database_get_version (ChdStoreDatabase *self)
{
  return (guint64) get_meta (self, "version");
}

gboolean
chd_store_database_set_version (ChdStoreDatabase *self, guint64 version, GError **error)
{
  return set_meta (self, "version", (gint64) version, error);
}

gboolean
chd_store_database_each (ChdStoreDatabase *self,
                         const char *resource,
                         const char *namespace_,
                         const char *name,
                         ChdStoreRowFunc func,
                         gpointer user_data,
                         GError **error)
{
  Statement which = resource == NULL     ? STATEMENT_SELECT_ALL
                    : namespace_ == NULL ? STATEMENT_SELECT_RESOURCE
                    : name == NULL       ? STATEMENT_SELECT_NAMESPACE
                                         : STATEMENT_SELECT_ONE;
  sqlite3_stmt *statement = prepare (self, which, error);
  int rc;

  if (statement == NULL)
    return FALSE;
  if (resource != NULL)
    bind_text (statement, 1, resource);
  if (namespace_ != NULL)
    bind_text (statement, 2, namespace_);
  if (name != NULL)
    bind_text (statement, 3, name);
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
    func ((const char *) sqlite3_column_text (statement, 0), (const char *) sqlite3_column_text (statement, 1),
          (const char *) sqlite3_column_text (statement, 2), (const char *) sqlite3_column_text (statement, 3),
          (gsize) sqlite3_column_bytes (statement, 3), user_data);
  if (rc != SQLITE_DONE)
    set_error (self, rc, error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return rc == SQLITE_DONE;
}

static gboolean
remember (ChdStoreDatabase *self,
          ChdChangeType type,
          guint64 version,
          const char *resource,
          const char *namespace_,
          const char *name,
          GError **error)
{
  sqlite3_stmt *statement = prepare (self, STATEMENT_REMEMBER, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) version);
  sqlite3_bind_int (statement, 2, type);
  bind_text (statement, 3, resource);
  bind_text (statement, 4, namespace_);
  bind_text (statement, 5, name);
  return finish (self, statement, error);
}

gboolean
chd_store_database_write (ChdStoreDatabase *self,
                          ChdChangeType type,
                          guint64 version,
                          const char *resource,
                          const char *namespace_,
                          const char *name,
                          const char *uid,
                          const char *completed,
                          const char *body,
                          GError **error)
{
  sqlite3_stmt *statement;

  if (self->remember && !remember (self, type, version, resource, namespace_, name, error))
    return FALSE;
  statement = prepare (self, body != NULL ? STATEMENT_PUT : STATEMENT_DELETE, error);
  if (statement == NULL)
    return FALSE;
  bind_text (statement, 1, resource);
  bind_text (statement, 2, namespace_);
  bind_text (statement, 3, name);
  if (body != NULL)
    {
      bind_text (statement, 4, uid);
      sqlite3_bind_int64 (statement, 5, (gint64) version);
      bind_text (statement, 6, completed);
      bind_text (statement, 7, body);
    }
  return finish (self, statement, error);
}

gboolean
chd_store_database_each_change (ChdStoreDatabase *self, ChdStoreChangeFunc func, gpointer user_data, GError **error)
{
  sqlite3_stmt *statement = prepare (self, STATEMENT_CHANGES, error);
  int rc;

  if (statement == NULL)
    return FALSE;
  while ((rc = sqlite3_step (statement)) == SQLITE_ROW)
    func ((ChdChangeType) sqlite3_column_int (statement, 0), (guint64) sqlite3_column_int64 (statement, 1),
          (const char *) sqlite3_column_text (statement, 2), (const char *) sqlite3_column_text (statement, 3),
          (const char *) sqlite3_column_text (statement, 4), (const char *) sqlite3_column_text (statement, 5),
          (gsize) sqlite3_column_bytes (statement, 5), user_data);
  if (rc != SQLITE_DONE)
    set_error (self, rc, error);
  sqlite3_reset (statement);
  return rc == SQLITE_DONE;
}

gboolean
chd_store_database_trim (ChdStoreDatabase *self, guint64 version, GError **error)
{
  sqlite3_stmt *statement = prepare (self, STATEMENT_TRIM, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, (gint64) version);
  return finish (self, statement, error);
}
