/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-object-store.h"
#include "chd-registry-server.h"

G_BEGIN_DECLS

/* The engine's door: the Kubernetes API over HTTP on a Unix socket, and on loopback with TLS and a token on request;
 * /v2/ goes to the registry.
 *
 *  (1) On the socket only its owner is served (peer uid), on TCP only who has the token; a foreign Host or any Origin
 *      is refused before anything else is looked at.
 *  (2) Whoever is served may act as anybody by Impersonate-User (kubectl --as): a workstation has one user, and he
 *      plays every lead. Without it the user's own login name counts. */

#define CHD_TYPE_API_SERVER (chd_api_server_get_type ())
G_DECLARE_FINAL_TYPE (ChdApiServer, chd_api_server, CHD, API_SERVER, GObject)

/* @registry: (nullable). @folder: the engine's data folder, for logs (chd-engine-folder.h) */
ChdApiServer *chd_api_server_new (ChdObjectStore *store, ChdRegistryServer *registry, const char *folder);
gboolean chd_api_server_listen_socket (ChdApiServer *self, const char *path, GError **error);
/* Opens 127.0.0.1 with TLS; certificate authority and token are made at first use and kept in the data folder.
 * Returns: (transfer full): a kubeconfig for kubectl, with its port */
char *chd_api_server_listen_tcp (ChdApiServer *self, guint16 port, GError **error);
/* For the engine's own commands: answers /chain-engine/NAME, on the Unix socket only. Returns: (transfer full)
 * (nullable): %NULL without @error for an unknown name */
typedef JsonObject *(*ChdApiPrivateFunc) (const char *name, gpointer user_data, GError **error);
void chd_api_server_set_private_func (ChdApiServer *self, ChdApiPrivateFunc func, gpointer user_data);
/* Watches and requests under way. Property "n-busy" notifies. */
guint chd_api_server_get_n_busy (ChdApiServer *self);
void chd_api_server_stop (ChdApiServer *self);

G_END_DECLS
