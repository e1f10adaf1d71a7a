/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The strict scan of RFC 8259 that every text passes before json-glib sees it, because json-glib 1.6 crashes on
 * deep nesting, cuts strings at \u0000, wraps large integers and accepts what is not JSON (reliability.md, 9).
 *
 * What passes: one document; valid UTF-8 without NUL, also none written as an escape; no lone surrogates;
 * integers within int64, other numbers finite; at most CHD_JSON_MAX_DEPTH levels. */

#include "config.h"

#include "chd-json.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "chd-error.h"

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  const char *problem; /* (nullable) translated, without a full stop */
  gboolean limit;      /* the problem is a limit, not the grammar */
  gboolean unique_keys;
} Scan;

static gboolean
fail (Scan *scan, const char *problem)
{
  if (scan->problem == NULL)
    scan->problem = problem;
  return FALSE;
}

static void
skip_space (Scan *scan)
{
  while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
    scan->at++;
}

static gboolean
scan_hex4 (Scan *scan, guint *value)
{
  *value = 0;
  if (scan->end - scan->at < 4)
    return fail (scan, _ ("a “\\u” escape needs four hexadecimal digits"));
  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (*scan->at);

      if (digit < 0)
        return fail (scan, _ ("a “\\u” escape needs four hexadecimal digits"));
      *value = *value * 16 + (guint) digit;
      scan->at++;
    }
  return TRUE;
}

static gboolean
scan_escape (Scan *scan)
{
  guint value;

  scan->at++;
  if (scan->at == scan->end || strchr ("\"\\/bfnrtu", *scan->at) == NULL || *scan->at == '\0')
    return fail (scan, _ ("unknown escape in a string"));
  if (*scan->at++ != 'u')
    return TRUE;
  if (!scan_hex4 (scan, &value))
    return FALSE;
  if (value == 0)
    return fail (scan, _ ("a string holds the character NUL"));
  if (value >= 0xdc00 && value <= 0xdfff)
    return fail (scan, _ ("a string holds half a character (a lone surrogate)"));
  if (value >= 0xd800 && value <= 0xdbff)
    {
      if (scan->end - scan->at < 6 || scan->at[0] != '\\' || scan->at[1] != 'u')
        return fail (scan, _ ("a string holds half a character (a lone surrogate)"));
      scan->at += 2;
      if (!scan_hex4 (scan, &value))
        return FALSE;
      if (value < 0xdc00 || value > 0xdfff)
        return fail (scan, _ ("a string holds half a character (a lone surrogate)"));
    }
  return TRUE;
}

static gboolean
scan_string (Scan *scan)
{
  scan->at++;
  while (scan->at < scan->end)
    {
      if (*scan->at == '"')
        {
          scan->at++;
          return TRUE;
        }
      if (*scan->at == '\\')
        {
          if (!scan_escape (scan))
            return FALSE;
        }
      else if ((guchar) *scan->at < 0x20)
        return fail (scan, _ ("a string holds a control character"));
      else
        scan->at++;
    }
  return fail (scan, _ ("a string has no end"));
}

static gboolean
scan_digits (Scan *scan)
{
  if (scan->at == scan->end || !g_ascii_isdigit (*scan->at))
    return fail (scan, _ ("a number lacks a digit"));
  while (scan->at < scan->end && g_ascii_isdigit (*scan->at))
    scan->at++;
  return TRUE;
}

static gboolean
scan_number (Scan *scan)
{
  const char *from = scan->at;
  gboolean integer = TRUE;
  char text[400];

  if (*scan->at == '-')
    scan->at++;
  if (scan->at < scan->end && *scan->at == '0')
    scan->at++;
  else if (!scan_digits (scan))
    return FALSE;
  if (scan->at < scan->end && g_ascii_isdigit (*scan->at))
    return fail (scan, _ ("a number begins with 0"));
  if (scan->at < scan->end && *scan->at == '.')
    {
      integer = FALSE;
      scan->at++;
      if (!scan_digits (scan))
        return FALSE;
    }
  if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E'))
    {
      integer = FALSE;
      scan->at++;
      if (scan->at < scan->end && (*scan->at == '+' || *scan->at == '-'))
        scan->at++;
      if (!scan_digits (scan))
        return FALSE;
    }
  if ((gsize) (scan->at - from) >= sizeof text)
    return fail (scan, _ ("a number is too long"));

  memcpy (text, from, (gsize) (scan->at - from));
  text[scan->at - from] = '\0';
  if (integer)
    {
      errno = 0;
      g_ascii_strtoll (text, NULL, 10);
      if (errno == ERANGE)
        return fail (scan, _ ("a whole number is out of range"));
    }
  else if (!isfinite (g_ascii_strtod (text, NULL)))
    return fail (scan, _ ("a number is out of range"));
  return TRUE;
}

static gboolean
scan_word (Scan *scan, const char *word)
{
  gsize length = strlen (word);

  if ((gsize) (scan->end - scan->at) < length || memcmp (scan->at, word, length) != 0)
    return fail (scan, _ ("a value was expected"));
  scan->at += length;
  return TRUE;
}

static gboolean scan_value (Scan *scan, guint depth);

