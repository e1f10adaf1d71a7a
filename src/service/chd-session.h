/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-cluster.h"
#include "chd-connection.h"
#include "chd-registry.h"
#include "chd-store.h"

G_BEGIN_DECLS

/* One engine in use: its connection, what it offers, who we are there, its image registry. Nothing here or above asks
 * which kind of engine it is; what it can do is in its info. */

#define CHD_TYPE_SESSION (chd_session_get_type ())
G_DECLARE_FINAL_TYPE (ChdSession, chd_session, CHD, SESSION, GObject)

/* Signs in and learns what the engine offers. @store: where creations and runs are journaled. */
void chd_session_open_async (ChdConnection *connection,
                             ChdStore *store,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
ChdSession *chd_session_open_finish (GAsyncResult *result, GError **error);

ChdConnection *chd_session_get_connection (ChdSession *self);
ChdCluster *chd_session_get_cluster (ChdSession *self);
ChdRegistry *chd_session_get_registry (ChdSession *self);
ChdStore *chd_session_get_store (ChdSession *self);
const ChdClusterInfo *chd_session_get_info (ChdSession *self);
const ChdIdentity *chd_session_get_identity (ChdSession *self);
/* Which engine and which namespace of it: the key of what the store keeps about it. */
const char *chd_session_get_engine_id (ChdSession *self);
/* "Built-in engine on this computer", or the connection's name; for people. (transfer full) */
char *chd_session_dup_title (ChdSession *self);
/* Another cluster client of the same engine that acts as @user (Impersonate-User); (transfer full). */
ChdCluster *chd_session_dup_cluster_as (ChdSession *self, const char *user, GError **error);

G_END_DECLS
