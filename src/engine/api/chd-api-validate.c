/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of an object's metadata, and of the few built-in kinds. Texts are the API server's. */

#include "config.h"

#include "chd-api-validate.h"

#include <string.h>

#include "chd-api-name.h"
#include "chd-json.h"

#define MAX_ANNOTATIONS 262144
#define MAX_CONFIG_MAP 1048576

static const char *
go_type (JsonNode *node)
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
      return "bool";
    default:
      return "number";
    }
}

static gboolean
wrong_type (const ChdApiResource *resource, JsonNode *node, const char *field, const char *type, GError **error)
{
  g_propagate_error (error, chd_api_error_bad_request (
                                "%s in version \"%s\" cannot be handled as a %s: json: cannot unmarshal %s into Go "
                                "struct field %s of type %s",
                                resource->kube->kind, resource->kube->version, resource->kube->kind, go_type (node),
                                field, type));
  return FALSE;
}

static gboolean
is_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_NULL (node) ||
         (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING);
}

/* A member that must be an object of strings. */
static gboolean
check_string_map (const ChdApiResource *resource,
                  JsonObject *object,
                  const char *name,
                  const char *field,
                  GError **error)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;
  JsonObjectIter iter;
  JsonNode *value;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return wrong_type (resource, node, field, "map[string]string", error);
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, NULL, &value))
    if (!is_string (value))
      return wrong_type (resource, value, field, "string", error);
  return TRUE;
}

gboolean
chd_api_check_types (const ChdApiResource *resource, JsonObject *object, GError **error)
{
  static const char *const strings[] = { "name",     "generateName",      "namespace",        "uid", "resourceVersion",
                                         "selfLink", "deletionTimestamp", "creationTimestamp" };
  static const char *const lists[] = { "ownerReferences", "finalizers", "managedFields" };
  JsonNode *node = json_object_get_member (object, "metadata");
  JsonObject *metadata;

  if (node != NULL && !JSON_NODE_HOLDS_OBJECT (node) && !JSON_NODE_HOLDS_NULL (node))
    return wrong_type (resource, node, "ObjectMeta.metadata", "v1.ObjectMeta", error);
  metadata = chd_json_object (object, "metadata");
  for (guint i = 0; metadata != NULL && i < G_N_ELEMENTS (strings); i++)
    {
      g_autofree char *field = g_strconcat ("ObjectMeta.metadata.", strings[i], NULL);

      node = json_object_get_member (metadata, strings[i]);
      if (node != NULL && !is_string (node))
        return wrong_type (resource, node, field, "string", error);
    }
  for (guint i = 0; metadata != NULL && i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *field = g_strconcat ("ObjectMeta.metadata.", lists[i], NULL);

      node = json_object_get_member (metadata, lists[i]);
      if (node != NULL && !JSON_NODE_HOLDS_NULL (node) && !JSON_NODE_HOLDS_ARRAY (node))
        return wrong_type (resource, node, field, "[]string", error);
    }
  return check_string_map (resource, metadata, "labels", "ObjectMeta.metadata.labels", error) &&
         check_string_map (resource, metadata, "annotations", "ObjectMeta.metadata.annotations", error) &&
         (resource->type != CHD_KUBE_CONFIG_MAP ||
          (check_string_map (resource, object, "data", "ConfigMap.data", error) &&
           check_string_map (resource, object, "binaryData", "ConfigMap.binaryData", error)));
}

static void
invalid (ChdApiProblems *problems, const char *field, const char *value, const char *text)
{
  g_autofree char *quoted = chd_api_quote (value);

  chd_api_problems_add (problems, "FieldValueInvalid", field, "Invalid value: %s: %s", quoted, text);
}

static void
check_name (const ChdApiResource *resource, JsonObject *object, ChdApiProblems *problems)
{
  const char *name = chd_kube_get_name (object);
  g_autofree char *problem = NULL;

  if (name == NULL || *name == '\0')
    {
      chd_api_problems_add (problems, "FieldValueRequired", "metadata.name",
                            "Required value: name or generateName is required");
      return;
    }
  problem =
      resource->type == CHD_KUBE_NAMESPACE ? chd_api_name_check_label (name) : chd_api_name_check_subdomain (name);
  if (problem != NULL)
    invalid (problems, "metadata.name", name, problem);
}

static void
check_labels (JsonObject *metadata, ChdApiProblems *problems)
{
  JsonObject *labels = chd_json_object (metadata, "labels");
  g_autoptr (GList) keys = labels != NULL ? json_object_get_members (labels) : NULL;

  for (GList *link = keys; link != NULL; link = link->next)
    {
      const char *value = chd_json_string (labels, link->data, "");
      g_autofree char *key_problem = chd_api_name_check_label_key (link->data);
      g_autofree char *value_problem = chd_api_name_check_label_value (value);

      if (key_problem != NULL)
        invalid (problems, "metadata.labels", link->data, key_problem);
      if (value_problem != NULL)
        invalid (problems, "metadata.labels", value, value_problem);
    }
}

