/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the objects of every Kubernetes API have in common: names, labels, owners, conditions, paths.
 * Pure functions. Objects from the network may have any shape: readers give NULL for what is not as expected. */

#include "config.h"

#include "chd-kube.h"

#include <stdarg.h>
#include <string.h>

#include "chd-json.h"

static const ChdKubeResource resources[CHD_KUBE_N_TYPES] = {
  [CHD_KUBE_NAMESPACE] = { "", "v1", "Namespace", "namespaces", "namespace", FALSE },
  [CHD_KUBE_CONFIG_MAP] = { "", "v1", "ConfigMap", "configmaps", "configmap", TRUE },
  [CHD_KUBE_SERVICE_ACCOUNT] = { "", "v1", "ServiceAccount", "serviceaccounts", "serviceaccount", TRUE },
  [CHD_KUBE_EVENT] = { "", "v1", "Event", "events", "event", TRUE },
  [CHD_KUBE_POD] = { "", "v1", "Pod", "pods", "pod", TRUE },
  [CHD_KUBE_TASK] = { "tekton.dev", "v1", "Task", "tasks", "task", TRUE },
  [CHD_KUBE_PIPELINE] = { "tekton.dev", "v1", "Pipeline", "pipelines", "pipeline", TRUE },
  [CHD_KUBE_TASK_RUN] = { "tekton.dev", "v1", "TaskRun", "taskruns", "taskrun", TRUE },
  [CHD_KUBE_PIPELINE_RUN] = { "tekton.dev", "v1", "PipelineRun", "pipelineruns", "pipelinerun", TRUE },
  [CHD_KUBE_CUSTOM_RUN] = { "tekton.dev", "v1beta1", "CustomRun", "customruns", "customrun", TRUE },
  [CHD_KUBE_APPROVAL_TASK] = { "openshift-pipelines.org", "v1alpha1", "ApprovalTask", "approvaltasks", "approvaltask",
                               TRUE },
  [CHD_KUBE_SELF_SUBJECT_REVIEW] = { "authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews",
                                     "selfsubjectreview", FALSE },
  [CHD_KUBE_SELF_SUBJECT_ACCESS_REVIEW] = { "authorization.k8s.io", "v1", "SelfSubjectAccessReview",
                                            "selfsubjectaccessreviews", "selfsubjectaccessreview", FALSE },
  [CHD_KUBE_SELF_SUBJECT_RULES_REVIEW] = { "authorization.k8s.io", "v1", "SelfSubjectRulesReview",
                                           "selfsubjectrulesreviews", "selfsubjectrulesreview", FALSE },
};

const ChdKubeResource *
chd_kube_resource (ChdKubeType type)
{
  g_return_val_if_fail ((guint) type < CHD_KUBE_N_TYPES, NULL);
  return &resources[type];
}

/**
 * chd_kube_type_for_kind:
 * @api_version: (nullable): as in an object, "tekton.dev/v1"
 * @kind: (nullable): as in an object
 * @type: (out):
 *
 * Returns: %FALSE for what this program has nothing to do with
 */
