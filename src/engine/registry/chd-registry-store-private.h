/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "chd-registry-store.h"

G_BEGIN_DECLS

/* The writing side of the store: for the server of this room and for tests. Errors carry the registry's own code
 * ("DIGEST_INVALID", "NAME_UNKNOWN" …) as their reason. */

/* A blob of this size and more is refused. */
#define CHD_REGISTRY_MAX_BLOB (G_GINT64_CONSTANT (8) * 1024 * 1024 * 1024)

/* One upload while a request works on it; nobody else can open it meanwhile. */
typedef struct _ChdRegistryUpload ChdRegistryUpload;

/* Returns the new upload's id. */
char *chd_registry_store_begin_upload (ChdRegistryStore *self, const char *repository, GError **error);
ChdRegistryUpload *
chd_registry_store_open_upload (ChdRegistryStore *self, const char *repository, const char *id, GError **error);
void chd_registry_upload_close (ChdRegistryUpload *upload); /* keeps what was received */
gint64 chd_registry_upload_get_size (const ChdRegistryUpload *upload);
gboolean chd_registry_upload_append (ChdRegistryUpload *upload, gconstpointer data, gsize length, GError **error);
/* Makes it the blob @digest of its repository, when that is what its bytes are. It stays as it is when they are not.
 * Syncs: for a worker thread. */
gboolean chd_registry_upload_finish (ChdRegistryUpload *upload, const char *digest, GError **error);
gboolean
chd_registry_store_cancel_upload (ChdRegistryStore *self, const char *repository, const char *id, GError **error);

gboolean chd_registry_store_has_repository (ChdRegistryStore *self, const char *repository);
char **chd_registry_store_list_by (ChdRegistryStore *self, const char *kind);
gboolean chd_registry_store_mount_blob (ChdRegistryStore *self,
                                        const char *repository,
                                        const char *from,
                                        const char *digest,
                                        GError **error);
/* A small blob as a whole. Returns its digest. */
char *chd_registry_store_put_blob (ChdRegistryStore *self, const char *repository, GBytes *bytes, GError **error);
/* @missing: (out) (optional): digests that the manifest names and the repository has not.
 * @subject: (out) (optional): the digest that the manifest refers to. Returns the manifest's digest. */
char *chd_registry_store_put_manifest (ChdRegistryStore *self,
                                       const char *repository,
                                       const char *selector,
                                       GBytes *bytes,
                                       const char *media_type,
                                       char ***missing,
                                       char **subject,
                                       GError **error);
/* With a digest also all its tags go. */
gboolean chd_registry_store_delete_manifest (ChdRegistryStore *self,
                                             const char *repository,
                                             const char *selector,
                                             GError **error);
gboolean
chd_registry_store_delete_blob (ChdRegistryStore *self, const char *repository, const char *digest, GError **error);
/* An index of the manifests with this subject. @artifact_type: (nullable): only of this type. */
JsonObject *chd_registry_store_list_referrers (ChdRegistryStore *self,
                                               const char *repository,
                                               const char *digest,
                                               const char *artifact_type,
                                               GError **error);

/* Between the store's files. All paths: (transfer full), made of checked names only. */
gboolean chd_registry_refuse (GError **error, int code, const char *reason, const char *message);
gboolean chd_registry_refuse_errno (GError **error, int saved_errno);
gboolean chd_registry_check_repository (const char *repository, GError **error);
gboolean chd_registry_check_digest (const char *digest, GError **error);
char *chd_registry_blob_path (ChdRegistryStore *self, const char *digest);
/* @kind: "_blobs", "_manifests", "_tags" or "_referrers"; @name: (nullable): a tag, or a digest */
char *chd_registry_repository_path (ChdRegistryStore *self, const char *repository, const char *kind, const char *name);
char *chd_registry_upload_path (ChdRegistryStore *self, const char *id);
gboolean chd_registry_make_folder (const char *path, GError **error);
gboolean chd_registry_write_all (int fd, gconstpointer data, gsize length);
gboolean
chd_registry_write_small (ChdRegistryStore *self, const char *path, const char *text, gsize length, GError **error);
gboolean chd_registry_sync_folder_of (const char *path, GError **error);
void chd_registry_store_lock (ChdRegistryStore *self);
void chd_registry_store_unlock (ChdRegistryStore *self);
GHashTable *chd_registry_store_get_uploads (ChdRegistryStore *self);
void chd_registry_upload_free (ChdRegistryUpload *upload);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdRegistryUpload, chd_registry_upload_close)

G_END_DECLS
