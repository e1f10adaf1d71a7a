/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading one object or many. A page of a list is answered from the present state, so a continue token holds as long
 * as nothing of the resource changed since its list began; then it is 410 with a token for going on all the same. */

#include "config.h"

#include "chd-api-read.h"

#include <string.h>

#include "chd-api-selector.h"
#include "chd-api-table.h"
#include "chd-json.h"

void
chd_api_get (ChdApiRequest *request)
{
  const ChdApiTarget *target = &request->target;
  JsonObject *object = chd_object_store_get (request->store, target->resource->store, target->namespace_, target->name);

  if (object == NULL)
    {
      g_autoptr (GError) error = chd_api_error_not_found (target->resource, target->name);

      chd_api_reply_error (request, error);
      return;
    }
  chd_api_reply_object (request, 200, object);
}

gboolean
chd_api_parse_version (const char *text, guint code, guint64 *version, GError **error)
{
  *version = 0;
  if (text == NULL || *text == '\0' || g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, version, NULL))
    return TRUE;
  if (code == 400)
    g_propagate_error (error,
                       chd_api_error_bad_request ("invalid resource version: resourceVersion: Invalid value: \"%s\": "
                                                  "strconv.ParseUint: parsing \"%s\": invalid syntax",
                                                  text, text));
  else
    g_propagate_error (error, chd_api_error_new (code, NULL, NULL,
                                                 "resourceVersion: Invalid value: \"%s\": strconv.ParseUint: parsing "
                                                 "\"%s\": invalid syntax",
                                                 text, text));
  return FALSE;
}

/* Continue tokens: {"v":"meta.k8s.io/v1","rv":…,"start":"namespace/name"}; rv -1 = whatever is there now. */

static char *
make_token (gint64 version, JsonObject *last)
{
  g_autoptr (JsonObject) token = json_object_new ();
  const char *namespace_ = chd_kube_get_namespace (last);
  g_autofree char *start = g_strdup_printf ("%s/%s", namespace_ != NULL ? namespace_ : "", chd_kube_get_name (last));
  g_autofree char *text = NULL;
  char *encoded;
  gsize length = 0;

  json_object_set_string_member (token, "v", "meta.k8s.io/v1");
  json_object_set_int_member (token, "rv", version);
  json_object_set_string_member (token, "start", start);
  text = chd_json_write_object (token, FALSE, &length);
  encoded = g_base64_encode ((const guchar *) text, length);
  g_strdelimit (encoded, "+", '-');
  g_strdelimit (encoded, "/", '_');
  encoded[strcspn (encoded, "=")] = '\0';
  return encoded;
}

static gboolean
parse_token (const char *text, gint64 *version, char **start, GError **error)
{
  g_autoptr (GString) padded = g_string_new (text);
  g_autoptr (JsonObject) token = NULL;
  g_autofree guchar *decoded = NULL;
  gsize length = 0;

  g_strdelimit (padded->str, "-", '+');
  g_strdelimit (padded->str, "_", '/');
  while (padded->len % 4 != 0)
    g_string_append_c (padded, '=');
  decoded = g_base64_decode (padded->str, &length);
  token = chd_json_parse_object ((const char *) decoded, length, 4096, CHD_JSON_DEFAULT, NULL);
  *start = g_strdup (chd_json_string (token, "start", NULL));
  *version = chd_json_int (token, "rv", 0);
  if (token != NULL && *start != NULL && *version != 0 &&
      strcmp (chd_json_string (token, "v", ""), "meta.k8s.io/v1") == 0)
    return TRUE;
  g_propagate_error (error, chd_api_error_bad_request ("invalid continue token: continue key is not valid: it is not "
                                                       "one of this server's tokens"));
  return FALSE;
}

/* Whether an object comes behind @start in the order of lists. */
static gboolean
is_behind (JsonObject *object, const char *start)
{
  const char *namespace_ = chd_kube_get_namespace (object);
  g_autofree char *key = g_strdup_printf ("%s/%s", namespace_ != NULL ? namespace_ : "", chd_kube_get_name (object));

  return strcmp (key, start) > 0;
}

static gboolean
changed_since (ChdApiRequest *request, guint64 version)
{
  g_autoptr (GPtrArray) changes =
      chd_object_store_changes_since (request->store, request->target.resource->store, version);

  return changes == NULL || changes->len > 0;
}

