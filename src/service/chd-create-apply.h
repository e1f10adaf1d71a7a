/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-cluster.h"

G_BEGIN_DECLS

/* Private to the creation: server-side apply of one object, until it is known what the engine has. A lost answer is
 * asked after, a passing conflict of versions is tried again; a conflict with somebody else's value is
 * CHD_ERROR_CONFLICT. Returns the object as the engine has it. */
void chd_create_apply_async (ChdCluster *cluster,
                             JsonObject *object,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
JsonObject *chd_create_apply_finish (GAsyncResult *result, GError **error);

G_END_DECLS
