/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "chd-registry-store.h"

G_BEGIN_DECLS

/* OCI Distribution (1.1) over the engine's HTTP server, for all paths below /v2/. */

#define CHD_TYPE_REGISTRY_SERVER (chd_registry_server_get_type ())
G_DECLARE_FINAL_TYPE (ChdRegistryServer, chd_registry_server, CHD, REGISTRY_SERVER, GObject)

ChdRegistryServer *chd_registry_server_new (ChdRegistryStore *store);

/**
 * chd_registry_server_handle:
 * @path: decoded, beginning with "/v2"
 *
 * Serves one request. To be called when its headers are there and before its body is read (from an early handler of
 * #SoupServer), after access was checked: bodies of blobs are streamed to disk. It answers every request itself, at
 * once or later, and an ordinary handler for the same path is not run for it.
 */
void chd_registry_server_handle (ChdRegistryServer *self,
                                 SoupServer *server,
                                 SoupServerMessage *message,
                                 const char *path,
                                 GHashTable *query);

G_END_DECLS
