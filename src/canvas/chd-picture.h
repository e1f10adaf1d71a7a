/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-scene.h"

G_BEGIN_DECLS

/* Pictures of a whole scene, made without a display: SVG with real text and a title, PDF with real text, PNG. */
typedef enum
{
  CHD_PICTURE_SVG,
  CHD_PICTURE_PNG,
  CHD_PICTURE_PDF,
} ChdPictureFormat;

typedef enum
{
  CHD_PICTURE_LIGHT = 0,
  CHD_PICTURE_DARK = 1 << 0,
  CHD_PICTURE_TRANSPARENT = 1 << 1, /* no background */
} ChdPictureFlags;

/* @name: "svg", "png" or "pdf", also as the end of a file name. */
gboolean chd_picture_format_from_string (const char *name, ChdPictureFormat *format);

/* @scale: 1 for one pixel (PDF: point) a canvas unit; a PNG that would be too large is made smaller.
 * Returns: (transfer full) (nullable): the bytes */
GBytes *
chd_picture_render (ChdScene *scene, ChdPictureFormat format, double scale, ChdPictureFlags flags, GError **error);
/* The same into a stream, which stays open. */
gboolean chd_picture_write (ChdScene *scene,
                            ChdPictureFormat format,
                            double scale,
                            ChdPictureFlags flags,
                            GOutputStream *stream,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
