/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The document: items per kind in order, found by id, and the history of edits. What only asks (order, reach, unit
 * paths) is in chd-chain-query.c. */

#include "config.h"

#include "chd-chain.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-item-list.h"

typedef struct
{
  ChdItemKind kind;
  guint index;
  ChdItem *before; /* (owned) (nullable) */
  ChdItem *after;  /* (owned) (nullable) */
} Edit;

typedef struct
{
  char *name;
  char *merge_key; /* (nullable) */
  GArray *edits;   /* of Edit */
} Step;

struct _ChdChain
{
  GObject parent_instance;

  ChdItemList lists[CHD_N_ITEM_KINDS];
  GHashTable *links_of[2]; /* node id → GPtrArray of ChdLink, by ChdLinkDirection; NULL until asked for */
  GPtrArray *no_links;

  GPtrArray *steps; /* of Step; those before `done` can be undone, the others redone */
  guint done;
  int saved;      /* the value of `done` at the saved point; -1 when it cannot be reached any more */
  Step *running;  /* (nullable) */
  GArray *starts; /* for each begin(): how many edits the running step had */
  guint64 serial;
};

G_DEFINE_FINAL_TYPE (ChdChain, chd_chain, G_TYPE_OBJECT)

typedef enum
{
  PROP_CAN_UNDO = 1,
  PROP_CAN_REDO,
  PROP_UNDO_NAME,
  PROP_REDO_NAME,
  PROP_MODIFIED,
} ChdChainProperty;
static GParamSpec *properties[PROP_MODIFIED + 1];

enum
{
  SIGNAL_CHANGED,
  SIGNAL_STEP_DONE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
clear_edit (gpointer data)
{
  Edit *edit = data;

  g_clear_pointer (&edit->before, chd_item_unref);
  g_clear_pointer (&edit->after, chd_item_unref);
}

static Step *
step_new (const char *name)
{
  Step *step = g_new0 (Step, 1);

  step->name = g_strdup (name);
  step->edits = g_array_new (FALSE, FALSE, sizeof (Edit));
  g_array_set_clear_func (step->edits, clear_edit);
  return step;
}

static void
step_free (Step *step)
{
  g_free (step->name);
  g_free (step->merge_key);
  g_array_unref (step->edits);
  g_free (step);
}

static void
index_link (ChdChain *self, const ChdLink *link, gboolean add)
{
  const char *const ends[] = { link->from, link->to };

  if (self->links_of[CHD_LINKS_OUT] == NULL)
    return;
  for (guint i = 0; i < 2; i++)
    {
      GPtrArray *links = g_hash_table_lookup (self->links_of[i], ends[i]);

      if (links == NULL)
        {
          links = g_ptr_array_new ();
          g_hash_table_insert (self->links_of[i], g_strdup (ends[i]), links);
        }
      if (add)
        g_ptr_array_add (links, (gpointer) link);
      else
        g_ptr_array_remove (links, (gpointer) link);
    }
}

/* The one place where the document changes. */
static void
apply (ChdChain *self, const Edit *edit)
{
  ChdChange change = { edit->kind, edit->index, edit->before, edit->after };

  if (edit->kind == CHD_ITEM_LINK && edit->before != NULL)
    index_link (self, CHD_LINK (edit->before), FALSE);
  chd_item_list_change (&self->lists[edit->kind], edit->index, edit->before, edit->after);
  if (edit->kind == CHD_ITEM_LINK && edit->after != NULL)
    index_link (self, CHD_LINK (edit->after), TRUE);
  self->serial++;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, &change);
}

static void
revert (ChdChain *self, GArray *edits, guint from)
{
  for (guint i = edits->len; i > from; i--)
    {
      const Edit *edit = &g_array_index (edits, Edit, i - 1);
      Edit inverse = { edit->kind, edit->index, edit->after, edit->before };

      apply (self, &inverse);
    }
}

static void
notify_history (ChdChain *self)
{
  for (guint i = PROP_CAN_UNDO; i <= PROP_MODIFIED; i++)
    g_object_notify_by_pspec (G_OBJECT (self), properties[i]);
  g_signal_emit (self, signals[SIGNAL_STEP_DONE], 0);
}

