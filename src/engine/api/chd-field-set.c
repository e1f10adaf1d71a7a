/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sets of fields, for server-side apply: what structured-merge-diff does for types whose lists are atomic. */

#include "config.h"

#include "chd-field-set.h"

#include <string.h>

#include "chd-json.h"

struct _ChdFieldSet
{
  gboolean member;
  GHashTable *children; /* (nullable) path element → ChdFieldSet */
};

ChdFieldSet *
chd_field_set_new (void)
{
  return g_new0 (ChdFieldSet, 1);
}

void
chd_field_set_free (ChdFieldSet *self)
{
  g_clear_pointer (&self->children, g_hash_table_unref);
  g_free (self);
}

static ChdFieldSet *
get_child (ChdFieldSet *self, const char *element)
{
  return self->children != NULL ? g_hash_table_lookup (self->children, element) : NULL;
}

static ChdFieldSet *
ensure_child (ChdFieldSet *self, const char *element)
{
  ChdFieldSet *child = get_child (self, element);

  if (child != NULL)
    return child;
  if (self->children == NULL)
    self->children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) chd_field_set_free);
  child = chd_field_set_new ();
  g_hash_table_insert (self->children, g_strdup (element), child);
  return child;
}

gboolean
chd_field_set_is_empty (ChdFieldSet *self)
{
  return !self->member && (self->children == NULL || g_hash_table_size (self->children) == 0);
}

/* Drops branches without members. */
static void
prune (ChdFieldSet *self)
{
  GHashTableIter iter;
  gpointer child;

  if (self->children == NULL)
    return;
  g_hash_table_iter_init (&iter, self->children);
  while (g_hash_table_iter_next (&iter, NULL, &child))
    {
      prune (child);
      if (chd_field_set_is_empty (child))
        g_hash_table_iter_remove (&iter);
    }
}

void
chd_field_set_add (ChdFieldSet *self, ChdFieldSet *other)
{
  GHashTableIter iter;
  gpointer element, child;

  self->member |= other->member;
  if (other->children == NULL)
    return;
  g_hash_table_iter_init (&iter, other->children);
  while (g_hash_table_iter_next (&iter, &element, &child))
    chd_field_set_add (ensure_child (self, element), child);
}

ChdFieldSet *
chd_field_set_copy (ChdFieldSet *self)
{
  ChdFieldSet *copy = chd_field_set_new ();

  chd_field_set_add (copy, self);
  return copy;
}

/* @keep: whether members of @other stay (else the others do) */
static void
filter (ChdFieldSet *self, ChdFieldSet *other, gboolean keep)
{
  GHashTableIter iter;
  gpointer element, child;

  if (self->member && (other != NULL && other->member) != keep)
    self->member = FALSE;
  if (self->children == NULL)
    return;
  g_hash_table_iter_init (&iter, self->children);
  while (g_hash_table_iter_next (&iter, &element, &child))
    if (keep || (other != NULL && get_child (other, element) != NULL))
      filter (child, other != NULL ? get_child (other, element) : NULL, keep);
  prune (self);
}

void
chd_field_set_subtract (ChdFieldSet *self, ChdFieldSet *other)
{
  filter (self, other, FALSE);
}

void
chd_field_set_intersect (ChdFieldSet *self, ChdFieldSet *other)
{
  filter (self, other, TRUE);
}

void
chd_field_set_restrict (ChdFieldSet *self, gboolean status)
{
  GHashTableIter iter;
  gpointer element;

  if (self->children == NULL)
    return;
  g_hash_table_iter_init (&iter, self->children);
  while (g_hash_table_iter_next (&iter, &element, NULL))
    if ((strcmp (element, "f:status") == 0) != status)
      g_hash_table_iter_remove (&iter);
}

gboolean
chd_field_set_equal (ChdFieldSet *a, ChdFieldSet *b)
{
  g_autoptr (ChdFieldSet) more = chd_field_set_copy (a);
  g_autoptr (ChdFieldSet) less = chd_field_set_copy (b);

  chd_field_set_subtract (more, b);
  chd_field_set_subtract (less, a);
  return chd_field_set_is_empty (more) && chd_field_set_is_empty (less);
}

ChdFieldSet *
chd_field_set_from_json (JsonObject *fields)
{
  ChdFieldSet *self = chd_field_set_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (fields == NULL)
    return self;
  json_object_iter_init (&iter, fields);
  while (json_object_iter_next (&iter, &name, &node))
    {
      JsonObject *below = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;

      if (strcmp (name, ".") == 0)
        self->member = TRUE;
      else
        {
          g_autoptr (ChdFieldSet) child = chd_field_set_from_json (below);

          if (below == NULL || json_object_get_size (below) == 0)
            child->member = TRUE;
          chd_field_set_add (ensure_child (self, name), child);
        }
    }
  return self;
}

