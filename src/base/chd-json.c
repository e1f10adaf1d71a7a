/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * JSON trees: parsing (after the strict scan), reading of members and building. */

#include "config.h"

#include "chd-json.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"

/**
 * chd_json_parse:
 * @length: in bytes
 * @max_bytes: larger texts are refused with %CHD_ERROR_LIMIT before they are looked at
 *
 * Scans the text strictly, then lets json-glib build the tree.
 *
 * Returns: (transfer full): the root
 */
JsonNode *
chd_json_parse (const char *data, gsize length, gsize max_bytes, ChdJsonFlags flags, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) local = NULL;

  if (!chd_json_scan (data, length, max_bytes, flags, error))
    return NULL;

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, data, (gssize) length, &local) || json_parser_get_root (parser) == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("This is not valid JSON."));
      return NULL;
    }
  return json_parser_steal_root (parser);
}

/**
 * chd_json_parse_object:
 *
 * Like chd_json_parse(), but the root must be an object.
 *
 * Returns: (transfer full): the root object; it must not be changed (chd_json_copy_object() gives one that may)
 */
JsonObject *
chd_json_parse_object (const char *data, gsize length, gsize max_bytes, ChdJsonFlags flags, GError **error)
{
  g_autoptr (JsonNode) root = chd_json_parse (data, length, max_bytes, flags, error);

  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("Expected a JSON object (“{ … }”)."));
      return NULL;
    }
  return json_node_dup_object (root);
}

static JsonNode *
get_member (JsonObject *object, const char *name)
{
  return object != NULL ? json_object_get_member (object, name) : NULL;
}

const char *
chd_json_string (JsonObject *object, const char *name, const char *fallback)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : fallback;
}

gint64
chd_json_int (JsonObject *object, const char *name, gint64 fallback)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
             ? json_node_get_int (node)
             : fallback;
}

double
chd_json_double (JsonObject *object, const char *name, double fallback)
{
  JsonNode *node = get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return (double) json_node_get_int (node);
  return json_node_get_value_type (node) == G_TYPE_DOUBLE ? json_node_get_double (node) : fallback;
}

gboolean
chd_json_bool (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN
             ? json_node_get_boolean (node)
             : fallback;
}

/**
 * chd_json_object:
 * Returns: (transfer none) (nullable): the member, when it is an object
 */
JsonObject *
chd_json_object (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/**
 * chd_json_array:
 * Returns: (transfer none) (nullable): the member, when it is an array
 */
JsonArray *
chd_json_array (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

guint
chd_json_length (JsonArray *array)
{
  return array != NULL ? json_array_get_length (array) : 0;
}

JsonObject *
chd_json_object_at (JsonArray *array, guint index)
{
  JsonNode *node = index < chd_json_length (array) ? json_array_get_element (array, index) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

const char *
chd_json_string_at (JsonArray *array, guint index)
{
  JsonNode *node = index < chd_json_length (array) ? json_array_get_element (array, index) : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/**
 * chd_json_strv:
 * @array: (nullable):
 *
 * Returns: (transfer full): the strings in @array; other elements are passed over
 */
char **
chd_json_strv (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < chd_json_length (array); i++)
    {
      const char *text = chd_json_string_at (array, i);

      if (text != NULL)
        g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

/**
 * chd_json_lookup:
 * @object: (nullable):
 *
 * Returns: (transfer none) (nullable): the node at @path
 */
JsonNode *
chd_json_lookup (JsonObject *object, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);
  JsonNode *node = NULL;

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (object == NULL)
        return NULL;
      node = json_object_get_member (object, names[i]);
      object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    }
  return node;
}

const char *
chd_json_lookup_string (JsonObject *object, const char *path, const char *fallback)
{
  JsonNode *node = chd_json_lookup (object, path);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : fallback;
}

JsonObject *
chd_json_lookup_object (JsonObject *object, const char *path)
{
  JsonNode *node = chd_json_lookup (object, path);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
chd_json_lookup_array (JsonObject *object, const char *path)
{
  JsonNode *node = chd_json_lookup (object, path);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/**
 * chd_json_ensure_object:
 *
 * Returns: (transfer none): the object at @path, made where it is missing or of another type
 */
JsonObject *
chd_json_ensure_object (JsonObject *object, const char *path)
{
  g_auto (GStrv) names = g_strsplit (path, "/", -1);

  for (guint i = 0; names[i] != NULL; i++)
    {
      JsonObject *child = chd_json_object (object, names[i]);

      if (child == NULL)
        {
          child = json_object_new ();
          json_object_set_object_member (object, names[i], child);
        }
      object = child;
    }
  return object;
}

/* Sets the member only when there is something to say, so that documents stay small. */
void
chd_json_set_string_if (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL && *value != '\0')
    json_object_set_string_member (object, name, value);
}

JsonArray *
chd_json_array_from_strv (const char *const *strings)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; strings != NULL && strings[i] != NULL; i++)
    json_array_add_string_element (array, strings[i]);
  return array;
}

/**
 * chd_json_node_from_object:
 * @object: (transfer none):
 *
 * Returns: (transfer full): a node that holds a reference of @object
 */
JsonNode *
chd_json_node_from_object (JsonObject *object)
{
  return json_node_init_object (json_node_alloc (), object);
}

/**
 * chd_json_copy_node:
 *
 * Returns: (transfer full): a deep copy that may be changed; json_node_copy() shares what is below
 */
JsonNode *
chd_json_copy_node (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (JsonObject) copy = chd_json_copy_object (json_node_get_object (node));

      return chd_json_node_from_object (copy);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *source = json_node_get_array (node);
      JsonArray *target = json_array_sized_new (json_array_get_length (source));
      JsonNode *copy = json_node_alloc ();

      for (guint i = 0; i < json_array_get_length (source); i++)
        json_array_add_element (target, chd_json_copy_node (json_array_get_element (source, i)));
      json_node_init_array (copy, target);
      json_array_unref (target);
      return copy;
    }
  return json_node_copy (node);
}

/**
 * chd_json_copy_object:
 *
 * Returns: (transfer full): a deep copy that may be changed
 */
JsonObject *
chd_json_copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (JSON_NODE_HOLDS_OBJECT (node))
        json_object_set_object_member (copy, name, chd_json_copy_object (json_node_get_object (node)));
      else
        json_object_set_member (copy, name, chd_json_copy_node (node));
    }
  return copy;
}

/**
 * chd_json_equal:
 * @a: (nullable):
 * @b: (nullable):
 *
 * Returns: whether both are the same value; the order of an object's members does not count
 */
gboolean
chd_json_equal (JsonNode *a, JsonNode *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return json_node_equal (a, b);
}
