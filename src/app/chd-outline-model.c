/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outline's rows. They are made anew from the scene after each step, as plain structs; objects are made for those
 * that are shown. Only the stretch between the first and the last row that differ is told as changed, so that scroll
 * position and focus stay. Units are unfolded and nodes folded unless somebody said otherwise. */

#include "config.h"

#include "chd-outline-model.h"

#include "chd-finder.h"

typedef struct
{
  ChdItemKind kind;
  guint depth;
  ChdOutlineFold fold;
  ChdItem *item;  /* (owned) (nullable) */
  ChdItem *other; /* (owned) (nullable): where a link leads */
} Row;

struct _ChdOutlineRow
{
  GObject parent_instance;

  ChdItemKind kind;
  guint depth;
  ChdOutlineFold fold;
  char *id; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (ChdOutlineRow, chd_outline_row, G_TYPE_OBJECT)

static void
chd_outline_row_finalize (GObject *object)
{
  g_free (CHD_OUTLINE_ROW (object)->id);
  G_OBJECT_CLASS (chd_outline_row_parent_class)->finalize (object);
}

static void
chd_outline_row_class_init (ChdOutlineRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_outline_row_finalize;
}

static void
chd_outline_row_init (ChdOutlineRow *self)
{
}

ChdItemKind
chd_outline_row_get_kind (ChdOutlineRow *self)
{
  return self->kind;
}

const char *
chd_outline_row_get_id (ChdOutlineRow *self)
{
  return self->id;
}

guint
chd_outline_row_get_depth (ChdOutlineRow *self)
{
  return self->depth;
}

ChdOutlineFold
chd_outline_row_get_fold (ChdOutlineRow *self)
{
  return self->fold;
}

struct _ChdOutlineModel
{
  GObject parent_instance;

  ChdScene *scene;          /* (owned) */
  ChdFinder *finder;        /* (owned) */
  char *query;              /* (nullable) */
  GArray *rows;             /* of Row */
  GHashTable *folded_units; /* of ids */
  GHashTable *open_nodes;   /* of ids */
  gboolean active;
};

static void chd_outline_model_list_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ChdOutlineModel,
                               chd_outline_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, chd_outline_model_list_init))

static GType
get_item_type (GListModel *list)
{
  return CHD_TYPE_OUTLINE_ROW;
}

static guint
get_n_items (GListModel *list)
{
  return CHD_OUTLINE_MODEL (list)->rows->len;
}

static gpointer
get_item (GListModel *list, guint position)
{
  ChdOutlineModel *self = CHD_OUTLINE_MODEL (list);
  const Row *row;
  ChdOutlineRow *made;

  if (position >= self->rows->len)
    return NULL;
  row = &g_array_index (self->rows, Row, position);
  made = g_object_new (CHD_TYPE_OUTLINE_ROW, NULL);
  made->kind = row->kind;
  made->depth = row->depth;
  made->fold = row->fold;
  made->id = row->item != NULL ? g_strdup (row->item->id) : NULL;
  return made;
}

static void
chd_outline_model_list_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
clear_row (gpointer data)
{
  Row *row = data;

  g_clear_pointer (&row->item, chd_item_unref);
  g_clear_pointer (&row->other, chd_item_unref);
}

static GArray *
new_rows (void)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (Row));

  g_array_set_clear_func (rows, clear_row);
  return rows;
}

static void
append_row (GArray *rows, ChdItemKind kind, const void *item, const void *other, guint depth, ChdOutlineFold fold)
{
  Row row = { kind, depth, fold, item != NULL ? chd_item_ref (item) : NULL,
              other != NULL ? chd_item_ref (other) : NULL };

  g_array_append_val (rows, row);
}

/* The nodes of each lane in the order of execution. (element-type GPtrArray of ChdNode), by lane, (nullable) entries */
static GPtrArray *
sort_nodes (ChdOutlineModel *self)
{
  g_autoptr (GPtrArray) ordered = chd_chain_list_in_order (chd_scene_get_chain (self->scene));
  GPtrArray *lanes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < chd_scene_get_n_lanes (self->scene); i++)
    g_ptr_array_add (lanes, g_ptr_array_new ());
  for (guint i = 0; i < ordered->len; i++)
    {
      const ChdNode *node = g_ptr_array_index (ordered, i);
      guint index = chd_scene_find_node (self->scene, node->item.id);

      g_ptr_array_add (g_ptr_array_index (lanes, chd_scene_get_node (self->scene, index)->lane), (gpointer) node);
    }
  return lanes;
}

