/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-geometry.h"

G_BEGIN_DECLS

/* Which part of a scene is seen, and how large. The one place that converts between the two kinds of coordinates. */
typedef struct
{
  double x, y;          /* what of the scene stands at the view's top left */
  double scale;         /* view pixels a scene unit */
  double width, height; /* of the view, in its own pixels */
} ChdViewport;

ChdPoint chd_viewport_to_scene (const ChdViewport *self, double x, double y);
ChdPoint chd_viewport_to_view (const ChdViewport *self, double x, double y);
ChdRect chd_viewport_rect_to_view (const ChdViewport *self, const ChdRect *rect);
ChdRect chd_viewport_get_visible (const ChdViewport *self);
/* Changes the scale; what stands at (x, y) of the view stays there. */
void chd_viewport_zoom_at (ChdViewport *self, double x, double y, double scale);
/* Shows all of @rect, in the middle, within the bounds of scale. @margin: in view pixels. */
void chd_viewport_fit (ChdViewport *self, const ChdRect *rect, double margin, double min_scale, double max_scale);
/* Moves as little as needed to show @rect; its top left when it is larger than the view. Returns: whether it moved */
gboolean chd_viewport_reveal (ChdViewport *self, const ChdRect *rect, double margin);
/* From where to where scrolling goes, in view pixels: around the scene's bounds, and never less than what is seen. */
void chd_viewport_get_range (const ChdViewport *self,
                             const ChdRect *bounds,
                             gboolean vertical,
                             double *lower,
                             double *upper);

G_END_DECLS
