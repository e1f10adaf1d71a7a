/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The objects of one resource by namespace and name.
 *
 *  (1) Of one uid an older version never replaces a newer one, and what was deleted does not come back by a late event.
 *  (2) Another uid under the same name is a deletion and an addition; the later version counts. */

#include "config.h"

#include "chd-reflector-cache.h"

#include "chd-kube.h"

/* Deletions that are remembered against late events; a list makes an end of them. */
#define MAX_GONE 10000

struct _ChdReflectorCache
{
  GHashTable *objects; /* (owned) "namespace/name" → JsonObject */
  GHashTable *gone;    /* (owned) uid → version of its deletion */
};

static void
change_free (ChdChange *change)
{
  g_clear_pointer (&change->object, json_object_unref);
  g_clear_pointer (&change->before, json_object_unref);
  g_free (change);
}

static GPtrArray *
make_changes (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) change_free);
}

static void
add_change (GPtrArray *changes, ChdChangeType type, JsonObject *object, JsonObject *before)
{
  ChdChange *change = g_new0 (ChdChange, 1);

  change->type = type;
  change->object = json_object_ref (object);
  change->before = before != NULL ? json_object_ref (before) : NULL;
  g_ptr_array_add (changes, change);
}

static char *
make_key (const char *namespace_, const char *name)
{
  return g_strconcat (namespace_ != NULL ? namespace_ : "", "/", name, NULL);
}

static char *
key_of (JsonObject *object)
{
  return make_key (chd_kube_get_namespace (object), chd_kube_get_name (object));
}

static gboolean
is_same_uid (JsonObject *a, JsonObject *b)
{
  return g_strcmp0 (chd_kube_get_uid (a), chd_kube_get_uid (b)) == 0;
}

static int
compare (JsonObject *a, JsonObject *b)
{
  return chd_kube_compare_versions (chd_kube_get_resource_version (a), chd_kube_get_resource_version (b));
}

static void
remember_gone (ChdReflectorCache *self, JsonObject *object)
{
  if (g_hash_table_size (self->gone) >= MAX_GONE)
    g_hash_table_remove_all (self->gone);
  g_hash_table_replace (self->gone, g_strdup (chd_kube_get_uid (object)),
                        g_strdup (chd_kube_get_resource_version (object)));
}

static gboolean
is_late (ChdReflectorCache *self, JsonObject *object)
{
  const char *version = g_hash_table_lookup (self->gone, chd_kube_get_uid (object));

  return version != NULL && chd_kube_compare_versions (chd_kube_get_resource_version (object), version) <= 0;
}

ChdReflectorCache *
chd_reflector_cache_new (void)
{
  ChdReflectorCache *self = g_new0 (ChdReflectorCache, 1);

  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  self->gone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
chd_reflector_cache_free (ChdReflectorCache *self)
{
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->gone);
  g_free (self);
}

/* Whether @object has what every object of a server has; only such ones may be put or removed. */
gboolean
chd_reflector_cache_is_object (JsonObject *object)
{
  return object != NULL && chd_kube_get_name (object) != NULL && chd_kube_get_uid (object) != NULL &&
         chd_kube_get_resource_version (object) != NULL;
}

JsonObject *
chd_reflector_cache_lookup (ChdReflectorCache *self, const char *namespace_, const char *name)
{
  g_autofree char *key = make_key (namespace_, name);

  return g_hash_table_lookup (self->objects, key);
}

GPtrArray *
chd_reflector_cache_list (ChdReflectorCache *self)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  GHashTableIter iter;
  gpointer object;

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, NULL, &object))
    g_ptr_array_add (list, json_object_ref (object));
  return list;
}

guint
chd_reflector_cache_get_n_objects (ChdReflectorCache *self)
{
  return g_hash_table_size (self->objects);
}

/* Puts @object where @held (nullable) is, and says what that means. */
static void
put (ChdReflectorCache *self, JsonObject *object, JsonObject *held, GPtrArray *changes)
{
  if (held != NULL && is_same_uid (object, held))
    {
      add_change (changes, CHD_CHANGE_MODIFIED, object, held);
    }
  else
    {
      if (held != NULL)
        {
          remember_gone (self, held);
          add_change (changes, CHD_CHANGE_DELETED, held, NULL);
        }
      add_change (changes, CHD_CHANGE_ADDED, object, NULL);
    }
  g_hash_table_replace (self->objects, key_of (object), json_object_ref (object));
}

/* An ADDED or MODIFIED event: both mean that the object is there. */
GPtrArray *
chd_reflector_cache_put (ChdReflectorCache *self, JsonObject *object)
{
  g_autofree char *key = key_of (object);
  JsonObject *held = g_hash_table_lookup (self->objects, key);
  GPtrArray *changes = make_changes ();

  if (!is_late (self, object) && (held == NULL || compare (object, held) > 0))
    put (self, object, held, changes);
  return changes;
}

/* A DELETED event; @object is the last state, with the version of the deletion. */
GPtrArray *
chd_reflector_cache_remove (ChdReflectorCache *self, JsonObject *object)
{
  g_autofree char *key = key_of (object);
  JsonObject *held = g_hash_table_lookup (self->objects, key);
  GPtrArray *changes = make_changes ();

  /* An object that left the selection and came back is newer than its leaving. */
  if (held != NULL && is_same_uid (object, held) && compare (object, held) < 0)
    return changes;
  remember_gone (self, object);
  if (held != NULL && is_same_uid (object, held))
    {
      add_change (changes, CHD_CHANGE_DELETED, object, NULL);
      g_hash_table_remove (self->objects, key);
    }
  return changes;
}

/**
 * chd_reflector_cache_replace:
 * @objects: (element-type JsonObject): a complete list
 * @authoritative: also what is older than what is held counts: the server itself has gone back
 */
GPtrArray *
chd_reflector_cache_replace (ChdReflectorCache *self, GPtrArray *objects, gboolean authoritative)
{
  g_autoptr (GHashTable) listed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *changes = make_changes ();
  GHashTableIter iter;
  gpointer key, held;

  g_hash_table_remove_all (self->gone);
  for (guint i = 0; i < objects->len; i++)
    if (chd_reflector_cache_is_object (objects->pdata[i]))
      g_hash_table_add (listed, key_of (objects->pdata[i]));

  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, &key, &held))
    if (!g_hash_table_contains (listed, key))
      {
        add_change (changes, CHD_CHANGE_DELETED, held, NULL);
        g_hash_table_iter_remove (&iter);
      }
  for (guint i = 0; i < objects->len; i++)
    {
      JsonObject *object = objects->pdata[i];
      g_autofree char *object_key = NULL;
      int order;

      if (!chd_reflector_cache_is_object (object))
        continue;
      object_key = key_of (object);
      held = g_hash_table_lookup (self->objects, object_key);
      order = held != NULL ? compare (object, held) : 1;
      if (order > 0 || (order < 0 && authoritative))
        put (self, object, held, changes);
    }
  return changes;
}
