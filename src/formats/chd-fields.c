/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checked reading of members; chd-fields.h says how errors travel. */

#include "config.h"

#include "chd-fields.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "chd-error.h"
#include "chd-item.h"
#include "chd-json.h"
#include "chd-util.h"

/* Names of params in a path may be of any length. */
#define MAX_PATH_SHOWN 200

void
chd_fields_init (ChdFields *self, ChdReading *reading, JsonObject *root)
{
  *self = (ChdFields){ .reading = reading, .index = -1, .object = root };
}

/* The way from the root: names and indices as separate steps. */
static void
add_steps (const ChdFields *self, GPtrArray *steps)
{
  if (self->parent == NULL)
    return;
  add_steps (self->parent, steps);
  g_ptr_array_add (steps, g_strdup (self->name));
  if (self->index >= 0)
    g_ptr_array_add (steps, g_strdup_printf ("%d", self->index));
}

/* The same for people: "nodes[0].task.retries". */
static void
add_path (const ChdFields *self, GString *path)
{
  if (self->parent == NULL)
    return;
  add_path (self->parent, path);
  g_string_append_printf (path, path->len > 0 ? ".%s" : "%s", self->name);
  if (self->index >= 0)
    g_string_append_printf (path, "[%d]", self->index);
}

static guint
find_line (const ChdReading *reading, GPtrArray *steps)
{
  g_autofree char *path = NULL;

  if (reading->text != NULL)
    return chd_json_line_of (reading->text, reading->length, (const char *const *) steps->pdata);
  if (reading->yaml == NULL)
    return 0;
  path = g_strjoinv ("/", (char **) steps->pdata);
  return chd_yaml_document_get_line_of (reading->yaml, path);
}

/**
 * chd_fields_fail:
 * @name: (nullable): the member at fault; %NULL for the object itself
 * @expected: translated, a clause without a full stop: what was expected
 */
void
chd_fields_fail (const ChdFields *self, const char *name, const char *expected, ...)
{
  ChdFields place = { .reading = self->reading, .parent = self, .name = name, .index = -1 };
  const ChdFields *at = name != NULL ? &place : self;
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *reason = NULL, *shown = NULL;
  va_list args;
  guint line;

  if (self->reading->error != NULL)
    return;

  va_start (args, expected);
  reason = g_strdup_vprintf (expected, args);
  va_end (args);
  add_steps (at, steps);
  g_ptr_array_add (steps, NULL);
  add_path (at, path);
  shown = chd_str_sanitize (path->str, (gssize) path->len, MAX_PATH_SHOWN);
  g_strdelimit (shown, "\n\t", ' ');
  line = find_line (self->reading, steps);

  if (line > 0 && path->len > 0)
    /* Translators: line number; the path of a field in a file, "nodes[0].task"; and what is expected there */
    g_set_error (&self->reading->error, CHD_ERROR, CHD_ERROR_INVALID, _ ("Line %u, %s: %s."), line, shown, reason);
  else if (path->len > 0)
    /* Translators: the path of a field in a file, "nodes[0].task"; and what is expected there */
    g_set_error (&self->reading->error, CHD_ERROR, CHD_ERROR_INVALID, _ ("%s: %s."), shown, reason);
  else
    /* Translators: line number, and what is expected there */
    g_set_error (&self->reading->error, CHD_ERROR, CHD_ERROR_INVALID, _ ("Line %u: %s."), MAX (line, 1), reason);
  chd_error_set_field (self->reading->error, path->str);
}

static JsonNode *
get_member (const ChdFields *self, const char *name)
{
  return self->reading->error == NULL ? json_object_get_member (self->object, name) : NULL;
}

static gboolean
holds (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

/**
 * chd_fields_dup_string:
 *
 * Returns: (transfer full) (nullable): the text; %NULL when the member is absent or wrong
 */
char *
chd_fields_dup_string (const ChdFields *self, const char *name, ChdNeed need)
{
  JsonNode *node = get_member (self, name);

  if (node == NULL && need == CHD_REQUIRED)
    /* Translators: %s is the name of a field in a file */
    chd_fields_fail (self, NULL, _ ("the field “%s” is missing"), name);
  else if (node != NULL && !holds (node, G_TYPE_STRING))
    chd_fields_fail (self, name, _ ("a text in quotes is expected"));
  else if (node != NULL)
    return json_node_dup_string (node);
  return NULL;
}

int
chd_fields_read_int (const ChdFields *self, const char *name, int minimum, int maximum, int fallback)
{
  JsonNode *node = get_member (self, name);

  if (node == NULL)
    return fallback;
  if (!holds (node, G_TYPE_INT64) || json_node_get_int (node) < minimum || json_node_get_int (node) > maximum)
    {
      chd_fields_fail (self, name, _ ("a whole number from %d to %d is expected"), minimum, maximum);
      return fallback;
    }
  return (int) json_node_get_int (node);
}

/**
 * chd_fields_read_double:
 * @limit: the largest distance from 0 that makes sense
 *
 * Returns: the number, which has to be there; 0 when it is wrong
 */
double
chd_fields_read_double (const ChdFields *self, const char *name, double limit)
{
  JsonNode *node = get_member (self, name);
  double value = chd_json_double (self->object, name, NAN);

  if (isfinite (value) && fabs (value) <= limit)
    return value;
  if (node == NULL)
    chd_fields_fail (self, NULL, _ ("the field “%s” is missing"), name);
  else
    chd_fields_fail (self, name, _ ("a number from %.0f to %.0f is expected"), -limit, limit);
  return 0;
}

gboolean
chd_fields_read_bool (const ChdFields *self, const char *name)
{
  JsonNode *node = get_member (self, name);

  if (node == NULL)
    return FALSE;
  if (!holds (node, G_TYPE_BOOLEAN))
    {
      chd_fields_fail (self, name, _ ("true or false is expected"));
      return FALSE;
    }
  return json_node_get_boolean (node);
}

/**
 * chd_fields_get_array:
 *
 * Returns: (transfer none) (nullable):
 */
JsonArray *
chd_fields_get_array (const ChdFields *self, const char *name)
{
  JsonNode *node = get_member (self, name);

  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      chd_fields_fail (self, name, _ ("a list (“[ … ]”) is expected"));
      return NULL;
    }
  return json_node_get_array (node);
}

