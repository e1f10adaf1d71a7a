/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Discovery in both forms, and the OpenAPI that kubectl asks for before it writes (kubernetes-api.md section 4). All of
 * it follows from the table of resources. */

#include "config.h"

#include "chd-api-discovery.h"

#include <string.h>

#include "chd-api-schema.h"
#include "chd-json.h"
#include "chd-util.h"

#define DISCOVERY_TYPE "application/json;g=apidiscovery.k8s.io;v=%s;as=APIGroupDiscoveryList"

static const char *const group_versions[][2] = {
  { "", "v1" },
  { "authentication.k8s.io", "v1" },
  { "authorization.k8s.io", "v1" },
  { "openshift-pipelines.org", "v1alpha1" },
  { "tekton.dev", "v1" },
  { "tekton.dev", "v1beta1" },
};

static JsonArray *
verb_names (ChdApiVerbs verbs)
{
  JsonArray *names = json_array_new ();

  for (guint verb = CHD_API_GET; verb <= CHD_API_DELETE_COLLECTION; verb <<= 1)
    if ((verbs & verb) != 0)
      json_array_add_string_element (names, chd_api_verb_name (verb));
  return names;
}

static ChdApiVerbs
status_verbs (void)
{
  return CHD_API_GET | CHD_API_UPDATE | CHD_API_PATCH;
}

static gboolean
is_in (const ChdApiResource *resource, const char *group, const char *version)
{
  return resource != NULL && strcmp (resource->kube->group, group) == 0 &&
         strcmp (resource->kube->version, version) == 0;
}

/* The name of the one subresource of a resource, or NULL. */
static const char *
subresource_of (const ChdApiResource *resource)
{
  if (resource->type == CHD_KUBE_POD)
    return "log";
  return resource->has_status ? "status" : NULL;
}

static void
set_names (JsonObject *object, const char *name, const char *const *names)
{
  JsonArray *array;

  if (names[0] == NULL)
    return;
  array = chd_json_array_from_strv (names);
  json_object_set_array_member (object, name, array);
}

/* The older form. */

static void
add_resource (JsonArray *resources, const ChdApiResource *resource)
{
  JsonObject *object = json_object_new ();
  const char *subresource = subresource_of (resource);
  g_autofree char *name = NULL;

  json_object_set_string_member (object, "name", resource->kube->plural);
  json_object_set_string_member (object, "singularName", resource->kube->singular);
  json_object_set_boolean_member (object, "namespaced", resource->kube->namespaced);
  json_object_set_string_member (object, "kind", resource->kube->kind);
  json_object_set_array_member (object, "verbs", verb_names (resource->verbs));
  set_names (object, "shortNames", resource->short_names);
  set_names (object, "categories", resource->categories);
  json_array_add_object_element (resources, object);
  if (subresource == NULL)
    return;
  object = json_object_new ();
  name = g_strdup_printf ("%s/%s", resource->kube->plural, subresource);
  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "singularName", "");
  json_object_set_boolean_member (object, "namespaced", resource->kube->namespaced);
  json_object_set_string_member (object, "kind", resource->kube->kind);
  json_object_set_array_member (object, "verbs", verb_names (resource->has_status ? status_verbs () : CHD_API_GET));
  json_array_add_object_element (resources, object);
}

/* (nullable): %NULL when there is no such group and version */
static JsonObject *
resource_list (const char *group, const char *version)
{
  g_autoptr (JsonArray) resources = json_array_new ();
  g_autofree char *group_version = *group != '\0' ? g_strdup_printf ("%s/%s", group, version) : g_strdup (version);
  JsonObject *list;

  for (guint type = 0; type < CHD_KUBE_N_TYPES; type++)
    if (is_in (chd_api_resource (type), group, version))
      add_resource (resources, chd_api_resource (type));
  if (json_array_get_length (resources) == 0)
    return NULL;
  list = json_object_new ();
  json_object_set_string_member (list, "kind", "APIResourceList");
  json_object_set_string_member (list, "apiVersion", "v1");
  json_object_set_string_member (list, "groupVersion", group_version);
  json_object_set_array_member (list, "resources", g_steal_pointer (&resources));
  return list;
}

static JsonObject *
describe_group (const char *group)
{
  JsonObject *object = NULL;
  JsonArray *versions = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (group_versions); i++)
    {
      JsonObject *version;
      g_autofree char *text = NULL;

      if (strcmp (group_versions[i][0], group) != 0)
        continue;
      text = g_strdup_printf ("%s/%s", group, group_versions[i][1]);
      version = json_object_new ();
      json_object_set_string_member (version, "groupVersion", text);
      json_object_set_string_member (version, "version", group_versions[i][1]);
      if (object == NULL)
        {
          object = json_object_new ();
          versions = json_array_new ();
          json_object_set_string_member (object, "name", group);
          json_object_set_array_member (object, "versions", versions);
          json_object_set_object_member (object, "preferredVersion", chd_json_copy_object (version));
        }
      json_array_add_object_element (versions, version);
    }
  return object;
}

