/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading and writing of objects in one transaction, in the writer thread. Objects that were read or written lately
 * are kept parsed, for this thread alone: json-glib counts references without atomic operations, so an object that two
 * threads hold would be freed too early. */

#include "config.h"

#include "chd-object-store.h"

#include "chd-json.h"
#include "chd-kube.h"
#include "chd-transaction-private.h"
#include "chd-util.h"

#define MAX_STORED (2 * CHD_JSON_MAX_WATCH_LINE)

struct _ChdTransaction
{
  ChdStoreDatabase *database;
  GHashTable *cache;
  guint64 version;
  GPtrArray *writes;
  GPtrArray *kept; /* objects given out that the cache has replaced meanwhile */
  GError *error;
};

void
chd_write_free (ChdWrite *self)
{
  g_free (self->namespace_);
  g_free (self->name);
  g_clear_pointer (&self->before, json_object_unref);
  g_clear_pointer (&self->after, json_object_unref);
  g_clear_pointer (&self->copy, json_object_unref);
  g_free (self);
}

ChdTransaction *
chd_transaction_new (ChdStoreDatabase *database, GHashTable *cache, guint64 version)
{
  ChdTransaction *self = g_new0 (ChdTransaction, 1);

  self->database = database;
  self->cache = cache;
  self->version = version;
  self->writes = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_write_free);
  self->kept = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  return self;
}

void
chd_transaction_release (ChdTransaction *self)
{
  g_ptr_array_set_size (self->kept, 0);
}

void
chd_transaction_free (ChdTransaction *self)
{
  g_ptr_array_unref (self->writes);
  g_ptr_array_unref (self->kept);
  g_clear_error (&self->error);
  g_free (self);
}

const GError *
chd_transaction_get_error (ChdTransaction *self)
{
  return self->error;
}

guint64
chd_transaction_get_version (ChdTransaction *self)
{
  return self->version;
}

GPtrArray *
chd_transaction_get_writes (ChdTransaction *self)
{
  return self->writes;
}

static char *
make_key (const char *resource, const char *namespace_, const char *name)
{
  return g_strconcat (resource, "|", namespace_ != NULL ? namespace_ : "", "/", name, NULL);
}

void
chd_transaction_undo (ChdTransaction *self)
{
  for (guint i = self->writes->len; i > 0; i--)
    {
      ChdWrite *write = self->writes->pdata[i - 1];
      char *key = make_key (write->resource, write->namespace_, write->name);

      if (write->before != NULL)
        g_hash_table_replace (self->cache, key, json_object_ref (write->before));
      else
        {
          g_hash_table_remove (self->cache, key);
          g_free (key);
        }
    }
}

typedef struct
{
  ChdTransaction *transaction;
  GPtrArray *objects; /* (nullable) */
  JsonObject *last;
} Read;

static void
read_row (const char *resource,
          const char *namespace_,
          const char *name,
          const char *body,
          gsize length,
          gpointer user_data)
{
  Read *read = user_data;
  g_autofree char *key = make_key (resource, namespace_, name);
  JsonObject *object = g_hash_table_lookup (read->transaction->cache, key);

  if (object == NULL)
    {
      object = chd_json_parse_object (body, length, MAX_STORED, CHD_JSON_DEFAULT,
                                      read->transaction->error == NULL ? &read->transaction->error : NULL);
      if (object == NULL)
        return;
      g_hash_table_replace (read->transaction->cache, g_steal_pointer (&key), object);
    }
  read->last = object;
  if (read->objects != NULL)
    g_ptr_array_add (read->objects, object);
}

JsonObject *
chd_transaction_get (ChdTransaction *self, const char *resource, const char *namespace_, const char *name)
{
  g_autofree char *key = make_key (resource, namespace_, name);
  Read read = { .transaction = self };
  JsonObject *object = g_hash_table_lookup (self->cache, key);

  if (object != NULL)
    return object;
  chd_store_database_each (self->database, resource, namespace_ != NULL ? namespace_ : "", name, read_row, &read,
                           self->error == NULL ? &self->error : NULL);
  return read.last;
}

GPtrArray *
chd_transaction_list (ChdTransaction *self, const char *resource, const char *namespace_)
{
  Read read = { .transaction = self, .objects = g_ptr_array_new () };

  chd_store_database_each (self->database, resource, namespace_, NULL, read_row, &read,
                           self->error == NULL ? &self->error : NULL);
  return read.objects;
}

static void
set_version (JsonObject *object, guint64 version)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, version);

  json_object_set_string_member (chd_json_ensure_object (object, "metadata"), "resourceVersion", text);
}

