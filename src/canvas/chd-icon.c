/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The shapes of the icons, in a square of 24 units. Each line of the little language: M x y, L x y, A x y radius from
 * to (an arc), O x y radius (a circle), Z (close), and what to do with the path so far: f fill, s stroke, t thin
 * stroke, d dotted stroke, w weak stroke, c cut out, e erase. */

#include "config.h"

#include "chd-icon.h"

#include <math.h>

static const char *const icons[CHD_N_ICONS] = {
  /* A pencil in a dotted circle. */
  [CHD_NODE_DRAFT] = "O 12 12 9 d M 8.5 15.5 L 9 13 L 14 8 L 16 10 L 11 15 Z t",
  /* A sheet with a list. */
  [CHD_NODE_PLANNED] =
      "M 6 3.5 L 18 3.5 L 18 20.5 L 6 20.5 Z s M 9.5 8.5 L 14.5 8.5 M 9.5 12 L 14.5 12 M 9.5 15.5 L 12.5 "
      "15.5 t",
  /* An arrow up from a tray. */
  [CHD_NODE_UPLOADING] = "M 12 15 L 12 4 M 7.5 8.5 L 12 4 L 16.5 8.5 s M 4 15 L 4 20 L 20 20 L 20 15 s",
  /* A plus in a ring with an arc. */
  [CHD_NODE_CREATING] = "O 12 12 9 w A 12 12 9 -90 30 s M 12 8 L 12 16 M 8 12 L 16 12 s",
  /* A tick in a box. */
  [CHD_NODE_CREATED] = "M 4 4 L 20 4 L 20 20 L 4 20 Z s M 8 12.5 L 11 15.5 L 16.5 9 s",
  /* A triangle with an exclamation mark. */
  [CHD_NODE_CREATE_FAILED] = "M 12 3 L 22 20.5 L 2 20.5 Z f M 12 9.5 L 12 14 M 12 17.2 L 12 17.3 c",
  /* Unequal, in a diamond. */
  [CHD_NODE_CONFLICT] =
      "M 12 2 L 22 12 L 12 22 L 2 12 Z f M 8 10.2 L 16 10.2 M 8 13.8 L 16 13.8 M 13.8 7.6 L 10.2 16.4 c",
  /* An empty circle. */
  [CHD_NODE_WAITING] = "O 12 12 8.5 s",
  /* A ring with an arc and a core. */
  [CHD_NODE_PROCESSING] = "O 12 12 9 w A 12 12 9 -90 90 s O 12 12 3.5 f",
  /* A person and a clock. */
  [CHD_NODE_AWAITING_APPROVAL] =
      "O 9 6.5 4 f M 1.5 20 L 1.5 18 A 7 18 5.5 180 270 L 10.5 12.5 L 10.5 20 Z f O 17 16.5 7 e O "
      "17 16.5 5 t M 17 13.8 L 17 16.7 L 19 17.8 t",
  /* A tick in a circle. */
  [CHD_NODE_SUCCEEDED] = "O 12 12 10 f M 7.3 12.4 L 10.6 15.6 L 16.8 8.8 c",
  /* A cross in an octagon. */
  [CHD_NODE_FAILED] =
      "M 8 2.2 L 16 2.2 L 21.8 8 L 21.8 16 L 16 21.8 L 8 21.8 L 2.2 16 L 2.2 8 Z f M 8.3 8.3 L 15.7 15.7 M "
      "15.7 8.3 L 8.3 15.7 c",
  /* A clock with a cross. */
  [CHD_NODE_TIMED_OUT] =
      "O 11 11 8.5 s M 11 6 L 11 11.3 L 14 13 s O 18.5 18.5 5.5 e M 16 16 L 21.5 21.5 M 21.5 16 L 16 21.5 s",
  /* A person and a cross. */
  [CHD_NODE_REJECTED] =
      "O 9 6.5 4 f M 1.5 20 L 1.5 18 A 7 18 5.5 180 270 L 11 12.5 A 11 18 5.5 270 360 L 16.5 20 Z f M 17 5 L "
      "22 10 M 22 5 L 17 10 s",
  /* A double arrow. */
  [CHD_NODE_SKIPPED] = "M 5 6 L 11 12 L 5 18 M 12.5 6 L 18.5 12 L 12.5 18 s",
  /* A square in a circle. */
  [CHD_NODE_CANCELLED] = "O 12 12 9 s M 8.5 8.5 L 15.5 8.5 L 15.5 15.5 L 8.5 15.5 Z f",
  /* Two stations on a line. */
  [CHD_ICON_PIPELINE] = "M 6 12 L 18 12 s O 4.5 12 4 f O 19.5 12 4 f",
  /* A prompt. */
  [CHD_ICON_TASK] = "M 2.5 4 L 21.5 4 L 21.5 20 L 2.5 20 Z s M 6.5 9 L 9.8 12 L 6.5 15 M 12 15.5 L 16.5 15.5 s",
  [CHD_ICON_THEN] = "M 3 12 L 20 12 M 14 6 L 20 12 L 14 18 s",
  [CHD_ICON_TOGETHER] = "M 8.5 4 L 8.5 20 M 15.5 4 L 15.5 20 s",
};

static double
read_number (const char **text)
{
  char *end;
  double value = g_ascii_strtod (*text, &end);

  *text = end;
  return value;
}

/* The path begins where an arc begins. */
static void
draw_circle (const ChdIconSink *sink, gpointer data, double x, double y, double radius)
{
  sink->move (data, x + radius, y);
  sink->arc (data, x, y, radius, 0, 180);
  sink->arc (data, x, y, radius, 180, 360);
  sink->close (data);
}

static ChdIconPaint
paint_of (char letter)
{
  switch (letter)
    {
    case 's':
      return CHD_ICON_PAINT_STROKE;
    case 't':
      return CHD_ICON_PAINT_THIN;
    case 'd':
      return CHD_ICON_PAINT_DOTTED;
    case 'w':
      return CHD_ICON_PAINT_FAINT;
    case 'c':
      return CHD_ICON_PAINT_CUT;
    case 'e':
      return CHD_ICON_PAINT_ERASE;
    default:
      return CHD_ICON_PAINT_FILL;
    }
}

void
chd_icon_draw (guint icon, const ChdIconSink *sink, gpointer data)
{
  gboolean open = FALSE;

  for (const char *at = icons[icon]; *at != '\0';)
    {
      char command = *at++;
      double x, y, radius, from;

      switch (command)
        {
        case ' ':
          break;
        case 'M':
        case 'L':
          x = read_number (&at);
          y = read_number (&at);
          (command == 'M' ? sink->move : sink->line) (data, x, y);
          open = TRUE;
          break;
        case 'A':
          x = read_number (&at);
          y = read_number (&at);
          radius = read_number (&at);
          from = read_number (&at);
          (open ? sink->line : sink->move) (data, x + radius * cos (from * G_PI / 180),
                                            y + radius * sin (from * G_PI / 180));
          sink->arc (data, x, y, radius, from, read_number (&at));
          open = TRUE;
          break;
        case 'O':
          x = read_number (&at);
          y = read_number (&at);
          draw_circle (sink, data, x, y, read_number (&at));
          break;
        case 'Z':
          sink->close (data);
          break;
        default:
          sink->paint (data, paint_of (command));
          open = FALSE;
          break;
        }
    }
}
