/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Garbage collection by ownerReferences, in the background. */

#include "config.h"

#include "chd-collector.h"

#include <gio/gio.h>

#include "chd-engine-folder.h"
#include "chd-json.h"
#include "chd-run.h"
#include "chd-step-files.h"

#define MAX_BATCH 200

typedef struct
{
  const char *resource; /* interned */
  char *namespace_;
  char *name;
  char *uid;
} Place;

struct _ChdCollector
{
  ChdObjectStore *store;
  char *folder;
  GHashTable *living;     /* (element-type utf8 …): uids of objects that may own others */
  GHashTable *dependents; /* (element-type utf8 GPtrArray): owner's uid → Places */
  gboolean started;
  GThreadPool *pool; /* removes folders, one at a time */
};

static const char *const resources[] = {
  CHD_RESOURCE_TASKS,     CHD_RESOURCE_PIPELINES,   CHD_RESOURCE_PIPELINE_RUNS,
  CHD_RESOURCE_TASK_RUNS, CHD_RESOURCE_CUSTOM_RUNS, CHD_RESOURCE_APPROVAL_TASKS,
  CHD_RESOURCE_PODS,      CHD_RESOURCE_EVENTS,      CHD_RESOURCE_CONFIG_MAPS,
};

static void
place_free (gpointer data)
{
  Place *place = data;

  g_free (place->namespace_);
  g_free (place->name);
  g_free (place->uid);
  g_free (place);
}

static Place *
place_new (const char *resource, JsonObject *object)
{
  Place *place = g_new0 (Place, 1);

  place->resource = g_intern_string (resource);
  place->namespace_ = g_strdup (chd_kube_get_namespace (object));
  place->name = g_strdup (chd_kube_get_name (object));
  place->uid = g_strdup (chd_kube_get_uid (object));
  return place;
}

static void
remove_folder (gpointer data, gpointer user_data)
{
  chd_step_files_remove (data);
  g_free (data);
}

static void
schedule_removal (ChdCollector *self, char *path /* (transfer full) */)
{
  g_thread_pool_push (self->pool, path, NULL);
}

/* Owners, and for an event what it is about: it goes with it. (element-type utf8), borrowed */
static GPtrArray *
list_owners (const char *resource, JsonObject *object)
{
  GPtrArray *owners = g_ptr_array_new ();
  JsonArray *references = chd_json_lookup_array (object, "metadata/ownerReferences");
  const char *about =
      g_str_equal (resource, CHD_RESOURCE_EVENTS) ? chd_json_lookup_string (object, "involvedObject/uid", NULL) : NULL;

  for (guint i = 0; i < chd_json_length (references); i++)
    {
      const char *uid = chd_json_string (chd_json_object_at (references, i), "uid", NULL);

      if (uid != NULL)
        g_ptr_array_add (owners, (gpointer) uid);
    }
  if (about != NULL)
    g_ptr_array_add (owners, (gpointer) about);
  return owners;
}

typedef struct
{
  GPtrArray *places; /* (element-type Place) */
} Collection;

static void
collection_free (gpointer data)
{
  Collection *collection = data;

  g_ptr_array_unref (collection->places);
  g_free (collection);
}

static gboolean
collect_func (ChdTransaction *transaction, gpointer data, GError **error)
{
  Collection *collection = data;

  for (guint i = 0; i < collection->places->len; i++)
    {
      const Place *place = g_ptr_array_index (collection->places, i);
      JsonObject *object = chd_transaction_get (transaction, place->resource, place->namespace_, place->name);

      /* Not a younger object of the same name. */
      if (object != NULL && g_strcmp0 (chd_kube_get_uid (object), place->uid) == 0)
        chd_transaction_delete (transaction, place->resource, place->namespace_, place->name);
    }
  return TRUE;
}

static void
collected_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  /* What could not be deleted now is found again at the next start. */
  if (!chd_object_store_transact_finish (CHD_OBJECT_STORE (object), result, NULL, &error))
    g_debug ("Objects without owner could not be deleted: %s", error->message);
}

static void
collect (ChdCollector *self, GPtrArray *places /* (transfer full) */)
{
  Collection *collection;

  if (places->len == 0)
    {
      g_ptr_array_unref (places);
      return;
    }
  collection = g_new0 (Collection, 1);
  collection->places = places;
  chd_object_store_transact_async (self->store, collect_func, collection, collection_free, NULL, collected_cb, NULL);
}

static GPtrArray *
new_places (void)
{
  return g_ptr_array_new_with_free_func (place_free);
}

static gboolean
has_living_owner (ChdCollector *self, GPtrArray *owners)
{
  for (guint i = 0; i < owners->len; i++)
    if (g_hash_table_contains (self->living, g_ptr_array_index (owners, i)))
      return TRUE;
  return FALSE;
}

