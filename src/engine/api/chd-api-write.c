/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Creations and updates, in the writer thread: everything is checked against the newest state, inside the
 * transaction that stores the result. */

#include "config.h"

#include "chd-api-write.h"

#include <string.h>

#include "chd-admission.h"
#include "chd-api-apply.h"
#include "chd-api-error.h"
#include "chd-api-schema.h"
#include "chd-api-validate.h"
#include "chd-api-write-private.h"
#include "chd-json.h"
#include "chd-util.h"

/* What etcd takes by default. */
#define MAX_STORED (1536 * 1024)
#define MAX_NAME_TRIES 8
#define GENERATED_BASE 58

ChdApiWrite *
chd_api_write_new (ChdApiAction action, const ChdApiTarget *target)
{
  ChdApiWrite *self = g_new0 (ChdApiWrite, 1);

  self->action = action;
  self->resource = target->resource;
  self->namespace_ = g_strdup (target->namespace_ != NULL ? target->namespace_ : "");
  self->name = g_strdup (target->name);
  self->status = g_strcmp0 (target->subresource, "status") == 0;
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
chd_api_write_free (ChdApiWrite *self)
{
  g_free (self->namespace_);
  g_free (self->name);
  g_clear_pointer (&self->body, json_node_unref);
  g_free (self->manager);
  g_free (self->user);
  g_strfreev (self->groups);
  g_free (self->uid);
  g_free (self->resource_version);
  g_clear_pointer (&self->selector, chd_api_selector_free);
  g_clear_pointer (&self->result, json_object_unref);
  g_free (self->result_uid);
  g_clear_pointer (&self->results, g_ptr_array_unref);
  g_ptr_array_unref (self->warnings);
  g_free (self);
}

void
chd_api_write_set_result (ChdApiWrite *self, JsonObject *object)
{
  g_clear_pointer (&self->result, json_object_unref);
  self->result = chd_json_copy_object (object);
}

gboolean
chd_api_write_take_back (ChdApiWrite *self, GError **error)
{
  self->rehearsed = TRUE;
  g_propagate_error (error, chd_api_error_new (200, NULL, NULL, "dry run"));
  return FALSE;
}

static gboolean
refuse (GError **error, GError *problem)
{
  g_propagate_error (error, problem);
  return FALSE;
}

const char *
chd_api_write_text_of (JsonObject *metadata, const char *name)
{
  const char *text = chd_json_string (metadata, name, NULL);

  return text != NULL && *text != '\0' ? text : NULL;
}

/* Gives @name in @target the value that it has in @source, or none. */
static void
keep_member (JsonObject *target, JsonObject *source, const char *name)
{
  JsonNode *node = source != NULL ? json_object_get_member (source, name) : NULL;

  if (node != NULL)
    json_object_set_member (target, name, chd_json_copy_node (node));
  else
    json_object_remove_member (target, name);
}

static gboolean
is_empty (JsonNode *node)
{
  return JSON_NODE_HOLDS_NULL (node) ||
         (JSON_NODE_HOLDS_OBJECT (node) && json_object_get_size (json_node_get_object (node)) == 0) ||
         (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) == 0) ||
         (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING &&
          *json_node_get_string (node) == '\0');
}

/* Metadata has no empty members, as Go leaves them out. */
static void
drop_empty (JsonObject *metadata)
{
  g_autoptr (GList) names = json_object_get_members (metadata);

  for (GList *link = names; link != NULL; link = link->next)
    if (is_empty (json_object_get_member (metadata, link->data)))
      json_object_remove_member (metadata, link->data);
}

static gboolean
same_outside (JsonObject *a, JsonObject *b, const char *const *except)
{
  g_autoptr (GList) names = json_object_get_members (a);

  for (GList *link = names; link != NULL; link = link->next)
    if (!g_strv_contains (except, link->data) &&
        !chd_json_equal (json_object_get_member (a, link->data), json_object_get_member (b, link->data)))
      return FALSE;
  return TRUE;
}

/* Whether anything but metadata and status differs. */
static gboolean
spec_differs (JsonObject *a, JsonObject *b)
{
  static const char *const except[] = { "metadata", "status", NULL };

  return !same_outside (a, b, except) || !same_outside (b, a, except);
}

