/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-oci.h"

G_BEGIN_DECLS

/* What all layers of one image may take together. */
#define CHD_LAYER_MAX_BYTES (G_GINT64_CONSTANT (2) * 1024 * 1024 * 1024)
#define CHD_LAYER_MAX_ENTRIES 200000

typedef struct
{
  gint64 bytes;
  gint64 entries;
} ChdLayerUsage;

/* The bytes of a layer's tar, whatever it is packed with: only what its media type says, checked to its end. */
typedef struct _ChdLayerStream ChdLayerStream;

ChdLayerStream *chd_layer_stream_open (const char *path, ChdOciCompression compression, GError **error);
void chd_layer_stream_free (ChdLayerStream *self);
/* 0 at the end, -1 with @error. @data is valid until the next call. */
gssize chd_layer_stream_read (ChdLayerStream *self, const void **data, GError **error);

/**
 * chd_layer_unpack:
 * @path: a layer's blob
 * @diff_id: (nullable): digest of the unpacked tar, as the image's configuration says it
 * @root_fd: an open folder
 * @usage: (inout): what the layers before took
 *
 * Puts a layer over what is in the folder: its files, its white-outs. Nothing outside the folder is ever touched,
 * whatever names and links the layer has: every path is resolved by the kernel within the folder. Owners, devices,
 * set-user-id bits and capabilities are left out. After an error the folder is of no use.
 */
gboolean chd_layer_unpack (const char *path,
                           ChdOciCompression compression,
                           const char *diff_id,
                           int root_fd,
                           ChdLayerUsage *usage,
                           GCancellable *cancellable,
                           GError **error);

/* Removes a file or a whole folder. %FALSE when something is left. */
gboolean chd_layer_remove_tree (int parent_fd, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdLayerStream, chd_layer_stream_free)

G_END_DECLS
