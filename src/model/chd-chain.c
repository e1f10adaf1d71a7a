/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The document: items per kind in order, and the edits that change them, each of which can be undone (chd-history.c
 * keeps them). What only asks (order, reach, unit paths) is in chd-chain-query.c, the renaming of nodes in
 * chd-chain-rename.c. */

#include "config.h"

#include "chd-chain-private.h"

#include <glib/gi18n-lib.h>

#include "chd-history.h"
#include "chd-item-list.h"

struct _ChdChain
{
  GObject parent_instance;

  ChdItemList lists[CHD_N_ITEM_KINDS];
  GHashTable *links_of[2]; /* node id → GPtrArray of ChdLink, by ChdLinkDirection; NULL until asked for */
  GPtrArray *no_links;

  ChdHistory history;
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
apply (ChdChain *self, const ChdEdit *edit)
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

/* Takes back the edits from the last to the one at @from. */
static void
revert (ChdChain *self, GArray *edits, guint from)
{
  for (guint i = edits->len; i > from; i--)
    {
      const ChdEdit *edit = &g_array_index (edits, ChdEdit, i - 1);
      ChdEdit inverse = { edit->kind, edit->index, edit->after, edit->before };

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

/* The one way to a change that can be undone. Takes over @after. */
void
chd_chain_change (ChdChain *self, ChdItemKind kind, guint index, const ChdItem *before, ChdItem *after)
{
  gboolean alone = self->history.running == NULL;
  ChdEdit edit = { kind, index, before != NULL ? chd_item_ref (before) : NULL, after };

  if (alone)
    chd_chain_begin (self, _ ("Change"));
  g_array_append_val (self->history.running->edits, edit);
  apply (self, &edit);
  if (alone)
    chd_chain_end (self);
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
  chd_history_clear (&self->history);
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
  chd_history_init (&self->history);
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
  chd_history_begin (&self->history, name);
}

void
chd_chain_end (ChdChain *self)
{
  g_return_if_fail (self->history.starts->len > 0);

  if (chd_history_end (&self->history))
    notify_history (self);
}

void
chd_chain_cancel (ChdChain *self)
{
  guint start;

  g_return_if_fail (self->history.starts->len > 0);

  start = g_array_index (self->history.starts, guint, self->history.starts->len - 1);
  revert (self, self->history.running->edits, start);
  g_array_set_size (self->history.running->edits, start);
  chd_chain_end (self);
}

void
chd_chain_set_merge_key (ChdChain *self, const char *key)
{
  g_return_if_fail (self->history.running != NULL);

  g_free (self->history.running->merge_key);
  self->history.running->merge_key = g_strdup (key);
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

  chd_chain_change (self, added->kind, MIN (index, chd_chain_get_n_items (self, added->kind)), NULL, added);
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
    chd_chain_change (self, after->kind, index, before, after);
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
    chd_chain_change (self, kind, index, g_ptr_array_index (self->lists[kind].items, index), NULL);
  if (kind == CHD_ITEM_NODE)
    chd_chain_end (self);
}

gboolean
chd_chain_can_undo (ChdChain *self)
{
  return self->history.done > 0 && self->history.running == NULL;
}

gboolean
chd_chain_can_redo (ChdChain *self)
{
  return self->history.done < self->history.steps->len && self->history.running == NULL;
}

const char *
chd_chain_get_undo_name (ChdChain *self)
{
  const ChdStep *step = chd_history_get_step (&self->history, self->history.done - 1);

  return step != NULL ? step->name : NULL;
}

const char *
chd_chain_get_redo_name (ChdChain *self)
{
  const ChdStep *step = chd_history_get_step (&self->history, self->history.done);

  return step != NULL ? step->name : NULL;
}

void
chd_chain_undo (ChdChain *self)
{
  if (!chd_chain_can_undo (self))
    return;
  self->history.done--;
  revert (self, chd_history_get_step (&self->history, self->history.done)->edits, 0);
  notify_history (self);
}

void
chd_chain_redo (ChdChain *self)
{
  GArray *edits;

  if (!chd_chain_can_redo (self))
    return;
  edits = chd_history_get_step (&self->history, self->history.done)->edits;
  self->history.done++;
  for (guint i = 0; i < edits->len; i++)
    apply (self, &g_array_index (edits, ChdEdit, i));
  notify_history (self);
}

/* After reading a file: what it took to build the document is no history. */
void
chd_chain_clear_history (ChdChain *self)
{
  g_return_if_fail (self->history.running == NULL);

  chd_history_forget (&self->history);
  notify_history (self);
}

void
chd_chain_mark_saved (ChdChain *self)
{
  self->history.saved = (int) self->history.done;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODIFIED]);
}

void
chd_chain_mark_unsaved (ChdChain *self)
{
  self->history.saved = -1;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODIFIED]);
}

gboolean
chd_chain_get_modified (ChdChain *self)
{
  return self->history.saved != (int) self->history.done;
}

guint64
chd_chain_get_serial (ChdChain *self)
{
  return self->serial;
}
