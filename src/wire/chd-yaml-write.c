/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON to YAML as a person would write it: block style, scripts as literal blocks, text quoted only when one of the
 * YAML dialects could take it for something else. The same input gives the same bytes. */

#include "config.h"

#include "chd-yaml.h"

#include <string.h>

#include "chd-json.h"
#include "chd-yaml-scalar.h"

static void write_node (GString *out, JsonNode *node, guint indent, gboolean after_dash);

/* Line breaks and marks that YAML treats specially, beside what is not printable at all. */
static gboolean
is_plain_char (gunichar c)
{
  return c == '\t' || (c >= 0x20 && c < 0x7f) ||
         (c >= 0xa0 && c != 0xfeff && c != 0x2028 && c != 0x2029 && !(c >= 0xfff9 && c <= 0xffff) &&
          g_unichar_isdefined (c) && g_unichar_type (c) != G_UNICODE_FORMAT &&
          g_unichar_type (c) != G_UNICODE_PRIVATE_USE && g_unichar_type (c) != G_UNICODE_SURROGATE);
}

/* Is @text the same unquoted in every dialect? Digits in front are quoted: dates, times and octal numbers differ. */
static gboolean
is_plain (const char *text)
{
  gunichar first = g_utf8_get_char (text);
  const char *end = text + strlen (text);

  if (!g_unichar_isalpha (first) && first != '/' && first != '_' && first != '$')
    return FALSE;
  if (chd_yaml_scalar_resolve (text).type != CHD_YAML_SCALAR_TEXT || end[-1] == ' ' || end[-1] == ':')
    return FALSE;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      if (!is_plain_char (u) || u == '\t')
        return FALSE;
      if ((c[0] == ':' && c[1] == ' ') || (c[0] == ' ' && c[1] == '#'))
        return FALSE;
    }
  return TRUE;
}

/* May @text stand as a literal block? */
static gboolean
is_literal (const char *text)
{
  gboolean content = FALSE;

  if (strchr (text, '\n') == NULL)
    return FALSE;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      if (u != '\n' && !is_plain_char (u))
        return FALSE;
      content = content || (u != '\n' && u != ' ' && u != '\t');
    }
  return content;
}

static void
write_quoted (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar u = g_utf8_get_char (c);

      if (u == '"' || u == '\\')
        g_string_append_printf (out, "\\%c", (char) u);
      else if (u == '\n')
        g_string_append (out, "\\n");
      else if (u == '\t')
        g_string_append (out, "\\t");
      else if (u == '\r')
        g_string_append (out, "\\r");
      else if (is_plain_char (u))
        g_string_append_unichar (out, u);
      else if (u <= 0xff)
        g_string_append_printf (out, "\\x%02X", u);
      else if (u <= 0xffff)
        g_string_append_printf (out, "\\u%04X", u);
      else
        g_string_append_printf (out, "\\U%08X", u);
    }
  g_string_append_c (out, '"');
}

static void
append_indent (GString *out, guint indent)
{
  for (guint i = 0; i < indent; i++)
    g_string_append_c (out, ' ');
}

static void
write_literal (GString *out, const char *text, guint indent)
{
  gsize length = strlen (text);
  const char *first = text + strspn (text, "\n");
  const char *line = text;

  g_string_append_c (out, '|');
  /* Without this the first line's own blanks would be taken for indentation. */
  if (*first == ' ' || *first == '\t')
    g_string_append_c (out, '2');
  if (text[length - 1] != '\n')
    g_string_append_c (out, '-');
  else if (length > 1 && text[length - 2] == '\n')
    g_string_append_c (out, '+');
  g_string_append_c (out, '\n');

  while (*line != '\0')
    {
      gsize size = strcspn (line, "\n");

      if (size > 0)
        {
          append_indent (out, indent);
          g_string_append_len (out, line, (gssize) size);
        }
      g_string_append_c (out, '\n');
      line += size;
      if (*line == '\n')
        line++;
    }
}

static void
write_key (GString *out, const char *key)
{
  if (is_plain (key))
    g_string_append (out, key);
  else
    write_quoted (out, key);
  g_string_append_c (out, ':');
}

static gboolean
is_empty (JsonNode *node)
{
  return (JSON_NODE_HOLDS_OBJECT (node) && json_object_get_size (json_node_get_object (node)) == 0) ||
         (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) == 0);
}

static void
write_mapping (GString *out, JsonObject *object, guint indent, gboolean after_dash)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      if (!after_dash)
        append_indent (out, indent);
      after_dash = FALSE;
      write_key (out, name);
      if (!is_empty (value) && JSON_NODE_HOLDS_OBJECT (value))
        {
          g_string_append_c (out, '\n');
          write_node (out, value, indent + 2, FALSE);
        }
      else if (!is_empty (value) && JSON_NODE_HOLDS_ARRAY (value))
        {
          /* A list stands under its key without more indentation, as kubectl writes it. */
          g_string_append_c (out, '\n');
          write_node (out, value, indent, FALSE);
        }
      else
        {
          g_string_append_c (out, ' ');
          write_node (out, value, indent + 2, TRUE);
        }
    }
}

static void
write_sequence (GString *out, JsonArray *array, guint indent, gboolean after_dash)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      if (!after_dash)
        append_indent (out, indent);
      after_dash = FALSE;
      g_string_append (out, "- ");
      write_node (out, json_array_get_element (array, i), indent + 2, TRUE);
    }
}

/* @after_dash: the line has begun already. */
static void
write_node (GString *out, JsonNode *node, guint indent, gboolean after_dash)
{
  if (is_empty (node))
    {
      g_string_append (out, JSON_NODE_HOLDS_OBJECT (node) ? "{}\n" : "[]\n");
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      write_mapping (out, json_node_get_object (node), indent, after_dash);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      write_sequence (out, json_node_get_array (node), indent, after_dash);
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      const char *text = json_node_get_string (node);

      if (is_literal (text))
        {
          write_literal (out, text, indent);
          return;
        }
      if (is_plain (text))
        g_string_append (out, text);
      else
        write_quoted (out, text);
      g_string_append_c (out, '\n');
    }
  else
    {
      g_autofree char *text = chd_json_write (node, FALSE, NULL);

      g_string_append_printf (out, "%s\n", text);
    }
}

/**
 * chd_yaml_write:
 * @node: any JSON
 *
 * Returns: (transfer full): one YAML document, ending with a newline
 */
char *
chd_yaml_write (JsonNode *node)
{
  GString *out = g_string_new (NULL);

  /* A literal block at the root needs an indentation of its own. */
  write_node (out, node, JSON_NODE_HOLDS_VALUE (node) ? 2 : 0, FALSE);
  return g_string_free (out, FALSE);
}

char *
chd_yaml_write_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = chd_json_node_from_object (object);

  return chd_yaml_write (node);
}

/**
 * chd_yaml_write_documents:
 * @objects: (element-type JsonObject):
 *
 * Returns: (transfer full): a YAML stream, its documents separated by "---"
 */
char *
chd_yaml_write_documents (GPtrArray *objects)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < objects->len; i++)
    {
      g_autofree char *text = chd_yaml_write_object (objects->pdata[i]);

      if (i > 0)
        g_string_append (out, "---\n");
      g_string_append (out, text);
    }
  return g_string_free (out, FALSE);
}
