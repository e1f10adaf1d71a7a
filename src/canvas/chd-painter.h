/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <pango/pango.h>

#include "chd-geometry.h"
#include "chd-icon.h"
#include "chd-palette.h"

G_BEGIN_DECLS

/* What a drawing is made with. There are three painters: cairo (PNG, PDF), SVG, and GTK's snapshot in the widgets. */

typedef enum
{
  CHD_FONT_TITLE,
  CHD_FONT_SUBTITLE,
  CHD_FONT_WORD,
  CHD_FONT_LANE,
  CHD_FONT_LANE_NOTE,
  CHD_FONT_LABEL,
  CHD_FONT_BODY,
  CHD_FONT_LARGE, /* titles of cards that are seen from far */
} ChdFont;
#define CHD_N_FONTS (CHD_FONT_LARGE + 1)

typedef struct _ChdPainter ChdPainter;

typedef struct
{
  /* What follows, up to end_group, is one thing with a name. */
  void (*begin_group) (ChdPainter *self, const char *id, const char *title);
  void (*end_group) (ChdPainter *self);
  /* A rounded rectangle. @fill: (nullable). @stroke: (nullable): inside the rectangle, @width wide. */
  void (*box) (ChdPainter *self,
               const ChdRect *rect,
               double radius,
               const ChdColor *fill,
               const ChdColor *stroke,
               double width,
               ChdEdge edge);
  /* Horizontal and vertical pieces with rounded corners. */
  void (*way) (ChdPainter *self, const ChdPoint *points, guint n_points, double width, const ChdColor *color);
  /* A filled polygon of few corners. */
  void (*polygon) (ChdPainter *self, const ChdPoint *points, guint n_points, const ChdColor *color);
  void (*icon) (ChdPainter *self,
                guint icon,
                double x,
                double y,
                double size,
                const ChdColor *color,
                const ChdColor *below);
  /* One line that fits already; x is its left edge, y its base line. */
  void (*text) (ChdPainter *self, double x, double y, ChdFont font, const ChdColor *color, const char *text);
} ChdPainterClass;

struct _ChdPainter
{
  const ChdPainterClass *klass;
  PangoContext *pango;                      /* (owned): measures texts */
  PangoLayout *layout;                      /* (owned) */
  PangoFontDescription *fonts[CHD_N_FONTS]; /* (owned) */
};

/* @pango: (transfer full); @family: (nullable): CHD_FONT_FAMILIES */
void chd_painter_init (ChdPainter *self, const ChdPainterClass *klass, PangoContext *pango, const char *family);
void chd_painter_clear (ChdPainter *self);

/* The families that pictures ask for. */
#define CHD_FONT_FAMILIES "Cantarell, Noto Sans, Noto Sans CJK SC, sans-serif"

double chd_font_get_size (ChdFont font); /* pixels at 100 % */
gboolean chd_font_is_bold (ChdFont font);

/* One line without control characters, cut with "…" where it would be wider. Returns: (transfer full) */
char *chd_painter_fit (ChdPainter *self, ChdFont font, const char *text, double max_width, double *width);
/* The same over several lines, cut at words, the last with "…". Returns: (transfer full) (array zero-terminated) */
char **chd_painter_fit_lines (ChdPainter *self, ChdFont font, const char *text, double max_width, guint max_lines);

/* Draws the path of an icon on a cairo context; shared by the painters that have one. */
void chd_cairo_draw_icon (cairo_t *cr,
                          guint icon,
                          double x,
                          double y,
                          double size,
                          const ChdColor *color,
                          const ChdColor *below);
void chd_cairo_rounded (cairo_t *cr, const ChdRect *rect, double radius);
void chd_cairo_box (cairo_t *cr,
                    const ChdRect *rect,
                    double radius,
                    const ChdColor *fill,
                    const ChdColor *stroke,
                    double width,
                    ChdEdge edge);
void chd_cairo_way (cairo_t *cr, const ChdPoint *points, guint n_points, double radius);

#define CHD_WAY_RADIUS 8.0

/* The painters without a display; free with chd_painter_free(). */
ChdPainter *chd_cairo_painter_new (cairo_t *cr);
/* Writes elements to @svg. */
ChdPainter *chd_svg_painter_new (GString *svg);
void chd_painter_free (ChdPainter *self);
void chd_svg_escape (GString *svg, const char *text);

G_END_DECLS
