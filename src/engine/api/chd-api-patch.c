/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Merge patches (RFC 7396) and JSON patches (RFC 6902) as the API server applies them: "replace" makes a member that
 * is missing, indices may count from the end, a test of an absent member against null holds. */

#include "config.h"

#include "chd-api-patch.h"

#include <string.h>

#include "chd-api-error.h"
#include "chd-json.h"

/* A patch may copy what it has copied before; what comes out is bounded all the same. */
#define MAX_COPIED (8 * 1024 * 1024)

static void
merge_into (JsonObject *target, JsonObject *patch)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, patch);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (JSON_NODE_HOLDS_NULL (node))
        json_object_remove_member (target, name);
      else if (JSON_NODE_HOLDS_OBJECT (node))
        {
          JsonObject *child = chd_json_object (target, name);

          if (child == NULL)
            {
              child = json_object_new ();
              json_object_set_object_member (target, name, child);
            }
          merge_into (child, json_node_get_object (node));
        }
      else
        json_object_set_member (target, name, chd_json_copy_node (node));
    }
}

JsonObject *
chd_api_merge_patch (JsonObject *object, JsonObject *patch)
{
  JsonObject *result = chd_json_copy_object (object);

  merge_into (result, patch);
  return result;
}

/* Strategic patches. */

static gboolean
has_directive (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *child;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, &name, &child))
        if (*name == '$' || has_directive (child))
          return TRUE;
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      if (has_directive (json_array_get_element (json_node_get_array (node), i)))
        return TRUE;
  return FALSE;
}

static gboolean
same_item (JsonNode *a, JsonNode *b)
{
  if (JSON_NODE_HOLDS_OBJECT (a) && JSON_NODE_HOLDS_OBJECT (b))
    return g_strcmp0 (chd_json_string (json_node_get_object (a), "uid", NULL),
                      chd_json_string (json_node_get_object (b), "uid", "")) == 0;
  return chd_json_equal (a, b);
}

/* Puts those of @before that @result has not got in front of it. */
static void
join_lists (JsonObject *result, JsonObject *before, const char *name)
{
  JsonArray *old = chd_json_array (chd_json_object (before, "metadata"), name);
  JsonArray *new = chd_json_array (chd_json_object (result, "metadata"), name);
  JsonArray *joined = json_array_new ();

  for (guint i = 0; i < chd_json_length (old); i++)
    {
      JsonNode *item = json_array_get_element (old, i);
      gboolean there = FALSE;

      for (guint k = 0; k < chd_json_length (new) && !there; k++)
        there = same_item (item, json_array_get_element (new, k));
      if (!there)
        json_array_add_element (joined, chd_json_copy_node (item));
    }
  for (guint i = 0; i < chd_json_length (new); i++)
    json_array_add_element (joined, chd_json_copy_node (json_array_get_element (new, i)));
  json_object_set_array_member (chd_json_object (result, "metadata"), name, joined);
}

JsonObject *
chd_api_strategic_patch (JsonObject *object, JsonObject *patch, GError **error)
{
  static const char *const lists[] = { "finalizers", "ownerReferences" };
  g_autoptr (JsonNode) node = chd_json_node_from_object (patch);
  JsonObject *result;

  if (has_directive (node))
    {
      g_propagate_error (error,
                         chd_api_error_new (422, "Invalid", json_object_new (),
                                            "the server does not support directives in strategic merge patches"));
      return NULL;
    }
  result = chd_api_merge_patch (object, patch);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (chd_json_array (chd_json_object (patch, "metadata"), lists[i]) != NULL)
      join_lists (result, object, lists[i]);
  return result;
}

/* JSON patches. */

static gboolean
refuse (GError **error)
{
  g_propagate_error (error, chd_api_error_new (422, "Invalid", json_object_new (),
                                               "the server rejected our request due to an error in our request"));
  return FALSE;
}

static char *
unescape_token (const char *token)
{
  GString *text = g_string_new (token);

  g_string_replace (text, "~1", "/", 0);
  g_string_replace (text, "~0", "~", 0);
  return g_string_free (text, FALSE);
}

/* @end: whether the place behind the last element may be meant */
static gboolean
parse_index (const char *token, guint length, gboolean end, guint *index)
{
  gint64 value;

  if (end && strcmp (token, "-") == 0)
    {
      *index = length;
      return TRUE;
    }
  if (!g_ascii_string_to_signed (token, 10, -(gint64) length - 1, length, &value, NULL))
    return FALSE;
  if (value < 0)
    value += length + (end ? 1 : 0);
  if (value < 0 || value > length || (value == length && !end))
    return FALSE;
  *index = (guint) value;
  return TRUE;
}

static JsonNode *
get_child (JsonNode *node, const char *token)
{
  guint index;

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_member (json_node_get_object (node), token);
  if (JSON_NODE_HOLDS_ARRAY (node) &&
      parse_index (token, json_array_get_length (json_node_get_array (node)), FALSE, &index))
    return json_array_get_element (json_node_get_array (node), index);
  return NULL;
}

/* The container that @path's last name is in, and that name. What stands before the first slash does not count, as in
 * the API server's library. */
