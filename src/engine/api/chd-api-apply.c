/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Server-side apply: merging an intent into what is stored, taking back what the manager no longer says, and finding
 * fields that somebody else has set to something else. */

#include "config.h"

#include "chd-api-apply.h"

#include <string.h>

#include "chd-api-error.h"
#include "chd-field-set.h"
#include "chd-json.h"

#define FIRST_APPLY "before-first-apply"

/* One entry of managedFields. */
typedef struct
{
  char *manager;
  char *api_version;
  char *time;
  gboolean apply;
  gboolean status;
  ChdFieldSet *fields;
} Entry;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->manager);
  g_free (entry->api_version);
  g_free (entry->time);
  chd_field_set_free (entry->fields);
  g_free (entry);
}

static Entry *
entry_new (const char *manager, const char *api_version, const char *time, gboolean apply, gboolean status)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->manager = g_strdup (manager);
  entry->api_version = g_strdup (api_version);
  entry->time = g_strdup (time);
  entry->apply = apply;
  entry->status = status;
  entry->fields = chd_field_set_new ();
  return entry;
}

static GPtrArray *
read_entries (JsonObject *object)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func (entry_free);
  JsonArray *array = object != NULL ? chd_json_lookup_array (object, "metadata/managedFields") : NULL;

  for (guint i = 0; i < chd_json_length (array); i++)
    {
      JsonObject *item = chd_json_object_at (array, i);
      const char *manager = chd_json_string (item, "manager", NULL);
      Entry *entry;

      if (manager == NULL)
        continue;
      entry = entry_new (manager, chd_json_string (item, "apiVersion", ""), chd_json_string (item, "time", NULL),
                         strcmp (chd_json_string (item, "operation", ""), "Apply") == 0,
                         strcmp (chd_json_string (item, "subresource", ""), "status") == 0);
      chd_field_set_free (entry->fields);
      entry->fields = chd_field_set_from_json (chd_json_object (item, "fieldsV1"));
      g_ptr_array_add (entries, entry);
    }
  return entries;
}

static Entry *
find_entry (GPtrArray *entries, const ChdApiManager *manager, gboolean apply)
{
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];

      if (entry->apply == apply && entry->status == manager->status && strcmp (entry->manager, manager->manager) == 0 &&
          (apply || strcmp (entry->api_version, manager->api_version) == 0))
        return entry;
    }
  return NULL;
}

/* As the API server orders them: Apply before Update, then by time, then by name. */
static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *left = *(Entry *const *) a;
  const Entry *right = *(Entry *const *) b;
  int order = right->apply - left->apply;

  if (order == 0)
    order = left->apply ? 0 : g_strcmp0 (left->time, right->time);
  return order != 0 ? order : strcmp (left->manager, right->manager);
}

static void
write_entries (JsonObject *object, GPtrArray *entries)
{
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  JsonArray *array = json_array_new ();

  g_ptr_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];
      JsonObject *item;

      if (chd_field_set_is_empty (entry->fields))
        continue;
      item = json_object_new ();
      json_object_set_string_member (item, "apiVersion", entry->api_version);
      json_object_set_string_member (item, "fieldsType", "FieldsV1");
      json_object_set_object_member (item, "fieldsV1", chd_field_set_to_json (entry->fields));
      json_object_set_string_member (item, "manager", entry->manager);
      json_object_set_string_member (item, "operation", entry->apply ? "Apply" : "Update");
      if (entry->status)
        json_object_set_string_member (item, "subresource", "status");
      chd_json_set_string_if (item, "time", entry->time);
      json_array_add_object_element (array, item);
    }
  if (json_array_get_length (array) > 0)
    json_object_set_array_member (metadata, "managedFields", array);
  else
    {
      json_array_unref (array);
      json_object_remove_member (metadata, "managedFields");
    }
}

/* Merging. */

static gboolean
is_same_item (JsonNode *a, JsonNode *b)
{
  if (JSON_NODE_HOLDS_OBJECT (a) && JSON_NODE_HOLDS_OBJECT (b))
    return strcmp (chd_json_string (json_node_get_object (a), "uid", ""),
                   chd_json_string (json_node_get_object (b), "uid", "")) == 0;
  return chd_json_equal (a, b);
}