static void
append_node (ChdOutlineModel *self, GArray *rows, const ChdNode *node, guint depth)
{
  ChdChain *chain = chd_scene_get_chain (self->scene);
  GPtrArray *links = chd_chain_get_links (chain, node->item.id, CHD_LINKS_OUT);
  gboolean open = g_hash_table_contains (self->open_nodes, node->item.id);

  append_row (rows, CHD_ITEM_NODE, node, NULL, depth,
              links->len == 0 ? CHD_OUTLINE_LEAF
              : open          ? CHD_OUTLINE_UNFOLDED
                              : CHD_OUTLINE_FOLDED);
  for (guint i = 0; open && i < links->len; i++)
    {
      const ChdLink *link = g_ptr_array_index (links, i);

      append_row (rows, CHD_ITEM_LINK, link, chd_chain_find_node (chain, link->to), depth + 1, CHD_OUTLINE_LEAF);
    }
}

static GHashTable *
find_wanted (ChdOutlineModel *self, gboolean *wanted_lanes)
{
  g_autoptr (GPtrArray) found = chd_finder_find (self->finder, self->query);
  GHashTable *nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < found->len; i++)
    {
      const ChdFound *one = g_ptr_array_index (found, i);
      guint lane = one->kind == CHD_ITEM_UNIT
                       ? chd_scene_find_lane (self->scene, one->id)
                       : chd_scene_get_node (self->scene, chd_scene_find_node (self->scene, one->id))->lane;

      if (one->kind == CHD_ITEM_NODE)
        g_hash_table_add (nodes, g_strdup (one->id));
      for (; lane != CHD_NO_INDEX && !wanted_lanes[lane]; lane = chd_scene_get_lane (self->scene, lane)->parent)
        wanted_lanes[lane] = TRUE;
    }
  return nodes;
}

static GArray *
make_rows (ChdOutlineModel *self)
{
  GArray *rows = new_rows ();
  g_autoptr (GPtrArray) nodes = sort_nodes (self);
  guint n_lanes = chd_scene_get_n_lanes (self->scene), folded_depth = G_MAXUINT;
  g_autofree gboolean *wanted_lanes = g_new0 (gboolean, n_lanes);
  g_autoptr (GHashTable) wanted = self->query != NULL ? find_wanted (self, wanted_lanes) : NULL;

  for (guint i = 0; i < n_lanes; i++)
    {
      const ChdSceneLane *lane = chd_scene_get_lane (self->scene, i);
      GPtrArray *inside = g_ptr_array_index (nodes, i);
      gboolean has_lanes = i + 1 < n_lanes && chd_scene_get_lane (self->scene, i + 1)->depth > lane->depth;
      gboolean folded =
          wanted == NULL && lane->item != NULL && g_hash_table_contains (self->folded_units, lane->item->item.id);

      if (lane->depth > folded_depth || (wanted != NULL && !wanted_lanes[i]))
        continue;
      folded_depth = folded ? lane->depth : G_MAXUINT;
      append_row (rows, CHD_ITEM_UNIT, lane->item, NULL, lane->depth,
                  inside->len == 0 && !has_lanes ? CHD_OUTLINE_LEAF
                  : folded                       ? CHD_OUTLINE_FOLDED
                                                 : CHD_OUTLINE_UNFOLDED);
      for (guint j = 0; !folded && j < inside->len; j++)
        {
          const ChdNode *node = g_ptr_array_index (inside, j);

          if (wanted == NULL || g_hash_table_contains (wanted, node->item.id))
            append_node (self, rows, node, lane->depth + 1);
        }
    }
  return rows;
}

static gboolean
same_row (const GArray *a, guint i, const GArray *b, guint j)
{
  const Row *one = &g_array_index (a, Row, i), *other = &g_array_index (b, Row, j);

  return one->kind == other->kind && one->depth == other->depth && one->fold == other->fold &&
         one->item == other->item && one->other == other->other;
}

