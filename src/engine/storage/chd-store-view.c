/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the main thread sees of a store. Objects lie in one tree a resource, by "namespace/name": this is the order in
 * which Kubernetes lists. The window of changes is bounded in number and in bytes of text. */

#include "config.h"

#include "chd-store-view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"

/* What is stored was checked on its way in; the bound is only there because every reader has one. */
#define MAX_STORED (2 * CHD_JSON_MAX_WATCH_LINE)

struct _ChdStoreView
{
  GHashTable *trees; /* interned resource → GTree of "namespace/name" → JsonObject */
  GQueue changes;    /* (element-type ChdStoreChange) oldest first */
  GHashTable *sizes; /* ChdStoreChange → bytes of it */
  gsize change_bytes;
  guint64 version;
  guint64 horizon; /* changes after this version are all here */
};

static char *
make_key (const char *namespace_, const char *name)
{
  return g_strconcat (namespace_ != NULL ? namespace_ : "", "/", name, NULL);
}

static void
change_clear (gpointer data)
{
  ChdStoreChange *change = data;

  g_free (change->namespace_);
  g_free (change->name);
  g_clear_pointer (&change->before, json_object_unref);
  g_clear_pointer (&change->after, json_object_unref);
}

static void
change_unref (gpointer data)
{
  g_rc_box_release_full (data, change_clear);
}

GPtrArray *
chd_store_view_new_changes (void)
{
  return g_ptr_array_new_with_free_func (change_unref);
}

static ChdStoreChange *
change_new (ChdChangeType type, guint64 version, const char *resource, const char *namespace_, const char *name)
{
  ChdStoreChange *change = g_rc_box_new0 (ChdStoreChange);

  change->type = type;
  change->version = version;
  change->resource = resource;
  change->namespace_ = g_strdup (namespace_);
  change->name = g_strdup (name);
  return change;
}

static GTree *
get_tree (ChdStoreView *self, const char *resource, gboolean create)
{
  GTree *tree = g_hash_table_lookup (self->trees, resource);

  if (tree == NULL && create)
    {
      tree = g_tree_new_full ((GCompareDataFunc) (GCallback) strcmp, NULL, g_free, (GDestroyNotify) json_object_unref);
      g_hash_table_insert (self->trees, (gpointer) g_intern_string (resource), tree);
    }
  return tree;
}

static void
forget (ChdStoreView *self)
{
  ChdStoreChange *change = g_queue_pop_head (&self->changes);

  self->horizon = change->version;
  self->change_bytes -= GPOINTER_TO_SIZE (g_hash_table_lookup (self->sizes, change));
  g_hash_table_remove (self->sizes, change);
  change_unref (change);
}

static void
remember (ChdStoreView *self, ChdStoreChange *change, gsize bytes)
{
  g_queue_push_tail (&self->changes, g_rc_box_acquire (change));
  g_hash_table_insert (self->sizes, change, GSIZE_TO_POINTER (bytes));
  self->change_bytes += bytes;
  while (self->changes.length > CHD_STORE_MAX_CHANGES ||
         (self->change_bytes > CHD_STORE_MAX_CHANGE_BYTES && self->changes.length > 1))
    forget (self);
}

ChdStoreChange *
chd_store_view_apply (ChdStoreView *self,
                      ChdChangeType type,
                      guint64 version,
                      const char *resource,
                      const char *namespace_,
                      const char *name,
                      JsonObject *object,
                      gsize bytes)
{
  ChdStoreChange *change = change_new (type, version, resource, namespace_, name);
  GTree *tree = get_tree (self, resource, TRUE);
  g_autofree char *key = make_key (namespace_, name);
  JsonObject *before = g_tree_lookup (tree, key);

  change->before = before != NULL ? json_object_ref (before) : NULL;
  change->after = json_object_ref (object);
  if (type == CHD_CHANGE_DELETED)
    g_tree_remove (tree, key);
  else
    g_tree_replace (tree, g_steal_pointer (&key), json_object_ref (object));
  self->version = version;
  remember (self, change, bytes);
  return change;
}

JsonObject *
chd_store_view_get (ChdStoreView *self, const char *resource, const char *namespace_, const char *name)
{
  GTree *tree = get_tree (self, resource, FALSE);
  g_autofree char *key = make_key (namespace_, name);

  return tree != NULL ? g_tree_lookup (tree, key) : NULL;
}

GPtrArray *
chd_store_view_list (ChdStoreView *self, const char *resource, const char *namespace_)
{
  GPtrArray *objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  GTree *tree = get_tree (self, resource, FALSE);
  g_autofree char *prefix = namespace_ != NULL ? g_strconcat (namespace_, "/", NULL) : NULL;
  GTreeNode *node;

  if (tree == NULL)
    return objects;
  for (node = prefix != NULL ? g_tree_lower_bound (tree, prefix) : g_tree_node_first (tree);
       node != NULL && (prefix == NULL || g_str_has_prefix (g_tree_node_key (node), prefix));
       node = g_tree_node_next (node))
    g_ptr_array_add (objects, json_object_ref (g_tree_node_value (node)));
  return objects;
}