static GList *
sorted_elements (ChdFieldSet *self)
{
  return self->children != NULL
             ? g_list_sort (g_hash_table_get_keys (self->children), (GCompareFunc) (GCallback) strcmp)
             : NULL;
}

JsonObject *
chd_field_set_to_json (ChdFieldSet *self)
{
  JsonObject *fields = json_object_new ();
  g_autoptr (GList) elements = sorted_elements (self);

  if (self->member && elements != NULL)
    json_object_set_object_member (fields, ".", json_object_new ());
  for (GList *link = elements; link != NULL; link = link->next)
    json_object_set_object_member (fields, link->data, chd_field_set_to_json (get_child (self, link->data)));
  return fields;
}

/* Objects. */

static const char *const server_fields[] = {
  "name",       "namespace",     "uid",      "resourceVersion",   "creationTimestamp",
  "generation", "managedFields", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds",
  NULL
};

/* Where a value is, as far as it matters for what its parts are. */
typedef enum
{
  PLACE_ROOT,
  PLACE_METADATA,
  PLACE_ELSEWHERE,
} Place;

static gboolean
is_skipped (Place place, const char *name)
{
  if (place == PLACE_ROOT)
    return strcmp (name, "apiVersion") == 0 || strcmp (name, "kind") == 0;
  return place == PLACE_METADATA && g_strv_contains (server_fields, name);
}

static Place
place_below (Place place, const char *name)
{
  return place == PLACE_ROOT && strcmp (name, "metadata") == 0 ? PLACE_METADATA : PLACE_ELSEWHERE;
}

static gboolean
is_joined_list (Place place, const char *name)
{
  return place == PLACE_METADATA && (strcmp (name, "finalizers") == 0 || strcmp (name, "ownerReferences") == 0);
}

/* The path element of an item of one of the two lists that are joined. */
static char *
item_element (JsonNode *item)
{
  JsonObject *key;
  g_autofree char *text = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (item))
    {
      text = chd_json_write (item, FALSE, NULL);
      return g_strconcat ("v:", text, NULL);
    }
  key = json_object_new ();
  json_object_set_string_member (key, "uid", chd_json_string (json_node_get_object (item), "uid", ""));
  text = chd_json_write_object (key, FALSE, NULL);
  json_object_unref (key);
  return g_strconcat ("k:", text, NULL);
}

static char *
field_element (const char *name)
{
  return g_strconcat ("f:", name, NULL);
}

static void
collect (ChdFieldSet *self, JsonObject *object, Place place)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    {
      g_autofree char *element = field_element (name);

      if (is_skipped (place, name))
        continue;
      if (JSON_NODE_HOLDS_OBJECT (node) && json_object_get_size (json_node_get_object (node)) > 0)
        collect (ensure_child (self, element), json_node_get_object (node), place_below (place, name));
      else if (JSON_NODE_HOLDS_ARRAY (node) && is_joined_list (place, name))
        for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
          {
            g_autofree char *item = item_element (json_array_get_element (json_node_get_array (node), i));

            ensure_child (ensure_child (self, element), item)->member = TRUE;
          }
      else if (place != PLACE_ROOT || strcmp (name, "metadata") != 0)
        ensure_child (self, element)->member = TRUE;
    }
}

ChdFieldSet *
chd_field_set_of_object (JsonObject *object)
{
  ChdFieldSet *self = chd_field_set_new ();

  collect (self, object, PLACE_ROOT);
  prune (self);
  return self;
}

/* All of @node, as what an update that brings it (or takes it away) changes: containers count too. */
static void
collect_whole (ChdFieldSet *self, JsonNode *node, Place place, const char *name)
{
  Place below = place_below (place, name);

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *child_name;
      JsonNode *child;

      self->member = below != PLACE_METADATA;
      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, &child_name, &child))
        if (!is_skipped (below, child_name))
          {
            g_autofree char *element = field_element (child_name);

            collect_whole (ensure_child (self, element), child, below, child_name);
          }
      return;
    }
  self->member = TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node) && is_joined_list (place, name))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        g_autofree char *item = item_element (json_array_get_element (json_node_get_array (node), i));

        ensure_child (self, item)->member = TRUE;
      }
}

typedef struct
{
  ChdFieldSet *added;
  ChdFieldSet *changed;
  ChdFieldSet *removed;
} Difference;

static JsonNode *
find_item (JsonArray *array, const char *element)
{
  for (guint i = 0; i < chd_json_length (array); i++)
    {
      g_autofree char *other = item_element (json_array_get_element (array, i));

      if (strcmp (element, other) == 0)
        return json_array_get_element (array, i);
    }
  return NULL;
}