/* Puts the server's own metadata into @object. */
void
chd_api_write_own_metadata (ChdApiWrite *self, JsonObject *object, JsonObject *before)
{
  static const char *const owned[] = { "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                                       "generation" };
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  JsonObject *old = before != NULL ? chd_json_object (before, "metadata") : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (owned); i++)
    keep_member (metadata, old, owned[i]);
  json_object_remove_member (metadata, "selfLink");
  if (self->resource->kube->namespaced)
    json_object_set_string_member (metadata, "namespace", self->namespace_);
  else
    json_object_remove_member (metadata, "namespace");
  if (before == NULL && self->resource->custom)
    json_object_set_int_member (metadata, "generation", 1);
  drop_empty (metadata);
}

void
chd_api_write_default_namespace (JsonObject *object)
{
  JsonObject *spec = chd_json_ensure_object (object, "spec");
  const char *finalizer = "kubernetes";

  chd_kube_set_label (object, "kubernetes.io/metadata.name", chd_kube_get_name (object));
  json_object_set_array_member (spec, "finalizers",
                                chd_json_array_from_strv ((const char *const[]){ finalizer, NULL }));
  if (chd_json_lookup_string (object, "status/phase", NULL) == NULL)
    json_object_set_string_member (chd_json_ensure_object (object, "status"), "phase", "Active");
}

static void
track (ChdApiWrite *self, JsonObject *before, JsonObject *after)
{
  g_autofree char *now = chd_format_timestamp (g_get_real_time () / G_USEC_PER_SEC);
  ChdApiManager manager = {
    .manager = self->manager, .api_version = self->resource->api_version, .time = now, .status = self->status
  };

  chd_api_track_update (before, after, &manager);
}

static gboolean
check_size (JsonObject *object, GError **error)
{
  gsize length = 0;
  g_autofree char *text = chd_json_write_object (object, FALSE, &length);
  g_autoptr (GError) local = NULL;

  if (length > MAX_STORED)
    return refuse (error, chd_api_error_new (500, NULL, NULL, "etcdserver: request is too large"));
  /* A patch can build what no request may say: too deep, for example. */
  if (!chd_json_scan (text, length, CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, &local))
    return refuse (error, chd_api_error_bad_request ("%s", local->message));
  return TRUE;
}

/* Everything from the finished text of the object to its row. @object: (transfer full) */
gboolean
chd_api_write_store (ChdTransaction *transaction,
                     ChdApiWrite *self,
                     JsonObject *object,
                     JsonObject *before,
                     GError **error)
{
  g_autoptr (JsonObject) after = object;
  JsonObject *metadata = chd_json_ensure_object (after, "metadata");
  JsonObject *stored;

  if (before != NULL && self->resource->custom && spec_differs (before, after))
    json_object_set_int_member (metadata, "generation",
                                chd_json_int (chd_json_object (before, "metadata"), "generation", 1) + 1);
  json_object_remove_member (metadata, "resourceVersion");
  drop_empty (metadata);
  if (!check_size (after, error))
    return FALSE;
  self->created = before == NULL;
  if (before != NULL && chd_kube_is_deleting (after) && chd_json_array (metadata, "finalizers") == NULL)
    {
      stored = chd_transaction_put (transaction, self->resource->store, json_object_ref (after));
      chd_api_write_set_result (self, stored);
      chd_transaction_delete (transaction, self->resource->store, self->namespace_, chd_kube_get_name (after));
    }
  else
    {
      stored = chd_transaction_put (transaction, self->resource->store, json_object_ref (after));
      chd_api_write_set_result (self, stored);
    }
  if (!self->dry_run)
    return TRUE;
  metadata = chd_json_ensure_object (self->result, "metadata");
  if (before == NULL)
    json_object_remove_member (metadata, "resourceVersion");
  else
    json_object_set_string_member (metadata, "resourceVersion", chd_kube_get_resource_version (before));
  return chd_api_write_take_back (self, error);
}

/* Admission and the checks of the result. @object: (transfer full), consumed. Returns: (transfer full) */
JsonObject *
chd_api_write_admit (ChdApiWrite *self, JsonObject *object, JsonObject *before, GError **error)
{
  g_autoptr (JsonObject) given = object;
  g_autoptr (JsonObject) admitted = NULL;
  g_autoptr (JsonObject) result = NULL;
  ChdUser user = { self->user, (const char *const *) self->groups };

  admitted = chd_admit (self->resource->type, given, before, &user, error);
  if (admitted == NULL)
    return NULL;
  result = json_object_is_immutable (admitted) ? chd_json_copy_object (admitted) : g_steal_pointer (&admitted);
  if (!chd_api_check_object (self->resource, result, before, error) ||
      !chd_api_schema_check_types (self->resource, result, error))
    return NULL;
  return g_steal_pointer (&result);
}