/* Takes over @after. */
static void
change (ChdChain *self, ChdItemKind kind, guint index, ChdItem *before, ChdItem *after)
{
  gboolean alone = self->running == NULL;
  Edit edit = { kind, index, before != NULL ? chd_item_ref (before) : NULL, after };

  if (alone)
    chd_chain_begin (self, _ ("Change"));
  g_array_append_val (self->running->edits, edit);
  apply (self, &edit);
  if (alone)
    chd_chain_end (self);
}

static gboolean
can_merge (ChdChain *self, const Step *step)
{
  const Step *last = self->done > 0 ? g_ptr_array_index (self->steps, self->done - 1) : NULL;

  return step->merge_key != NULL && last != NULL && self->done == self->steps->len && self->saved != (int) self->done &&
         g_strcmp0 (step->merge_key, last->merge_key) == 0;
}

/* Two replacements of the same item in a row become one, so that a long drag or typing stays small. */
static void
merge_edits (Step *last, Step *step)
{
  for (guint i = 0; i < step->edits->len; i++)
    {
      Edit *edit = &g_array_index (step->edits, Edit, i);
      gboolean joined = FALSE;

      for (guint j = last->edits->len; edit->before != NULL && edit->after != NULL && j > 0 && !joined; j--)
        {
          Edit *old = &g_array_index (last->edits, Edit, j - 1);

          if (old->kind != edit->kind || old->index != edit->index || old->after != edit->before || old->before == NULL)
            continue;
          chd_item_unref (old->after);
          old->after = g_steal_pointer (&edit->after);
          joined = TRUE;
        }
      if (!joined)
        {
          g_array_append_val (last->edits, *edit);
          memset (edit, 0, sizeof *edit);
        }
    }
}

static void
push_step (ChdChain *self, Step *step)
{
  if (can_merge (self, step))
    {
      merge_edits (g_ptr_array_index (self->steps, self->done - 1), step);
      step_free (step);
      return;
    }
  if (self->saved > (int) self->done)
    self->saved = -1;
  g_ptr_array_set_size (self->steps, (int) self->done);
  g_ptr_array_add (self->steps, step);
  self->done++;
}