/* Keys are compared as written, after json-glib's own unescaping: "a" and "\u0061" are the same key. */
static char *
dup_key (const char *from, const char *to)
{
  g_autofree char *raw = g_strndup (from, (gsize) (to - from));
  g_autoptr (JsonNode) node = strchr (raw, '\\') != NULL ? json_from_string (raw, NULL) : NULL;

  return node != NULL ? json_node_dup_string (node) : g_strndup (from + 1, (gsize) (to - from - 2));
}

static gboolean
scan_members (Scan *scan, guint depth)
{
  g_autoptr (GHashTable) keys = NULL;

  if (scan->unique_keys)
    keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (;;)
    {
      const char *from;

      skip_space (scan);
      if (scan->at == scan->end || *scan->at != '"')
        return fail (scan, _ ("a key in quotes was expected"));
      from = scan->at;
      if (!scan_string (scan))
        return FALSE;
      if (keys != NULL && !g_hash_table_add (keys, dup_key (from, scan->at)))
        return fail (scan, _ ("the same key stands twice in an object"));
      skip_space (scan);
      if (scan->at == scan->end || *scan->at != ':')
        return fail (scan, _ ("“:” was expected"));
      scan->at++;
      if (!scan_value (scan, depth))
        return FALSE;
      skip_space (scan);
      if (scan->at < scan->end && *scan->at == ',')
        scan->at++;
      else if (scan->at < scan->end && *scan->at == '}')
        break;
      else
        return fail (scan, _ ("“,” or “}” was expected"));
    }
  scan->at++;
  return TRUE;
}

static gboolean
scan_elements (Scan *scan, guint depth)
{
  for (;;)
    {
      if (!scan_value (scan, depth))
        return FALSE;
      skip_space (scan);
      if (scan->at < scan->end && *scan->at == ',')
        scan->at++;
      else if (scan->at < scan->end && *scan->at == ']')
        break;
      else
        return fail (scan, _ ("“,” or “]” was expected"));
    }
  scan->at++;
  return TRUE;
}

static gboolean
scan_container (Scan *scan, guint depth)
{
  char close = *scan->at == '{' ? '}' : ']';

  if (depth >= CHD_JSON_MAX_DEPTH)
    {
      scan->limit = TRUE;
      return fail (scan, _ ("it is nested too deeply"));
    }
  scan->at++;
  skip_space (scan);
  if (scan->at < scan->end && *scan->at == close)
    {
      scan->at++;
      return TRUE;
    }
  return close == '}' ? scan_members (scan, depth + 1) : scan_elements (scan, depth + 1);
}

static gboolean
scan_value (Scan *scan, guint depth)
{
  skip_space (scan);
  if (scan->at == scan->end)
    return fail (scan, _ ("it ends too early"));
  switch (*scan->at)
    {
    case '{':
    case '[':
      return scan_container (scan, depth);
    case '"':
      return scan_string (scan);
    case 't':
      return scan_word (scan, "true");
    case 'f':
      return scan_word (scan, "false");
    case 'n':
      return scan_word (scan, "null");
    default:
      if (*scan->at == '-' || g_ascii_isdigit (*scan->at))
        return scan_number (scan);
      return fail (scan, _ ("a value was expected"));
    }
}

static void
set_scan_error (const Scan *scan, GError **error)
{
  guint line = 1;
  const char *line_start = scan->start;
  g_autofree char *field = NULL;

  for (const char *c = scan->start; c < scan->at && c < scan->end; c++)
    if (*c == '\n')
      {
        line++;
        line_start = c + 1;
      }
  g_set_error (error, CHD_ERROR, scan->limit ? CHD_ERROR_LIMIT : CHD_ERROR_INVALID,
               _ ("This is not valid JSON: line %u, column %u: %s."), line, (guint) (scan->at - line_start) + 1,
               scan->problem);
  if (error != NULL)
    {
      field = g_strdup_printf ("line %u", line);
      chd_error_set_field (*error, field);
    }
}

/**
 * chd_json_scan:
 * @data: the text; need not end with NUL
 * @length: in bytes
 * @max_bytes: larger texts are refused
 *
 * Checks that @data is one JSON document (RFC 8259) within our limits.
 *
 * Returns: %TRUE, or %FALSE with %CHD_ERROR_INVALID or %CHD_ERROR_LIMIT, the message naming line and column
 */
gboolean
chd_json_scan (const char *data, gsize length, gsize max_bytes, ChdJsonFlags flags, GError **error)
{
  Scan scan = { data, data, data + length, NULL, FALSE, (flags & CHD_JSON_UNIQUE_KEYS) != 0 };
  const char *valid_end;

  if (length > max_bytes)
    {
      g_autofree char *limit = g_format_size_full (max_bytes, G_FORMAT_SIZE_IEC_UNITS);

      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("This JSON text is larger than %s."), limit);
      return FALSE;
    }
  if (!g_utf8_validate_len (data, length, &valid_end))
    {
      scan.at = valid_end;
      fail (&scan, _ ("it is not valid UTF-8"));
      set_scan_error (&scan, error);
      return FALSE;
    }
  if (scan_value (&scan, 0))
    {
      skip_space (&scan);
      if (scan.at == scan.end)
        return TRUE;
      fail (&scan, _ ("something follows the end of the document"));
    }
  set_scan_error (&scan, error);
  return FALSE;
}
