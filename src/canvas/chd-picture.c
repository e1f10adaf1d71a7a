/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Pictures of a scene as bytes. Nothing here needs a display: fonts come from fontconfig, icons are drawn. */

#include "config.h"

#include "chd-picture.h"

#include <cairo-pdf.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "chd-draw.h"
#include "chd-error.h"

#define MARGIN 24.0
#define MIN_SCALE 0.01
#define MAX_SCALE 8.0
#define MAX_PNG_SIDE 16000.0 /* cairo ends at 32767, and viewers long before */
#define MAX_PNG_PIXELS 48e6  /* 192 MB while it is drawn */
#define MAX_PDF_SIDE 14400.0 /* what readers accept */

static const char *const format_names[] = { "svg", "png", "pdf" };

gboolean
chd_picture_format_from_string (const char *name, ChdPictureFormat *format)
{
  const char *end = name != NULL ? strrchr (name, '.') : NULL;

  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (format_names); i++)
    if (g_ascii_strcasecmp (end != NULL ? end + 1 : name, format_names[i]) == 0)
      {
        *format = i;
        return TRUE;
      }
  return FALSE;
}

static ChdRect
picture_area (ChdScene *scene)
{
  ChdRect bounds = chd_scene_get_bounds (scene);

  return chd_rect_grown (&bounds, MARGIN);
}

static char *
dup_title (ChdScene *scene)
{
  const ChdHead *head = chd_chain_get_head (chd_scene_get_chain (scene));

  return g_strdup (chd_item_get_title (head));
}

static void
add_number (GString *text, const char *before, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (text, before);
  g_string_append (text, g_ascii_formatd (number, sizeof number, "%.2f", value));
}

static GBytes *
render_svg (ChdScene *scene, const ChdPalette *palette, double scale, ChdPictureFlags flags)
{
  ChdRect area = picture_area (scene);
  GString *svg = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"");
  ChdPainter *painter = chd_svg_painter_new (svg);
  g_autofree char *title = dup_title (scene);
  g_autofree char *description = chd_scene_dup_name (scene);

  add_number (svg, " width=\"", area.width * scale);
  add_number (svg, "\" height=\"", area.height * scale);
  add_number (svg, "\" viewBox=\"", area.x);
  add_number (svg, " ", area.y);
  add_number (svg, " ", area.width);
  add_number (svg, " ", area.height);
  g_string_append (svg, "\" role=\"img\" aria-labelledby=\"title description\" font-family=\"" CHD_FONT_FAMILIES "\">\n"
                        "<title id=\"title\">");
  chd_svg_escape (svg, title);
  g_string_append (svg, "</title>\n<desc id=\"description\">");
  chd_svg_escape (svg, description);
  g_string_append (svg, "</desc>\n");
  if ((flags & CHD_PICTURE_TRANSPARENT) == 0)
    painter->klass->box (painter, &area, 0, &palette->background, NULL, 0, CHD_EDGE_SOLID);
  chd_draw_scene (painter, palette, scene);
  g_string_append (svg, "</svg>\n");
  chd_painter_free (painter);
  return g_string_free_to_bytes (svg);
}

static void
draw_with_cairo (ChdScene *scene,
                 const ChdPalette *palette,
                 cairo_surface_t *surface,
                 double scale,
                 ChdPictureFlags flags)
{
  ChdRect area = picture_area (scene);
  cairo_t *cr = cairo_create (surface);
  ChdPainter *painter;

  if ((flags & CHD_PICTURE_TRANSPARENT) == 0)
    {
      cairo_set_source_rgb (cr, palette->background.red, palette->background.green, palette->background.blue);
      cairo_paint (cr);
    }
  cairo_scale (cr, scale, scale);
  cairo_translate (cr, -area.x, -area.y);
  painter = chd_cairo_painter_new (cr);
  chd_draw_scene (painter, palette, scene);
  chd_painter_free (painter);
  cairo_destroy (cr);
}

static cairo_status_t
append_cb (void *closure, const unsigned char *data, unsigned int length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static gboolean
check_surface (cairo_surface_t *surface, GError **error)
{
  cairo_status_t status = cairo_surface_status (surface);

  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_FAILED, _ ("The picture cannot be drawn. Choose a smaller size."));
  if (error != NULL)
    chd_error_set_details (*error, cairo_status_to_string (status));
  return FALSE;
}

static GBytes *
render_png (ChdScene *scene, const ChdPalette *palette, double scale, ChdPictureFlags flags, GError **error)
{
  ChdRect area = picture_area (scene);
  cairo_surface_t *surface;
  GByteArray *bytes = g_byte_array_new ();
  cairo_status_t status;
  gboolean drawn;

  scale = MIN (scale, MAX_PNG_SIDE / MAX (area.width, area.height));
  scale = MIN (scale, sqrt (MAX_PNG_PIXELS / (area.width * area.height)));
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, MAX (1, (int) ceil (area.width * scale)),
                                        MAX (1, (int) ceil (area.height * scale)));
  draw_with_cairo (scene, palette, surface, scale, flags);
  drawn = check_surface (surface, error);
  status = drawn ? cairo_surface_write_to_png_stream (surface, append_cb, bytes) : CAIRO_STATUS_SUCCESS;
  cairo_surface_destroy (surface);
  if (drawn && status == CAIRO_STATUS_SUCCESS)
    return g_byte_array_free_to_bytes (bytes);
  if (drawn)
    g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED, _ ("The picture cannot be written: %s."),
                 cairo_status_to_string (status));
  g_byte_array_unref (bytes);
  return NULL;
}

static GBytes *
render_pdf (ChdScene *scene, const ChdPalette *palette, double scale, ChdPictureFlags flags, GError **error)
{
  ChdRect area = picture_area (scene);
  GByteArray *bytes = g_byte_array_new ();
  g_autofree char *title = dup_title (scene);
  cairo_surface_t *surface;
  gboolean drawn;

  scale = MIN (scale, MAX_PDF_SIDE / MAX (area.width, area.height));
  surface = cairo_pdf_surface_create_for_stream (append_cb, bytes, area.width * scale, area.height * scale);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Chain Designer");
  draw_with_cairo (scene, palette, surface, scale, flags);
  cairo_surface_finish (surface);
  drawn = check_surface (surface, error);
  cairo_surface_destroy (surface);
  if (drawn)
    return g_byte_array_free_to_bytes (bytes);
  g_byte_array_unref (bytes);
  return NULL;
}

GBytes *
chd_picture_render (ChdScene *scene, ChdPictureFormat format, double scale, ChdPictureFlags flags, GError **error)
{
  ChdPalette palette;

  chd_palette_init (&palette, (flags & CHD_PICTURE_DARK) != 0);
  scale = scale > 0 ? CLAMP (scale, MIN_SCALE, MAX_SCALE) : 1;
  switch (format)
    {
    case CHD_PICTURE_PNG:
      return render_png (scene, &palette, scale, flags, error);
    case CHD_PICTURE_PDF:
      return render_pdf (scene, &palette, scale, flags, error);
    case CHD_PICTURE_SVG:
    default:
      return render_svg (scene, &palette, scale, flags);
    }
}

gboolean
chd_picture_write (ChdScene *scene,
                   ChdPictureFormat format,
                   double scale,
                   ChdPictureFlags flags,
                   GOutputStream *stream,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (GBytes) bytes = chd_picture_render (scene, format, scale, flags, error);
  gsize size;
  gconstpointer data;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  return g_output_stream_write_all (stream, data, size, NULL, cancellable, error);
}
