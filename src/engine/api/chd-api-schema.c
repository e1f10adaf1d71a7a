/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looking at objects by their schema: which fields nobody knows, which have the wrong type. */

#include "config.h"

#include "chd-api-schema.h"

#include <string.h>

#include "chd-json.h"
#include "chd-util.h"

#define MAX_REPORTED 32
#define MAX_SHOWN 64 /* bytes of a value in a message */
/* Deeper than any object can be; the structs of OpenAPI documents refer to each other only downwards. */
#define MAX_DEPTH CHD_JSON_MAX_DEPTH

/* struct name → (field → type). Built once, never changed. */
static GHashTable *
get_structs (void)
{
  static GHashTable *structs = NULL;

  if (g_once_init_enter (&structs))
    {
      GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

      for (guint i = 0; chd_api_schema_structs[i] != NULL; i++)
        {
          g_auto (GStrv) words = g_strsplit (chd_api_schema_structs[i], " ", -1);
          GHashTable *fields = g_hash_table_new (g_str_hash, g_str_equal);

          for (guint k = 1; words[k] != NULL; k++)
            {
              char *colon = strchr (words[k], ':');

              *colon = '\0';
              g_hash_table_insert (fields, (gpointer) g_intern_string (words[k]),
                                   (gpointer) g_intern_string (colon + 1));
            }
          g_hash_table_insert (table, (gpointer) g_intern_string (words[0]), fields);
        }
      g_once_init_leave (&structs, table);
    }
  return structs;
}

/* (nullable): %NULL for kinds that may have any field. */
static const char *
root_struct (const ChdApiResource *resource)
{
  switch (resource->type)
    {
    case CHD_KUBE_CONFIG_MAP:
      return "ConfigMapObject";
    case CHD_KUBE_SERVICE_ACCOUNT:
      return "ServiceAccountObject";
    case CHD_KUBE_NAMESPACE:
      return "NamespaceObject";
    case CHD_KUBE_TASK:
    case CHD_KUBE_PIPELINE:
    case CHD_KUBE_TASK_RUN:
    case CHD_KUBE_PIPELINE_RUN:
    case CHD_KUBE_CUSTOM_RUN:
      return resource->kube->kind;
    default:
      return NULL;
    }
}

typedef struct
{
  GPtrArray *unknown;       /* (element-type utf8) (nullable) paths */
  ChdApiProblems *problems; /* (nullable) wrong types */
  char *first_wrong;        /* for server-side apply: the first wrong type */
  gboolean prune;
} Walk;

static const char *
json_type (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "array";
  if (JSON_NODE_HOLDS_NULL (node))
    return "null";
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return "string";
    case G_TYPE_BOOLEAN:
      return "boolean";
    case G_TYPE_INT64:
      return "integer";
    default:
      return "number";
    }
}

static const char *
wanted_type (const char *type)
{
  switch (*type)
    {
    case '[':
      return "array";
    case '{':
      return "object";
    default:
      break;
    }
  if (type[1] != '\0')
    return "object";
  switch (*type)
    {
    case 's':
      return "string";
    case 'i':
      return "integer";
    case 'n':
      return "number";
    case 'b':
      return "boolean";
    case 'a':
      return "array";
    case 'x':
      return NULL;
    default:
      return "object";
    }
}

static void
report_wrong (Walk *walk, const char *path, const char *wanted, JsonNode *node)
{
  const char *is = json_type (node);

  if (walk->problems != NULL)
    chd_api_problems_add (walk->problems, "FieldValueTypeInvalid", path,
                          "Invalid value: \"%s\": %s in body must be of type %s: \"%s\"", is, path, wanted, is);
  if (walk->first_wrong == NULL)
    {
      g_autofree char *written = chd_json_write (node, FALSE, NULL);
      g_autofree char *text =
          chd_str_sanitize (strcmp (is, "string") == 0 ? json_node_get_string (node) : written, -1, MAX_SHOWN);
      const char *word = strcmp (wanted, "array") == 0 ? "list" : strcmp (wanted, "object") == 0 ? "map" : wanted;

      walk->first_wrong = g_strdup_printf (".%s: expected %s, got &{%s}", path, word, text);
    }
}

