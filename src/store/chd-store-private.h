/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <sqlite3.h>

#include "chd-store.h"

G_BEGIN_DECLS

/* Private to the store: how its subjects reach the database. */

/* Runs in the store's thread inside a transaction; an error takes back what this work did, and only that.
 * @data: the task's data */
typedef gboolean (*ChdStoreWork) (sqlite3 *db, gpointer data, GError **error);

/* @task: (transfer full): returns a boolean when the transaction is on disk */
void chd_store_submit (ChdStore *self, GTask *task, ChdStoreWork work);

/* @types: a letter for each value: "s" const char * (nullable), "i" gint64. */
gboolean chd_sql_run (sqlite3 *db, GError **error, const char *sql, const char *types, ...);
sqlite3_stmt *chd_sql_query (sqlite3 *db, GError **error, const char *sql, const char *types, ...);
/* Whether there is a row; %FALSE without @error at the end. */
gboolean chd_sql_step (sqlite3_stmt *statement, GError **error);
char *chd_sql_dup_text (sqlite3_stmt *statement, int column);
void chd_sql_set_error (sqlite3 *db, GError **error);

/* Opens the file, checks it and makes its tables. @notice: (out): as chd_store_get_notice() */
sqlite3 *chd_store_database_open (const char *path, char **notice, GError **error);

typedef sqlite3_stmt ChdSqlStatement;
static inline void
chd_sql_statement_free (ChdSqlStatement *statement)
{
  sqlite3_finalize (statement);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdSqlStatement, chd_sql_statement_free)

G_END_DECLS
