/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-connection.h"

G_BEGIN_DECLS

/* The connections there are: "local", those that were saved ($XDG_CONFIG_HOME/chain-designer/connections.json, never
 * with a secret), and the contexts of the user's kubeconfig files. A token is kept in the keyring, under the name and
 * the server's address: at another address it is not found. */

#define CHD_CONNECTION_LOCAL "local"

/* Names, each once: "local" first, then saved ones, then contexts. (transfer full) */
char **chd_connections_list (void);
/* CHD_ERROR_NOT_FOUND names those there are. */
ChdConnection *chd_connections_find (const char *name, GError **error);
/* Adds or replaces the saved one of that name. */
gboolean chd_connections_save (ChdConnection *connection, GError **error);
gboolean chd_connections_remove (const char *name, GError **error);

/* @token: (nullable): %NULL forgets it. Without a keyring: CHD_ERROR_UNSUPPORTED; it is never kept elsewhere. */
void chd_connections_store_token_async (ChdConnection *connection,
                                        const char *token,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean chd_connections_store_token_finish (GAsyncResult *result, GError **error);

/* Sets the token of a connection that has no credentials, when the keyring has one; no keyring is no error. */
void chd_connections_lookup_token_async (ChdConnection *connection,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean chd_connections_lookup_token_finish (GAsyncResult *result, GError **error);

G_END_DECLS