static JsonObject *
group_list (void)
{
  JsonObject *list = json_object_new ();
  JsonArray *groups = json_array_new ();
  const char *last = "";

  for (guint i = 0; i < G_N_ELEMENTS (group_versions); i++)
    if (strcmp (group_versions[i][0], last) != 0)
      {
        last = group_versions[i][0];
        json_array_add_object_element (groups, describe_group (last));
      }
  json_object_set_string_member (list, "kind", "APIGroupList");
  json_object_set_string_member (list, "apiVersion", "v1");
  json_object_set_array_member (list, "groups", groups);
  return list;
}

static JsonObject *
core_versions (void)
{
  JsonObject *object = json_object_new ();
  JsonObject *address = json_object_new ();
  JsonArray *addresses = json_array_new ();

  json_object_set_string_member (object, "kind", "APIVersions");
  json_object_set_array_member (object, "versions", chd_json_array_from_strv ((const char *const[]){ "v1", NULL }));
  json_object_set_string_member (address, "clientCIDR", "0.0.0.0/0");
  json_object_set_string_member (address, "serverAddress", "127.0.0.1");
  json_array_add_object_element (addresses, address);
  json_object_set_array_member (object, "serverAddressByClientCIDRs", addresses);
  return object;
}

/* The aggregated form. */

static JsonObject *
response_kind (const ChdApiResource *resource)
{
  JsonObject *kind = json_object_new ();

  /* Of built-in kinds, empty strings mean "as the list". */
  json_object_set_string_member (kind, "group", resource->custom ? resource->kube->group : "");
  json_object_set_string_member (kind, "version", resource->custom ? resource->kube->version : "");
  json_object_set_string_member (kind, "kind", resource->kube->kind);
  return kind;
}

static JsonObject *
aggregate_resource (const ChdApiResource *resource)
{
  JsonObject *object = json_object_new ();
  const char *subresource = subresource_of (resource);

  json_object_set_string_member (object, "resource", resource->kube->plural);
  json_object_set_object_member (object, "responseKind", response_kind (resource));
  json_object_set_string_member (object, "scope", resource->kube->namespaced ? "Namespaced" : "Cluster");
  json_object_set_string_member (object, "singularResource", resource->kube->singular);
  json_object_set_array_member (object, "verbs", verb_names (resource->verbs));
  set_names (object, "shortNames", resource->short_names);
  set_names (object, "categories", resource->categories);
  if (subresource != NULL)
    {
      JsonObject *below = json_object_new ();
      JsonArray *subresources = json_array_new ();

      json_object_set_string_member (below, "subresource", subresource);
      json_object_set_object_member (below, "responseKind", response_kind (resource));
      json_object_set_array_member (below, "verbs", verb_names (resource->has_status ? status_verbs () : CHD_API_GET));
      json_array_add_object_element (subresources, below);
      json_object_set_array_member (object, "subresources", subresources);
    }
  return object;
}

static JsonObject *
aggregate_version (const char *group, const char *version)
{
  JsonObject *object = json_object_new ();
  JsonArray *resources = json_array_new ();

  for (guint type = 0; type < CHD_KUBE_N_TYPES; type++)
    if (is_in (chd_api_resource (type), group, version))
      json_array_add_object_element (resources, aggregate_resource (chd_api_resource (type)));
  json_object_set_string_member (object, "version", version);
  json_object_set_array_member (object, "resources", resources);
  json_object_set_string_member (object, "freshness", "Current");
  return object;
}

static JsonObject *
aggregate (gboolean core, const char *form)
{
  JsonObject *list = json_object_new ();
  JsonArray *items = json_array_new ();
  JsonArray *versions = NULL;
  g_autofree char *api_version = g_strconcat ("apidiscovery.k8s.io/", form, NULL);
  const char *last = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (group_versions); i++)
    {
      const char *group = group_versions[i][0];

      if ((*group == '\0') != core)
        continue;
      if (g_strcmp0 (last, group) != 0)
        {
          JsonObject *item = json_object_new ();
          JsonObject *metadata = json_object_new ();

          chd_json_set_string_if (metadata, "name", group);
          versions = json_array_new ();
          json_object_set_object_member (item, "metadata", metadata);
          json_object_set_array_member (item, "versions", versions);
          json_array_add_object_element (items, item);
          last = group;
        }
      json_array_add_object_element (versions, aggregate_version (group, group_versions[i][1]));
    }
  json_object_set_string_member (list, "kind", "APIGroupDiscoveryList");
  json_object_set_string_member (list, "apiVersion", api_version);
  json_object_set_object_member (list, "metadata", json_object_new ());
  json_object_set_array_member (list, "items", items);
  return list;
}

