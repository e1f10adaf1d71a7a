/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Canvas units: doubles, pixels at 100 %, y downward. */
typedef struct
{
  double x, y;
} ChdPoint;

typedef struct
{
  double x, y, width, height;
} ChdRect;

static inline gboolean
chd_rect_contains (const ChdRect *rect, double x, double y)
{
  return x >= rect->x && x < rect->x + rect->width && y >= rect->y && y < rect->y + rect->height;
}

static inline gboolean
chd_rect_overlaps (const ChdRect *a, const ChdRect *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

static inline void
chd_rect_join (ChdRect *rect, const ChdRect *other)
{
  double right = MAX (rect->x + rect->width, other->x + other->width);
  double bottom = MAX (rect->y + rect->height, other->y + other->height);

  rect->x = MIN (rect->x, other->x);
  rect->y = MIN (rect->y, other->y);
  rect->width = right - rect->x;
  rect->height = bottom - rect->y;
}

static inline ChdRect
chd_rect_grown (const ChdRect *rect, double by)
{
  return (ChdRect){ rect->x - by, rect->y - by, rect->width + 2 * by, rect->height + 2 * by };
}

/* The rectangle between two corners in any order. */
static inline ChdRect
chd_rect_between (double x1, double y1, double x2, double y2)
{
  return (ChdRect){ MIN (x1, x2), MIN (y1, y2), ABS (x2 - x1), ABS (y2 - y1) };
}

G_END_DECLS
