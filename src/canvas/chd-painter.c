/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What all painters share: fonts, and texts cut to the room they have. Cutting is done here, not by the text engine
 * of each output, so that all of them show the same words. */

#include "config.h"

#include "chd-painter.h"

#define ELLIPSIS "…"
#define MAX_CHARACTERS 400 /* of one text; no card shows as many */

static const struct
{
  double size;
  gboolean bold;
} fonts[CHD_N_FONTS] = {
  [CHD_FONT_TITLE] = { 14, TRUE },  [CHD_FONT_SUBTITLE] = { 12, FALSE },  [CHD_FONT_WORD] = { 11.5, TRUE },
  [CHD_FONT_LANE] = { 13.5, TRUE }, [CHD_FONT_LANE_NOTE] = { 12, FALSE }, [CHD_FONT_LABEL] = { 11.5, FALSE },
  [CHD_FONT_BODY] = { 14, FALSE },  [CHD_FONT_LARGE] = { 26, TRUE },
};

double
chd_font_get_size (ChdFont font)
{
  return fonts[font].size;
}

gboolean
chd_font_is_bold (ChdFont font)
{
  return fonts[font].bold;
}

static PangoFontDescription *
describe_font (ChdFont font, const char *family)
{
  PangoFontDescription *description = pango_font_description_new ();

  pango_font_description_set_family (description, family != NULL ? family : CHD_FONT_FAMILIES);
  pango_font_description_set_absolute_size (description, fonts[font].size * PANGO_SCALE);
  if (fonts[font].bold)
    pango_font_description_set_weight (description, PANGO_WEIGHT_BOLD);
  return description;
}

void
chd_painter_init (ChdPainter *self, const ChdPainterClass *klass, PangoContext *pango, const char *family)
{
  self->klass = klass;
  self->pango = pango;
  self->layout = pango_layout_new (pango);
  pango_layout_set_single_paragraph_mode (self->layout, TRUE);
  for (guint font = 0; font < CHD_N_FONTS; font++)
    self->fonts[font] = describe_font (font, family);
}

void
chd_painter_clear (ChdPainter *self)
{
  for (guint font = 0; font < CHD_N_FONTS; font++)
    g_clear_pointer (&self->fonts[font], pango_font_description_free);
  g_clear_object (&self->layout);
  g_clear_object (&self->pango);
}

static double
measure (ChdPainter *self, const char *text)
{
  PangoRectangle extents;

  pango_layout_set_text (self->layout, text, -1);
  pango_layout_get_extents (self->layout, NULL, &extents);
  return extents.width / (double) PANGO_SCALE;
}

/* As valid UTF-8 in one line, not absurdly long. */
static char *
make_plain (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  GString *plain = g_string_new (NULL);
  guint n = 0;

  for (const char *at = valid; *at != '\0' && n < MAX_CHARACTERS; at = g_utf8_next_char (at), n++)
    {
      gunichar character = g_utf8_get_char (at);

      if (g_unichar_iscntrl (character) || character == 0x2028 || character == 0x2029)
        g_string_append_c (plain, ' ');
      else
        g_string_append_unichar (plain, character);
    }
  return g_string_free (g_steal_pointer (&plain), FALSE);
}

/* How many bytes of @text fit with @tail behind them, at the end of a character as people see it. */
static gsize
find_cut (ChdPainter *self, const char *text, const char *tail, double max_width)
{
  int n_attributes;
  const PangoLogAttr *attributes;
  g_autofree gsize *stops = NULL;
  guint n_stops = 0, low = 0;
  const char *at = text;

  pango_layout_set_text (self->layout, text, -1);
  attributes = pango_layout_get_log_attrs_readonly (self->layout, &n_attributes);
  stops = g_new (gsize, n_attributes + 1);
  for (int i = 0; i < n_attributes; i++)
    {
      if (attributes[i].is_cursor_position)
        stops[n_stops++] = at - text;
      if (*at != '\0')
        at = g_utf8_next_char (at);
    }
  for (guint high = n_stops; low + 1 < high;)
    {
      guint middle = (low + high) / 2;
      g_autofree char *head = g_strndup (text, stops[middle]);
      g_autofree char *whole = g_strconcat (head, tail, NULL);

      if (measure (self, whole) <= max_width)
        low = middle;
      else
        high = middle;
    }
  return n_stops > 0 ? stops[low] : 0;
}

char *
chd_painter_fit (ChdPainter *self, ChdFont font, const char *text, double max_width, double *width)
{
  g_autofree char *plain = make_plain (text);
  double measured;

  pango_layout_set_font_description (self->layout, self->fonts[font]);
  measured = measure (self, plain);
  if (measured > max_width)
    {
      g_autofree char *head = g_strndup (plain, find_cut (self, plain, ELLIPSIS, max_width));

      g_free (plain);
      plain = g_strconcat (g_strchomp (head), ELLIPSIS, NULL);
      measured = measure (self, plain);
    }
  if (width != NULL)
    *width = measured;
  return g_steal_pointer (&plain);
}

/* The last place up to @limit where a line may break, else @limit. */
static gsize
find_break (ChdPainter *self, const char *text, gsize limit)
{
  int n_attributes;
  const PangoLogAttr *attributes;
  const char *at = text;
  gsize best = 0;

  pango_layout_set_text (self->layout, text, -1);
  attributes = pango_layout_get_log_attrs_readonly (self->layout, &n_attributes);
  for (int i = 0; i < n_attributes && (gsize) (at - text) <= limit; i++)
    {
      if (attributes[i].is_line_break)
        best = at - text;
      if (*at == '\0')
        break;
      at = g_utf8_next_char (at);
    }
  return best > 0 ? best : limit;
}

char **
chd_painter_fit_lines (ChdPainter *self, ChdFont font, const char *text, double max_width, guint max_lines)
{
  g_autofree char *plain = make_plain (text);
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  const char *rest = plain;

  pango_layout_set_font_description (self->layout, self->fonts[font]);
  for (guint i = 0; i < max_lines && *rest != '\0'; i++)
    {
      g_autofree char *line = NULL;

      if (i + 1 == max_lines || measure (self, rest) <= max_width)
        {
          line = chd_painter_fit (self, font, rest, max_width, NULL);
          rest = "";
        }
      else
        {
          gsize length = find_break (self, rest, find_cut (self, rest, "", max_width));

          if (length == 0)
            break;
          line = g_strchomp (g_strndup (rest, length));
          rest += length;
        }
      g_strv_builder_add (lines, line);
    }
  return g_strv_builder_end (lines);
}
