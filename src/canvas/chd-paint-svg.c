/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The painter of SVG: texts stay texts (cairo would make them outlines), every card is a group with a title, so that
 * the picture can be searched, edited and read aloud. Numbers are written by a C locale. */

#include "config.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#include "chd-painter.h"

typedef struct
{
  ChdPainter parent;
  GString *svg; /* borrowed */
} SvgPainter;

/* Texts are valid UTF-8 without control characters by then, but ids may hold anything. */
void
chd_svg_escape (GString *svg, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (character == '&')
        g_string_append (svg, "&amp;");
      else if (character == '<')
        g_string_append (svg, "&lt;");
      else if (character == '>')
        g_string_append (svg, "&gt;");
      else if (character == '"')
        g_string_append (svg, "&quot;");
      else if (character < 0x20 || character == 0xfffe || character == 0xffff)
        g_string_append_c (svg, ' '); /* XML has no way to write them */
      else
        g_string_append_unichar (svg, character);
    }
}

static void
add_number (GString *svg, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (text, sizeof text, "%.2f", value);
  for (char *end = text + strlen (text) - 1; *end == '0' || *end == '.'; end--)
    {
      gboolean point = *end == '.';

      *end = '\0';
      if (point)
        break;
    }
  g_string_append (svg, g_strcmp0 (text, "-0") == 0 ? "0" : text);
}

static void
add_attribute (GString *svg, const char *name, double value)
{
  g_string_append_printf (svg, " %s=\"", name);
  add_number (svg, value);
  g_string_append_c (svg, '"');
}

static void
add_color (GString *svg, const char *name, const ChdColor *color)
{
  if (color == NULL)
    {
      g_string_append_printf (svg, " %s=\"none\"", name);
      return;
    }
  g_string_append_printf (svg, " %s=\"#%02x%02x%02x\"", name, (guint) (CLAMP (color->red, 0, 1) * 255 + 0.5),
                          (guint) (CLAMP (color->green, 0, 1) * 255 + 0.5),
                          (guint) (CLAMP (color->blue, 0, 1) * 255 + 0.5));
  if (color->alpha < 1)
    {
      g_autofree char *opacity = g_strconcat (name, "-opacity", NULL);

      add_attribute (svg, opacity, color->alpha);
    }
}

static void
add_point (GString *svg, const char *command, double x, double y)
{
  g_string_append (svg, command);
  add_number (svg, x);
  g_string_append_c (svg, ' ');
  add_number (svg, y);
}

static void
svg_begin_group (ChdPainter *self, const char *id, const char *title)
{
  GString *svg = ((SvgPainter *) self)->svg;

  g_string_append (svg, "<g");
  if (id != NULL)
    {
      g_string_append (svg, " id=\"");
      chd_svg_escape (svg, id);
      g_string_append_c (svg, '"');
    }
  g_string_append_c (svg, '>');
  if (title != NULL)
    {
      g_string_append (svg, "<title>");
      chd_svg_escape (svg, title);
      g_string_append (svg, "</title>");
    }
  g_string_append_c (svg, '\n');
}

static void
svg_end_group (ChdPainter *self)
{
  g_string_append (((SvgPainter *) self)->svg, "</g>\n");
}

static void
add_rect (GString *svg,
          const ChdRect *rect,
          double radius,
          const ChdColor *fill,
          const ChdColor *stroke,
          double width,
          ChdEdge edge)
{
  g_string_append (svg, "<rect");
  add_attribute (svg, "x", rect->x);
  add_attribute (svg, "y", rect->y);
  add_attribute (svg, "width", MAX (rect->width, 0));
  add_attribute (svg, "height", MAX (rect->height, 0));
  if (radius > 0)
    add_attribute (svg, "rx", radius);
  add_color (svg, "fill", fill);
  if (stroke != NULL)
    {
      add_color (svg, "stroke", stroke);
      add_attribute (svg, "stroke-width", width);
      if (edge == CHD_EDGE_DOTTED)
        {
          g_string_append (svg, " stroke-linecap=\"round\" stroke-dasharray=\"0.01 ");
          add_number (svg, 2.6 * width);
          g_string_append_c (svg, '"');
        }
      else if (edge == CHD_EDGE_DASHED)
        g_string_append (svg, " stroke-dasharray=\"7 5\"");
    }
  g_string_append (svg, "/>\n");
}

static void
svg_box (ChdPainter *self,
         const ChdRect *rect,
         double radius,
         const ChdColor *fill,
         const ChdColor *stroke,
         double width,
         ChdEdge edge)
{
  GString *svg = ((SvgPainter *) self)->svg;
  ChdRect middle = chd_rect_grown (rect, -width / 2), inner = chd_rect_grown (rect, -2.5 * width);

  if (fill != NULL)
    add_rect (svg, rect, radius, fill, NULL, 0, CHD_EDGE_SOLID);
  if (stroke == NULL)
    return;
  add_rect (svg, &middle, MAX (radius - width / 2, 0), NULL, stroke, width, edge);
  if (edge == CHD_EDGE_DOUBLE)
    add_rect (svg, &inner, MAX (radius - 2.5 * width, 0), NULL, stroke, width, edge);
}