static void
update (ChdOutlineModel *self)
{
  g_autoptr (GArray) old = self->rows;
  GArray *rows = make_rows (self);
  guint start = 0, end = 0, shorter = MIN (old->len, rows->len);

  self->rows = rows;
  while (start < shorter && same_row (old, start, rows, start))
    start++;
  while (end < shorter - start && same_row (old, old->len - 1 - end, rows, rows->len - 1 - end))
    end++;
  if (start + end < old->len || start + end < rows->len)
    g_list_model_items_changed (G_LIST_MODEL (self), start, old->len - start - end, rows->len - start - end);
}

static void
scene_changed_cb (ChdOutlineModel *self)
{
  if (self->active)
    update (self);
}

static void
chd_outline_model_finalize (GObject *object)
{
  ChdOutlineModel *self = CHD_OUTLINE_MODEL (object);

  g_clear_pointer (&self->finder, chd_finder_free);
  g_clear_object (&self->scene);
  g_array_unref (self->rows);
  g_hash_table_unref (self->folded_units);
  g_hash_table_unref (self->open_nodes);
  g_free (self->query);
  G_OBJECT_CLASS (chd_outline_model_parent_class)->finalize (object);
}

static void
chd_outline_model_class_init (ChdOutlineModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_outline_model_finalize;
}

static void
chd_outline_model_init (ChdOutlineModel *self)
{
  self->rows = new_rows ();
  self->folded_units = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->open_nodes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

ChdOutlineModel *
chd_outline_model_new (ChdScene *scene)
{
  ChdOutlineModel *self = g_object_new (CHD_TYPE_OUTLINE_MODEL, NULL);

  self->scene = g_object_ref (scene);
  self->finder = chd_finder_new (scene);
  g_signal_connect_object (scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}

void
chd_outline_model_set_active (ChdOutlineModel *self, gboolean active)
{
  self->active = active;
  scene_changed_cb (self);
}

void
chd_outline_model_set_filter (ChdOutlineModel *self, const char *query)
{
  g_free (self->query);
  self->query = *query != '\0' ? g_strdup (query) : NULL;
  scene_changed_cb (self);
}

static void
fold_row (ChdOutlineModel *self, const Row *row, gboolean fold)
{
  GHashTable *set = row->kind == CHD_ITEM_UNIT ? self->folded_units : self->open_nodes;

  if (row->item == NULL || row->fold == CHD_OUTLINE_LEAF)
    return;
  if (fold == (row->kind == CHD_ITEM_UNIT))
    g_hash_table_add (set, g_strdup (row->item->id));
  else
    g_hash_table_remove (set, row->item->id);
}

void
chd_outline_model_fold (ChdOutlineModel *self, guint position, gboolean fold)
{
  if (position >= self->rows->len)
    return;
  fold_row (self, &g_array_index (self->rows, Row, position), fold);
  update (self);
}

guint
chd_outline_model_find (ChdOutlineModel *self, ChdItemKind kind, const char *id)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      const Row *row = &g_array_index (self->rows, Row, i);

      if (row->kind == kind && row->item != NULL && g_str_equal (row->item->id, id))
        return i;
    }
  return G_MAXUINT;
}

guint
chd_outline_model_reveal (ChdOutlineModel *self, ChdItemKind kind, const char *id)
{
  ChdChain *chain = chd_scene_get_chain (self->scene);
  const ChdLink *link = kind == CHD_ITEM_LINK ? (const ChdLink *) chd_chain_find (chain, kind, id) : NULL;
  const ChdNode *node = chd_chain_find_node (chain, link != NULL ? link->from : id);
  const ChdUnit *own = kind == CHD_ITEM_UNIT ? chd_chain_find_unit (chain, id) : NULL;
  const char *unit = own != NULL ? own->parent : node != NULL ? node->unit : NULL;
  guint position = chd_outline_model_find (self, kind, id);

  if (position != G_MAXUINT)
    return position;
  if (link != NULL)
    g_hash_table_add (self->open_nodes, g_strdup (link->from));
  if (unit != NULL)
    {
      g_autoptr (GPtrArray) ancestry = chd_chain_list_unit_ancestry (chain, unit);

      for (guint i = 0; i < ancestry->len; i++)
        g_hash_table_remove (self->folded_units, ((const ChdUnit *) g_ptr_array_index (ancestry, i))->item.id);
    }
  update (self);
  return chd_outline_model_find (self, kind, id);
}
