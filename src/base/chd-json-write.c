/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing of JSON: members in the order they were set, two spaces of indent, UTF-8 as it is. json-glib's own
 * generator writes "key" : value and rounds doubles; ours gives the same bytes for the same tree, so that documents
 * diff well. */

#include "config.h"

#include "chd-json.h"

#include <math.h>
#include <string.h>

static void
write_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *c = text; *c != '\0'; c++)
    {
      switch (*c)
        {
        case '"':
          g_string_append (out, "\\\"");
          break;
        case '\\':
          g_string_append (out, "\\\\");
          break;
        case '\n':
          g_string_append (out, "\\n");
          break;
        case '\r':
          g_string_append (out, "\\r");
          break;
        case '\t':
          g_string_append (out, "\\t");
          break;
        default:
          if ((guchar) *c < 0x20 || *c == 0x7f)
            g_string_append_printf (out, "\\u%04x", (guint) (guchar) *c);
          else
            g_string_append_c (out, *c);
        }
    }
  g_string_append_c (out, '"');
}

static void
write_double (GString *out, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value))
    g_string_append (out, "null");
  else if (value == floor (value) && fabs (value) < 1e15)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, (gint64) value);
  else
    {
      /* The shortest text that reads back as the same number. */
      for (guint precision = 6; precision <= 17; precision++)
        {
          char format[8];

          g_snprintf (format, sizeof format, "%%.%ug", precision);
          g_ascii_formatd (buffer, sizeof buffer, format, value);
          if (g_ascii_strtod (buffer, NULL) == value)
            break;
        }
      g_string_append (out, buffer);
    }
}

static void
new_line (GString *out, gboolean pretty, guint level)
{
  if (!pretty)
    return;
  g_string_append_c (out, '\n');
  for (guint i = 0; i < level; i++)
    g_string_append (out, "  ");
}

static void write_node (GString *out, JsonNode *node, gboolean pretty, guint level);

static void
write_object (GString *out, JsonObject *object, gboolean pretty, guint level)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (!first)
        g_string_append_c (out, ',');
      first = FALSE;
      new_line (out, pretty, level + 1);
      write_string (out, name);
      g_string_append (out, pretty ? ": " : ":");
      write_node (out, node, pretty, level + 1);
    }
  if (!first)
    new_line (out, pretty, level);
  g_string_append_c (out, '}');
}

static void
write_array (GString *out, JsonArray *array, gboolean pretty, guint level)
{
  guint length = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (guint i = 0; i < length; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      new_line (out, pretty, level + 1);
      write_node (out, json_array_get_element (array, i), pretty, level + 1);
    }
  if (length > 0)
    new_line (out, pretty, level);
  g_string_append_c (out, ']');
}

static void
write_node (GString *out, JsonNode *node, gboolean pretty, guint level)
{
  switch (json_node_get_node_type (node))
    {
    case JSON_NODE_OBJECT:
      write_object (out, json_node_get_object (node), pretty, level);
      break;
    case JSON_NODE_ARRAY:
      write_array (out, json_node_get_array (node), pretty, level);
      break;
    case JSON_NODE_NULL:
      g_string_append (out, "null");
      break;
    case JSON_NODE_VALUE:
    default:
      if (json_node_get_value_type (node) == G_TYPE_STRING)
        write_string (out, json_node_get_string (node));
      else if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
        g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
      else if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
        write_double (out, json_node_get_double (node));
      else
        g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
      break;
    }
}

/**
 * chd_json_write:
 * @pretty: two-space indent and a final newline; otherwise one line without either
 * @length: (out) (optional): bytes
 *
 * Returns: (transfer full): the text
 */
char *
chd_json_write (JsonNode *node, gboolean pretty, gsize *length)
{
  GString *out = g_string_sized_new (1024);

  write_node (out, node, pretty, 0);
  if (pretty)
    g_string_append_c (out, '\n');
  if (length != NULL)
    *length = out->len;
  return g_string_free (out, FALSE);
}

char *
chd_json_write_object (JsonObject *object, gboolean pretty, gsize *length)
{
  g_autoptr (JsonNode) node = chd_json_node_from_object (object);

  return chd_json_write (node, pretty, length);
}