/* The rules of resourceVersion and resourceVersionMatch for lists. */
static gboolean
check_version (ChdApiRequest *request, gboolean continued, GError **error)
{
  const char *text = chd_api_request_query (request, "resourceVersion");
  const char *match = chd_api_request_query (request, "resourceVersionMatch");
  guint64 current = chd_object_store_get_version (request->store);
  guint64 version;
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();

  if (text != NULL && *text == '\0')
    text = NULL;
  if (!chd_api_parse_version (text, 400, &version, error))
    return FALSE;
  if (continued && text != NULL && version != 0)
    {
      g_propagate_error (error,
                         chd_api_error_bad_request ("specifying resource version is not allowed when using continue"));
      return FALSE;
    }
  if (match != NULL && *match != '\0')
    {
      if (text == NULL)
        chd_api_problems_add (problems, "FieldValueForbidden", "resourceVersionMatch",
                              "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided");
      if (strcmp (match, "Exact") != 0 && strcmp (match, "NotOlderThan") != 0)
        chd_api_problems_add (problems, "FieldValueNotSupported", "resourceVersionMatch",
                              "Unsupported value: \"%s\": supported values: \"Exact\", \"NotOlderThan\", \"\"", match);
      else if (strcmp (match, "Exact") == 0 && text != NULL && version == 0)
        chd_api_problems_add (problems, "FieldValueForbidden", "resourceVersionMatch",
                              "Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\"");
    }
  if (chd_api_request_query (request, "sendInitialEvents") != NULL)
    chd_api_problems_add (problems, "FieldValueForbidden", "sendInitialEvents",
                          "Forbidden: sendInitialEvents is forbidden for list");
  if (!chd_api_problems_is_empty (problems))
    {
      g_propagate_error (error, chd_api_problems_to_error (problems, "ListOptions", "meta.k8s.io", ""));
      return FALSE;
    }
  if (version > current)
    {
      JsonObject *details = json_object_new ();
      JsonArray *causes = json_array_new ();
      JsonObject *cause = json_object_new ();
      GError *late;

      json_object_set_string_member (cause, "reason", "ResourceVersionTooLarge");
      json_object_set_string_member (cause, "message", "Too large resource version");
      json_array_add_object_element (causes, cause);
      json_object_set_array_member (details, "causes", causes);
      late =
          chd_api_error_new (504, "Timeout", details,
                             "Timeout: Too large resource version: %" G_GUINT64_FORMAT ", current: %" G_GUINT64_FORMAT,
                             version, current);
      chd_api_error_set_retry_after (late, 1);
      g_propagate_error (error, late);
      return FALSE;
    }
  if (g_strcmp0 (match, "Exact") == 0 && changed_since (request, version))
    {
      g_propagate_error (error, chd_api_error_new (410, "Expired", NULL,
                                                   "The resourceVersion for the provided list is too old."));
      return FALSE;
    }
  return TRUE;
}

static JsonObject *
without_kind (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (strcmp (name, "kind") != 0 && strcmp (name, "apiVersion") != 0)
      json_object_set_member (copy, name, json_node_copy (node));
  return copy;
}

JsonObject *
chd_api_list_new (ChdApiRequest *request,
                  GPtrArray *objects,
                  const char *resource_version,
                  const char *continuation,
                  gint64 remaining)
{
  const ChdApiResource *resource = request->target.resource;
  JsonObject *list, *metadata;
  JsonArray *items;
  g_autofree char *kind = NULL;
  gboolean partial = request->media.as == CHD_API_AS_METADATA;

  if (request->media.as == CHD_API_AS_TABLE)
    return chd_api_table_new (resource, objects, request->media.version,
                              chd_api_request_query (request, "includeObject"), resource_version, continuation,
                              remaining);
  list = json_object_new ();
  metadata = json_object_new ();
  items = json_array_new ();
  kind = partial ? g_strdup ("PartialObjectMetadataList") : g_strconcat (resource->kube->kind, "List", NULL);
  if (partial)
    {
      g_autofree char *api_version = g_strconcat ("meta.k8s.io/", request->media.version, NULL);

      json_object_set_string_member (list, "apiVersion", api_version);
    }
  else
    json_object_set_string_member (list, "apiVersion", resource->api_version);
  for (guint i = 0; i < objects->len; i++)
    json_array_add_object_element (items, partial
                                              ? chd_api_table_metadata_of (objects->pdata[i], request->media.version)
                                          : resource->custom ? json_object_ref (objects->pdata[i])
                                                             : without_kind (objects->pdata[i]));
  json_object_set_array_member (list, "items", items);
  json_object_set_string_member (list, "kind", kind);
  if (resource->custom || continuation != NULL)
    json_object_set_string_member (metadata, "continue", continuation != NULL ? continuation : "");
  if (remaining >= 0)
    json_object_set_int_member (metadata, "remainingItemCount", remaining);
  json_object_set_string_member (metadata, "resourceVersion", resource_version);
  json_object_set_object_member (list, "metadata", metadata);
  return list;
}