/* Creation. */

static gboolean
pick_name (ChdTransaction *transaction, ChdApiWrite *self, JsonObject *metadata)
{
  const char *base = chd_api_write_text_of (metadata, "generateName");

  if (chd_api_write_text_of (metadata, "name") != NULL || base == NULL)
    return TRUE;
  for (guint i = 0; i < MAX_NAME_TRIES; i++)
    {
      g_autofree char *suffix = chd_str_random_suffix (5);
      g_autofree char *name = g_strdup_printf ("%.*s%s", GENERATED_BASE, base, suffix);

      json_object_set_string_member (metadata, "name", name);
      if (chd_transaction_get (transaction, self->resource->store, self->namespace_, name) == NULL)
        return TRUE;
    }
  return TRUE; /* taken: the creation says so */
}

gboolean
chd_api_write_check_namespace (ChdTransaction *transaction, ChdApiWrite *self, GError **error)
{
  const ChdApiResource *namespaces = chd_api_resource (CHD_KUBE_NAMESPACE);

  if (!self->resource->kube->namespaced ||
      chd_transaction_get (transaction, namespaces->store, "", self->namespace_) != NULL)
    return TRUE;
  return refuse (error, chd_api_error_not_found (namespaces, self->namespace_));
}

static gboolean
create (ChdTransaction *transaction, ChdApiWrite *self, GError **error)
{
  g_autoptr (JsonObject) object = chd_json_copy_object (json_node_get_object (self->body));
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  const char *name;

  if (!chd_api_write_check_namespace (transaction, self, error))
    return FALSE;
  if (chd_api_write_text_of (metadata, "resourceVersion") != NULL)
    return refuse (error,
                   chd_api_error_new (500, NULL, NULL, "resourceVersion should not be set on objects to be created"));
  json_object_set_string_member (object, "apiVersion", self->resource->api_version);
  json_object_set_string_member (object, "kind", self->resource->kube->kind);
  pick_name (transaction, self, metadata);
  chd_api_write_own_metadata (self, object, NULL);
  json_object_remove_member (metadata, "managedFields");
  if (self->resource->has_status)
    json_object_remove_member (object, "status");
  if (!chd_api_schema_check (self->resource, object, self->validation, FALSE, self->warnings, error))
    return FALSE;
  if (self->resource->type == CHD_KUBE_NAMESPACE && chd_kube_get_name (object) != NULL)
    chd_api_write_default_namespace (object);
  track (self, NULL, object); /* what admission fills in belongs to nobody */
  object = chd_api_write_admit (self, g_steal_pointer (&object), NULL, error);
  if (object == NULL)
    return FALSE;
  name = chd_kube_get_name (object);
  if (chd_transaction_get (transaction, self->resource->store, self->namespace_, name) != NULL)
    return refuse (error, chd_api_error_already_exists (self->resource, name));
  return chd_api_write_store (transaction, self, g_steal_pointer (&object), NULL, error);
}

/* Updates. */

gboolean
chd_api_write_check_identity (ChdApiWrite *self, JsonObject *object, GError **error)
{
  JsonObject *metadata = chd_json_object (object, "metadata");
  const char *name = chd_api_write_text_of (metadata, "name");
  const char *namespace_ = chd_api_write_text_of (metadata, "namespace");

  if (name == NULL)
    return refuse (error, chd_api_error_bad_request (
                              "the name of the object (%s based on URL) was undeterminable: name must be provided",
                              self->name));
  if (strcmp (name, self->name) != 0)
    return refuse (error,
                   chd_api_error_bad_request ("the name of the object (%s) does not match the name on the URL (%s)",
                                              name, self->name));
  if (namespace_ != NULL && strcmp (namespace_, self->namespace_) != 0)
    return refuse (error, chd_api_error_bad_request ("the namespace of the provided object does not match the "
                                                     "namespace sent on the request"));
  return TRUE;
}

gboolean
chd_api_write_check_version (ChdApiWrite *self, JsonObject *object, JsonObject *before, GError **error)
{
  const char *version = chd_api_write_text_of (chd_json_object (object, "metadata"), "resourceVersion");

  if (version == NULL && self->resource->custom)
    {
      g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();

      chd_api_problems_add (problems, "FieldValueInvalid", "metadata.resourceVersion",
                            "Invalid value: 0: must be specified for an update");
      return refuse (error, chd_api_problems_to_error (problems, self->resource->kube->plural,
                                                       self->resource->kube->group, self->name));
    }
  if (version != NULL && strcmp (version, chd_kube_get_resource_version (before)) != 0)
    return refuse (error, chd_api_error_modified (self->resource, self->name));
  return TRUE;
}

