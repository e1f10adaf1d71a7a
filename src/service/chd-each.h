/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Private to service: the same asynchronous work for many items, a few of them at a time. One that fails does not stop
 * the others; cancelling starts no more. */

typedef struct _ChdEach ChdEach;

/* Starts the work of one item, which calls chd_each_done() exactly once in the end. */
typedef void (*ChdEachStart) (ChdEach *each, guint index, gpointer data);

void chd_each_async (guint n_items,
                     guint limit,
                     ChdEachStart start,
                     gpointer data,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
/* The first error. */
gboolean chd_each_finish (GAsyncResult *result, GError **error);

/* @error: (nullable) (transfer full) */
void chd_each_done (ChdEach *each, GError *error);
GCancellable *chd_each_get_cancellable (ChdEach *each);

G_END_DECLS
