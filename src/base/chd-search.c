/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Searching as people type. For the initials of Chinese no dictionary is needed: GB 2312 lists its 3755 everyday
 * characters (level 1) in the order of their pinyin, so that 23 boundaries tell the first letter. The rarer characters
 * of level 2 stand by radicals and have none here; where a character has several readings, the standard's one counts.
 */

#include "config.h"

#include "chd-search.h"

#include <string.h>

/* The code of the first character whose pinyin begins with the letter; no syllable begins with i, u or v. */
static const struct
{
  guint16 first;
  char letter;
} boundaries[] = {
  { 0xB0A1, 'a' }, { 0xB0C5, 'b' }, { 0xB2C1, 'c' }, { 0xB4EE, 'd' }, { 0xB6EA, 'e' }, { 0xB7A2, 'f' },
  { 0xB8C1, 'g' }, { 0xB9FE, 'h' }, { 0xBBF7, 'j' }, { 0xBFA6, 'k' }, { 0xC0AC, 'l' }, { 0xC2E8, 'm' },
  { 0xC4C3, 'n' }, { 0xC5B6, 'o' }, { 0xC5BE, 'p' }, { 0xC6DA, 'q' }, { 0xC8BB, 'r' }, { 0xC8F6, 's' },
  { 0xCBFA, 't' }, { 0xCDDA, 'w' }, { 0xCEF4, 'x' }, { 0xD1B9, 'y' }, { 0xD4D1, 'z' },
};
#define END_OF_LEVEL_1 0xD7FA

static gboolean
is_chinese (gunichar c)
{
  return c >= 0x4E00 && c <= 0x9FFF;
}

/* Returns: '\0' when the character is not in the list */
static char
get_initial (GIConv converter, const char *character, gsize length)
{
  char out[8], *in_place = (char *) character, *out_place = out;
  gsize in_left = length, out_left = sizeof out;
  guint code;
  char letter = '\0';

  if (g_iconv (converter, &in_place, &in_left, &out_place, &out_left) == (gsize) -1 || out_place - out != 2)
    {
      g_iconv (converter, NULL, NULL, NULL, NULL);
      return '\0';
    }
  code = ((guint) (guint8) out[0] << 8) | (guint8) out[1];
  if (code >= END_OF_LEVEL_1)
    return '\0';
  for (guint i = 0; i < G_N_ELEMENTS (boundaries) && boundaries[i].first <= code; i++)
    letter = boundaries[i].letter;
  return letter;
}

char *
chd_pinyin_initials (const char *text)
{
  static GIConv converter = NULL;
  static gsize opened = 0;
  g_autoptr (GString) initials = g_string_new (NULL);
  gboolean any = FALSE;

  /* Kept for the process; a system without the table finds by characters only. Main thread, as all searching. */
  if (g_once_init_enter (&opened))
    {
      converter = g_iconv_open ("GB2312", "UTF-8");
      g_once_init_leave (&opened, 1);
    }
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (is_chinese (c))
        {
          char letter =
              converter != (GIConv) -1 ? get_initial (converter, at, (gsize) (g_utf8_next_char (at) - at)) : '\0';

          if (letter != '\0')
            g_string_append_c (initials, letter);
          any |= letter != '\0';
        }
      else if (g_unichar_isalnum (c))
        g_string_append_unichar (initials, g_unichar_tolower (c));
    }
  return any ? g_string_free (g_steal_pointer (&initials), FALSE) : NULL;
}

static char *
fold (const char *text)
{
  g_autofree char *plain = g_utf8_normalize (text, -1, G_NORMALIZE_ALL_COMPOSE);

  return plain != NULL ? g_utf8_casefold (plain, -1) : g_strdup ("");
}

void
chd_search_append (GString *searched, const char *text)
{
  g_autofree char *folded = NULL;
  g_autofree char *initials = NULL;

  if (text == NULL || *text == '\0')
    return;
  folded = fold (text);
  initials = chd_pinyin_initials (text);
  /* A line a field, so that no word is found across two. */
  g_string_append_printf (searched, "%s\n", folded);
  if (initials != NULL)
    g_string_append_printf (searched, "%s\n", initials);
}

char **
chd_search_split (const char *query)
{
  g_autofree char *folded = fold (query);
  g_auto (GStrv) parts = g_strsplit_set (folded, " \t\n", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_strv_builder_add (words, parts[i]);
  return g_strv_builder_end (words);
}

gboolean
chd_search_matches (char **words, const char *const *searched, guint n_searched)
{
  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean found = FALSE;

      for (guint j = 0; j < n_searched && !found; j++)
        found = searched[j] != NULL && strstr (searched[j], words[i]) != NULL;
      if (!found)
        return FALSE;
    }
  return TRUE;
}
