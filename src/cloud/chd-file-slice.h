/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Private to cloud: a part of a regular file as a seekable stream. Several slices of one file do not disturb each
 * other. */

#define CHD_TYPE_FILE_SLICE (chd_file_slice_get_type ())
G_DECLARE_FINAL_TYPE (ChdFileSlice, chd_file_slice, CHD, FILE_SLICE, GInputStream)

GInputStream *chd_file_slice_new (int fd, goffset offset, goffset length, GError **error);

G_END_DECLS