static void
chd_chain_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChdChain *self = CHD_CHAIN (object);

  switch ((ChdChainProperty) prop_id)
    {
    case PROP_CAN_UNDO:
      g_value_set_boolean (value, chd_chain_can_undo (self));
      break;
    case PROP_CAN_REDO:
      g_value_set_boolean (value, chd_chain_can_redo (self));
      break;
    case PROP_UNDO_NAME:
      g_value_set_string (value, chd_chain_get_undo_name (self));
      break;
    case PROP_REDO_NAME:
      g_value_set_string (value, chd_chain_get_redo_name (self));
      break;
    case PROP_MODIFIED:
      g_value_set_boolean (value, chd_chain_get_modified (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_chain_finalize (GObject *object)
{
  ChdChain *self = CHD_CHAIN (object);

  for (guint kind = 0; kind < CHD_N_ITEM_KINDS; kind++)
    chd_item_list_clear (&self->lists[kind]);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->links_of[i], g_hash_table_unref);
  g_ptr_array_unref (self->no_links);
  g_ptr_array_unref (self->steps);
  g_clear_pointer (&self->running, step_free);
  g_array_unref (self->starts);
  G_OBJECT_CLASS (chd_chain_parent_class)->finalize (object);
}

static void
chd_chain_class_init (ChdChainClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = chd_chain_get_property;
  object_class->finalize = chd_chain_finalize;

  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  properties[PROP_UNDO_NAME] = g_param_spec_string ("undo-name", NULL, NULL, NULL, flags);
  properties[PROP_REDO_NAME] = g_param_spec_string ("redo-name", NULL, NULL, NULL, flags);
  properties[PROP_MODIFIED] = g_param_spec_boolean ("modified", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_STEP_DONE] =
      g_signal_new ("step-done", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chd_chain_init (ChdChain *self)
{
  for (guint kind = 0; kind < CHD_N_ITEM_KINDS; kind++)
    chd_item_list_init (&self->lists[kind]);
  self->no_links = g_ptr_array_new ();
  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) step_free);
  self->starts = g_array_new (FALSE, FALSE, sizeof (guint));
}

/**
 * chd_chain_new:
 *
 * Returns: (transfer full): an empty chain, saved, without history
 */
ChdChain *
chd_chain_new (const char *name, const char *title)
{
  ChdChain *self = g_object_new (CHD_TYPE_CHAIN, NULL);
  g_autoptr (ChdHead) head = chd_head_new (name, title);

  chd_item_list_change (&self->lists[CHD_ITEM_HEAD], 0, NULL, &head->item);
  return self;
}

const ChdHead *
chd_chain_get_head (ChdChain *self)
{
  return g_ptr_array_index (self->lists[CHD_ITEM_HEAD].items, 0);
}

guint
chd_chain_get_n_items (ChdChain *self, ChdItemKind kind)
{
  return self->lists[kind].items->len;
}

const ChdItem *
chd_chain_get_item (ChdChain *self, ChdItemKind kind, guint index)
{
  return chd_item_list_get (&self->lists[kind], index);
}

/**
 * chd_chain_find:
 * @id: (nullable):
 *
 * Returns: (transfer none) (nullable):
 */
const ChdItem *
chd_chain_find (ChdChain *self, ChdItemKind kind, const char *id)
{
  return chd_item_list_find (&self->lists[kind], id);
}

gboolean
chd_chain_find_index (ChdChain *self, ChdItemKind kind, const char *id, guint *index)
{
  return chd_item_list_find_index (&self->lists[kind], id, index);
}

const ChdNode *
chd_chain_find_node (ChdChain *self, const char *id)
{
  return (const ChdNode *) chd_chain_find (self, CHD_ITEM_NODE, id);
}

const ChdUnit *
chd_chain_find_unit (ChdChain *self, const char *id)
{
  return (const ChdUnit *) chd_chain_find (self, CHD_ITEM_UNIT, id);
}

const ChdScript *
chd_chain_find_script (ChdChain *self, const char *id)
{
  return (const ChdScript *) chd_chain_find (self, CHD_ITEM_SCRIPT, id);
}

const ChdEnvironment *
chd_chain_find_environment (ChdChain *self, const char *id)
{
  return (const ChdEnvironment *) chd_chain_find (self, CHD_ITEM_ENVIRONMENT, id);
}

const ChdLink *
chd_chain_find_link (ChdChain *self, const char *from, const char *to)
{
  g_autofree char *id = chd_link_make_id (from, to);

  return (const ChdLink *) chd_chain_find (self, CHD_ITEM_LINK, id);
}

/**
 * chd_chain_get_links:
 *
 * Returns: (transfer none) (element-type ChdLink): in no particular order; valid until the next change
 */
GPtrArray *
chd_chain_get_links (ChdChain *self, const char *node_id, ChdLinkDirection direction)
{
  GPtrArray *links;

  if (self->links_of[CHD_LINKS_OUT] == NULL)
    {
      for (guint i = 0; i < 2; i++)
        self->links_of[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
      for (guint i = 0; i < self->lists[CHD_ITEM_LINK].items->len; i++)
        index_link (self, g_ptr_array_index (self->lists[CHD_ITEM_LINK].items, i), TRUE);
    }
  links = g_hash_table_lookup (self->links_of[direction], node_id);
  return links != NULL ? links : self->no_links;
}

/**
 * chd_chain_begin:
 * @name: translated, for the menu; the outermost one counts
 *
 * Begins a step of the history. Steps nest.
 */
void
chd_chain_begin (ChdChain *self, const char *name)
{
  guint start;

  if (self->running == NULL)
    self->running = step_new (name);
  start = self->running->edits->len;
  g_array_append_val (self->starts, start);
}

void
chd_chain_end (ChdChain *self)
{
  Step *step;

  g_return_if_fail (self->starts->len > 0);

  g_array_set_size (self->starts, self->starts->len - 1);
  if (self->starts->len > 0)
    return;
  step = g_steal_pointer (&self->running);
  if (step->edits->len == 0)
    {
      step_free (step);
      return;
    }
  push_step (self, step);
  notify_history (self);
}

void
chd_chain_cancel (ChdChain *self)
{
  guint start;

  g_return_if_fail (self->starts->len > 0);

  start = g_array_index (self->starts, guint, self->starts->len - 1);
  revert (self, self->running->edits, start);
  g_array_set_size (self->running->edits, start);
  chd_chain_end (self);
}

void
chd_chain_set_merge_key (ChdChain *self, const char *key)
{
  g_return_if_fail (self->running != NULL);

  g_free (self->running->merge_key);
  self->running->merge_key = g_strdup (key);
}

void
chd_chain_append (ChdChain *self, gpointer item)
{
  chd_chain_insert (self, item, G_MAXUINT);
}

/**
 * chd_chain_insert:
 * @item: (transfer full): its id should be free in its kind; where a file has two items of one id, the first is found
 * @index: beyond the end appends
 */
void
chd_chain_insert (ChdChain *self, gpointer item, guint index)
{
  ChdItem *added = item;

  g_return_if_fail (added->kind != CHD_ITEM_HEAD);

  change (self, added->kind, MIN (index, chd_chain_get_n_items (self, added->kind)), NULL, added);
}

/**
 * chd_chain_replace:
 * @item: (transfer full): takes the place of the item of the same kind and id (the head's id may differ); one that
 *   says the same changes nothing
 */
void
chd_chain_replace (ChdChain *self, gpointer item)
{
  ChdItem *after = item;
  guint index = 0;
  ChdItem *before;

  if (after->kind != CHD_ITEM_HEAD && !chd_chain_find_index (self, after->kind, after->id, &index))
    {
      chd_item_unref (after);
      g_return_if_reached ();
    }
  before = g_ptr_array_index (self->lists[after->kind].items, index);
  if (chd_item_equal (before, after))
    chd_item_unref (after);
  else
    change (self, after->kind, index, before, after);
}

static void
remove_links (ChdChain *self, const char *node_id, ChdLinkDirection direction)
{
  GPtrArray *links;

  while ((links = chd_chain_get_links (self, node_id, direction))->len > 0)
    {
      const ChdLink *link = g_ptr_array_index (links, links->len - 1);

      chd_chain_remove (self, CHD_ITEM_LINK, link->item.id);
    }
}

/**
 * chd_chain_remove:
 *
 * Takes the item out, a node with its links. An unknown id changes nothing.
 */
void
chd_chain_remove (ChdChain *self, ChdItemKind kind, const char *id)
{
  g_autofree char *copy = g_strdup (id);
  guint index;

  g_return_if_fail (kind != CHD_ITEM_HEAD);

  if (chd_chain_find (self, kind, copy) == NULL)
    return;
  if (kind == CHD_ITEM_NODE)
    {
      chd_chain_begin (self, _ ("Delete Node"));
      remove_links (self, copy, CHD_LINKS_OUT);
      remove_links (self, copy, CHD_LINKS_IN);
    }
  if (chd_chain_find_index (self, kind, copy, &index))
    change (self, kind, index, g_ptr_array_index (self->lists[kind].items, index), NULL);
  if (kind == CHD_ITEM_NODE)
    chd_chain_end (self);
}

/* "$(nodes.<id>." in every value of a node's requests. */
static GVariant *
rename_in_values (GVariant *values, const char *from, const char *to)
{
  g_autofree char *text = g_variant_print (values, TRUE);

  if (strstr (text, from) == NULL)
    return g_variant_ref (values);

  {
    g_autoptr (JsonObject) object = chd_values_to_json (values);
    g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered (&iter, object);
    while (json_object_iter_next_ordered (&iter, &name, &node))
      {
        g_autofree char *json = json_to_string (node, FALSE);
        g_autoptr (GString) renamed = g_string_new (json);
        g_autoptr (JsonNode) parsed = NULL;
        g_autoptr (GVariant) value = NULL;

        g_string_replace (renamed, from, to, 0);
        parsed = json_from_string (renamed->str, NULL);
        value = chd_value_from_json (parsed);
        g_variant_builder_add (&builder, "{sv}", name, value);
      }
    return g_variant_ref_sink (g_variant_builder_end (&builder));
  }
}

static void
rename_references (ChdChain *self, const char *id, const char *new_id)
{
  g_autofree char *from = g_strdup_printf ("$(nodes.%s.", id);
  g_autofree char *to = g_strdup_printf ("$(nodes.%s.", new_id);

  for (guint i = 0; i < self->lists[CHD_ITEM_NODE].items->len; i++)
    {
      ChdNode *node = chd_item_copy (g_ptr_array_index (self->lists[CHD_ITEM_NODE].items, i));

      for (guint j = 0; j < node->pipelines->len + 1; j++)
        {
          GVariant **params = j < node->pipelines->len
                                  ? &((ChdPipelineBinding *) g_ptr_array_index (node->pipelines, j))->params
                              : node->task != NULL ? &node->task->params
                                                   : NULL;
          GVariant *renamed;

          if (params == NULL)
            continue;
          renamed = rename_in_values (*params, from, to);
          g_variant_unref (*params);
          *params = renamed;
        }
      chd_chain_replace (self, node);
    }
}

static void
rename_links (ChdChain *self, const char *id, const char *new_id)
{
  GPtrArray *links = self->lists[CHD_ITEM_LINK].items;

  for (guint i = 0; i < links->len; i++)
    {
      ChdLink *link = g_ptr_array_index (links, i);
      gboolean from = g_strcmp0 (link->from, id) == 0, to = g_strcmp0 (link->to, id) == 0;
      ChdLink *renamed;

      if (!from && !to)
        continue;
      renamed = chd_item_copy (link);
      chd_link_set_ends (renamed, from ? new_id : link->from, to ? new_id : link->to);
      change (self, CHD_ITEM_LINK, i, (ChdItem *) link, (ChdItem *) renamed);
    }
}

/**
 * chd_chain_rename_node:
 * @new_id: must be free
 *
 * Gives the node another id and follows it in links and references, as one step.
 */
void
chd_chain_rename_node (ChdChain *self, const char *id, const char *new_id)
{
  g_autofree char *old_id = g_strdup (id);
  ChdNode *renamed;
  guint index;

  g_return_if_fail (chd_chain_find_node (self, new_id) == NULL);
  g_return_if_fail (chd_chain_find_index (self, CHD_ITEM_NODE, old_id, &index));

  chd_chain_begin (self, _ ("Rename Node"));
  renamed = chd_item_copy (g_ptr_array_index (self->lists[CHD_ITEM_NODE].items, index));
  g_free (renamed->item.id);
  renamed->item.id = g_strdup (new_id);
  change (self, CHD_ITEM_NODE, index, g_ptr_array_index (self->lists[CHD_ITEM_NODE].items, index), (ChdItem *) renamed);
  rename_links (self, old_id, new_id);
  rename_references (self, old_id, new_id);
  chd_chain_end (self);
}

gboolean
chd_chain_can_undo (ChdChain *self)
{
  return self->done > 0 && self->running == NULL;
}

gboolean
chd_chain_can_redo (ChdChain *self)
{
  return self->done < self->steps->len && self->running == NULL;
}

const char *
chd_chain_get_undo_name (ChdChain *self)
{
  return self->done > 0 ? ((Step *) g_ptr_array_index (self->steps, self->done - 1))->name : NULL;
}

const char *
chd_chain_get_redo_name (ChdChain *self)
{
  return self->done < self->steps->len ? ((Step *) g_ptr_array_index (self->steps, self->done))->name : NULL;
}

void
chd_chain_undo (ChdChain *self)
{
  if (!chd_chain_can_undo (self))
    return;
  self->done--;
  revert (self, ((Step *) g_ptr_array_index (self->steps, self->done))->edits, 0);
  notify_history (self);
}

void
chd_chain_redo (ChdChain *self)
{
  GArray *edits;

  if (!chd_chain_can_redo (self))
    return;
  edits = ((Step *) g_ptr_array_index (self->steps, self->done))->edits;
  self->done++;
  for (guint i = 0; i < edits->len; i++)
    apply (self, &g_array_index (edits, Edit, i));
  notify_history (self);
}

/* After reading a file: what it took to build the document is no history. */
void
chd_chain_clear_history (ChdChain *self)
{
  g_return_if_fail (self->running == NULL);

  g_ptr_array_set_size (self->steps, 0);
  self->done = 0;
  self->saved = 0;
  notify_history (self);
}

void
chd_chain_mark_saved (ChdChain *self)
{
  self->saved = (int) self->done;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODIFIED]);
}

void
chd_chain_mark_unsaved (ChdChain *self)
{
  self->saved = -1;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODIFIED]);
}

gboolean
chd_chain_get_modified (ChdChain *self)
{
  return self->saved != (int) self->done;
}

guint64
chd_chain_get_serial (ChdChain *self)
{
  return self->serial;
}