/**
 * chd_fields_dup_strv:
 *
 * Returns: (transfer full) (nullable): a list of texts; %NULL when the member is absent or wrong
 */
char **
chd_fields_dup_strv (const ChdFields *self, const char *name)
{
  JsonArray *array = chd_fields_get_array (self, name);

  if (array == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (!holds (json_array_get_element (array, i), G_TYPE_STRING))
      {
        ChdFields element = { self->reading, self, name, (int) i, NULL };

        chd_fields_fail (&element, NULL, _ ("a text in quotes is expected"));
        return NULL;
      }
  return chd_json_strv (array);
}

/**
 * chd_fields_enter:
 * @child: (out caller-allocates): the object, usable as long as @self
 *
 * Returns: whether the member is there
 */
gboolean
chd_fields_enter (const ChdFields *self, const char *name, ChdFields *child)
{
  JsonNode *node = get_member (self, name);

  *child = (ChdFields){ self->reading, self, name, -1, NULL };
  if (node == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      chd_fields_fail (self, name, _ ("an object (“{ … }”) is expected"));
      return FALSE;
    }
  child->object = json_node_get_object (node);
  return TRUE;
}

/* As chd_fields_enter(), for an element of the list that chd_fields_get_array() gave. */
gboolean
chd_fields_enter_element (const ChdFields *self, const char *name, JsonArray *array, guint index, ChdFields *child)
{
  JsonNode *node = json_array_get_element (array, index);

  *child = (ChdFields){ self->reading, self, name, (int) index, NULL };
  if (self->reading->error != NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      chd_fields_fail (child, NULL, _ ("an object (“{ … }”) is expected"));
      return FALSE;
    }
  child->object = json_node_get_object (node);
  return TRUE;
}

/* Lists and objects of plain values are what a param can hold. */
static gboolean
is_value (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!JSON_NODE_HOLDS_VALUE (json_array_get_element (array, i)))
          return FALSE;
      return TRUE;
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        if (!JSON_NODE_HOLDS_VALUE (member))
          return FALSE;
      return TRUE;
    }
  return JSON_NODE_HOLDS_VALUE (node);
}

/**
 * chd_fields_dup_value:
 *
 * Returns: (transfer full) (nullable): a param's value; %NULL when the member is absent or wrong
 */
GVariant *
chd_fields_dup_value (const ChdFields *self, const char *name)
{
  JsonNode *node = get_member (self, name);

  if (node == NULL)
    return NULL;
  if (!is_value (node))
    {
      chd_fields_fail (self, name, _ ("a text, a list of texts or an object of texts is expected"));
      return NULL;
    }
  return chd_value_from_json (node);
}

/**
 * chd_fields_dup_values:
 *
 * Returns: (transfer full): the values in the object of that name, as a{sv}; empty when it is absent or wrong
 */
GVariant *
chd_fields_dup_values (const ChdFields *self, const char *name)
{
  ChdFields values;
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (!chd_fields_enter (self, name, &values))
    return chd_values_from_json (NULL);
  json_object_iter_init_ordered (&iter, values.object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    if (!is_value (node))
      chd_fields_fail (&values, key, _ ("a text, a list of texts or an object of texts is expected"));
  return chd_values_from_json (self->reading->error == NULL ? values.object : NULL);
}

/**
 * chd_fields_dup_extra:
 * @known: (array zero-terminated=1): the members that have been read
 *
 * Returns: (transfer full) (nullable): the other members, in their order, to be written back; %NULL when there are none
 */
JsonObject *
chd_fields_dup_extra (const ChdFields *self, const char *const *known)
{
  JsonObject *extra = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, self->object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (g_strv_contains (known, name))
        continue;
      if (extra == NULL)
        extra = json_object_new ();
      json_object_set_member (extra, name, json_node_copy (node));
    }
  return extra;
}
