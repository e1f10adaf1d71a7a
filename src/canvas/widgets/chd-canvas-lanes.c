/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lanes under the hand: collapsed and expanded, and moved by their header. */

#include "config.h"

#include "chd-canvas-private.h"
#include "chd-edit-lanes.h"

/* The lane's header stays where it is on the screen. */
static void
set_collapsed (ChdCanvas *self, const char *unit, gboolean collapsed)
{
  g_autofree char *id = g_strdup (unit);
  guint lane = chd_scene_find_lane (self->scene, id);
  double y = chd_scene_get_lane (self->scene, lane)->rect.y;

  if (!chd_edit_set_collapsed (self->chain, id, collapsed))
    return;
  self->view.y += chd_scene_get_lane (self->scene, chd_scene_find_lane (self->scene, id))->rect.y - y;
  chd_canvas_view_changed (self);
}

void
chd_canvas_toggle_lane (ChdCanvas *self, guint lane)
{
  const ChdSceneLane *here = chd_scene_get_lane (self->scene, lane);

  if (here->item != NULL && !here->compact)
    set_collapsed (self, here->item->item.id, !here->collapsed);
}

gboolean
chd_canvas_set_lane_collapsed (ChdCanvas *self, gboolean collapsed)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);

  if (self->selection_kind != CHD_ITEM_UNIT || ids[0] == NULL)
    return FALSE;
  if (self->editable)
    set_collapsed (self, ids[0], collapsed);
  return TRUE;
}

void
chd_canvas_step_lane (ChdCanvas *self, const char *unit, int step)
{
  g_autofree char *id = g_strdup (unit);

  if (chd_edit_step_lane (self->scene, id, step))
    chd_canvas_show_item (self, CHD_ITEM_UNIT, id);
}
