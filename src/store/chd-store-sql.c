/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SQL with values, and sqlite's errors as ours. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-store-private.h"

void
chd_sql_set_error (sqlite3 *db, GError **error)
{
  int code = sqlite3_errcode (db) & 0xff;
  g_autofree char *details = g_strdup_printf ("sqlite %d: %s", sqlite3_extended_errcode (db), sqlite3_errmsg (db));
  GError *made;

  if (code == SQLITE_FULL)
    made = g_error_new_literal (CHD_ERROR, CHD_ERROR_FAILED,
                                _ ("The disk is full. Make room on it, then do it again; nothing was changed."));
  else if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
    made = g_error_new_literal (CHD_ERROR, CHD_ERROR_CORRUPT,
                                _ ("The program’s own database is damaged. Start the program again to repair it."));
  else if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    made = g_error_new_literal (CHD_ERROR, CHD_ERROR_FAILED,
                                _ ("Another program keeps the database of Chain Designer busy. Try again."));
  else
    made = g_error_new_literal (CHD_ERROR, CHD_ERROR_FAILED,
                                _ ("The program’s own database cannot be written. The details say why."));
  chd_error_set_details (made, details);
  g_propagate_error (error, made);
}

static sqlite3_stmt *
prepare (sqlite3 *db, GError **error, const char *sql, const char *types, va_list values)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL) != SQLITE_OK)
    {
      chd_sql_set_error (db, error);
      return NULL;
    }
  for (int i = 0; types[i] != '\0'; i++)
    {
      if (types[i] == 's')
        sqlite3_bind_text (statement, i + 1, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
      else
        sqlite3_bind_int64 (statement, i + 1, va_arg (values, gint64));
    }
  return statement;
}

sqlite3_stmt *
chd_sql_query (sqlite3 *db, GError **error, const char *sql, const char *types, ...)
{
  sqlite3_stmt *statement;
  va_list values;

  va_start (values, types);
  statement = prepare (db, error, sql, types, values);
  va_end (values);
  return statement;
}

gboolean
chd_sql_step (sqlite3_stmt *statement, GError **error)
{
  int code = sqlite3_step (statement);

  if (code == SQLITE_ROW)
    return TRUE;
  if (code != SQLITE_DONE)
    chd_sql_set_error (sqlite3_db_handle (statement), error);
  return FALSE;
}

gboolean
chd_sql_run (sqlite3 *db, GError **error, const char *sql, const char *types, ...)
{
  g_autoptr (ChdSqlStatement) statement = NULL;
  g_autoptr (GError) local = NULL;
  va_list values;

  va_start (values, types);
  statement = prepare (db, error, sql, types, values);
  va_end (values);
  if (statement == NULL)
    return FALSE;
  while (chd_sql_step (statement, &local))
    ;
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

char *
chd_sql_dup_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}