static void
reply_aggregated (ChdApiRequest *request, gboolean core)
{
  g_autoptr (JsonObject) list = aggregate (core, request->media.version);
  g_autofree char *type = g_strdup_printf (DISCOVERY_TYPE, request->media.version);
  SoupMessageHeaders *asked = soup_server_message_get_request_headers (request->message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  gsize length = 0;
  g_autofree char *text = chd_json_write_object (list, FALSE, &length);
  g_autofree char *hash = chd_sha256 (text, length);
  g_autofree char *tag = g_strdup_printf ("\"%s\"", hash);

  soup_message_headers_replace (headers, "ETag", tag);
  soup_message_headers_replace (headers, "Vary", "Accept");
  if (g_strcmp0 (soup_message_headers_get_one (asked, "If-None-Match"), tag) == 0)
    soup_server_message_set_status (request->message, 304, NULL);
  else
    chd_api_reply_json (request, 200, list, type);
}

/* OpenAPI. */

static JsonObject *
group_version_kind (const ChdApiResource *resource)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "group", resource->kube->group);
  json_object_set_string_member (object, "version", resource->kube->version);
  json_object_set_string_member (object, "kind", resource->kube->kind);
  return object;
}

static void
add_openapi (const ChdApiResource *resource, JsonObject *paths, JsonObject *schemas)
{
  static const char *const parameters[] = { "dryRun", "fieldManager", "fieldValidation", "force" };
  JsonObject *patch = json_object_new ();
  JsonObject *path = json_object_new ();
  JsonObject *schema = chd_api_schema_to_openapi (resource);
  JsonArray *array = json_array_new ();
  JsonArray *kinds = json_array_new ();
  g_autofree char *object_path =
      chd_kube_path (resource->type, resource->kube->namespaced ? "NAMESPACE" : NULL, "NAME", NULL);
  g_autoptr (GString) template = g_string_new (object_path);
  g_autofree char *name = g_strdup_printf ("%s.%s.%s", *resource->kube->group != '\0' ? resource->kube->group : "core",
                                           resource->kube->version, resource->kube->kind);

  g_string_replace (template, "NAMESPACE", "{namespace}", 0);
  g_string_replace (template, "NAME", "{name}", 0);
  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      JsonObject *parameter = json_object_new ();

      json_object_set_string_member (parameter, "name", parameters[i]);
      json_object_set_string_member (parameter, "in", "query");
      json_object_set_string_member (chd_json_ensure_object (parameter, "schema"), "type", "string");
      json_array_add_object_element (array, parameter);
    }
  json_object_set_object_member (patch, "x-kubernetes-group-version-kind", group_version_kind (resource));
  json_object_set_array_member (patch, "parameters", array);
  json_object_set_object_member (patch, "responses", json_object_new ());
  json_object_set_object_member (path, "patch", patch);
  json_object_set_object_member (paths, template->str, path);
  json_array_add_object_element (kinds, group_version_kind (resource));
  json_object_set_array_member (schema, "x-kubernetes-group-version-kind", kinds);
  json_object_set_object_member (schemas, name, schema);
}

static JsonObject *
openapi_document (const char *group, const char *version)
{
  JsonObject *document = json_object_new ();
  JsonObject *info = chd_json_ensure_object (document, "info");
  JsonObject *paths = chd_json_ensure_object (document, "paths");
  JsonObject *schemas = chd_json_ensure_object (document, "components/schemas");

  json_object_set_string_member (document, "openapi", "3.0.0");
  json_object_set_string_member (info, "title", "chain-engine");
  json_object_set_string_member (info, "version", CHD_VERSION);
  for (guint type = 0; type < CHD_KUBE_N_TYPES; type++)
    if (is_in (chd_api_resource (type), group, version) && (chd_api_resource (type)->verbs & CHD_API_PATCH) != 0)
      add_openapi (chd_api_resource (type), paths, schemas);
  return document;
}

static gboolean
has_patches (const char *group, const char *version)
{
  for (guint type = 0; type < CHD_KUBE_N_TYPES; type++)
    if (is_in (chd_api_resource (type), group, version) && (chd_api_resource (type)->verbs & CHD_API_PATCH) != 0)
      return TRUE;
  return FALSE;
}

