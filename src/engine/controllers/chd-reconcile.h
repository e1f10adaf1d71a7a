/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"

G_BEGIN_DECLS

/* Running controllers' code as transactions: @func gets what it needs to look and to write. It may be run again when a
 * commit failed, so it leaves @data as it can be used again. */

typedef void (*ChdReconcileFunc) (ChdReconcile *self, gpointer data);

/* @data stays valid until @callback returned. */
void chd_reconcile_async (ChdObjectStore *store,
                          ChdEngineClock *clock,
                          ChdReconcileFunc func,
                          gpointer data,
                          GDestroyNotify destroy,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* @again: (out) (optional): see ChdReconcile */
gboolean chd_reconcile_finish (ChdObjectStore *store, GAsyncResult *result, gint64 *again, GError **error);

G_END_DECLS