static GPtrArray *
select_objects (ChdApiRequest *request, ChdApiSelector *selector, const char *start)
{
  g_autoptr (GPtrArray) all =
      chd_object_store_list (request->store, request->target.resource->store, request->target.namespace_);
  GPtrArray *chosen = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  guint low = 0, high = start != NULL ? all->len : 0;

  /* The list is in order, so where to go on is found in a few steps. */
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (is_behind (all->pdata[middle], start))
        high = middle;
      else
        low = middle + 1;
    }
  for (guint i = low; i < all->len; i++)
    if (chd_api_selector_matches (selector, all->pdata[i]))
      g_ptr_array_add (chosen, json_object_ref (all->pdata[i]));
  return chosen;
}

static GError *
expired_token (JsonObject *last_before)
{
  g_autofree char *token = make_token (-1, last_before);
  GError *error = chd_api_error_new (
      410, "Expired", NULL,
      "The provided continue parameter is too old to display a consistent list result. You can start a new list "
      "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
      "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
      "modified, or deleted between the time the first chunk was returned and now may show up in the list.");

  chd_api_error_set_continue (error, token);
  return error;
}

/* An object that stands for a token's place. */
static JsonObject *
placeholder (const char *start)
{
  JsonObject *object = json_object_new ();
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  g_auto (GStrv) parts = g_strsplit (start, "/", 2);

  json_object_set_string_member (metadata, "namespace", parts[0]);
  json_object_set_string_member (metadata, "name", parts[1] != NULL ? parts[1] : "");
  return object;
}

static gboolean
list (ChdApiRequest *request, JsonObject **result, GError **error)
{
  g_autoptr (ChdApiSelector) selector =
      chd_api_selector_new (request->target.resource, chd_api_request_query (request, "labelSelector"),
                            chd_api_request_query (request, "fieldSelector"), error);
  const char *token = chd_api_request_query (request, "continue");
  g_autofree char *start = NULL;
  g_autofree char *continuation = NULL;
  g_autofree char *version_text = NULL;
  g_autoptr (GPtrArray) objects = NULL;
  gint64 limit, version = (gint64) chd_object_store_get_version (request->store);
  gint64 since = -1, remaining = -1;

  if (token != NULL && *token == '\0')
    token = NULL;
  if (selector == NULL || !chd_api_request_int (request, "limit", 0, &limit, error) ||
      !check_version (request, token != NULL, error) || (token != NULL && !parse_token (token, &since, &start, error)))
    return FALSE;
  if (since > version || (since > 0 && changed_since (request, (guint64) since)))
    {
      g_autoptr (JsonObject) place = placeholder (start);

      g_propagate_error (error, expired_token (place));
      return FALSE;
    }
  if (since > 0)
    version = since;
  objects = select_objects (request, selector, start);
  if (limit > 0 && objects->len > limit)
    {
      if (chd_api_selector_is_empty (selector))
        remaining = objects->len - limit;
      g_ptr_array_set_size (objects, (int) limit);
      continuation = make_token (version, objects->pdata[limit - 1]);
    }
  version_text = g_strdup_printf ("%" G_GINT64_FORMAT, version);
  *result = chd_api_list_new (request, objects, version_text, continuation, remaining);
  return TRUE;
}

void
chd_api_list (ChdApiRequest *request)
{
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (GError) error = NULL;

  if (list (request, &result, &error))
    chd_api_reply_json (request, 200, result, NULL);
  else
    chd_api_reply_error (request, error);
}
