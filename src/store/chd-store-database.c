/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The store's file: its settings, its tables, and what happens when it is damaged. Store thread only.
 *
 *  (1) A file of another program, or of a newer version of this one, is refused and left as it is.
 *  (2) A damaged file is renamed, never emptied or written to; an empty one takes its place, and the user is told.
 *  (3) After an end that was not clean (a write-ahead log was left) the file is checked before it is used. */

#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "chd-error.h"
#include "chd-store-private.h"
#include "chd-util.h"

#define APPLICATION_ID 0x43684473 /* "ChDs" */
#define USER_VERSION 1
#define BUSY_MILLISECONDS 10000
#define BUSY_STEP_MILLISECONDS 5
#define CHECKPOINT_PAGES 1000

/* `engine` is what chd_session_get_engine_id() says: which engine, and which namespace of it. */
static const char tables[] = "CREATE TABLE creation ("
                             "  id INTEGER PRIMARY KEY, engine TEXT NOT NULL, chain TEXT NOT NULL, hash TEXT NOT NULL,"
                             "  started_at INTEGER NOT NULL, UNIQUE (engine, chain));"
                             "CREATE TABLE creation_target ("
                             "  creation INTEGER NOT NULL REFERENCES creation (id) ON DELETE CASCADE,"
                             "  kind TEXT NOT NULL, name TEXT NOT NULL, action TEXT NOT NULL, hash TEXT,"
                             "  is_new INTEGER NOT NULL, state TEXT NOT NULL, uid TEXT,"
                             "  PRIMARY KEY (creation, kind, name)) WITHOUT ROWID;"
                             "CREATE TABLE run ("
                             "  engine TEXT NOT NULL, name TEXT NOT NULL, chain TEXT NOT NULL, uid TEXT,"
                             "  state TEXT NOT NULL, created_at INTEGER NOT NULL, started_at INTEGER NOT NULL,"
                             "  finished_at INTEGER NOT NULL, PRIMARY KEY (engine, name)) WITHOUT ROWID;"
                             "CREATE INDEX run_by_time ON run (created_at);"
                             "CREATE TABLE draft ("
                             "  id TEXT PRIMARY KEY, owner TEXT NOT NULL, title TEXT NOT NULL, path TEXT, base TEXT,"
                             "  document TEXT NOT NULL, changed_at INTEGER NOT NULL,"
                             "  recovering INTEGER NOT NULL DEFAULT 0);";

static gint64
read_number (sqlite3 *db, const char *sql, GError **error)
{
  g_autoptr (ChdSqlStatement) statement = chd_sql_query (db, error, sql, "");

  return statement != NULL && chd_sql_step (statement, error) ? sqlite3_column_int64 (statement, 0) : -1;
}

static gboolean
execute (sqlite3 *db, const char *sql, GError **error)
{
  if (sqlite3_exec (db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  chd_sql_set_error (db, error);
  return FALSE;
}

static gboolean
check_whole (sqlite3 *db, GError **error)
{
  g_autoptr (ChdSqlStatement) statement = chd_sql_query (db, error, "PRAGMA quick_check(1)", "");

  if (statement == NULL || !chd_sql_step (statement, error))
    return FALSE;
  if (g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0)
    return TRUE;
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The program’s own database is damaged."));
  return FALSE;
}

/* Makes the tables in an empty file; two programs may come here at once. */
static gboolean
make_tables (sqlite3 *db, GError **error)
{
  g_autofree char *marks =
      g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID, USER_VERSION);

  if (!execute (db, "BEGIN IMMEDIATE", error))
    return FALSE;
  if ((read_number (db, "PRAGMA user_version", error) == USER_VERSION ||
       (execute (db, tables, error) && execute (db, marks, error))) &&
      execute (db, "COMMIT", error))
    return TRUE;
  sqlite3_exec (db, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/* sqlite does not wait here by itself (two that both read and want to write would wait for each other). */
static gboolean
use_write_ahead_log (sqlite3 *db, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + BUSY_MILLISECONDS * 1000;

  while (sqlite3_exec (db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) != SQLITE_OK)
    {
      if (sqlite3_errcode (db) != SQLITE_BUSY || g_get_monotonic_time () > deadline)
        {
          chd_sql_set_error (db, error);
          return FALSE;
        }
      g_usleep (BUSY_STEP_MILLISECONDS * 1000);
    }
  return TRUE;
}

static gboolean
check_file (sqlite3 *db, const char *path, gboolean unclean, GError **error)
{
  g_autoptr (GError) local = NULL;
  gint64 id = read_number (db, "PRAGMA application_id", &local);
  gint64 version = local == NULL ? read_number (db, "PRAGMA user_version", &local) : -1;
  gint64 n_tables = local == NULL ? read_number (db, "SELECT count(*) FROM sqlite_schema", &local) : -1;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (id != APPLICATION_ID && (id != 0 || n_tables > 0))
    {
      /* Translators: %s is a file name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                   _ ("The file %s is no database of Chain Designer. Move it away, then start again."), path);
      return FALSE;
    }
  if (version > USER_VERSION)
    {
      /* Translators: %s is a file name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                   _ ("The database %s was written by a newer version of Chain Designer. Use that version."), path);
      return FALSE;
    }
  if (unclean && !check_whole (db, error))
    return FALSE;
  return use_write_ahead_log (db, error) && make_tables (db, error);
}

static sqlite3 *
open_file (const char *path, GError **error)
{
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  g_autofree char *settings =
      g_strdup_printf ("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                       "PRAGMA mmap_size = 0; PRAGMA wal_autocheckpoint = %d;",
                       CHECKPOINT_PAGES);
  gboolean unclean = g_file_test (log, G_FILE_TEST_EXISTS);
  sqlite3 *db = NULL;

  if (sqlite3_open_v2 (path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK)
    {
      sqlite3_busy_timeout (db, BUSY_MILLISECONDS);
      sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
      if (execute (db, settings, error) && check_file (db, path, unclean, error))
        return db;
    }
  else
    {
      chd_sql_set_error (db, error);
    }
  sqlite3_close (db);
  return NULL;
}

/* Renames the database with its log, which belongs to it: sqlite would otherwise play it into the new one. */
static char *
set_aside (const char *path, GError **error)
{
  static const char *const tails[] = { "", "-wal", "-shm" };
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *aside = g_strdup_printf ("%s.damaged-%s", path, stamp);

  for (guint i = 0; i < G_N_ELEMENTS (tails); i++)
    {
      g_autofree char *from = g_strconcat (path, tails[i], NULL);
      g_autofree char *to = g_strconcat (aside, tails[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          /* Translators: a file name, and the system's reason */
          g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
                       _ ("The database %s is damaged and cannot be set aside: %s"), path, g_strerror (errno));
          return NULL;
        }
    }
  return g_steal_pointer (&aside);
}

sqlite3 *
chd_store_database_open (const char *path, char **notice, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  sqlite3 *db;

  if (!g_file_test (folder, G_FILE_TEST_IS_DIR) && !chd_make_private_directory (folder, error))
    return NULL;

  db = open_file (path, &local);
  if (db == NULL && g_error_matches (local, CHD_ERROR, CHD_ERROR_CORRUPT))
    {
      g_autofree char *aside = set_aside (path, error);

      if (aside == NULL)
        return NULL;
      g_clear_error (&local);
      /* Translators: %s is a file name */
      *notice = g_strdup_printf (_ ("The program’s own database was damaged. It was kept as %s, and an empty one was "
                                    "begun; chains on the engine and in files are not touched."),
                                 aside);
      db = open_file (path, &local);
    }
  if (db == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return db;
}