static JsonNode *
find_parent (JsonNode *root, const char *path, char **last)
{
  g_auto (GStrv) tokens = g_strsplit (path, "/", -1);
  guint length = g_strv_length (tokens);
  JsonNode *node = root;

  if (length < 2)
    return NULL;
  for (guint i = 1; i + 1 < length && node != NULL; i++)
    {
      g_autofree char *token = unescape_token (tokens[i]);

      node = get_child (node, token);
    }
  *last = unescape_token (tokens[length - 1]);
  return node;
}

static void
insert (JsonArray *array, guint index, JsonNode *value)
{
  g_autoptr (GPtrArray) behind = g_ptr_array_new ();

  while (json_array_get_length (array) > index)
    {
      g_ptr_array_add (behind, json_array_dup_element (array, index));
      json_array_remove_element (array, index);
    }
  json_array_add_element (array, value);
  for (guint i = 0; i < behind->len; i++)
    json_array_add_element (array, behind->pdata[i]);
}

/* Takes @value. */
static gboolean
put (JsonNode *root, const char *path, JsonNode *value, gboolean replace)
{
  g_autofree char *last = NULL;
  JsonNode *parent = find_parent (root, path, &last);
  guint index;

  if (parent != NULL && JSON_NODE_HOLDS_OBJECT (parent))
    {
      json_object_set_member (json_node_get_object (parent), last, value);
      return TRUE;
    }
  if (parent != NULL && JSON_NODE_HOLDS_ARRAY (parent) &&
      parse_index (last, json_array_get_length (json_node_get_array (parent)), !replace, &index))
    {
      if (replace)
        json_array_remove_element (json_node_get_array (parent), index);
      insert (json_node_get_array (parent), index, value);
      return TRUE;
    }
  json_node_unref (value);
  return FALSE;
}

static JsonNode *
find (JsonNode *root, const char *path)
{
  g_autofree char *last = NULL;
  JsonNode *parent = find_parent (root, path, &last);

  return *path == '\0' ? root : get_child (parent, last);
}

static gboolean
cut (JsonNode *root, const char *path)
{
  g_autofree char *last = NULL;
  JsonNode *parent = find_parent (root, path, &last);
  guint index;

  if (parent == NULL || get_child (parent, last) == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_OBJECT (parent))
    json_object_remove_member (json_node_get_object (parent), last);
  else if (parse_index (last, json_array_get_length (json_node_get_array (parent)), FALSE, &index))
    json_array_remove_element (json_node_get_array (parent), index);
  return TRUE;
}

static gboolean
test (JsonNode *root, const char *path, JsonNode *value)
{
  JsonNode *found = find (root, path);
  gboolean null = value == NULL || JSON_NODE_HOLDS_NULL (value);

  if (found == NULL || JSON_NODE_HOLDS_NULL (found))
    return null;
  return !null && chd_json_equal (found, value);
}

static JsonNode *
copy_value (JsonNode *value, gsize *copied)
{
  g_autofree char *text = NULL;
  gsize length = 0;

  if (value == NULL)
    return json_node_new (JSON_NODE_NULL);
  text = chd_json_write (value, FALSE, &length);
  *copied += length;
  return *copied <= MAX_COPIED ? chd_json_copy_node (value) : NULL;
}

static gboolean
run_operation (JsonNode **root, JsonObject *operation, gsize *copied)
{
  const char *op = chd_json_string (operation, "op", "");
  const char *path = chd_json_string (operation, "path", NULL);
  const char *from = chd_json_string (operation, "from", NULL);
  JsonNode *value = json_object_get_member (operation, "value");
  JsonNode *source = from != NULL ? find (*root, from) : NULL;
  JsonNode *copy;

  if (path == NULL)
    return FALSE;
  if (strcmp (op, "test") == 0)
    return test (*root, path, value);
  if (strcmp (op, "remove") == 0)
    return cut (*root, path);
  if (strcmp (op, "add") != 0 && strcmp (op, "replace") != 0)
    {
      if ((strcmp (op, "move") != 0 && strcmp (op, "copy") != 0) || source == NULL)
        return FALSE;
      value = source;
    }
  copy = copy_value (value, copied);
  if (copy == NULL)
    return FALSE;
  if (strcmp (op, "move") == 0 && !cut (*root, from))
    {
      json_node_unref (copy);
      return FALSE;
    }
  if (*path == '\0')
    {
      json_node_unref (*root);
      *root = copy;
      return TRUE;
    }
  return put (*root, path, copy, strcmp (op, "replace") == 0);
}

JsonNode *
chd_api_json_patch (JsonObject *object, JsonArray *operations, GError **error)
{
  g_autoptr (JsonObject) copy = chd_json_copy_object (object);
  g_autoptr (JsonNode) root = chd_json_node_from_object (copy);
  guint length = json_array_get_length (operations);
  gsize copied = 0;

  if (length > CHD_API_MAX_OPERATIONS)
    {
      g_propagate_error (error, chd_api_error_new (413, "RequestEntityTooLarge", NULL,
                                                   "The allowed maximum operations in a JSON patch is %d, got %u",
                                                   CHD_API_MAX_OPERATIONS, length));
      return NULL;
    }
  for (guint i = 0; i < length; i++)
    {
      JsonObject *operation = chd_json_object_at (operations, i);

      if (operation == NULL || !run_operation (&root, operation, &copied))
        {
          refuse (error);
          return NULL;
        }
    }
  return g_steal_pointer (&root);
}
