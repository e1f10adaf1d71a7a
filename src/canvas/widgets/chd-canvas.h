/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "chd-chain.h"
#include "chd-finder.h"
#include "chd-scene.h"

G_BEGIN_DECLS

/* The drawing surface: shows a chain and edits it by pointer and keyboard, every edit a step of the chain. It asks
 * for everything else by signals. Put it into a GtkScrolledWindow.
 *
 * Selection: ids of nodes, links ("from->to") and units, of one kind at a time.
 *
 * Properties: "chain" (ChdChain), "zoom" (double), "editable" (boolean), "single-keys" (boolean: letters act),
 *   "empty-selection" (boolean, read-only), and those of GtkScrollable.
 * Signals:
 *   "selection-changed" ()
 *   "activate-node" (const char *id)             double click, Enter
 *   "request-menu" (double x, double y, const char *id)
 *       in the widget's coordinates; @id may be a node, a link, a unit or NULL for the empty canvas
 *   "message" (const char *text, gboolean undoable)  for a toast, for example "3 nodes deleted"
 *   "bind-node" (const char *id, const char *kind)
 *       a node was made from the palette as "pipeline" or "task", or P or T was pressed: offer the dialog
 *   "copy" (ChdChain *fragment)                   what goes to the clipboard (chd-fragment.h)
 *   "paste" ()                                   asks for chd_canvas_paste()
 *
 * Actions (group "canvas", also for menus): undo, redo, duplicate, copy, cut, paste, paste-here,
 *   lane-collapse, lane-up, lane-down, lane-indent, lane-outdent,
 *   align-left, align-right, align-top, align-bottom, distribute-across, distribute-down,
 *   select-all, select-none, delete, delete-keep-gap, rename,
 *   add, add-next, connect, activate, bind-pipeline, bind-task, zoom-in, zoom-out, zoom-reset, zoom-fit,
 *   zoom-selection, tidy, move-to-unit (s) and the focus and nudge ones. */
#define CHD_TYPE_CANVAS (chd_canvas_get_type ())
G_DECLARE_FINAL_TYPE (ChdCanvas, chd_canvas, CHD, CANVAS, GtkWidget)

/* What the palette drags: a string of this prefix and "node", "pipeline", "task", "pipeline:<interface>",
 * "task:<script>" (a new node where it is dropped). */
#define CHD_CANVAS_PALETTE "chain-designer/palette:"

GtkWidget *chd_canvas_new (ChdChain *chain);
ChdChain *chd_canvas_get_chain (ChdCanvas *self);
void chd_canvas_set_chain (ChdCanvas *self, ChdChain *chain);
ChdScene *chd_canvas_get_scene (ChdCanvas *self); /* (nullable) */
gboolean chd_canvas_get_editable (ChdCanvas *self);
void chd_canvas_set_editable (ChdCanvas *self, gboolean editable);

/* @kind gets what the ids are, CHD_ITEM_NODE when nothing is selected.
 * Returns: (transfer full): ids in document order */
char **chd_canvas_dup_selection (ChdCanvas *self, ChdItemKind *kind);
void chd_canvas_select (ChdCanvas *self, ChdItemKind kind, const char *const *ids);
void chd_canvas_select_one (ChdCanvas *self, ChdItemKind kind, const char *id); /* @id: (nullable) */
const char *chd_canvas_get_focus_node (ChdCanvas *self);                        /* (nullable) */

/* Selects a node, scrolls to it and gives it the keyboard focus. */
void chd_canvas_focus_node (ChdCanvas *self, const char *id);
void chd_canvas_scroll_to_node (ChdCanvas *self, const char *id);

/* Puts a part of a chain (chd-fragment.h; it is changed to fit) in: into the selected unit, where the menu was asked
 * for, or beside what it was copied from. */
void chd_canvas_paste (ChdCanvas *self, ChdChain *fragment);

/* Marks what a search has found (element-type ChdFound) (nullable). */
void chd_canvas_set_matches (ChdCanvas *self, GPtrArray *found);
/* Selects something and scrolls to it; the focus of the window stays where it is. */
void chd_canvas_show_item (ChdCanvas *self, ChdItemKind kind, const char *id);

void chd_canvas_set_node_state (ChdCanvas *self, const char *id, ChdNodeState state, const char *note, double progress);
void chd_canvas_clear_node_states (ChdCanvas *self);

double chd_canvas_get_zoom (ChdCanvas *self);
void chd_canvas_set_zoom (ChdCanvas *self, double zoom); /* around the middle; 0.1–4 */
void chd_canvas_zoom_in (ChdCanvas *self);
void chd_canvas_zoom_out (ChdCanvas *self);
void chd_canvas_zoom_fit (ChdCanvas *self); /* never above 100 % */

/* Makes a node in the middle of the view, or in @unit when given, and asks for its name (or its request, see
 * "bind-node"). Returns: (transfer full) (nullable): its id
 * @what: as after CHD_CANVAS_PALETTE. */
char *chd_canvas_add (ChdCanvas *self, const char *what, const char *unit);

G_END_DECLS
