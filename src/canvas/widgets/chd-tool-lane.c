/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Moving a lane by its header: beside another lane, or into it when its header is pointed at. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-canvas-private.h"
#include "chd-edit-lanes.h"
#include "chd-lanes.h"

#define LINE 4.0 /* pixels: of the line that shows where the lane would go */

void
chd_tool_lane_begin (ChdCanvas *self, guint lane)
{
  self->tool = CHD_TOOL_LANE;
  self->tool_node = g_strdup (chd_scene_get_lane (self->scene, lane)->item->item.id);
}

/* Whether @lane is the moved one or inside of it. */
static gboolean
is_moved (ChdCanvas *self, guint lane)
{
  guint moved = chd_scene_find_lane (self->scene, self->tool_node);

  while (lane != CHD_NO_INDEX && lane != moved)
    lane = chd_scene_get_lane (self->scene, lane)->parent;
  return lane == moved;
}

void
chd_tool_lane_update (ChdCanvas *self)
{
  guint lane = chd_scene_lane_at (self->scene, self->tool_now.x, self->tool_now.y);
  const ChdRect *rect;

  self->tool_lane = CHD_NO_INDEX;
  if (!self->tool_moved || lane == CHD_NO_INDEX || is_moved (self, lane) ||
      chd_scene_get_lane (self->scene, lane)->item == NULL)
    return;
  rect = &chd_scene_get_lane (self->scene, lane)->rect;
  self->tool_lane = lane;
  if (self->tool_now.y < rect->y + 8)
    self->tool_place = CHD_LANE_BEFORE;
  else if (self->tool_now.y < rect->y + CHD_LANE_HEADER)
    self->tool_place = CHD_LANE_INSIDE;
  else
    self->tool_place = self->tool_now.y < rect->y + rect->height / 2 ? CHD_LANE_BEFORE : CHD_LANE_AFTER;
}

void
chd_tool_lane_end (ChdCanvas *self)
{
  g_autofree char *unit = g_strdup (self->tool_node);
  g_autofree char *other = NULL;

  if (self->tool_lane >= chd_scene_get_n_lanes (self->scene))
    return;
  other = g_strdup (chd_scene_get_lane (self->scene, self->tool_lane)->item->item.id);
  if (chd_edit_move_lane (self->scene, unit, other, self->tool_place))
    chd_canvas_show_item (self, CHD_ITEM_UNIT, unit);
}

void
chd_tool_lane_draw (ChdCanvas *self)
{
  guint moved = chd_scene_find_lane (self->scene, self->tool_node);
  ChdColor faint = chd_color_fade (self->palette.accent, 0.12);
  double width = LINE / self->view.scale;
  const ChdRect *rect;
  const char *title;
  g_autofree char *text = NULL;
  ChdRect line;

  if (!self->tool_moved || moved == CHD_NO_INDEX)
    return;
  self->painter->klass->box (self->painter, &chd_scene_get_lane (self->scene, moved)->rect, CHD_LANE_RADIUS, &faint,
                             &self->palette.accent, width / 2, CHD_EDGE_DASHED);
  if (self->tool_lane >= chd_scene_get_n_lanes (self->scene))
    return;
  rect = &chd_scene_get_lane (self->scene, self->tool_lane)->rect;
  title = chd_item_get_title (chd_scene_get_lane (self->scene, self->tool_lane)->item);
  if (self->tool_place == CHD_LANE_INSIDE)
    {
      self->painter->klass->box (self->painter, rect, CHD_LANE_RADIUS, &faint, &self->palette.accent, width,
                                 CHD_EDGE_SOLID);
      /* Translators: shown while a unit is dragged: the one it would be part of */
      text = g_strdup_printf (_ ("Into %s"), title);
    }
  else
    {
      double y =
          self->tool_place == CHD_LANE_BEFORE ? rect->y - CHD_LANE_GAP / 2 : rect->y + rect->height + CHD_LANE_GAP / 2;

      line = (ChdRect){ rect->x, y - width / 2, rect->width, width };
      self->painter->klass->box (self->painter, &line, 0, &self->palette.accent, NULL, 0, CHD_EDGE_SOLID);
      text = self->tool_place == CHD_LANE_BEFORE
                 /* Translators: shown while a unit is dragged: the one above which it would stand */
                 ? g_strdup_printf (_ ("Above %s"), title)
                 /* Translators: shown while a unit is dragged: the one below which it would stand */
                 : g_strdup_printf (_ ("Below %s"), title);
    }
  chd_canvas_draw_bubble (self, text);
}