static void
compare_lists (Difference difference, JsonArray *before, JsonArray *after)
{
  for (guint i = 0; i < json_array_get_length (before); i++)
    {
      g_autofree char *element = item_element (json_array_get_element (before, i));
      JsonNode *now = find_item (after, element);

      if (now == NULL)
        ensure_child (difference.removed, element)->member = TRUE;
      else if (!chd_json_equal (json_array_get_element (before, i), now))
        ensure_child (difference.changed, element)->member = TRUE;
    }
  for (guint i = 0; i < json_array_get_length (after); i++)
    {
      g_autofree char *element = item_element (json_array_get_element (after, i));

      if (find_item (before, element) == NULL)
        ensure_child (difference.added, element)->member = TRUE;
    }
}

static void compare_objects (Difference difference, JsonObject *before, JsonObject *after, Place place);

static void
compare_member (Difference difference, JsonNode *before, JsonNode *after, Place place, const char *name)
{
  g_autofree char *element = field_element (name);

  if (before == NULL)
    collect_whole (ensure_child (difference.added, element), after, place, name);
  else if (after == NULL)
    collect_whole (ensure_child (difference.removed, element), before, place, name);
  else if (JSON_NODE_HOLDS_OBJECT (before) && JSON_NODE_HOLDS_OBJECT (after))
    compare_objects ((Difference){ ensure_child (difference.added, element), ensure_child (difference.changed, element),
                                   ensure_child (difference.removed, element) },
                     json_node_get_object (before), json_node_get_object (after), place_below (place, name));
  else if (JSON_NODE_HOLDS_ARRAY (before) && JSON_NODE_HOLDS_ARRAY (after) && is_joined_list (place, name))
    compare_lists ((Difference){ ensure_child (difference.added, element), ensure_child (difference.changed, element),
                                 ensure_child (difference.removed, element) },
                   json_node_get_array (before), json_node_get_array (after));
  else if (!chd_json_equal (before, after))
    ensure_child (difference.changed, element)->member = TRUE;
}

static void
compare_objects (Difference difference, JsonObject *before, JsonObject *after, Place place)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, before);
  while (json_object_iter_next (&iter, &name, &node))
    if (!is_skipped (place, name))
      compare_member (difference, node, json_object_get_member (after, name), place, name);
  json_object_iter_init (&iter, after);
  while (json_object_iter_next (&iter, &name, &node))
    if (!is_skipped (place, name) && !json_object_has_member (before, name))
      compare_member (difference, NULL, node, place, name);
}

void
chd_field_set_compare (JsonObject *before,
                       JsonObject *after,
                       ChdFieldSet **added,
                       ChdFieldSet **changed,
                       ChdFieldSet **removed)
{
  g_autoptr (JsonObject) nothing = json_object_new ();
  Difference difference = { chd_field_set_new (), chd_field_set_new (), chd_field_set_new () };

  compare_objects (difference, before != NULL ? before : nothing, after, PLACE_ROOT);
  prune (difference.added);
  prune (difference.changed);
  prune (difference.removed);
  *added = difference.added;
  *changed = difference.changed;
  *removed = difference.removed;
}

static void
list_paths (ChdFieldSet *self, const char *prefix, GPtrArray *paths)
{
  g_autoptr (GList) elements = sorted_elements (self);

  if (self->member)
    g_ptr_array_add (paths, g_strdup (prefix));
  for (GList *link = elements; link != NULL; link = link->next)
    {
      const char *element = link->data;
      g_autofree char *path = NULL;

      if (g_str_has_prefix (element, "f:"))
        path = g_strconcat (prefix, ".", element + 2, NULL);
      else if (g_str_has_prefix (element, "v:"))
        path = g_strconcat (prefix, "[=", element + 2, "]", NULL);
      else
        path = g_strconcat (prefix, "[", element + 2, "]", NULL);
      list_paths (get_child (self, element), path, paths);
    }
}

GPtrArray *
chd_field_set_list_paths (ChdFieldSet *self)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  list_paths (self, "", paths);
  return paths;
}

static void
remove_items (ChdFieldSet *self, JsonArray *array)
{
  for (guint i = json_array_get_length (array); i > 0; i--)
    {
      g_autofree char *element = item_element (json_array_get_element (array, i - 1));
      ChdFieldSet *child = get_child (self, element);

      if (child != NULL && child->member)
        json_array_remove_element (array, i - 1);
    }
}

void
chd_field_set_remove_from (ChdFieldSet *self, JsonObject *object)
{
  g_autoptr (GList) elements = sorted_elements (self);

  for (GList *link = elements; link != NULL; link = link->next)
    {
      const char *name = (const char *) link->data + 2;
      ChdFieldSet *child = get_child (self, link->data);
      JsonObject *below = chd_json_object (object, name);
      JsonArray *list = chd_json_array (object, name);

      if (child->children != NULL && below != NULL)
        chd_field_set_remove_from (child, below);
      else if (child->children != NULL && list != NULL)
        remove_items (child, list);
      if ((child->member && child->children == NULL) || (below != NULL && json_object_get_size (below) == 0) ||
          (list != NULL && child->children != NULL && json_array_get_length (list) == 0))
        json_object_remove_member (object, name);
    }
}
