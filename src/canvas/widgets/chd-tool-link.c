/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drawing a link from a port. The card under the pointer says at once whether it can be the target, and why not.
 * Dropped on the empty canvas, a new node is made there, already linked. */

#include "config.h"

#include "chd-canvas-private.h"
#include "chd-edit.h"

#include "chd-util.h"

void
chd_tool_link_begin (ChdCanvas *self, guint node)
{
  self->tool = CHD_TOOL_LINK;
  self->tool_node = g_strdup (chd_scene_get_node (self->scene, node)->item->item.id);
}

void
chd_tool_link_update (ChdCanvas *self)
{
  ChdHit hit = chd_scene_hit (self->scene, self->tool_now.x, self->tool_now.y, 1);
  const char *target = hit.kind == CHD_HIT_NODE || hit.kind == CHD_HIT_PORT
                           ? chd_scene_get_node (self->scene, hit.index)->item->item.id
                           : NULL;

  /* Back on the source means nothing yet, not a mistake. */
  if (target != NULL && g_str_equal (target, self->tool_node))
    target = NULL;
  if (!chd_set_str (&self->tool_target, target))
    return;
  g_clear_pointer (&self->tool_reason, g_free);
  if (target != NULL)
    self->tool_reason = chd_edit_refuse_link (self->chain, self->tool_node, target);
}

/* On the empty canvas: what comes next, there. */
static void
add_linked (ChdCanvas *self)
{
  ChdPoint at = self->tool_now;
  g_autofree char *id = NULL;

  chd_chain_begin (self->chain, g_dgettext (GETTEXT_PACKAGE, "Add Node"));
  id = chd_edit_add_node (self->scene, "node", NULL, chd_scene_lane_at (self->scene, at.x, at.y),
                          at.x + CHD_CARD_WIDTH / 2, at.y);
  if (id != NULL)
    {
      g_autofree char *reason = NULL;

      chd_edit_connect (self->chain, self->tool_node, id, &reason);
    }
  chd_chain_end (self->chain);
  if (id != NULL)
    chd_canvas_present_new (self, id, "node");
}

void
chd_tool_link_end (ChdCanvas *self)
{
  g_autofree char *reason = NULL;
  ChdHit hit = chd_scene_hit (self->scene, self->tool_now.x, self->tool_now.y, 1);

  if (self->tool_target == NULL)
    {
      if (hit.kind != CHD_HIT_NODE && hit.kind != CHD_HIT_PORT)
        add_linked (self);
      return;
    }
  if (chd_edit_connect (self->chain, self->tool_node, self->tool_target, &reason))
    {
      g_autofree char *id = chd_link_make_id (self->tool_node, self->tool_target);

      chd_canvas_select_one (self, CHD_ITEM_LINK, id);
    }
  else
    chd_canvas_emit_message (self, reason, FALSE);
}
