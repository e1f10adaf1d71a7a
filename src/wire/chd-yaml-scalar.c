/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an unquoted scalar means: the rules of kubectl and the API server (YAML 1.1 as Go's yaml.v2 has it), so that a
 * file is the same thing there and here. Dates and times of day stay text; 0x, 0o, 0b and leading zeros are integers.
 */

#include "config.h"

#include "chd-yaml-scalar.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static gboolean
is_one_of (const char *text, const char *const *words)
{
  return g_strv_contains (words, text);
}

/* As Go's strconv.ParseInt with base 0. */
static gboolean
parse_integer (const char *text, gint64 *value)
{
  gboolean negative = *text == '-';
  guint base = 10;
  guint64 magnitude;
  char *end;

  if (*text == '+' || *text == '-')
    text++;
  if (text[0] == '0' && text[1] != '\0')
    {
      char prefix = g_ascii_tolower (text[1]);

      base = prefix == 'x' ? 16 : prefix == 'b' ? 2 : 8;
      text += prefix == 'x' || prefix == 'b' || prefix == 'o' ? 2 : 1;
    }
  if (!g_ascii_isxdigit (*text))
    return FALSE;
  /* The C library would take another "0x" of its own. */
  if (base == 16 && text[0] == '0' && g_ascii_tolower (text[1]) == 'x')
    return FALSE;

  errno = 0;
  magnitude = g_ascii_strtoull (text, &end, base);
  if (errno != 0 || *end != '\0' || end == text)
    return FALSE;
  if (magnitude > (guint64) G_MAXINT64 + (negative ? 1 : 0))
    return FALSE;
  *value = negative ? (gint64) (0 - magnitude) : (gint64) magnitude;
  return TRUE;
}

static gboolean
parse_number (const char *text, double *value)
{
  const char *c = text;
  gsize whole, fraction = 0;

  if (*c == '+' || *c == '-')
    c++;
  whole = strspn (c, "0123456789");
  c += whole;
  if (*c == '.')
    {
      c++;
      fraction = strspn (c, "0123456789");
      c += fraction;
    }
  if (whole + fraction == 0)
    return FALSE;
  if (*c == 'e' || *c == 'E')
    {
      gsize digits;

      c++;
      if (*c == '+' || *c == '-')
        c++;
      digits = strspn (c, "0123456789");
      if (digits == 0)
        return FALSE;
      c += digits;
    }
  if (*c != '\0')
    return FALSE;

  *value = g_ascii_strtod (text, NULL);
  return isfinite (*value);
}

static void
resolve_numeric (const char *text, ChdYamlScalar *scalar)
{
  char plain[64];
  gsize length = 0;

  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '_')
        continue;
      if (length + 1 >= sizeof plain)
        return;
      plain[length++] = *c;
    }
  plain[length] = '\0';

  if (parse_integer (plain, &scalar->integer))
    {
      scalar->type = CHD_YAML_SCALAR_INTEGER;
    }
  else if (parse_number (plain, &scalar->number))
    {
      /* 1e3 travels as 1000 in JSON, where it is an integer for whoever reads it. */
      if (scalar->number == floor (scalar->number) && fabs (scalar->number) < 9007199254740992.0)
        {
          scalar->type = CHD_YAML_SCALAR_INTEGER;
          scalar->integer = (gint64) scalar->number;
        }
      else
        {
          scalar->type = CHD_YAML_SCALAR_NUMBER;
        }
    }
}

/**
 * chd_yaml_scalar_resolve:
 * @text: an unquoted scalar
 *
 * Returns: what it means
 */
ChdYamlScalar
chd_yaml_scalar_resolve (const char *text)
{
  static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
  static const char *const trues[] = { "true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", NULL };
  static const char *const falses[] = {
    "false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF", NULL
  };
  static const char *const not_finite[] = { ".nan",  ".NaN",  ".NAN",  ".inf",  ".Inf",  ".INF", "+.inf",
                                            "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", NULL };
  ChdYamlScalar scalar = { CHD_YAML_SCALAR_TEXT, FALSE, 0, 0 };

  if (is_one_of (text, nulls))
    {
      scalar.type = CHD_YAML_SCALAR_NULL;
    }
  else if (is_one_of (text, trues) || is_one_of (text, falses))
    {
      scalar.type = CHD_YAML_SCALAR_BOOLEAN;
      scalar.boolean = is_one_of (text, trues);
    }
  else if (is_one_of (text, not_finite))
    {
      scalar.type = CHD_YAML_SCALAR_NOT_FINITE;
    }
  else if (g_ascii_isdigit (*text) || strchr ("+-.", *text) != NULL)
    {
      resolve_numeric (text, &scalar);
    }
  return scalar;
}
