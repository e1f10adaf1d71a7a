/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-connection.h"
#include "chd-http.h"
#include "chd-image-source.h"

G_BEGIN_DECLS

/* A client of one OCI registry.
 *
 *  (1) The login goes to the registry's origin only, and to the token server that the registry names, when that is
 *      reached by https or stands on the same host. Redirected transfers carry no credentials elsewhere.
 *  (2) Nothing received is believed: manifests and blobs are hashed, sizes compared.
 *  (3) An upload is resumed where the registry says it stands; what it holds already is not sent. */

#define CHD_TYPE_REGISTRY (chd_registry_get_type ())
G_DECLARE_FINAL_TYPE (ChdRegistry, chd_registry, CHD, REGISTRY, GObject)

/* @host: (nullable): how references name this registry ("registry.example.org:5000"); %NULL takes it from @http's URL
 */
ChdRegistry *chd_registry_new (ChdHttp *http, const char *host);
ChdRegistry *chd_registry_new_for_connection (ChdConnection *connection, GError **error);
const char *chd_registry_get_host (ChdRegistry *self);
/* A name and password for a registry with a login of its own. */
void chd_registry_set_login (ChdRegistry *self, const char *username, const char *password);

void chd_registry_ping_async (ChdRegistry *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean chd_registry_ping_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

/* What a registry holds under a reference. */
typedef struct
{
  char *digest; /* what is pinned: of the index, when there is one */
  char *media_type;
  gint64 size;    /* of config and layers, for the chosen platform; -1 when it was not asked */
  char *platform; /* (nullable) "linux/amd64", or several with commas */
  char *created;  /* (nullable) RFC 3339 */
} ChdImageInfo;

ChdImageInfo *chd_image_info_copy (const ChdImageInfo *self);
void chd_image_info_free (ChdImageInfo *self);

/**
 * chd_registry_find_async:
 * @repository: "environments/shell"
 * @selector: a tag or a digest
 *
 * Does the image exist, and which digest has it? One HEAD (a GET when the registry names no digest). A missing image
 * is no error: the finish function gives %NULL without one.
 */
void chd_registry_find_async (ChdRegistry *self,
                              const char *repository,
                              const char *selector,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
ChdImageInfo *chd_registry_find_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

/* As find, but reads manifest and config too: size, platform and creation time. Missing: CHD_ERROR_IMAGE_MISSING. */
void chd_registry_inspect_async (ChdRegistry *self,
                                 const char *repository,
                                 const char *selector,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
ChdImageInfo *chd_registry_inspect_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

/**
 * ChdRegistryProgress:
 * @done: bytes that the registry has acknowledged
 * @total: bytes that are missing there (known once all blobs were asked for; grows until then)
 * @digest: (nullable): the blob under way
 *
 * At most ten times a second, and at the end.
 */
typedef void (*ChdRegistryProgress) (gint64 done, gint64 total, const char *digest, gpointer user_data);

/**
 * chd_registry_push_async:
 * @tag: the name the image gets; put last, so that the tag never names a half image
 * @mount_from: (nullable): a repository of this registry that may hold the blobs already
 * @progress: (nullable) (scope notified)
 *
 * Uploads @source. May be repeated at any time: it goes on where it was.
 */
void chd_registry_push_async (ChdRegistry *self,
                              ChdImageSource *source,
                              const char *repository,
                              const char *tag,
                              const char *mount_from,
                              ChdRegistryProgress progress,
                              gpointer progress_data,
                              GDestroyNotify progress_destroy,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* The digest under which the registry holds the image now. */
char *chd_registry_push_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

/* Sorted. */
void chd_registry_list_tags_async (ChdRegistry *self,
                                   const char *repository,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
char **chd_registry_list_tags_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

/* A manifest as it is, its digest checked. */
void chd_registry_get_manifest_async (ChdRegistry *self,
                                      const char *repository,
                                      const char *selector,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* @digest, @media_type: (out) (optional) (transfer full). */
GBytes *chd_registry_get_manifest_finish (ChdRegistry *self,
                                          GAsyncResult *result,
                                          char **digest,
                                          char **media_type,
                                          GError **error);

/* Downloads a blob into @output; an error (and whatever was written) when size or digest are not what they should be.
 */
void chd_registry_get_blob_async (ChdRegistry *self,
                                  const char *repository,
                                  const ChdOciDescriptor *descriptor,
                                  GOutputStream *output,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean chd_registry_get_blob_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdImageInfo, chd_image_info_free)

G_END_DECLS
