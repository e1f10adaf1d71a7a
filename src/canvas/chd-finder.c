/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Find. Each item's searched text is made once and kept by the item itself, which never changes. */

#include "config.h"

#include "chd-finder.h"

#include "chd-scene-private.h"
#include "chd-search.h"

struct _ChdFinder
{
  ChdScene *scene;   /* (owned) */
  GHashTable *texts; /* item (owned) → its searched text; those of the last search */
};

static void
found_free (gpointer data)
{
  ChdFound *found = data;

  g_free (found->id);
  g_free (found);
}

static GHashTable *
new_texts (void)
{
  return g_hash_table_new_full (NULL, NULL, chd_item_unref, g_free);
}

ChdFinder *
chd_finder_new (ChdScene *scene)
{
  ChdFinder *self = g_new0 (ChdFinder, 1);

  self->scene = g_object_ref (scene);
  self->texts = new_texts ();
  return self;
}

void
chd_finder_free (ChdFinder *self)
{
  g_hash_table_unref (self->texts);
  g_object_unref (self->scene);
  g_free (self);
}

/* What the node alone says; titles of scripts and interfaces change without it. */
static char *
make_node_text (const ChdNode *node)
{
  GString *text = g_string_new (NULL);

  chd_search_append (text, node->title);
  chd_search_append (text, node->item.id);
  chd_search_append (text, node->description);
  for (guint i = 0; i < node->pipelines->len; i++)
    chd_search_append (text, ((const ChdPipelineBinding *) g_ptr_array_index (node->pipelines, i))->interface_id);
  if (node->task != NULL)
    {
      chd_search_append (text, node->task->script);
      chd_search_append (text, node->task->environment);
    }
  return g_string_free (text, FALSE);
}

static char *
make_unit_text (const ChdUnit *unit)
{
  GString *text = g_string_new (NULL);

  chd_search_append (text, unit->title);
  chd_search_append (text, unit->item.id);
  chd_search_append (text, unit->lead);
  for (guint i = 0; unit->members != NULL && unit->members[i] != NULL; i++)
    chd_search_append (text, unit->members[i]);
  return g_string_free (text, FALSE);
}

static char *
make_script_text (const ChdScript *script)
{
  GString *text = g_string_new (NULL);

  chd_search_append (text, script->title);
  return g_string_free (text, FALSE);
}

static char *
make_text (const ChdItem *item)
{
  return item->kind == CHD_ITEM_NODE     ? make_node_text ((const ChdNode *) item)
         : item->kind == CHD_ITEM_SCRIPT ? make_script_text ((const ChdScript *) item)
                                         : make_unit_text ((const ChdUnit *) item);
}

/* The item's text, taken over from the texts before or made now; kept in @texts. */
static const char *
get_text (ChdFinder *self, GHashTable *texts, const ChdItem *item)
{
  gpointer kept_item, text;

  if (item == NULL)
    return NULL;
  text = g_hash_table_lookup (texts, item);
  if (text != NULL)
    return text;
  if (g_hash_table_steal_extended (self->texts, item, &kept_item, &text))
    {
      g_hash_table_insert (texts, kept_item, text);
      return text;
    }
  text = make_text (item);
  g_hash_table_insert (texts, chd_item_ref (item), text);
  return text;
}

static void
add_found (GPtrArray *found, const ChdItem *item)
{
  ChdFound *one = g_new (ChdFound, 1);

  one->kind = item->kind;
  one->id = g_strdup (item->id);
  g_ptr_array_add (found, one);
}

typedef struct
{
  guint index, lane, rank;
} Place;

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const Place *one = a, *other = b;

  if (one->lane != other->lane)
    return one->lane < other->lane ? -1 : 1;
  return one->rank < other->rank ? -1 : one->rank > other->rank;
}

/* Words of the states, made once a search. */
static void
make_state_texts (char **texts)
{
  for (guint i = 0; i < CHD_N_NODE_STATES; i++)
    {
      GString *text = g_string_new (NULL);

      chd_search_append (text, chd_node_state_get_title (i));
      texts[i] = g_string_free (text, FALSE);
    }
}

/* The titles of a node's interfaces; @interfaces: id → text, of this search. (nullable) */
static const char *
get_interface_text (ChdFinder *self, GHashTable *interfaces, const ChdNode *node, guint index)
{
  const ChdPipelineBinding *binding = index < node->pipelines->len ? g_ptr_array_index (node->pipelines, index) : NULL;
  char *text;

  if (binding == NULL || binding->interface_id == NULL)
    return NULL;
  text = g_hash_table_lookup (interfaces, binding->interface_id);
  if (text == NULL)
    {
      GString *made = g_string_new (NULL);

      chd_search_append (made, chd_scene_get_interface_title (self->scene, binding->interface_id));
      text = g_string_free (made, FALSE);
      g_hash_table_insert (interfaces, binding->interface_id, text);
    }
  return text;
}

/* The nodes that match, sorted by lane and execution order. */
static GArray *
find_nodes (ChdFinder *self, char **words, GHashTable *texts)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autoptr (GHashTable) interfaces = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  char *states[CHD_N_NODE_STATES];

  make_state_texts (states);
  for (guint i = 0; i < chd_scene_get_n_nodes (self->scene); i++)
    {
      const ChdSceneNode *node = chd_scene_get_node (self->scene, i);
      const ChdUnit *unit = chd_scene_get_lane (self->scene, node->lane)->item;
      const char *searched[4 + CHD_N_POSITIONS] = {
        get_text (self, texts, &node->item->item),
        states[node->state],
        get_text (self, texts, unit != NULL ? &unit->item : NULL),
        get_text (self, texts,
                  node->item->task != NULL
                      ? chd_chain_find (chd_scene_get_chain (self->scene), CHD_ITEM_SCRIPT, node->item->task->script)
                      : NULL),
      };

      for (guint j = 0; j < CHD_N_POSITIONS; j++)
        searched[4 + j] = get_interface_text (self, interfaces, node->item, j);
      if (chd_search_matches (words, searched, G_N_ELEMENTS (searched)))
        {
          Place place = { i, node->lane, chd_scene_get_rank (self->scene, i) };

          g_array_append_val (places, place);
        }
    }
  for (guint i = 0; i < CHD_N_NODE_STATES; i++)
    g_free (states[i]);
  g_array_sort (places, compare_places);
  return places;
}

GPtrArray *
chd_finder_find (ChdFinder *self, const char *query)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (found_free);
  g_auto (GStrv) words = chd_search_split (query);
  g_autoptr (GHashTable) texts = NULL;
  g_autoptr (GArray) places = NULL;
  guint next = 0;

  if (words[0] == NULL)
    return found;
  texts = new_texts ();
  places = find_nodes (self, words, texts);
  for (guint i = 0; i < chd_scene_get_n_lanes (self->scene); i++)
    {
      const ChdUnit *unit = chd_scene_get_lane (self->scene, i)->item;
      const char *text = get_text (self, texts, unit != NULL ? &unit->item : NULL);

      if (unit != NULL && chd_search_matches (words, &text, 1))
        add_found (found, &unit->item);
      for (; next < places->len && g_array_index (places, Place, next).lane == i; next++)
        {
          guint index = g_array_index (places, Place, next).index;

          add_found (found, &chd_scene_get_node (self->scene, index)->item->item);
        }
    }
  g_hash_table_unref (self->texts);
  self->texts = g_steal_pointer (&texts);
  return found;
}