static void walk_node (Walk *walk, const char *type, JsonNode *node, const char *path, guint depth);

/* @fields: (nullable): those of a struct; %NULL when every member has the type @item */
static void
walk_object (Walk *walk, GHashTable *fields, const char *item, JsonObject *object, const char *path, guint depth)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *link = names; link != NULL; link = link->next)
    {
      const char *name = link->data;
      JsonNode *node = json_object_get_member (object, name);
      const char *type = fields != NULL ? g_hash_table_lookup (fields, name) : item;
      g_autofree char *below = *path != '\0' ? g_strconcat (path, ".", name, NULL) : g_strdup (name);

      if (type == NULL)
        {
          if (walk->unknown != NULL && walk->unknown->len < MAX_REPORTED)
            g_ptr_array_add (walk->unknown, g_steal_pointer (&below));
          if (walk->prune)
            json_object_remove_member (object, name);
        }
      else if (JSON_NODE_HOLDS_NULL (node) && walk->prune)
        {
          if (fields != NULL)
            json_object_remove_member (object, name);
        }
      else
        walk_node (walk, type, node, below, depth + 1);
    }
}

static void
walk_node (Walk *walk, const char *type, JsonNode *node, const char *path, guint depth)
{
  const char *wanted = wanted_type (type);
  const char *is = json_type (node);

  if (wanted == NULL || depth > MAX_DEPTH)
    return;
  if (strcmp (wanted, is) != 0 && !(strcmp (wanted, "number") == 0 && strcmp (is, "integer") == 0))
    {
      report_wrong (walk, path, wanted, node);
      return;
    }
  if (*type == '[')
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *below = g_strdup_printf ("%s[%u]", path, i);

          walk_node (walk, type + 1, json_array_get_element (array, i), below, depth + 1);
        }
    }
  else if (*type == '{')
    walk_object (walk, NULL, type + 1, json_node_get_object (node), path, depth);
  else if (type[1] != '\0')
    walk_object (walk, g_hash_table_lookup (get_structs (), type), NULL, json_node_get_object (node), path, depth);
}

static void
walk_root (Walk *walk, const ChdApiResource *resource, JsonObject *object)
{
  GHashTable *structs = get_structs ();
  const char *root = root_struct (resource);
  GHashTable *fields = root != NULL ? g_hash_table_lookup (structs, root) : NULL;
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *link = names; fields != NULL && link != NULL; link = link->next)
    {
      const char *name = link->data;
      JsonNode *node = json_object_get_member (object, name);
      const char *type = strcmp (name, "metadata") == 0 ? "ObjectMeta" : g_hash_table_lookup (fields, name);

      if (strcmp (name, "apiVersion") == 0 || strcmp (name, "kind") == 0)
        continue;
      /* Every kind has a status as far as a client knows, if only an empty one. */
      if (type == NULL && strcmp (name, "status") == 0)
        type = "o";
      if (type == NULL)
        {
          if (walk->unknown != NULL)
            g_ptr_array_add (walk->unknown, g_strdup (name));
          if (walk->prune)
            json_object_remove_member (object, name);
        }
      else if (!JSON_NODE_HOLDS_NULL (node))
        walk_node (walk, type, node, name, 0);
      else if (walk->prune)
        json_object_remove_member (object, name);
    }
}

