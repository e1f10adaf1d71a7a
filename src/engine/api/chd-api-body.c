/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bodies of requests: JSON, YAML, and the few messages that kubectl sends in protobuf. */

#include "config.h"

#include "chd-api-body.h"

#include <string.h>

#include "chd-api-protobuf.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-yaml.h"

static GBytes *
get_bytes (ChdApiRequest *request)
{
  return soup_message_body_flatten (soup_server_message_get_request_body (request->message));
}

static char *
get_type (ChdApiRequest *request)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);

  return chd_api_media_type (soup_message_headers_get_one (headers, "Content-Type"));
}

/* The first bytes, fit for an error message. */
static char *
excerpt (const char *data, gsize length)
{
  g_autofree char *text = NULL;

  if (length == 0)
    return g_strdup ("<empty>");
  text = g_utf8_make_valid (data, (gssize) MIN (length, 128));
  for (char *c = text; *c != '\0'; c++)
    if ((guchar) *c < 0x20)
      *c = ' ';
  return g_steal_pointer (&text);
}

static JsonNode *
parse (ChdApiRequest *request, const char *data, gsize length, gboolean strict, GError **error)
{
  const ChdApiResource *resource = request->target.resource;
  g_autoptr (GError) local = NULL;
  g_autoptr (GError) duplicate = NULL;
  g_autofree char *text = NULL;
  JsonNode *node = chd_json_parse (data, length, CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, &local);

  if (node == NULL)
    {
      text = excerpt (data, length);
      g_propagate_error (
          error, chd_api_error_bad_request ("the object provided is unrecognized (must be of type %s): couldn't get "
                                            "version/kind; json parse error: %s (%s)",
                                            resource->kube->kind,
                                            length == 0 ? "unexpected end of JSON input" : local->message, text));
      return NULL;
    }
  if (strict && !chd_json_scan (data, length, CHD_JSON_MAX_OBJECT, CHD_JSON_UNIQUE_KEYS, &duplicate))
    {
      g_propagate_error (error,
                         chd_api_error_bad_request (
                             "%s in version \"%s\" cannot be handled as a %s: strict decoding error: duplicate "
                             "field: %s",
                             resource->kube->kind, resource->kube->version, resource->kube->kind, duplicate->message));
      json_node_unref (node);
      return NULL;
    }
  return node;
}

static JsonObject *
take_object (JsonNode *node, ChdApiRequest *request, GError **error)
{
  g_autoptr (JsonNode) root = node;

  if (root == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (root))
    return chd_json_copy_object (json_node_get_object (root));
  g_propagate_error (error, chd_api_error_bad_request (
                                "the object provided is unrecognized (must be of type %s): couldn't get version/kind; "
                                "json parse error: json: cannot unmarshal into Go value of type struct { APIVersion "
                                "string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string "
                                "\"json:\\\"kind,omitempty\\\"\" }",
                                request->target.resource->kube->kind));
  return NULL;
}

static JsonNode *
parse_yaml (const char *data, gsize length, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonNode *node = chd_yaml_parse (data, length, &local);

  if (node == NULL)
    g_propagate_error (error, chd_api_error_bad_request ("error decoding YAML: %s", local->message));
  return node;
}

JsonObject *
chd_api_body_object (ChdApiRequest *request, gboolean strict, GError **error)
{
  g_autoptr (GBytes) bytes = get_bytes (request);
  g_autofree char *type = get_type (request);
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);

  if (data == NULL)
    data = "";
  if (*type == '\0' || strcmp (type, "application/json") == 0)
    return take_object (parse (request, data, length, strict, error), request, error);
  if (strcmp (type, "application/yaml") == 0)
    return take_object (parse_yaml (data, length, error), request, error);
  if (strcmp (type, "application/vnd.kubernetes.protobuf") == 0)
    return chd_api_protobuf_decode ((const guint8 *) data, length, error);
  g_propagate_error (error,
                     chd_api_error_new (415, "UnsupportedMediaType", NULL,
                                        "the body of the request was in an unknown format - accepted media types "
                                        "include: application/json, application/yaml, "
                                        "application/vnd.kubernetes.protobuf"));
  return NULL;
}

static const char *
go_word (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "array";
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "object";
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

static JsonNode *
expect (JsonNode *root, JsonNodeType type, const char *prefix, const char *go_type, GError **error)
{
  g_autoptr (JsonNode) node = root;

  if (node == NULL)
    return NULL;
  if (json_node_get_node_type (node) == type)
    return chd_json_copy_node (node);
  if (JSON_NODE_HOLDS_NULL (node))
    g_propagate_error (error, chd_api_error_bad_request ("Invalid JSON Patch"));
  else
    g_propagate_error (error, chd_api_error_bad_request ("%sjson: cannot unmarshal %s into Go value of type %s", prefix,
                                                         go_word (node), go_type));
  return NULL;
}

static JsonNode *
parse_patch (ChdApiRequest *request, GError **error)
{
  g_autoptr (GBytes) bytes = get_bytes (request);
  g_autoptr (GError) local = NULL;
  gsize length = 0;
  const char *data = g_bytes_get_data (bytes, &length);
  JsonNode *node = chd_json_parse (data != NULL ? data : "", length, CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, &local);

  if (node == NULL)
    g_propagate_error (error, chd_api_error_bad_request ("error decoding patch: %s", local->message));
  return node;
}

JsonNode *
chd_api_body_patch (ChdApiRequest *request, gboolean yaml, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  gsize length = 0;
  const char *data;

  if (!yaml)
    return expect (parse_patch (request, error), JSON_NODE_OBJECT, "error decoding patch: ", "map[string]interface {}",
                   error);
  bytes = get_bytes (request);
  data = g_bytes_get_data (bytes, &length);
  /* kubectl sends JSON under this type too. What is JSON is read as JSON: YAML's limits are lower. */
  if (data != NULL && chd_json_scan (data, length, CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, NULL))
    return expect (chd_json_parse (data, length, CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, NULL), JSON_NODE_OBJECT,
                   "error decoding YAML: error unmarshaling JSON: while decoding JSON: ", "map[string]interface {}",
                   error);
  return expect (parse_yaml (data != NULL ? data : "", length, error), JSON_NODE_OBJECT,
                 "error decoding YAML: error unmarshaling JSON: while decoding JSON: ", "map[string]interface {}",
                 error);
}

JsonNode *
chd_api_body_operations (ChdApiRequest *request, GError **error)
{
  return expect (parse_patch (request, error), JSON_NODE_ARRAY, "error decoding patch: ", "[]handlers.jsonPatchOp",
                 error);
}

JsonObject *
chd_api_body_options (ChdApiRequest *request, GError **error)
{
  g_autoptr (GBytes) bytes = get_bytes (request);

  if (g_bytes_get_size (bytes) == 0)
    return json_object_new ();
  return chd_api_body_object (request, FALSE, error);
}
