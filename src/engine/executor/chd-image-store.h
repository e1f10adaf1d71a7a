/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-registry-store.h"

G_BEGIN_DECLS

/* Images made ready for steps: from the blobs of the engine's registry to a read-only root folder. Layers are unpacked
 * once per image into roots/<manifest digest>; a root appears by renaming when it is complete. */

/* The image reference that means this machine's own system, read-only. */
#define CHD_IMAGE_HOST "host"

typedef struct _ChdImage ChdImage;

#define CHD_TYPE_IMAGE (chd_image_get_type ())
GType chd_image_get_type (void);
ChdImage *chd_image_ref (ChdImage *self);
void chd_image_unref (ChdImage *self);

gboolean chd_image_is_host (const ChdImage *self);
const char *chd_image_get_root (const ChdImage *self);      /* absolute folder; "/" for the host system */
const char *chd_image_get_reference (const ChdImage *self); /* as it was asked for */
const char *chd_image_get_digest (const ChdImage *self);    /* (nullable) for the host system */
/* What TaskRun.status.steps[].imageID says. */
const char *chd_image_get_image_id (const ChdImage *self);
const char *const *chd_image_get_entrypoint (const ChdImage *self); /* possibly empty, never NULL */
const char *const *chd_image_get_cmd (const ChdImage *self);
const char *const *chd_image_get_env (const ChdImage *self);  /* "NAME=value" */
const char *chd_image_get_working_dir (const ChdImage *self); /* (nullable) */
const char *chd_image_get_user (const ChdImage *self);        /* (nullable) */

#define CHD_TYPE_IMAGE_STORE (chd_image_store_get_type ())
G_DECLARE_FINAL_TYPE (ChdImageStore, chd_image_store, CHD, IMAGE_STORE, GObject)

/* @folder: for the roots; made when needed */
ChdImageStore *chd_image_store_new (ChdRegistryStore *registry, const char *folder);

/**
 * chd_image_store_resolve_async:
 * @reference: "environments/shell@sha256:…", "environments/shell:1", with or without a host; or %CHD_IMAGE_HOST
 *
 * Finds the image among the engine's blobs (it asks no other registry) and unpacks it when that was not done yet;
 * several requests for the same image share the work.
 *
 * Errors are sentences fit for the reason PullImageFailed: CHD_ERROR_IMAGE_MISSING when the image is not here,
 * CHD_ERROR_INVALID for a bad reference, CHD_ERROR_CORRUPT and CHD_ERROR_LIMIT for an image that is not sound.
 */
void chd_image_store_resolve_async (ChdImageStore *self,
                                    const char *reference,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
ChdImage *chd_image_store_resolve_finish (ChdImageStore *self, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdImage, chd_image_unref)

G_END_DECLS
