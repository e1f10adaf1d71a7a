/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-oci.h"

G_BEGIN_DECLS

/* The engine's images on disk: plain files, named by digest.
 *
 *   blobs/<algorithm>/<hex>                   the bytes of blobs and manifests, shared by all repositories
 *   repositories/<name>/_blobs/<algorithm>-<hex>      (empty) the repository has this blob
 *   repositories/<name>/_manifests/<algorithm>-<hex>  the manifest's media type
 *   repositories/<name>/_tags/<tag>           a digest
 *   repositories/<name>/_referrers/<algorithm>-<hex of the subject>/<algorithm>-<hex>
 *   uploads/<id>                              the bytes received so far of an upload
 *
 *  (1) A blob appears under its digest only when its bytes were hashed and synced; it never changes.
 *  (2) A manifest is stored only when what it refers to is in its repository.
 *  (3) Names come from requests, so each is checked by its grammar before it becomes a path.
 *
 * Functions may be called from any thread. */

#define CHD_TYPE_REGISTRY_STORE (chd_registry_store_get_type ())
G_DECLARE_FINAL_TYPE (ChdRegistryStore, chd_registry_store, CHD, REGISTRY_STORE, GObject)

ChdRegistryStore *chd_registry_store_open (const char *folder, GError **error);
const char *chd_registry_store_get_folder (ChdRegistryStore *self);

/* Where the bytes of a blob or manifest are, whichever repository has it; %NULL when they are not here. */
char *chd_registry_store_lookup_blob (ChdRegistryStore *self, const char *digest, gint64 *size);
gboolean chd_registry_store_has_blob (ChdRegistryStore *self, const char *repository, const char *digest);

/* @selector: tag or digest. The manifest's bytes, digest and media type; %NULL with CHD_ERROR_NOT_FOUND. */
GBytes *chd_registry_store_get_manifest (ChdRegistryStore *self,
                                         const char *repository,
                                         const char *selector,
                                         char **digest,
                                         char **media_type,
                                         GError **error);
char **chd_registry_store_list_repositories (ChdRegistryStore *self);
char **chd_registry_store_list_tags (ChdRegistryStore *self, const char *repository, GError **error);

G_END_DECLS