static JsonArray *
merge_items (JsonArray *live, JsonArray *applied)
{
  JsonArray *merged = json_array_new ();

  for (guint i = 0; i < chd_json_length (live); i++)
    {
      JsonNode *item = json_array_get_element (live, i);
      JsonNode *other = NULL;

      for (guint k = 0; k < json_array_get_length (applied) && other == NULL; k++)
        if (is_same_item (item, json_array_get_element (applied, k)))
          other = json_array_get_element (applied, k);
      json_array_add_element (merged, chd_json_copy_node (other != NULL ? other : item));
    }
  for (guint k = 0; k < json_array_get_length (applied); k++)
    {
      JsonNode *item = json_array_get_element (applied, k);
      gboolean there = FALSE;

      for (guint i = 0; i < json_array_get_length (merged) && !there; i++)
        there = is_same_item (item, json_array_get_element (merged, i));
      if (!there)
        json_array_add_element (merged, chd_json_copy_node (item));
    }
  return merged;
}

static void
merge (JsonObject *target, JsonObject *applied, gboolean metadata)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, applied);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *below = chd_json_object (target, name);

      if (JSON_NODE_HOLDS_OBJECT (node) && below != NULL)
        merge (below, json_node_get_object (node), strcmp (name, "metadata") == 0);
      else if (metadata && JSON_NODE_HOLDS_ARRAY (node) &&
               (strcmp (name, "finalizers") == 0 || strcmp (name, "ownerReferences") == 0))
        json_object_set_array_member (target, name,
                                      merge_items (chd_json_array (target, name), json_node_get_array (node)));
      else
        json_object_set_member (target, name, chd_json_copy_node (node));
    }
}

/* Conflicts. */

typedef struct
{
  char *who;
  GPtrArray *fields;
} Conflict;

static void
conflict_free (gpointer data)
{
  Conflict *conflict = data;

  g_free (conflict->who);
  g_ptr_array_unref (conflict->fields);
  g_free (conflict);
}

static char *
describe_manager (Entry *entry)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "\"%s\"", entry->manager);
  if (entry->status)
    g_string_append (text, " with subresource \"status\"");
  if (!entry->apply)
    g_string_append_printf (text, " using %s", entry->api_version);
  return g_string_free (text, FALSE);
}

static GError *
conflict_error (GPtrArray *conflicts)
{
  JsonObject *details = json_object_new ();
  JsonArray *causes = json_array_new ();
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < conflicts->len; i++)
    n += ((Conflict *) conflicts->pdata[i])->fields->len;
  for (guint i = 0; i < conflicts->len; i++)
    {
      Conflict *conflict = conflicts->pdata[i];

      g_string_append_printf (text, n == 1 ? "conflict with %s: " : "%sconflicts with %s:",
                              n == 1 ? conflict->who : (i > 0 ? "\n" : ""), conflict->who);
      for (guint k = 0; k < conflict->fields->len; k++)
        {
          JsonObject *cause = json_object_new ();
          g_autofree char *message = g_strdup_printf ("conflict with %s", conflict->who);

          g_string_append_printf (text, n == 1 ? "%s" : "\n- %s", (char *) conflict->fields->pdata[k]);
          json_object_set_string_member (cause, "reason", "FieldManagerConflict");
          json_object_set_string_member (cause, "message", message);
          json_object_set_string_member (cause, "field", conflict->fields->pdata[k]);
          json_array_add_object_element (causes, cause);
        }
    }
  json_object_set_array_member (details, "causes", causes);
  return chd_api_error_new (409, "Conflict", details, "Apply failed with %u conflict%s: %s", n, n == 1 ? "" : "s",
                            text->str);
}

/* What other managers own of what changes. With force it is taken from them instead. */
static gboolean
settle_conflicts (GPtrArray *entries, Entry *own, ChdFieldSet *touched, gboolean force, GError **error)
{
  g_autoptr (GPtrArray) conflicts = g_ptr_array_new_with_free_func (conflict_free);

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];
      g_autoptr (ChdFieldSet) common = NULL;

      if (entry == own)
        continue;
      common = chd_field_set_copy (entry->fields);
      chd_field_set_intersect (common, touched);
      if (chd_field_set_is_empty (common))
        continue;
      if (force)
        chd_field_set_subtract (entry->fields, common);
      else
        {
          Conflict *conflict = g_new0 (Conflict, 1);

          conflict->who = describe_manager (entry);
          conflict->fields = chd_field_set_list_paths (common);
          g_ptr_array_add (conflicts, conflict);
        }
    }
  if (conflicts->len == 0)
    return TRUE;
  g_propagate_error (error, conflict_error (conflicts));
  return FALSE;
}

