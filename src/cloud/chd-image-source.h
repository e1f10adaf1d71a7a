/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-oci.h"

G_BEGIN_DECLS

/* One image on disk, ready to be uploaded: an OCI archive (tar), a docker archive (docker save) or an OCI layout
 * folder. Immutable once opened; may be read from several threads.
 *
 *  (1) Everything is checked before the object exists: the manifest, each blob's size and digest, the config's list of
 *      layers. An archive is indexed, never unpacked; memory is bounded whatever it holds.
 *  (2) Nothing outside the folder or archive is opened, no address in it is asked.
 *  (3) A docker archive's layers are taken as they are; the manifest for them is made here, the same each time. */

#define CHD_TYPE_IMAGE_SOURCE (chd_image_source_get_type ())
G_DECLARE_FINAL_TYPE (ChdImageSource, chd_image_source, CHD, IMAGE_SOURCE, GObject)

typedef enum
{
  CHD_IMAGE_SOURCE_AUTO,
  CHD_IMAGE_SOURCE_OCI_ARCHIVE,
  CHD_IMAGE_SOURCE_DOCKER_ARCHIVE,
  CHD_IMAGE_SOURCE_OCI_LAYOUT,
} ChdImageSourceType;

/* "oci-archive", "docker-archive", "oci-layout", as in a chain's document; %FALSE for another word. */
gboolean chd_image_source_type_from_string (const char *text, ChdImageSourceType *type);
const char *chd_image_source_type_to_string (ChdImageSourceType type);

/**
 * chd_image_source_open_async:
 * @path: an archive or a folder
 * @ref_name: (nullable): which image, when there are several: a tag, or a whole reference
 * @architecture: (nullable): which platform of an image for several; %NULL for that of this machine
 *
 * Reads and checks everything (in a worker thread: an archive is read through once).
 */
void chd_image_source_open_async (const char *path,
                                  ChdImageSourceType type,
                                  const char *ref_name,
                                  const char *architecture,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
ChdImageSource *chd_image_source_open_finish (GAsyncResult *result, GError **error);
/* The same at once, for worker threads and tests. */
ChdImageSource *chd_image_source_open (const char *path,
                                       ChdImageSourceType type,
                                       const char *ref_name,
                                       const char *architecture,
                                       GCancellable *cancellable,
                                       GError **error);

const char *chd_image_source_get_path (ChdImageSource *self);
ChdImageSourceType chd_image_source_get_source_type (ChdImageSource *self);
const char *chd_image_source_get_digest (ChdImageSource *self); /* the manifest's */
const char *chd_image_source_get_media_type (ChdImageSource *self);
GBytes *chd_image_source_get_manifest (ChdImageSource *self);
const ChdOciConfig *chd_image_source_get_config (ChdImageSource *self);
/* (element-type ChdOciDescriptor): the config, then the layers; each digest once. */
GPtrArray *chd_image_source_get_blobs (ChdImageSource *self);
/* Of all blobs together, in bytes. */
gint64 chd_image_source_get_size (ChdImageSource *self);
/* (nullable): the name the image has inside its archive; foreign text. */
const char *chd_image_source_get_ref_name (ChdImageSource *self);

/* The bytes of one blob from @offset on; seekable. Cheap: opens the file. */
GInputStream *chd_image_source_open_blob (ChdImageSource *self, const char *digest, goffset offset, GError **error);

G_END_DECLS