static void
check_annotations (JsonObject *metadata, ChdApiProblems *problems)
{
  JsonObject *annotations = chd_json_object (metadata, "annotations");
  g_autoptr (GList) keys = annotations != NULL ? json_object_get_members (annotations) : NULL;
  gsize total = 0;

  for (GList *link = keys; link != NULL; link = link->next)
    {
      g_autofree char *lower = g_ascii_strdown (link->data, -1);
      g_autofree char *problem = chd_api_name_check_label_key (lower);

      total += strlen (link->data) + strlen (chd_json_string (annotations, link->data, ""));
      if (problem != NULL)
        invalid (problems, "metadata.annotations", link->data, problem);
    }
  if (total > MAX_ANNOTATIONS)
    chd_api_problems_add (problems, "FieldValueTooLong", "metadata.annotations",
                          "Too long: may not be more than %d bytes", MAX_ANNOTATIONS);
}

static void
check_owners (JsonObject *metadata, ChdApiProblems *problems)
{
  static const char *const required[] = { "apiVersion", "kind", "name", "uid" };
  JsonArray *owners = chd_json_array (metadata, "ownerReferences");
  guint controllers = 0;

  for (guint i = 0; i < chd_json_length (owners); i++)
    {
      JsonObject *owner = chd_json_object_at (owners, i);

      for (guint k = 0; k < G_N_ELEMENTS (required); k++)
        if (*chd_json_string (owner, required[k], "") == '\0')
          {
            g_autofree char *field = g_strdup_printf ("metadata.ownerReferences[%u].%s", i, required[k]);

            invalid (problems, field, "", "must not be empty");
          }
      controllers += chd_json_bool (owner, "controller", FALSE);
    }
  if (controllers > 1)
    chd_api_problems_add (problems, "FieldValueInvalid", "metadata.ownerReferences",
                          "Invalid value: only one reference can have Controller set to true");
}

static void
check_finalizers (JsonObject *metadata, ChdApiProblems *problems)
{
  JsonArray *finalizers = chd_json_array (metadata, "finalizers");

  for (guint i = 0; i < chd_json_length (finalizers); i++)
    {
      const char *finalizer = chd_json_string_at (finalizers, i);
      g_autofree char *problem = chd_api_name_check_label_key (finalizer != NULL ? finalizer : "");

      if (problem != NULL)
        invalid (problems, "metadata.finalizers", finalizer != NULL ? finalizer : "", problem);
    }
}

static gboolean
is_config_key (const char *key)
{
  gsize length = strlen (key);

  return length > 0 && length <= 253 && strcmp (key, ".") != 0 && !g_str_has_prefix (key, "..") &&
         strspn (key, "-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

static void
check_config_map (JsonObject *object, JsonObject *before, ChdApiProblems *problems)
{
  static const char *const members[] = { "data", "binaryData" };
  JsonObject *data = chd_json_object (object, "data");
  gsize total = 0;

  for (guint m = 0; m < G_N_ELEMENTS (members); m++)
    {
      JsonObject *map = chd_json_object (object, members[m]);
      g_autoptr (GList) keys = map != NULL ? json_object_get_members (map) : NULL;

      for (GList *link = keys; link != NULL; link = link->next)
        {
          g_autofree char *field = g_strdup_printf ("%s[%s]", members[m], (char *) link->data);
          gsize length = strlen (chd_json_string (map, link->data, ""));

          total += m == 0 ? length : length / 4 * 3;
          if (!is_config_key (link->data))
            invalid (
                problems, field, link->data,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
                "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
          if (m == 1 && data != NULL && json_object_has_member (data, link->data))
            invalid (problems, field, link->data, "duplicate of key present in data");
        }
    }
  if (total > MAX_CONFIG_MAP)
    chd_api_problems_add (problems, "FieldValueTooLong", "", "Too long: may not be more than %d bytes", MAX_CONFIG_MAP);
  if (before == NULL || !chd_json_bool (before, "immutable", FALSE))
    return;
  if (!chd_json_bool (object, "immutable", FALSE))
    chd_api_problems_add (problems, "FieldValueForbidden", "immutable",
                          "Forbidden: field is immutable when `immutable` is set");
  for (guint m = 0; m < G_N_ELEMENTS (members); m++)
    if (!chd_json_equal (json_object_get_member (before, members[m]), json_object_get_member (object, members[m])))
      chd_api_problems_add (problems, "FieldValueForbidden", members[m],
                            "Forbidden: field is immutable when `immutable` is set");
}

gboolean
chd_api_check_object (const ChdApiResource *resource, JsonObject *object, JsonObject *before, GError **error)
{
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();
  JsonObject *metadata = chd_json_object (object, "metadata");
  const char *name = chd_kube_get_name (object);

  check_name (resource, object, problems);
  check_labels (metadata, problems);
  check_annotations (metadata, problems);
  check_owners (metadata, problems);
  check_finalizers (metadata, problems);
  if (resource->type == CHD_KUBE_CONFIG_MAP)
    check_config_map (object, before, problems);
  if (chd_api_problems_is_empty (problems))
    return TRUE;
  g_propagate_error (error, chd_api_problems_to_error (problems, resource->kube->kind, resource->kube->group,
                                                       name != NULL ? name : ""));
  return FALSE;
}