gboolean
chd_kube_type_for_kind (const char *api_version, const char *kind, ChdKubeType *type)
{
  if (api_version == NULL || kind == NULL)
    return FALSE;

  for (guint i = 0; i < CHD_KUBE_N_TYPES; i++)
    if (strcmp (resources[i].kind, kind) == 0)
      {
        g_autofree char *expected = chd_kube_api_version (i);

        if (strcmp (expected, api_version) != 0)
          continue;
        *type = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
chd_kube_type_of (JsonObject *object, ChdKubeType *type)
{
  return chd_kube_type_for_kind (chd_kube_get_api_version (object), chd_kube_get_kind (object), type);
}

/**
 * chd_kube_type_for_path:
 * @group: "" for the core group
 * @type: (out):
 */
gboolean
chd_kube_type_for_path (const char *group, const char *version, const char *plural, ChdKubeType *type)
{
  for (guint i = 0; i < CHD_KUBE_N_TYPES; i++)
    if (g_strcmp0 (resources[i].group, group) == 0 && g_strcmp0 (resources[i].version, version) == 0 &&
        g_strcmp0 (resources[i].plural, plural) == 0)
      {
        *type = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * chd_kube_api_version:
 * Returns: (transfer full): "v1" or "tekton.dev/v1"
 */
char *
chd_kube_api_version (ChdKubeType type)
{
  const ChdKubeResource *resource = chd_kube_resource (type);

  return *resource->group == '\0' ? g_strdup (resource->version)
                                  : g_strconcat (resource->group, "/", resource->version, NULL);
}

/**
 * chd_kube_path:
 * @namespace_: (nullable): %NULL or "" for all namespaces
 * @name: (nullable): %NULL for the collection
 * @subresource: (nullable):
 *
 * Returns: (transfer full): the path below the server's address, names escaped
 */
char *
chd_kube_path (ChdKubeType type, const char *namespace_, const char *name, const char *subresource)
{
  const ChdKubeResource *resource = chd_kube_resource (type);
  GString *path = g_string_new (*resource->group == '\0' ? "/api/" : "/apis/");

  if (*resource->group != '\0')
    g_string_append_printf (path, "%s/", resource->group);
  g_string_append (path, resource->version);
  if (resource->namespaced && namespace_ != NULL && *namespace_ != '\0')
    {
      g_string_append (path, "/namespaces/");
      g_string_append_uri_escaped (path, namespace_, NULL, FALSE);
    }
  g_string_append_printf (path, "/%s", resource->plural);
  if (name != NULL)
    {
      g_string_append_c (path, '/');
      g_string_append_uri_escaped (path, name, NULL, FALSE);
    }
  if (subresource != NULL)
    g_string_append_printf (path, "/%s", subresource);
  return g_string_free (path, FALSE);
}

const char *
chd_kube_get_api_version (JsonObject *object)
{
  return chd_json_string (object, "apiVersion", NULL);
}

const char *
chd_kube_get_kind (JsonObject *object)
{
  return chd_json_string (object, "kind", NULL);
}

const char *
chd_kube_get_name (JsonObject *object)
{
  return chd_json_string (chd_json_object (object, "metadata"), "name", NULL);
}

const char *
chd_kube_get_namespace (JsonObject *object)
{
  return chd_json_string (chd_json_object (object, "metadata"), "namespace", NULL);
}

const char *
chd_kube_get_uid (JsonObject *object)
{
  return chd_json_string (chd_json_object (object, "metadata"), "uid", NULL);
}

const char *
chd_kube_get_resource_version (JsonObject *object)
{
  return chd_json_string (chd_json_object (object, "metadata"), "resourceVersion", NULL);
}

const char *
chd_kube_get_creation_timestamp (JsonObject *object)
{
  return chd_json_string (chd_json_object (object, "metadata"), "creationTimestamp", NULL);
}

const char *
chd_kube_get_label (JsonObject *object, const char *key)
{
  return chd_json_string (chd_json_object (chd_json_object (object, "metadata"), "labels"), key, NULL);
}

const char *
chd_kube_get_annotation (JsonObject *object, const char *key)
{
  return chd_json_string (chd_json_object (chd_json_object (object, "metadata"), "annotations"), key, NULL);
}

gboolean
chd_kube_is_deleting (JsonObject *object)
{
  return chd_json_string (chd_json_object (object, "metadata"), "deletionTimestamp", NULL) != NULL;
}

/**
 * chd_kube_is_ours:
 * Returns: whether the object says that it was made by this program
 */
gboolean
chd_kube_is_ours (JsonObject *object)
{
  return g_strcmp0 (chd_kube_get_label (object, CHD_LABEL_MANAGED_BY), CHD_LABEL_MANAGED_BY_VALUE) == 0;
}

static JsonArray *
get_owners (JsonObject *object)
{
  return chd_json_array (chd_json_object (object, "metadata"), "ownerReferences");
}

gboolean
chd_kube_is_owned_by (JsonObject *object, const char *uid)
{
  JsonArray *owners = get_owners (object);

  if (uid == NULL)
    return FALSE;

  for (guint i = 0; i < chd_json_length (owners); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (owners, i), "uid", NULL), uid) == 0)
      return TRUE;
  return FALSE;
}

/**
 * chd_kube_get_controller_name:
 * @kind: the owner's kind
 *
 * Returns: (nullable): the name of the controlling owner if it is a @kind
 */
const char *
chd_kube_get_controller_name (JsonObject *object, const char *kind)
{
  JsonArray *owners = get_owners (object);

  for (guint i = 0; i < chd_json_length (owners); i++)
    {
      JsonObject *owner = chd_json_object_at (owners, i);

      if (chd_json_bool (owner, "controller", FALSE) && g_strcmp0 (chd_json_string (owner, "kind", NULL), kind) == 0)
        return chd_json_string (owner, "name", NULL);
    }
  return NULL;
}

/**
 * chd_kube_get_condition:
 * @type: "Succeeded", for example
 *
 * Returns: (nullable) (transfer none): the member of status.conditions with that type
 */
JsonObject *
chd_kube_get_condition (JsonObject *object, const char *type)
{
  JsonArray *conditions = chd_json_array (chd_json_object (object, "status"), "conditions");

  for (guint i = 0; i < chd_json_length (conditions); i++)
    {
      JsonObject *condition = chd_json_object_at (conditions, i);

      if (g_strcmp0 (chd_json_string (condition, "type", NULL), type) == 0)
        return condition;
    }
  return NULL;
}

static gboolean
is_decimal (const char *text)
{
  return *text != '\0' && text[strspn (text, "0123456789")] == '\0';
}

/**
 * chd_kube_compare_versions:
 * @a: (nullable): a resourceVersion
 * @b: (nullable): another one of the same resource
 *
 * Decimal numbers of any length are compared as such. A server whose versions are something else promises nothing
 * about their order: then the one that came later, @a, counts as newer unless both are equal.
 *
 * Returns: -1 when @a is older than @b, 0 when they are equal, 1 when it is newer
 */
int
chd_kube_compare_versions (const char *a, const char *b)
{
  gsize length_a, length_b;
  int order;

  if (g_strcmp0 (a, b) == 0)
    return 0;
  if (a == NULL || b == NULL || !is_decimal (a) || !is_decimal (b))
    return 1;

  a += strspn (a, "0");
  b += strspn (b, "0");
  length_a = strlen (a);
  length_b = strlen (b);
  if (length_a != length_b)
    return length_a < length_b ? -1 : 1;
  order = strcmp (a, b);
  return order < 0 ? -1 : order > 0;
}

/**
 * chd_kube_list_items:
 * @list: the answer to a list request
 *
 * Built-in kinds leave apiVersion and kind out of the items; they are filled in from the list's.
 *
 * Returns: (transfer container) (element-type JsonObject): the items that are objects
 */
GPtrArray *
chd_kube_list_items (JsonObject *list)
{
  GPtrArray *result = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  JsonArray *items = chd_json_array (list, "items");
  const char *api_version = chd_kube_get_api_version (list);
  const char *list_kind = chd_kube_get_kind (list);
  g_autofree char *kind = list_kind != NULL && g_str_has_suffix (list_kind, "List")
                              ? g_strndup (list_kind, strlen (list_kind) - strlen ("List"))
                              : NULL;

  for (guint i = 0; i < chd_json_length (items); i++)
    {
      JsonObject *item = chd_json_object_at (items, i);

      if (item == NULL)
        continue;
      if (kind == NULL || api_version == NULL || chd_kube_get_kind (item) != NULL)
        {
          g_ptr_array_add (result, json_object_ref (item));
        }
      else
        {
          JsonObject *whole = chd_json_copy_object (item);

          json_object_set_string_member (whole, "apiVersion", api_version);
          json_object_set_string_member (whole, "kind", kind);
          g_ptr_array_add (result, whole);
        }
    }
  return result;
}

/**
 * chd_kube_object_new:
 * @namespace_: (nullable):
 * @name: (nullable):
 *
 * Returns: (transfer full): an object with apiVersion, kind and metadata, to be filled
 */
JsonObject *
chd_kube_object_new (ChdKubeType type, const char *namespace_, const char *name)
{
  JsonObject *object = json_object_new ();
  JsonObject *metadata = json_object_new ();
  g_autofree char *api_version = chd_kube_api_version (type);

  json_object_set_string_member (object, "apiVersion", api_version);
  json_object_set_string_member (object, "kind", chd_kube_resource (type)->kind);
  json_object_set_object_member (object, "metadata", metadata);
  chd_json_set_string_if (metadata, "name", name);
  if (chd_kube_resource (type)->namespaced)
    chd_json_set_string_if (metadata, "namespace", namespace_);
  return object;
}

/**
 * chd_kube_set_label:
 * @value: (nullable): %NULL removes it
 */
void
chd_kube_set_label (JsonObject *object, const char *key, const char *value)
{
  JsonObject *labels = chd_json_ensure_object (object, "metadata/labels");

  g_return_if_fail (value == NULL || chd_kube_is_label_value (value));

  if (value != NULL)
    json_object_set_string_member (labels, key, value);
  else if (json_object_has_member (labels, key))
    json_object_remove_member (labels, key);
}

/**
 * chd_kube_set_annotation:
 * @value: (nullable): %NULL removes it
 */
void
chd_kube_set_annotation (JsonObject *object, const char *key, const char *value)
{
  JsonObject *annotations = chd_json_ensure_object (object, "metadata/annotations");

  if (value != NULL)
    json_object_set_string_member (annotations, key, value);
  else if (json_object_has_member (annotations, key))
    json_object_remove_member (annotations, key);
}

/**
 * chd_kube_add_owner:
 * @owner: a stored object (it has a uid)
 * @controller: whether it is the one that manages @object
 */
void
chd_kube_add_owner (JsonObject *object, JsonObject *owner, gboolean controller)
{
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  JsonObject *reference = json_object_new ();

  chd_json_set_string_if (reference, "apiVersion", chd_kube_get_api_version (owner));
  chd_json_set_string_if (reference, "kind", chd_kube_get_kind (owner));
  chd_json_set_string_if (reference, "name", chd_kube_get_name (owner));
  chd_json_set_string_if (reference, "uid", chd_kube_get_uid (owner));
  if (controller)
    {
      json_object_set_boolean_member (reference, "controller", TRUE);
      json_object_set_boolean_member (reference, "blockOwnerDeletion", TRUE);
    }
  if (chd_json_array (metadata, "ownerReferences") == NULL)
    json_object_set_array_member (metadata, "ownerReferences", json_array_new ());
  json_array_add_object_element (chd_json_array (metadata, "ownerReferences"), reference);
}

/**
 * chd_kube_is_label_value:
 * Returns: whether @value may stand in a label: ASCII, at most 63 characters, other text belongs into an annotation
 */
gboolean
chd_kube_is_label_value (const char *value)
{
  gsize length = strlen (value);

  if (length == 0)
    return TRUE;
  if (length > 63 || !g_ascii_isalnum (value[0]) || !g_ascii_isalnum (value[length - 1]))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (value[i]) && strchr ("-_.", value[i]) == NULL)
      return FALSE;
  return TRUE;
}

static void
append_requirement (GString *selector, const char *key, const char *value)
{
  if (selector->len > 0)
    g_string_append_c (selector, ',');
  g_string_append (selector, key);
  if (value != NULL)
    g_string_append_printf (selector, "=%s", value);
}

/**
 * chd_kube_selector:
 * @first_key: a label, then its value, then further pairs, then %NULL. The value "*" stands for any.
 *
 * Returns: (transfer full): a label selector
 */
char *
chd_kube_selector (const char *first_key, ...)
{
  GString *selector = g_string_new (NULL);
  va_list args;

  va_start (args, first_key);
  for (const char *key = first_key; key != NULL; key = va_arg (args, const char *))
    {
      const char *value = va_arg (args, const char *);

      append_requirement (selector, key, strcmp (value, "*") == 0 ? NULL : value);
    }
  va_end (args);
  return g_string_free (selector, FALSE);
}

/**
 * chd_kube_selector_from_labels:
 * @labels: (element-type utf8 utf8): a value %NULL stands for any
 *
 * Returns: (transfer full): a label selector, the keys in order
 */
char *
chd_kube_selector_from_labels (GHashTable *labels)
{
  GString *selector = g_string_new (NULL);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (labels), (GCompareFunc) strcmp);

  for (GList *link = keys; link != NULL; link = link->next)
    append_requirement (selector, link->data, g_hash_table_lookup (labels, link->data));
  return g_string_free (selector, FALSE);
}