static void
add_object (ChdCollector *self, const char *resource, JsonObject *object)
{
  g_autoptr (GPtrArray) owners = list_owners (resource, object);
  const char *uid = chd_kube_get_uid (object);

  if (uid != NULL && !g_str_equal (resource, CHD_RESOURCE_EVENTS))
    g_hash_table_add (self->living, g_strdup (uid));
  for (guint i = 0; i < owners->len; i++)
    {
      const char *owner = g_ptr_array_index (owners, i);
      GPtrArray *places = g_hash_table_lookup (self->dependents, owner);

      if (places == NULL)
        {
          places = new_places ();
          g_hash_table_insert (self->dependents, g_strdup (owner), places);
        }
      g_ptr_array_add (places, place_new (resource, object));
    }
}

static void
remove_files (ChdCollector *self, const char *resource, JsonObject *object)
{
  const char *uid = chd_kube_get_uid (object);

  if (g_str_equal (resource, CHD_RESOURCE_TASK_RUNS))
    schedule_removal (self, chd_engine_folder_run (self->folder, uid));
  if (g_str_equal (resource, CHD_RESOURCE_TASK_RUNS) || g_str_equal (resource, CHD_RESOURCE_PIPELINE_RUNS))
    schedule_removal (self, g_build_filename (self->folder, "workspaces", uid, NULL));
  if (g_str_equal (resource, CHD_RESOURCE_PODS))
    {
      g_autofree char *log =
          chd_engine_folder_log (self->folder, chd_kube_get_namespace (object), chd_kube_get_name (object), "x");

      schedule_removal (self, g_path_get_dirname (log));
    }
}

void
chd_collector_take_change (ChdCollector *self, const ChdStoreChange *change)
{
  GPtrArray *places;
  GPtrArray *orphans;
  const char *uid = chd_kube_get_uid (change->after);

  if (!self->started || change->resource[0] == '_' || uid == NULL)
    return;
  if (change->type == CHD_CHANGE_ADDED)
    {
      g_autoptr (GPtrArray) owners = list_owners (change->resource, change->after);

      add_object (self, change->resource, change->after);
      /* Its owner was deleted while it was made. */
      if (owners->len > 0 && !has_living_owner (self, owners) && !g_str_equal (change->resource, CHD_RESOURCE_EVENTS))
        {
          orphans = new_places ();
          g_ptr_array_add (orphans, place_new (change->resource, change->after));
          collect (self, orphans);
        }
      return;
    }
  if (change->type != CHD_CHANGE_DELETED)
    return;
  g_hash_table_remove (self->living, uid);
  remove_files (self, change->resource, change->after);
  places = g_hash_table_lookup (self->dependents, uid);
  if (places == NULL)
    return;
  orphans = new_places ();
  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = g_ptr_array_index (places, i);
      JsonObject *object = chd_object_store_get (self->store, place->resource, place->namespace_, place->name);
      g_autoptr (GPtrArray) owners = NULL;

      if (object == NULL || g_strcmp0 (chd_kube_get_uid (object), place->uid) != 0)
        continue;
      owners = list_owners (place->resource, object);
      if (!has_living_owner (self, owners))
        g_ptr_array_add (orphans, place_new (place->resource, object));
    }
  g_hash_table_remove (self->dependents, uid);
  collect (self, orphans);
}

/* Folders of runs that are not stored any more: the engine was killed before it had removed them. */
static void
sweep (ChdCollector *self, const char *sub)
{
  g_autofree char *path = g_build_filename (self->folder, sub, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (!g_hash_table_contains (self->living, name) && g_uuid_string_is_valid (name))
      schedule_removal (self, g_build_filename (path, name, NULL));
}

void
chd_collector_start (ChdCollector *self)
{
  GPtrArray *orphans = new_places ();

  self->started = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (resources); i++)
    {
      g_autoptr (GPtrArray) objects = chd_object_store_list (self->store, resources[i], NULL);

      for (guint j = 0; j < objects->len; j++)
        add_object (self, resources[i], g_ptr_array_index (objects, j));
    }
  for (guint i = 0; i < G_N_ELEMENTS (resources); i++)
    {
      g_autoptr (GPtrArray) objects = chd_object_store_list (self->store, resources[i], NULL);

      for (guint j = 0; j < objects->len; j++)
        {
          JsonObject *object = g_ptr_array_index (objects, j);
          g_autoptr (GPtrArray) owners = list_owners (resources[i], object);

          if (owners->len > 0 && !has_living_owner (self, owners))
            g_ptr_array_add (orphans, place_new (resources[i], object));
          if (orphans->len >= MAX_BATCH)
            {
              collect (self, orphans);
              orphans = new_places ();
            }
        }
    }
  collect (self, orphans);
  sweep (self, "runs");
  sweep (self, "workspaces");
}

ChdCollector *
chd_collector_new (ChdObjectStore *store, const char *folder)
{
  ChdCollector *self = g_new0 (ChdCollector, 1);

  self->store = g_object_ref (store);
  self->folder = g_strdup (folder);
  self->living = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->dependents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->pool = g_thread_pool_new (remove_folder, NULL, 1, FALSE, NULL);
  return self;
}

void
chd_collector_free (ChdCollector *self)
{
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_hash_table_unref (self->living);
  g_hash_table_unref (self->dependents);
  g_object_unref (self->store);
  g_free (self->folder);
  g_free (self);
}
