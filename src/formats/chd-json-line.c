/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Walking through a JSON text that has passed the strict scan: how much it holds, before a tree is made of it, and
 * where in it something stands, since json-glib's tree knows no lines. */

#include "config.h"

#include <string.h>

#include "chd-fields.h"
#include "chd-json.h"

static const char *
skip_space (const char *at, const char *end)
{
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
    at++;
  return at;
}

/* From the opening quote to behind the closing one. */
static const char *
skip_string (const char *at, const char *end)
{
  for (at++; at < end && *at != '"'; at++)
    if (*at == '\\')
      at++;
  return MIN (at + 1, end);
}

static const char *
skip_value (const char *at, const char *end)
{
  guint depth = 0;

  do
    {
      if (*at == '"')
        at = skip_string (at, end);
      else
        {
          if (*at == '{' || *at == '[')
            depth++;
          else if (*at == '}' || *at == ']')
            depth--;
          at++;
        }
    }
  while (at < end && (depth > 0 || strchr (",]} \t\r\n", *at) == NULL));
  return at;
}

/**
 * chd_json_measure:
 * @text: valid JSON
 */
ChdJsonMeasure
chd_json_measure (const char *text, gsize length)
{
  const char *end = text + length;
  ChdJsonMeasure measure = { .values = 1 };
  guint depth = 0;

  for (const char *at = text; at < end;)
    switch (*at)
      {
      case '"':
        at = skip_string (at, end);
        break;
      case '{':
      case '[':
        measure.values++;
        measure.containers++;
        depth++;
        measure.depth = MAX (measure.depth, depth);
        at++;
        break;
      case '}':
      case ']':
        depth--;
        at++;
        break;
      case ',':
        measure.values++;
        at++;
        break;
      default:
        at++;
        break;
      }
  return measure;
}

static gboolean
is_key (const char *from, const char *to, const char *name)
{
  gsize length = (gsize) (to - from);

  if (memchr (from, '\\', length) != NULL)
    {
      g_autoptr (JsonNode) node = chd_json_parse (from, length, length, CHD_JSON_DEFAULT, NULL);

      return node != NULL && g_strcmp0 (json_node_get_string (node), name) == 0;
    }
  return length == strlen (name) + 2 && strncmp (from + 1, name, length - 2) == 0;
}

/* Returns: where the value begins; %NULL when there is none of that name or index */
static const char *
find_child (const char *at, const char *end, const char *step)
{
  gboolean object = *at == '{';
  guint64 index = object ? G_MAXUINT64 : g_ascii_strtoull (step, NULL, 10);

  at = skip_space (at + 1, end);
  for (guint64 i = 0; at < end && *at != '}' && *at != ']'; i++)
    {
      gboolean found = i == index;

      if (object)
        {
          const char *key_end = skip_string (at, end);

          found = is_key (at, key_end, step);
          at = skip_space (skip_space (key_end, end) + 1, end);
        }
      if (found)
        return at;
      at = skip_space (skip_value (at, end), end);
      if (at < end && *at == ',')
        at = skip_space (at + 1, end);
    }
  return NULL;
}

/**
 * chd_json_line_of:
 * @text: valid JSON
 * @steps: names of members and indices of elements, from the root on
 *
 * Returns: the line, counted from 1, of what is there, or of the nearest thing above it that exists
 */
guint
chd_json_line_of (const char *text, gsize length, const char *const *steps)
{
  const char *end = text + length;
  const char *at = skip_space (text, end);
  guint line = 1;

  for (guint i = 0; steps[i] != NULL && at < end && (*at == '{' || *at == '['); i++)
    {
      const char *child = find_child (at, end, steps[i]);

      if (child == NULL)
        break;
      at = child;
    }
  for (const char *c = text; c < at; c++)
    line += *c == '\n';
  return line;
}