static JsonObject *
openapi_index (void)
{
  JsonObject *index = json_object_new ();
  JsonObject *paths = chd_json_ensure_object (index, "paths");

  for (guint i = 0; i < G_N_ELEMENTS (group_versions); i++)
    {
      const char *group = group_versions[i][0], *version = group_versions[i][1];
      g_autofree char *name = NULL;
      g_autofree char *url = NULL;
      JsonObject *entry;

      if (!has_patches (group, version))
        continue;
      name = *group != '\0' ? g_strdup_printf ("apis/%s/%s", group, version) : g_strdup_printf ("api/%s", version);
      url = g_strdup_printf ("/openapi/v3/%s?hash=" CHD_VERSION, name);
      entry = json_object_new ();
      json_object_set_string_member (entry, "serverRelativeURL", url);
      json_object_set_object_member (paths, name, entry);
    }
  return index;
}

static JsonObject *
version_info (void)
{
  JsonObject *info = json_object_new ();

  json_object_set_string_member (info, "major", "1");
  json_object_set_string_member (info, "minor", "32");
  json_object_set_string_member (info, "gitVersion", "v1.32.0+chain-engine-" CHD_VERSION);
  json_object_set_string_member (info, "gitCommit", "");
  json_object_set_string_member (info, "gitTreeState", "clean");
  json_object_set_string_member (info, "buildDate", "1970-01-01T00:00:00Z");
  json_object_set_string_member (info, "goVersion", "");
  json_object_set_string_member (info, "compiler", "cc");
  json_object_set_string_member (info, "platform", "linux");
  return info;
}

static JsonObject *
root_paths (void)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) paths = NULL;
  JsonObject *object = json_object_new ();

  g_strv_builder_add_many (builder, "/api", "/api/v1", "/apis", NULL);
  for (guint i = 1; i < G_N_ELEMENTS (group_versions); i++)
    {
      g_autofree char *path = g_strdup_printf ("/apis/%s/%s", group_versions[i][0], group_versions[i][1]);

      g_strv_builder_add (builder, path);
    }
  g_strv_builder_add_many (builder, "/healthz", "/livez", "/openapi/v3", "/readyz", "/v2/", "/version", NULL);
  paths = g_strv_builder_end (builder);
  json_object_set_array_member (object, "paths", chd_json_array_from_strv ((const char *const *) paths));
  return object;
}

/* What stands at the path, or NULL when nothing does. */
static JsonObject *
document_at (ChdApiRequest *request)
{
  char **path = request->segments;
  guint length = g_strv_length (path);

  if (length == 1 && *path[0] == '\0')
    return root_paths ();
  if (length == 1 && strcmp (path[0], "version") == 0)
    return version_info ();
  if (strcmp (path[0], "api") == 0)
    return length == 1 ? core_versions () : length == 2 ? resource_list ("", path[1]) : NULL;
  if (strcmp (path[0], "apis") == 0 && length == 1)
    return group_list ();
  if (strcmp (path[0], "apis") == 0 && length == 2 && *path[1] != '\0')
    {
      JsonObject *group = describe_group (path[1]);

      if (group != NULL)
        {
          json_object_set_string_member (group, "kind", "APIGroup");
          json_object_set_string_member (group, "apiVersion", "v1");
        }
      return group;
    }
  if (strcmp (path[0], "apis") == 0 && length == 3 && *path[1] != '\0')
    return resource_list (path[1], path[2]);
  if (length >= 2 && strcmp (path[0], "openapi") == 0 && strcmp (path[1], "v3") == 0)
    {
      if (length == 2)
        return openapi_index ();
      if (length == 4 && strcmp (path[2], "api") == 0 && has_patches ("", path[3]))
        return openapi_document ("", path[3]);
      if (length == 5 && strcmp (path[2], "apis") == 0 && has_patches (path[3], path[4]))
        return openapi_document (path[3], path[4]);
    }
  return NULL;
}

gboolean
chd_api_discover (ChdApiRequest *request)
{
  static const char *const health[] = { "healthz", "livez", "readyz", NULL };
  g_autoptr (JsonObject) document = NULL;
  const char *first = request->segments[0] != NULL ? request->segments[0] : "";
  gboolean root = request->segments[0] != NULL && request->segments[1] == NULL;

  if (root && g_strv_contains (health, first))
    {
      chd_api_reply_text (request, 200, "ok");
      return TRUE;
    }
  if (root && request->media.as == CHD_API_AS_DISCOVERY && (strcmp (first, "api") == 0 || strcmp (first, "apis") == 0))
    {
      reply_aggregated (request, strcmp (first, "api") == 0);
      return TRUE;
    }
  document = request->segments[0] != NULL ? document_at (request) : root_paths ();
  if (document == NULL)
    return FALSE;
  chd_api_reply_json (request, 200, document, NULL);
  return TRUE;
}