static void
svg_way (ChdPainter *self, const ChdPoint *points, guint n_points, double width, const ChdColor *color)
{
  GString *svg = ((SvgPainter *) self)->svg;

  g_string_append (svg, "<path d=\"");
  for (guint i = 0; i < n_points; i++)
    {
      double before, after, corner;

      if (i == 0 || i + 1 == n_points)
        {
          add_point (svg, i == 0 ? "M" : "L", points[i].x, points[i].y);
          continue;
        }
      before = hypot (points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
      after = hypot (points[i + 1].x - points[i].x, points[i + 1].y - points[i].y);
      corner = MIN (CHD_WAY_RADIUS, MIN (before, after) / 2);
      if (before == 0 || after == 0)
        continue;
      add_point (svg, "L", points[i].x + (points[i - 1].x - points[i].x) / before * corner,
                 points[i].y + (points[i - 1].y - points[i].y) / before * corner);
      add_point (svg, "Q", points[i].x, points[i].y);
      add_point (svg, " ", points[i].x + (points[i + 1].x - points[i].x) / after * corner,
                 points[i].y + (points[i + 1].y - points[i].y) / after * corner);
    }
  g_string_append_c (svg, '"');
  add_color (svg, "fill", NULL);
  add_color (svg, "stroke", color);
  add_attribute (svg, "stroke-width", width);
  g_string_append (svg, "/>\n");
}

static void
svg_polygon (ChdPainter *self, const ChdPoint *points, guint n_points, const ChdColor *color)
{
  GString *svg = ((SvgPainter *) self)->svg;

  g_string_append (svg, "<path d=\"");
  for (guint i = 0; i < n_points; i++)
    add_point (svg, i == 0 ? "M" : "L", points[i].x, points[i].y);
  g_string_append (svg, "Z\"");
  add_color (svg, "fill", color);
  g_string_append (svg, "/>\n");
}

typedef struct
{
  GString *svg;
  GString *path;
  const ChdColor *color, *below;
} IconPen;

static void
icon_move (gpointer data, double x, double y)
{
  add_point (((IconPen *) data)->path, "M", x, y);
}

static void
icon_line (gpointer data, double x, double y)
{
  add_point (((IconPen *) data)->path, "L", x, y);
}

static void
icon_arc (gpointer data, double x, double y, double radius, double from, double to)
{
  GString *path = ((IconPen *) data)->path;

  g_string_append_c (path, 'A');
  add_number (path, radius);
  g_string_append_c (path, ' ');
  add_number (path, radius);
  g_string_append_printf (path, " 0 %d 1 ", to - from > 180);
  add_point (path, "", x + radius * cos (to * G_PI / 180), y + radius * sin (to * G_PI / 180));
}

static void
icon_close (gpointer data)
{
  g_string_append_c (((IconPen *) data)->path, 'Z');
}

static void
icon_paint (gpointer data, ChdIconPaint paint)
{
  IconPen *pen = data;
  ChdColor color = paint == CHD_ICON_PAINT_CUT || paint == CHD_ICON_PAINT_ERASE ? *pen->below
                   : paint == CHD_ICON_PAINT_FAINT                              ? chd_color_fade (*pen->color, 0.3)
                                                                                : *pen->color;

  g_string_append_printf (pen->svg, "<path d=\"%s\"", pen->path->str);
  if (paint == CHD_ICON_PAINT_FILL || paint == CHD_ICON_PAINT_ERASE)
    add_color (pen->svg, "fill", &color);
  else
    {
      add_color (pen->svg, "fill", NULL);
      add_color (pen->svg, "stroke", &color);
      add_attribute (pen->svg, "stroke-width", paint == CHD_ICON_PAINT_THIN ? 1.6 : 2.2);
      g_string_append (pen->svg, " stroke-linecap=\"round\" stroke-linejoin=\"round\"");
      if (paint == CHD_ICON_PAINT_DOTTED)
        g_string_append (pen->svg, " stroke-dasharray=\"0.01 4.04\"");
    }
  g_string_append (pen->svg, "/>");
  g_string_truncate (pen->path, 0);
}

static void
svg_icon (ChdPainter *self, guint icon, double x, double y, double size, const ChdColor *color, const ChdColor *below)
{
  static const ChdIconSink sink = { icon_move, icon_line, icon_arc, icon_close, icon_paint };
  GString *svg = ((SvgPainter *) self)->svg;
  g_autoptr (GString) path = g_string_new (NULL);
  IconPen pen = { svg, path, color, below };

  g_string_append (svg, "<g transform=\"translate(");
  add_point (svg, "", x, y);
  g_string_append (svg, ") scale(");
  add_number (svg, size / CHD_ICON_SIZE);
  g_string_append (svg, ")\">");
  chd_icon_draw (icon, &sink, &pen);
  g_string_append (svg, "</g>\n");
}

static void
svg_text (ChdPainter *self, double x, double y, ChdFont font, const ChdColor *color, const char *text)
{
  GString *svg = ((SvgPainter *) self)->svg;

  if (*text == '\0')
    return;
  g_string_append (svg, "<text");
  add_attribute (svg, "x", x);
  add_attribute (svg, "y", y);
  add_attribute (svg, "font-size", chd_font_get_size (font));
  if (chd_font_is_bold (font))
    g_string_append (svg, " font-weight=\"bold\"");
  add_color (svg, "fill", color);
  g_string_append_c (svg, '>');
  chd_svg_escape (svg, text);
  g_string_append (svg, "</text>\n");
}

ChdPainter *
chd_svg_painter_new (GString *svg)
{
  static const ChdPainterClass klass = {
    svg_begin_group, svg_end_group, svg_box, svg_way, svg_polygon, svg_icon, svg_text,
  };
  SvgPainter *self = g_new0 (SvgPainter, 1);

  chd_painter_init (&self->parent, &klass, pango_font_map_create_context (pango_cairo_font_map_get_default ()), NULL);
  self->svg = svg;
  return &self->parent;
}
