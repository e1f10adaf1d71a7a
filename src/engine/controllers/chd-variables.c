/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Substitution of Tekton's variables. */

#include "config.h"

#include "chd-variables.h"

#include <string.h>

#include "chd-json.h"
#include "chd-reference.h"

struct _ChdVariables
{
  GHashTable *values; /* (element-type utf8 JsonNode) */
  gsize added;        /* bytes that expansions have brought in */
  gboolean exceeded;
};

ChdVariables *
chd_variables_new (void)
{
  ChdVariables *self = g_new0 (ChdVariables, 1);

  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_node_unref);
  return self;
}

void
chd_variables_free (ChdVariables *self)
{
  g_hash_table_unref (self->values);
  g_free (self);
}

void
chd_variables_set_string (ChdVariables *self, const char *key, const char *value)
{
  JsonNode *node = json_node_init_string (json_node_alloc (), value);

  g_hash_table_replace (self->values, g_strdup (key), node);
}

void
chd_variables_set (ChdVariables *self, const char *key, JsonNode *value)
{
  g_hash_table_replace (self->values, g_strdup (key), json_node_ref (value));
  if (JSON_NODE_HOLDS_OBJECT (value))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (value));
      while (json_object_iter_next (&iter, &name, &member))
        if (JSON_NODE_HOLDS_VALUE (member))
          g_hash_table_replace (self->values, g_strconcat (key, ".", name, NULL), json_node_ref (member));
    }
}

void
chd_variables_remove (ChdVariables *self, const char *key)
{
  JsonNode *value = g_hash_table_lookup (self->values, key);

  if (value != NULL && JSON_NODE_HOLDS_OBJECT (value))
    {
      g_autoptr (GList) names = json_object_get_members (json_node_get_object (value));

      for (GList *link = names; link != NULL; link = link->next)
        {
          g_autofree char *below = g_strconcat (key, ".", (const char *) link->data, NULL);

          g_hash_table_remove (self->values, below);
        }
    }
  g_hash_table_remove (self->values, key);
}

JsonNode *
chd_variables_get (ChdVariables *self, const char *key)
{
  return g_hash_table_lookup (self->values, key);
}

gboolean
chd_variables_is_exceeded (ChdVariables *self)
{
  return self->exceeded;
}

/* The text a reference stands for inside other text; NULL when it stays. */
static const char *
lookup_text (ChdVariables *self, const ChdReference *reference)
{
  g_autofree char *key = chd_reference_key (reference);
  JsonNode *value = g_hash_table_lookup (self->values, key);

  if (value == NULL)
    return NULL;
  if (reference->form == CHD_REFERENCE_INDEX)
    return JSON_NODE_HOLDS_ARRAY (value) ? chd_json_string_at (json_node_get_array (value), reference->index) : NULL;
  return reference->form == CHD_REFERENCE_PLAIN && JSON_NODE_HOLDS_VALUE (value) ? json_node_get_string (value) : NULL;
}

/* The array or object that @text as a whole stands for. */
static JsonNode *
lookup_whole (ChdVariables *self, const char *text)
{
  g_autoptr (ChdReference) reference = chd_reference_find (text, 0);
  g_autofree char *key = NULL;
  JsonNode *value;

  if (reference == NULL || !chd_reference_is_whole (reference, text) || reference->form == CHD_REFERENCE_INDEX)
    return NULL;
  key = chd_reference_key (reference);
  value = g_hash_table_lookup (self->values, key);
  return value != NULL && !JSON_NODE_HOLDS_VALUE (value) ? value : NULL;
}

static gboolean
take_room (ChdVariables *self, gsize bytes)
{
  if (self->exceeded || bytes > CHD_JSON_MAX_OBJECT - self->added)
    {
      self->exceeded = TRUE;
      return FALSE;
    }
  self->added += bytes;
  return TRUE;
}

char *
chd_variables_expand (ChdVariables *self, const char *text)
{
  GString *result = g_string_new (NULL);
  gsize offset = 0;
  ChdReference *reference;

  while ((reference = chd_reference_find (text, offset)) != NULL)
    {
      const char *value = lookup_text (self, reference);
      gsize end = reference->offset + reference->length;

      if (value != NULL && take_room (self, strlen (value)))
        {
          g_string_append_len (result, text + offset, (gssize) (reference->offset - offset));
          g_string_append (result, value);
        }
      else
        {
          g_string_append_len (result, text + offset, (gssize) (end - offset));
        }
      offset = end;
      chd_reference_free (reference);
    }
  g_string_append (result, text + offset);
  return g_string_free (result, FALSE);
}

static void
expand_element (ChdVariables *self, JsonArray *target, JsonNode *element)
{
  JsonNode *whole = NULL;

  if (JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING)
    whole = lookup_whole (self, json_node_get_string (element));
  if (whole != NULL && JSON_NODE_HOLDS_ARRAY (whole))
    {
      JsonArray *array = json_node_get_array (whole);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          const char *text = chd_json_string_at (array, i);

          if (text != NULL && take_room (self, strlen (text) + 1))
            json_array_add_string_element (target, text);
        }
    }
  else
    {
      json_array_add_element (target, chd_variables_expand_node (self, element));
    }
}

JsonNode *
chd_variables_expand_node (ChdVariables *self, JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (JsonObject) copy = chd_variables_expand_object (self, json_node_get_object (node));

      return chd_json_node_from_object (copy);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *source = json_node_get_array (node);
      g_autoptr (JsonArray) target = json_array_sized_new (json_array_get_length (source));

      for (guint i = 0; i < json_array_get_length (source); i++)
        expand_element (self, target, json_array_get_element (source, i));
      return json_node_init_array (json_node_alloc (), target);
    }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      const char *text = json_node_get_string (node);
      JsonNode *whole = lookup_whole (self, text);
      g_autofree char *expanded = NULL;

      if (whole != NULL)
        return json_node_copy (whole);
      expanded = chd_variables_expand (self, text);
      return json_node_init_string (json_node_alloc (), expanded);
    }
  return json_node_copy (node);
}

JsonObject *
chd_variables_expand_object (ChdVariables *self, JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    json_object_set_member (copy, name, chd_variables_expand_node (self, member));
  return copy;
}
