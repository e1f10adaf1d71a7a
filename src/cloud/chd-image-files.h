/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Private to cloud: the files of an image, in a folder or in a tar archive, by their names ("blobs/sha256/…"). Nothing
 * outside of it is ever opened. Immutable; may be used from several threads. */

typedef struct _ChdImageFiles ChdImageFiles;

ChdImageFiles *chd_image_files_open (const char *path, GCancellable *cancellable, GError **error);
void chd_image_files_free (ChdImageFiles *self);
gboolean chd_image_files_is_folder (ChdImageFiles *self);
gboolean chd_image_files_has (ChdImageFiles *self, const char *name);
GBytes *chd_image_files_read (ChdImageFiles *self, const char *name, gsize max_bytes, GError **error);
GInputStream *chd_image_files_open_stream (ChdImageFiles *self, const char *name, gint64 *size, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdImageFiles, chd_image_files_free)

G_END_DECLS