static void
set_fields (Entry *entry, ChdFieldSet *fields, const ChdApiManager *manager)
{
  if (!chd_field_set_equal (entry->fields, fields) || strcmp (entry->api_version, manager->api_version) != 0)
    {
      g_free (entry->time);
      entry->time = g_strdup (manager->time);
    }
  g_free (entry->api_version);
  entry->api_version = g_strdup (manager->api_version);
  chd_field_set_free (entry->fields);
  entry->fields = chd_field_set_copy (fields);
}

/* Takes out of @merged what the manager said before, says no more, and nobody else says. */
static void
take_back (JsonObject *merged, GPtrArray *entries, Entry *own, ChdFieldSet *now)
{
  g_autoptr (ChdFieldSet) gone = chd_field_set_copy (own->fields);

  chd_field_set_subtract (gone, now);
  for (guint i = 0; i < entries->len; i++)
    if (entries->pdata[i] != own)
      chd_field_set_subtract (gone, ((Entry *) entries->pdata[i])->fields);
  chd_field_set_remove_from (gone, merged);
}

JsonObject *
chd_api_apply (JsonObject *live, JsonObject *applied, const ChdApiManager *manager, GError **error)
{
  g_autoptr (JsonObject) merged = live != NULL ? chd_json_copy_object (live) : json_object_new ();
  g_autoptr (GPtrArray) entries = read_entries (live);
  g_autoptr (ChdFieldSet) now = chd_field_set_of_object (applied);
  g_autoptr (ChdFieldSet) added = NULL;
  g_autoptr (ChdFieldSet) changed = NULL;
  g_autoptr (ChdFieldSet) removed = NULL;
  Entry *own;

  chd_field_set_restrict (now, manager->status);
  if (live != NULL && entries->len == 0)
    {
      Entry *first = entry_new (FIRST_APPLY, manager->api_version, manager->time, FALSE, FALSE);

      chd_field_set_free (first->fields);
      first->fields = chd_field_set_of_object (live);
      g_ptr_array_add (entries, first);
    }
  own = find_entry (entries, manager, TRUE);
  if (own == NULL)
    {
      own = entry_new (manager->manager, manager->api_version, manager->time, TRUE, manager->status);
      g_ptr_array_add (entries, own);
    }
  merge (merged, applied, FALSE);
  take_back (merged, entries, own, now);

  chd_field_set_compare (live, merged, &added, &changed, &removed);
  chd_field_set_add (changed, added);
  chd_field_set_restrict (changed, manager->status);
  if (!settle_conflicts (entries, own, changed, manager->force, error))
    return NULL;
  set_fields (own, now, manager);
  for (guint i = 0; i < entries->len; i++)
    if (entries->pdata[i] != own)
      chd_field_set_subtract (((Entry *) entries->pdata[i])->fields, removed);
  write_entries (merged, entries);
  return g_steal_pointer (&merged);
}

void
chd_api_track_update (JsonObject *before, JsonObject *after, const ChdApiManager *manager)
{
  g_autoptr (GPtrArray) entries = read_entries (before);
  JsonArray *given = chd_json_lookup_array (after, "metadata/managedFields");
  g_autoptr (ChdFieldSet) added = NULL;
  g_autoptr (ChdFieldSet) changed = NULL;
  g_autoptr (ChdFieldSet) removed = NULL;
  g_autoptr (ChdFieldSet) fields = NULL;
  Entry *own;

  /* Whoever writes a list of one empty entry gives the bookkeeping up; any other list of his replaces it. */
  if (before != NULL && given != NULL)
    {
      g_ptr_array_unref (entries);
      entries = read_entries (after);
      if (entries->len == 0)
        {
          json_object_remove_member (chd_json_object (after, "metadata"), "managedFields");
          return;
        }
    }
  chd_field_set_compare (before, after, &added, &changed, &removed);
  chd_field_set_add (changed, added);
  chd_field_set_restrict (changed, manager->status);
  own = find_entry (entries, manager, FALSE);
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = entries->pdata[i];

      chd_field_set_subtract (entry->fields, removed);
      if (entry != own)
        chd_field_set_subtract (entry->fields, changed);
    }
  if (own == NULL && !chd_field_set_is_empty (changed))
    {
      own = entry_new (manager->manager, manager->api_version, manager->time, FALSE, manager->status);
      g_ptr_array_add (entries, own);
    }
  if (own != NULL)
    {
      fields = chd_field_set_copy (own->fields);
      chd_field_set_add (fields, changed);
      set_fields (own, fields, manager);
    }
  write_entries (after, entries);
}
