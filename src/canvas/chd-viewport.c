/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The view's arithmetic, free of widgets so that it is tested without a display. */

#include "config.h"

#include "chd-viewport.h"

ChdPoint
chd_viewport_to_scene (const ChdViewport *self, double x, double y)
{
  return (ChdPoint){ self->x + x / self->scale, self->y + y / self->scale };
}

ChdPoint
chd_viewport_to_view (const ChdViewport *self, double x, double y)
{
  return (ChdPoint){ (x - self->x) * self->scale, (y - self->y) * self->scale };
}

ChdRect
chd_viewport_rect_to_view (const ChdViewport *self, const ChdRect *rect)
{
  return (ChdRect){ (rect->x - self->x) * self->scale, (rect->y - self->y) * self->scale, rect->width * self->scale,
                    rect->height * self->scale };
}

ChdRect
chd_viewport_get_visible (const ChdViewport *self)
{
  return (ChdRect){ self->x, self->y, self->width / self->scale, self->height / self->scale };
}

void
chd_viewport_zoom_at (ChdViewport *self, double x, double y, double scale)
{
  ChdPoint fixed = chd_viewport_to_scene (self, x, y);

  self->scale = scale;
  self->x = fixed.x - x / scale;
  self->y = fixed.y - y / scale;
}

void
chd_viewport_fit (ChdViewport *self, const ChdRect *rect, double margin, double min_scale, double max_scale)
{
  double width = MAX (self->width - 2 * margin, 1), height = MAX (self->height - 2 * margin, 1);
  double scale = MIN (width / MAX (rect->width, 1), height / MAX (rect->height, 1));

  self->scale = CLAMP (scale, min_scale, max_scale);
  self->x = rect->x + rect->width / 2 - self->width / self->scale / 2;
  self->y = rect->y + rect->height / 2 - self->height / self->scale / 2;
  /* What does not fit begins at its beginning. */
  if (rect->width * self->scale > self->width)
    self->x = rect->x - margin / self->scale;
  if (rect->height * self->scale > self->height)
    self->y = rect->y - margin / self->scale;
}

static gboolean
reveal_axis (double *start, double size, double from, double length, double margin)
{
  double old = *start;

  if (length + 2 * margin > size)
    margin = MAX ((size - length) / 2, 0);
  if (from + length + margin > *start + size)
    *start = from + length + margin - size;
  if (from - margin < *start)
    *start = from - margin;
  return *start != old;
}

gboolean
chd_viewport_reveal (ChdViewport *self, const ChdRect *rect, double margin)
{
  ChdRect seen = chd_viewport_get_visible (self);
  gboolean moved_x = reveal_axis (&self->x, seen.width, rect->x, rect->width, margin / self->scale);
  gboolean moved_y = reveal_axis (&self->y, seen.height, rect->y, rect->height, margin / self->scale);

  return moved_x || moved_y;
}

void
chd_viewport_get_range (const ChdViewport *self, const ChdRect *bounds, gboolean vertical, double *lower, double *upper)
{
  double page = vertical ? self->height : self->width;
  double value = (vertical ? self->y : self->x) * self->scale;
  double from = (vertical ? bounds->y : bounds->x) * self->scale;
  double to = from + (vertical ? bounds->height : bounds->width) * self->scale;

  /* Half a page of air, so that the last card can be brought to the middle. */
  *lower = MIN (from - page / 2, value);
  *upper = MAX (to + page / 2, value + page);
}