gboolean
chd_api_schema_check (const ChdApiResource *resource,
                      JsonObject *object,
                      ChdApiValidation validation,
                      gboolean patch,
                      GPtrArray *warnings,
                      GError **error)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) text = g_string_new (NULL);
  const char *kind = resource->kube->kind;
  Walk walk = { .unknown = unknown, .prune = TRUE };

  walk_root (&walk, resource, object);
  g_free (walk.first_wrong);
  if (unknown->len == 0 || validation == CHD_API_VALIDATION_IGNORE)
    return TRUE;
  for (guint i = 0; i < unknown->len; i++)
    {
      if (validation == CHD_API_VALIDATION_WARN)
        g_ptr_array_add (warnings, g_strdup_printf ("unknown field \"%s\"", (char *) unknown->pdata[i]));
      g_string_append_printf (text, "%sunknown field \"%s\"", i > 0 ? ", " : "", (char *) unknown->pdata[i]);
    }
  if (validation == CHD_API_VALIDATION_WARN)
    return TRUE;
  if (patch)
    {
      g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();

      chd_api_problems_add (problems, "FieldValueInvalid", "patch", "Invalid value: strict decoding error: %s",
                            text->str);
      g_propagate_error (error, chd_api_problems_to_error (problems, "", "", ""));
    }
  else
    g_propagate_error (error, chd_api_error_bad_request ("%s in version \"%s\" cannot be handled as a %s: strict "
                                                         "decoding error: %s",
                                                         kind, resource->kube->version, kind, text->str));
  return FALSE;
}

gboolean
chd_api_schema_check_types (const ChdApiResource *resource, JsonObject *object, GError **error)
{
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();
  Walk walk = { .problems = problems };

  walk_root (&walk, resource, object);
  g_free (walk.first_wrong);
  if (chd_api_problems_is_empty (problems))
    return TRUE;
  g_propagate_error (error, chd_api_problems_to_error (problems, resource->kube->kind, resource->kube->group,
                                                       chd_kube_get_name (object)));
  return FALSE;
}

gboolean
chd_api_schema_check_applied (const ChdApiResource *resource, JsonObject *applied, const char *name, GError **error)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  const char *namespace_ = chd_kube_get_namespace (applied);
  g_autofree char *problem = NULL;
  Walk walk = { .unknown = unknown };

  walk_root (&walk, resource, applied);
  if (unknown->len > 0)
    problem = g_strdup_printf (".%s: field not declared in schema", (char *) unknown->pdata[0]);
  else
    problem = g_steal_pointer (&walk.first_wrong);
  g_free (walk.first_wrong);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error,
                     chd_api_error_new (500, NULL, NULL, "failed to create typed patch object (%s/%s; %s, Kind=%s): %s",
                                        namespace_ != NULL ? namespace_ : "", name, resource->api_version,
                                        resource->kube->kind, problem));
  return FALSE;
}

/* OpenAPI. */

static JsonObject *
describe_type (const char *type, guint depth)
{
  JsonObject *schema = json_object_new ();
  const char *name = wanted_type (type);

  if (name != NULL)
    json_object_set_string_member (schema, "type", name);
  if (depth > MAX_DEPTH)
    return schema;
  if (*type == '[')
    json_object_set_object_member (schema, "items", describe_type (type + 1, depth + 1));
  else if (*type == '{')
    json_object_set_object_member (schema, "additionalProperties", describe_type (type + 1, depth + 1));
  else if (type[1] != '\0')
    {
      GHashTable *fields = g_hash_table_lookup (get_structs (), type);
      JsonObject *properties = json_object_new ();
      g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (fields), (GCompareFunc) (GCallback) strcmp);

      for (GList *link = names; link != NULL; link = link->next)
        json_object_set_object_member (properties, link->data,
                                       describe_type (g_hash_table_lookup (fields, link->data), depth + 1));
      json_object_set_object_member (schema, "properties", properties);
    }
  return schema;
}

JsonObject *
chd_api_schema_to_openapi (const ChdApiResource *resource)
{
  const char *root = root_struct (resource);
  JsonObject *schema = root != NULL ? describe_type (root, 0) : describe_type ("o", 0);
  JsonObject *properties = chd_json_ensure_object (schema, "properties");

  json_object_set_object_member (properties, "apiVersion", describe_type ("s", 0));
  json_object_set_object_member (properties, "kind", describe_type ("s", 0));
  json_object_set_object_member (properties, "metadata", describe_type ("ObjectMeta", 0));
  return schema;
}
