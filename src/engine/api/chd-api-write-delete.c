/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Deletions, in the writer thread. Dependents are collected by the controllers; a namespace takes its content with it
 * in the same transaction. */

#include "config.h"

#include <string.h>

#include "chd-api-error.h"
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
check_preconditions (ChdApiWrite *self, JsonObject *object, GError **error)
{
  const char *uid = chd_kube_get_uid (object);
  const char *version = chd_kube_get_resource_version (object);
  const ChdKubeResource *kube = self->resource->kube;
  g_autofree char *problem = NULL;
  JsonObject *details;

  if (self->uid != NULL && g_strcmp0 (self->uid, uid) != 0)
    problem = g_strdup_printf ("the UID in the precondition (%s) does not match the UID in record (%s). The object "
                               "might have been deleted and then recreated",
                               self->uid, uid);
  else if (self->resource_version != NULL && g_strcmp0 (self->resource_version, version) != 0)
    problem = g_strdup_printf ("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in "
                               "record (%s). The object might have been modified",
                               self->resource_version, version);
  if (problem == NULL)
    return TRUE;
  details = json_object_new ();
  json_object_set_string_member (details, "name", self->name);
  chd_json_set_string_if (details, "group", kube->group);
  json_object_set_string_member (details, "kind", kube->kind);
  return refuse (error,
                 chd_api_error_new (409, "Conflict", details, "Operation cannot be fulfilled on %s%s%s \"%s\": %s",
                                    kube->kind, *kube->group != '\0' ? "." : "", kube->group, self->name, problem));
}

/* Takes the references to @owner's uid away from everything in its namespace. */
static void
orphan_dependents (ChdTransaction *transaction, ChdApiWrite *self, JsonObject *owner)
{
  const char *uid = chd_kube_get_uid (owner);

  for (guint type = 0; type < CHD_KUBE_N_TYPES; type++)
    {
      const ChdApiResource *resource = chd_api_resource (type);
      g_autoptr (GPtrArray) objects = NULL;

      if (resource == NULL || !resource->kube->namespaced || (resource->verbs & CHD_API_LIST) == 0)
        continue;
      objects = chd_transaction_list (transaction, resource->store, self->namespace_);
      for (guint i = 0; i < objects->len; i++)
        {
          JsonObject *copy;
          JsonArray *owners;

          if (!chd_kube_is_owned_by (objects->pdata[i], uid))
            continue;
          copy = chd_json_copy_object (objects->pdata[i]);
          owners = chd_json_lookup_array (copy, "metadata/ownerReferences");
          for (guint k = chd_json_length (owners); k > 0; k--)
            if (g_strcmp0 (chd_json_string (chd_json_object_at (owners, k - 1), "uid", NULL), uid) == 0)
              json_array_remove_element (owners, k - 1);
          if (chd_json_length (owners) == 0)
            json_object_remove_member (chd_json_object (copy, "metadata"), "ownerReferences");
          chd_transaction_put (transaction, resource->store, copy);
        }
    }
}

static void
mark_deleted (JsonObject *object, gboolean generation)
{
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  g_autofree char *now = chd_format_timestamp (g_get_real_time () / G_USEC_PER_SEC);

  json_object_set_string_member (metadata, "deletionTimestamp", now);
  json_object_set_int_member (metadata, "deletionGracePeriodSeconds", 0);
  if (generation)
    json_object_set_int_member (metadata, "generation", chd_json_int (metadata, "generation", 1) + 1);
}

/* Removes one object, or marks it when finalizers hold it. Returns: (transfer full): the marked one, or its last state
 */
static JsonObject *
remove_object (ChdTransaction *transaction, ChdApiWrite *self, JsonObject *object, gboolean *held)
{
  JsonObject *copy;

  *held = chd_json_length (chd_json_lookup_array (object, "metadata/finalizers")) > 0;
  if (self->orphan)
    orphan_dependents (transaction, self, object);
  copy = chd_json_copy_object (object);
  if (!*held)
    {
      chd_transaction_delete (transaction, self->resource->store, chd_kube_get_namespace (object),
                              chd_kube_get_name (object));
      return copy;
    }
  if (!chd_kube_is_deleting (object))
    {
      JsonObject *marked = chd_json_copy_object (object);

      mark_deleted (marked, self->resource->custom);
      json_object_unref (copy);
      copy = chd_json_copy_object (chd_transaction_put (transaction, self->resource->store, marked));
    }
  return copy;
}

static gboolean
delete_namespace (ChdTransaction *transaction, ChdApiWrite *self, JsonObject *object, GError **error)
{
  static const char *const fixed[] = { "default", "kube-system", "kube-public", NULL };

  if (g_strv_contains (fixed, self->name))
    {
      JsonObject *details = json_object_new ();

      json_object_set_string_member (details, "name", self->name);
      json_object_set_string_member (details, "kind", "namespaces");
      return refuse (error, chd_api_error_new (403, "Forbidden", details,
                                               "namespaces \"%s\" is forbidden: this namespace may not be deleted",
                                               self->name));
    }
  for (guint type = 0; type < CHD_KUBE_N_TYPES; type++)
    {
      const ChdApiResource *resource = chd_api_resource (type);
      g_autoptr (GPtrArray) objects = NULL;

      if (resource == NULL || !resource->kube->namespaced)
        continue;
      objects = chd_transaction_list (transaction, resource->store, self->name);
      for (guint i = 0; i < objects->len; i++)
        chd_transaction_delete (transaction, resource->store, self->name, chd_kube_get_name (objects->pdata[i]));
    }
  self->result = chd_json_copy_object (object);
  mark_deleted (self->result, FALSE);
  json_object_set_string_member (chd_json_ensure_object (self->result, "status"), "phase", "Terminating");
  chd_transaction_delete (transaction, self->resource->store, "", self->name);
  return TRUE;
}

gboolean
chd_api_write_delete (ChdTransaction *transaction, ChdApiWrite *self, GError **error)
{
  JsonObject *object = chd_transaction_get (transaction, self->resource->store, self->namespace_, self->name);
  g_autoptr (JsonObject) removed = NULL;
  gboolean held = FALSE;

  if (object == NULL)
    return refuse (error, chd_api_error_not_found (self->resource, self->name));
  if (!check_preconditions (self, object, error))
    return FALSE;
  self->result_uid = g_strdup (chd_kube_get_uid (object));
  if (self->resource->type == CHD_KUBE_NAMESPACE)
    {
      if (!delete_namespace (transaction, self, object, error))
        return FALSE;
    }
  else
    {
      removed = remove_object (transaction, self, object, &held);
      if (held)
        self->result = g_steal_pointer (&removed);
    }
  return self->dry_run ? chd_api_write_take_back (self, error) : TRUE;
}

gboolean
chd_api_write_delete_collection (ChdTransaction *transaction, ChdApiWrite *self, GError **error)
{
  g_autoptr (GPtrArray) objects = chd_transaction_list (transaction, self->resource->store, self->namespace_);

  self->results = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  for (guint i = 0; i < objects->len; i++)
    {
      gboolean held;

      if (self->selector == NULL || chd_api_selector_matches (self->selector, objects->pdata[i]))
        g_ptr_array_add (self->results, remove_object (transaction, self, objects->pdata[i], &held));
    }
  return self->dry_run ? chd_api_write_take_back (self, error) : TRUE;
}
