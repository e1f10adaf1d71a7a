/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who am I, what may I (kubernetes-api.md section 12). On a workstation the answer is always: everything that there
 * is. */

#include "config.h"

#include "chd-api-review.h"

#include <string.h>

#include "chd-json.h"
#include "chd-util.h"

static void
add_rule (JsonArray *rules, const char *group, JsonArray *resources, const char *const *verbs)
{
  JsonObject *rule = json_object_new ();

  json_object_set_array_member (rule, "verbs", chd_json_array_from_strv (verbs));
  json_object_set_array_member (rule, "apiGroups", chd_json_array_from_strv ((const char *const[]){ group, NULL }));
  json_object_set_array_member (rule, "resources", resources);
  json_array_add_object_element (rules, rule);
}

static JsonObject *
rules_status (void)
{
  static const char *const all[] = { "*", NULL };
  JsonObject *status = json_object_new ();
  JsonArray *rules = json_array_new ();
  JsonArray *paths = json_array_new ();
  JsonObject *path = json_object_new ();

  add_rule (rules, "*", chd_json_array_from_strv (all), all);
  json_object_set_array_member (path, "verbs", chd_json_array_from_strv ((const char *const[]){ "get", NULL }));
  json_object_set_array_member (path, "nonResourceURLs", chd_json_array_from_strv (all));
  json_array_add_object_element (paths, path);
  json_object_set_array_member (status, "resourceRules", rules);
  json_object_set_array_member (status, "nonResourceRules", paths);
  json_object_set_boolean_member (status, "incomplete", FALSE);
  return status;
}

static JsonObject *
user_status (ChdApiRequest *request)
{
  JsonObject *status = json_object_new ();
  JsonObject *user = chd_json_ensure_object (status, "userInfo");
  JsonArray *groups = chd_json_array_from_strv ((const char *const *) request->groups);

  json_array_add_string_element (groups, "system:authenticated");
  json_object_set_string_member (user, "username", request->user);
  json_object_set_array_member (user, "groups", groups);
  return status;
}

/* Whether this engine has what a review asks about at all. */
static gboolean
exists (JsonObject *attributes)
{
  const char *group = chd_json_string (attributes, "group", "");
  const char *resource = chd_json_string (attributes, "resource", "");
  const char *verb = chd_json_string (attributes, "verb", "");
  const char *subresource = chd_json_string (attributes, "subresource", "");

  if (attributes == NULL || strcmp (resource, "*") == 0)
    return TRUE;
  for (guint type = 0; type < CHD_KUBE_N_TYPES; type++)
    {
      const ChdApiResource *served = chd_api_resource (type);

      if (served == NULL || strcmp (served->kube->group, group) != 0 || strcmp (served->kube->plural, resource) != 0)
        continue;
      if (strcmp (verb, "*") == 0)
        return TRUE;
      if (strcmp (subresource, "log") == 0)
        return type == CHD_KUBE_POD && strcmp (verb, "get") == 0;
      if (strcmp (subresource, "status") == 0 && !served->has_status)
        return FALSE;
      for (guint bit = CHD_API_GET; bit <= CHD_API_DELETE_COLLECTION; bit <<= 1)
        if ((served->verbs & bit) != 0 && strcmp (chd_api_verb_name (bit), verb) == 0)
          return TRUE;
    }
  return FALSE;
}

void
chd_api_review (ChdApiRequest *request, JsonObject *body)
{
  const ChdApiResource *resource = request->target.resource;
  g_autoptr (JsonObject) review = json_object_new ();
  JsonObject *metadata = json_object_new ();
  JsonObject *spec = chd_json_object (body, "spec");
  JsonObject *status;

  json_object_set_string_member (review, "kind", resource->kube->kind);
  json_object_set_string_member (review, "apiVersion", resource->api_version);
  json_object_set_object_member (review, "metadata", metadata);
  if (resource->type == CHD_KUBE_SELF_SUBJECT_REVIEW)
    {
      g_autofree char *now = chd_format_timestamp (g_get_real_time () / G_USEC_PER_SEC);

      json_object_set_string_member (metadata, "creationTimestamp", now);
      json_object_set_object_member (review, "status", user_status (request));
      chd_api_reply_json (request, 201, review, NULL);
      return;
    }
  json_object_set_object_member (review, "spec", spec != NULL ? chd_json_copy_object (spec) : json_object_new ());
  if (resource->type == CHD_KUBE_SELF_SUBJECT_RULES_REVIEW)
    status = rules_status ();
  else
    {
      gboolean allowed = exists (chd_json_object (spec, "resourceAttributes"));

      status = json_object_new ();
      json_object_set_boolean_member (status, "allowed", allowed);
      json_object_set_string_member (status, "reason",
                                     allowed ? "this engine serves its owner" : "this engine has no such thing");
    }
  json_object_set_object_member (review, "status", status);
  chd_api_reply_json (request, 201, review, NULL);
}
