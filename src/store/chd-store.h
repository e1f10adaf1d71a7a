/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the program keeps for its user in one sqlite database ($XDG_DATA_HOME/chain-designer/library.db; WAL,
 * synchronous=FULL): the journal of creations and runs, drafts, the history of runs. All work is done by one thread in
 * the order it was asked for; rules as reliability.md section 1.
 *
 * An answer comes only after its transaction is on disk. The subjects have headers of their own: chd-journal.h,
 * chd-drafts.h, chd-run-history.h. */

#define CHD_TYPE_STORE (chd_store_get_type ())
G_DECLARE_FINAL_TYPE (ChdStore, chd_store, CHD, STORE, GObject)

/* @path: (nullable): %NULL for the user's own. A damaged database is set aside with a message, never emptied. */
void
chd_store_open_async (const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
ChdStore *chd_store_open_finish (GAsyncResult *result, GError **error);
/* For tests and the end of a program: waits until everything asked for is on disk. */
void chd_store_close (ChdStore *self);

/* (nullable): a sentence for the user when a damaged database was set aside while opening. */
const char *chd_store_get_notice (ChdStore *self);
const char *chd_store_get_path (ChdStore *self);

G_END_DECLS
