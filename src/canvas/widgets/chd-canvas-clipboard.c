/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Duplicate, copy, cut and paste. How a part of a chain travels is not the canvas' matter: it hands one out by "copy"
 * and asks for one by "paste". */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-canvas-private.h"
#include "chd-edit-paste.h"
#include "chd-edit.h"

static void
present (ChdCanvas *self, char **ids)
{
  if (ids[0] == NULL)
    return;
  chd_canvas_select (self, CHD_ITEM_NODE, (const char *const *) ids);
  chd_canvas_set_focus_node (self, ids[0], FALSE);
  chd_canvas_scroll_to_node (self, ids[0]);
}

void
chd_canvas_duplicate (ChdCanvas *self)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);
  g_auto (GStrv) made = chd_edit_duplicate (self->scene, (const char *const *) ids, FALSE, 0, 0);

  present (self, made);
}

void
chd_canvas_copy (ChdCanvas *self, gboolean cut)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);
  g_autoptr (ChdChain) fragment = chd_edit_copy (self->scene, (const char *const *) ids);
  guint n = g_strv_length (ids);
  g_autofree char *message = NULL;
  g_autofree char *deleted = NULL;

  chd_canvas_emit_copy (self, fragment);
  if (!cut)
    return;
  chd_chain_begin (self->chain, ngettext ("Cut Node", "Cut Nodes", n));
  chd_edit_delete (self->scene, CHD_ITEM_NODE, (const char *const *) ids, FALSE, &deleted);
  chd_chain_end (self->chain);
  message = g_strdup_printf (ngettext ("%u node cut.", "%u nodes cut.", n), n);
  chd_canvas_emit_message (self, message, TRUE);
}

/* @at_menu: where the menu was opened, not where the nodes come from. */
void
chd_canvas_ask_for_paste (ChdCanvas *self, gboolean at_menu)
{
  self->paste_at_menu = at_menu;
  chd_canvas_emit_paste (self);
}

void
chd_canvas_paste (ChdCanvas *self, ChdChain *fragment)
{
  ChdRect rect = chd_edit_measure_fragment (fragment);
  guint n = chd_chain_get_n_items (fragment, CHD_ITEM_NODE);
  const char *name = ngettext ("Paste Node", "Paste Nodes", n);
  ChdRect visible;
  ChdPoint middle = { rect.x + rect.width / 2, rect.y + rect.height / 2 };
  g_auto (GStrv) made = NULL;
  gboolean first;

  if (self->scene == NULL || !self->editable || n == 0)
    return;
  first = chd_scene_get_n_nodes (self->scene) == 0;
  visible = chd_viewport_get_visible (&self->view);
  if (self->selection_kind == CHD_ITEM_UNIT && g_hash_table_size (self->selection) == 1)
    {
      g_auto (GStrv) units = chd_canvas_dup_selection (self, NULL);
      const ChdRect *lane = &chd_scene_get_lane (self->scene, chd_scene_find_lane (self->scene, units[0]))->rect;
      double top = MAX (lane->y + CHD_LANE_HEADER + 18, visible.y);

      made = chd_edit_paste (self->scene, fragment, CHD_PASTE_IN_UNIT, units[0], MAX (visible.x, lane->x) + 48 - rect.x,
                             MIN (top, lane->y + lane->height) - rect.y, name);
    }
  else if (self->paste_at_menu && chd_scene_get_n_lanes (self->scene) > 0)
    made = chd_edit_paste (self->scene, fragment, CHD_PASTE_AT, NULL, self->menu_at.x - middle.x,
                           self->menu_at.y - middle.y, name);
  else if (chd_rect_overlaps (&rect, &visible))
    made = chd_edit_paste (self->scene, fragment, CHD_PASTE_BESIDE, NULL, 0, 0, name);
  else
    made = chd_edit_paste (self->scene, fragment, CHD_PASTE_BESIDE, NULL, visible.x + visible.width / 2 - middle.x,
                           visible.y + visible.height / 2 - middle.y, name);
  /* What was empty opens as a chain does. */
  if (first)
    chd_canvas_open_view (self);
  present (self, made);
}
