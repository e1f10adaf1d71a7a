/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-item.h"

G_BEGIN_DECLS

/* One chain document: its items, and the history of edits. Belongs to one thread (the main one); the items it hands
 * out may go to others.
 *
 *  (1) Items are kept per kind, in document order. Ids are unique in their kind, but for documents whose file holds the
 *      same twice: both are listed, the first is found by the id, and validation tells.
 *  (2) Every change is an insert, a replace or a remove of one item, made inside a step (chd_chain_begin/end; a
 *      change outside one is a step by itself). Undo and redo go by steps.
 *  (3) The chain does not judge: a link to nowhere or a circle can be put in (a file may hold one); validation
 *      (chd-validate.h) tells. Removing a node removes its links in the same step. */
#define CHD_TYPE_CHAIN (chd_chain_get_type ())
G_DECLARE_FINAL_TYPE (ChdChain, chd_chain, CHD, CHAIN, GObject)

/* One change, as the "changed" signal tells it. */
typedef struct
{
  ChdItemKind kind;
  guint index;           /* its place in the kind's list: after an insert, before a remove */
  const ChdItem *before; /* (nullable): NULL when inserted */
  const ChdItem *after;  /* (nullable): NULL when removed */
} ChdChange;

typedef enum
{
  CHD_LINKS_OUT,
  CHD_LINKS_IN,
} ChdLinkDirection;

ChdChain *chd_chain_new (const char *name, const char *title);

/* Reading. All items are borrowed. */
const ChdHead *chd_chain_get_head (ChdChain *self);
guint chd_chain_get_n_items (ChdChain *self, ChdItemKind kind);
const ChdItem *chd_chain_get_item (ChdChain *self, ChdItemKind kind, guint index);
const ChdItem *chd_chain_find (ChdChain *self, ChdItemKind kind, const char *id);
gboolean chd_chain_find_index (ChdChain *self, ChdItemKind kind, const char *id, guint *index);
const ChdNode *chd_chain_find_node (ChdChain *self, const char *id);
const ChdUnit *chd_chain_find_unit (ChdChain *self, const char *id);
const ChdScript *chd_chain_find_script (ChdChain *self, const char *id);
const ChdEnvironment *chd_chain_find_environment (ChdChain *self, const char *id);
const ChdLink *chd_chain_find_link (ChdChain *self, const char *from, const char *to);
/* @links: (element-type ChdLink) (transfer none), valid until the next change. */
GPtrArray *chd_chain_get_links (ChdChain *self, const char *node_id, ChdLinkDirection direction);
/* Whether a path leads from one node to the other; a node reaches itself. */
gboolean chd_chain_reaches (ChdChain *self, const char *from, const char *to);
/* (transfer container): nodes in an order in which every link points forward; document order among equals.
 * Nodes on a circle come last. */
GPtrArray *chd_chain_list_in_order (ChdChain *self);
/* "Example Group / Finance"; (transfer full). */
char *chd_chain_get_unit_path (ChdChain *self, const char *unit_id);
/* The unit itself first, then its parent …; ends at a circle. (transfer container) (element-type ChdUnit) */
GPtrArray *chd_chain_list_unit_ancestry (ChdChain *self, const char *unit_id);
/* An id that is free in its kind: from the title as a DNS label, else "<stem>-2" …; (transfer full). */
char *chd_chain_make_id (ChdChain *self, ChdItemKind kind, const char *title);

/* Changing. Items are (transfer full). A step's name is a translated sentence fragment for the menu, "Move Node". */
void chd_chain_begin (ChdChain *self, const char *name);
void chd_chain_end (ChdChain *self);
void chd_chain_cancel (ChdChain *self); /* ends the step and takes back what it did */
void chd_chain_append (ChdChain *self, gpointer item);
void chd_chain_insert (ChdChain *self, gpointer item, guint index);
void chd_chain_replace (ChdChain *self, gpointer item); /* the item of the same kind and id; the head may be renamed */
void chd_chain_remove (ChdChain *self, ChdItemKind kind, const char *id);
void chd_chain_rename_node (ChdChain *self, const char *id, const char *new_id); /* with its links and references */
/* Joins the running step with the one before when both have this key and nothing came between (typing, nudging). */
void chd_chain_set_merge_key (ChdChain *self, const char *key);

gboolean chd_chain_can_undo (ChdChain *self);
gboolean chd_chain_can_redo (ChdChain *self);
const char *chd_chain_get_undo_name (ChdChain *self);
const char *chd_chain_get_redo_name (ChdChain *self);
void chd_chain_undo (ChdChain *self);
void chd_chain_redo (ChdChain *self);
void chd_chain_clear_history (ChdChain *self);

/* The saved point: "modified" is false exactly when the document is as it was at the mark, also after undo. */
void chd_chain_mark_saved (ChdChain *self);
/* No state that can be reached is the saved one: a recovered draft. */
void chd_chain_mark_unsaved (ChdChain *self);
gboolean chd_chain_get_modified (ChdChain *self);
/* Grows with every change; for caches. */
guint64 chd_chain_get_serial (ChdChain *self);

/* Properties: "can-undo", "can-redo", "undo-name", "redo-name", "modified" (all read-only, notified at a step's end).
 * Signals: "changed" (const ChdChange *change) at each change, in undo and redo too;
 *          "step-done" () when the outermost step, an undo or a redo has ended. */

G_END_DECLS
