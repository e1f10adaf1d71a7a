/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of params as GVariants: immutable, shared by reference, compared by content. */

#include "config.h"

#include <string.h>

#include "chd-item.h"
#include "chd-json.h"

/**
 * chd_value_get_param_type:
 *
 * Returns: the type of param that @value (s, as or a{ss}) fits
 */
ChdParamType
chd_value_get_param_type (GVariant *value)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    return CHD_PARAM_ARRAY;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("a{ss}")))
    return CHD_PARAM_OBJECT;
  return CHD_PARAM_STRING;
}

/* Tekton turns numbers and booleans into the string of their JSON text (tekton-api.md, 3); so do we. */
static char *
dup_scalar (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return chd_json_write (node, FALSE, NULL);
}

/**
 * chd_value_from_json:
 *
 * Returns: (transfer full): an array as "as", an object as "a{ss}", everything else as "s"
 */
GVariant *
chd_value_from_json (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);
      g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);

      for (guint i = 0; i < json_array_get_length (array); i++)
        g_variant_builder_add_value (&builder,
                                     g_variant_new_take_string (dup_scalar (json_array_get_element (array, i))));
      return g_variant_ref_sink (g_variant_builder_end (&builder));
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{ss}"));
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          g_autofree char *text = dup_scalar (member);

          g_variant_builder_add (&builder, "{ss}", name, text);
        }
      return g_variant_ref_sink (g_variant_builder_end (&builder));
    }
  return g_variant_ref_sink (g_variant_new_take_string (dup_scalar (node)));
}

/**
 * chd_value_to_json:
 *
 * Returns: (transfer full): the opposite of chd_value_from_json()
 */
JsonNode *
chd_value_to_json (GVariant *value)
{
  JsonNode *node = json_node_alloc ();
  GVariantIter iter;

  switch (chd_value_get_param_type (value))
    {
    case CHD_PARAM_ARRAY:
      {
        g_autoptr (JsonArray) array = json_array_new ();
        const char *text;

        g_variant_iter_init (&iter, value);
        while (g_variant_iter_next (&iter, "&s", &text))
          json_array_add_string_element (array, text);
        return json_node_init_array (node, array);
      }
    case CHD_PARAM_OBJECT:
      {
        g_autoptr (JsonObject) object = json_object_new ();
        const char *name, *text;

        g_variant_iter_init (&iter, value);
        while (g_variant_iter_next (&iter, "{&s&s}", &name, &text))
          json_object_set_string_member (object, name, text);
        return json_node_init_object (node, object);
      }
    case CHD_PARAM_STRING:
    default:
      return json_node_init_string (node, g_variant_get_string (value, NULL));
    }
}

/**
 * chd_values_lookup:
 * @values: (nullable): a{sv}
 *
 * Returns: (transfer full) (nullable): the value of that name
 */
GVariant *
chd_values_lookup (GVariant *values, const char *name)
{
  return values != NULL ? g_variant_lookup_value (values, name, NULL) : NULL;
}

/**
 * chd_values_set:
 * @values: (nullable): a{sv}
 * @value: (nullable): consumed when floating; %NULL takes the name out
 *
 * Returns: (transfer full): a set like @values with @name changed in its place, or appended
 */
GVariant *
chd_values_set (GVariant *values, const char *name, GVariant *value)
{
  g_autoptr (GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantIter iter;
  gboolean found = FALSE;

  if (values != NULL)
    {
      const char *key;
      GVariant *old;

      g_variant_iter_init (&iter, values);
      while (g_variant_iter_next (&iter, "{&sv}", &key, &old))
        {
          if (strcmp (key, name) != 0)
            g_variant_builder_add (&builder, "{sv}", key, old);
          else if (sunk != NULL && !found)
            g_variant_builder_add (&builder, "{sv}", key, sunk);
          found = found || strcmp (key, name) == 0;
          g_variant_unref (old);
        }
    }
  if (!found && sunk != NULL)
    g_variant_builder_add (&builder, "{sv}", name, sunk);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * chd_values_from_json:
 * @object: (nullable):
 *
 * Returns: (transfer full): a{sv}
 */
GVariant *
chd_values_from_json (JsonObject *object)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  if (object != NULL)
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, object);
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          g_autoptr (GVariant) value = chd_value_from_json (member);

          g_variant_builder_add (&builder, "{sv}", name, value);
        }
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/**
 * chd_values_to_json:
 *
 * Returns: (transfer full): one member a value
 */
JsonObject *
chd_values_to_json (GVariant *values)
{
  JsonObject *object = json_object_new ();
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      json_object_set_member (object, name, chd_value_to_json (value));
      g_variant_unref (value);
    }
  return object;
}
