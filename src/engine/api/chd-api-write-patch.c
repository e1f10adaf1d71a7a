/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Patches and server-side apply, in the writer thread: the newest state is patched, and the result takes the way of an
 * update. */

#include "config.h"

#include <string.h>

#include "chd-api-apply.h"
#include "chd-api-error.h"
#include "chd-api-patch.h"
#include "chd-api-schema.h"
#include "chd-api-validate.h"
#include "chd-api-write-private.h"
#include "chd-json.h"
#include "chd-util.h"

static gboolean
refuse (GError **error, GError *problem)
{
  g_propagate_error (error, problem);
  return FALSE;
}

static gboolean
check_patched (ChdApiWrite *self, JsonObject *object, JsonObject *before, GError **error)
{
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();
  JsonObject *metadata = chd_json_object (object, "metadata");
  const char *kind = chd_json_string (object, "kind", "");
  const char *api_version = chd_json_string (object, "apiVersion", "");
  const char *uid = chd_api_write_text_of (metadata, "uid");
  const char *deletion = chd_api_write_text_of (metadata, "deletionTimestamp");
  const char *old_deletion = chd_json_lookup_string (before, "metadata/deletionTimestamp", NULL);

  if (strcmp (kind, self->resource->kube->kind) != 0)
    chd_api_problems_add (problems, "FieldValueInvalid", "kind", "Invalid value: \"%s\": must be %s", kind,
                          self->resource->kube->kind);
  if (strcmp (api_version, self->resource->api_version) != 0)
    chd_api_problems_add (problems, "FieldValueInvalid", "apiVersion", "Invalid value: \"%s\": must be %s", api_version,
                          self->resource->api_version);
  if (uid != NULL && strcmp (uid, chd_kube_get_uid (before)) != 0)
    chd_api_problems_add (problems, "FieldValueInvalid", "metadata.uid", "Invalid value: \"%s\": field is immutable",
                          uid);
  if (deletion != NULL && g_strcmp0 (deletion, old_deletion) != 0)
    chd_api_problems_add (problems, "FieldValueInvalid", "metadata.deletionTimestamp",
                          "Invalid value: \"%s\": field is immutable", deletion);
  if (chd_api_problems_is_empty (problems))
    return TRUE;
  return refuse (error, chd_api_problems_to_error (problems, *kind != '\0' ? kind : self->resource->kube->kind,
                                                   self->resource->kube->group, self->name));
}

static GError *
bad_patch (const char *message)
{
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();

  chd_api_problems_add (problems, "FieldValueInvalid", "patch", "Invalid value: %s", message);
  return chd_api_problems_to_error (problems, "", "", "");
}

static JsonObject *
run_patch (ChdApiWrite *self, JsonObject *before, GError **error)
{
  g_autoptr (JsonNode) patched = NULL;

  switch (self->patch_type)
    {
    case CHD_API_PATCH_JSON:
      patched = chd_api_json_patch (before, json_node_get_array (self->body), error);
      if (patched == NULL)
        return NULL;
      if (!JSON_NODE_HOLDS_OBJECT (patched) || !json_object_has_member (json_node_get_object (patched), "kind"))
        {
          g_propagate_error (error, bad_patch ("\"{}\": Object 'Kind' is missing in '{}'"));
          return NULL;
        }
      return json_node_dup_object (patched);
    case CHD_API_PATCH_STRATEGIC:
      return chd_api_strategic_patch (before, json_node_get_object (self->body), error);
    default:
      return chd_api_merge_patch (before, json_node_get_object (self->body));
    }
}

gboolean
chd_api_write_patch (ChdTransaction *transaction, ChdApiWrite *self, GError **error)
{
  JsonObject *before = chd_transaction_get (transaction, self->resource->store, self->namespace_, self->name);
  g_autoptr (JsonObject) patched = NULL;
  g_autoptr (GError) local = NULL;

  if (before == NULL)
    return refuse (error, chd_api_error_not_found (self->resource, self->name));
  patched = run_patch (self, before, error);
  if (patched == NULL)
    return FALSE;
  if (!chd_api_check_types (self->resource, patched, &local))
    return refuse (error, bad_patch (local->message));
  if (!chd_api_write_check_identity (self, patched, error) ||
      !chd_api_write_check_version (self, patched, before, error) || !check_patched (self, patched, before, error))
    return FALSE;
  return chd_api_write_replace (transaction, self, g_steal_pointer (&patched), before, error);
}

gboolean
chd_api_write_apply (ChdTransaction *transaction, ChdApiWrite *self, GError **error)
{
  JsonObject *applied = json_node_get_object (self->body);
  JsonObject *before = chd_transaction_get (transaction, self->resource->store, self->namespace_, self->name);
  JsonObject *metadata = chd_json_object (applied, "metadata");
  g_autofree char *now = chd_format_timestamp (g_get_real_time () / G_USEC_PER_SEC);
  ChdApiManager manager = { .manager = self->manager,
                            .api_version = self->resource->api_version,
                            .time = now,
                            .force = self->force,
                            .status = self->status };
  g_autoptr (JsonObject) merged = NULL;
  const char *version = chd_api_write_text_of (metadata, "resourceVersion");

  if (before == NULL && (!chd_api_write_check_namespace (transaction, self, error) || self->status))
    return self->status ? refuse (error, chd_api_error_not_found (self->resource, self->name)) : FALSE;
  if (before == NULL && (version != NULL || chd_api_write_text_of (metadata, "uid") != NULL))
    return refuse (error, chd_api_error_modified (self->resource, self->name));
  if (before != NULL && version != NULL && strcmp (version, chd_kube_get_resource_version (before)) != 0)
    return refuse (error, chd_api_error_modified (self->resource, self->name));
  if (before != NULL && !chd_api_write_check_uid (self, applied, before, error))
    return FALSE;
  if (!chd_api_schema_check_applied (self->resource, applied, self->name, error))
    return FALSE;
  merged = chd_api_apply (before, applied, &manager, error);
  if (merged == NULL)
    return FALSE;
  if (before != NULL)
    return chd_api_write_replace (transaction, self, g_steal_pointer (&merged), before, error);

  chd_api_write_own_metadata (self, merged, NULL);
  if (self->resource->has_status)
    json_object_remove_member (merged, "status");
  if (self->resource->type == CHD_KUBE_NAMESPACE)
    chd_api_write_default_namespace (merged);
  if (!chd_api_schema_check (self->resource, merged, CHD_API_VALIDATION_IGNORE, TRUE, self->warnings, error))
    return FALSE;
  merged = chd_api_write_admit (self, g_steal_pointer (&merged), NULL, error);
  if (merged == NULL)
    return FALSE;
  return chd_api_write_store (transaction, self, g_steal_pointer (&merged), NULL, error);
}
