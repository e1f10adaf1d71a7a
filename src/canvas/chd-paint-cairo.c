/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drawing on a cairo context: the painter of PNG and PDF, and the pieces that the widgets' painter borrows. */

#include "config.h"

#include <math.h>
#include <pango/pangocairo.h>

#include "chd-painter.h"

typedef struct
{
  ChdPainter parent;
  cairo_t *cr; /* borrowed */
} CairoPainter;

static void
set_color (cairo_t *cr, const ChdColor *color)
{
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha);
}

void
chd_cairo_rounded (cairo_t *cr, const ChdRect *rect, double radius)
{
  double right = rect->x + rect->width, bottom = rect->y + rect->height;

  radius = CLAMP (radius, 0, MIN (rect->width, rect->height) / 2);
  if (radius == 0)
    {
      cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
      return;
    }
  cairo_new_sub_path (cr);
  cairo_arc (cr, right - radius, rect->y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, right - radius, bottom - radius, radius, 0, G_PI_2);
  cairo_arc (cr, rect->x + radius, bottom - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, rect->x + radius, rect->y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
stroke_inside (cairo_t *cr, const ChdRect *rect, double radius, double inset, double width)
{
  ChdRect middle = chd_rect_grown (rect, -inset - width / 2);

  chd_cairo_rounded (cr, &middle, radius - inset - width / 2);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

void
chd_cairo_box (cairo_t *cr,
               const ChdRect *rect,
               double radius,
               const ChdColor *fill,
               const ChdColor *stroke,
               double width,
               ChdEdge edge)
{
  cairo_save (cr);
  if (fill != NULL)
    {
      set_color (cr, fill);
      chd_cairo_rounded (cr, rect, radius);
      cairo_fill (cr);
    }
  if (stroke != NULL)
    {
      const double dots[] = { 0.01, 2.6 * width }, dashes[] = { 7, 5 };

      set_color (cr, stroke);
      if (edge == CHD_EDGE_DOTTED)
        {
          cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
          cairo_set_dash (cr, dots, 2, 0);
        }
      else if (edge == CHD_EDGE_DASHED)
        cairo_set_dash (cr, dashes, 2, 0);
      stroke_inside (cr, rect, radius, 0, width);
      if (edge == CHD_EDGE_DOUBLE)
        stroke_inside (cr, rect, radius, 2 * width, width);
    }
  cairo_restore (cr);
}

void
chd_cairo_way (cairo_t *cr, const ChdPoint *points, guint n_points, double radius)
{
  for (guint i = 0; i < n_points; i++)
    {
      double before, after, corner;

      if (i == 0)
        {
          cairo_move_to (cr, points[i].x, points[i].y);
          continue;
        }
      if (i + 1 == n_points)
        {
          cairo_line_to (cr, points[i].x, points[i].y);
          continue;
        }
      before = hypot (points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
      after = hypot (points[i + 1].x - points[i].x, points[i + 1].y - points[i].y);
      corner = MIN (radius, MIN (before, after) / 2);
      if (before > 0 && after > 0)
        {
          ChdPoint in = { points[i].x + (points[i - 1].x - points[i].x) / before * corner,
                          points[i].y + (points[i - 1].y - points[i].y) / before * corner };
          ChdPoint out = { points[i].x + (points[i + 1].x - points[i].x) / after * corner,
                           points[i].y + (points[i + 1].y - points[i].y) / after * corner };

          /* A quarter of a circle as a curve. */
          cairo_line_to (cr, in.x, in.y);
          cairo_curve_to (cr, in.x + (points[i].x - in.x) * 0.5523, in.y + (points[i].y - in.y) * 0.5523,
                          out.x + (points[i].x - out.x) * 0.5523, out.y + (points[i].y - out.y) * 0.5523, out.x, out.y);
        }
    }
}

typedef struct
{
  cairo_t *cr;
  const ChdColor *color, *below;
} IconPen;

static void
icon_move (gpointer data, double x, double y)
{
  cairo_move_to (((IconPen *) data)->cr, x, y);
}

static void
icon_line (gpointer data, double x, double y)
{
  cairo_line_to (((IconPen *) data)->cr, x, y);
}

static void
icon_arc (gpointer data, double x, double y, double radius, double from, double to)
{
  cairo_arc (((IconPen *) data)->cr, x, y, radius, from * G_PI / 180, to * G_PI / 180);
}

static void
icon_close (gpointer data)
{
  cairo_close_path (((IconPen *) data)->cr);
}

static void
icon_paint (gpointer data, ChdIconPaint paint)
{
  IconPen *pen = data;
  const double dots[] = { 0.01, 4.04 };
  ChdColor color = paint == CHD_ICON_PAINT_CUT || paint == CHD_ICON_PAINT_ERASE ? *pen->below
                   : paint == CHD_ICON_PAINT_FAINT                              ? chd_color_fade (*pen->color, 0.3)
                                                                                : *pen->color;

  set_color (pen->cr, &color);
  if (paint == CHD_ICON_PAINT_FILL || paint == CHD_ICON_PAINT_ERASE)
    {
      cairo_fill (pen->cr);
      return;
    }
  cairo_set_dash (pen->cr, dots, paint == CHD_ICON_PAINT_DOTTED ? 2 : 0, 0);
  cairo_set_line_width (pen->cr, paint == CHD_ICON_PAINT_THIN ? 1.6 : 2.2);
  cairo_stroke (pen->cr);
}

void
chd_cairo_draw_icon (cairo_t *cr,
                     guint icon,
                     double x,
                     double y,
                     double size,
                     const ChdColor *color,
                     const ChdColor *below)
{
  static const ChdIconSink sink = { icon_move, icon_line, icon_arc, icon_close, icon_paint };
  IconPen pen = { cr, color, below };

  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, size / CHD_ICON_SIZE, size / CHD_ICON_SIZE);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_new_path (cr);
  chd_icon_draw (icon, &sink, &pen);
  cairo_restore (cr);
}

static void
cairo_painter_begin_group (ChdPainter *self, const char *id, const char *title)
{
}

static void
cairo_painter_end_group (ChdPainter *self)
{
}

static void
cairo_painter_box (ChdPainter *self,
                   const ChdRect *rect,
                   double radius,
                   const ChdColor *fill,
                   const ChdColor *stroke,
                   double width,
                   ChdEdge edge)
{
  chd_cairo_box (((CairoPainter *) self)->cr, rect, radius, fill, stroke, width, edge);
}

static void
cairo_painter_way (ChdPainter *self, const ChdPoint *points, guint n_points, double width, const ChdColor *color)
{
  cairo_t *cr = ((CairoPainter *) self)->cr;

  set_color (cr, color);
  cairo_set_line_width (cr, width);
  chd_cairo_way (cr, points, n_points, CHD_WAY_RADIUS);
  cairo_stroke (cr);
}

static void
cairo_painter_polygon (ChdPainter *self, const ChdPoint *points, guint n_points, const ChdColor *color)
{
  cairo_t *cr = ((CairoPainter *) self)->cr;

  set_color (cr, color);
  for (guint i = 0; i < n_points; i++)
    cairo_line_to (cr, points[i].x, points[i].y);
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
cairo_painter_icon (ChdPainter *self,
                    guint icon,
                    double x,
                    double y,
                    double size,
                    const ChdColor *color,
                    const ChdColor *below)
{
  chd_cairo_draw_icon (((CairoPainter *) self)->cr, icon, x, y, size, color, below);
}

static void
cairo_painter_text (ChdPainter *self, double x, double y, ChdFont font, const ChdColor *color, const char *text)
{
  cairo_t *cr = ((CairoPainter *) self)->cr;

  pango_layout_set_font_description (self->layout, self->fonts[font]);
  pango_layout_set_text (self->layout, text, -1);
  set_color (cr, color);
  cairo_move_to (cr, x, y - pango_layout_get_baseline (self->layout) / (double) PANGO_SCALE);
  pango_cairo_show_layout (cr, self->layout);
}

ChdPainter *
chd_cairo_painter_new (cairo_t *cr)
{
  static const ChdPainterClass klass = {
    cairo_painter_begin_group, cairo_painter_end_group, cairo_painter_box,  cairo_painter_way,
    cairo_painter_polygon,     cairo_painter_icon,      cairo_painter_text,
  };
  CairoPainter *self = g_new0 (CairoPainter, 1);
  cairo_font_options_t *options = cairo_font_options_create ();
  PangoContext *context = pango_cairo_create_context (cr);

  /* Widths must not depend on the scale, or texts measured for one would not fit the other. */
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (context, options);
  cairo_font_options_destroy (options);
  chd_painter_init (&self->parent, &klass, context, NULL);
  self->cr = cr;
  return &self->parent;
}

void
chd_painter_free (ChdPainter *self)
{
  chd_painter_clear (self);
  g_free (self);
}
