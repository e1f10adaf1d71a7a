/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-scene.h"

G_BEGIN_DECLS

/* What one does to a chain by drawing. Each call is one step of the chain's history; positions are the scene's. */

/* @what: "node", "pipeline", "task", "pipeline:<interface>" or "task:<script>". @title: (nullable).
 * Returns: (transfer full) (nullable): the new node's id; NULL when @what is none of these */
char *chd_edit_add_node (ChdScene *scene, const char *what, const char *title, guint lane, double x, double y);
/* The same, and a link from @after to it. */
char *chd_edit_add_after (ChdScene *scene, const char *what, const char *title, const char *after);
/* The same, between the two ends of a link; its condition stays with the first half. */
char *chd_edit_insert (ChdScene *scene, const char *what, const char *title, guint link, double x, double y);
/* A new unit, inside @parent when given. */
char *chd_edit_add_unit (ChdChain *chain, const char *title, const char *parent);

/* Moves nodes; those that come to lie in another lane belong to its unit then. @lane: CHD_NO_INDEX for whatever lane
 * is there. @merge_key: (nullable). Returns: whether anything changed */
gboolean
chd_edit_move (ChdScene *scene, const char *const *ids, double dx, double dy, guint lane, const char *merge_key);
/* Puts nodes at places, each in its lane. @points: as many as @ids. @name: of the step. */
gboolean chd_edit_place (ChdScene *scene, const char *const *ids, const ChdPoint *points, const char *name);
/* Each to a free place in the unit's lane. */
gboolean chd_edit_move_to_unit (ChdScene *scene, const char *const *ids, const char *unit);

/* Why there can be no link, as a sentence. Returns: (transfer full) (nullable): NULL when there can */
char *chd_edit_refuse_link (ChdChain *chain, const char *from, const char *to);
/* @message: (out) (nullable): why not */
gboolean chd_edit_connect (ChdChain *chain, const char *from, const char *to, char **message);

/* Deletes items of one kind. A node with one way in and one way out is healed: what came before it leads to what came
 * after, unless @keep_gap. @message: (out): what was done, or why nothing was. Returns: whether anything was */
gboolean chd_edit_delete (ChdScene *scene, ChdItemKind kind, const char *const *ids, gboolean keep_gap, char **message);
/* A new title for a node or a unit. @merge_key: (nullable). */
void chd_edit_set_title (ChdChain *chain, ChdItemKind kind, const char *id, const char *title, const char *merge_key);
/* The unit whose title or id begins with @text, without regard to case. (nullable) */
const ChdUnit *chd_edit_find_unit (ChdChain *chain, const char *text);

G_END_DECLS
