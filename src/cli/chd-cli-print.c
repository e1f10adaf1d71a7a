/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What chainctl writes. Text is UTF-8 whatever the locale says, and harmless to a terminal: titles and messages may
 * come from a stranger's document. */

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "chd-cli.h"
#include "chd-json.h"
#include "chd-util.h"

#define MAX_LINE (1024 * 1024)

static void
put (FILE *stream, const char *text)
{
  g_autofree char *harmless = chd_str_sanitize (text, -1, MAX_LINE);

  fputs (harmless, stream);
  fputc ('\n', stream);
}

void
chd_cli_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* In the order in which things happened, when both go to one place. */
  chd_cli_flush ();
  put (stderr, text);
}

void
chd_cli_print (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  put (stdout, text);
}

void
chd_cli_flush (void)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return;
  if (errno != EPIPE)
    fprintf (stderr, _ ("The output could not be written: %s\n"), g_strerror (errno));
  _exit (CHD_EXIT_FAILED);
}

static void
print_json (JsonObject *object, gboolean pretty)
{
  g_autofree char *text = chd_json_write_object (object, pretty, NULL);

  fputs (text, stdout);
  if (!g_str_has_suffix (text, "\n"))
    fputc ('\n', stdout);
  json_object_unref (object);
}

void
chd_cli_print_json (JsonObject *object)
{
  print_json (object, TRUE);
}

void
chd_cli_print_json_line (JsonObject *object)
{
  print_json (object, FALSE);
}

/* How many columns a terminal gives to a text. */
static int
measure (const char *text)
{
  int width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      width += g_unichar_iszerowidth (character) ? 0 : g_unichar_iswide (character) ? 2 : 1;
    }
  return width;
}

void
chd_cli_print_row (const int *widths, ...)
{
  g_autoptr (GString) row = g_string_new (NULL);
  va_list cells;
  const char *cell;
  guint column = 0;

  va_start (cells, widths);
  while ((cell = va_arg (cells, const char *)) != NULL)
    {
      g_autofree char *text = chd_str_sanitize (cell, -1, MAX_LINE);

      g_strdelimit (text, "\n\t", ' ');
      g_string_append (row, text);
      if (widths[column] < 0)
        continue;
      g_string_append_printf (row, "%*s", MAX (widths[column] - measure (text), 0) + 2, "");
      column++;
    }
  va_end (cells);
  g_strchomp (row->str);
  fputs (row->str, stdout);
  fputc ('\n', stdout);
}

char *
chd_cli_format_age (gint64 unix_seconds)
{
  gint64 age = g_get_real_time () / G_USEC_PER_SEC - unix_seconds;

  if (unix_seconds <= 0)
    return g_strdup ("");
  if (age < 60)
    return g_strdup_printf (_ ("%d s"), (int) MAX (age, 0));
  if (age < 3600)
    return g_strdup_printf (_ ("%d min"), (int) (age / 60));
  if (age < 86400)
    return g_strdup_printf (_ ("%d h"), (int) (age / 3600));
  return g_strdup_printf (_ ("%d d"), (int) (age / 86400));
}