guint64
chd_store_view_get_version (ChdStoreView *self)
{
  return self->version;
}

guint64
chd_store_view_get_horizon (ChdStoreView *self)
{
  return self->horizon;
}

GPtrArray *
chd_store_view_changes_since (ChdStoreView *self, const char *resource, guint64 version)
{
  GPtrArray *changes;
  GList *link = self->changes.tail;

  if (version < self->horizon)
    return NULL;

  changes = chd_store_view_new_changes ();
  while (link != NULL && ((ChdStoreChange *) link->data)->version > version)
    link = link->prev;
  for (link = link != NULL ? link->next : self->changes.head; link != NULL; link = link->next)
    {
      ChdStoreChange *change = link->data;

      if (g_strcmp0 (change->resource, resource) == 0)
        g_ptr_array_add (changes, g_rc_box_acquire (change));
    }
  return changes;
}

/* Loading. */

typedef struct
{
  ChdStoreView *view;
  GHashTable *states; /* "resource|namespace/name" → JsonObject (nullable): the state after the change looked at */
  gboolean failed;
  gboolean full;
} Load;

static JsonObject *
parse (Load *load, const char *body, gsize length)
{
  JsonObject *object = chd_json_parse_object (body, length, MAX_STORED, CHD_JSON_DEFAULT, NULL);

  load->failed |= object == NULL;
  return object;
}

static void
load_object (const char *resource,
             const char *namespace_,
             const char *name,
             const char *body,
             gsize length,
             gpointer user_data)
{
  Load *load = user_data;
  JsonObject *object = parse (load, body, length);

  if (object != NULL)
    g_tree_replace (get_tree (load->view, resource, TRUE), make_key (namespace_, name), object);
}

static JsonObject *
with_version (JsonObject *object, guint64 version)
{
  JsonObject *copy = chd_json_copy_object (object);
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, version);

  json_object_set_string_member (chd_json_ensure_object (copy, "metadata"), "resourceVersion", text);
  json_object_seal (copy);
  return copy;
}

static void
load_change (ChdChangeType type,
             guint64 version,
             const char *resource,
             const char *namespace_,
             const char *name,
             const char *before,
             gsize length,
             gpointer user_data)
{
  Load *load = user_data;
  ChdStoreView *self = load->view;
  g_autofree char *key = g_strconcat (resource, "|", namespace_, "/", name, NULL);
  ChdStoreChange *change;
  JsonObject *after = NULL;

  if (load->full || load->failed)
    return;
  change = change_new (type, version, g_intern_string (resource), namespace_, name);
  if (before != NULL)
    change->before = parse (load, before, length);
  if (!g_hash_table_lookup_extended (load->states, key, NULL, (gpointer *) &after))
    after = chd_store_view_get (self, resource, namespace_, name);
  if (type == CHD_CHANGE_DELETED && change->before != NULL)
    change->after = with_version (change->before, version);
  else if (after != NULL)
    change->after = json_object_ref (after);
  g_hash_table_insert (load->states, g_steal_pointer (&key),
                       change->before != NULL ? json_object_ref (change->before) : NULL);
  if (change->after == NULL || self->changes.length >= CHD_STORE_MAX_CHANGES ||
      self->change_bytes + length > CHD_STORE_MAX_CHANGE_BYTES)
    {
      load->full = TRUE;
      self->horizon = version;
      change_unref (change);
      return;
    }
  g_queue_push_head (&self->changes, change);
  g_hash_table_insert (self->sizes, change, GSIZE_TO_POINTER (length));
  self->change_bytes += length;
  self->horizon = version - 1;
}

static void
unref_nullable (gpointer object)
{
  if (object != NULL)
    json_object_unref (object);
}

ChdStoreView *
chd_store_view_load (ChdStoreDatabase *database, GError **error)
{
  ChdStoreView *self = g_new0 (ChdStoreView, 1);
  g_autoptr (GHashTable) states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_nullable);
  Load load = { .view = self, .states = states };

  self->trees = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_tree_unref);
  self->sizes = g_hash_table_new (NULL, NULL);
  g_queue_init (&self->changes);
  self->version = chd_store_database_get_version (database);
  self->horizon = self->version;
  if (!chd_store_database_each (database, NULL, NULL, NULL, load_object, &load, error) ||
      !chd_store_database_each_change (database, load_change, &load, error))
    {
      chd_store_view_free (self);
      return NULL;
    }
  if (load.failed)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The engine's database is damaged."));
      chd_store_view_free (self);
      return NULL;
    }
  return self;
}

void
chd_store_view_free (ChdStoreView *self)
{
  g_queue_clear_full (&self->changes, change_unref);
  g_hash_table_unref (self->sizes);
  g_hash_table_unref (self->trees);
  g_free (self);
}