/* Fills in what the store owns. */
static void
complete (JsonObject *object, JsonObject *before, const char *resource)
{
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  g_autofree char *uid = NULL;
  g_autofree char *now = NULL;

  if (chd_kube_get_uid (object) == NULL)
    {
      uid = before != NULL ? g_strdup (chd_kube_get_uid (before)) : g_uuid_string_random ();
      json_object_set_string_member (metadata, "uid", uid);
    }
  if (chd_kube_get_creation_timestamp (object) == NULL)
    {
      now = before != NULL ? g_strdup (chd_kube_get_creation_timestamp (before))
                           : chd_format_timestamp (g_get_real_time () / G_USEC_PER_SEC);
      json_object_set_string_member (metadata, "creationTimestamp", now);
    }
  if (before != NULL)
    json_object_set_string_member (metadata, "resourceVersion", chd_kube_get_resource_version (before));
}

static gboolean
same (JsonObject *a, JsonObject *b)
{
  g_autoptr (JsonNode) left = chd_json_node_from_object (a);
  g_autoptr (JsonNode) right = chd_json_node_from_object (b);

  return chd_json_equal (left, right);
}

/* Takes @after (transfer full). */
static void
record (ChdTransaction *self,
        ChdChangeType type,
        const char *resource,
        const char *namespace_,
        const char *name,
        JsonObject *before,
        JsonObject *after,
        gsize bytes)
{
  ChdWrite *write = g_new0 (ChdWrite, 1);
  char *key = make_key (resource, namespace_, name);

  write->type = type;
  write->version = self->version;
  write->resource = g_intern_string (resource);
  write->namespace_ = g_strdup (namespace_ != NULL ? namespace_ : "");
  write->name = g_strdup (name);
  write->before = before != NULL ? json_object_ref (before) : NULL;
  write->after = after;
  write->bytes = bytes;
  g_ptr_array_add (self->writes, write);
  if (before != NULL)
    g_ptr_array_add (self->kept, json_object_ref (before));
  if (type == CHD_CHANGE_DELETED)
    {
      g_hash_table_remove (self->cache, key);
      g_free (key);
    }
  else
    g_hash_table_replace (self->cache, key, json_object_ref (after));
}

JsonObject *
chd_transaction_put (ChdTransaction *self, const char *resource, JsonObject *object)
{
  g_autofree char *namespace_ = g_strdup (chd_kube_get_namespace (object));
  g_autofree char *name = g_strdup (chd_kube_get_name (object));
  JsonObject *before;
  g_autofree char *body = NULL;
  gsize bytes = 0;

  g_return_val_if_fail (name != NULL, NULL);

  if (namespace_ == NULL)
    namespace_ = g_strdup ("");
  if (json_object_is_immutable (object))
    {
      JsonObject *copy = chd_json_copy_object (object);

      json_object_unref (object);
      object = copy;
    }
  before = chd_transaction_get (self, resource, namespace_, name);
  complete (object, before, resource);
  if (self->error != NULL || (before != NULL && same (before, object)))
    {
      g_ptr_array_add (self->kept, object);
      return before != NULL ? before : object;
    }
  set_version (object, self->version + 1);
  json_object_seal (object);
  body = chd_json_write_object (object, FALSE, &bytes);
  if (!chd_store_database_write (self->database, before != NULL ? CHD_CHANGE_MODIFIED : CHD_CHANGE_ADDED,
                                 self->version + 1, resource, namespace_, name, chd_kube_get_uid (object),
                                 chd_json_lookup_string (object, "status/completionTime", NULL), body, &self->error))
    {
      g_ptr_array_add (self->kept, object);
      return object;
    }
  self->version++;
  record (self, before != NULL ? CHD_CHANGE_MODIFIED : CHD_CHANGE_ADDED, resource, namespace_, name, before, object,
          bytes);
  return object;
}

gboolean
chd_transaction_delete (ChdTransaction *self, const char *resource, const char *namespace_, const char *name)
{
  JsonObject *before = chd_transaction_get (self, resource, namespace_, name);
  JsonObject *after;

  if (before == NULL || self->error != NULL)
    return FALSE;
  if (!chd_store_database_write (self->database, CHD_CHANGE_DELETED, self->version + 1, resource,
                                 namespace_ != NULL ? namespace_ : "", name, NULL, NULL, NULL, &self->error))
    return FALSE;
  self->version++;
  after = chd_json_copy_object (before);
  set_version (after, self->version);
  json_object_seal (after);
  record (self, CHD_CHANGE_DELETED, resource, namespace_, name, before, after, 1024);
  return TRUE;
}
