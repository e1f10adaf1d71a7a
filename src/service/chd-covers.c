/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is what the engine has what we want? See the header. */

#include "config.h"

#include "chd-covers.h"

#include "chd-json.h"
#include "chd-util.h"

static gboolean covers_node (JsonNode *live, JsonNode *wanted);

static gboolean
covers_array (JsonArray *live, JsonArray *wanted)
{
  guint length = json_array_get_length (wanted);

  if (json_array_get_length (live) != length)
    return FALSE;
  for (guint i = 0; i < length; i++)
    if (!covers_node (json_array_get_element (live, i), json_array_get_element (wanted, i)))
      return FALSE;
  return TRUE;
}

/* What an engine leaves out because it means nothing: an empty list, object or text, zero and false. */
static gboolean
is_nothing (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) == 0;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) == 0;
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return *json_node_get_string (node) == '\0';
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return !json_node_get_boolean (node);
  return json_node_get_value_type (node) == G_TYPE_INT64 && json_node_get_int (node) == 0;
}

gboolean
chd_covers (JsonObject *live, JsonObject *wanted)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, wanted);
  while (json_object_iter_next (&iter, &name, &value))
    {
      JsonNode *there = json_object_get_member (live, name);

      if (there == NULL ? !is_nothing (value) : !covers_node (there, value))
        return FALSE;
    }
  return TRUE;
}

static gboolean
same_duration (JsonNode *a, JsonNode *b)
{
  gint64 seconds_a, seconds_b;

  return json_node_get_node_type (a) == JSON_NODE_VALUE && json_node_get_value_type (a) == G_TYPE_STRING &&
         json_node_get_node_type (b) == JSON_NODE_VALUE && json_node_get_value_type (b) == G_TYPE_STRING &&
         chd_parse_duration (json_node_get_string (a), &seconds_a) &&
         chd_parse_duration (json_node_get_string (b), &seconds_b) && seconds_a == seconds_b;
}

static gboolean
covers_node (JsonNode *live, JsonNode *wanted)
{
  if (JSON_NODE_HOLDS_OBJECT (live) && JSON_NODE_HOLDS_OBJECT (wanted))
    return chd_covers (json_node_get_object (live), json_node_get_object (wanted));
  if (JSON_NODE_HOLDS_ARRAY (live) && JSON_NODE_HOLDS_ARRAY (wanted))
    return covers_array (json_node_get_array (live), json_node_get_array (wanted));
  return chd_json_equal (live, wanted) || same_duration (live, wanted);
}
