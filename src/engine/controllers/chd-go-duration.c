/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Durations in Go's syntax, both ways, to the nanosecond. */

#include "config.h"

#include "chd-go-duration.h"

#include <math.h>
#include <string.h>

#define SECOND G_GINT64_CONSTANT (1000000000)

static const struct
{
  const char *name;
  double factor;
} units[] = {
  { "ns", 1 }, { "us", 1e3 }, { "µs", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 },
};

gboolean
chd_go_duration_parse (const char *text, gint64 *nanoseconds)
{
  const char *c = text;
  gboolean negative;
  double total = 0;

  if (text == NULL)
    return FALSE;
  negative = *c == '-';
  if (*c == '-' || *c == '+')
    c++;
  if (*c == '\0')
    return FALSE;

  while (*c != '\0' && strcmp (c, "0") != 0)
    {
      gsize digits = strspn (c, "0123456789.");
      g_autofree char *number = g_strndup (c, digits);
      char *end;
      double value = g_ascii_strtod (number, &end);
      gboolean known = FALSE;

      if (digits == 0 || end == number || *end != '\0')
        return FALSE;
      c += digits;
      for (guint i = 0; i < G_N_ELEMENTS (units) && !known; i++)
        if (g_str_has_prefix (c, units[i].name) && !(strcmp (units[i].name, "m") == 0 && c[1] == 's'))
          {
            total += value * units[i].factor;
            c += strlen (units[i].name);
            known = TRUE;
          }
      if (!known || !(total < 9.2e18))
        return FALSE;
      if (*c == '\0')
        break;
    }
  *nanoseconds = (gint64) llround (negative ? -total : total);
  return TRUE;
}

static void
append_fraction (GString *text, guint64 value, guint64 unit, const char *name)
{
  g_string_append_printf (text, "%" G_GUINT64_FORMAT, value / unit);
  if (value % unit != 0)
    {
      g_string_append_c (text, '.');
      for (guint64 rest = value % unit, place = unit / 10; rest != 0; rest %= place, place /= 10)
        {
          g_string_append_c (text, (char) ('0' + rest / place));
          if (place == 1)
            break;
        }
    }
  g_string_append (text, name);
}

char *
chd_go_duration_format (gint64 nanoseconds)
{
  GString *text = g_string_new (nanoseconds < 0 ? "-" : NULL);
  guint64 value = nanoseconds < 0 ? (guint64) 0 - (guint64) nanoseconds : (guint64) nanoseconds;
  guint64 minutes = value / SECOND / 60;

  if (value == 0)
    {
      g_string_append (text, "0s");
    }
  else if (value < SECOND)
    {
      if (value < 1000)
        append_fraction (text, value, 1, "ns");
      else if (value < 1000000)
        append_fraction (text, value, 1000, "µs");
      else
        append_fraction (text, value, 1000000, "ms");
    }
  else
    {
      if (minutes >= 60)
        g_string_append_printf (text, "%" G_GUINT64_FORMAT "h", minutes / 60);
      if (minutes > 0)
        g_string_append_printf (text, "%um", (guint) (minutes % 60));
      append_fraction (text, value % (60 * (guint64) SECOND), SECOND, "s");
    }
  return g_string_free (text, FALSE);
}