gboolean
chd_api_write_check_uid (ChdApiWrite *self, JsonObject *object, JsonObject *before, GError **error)
{
  const char *uid = chd_api_write_text_of (chd_json_object (object, "metadata"), "uid");
  const char *stored = chd_kube_get_uid (before);

  if (uid == NULL || strcmp (uid, stored) == 0)
    return TRUE;
  return refuse (
      error, chd_api_error_new (409, "Conflict", NULL,
                                "Operation cannot be fulfilled on %s \"%s\": StorageError: invalid object, Code: 4, "
                                "Key: %s, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in "
                                "precondition: %s, UID in object meta: %s",
                                self->resource->title, self->name, self->name, uid, stored));
}

/* What a write to the main path or to the status may change. @object: (transfer full). Returns: (transfer full) */
static JsonObject *
confine (ChdApiWrite *self, JsonObject *object, JsonObject *before)
{
  g_autoptr (JsonObject) given = object;
  JsonObject *result;

  if (!self->status)
    {
      if (self->resource->has_status)
        keep_member (given, before, "status");
      chd_api_write_own_metadata (self, given, before);
      return g_steal_pointer (&given);
    }
  result = chd_json_copy_object (before);
  keep_member (result, given, "status");
  keep_member (chd_json_ensure_object (result, "metadata"), chd_json_object (given, "metadata"), "managedFields");
  return result;
}

/* @object: (transfer full): the whole new state; @before: what is stored */
gboolean
chd_api_write_replace (ChdTransaction *transaction,
                       ChdApiWrite *self,
                       JsonObject *object,
                       JsonObject *before,
                       GError **error)
{
  g_autoptr (JsonObject) after = confine (self, object, before);

  json_object_set_string_member (after, "apiVersion", self->resource->api_version);
  json_object_set_string_member (after, "kind", self->resource->kube->kind);
  if (!chd_api_schema_check (self->resource, after, self->validation, self->action == CHD_API_ACTION_PATCH,
                             self->warnings, error))
    return FALSE;
  if (self->resource->type == CHD_KUBE_NAMESPACE)
    chd_api_write_default_namespace (after);
  if (!(self->action == CHD_API_ACTION_PATCH && self->patch_type == CHD_API_PATCH_APPLY))
    track (self, before, after);
  after = chd_api_write_admit (self, g_steal_pointer (&after), before, error);
  if (after == NULL)
    return FALSE;
  return chd_api_write_store (transaction, self, g_steal_pointer (&after), before, error);
}

static gboolean
update (ChdTransaction *transaction, ChdApiWrite *self, GError **error)
{
  JsonObject *object = json_node_get_object (self->body);
  JsonObject *before = chd_transaction_get (transaction, self->resource->store, self->namespace_, self->name);

  if (!chd_api_write_check_identity (self, object, error))
    return FALSE;
  if (before == NULL)
    return refuse (error, chd_api_error_not_found (self->resource, self->name));
  if (!chd_api_write_check_version (self, object, before, error) ||
      !chd_api_write_check_uid (self, object, before, error))
    return FALSE;
  return chd_api_write_replace (transaction, self, chd_json_copy_object (object), before, error);
}

gboolean
chd_api_write_run (ChdTransaction *transaction, gpointer data, GError **error)
{
  ChdApiWrite *self = data;

  /* It may be run again. */
  g_ptr_array_set_size (self->warnings, 0);
  g_clear_pointer (&self->result, json_object_unref);
  g_clear_pointer (&self->results, g_ptr_array_unref);
  g_clear_pointer (&self->result_uid, g_free);
  self->rehearsed = FALSE;
  switch (self->action)
    {
    case CHD_API_ACTION_CREATE:
      return create (transaction, self, error);
    case CHD_API_ACTION_UPDATE:
      return update (transaction, self, error);
    case CHD_API_ACTION_PATCH:
      return self->patch_type == CHD_API_PATCH_APPLY ? chd_api_write_apply (transaction, self, error)
                                                     : chd_api_write_patch (transaction, self, error);
    case CHD_API_ACTION_DELETE:
      return chd_api_write_delete (transaction, self, error);
    default:
      return chd_api_write_delete_collection (transaction, self, error);
    }
}
