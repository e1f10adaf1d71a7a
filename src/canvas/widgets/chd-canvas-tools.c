/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The drag as such: which tool it is, its threshold, scrolling by itself near an edge. Plain functions over a canvas,
 * so that tests drag without gestures. */

#include "config.h"

#include "chd-canvas-private.h"

#define THRESHOLD 8.0  /* pixels before a press becomes a drag */
#define EDGE 36.0      /* pixels at the border where the view begins to scroll */
#define EDGE_SPEED 0.4 /* pixels a millisecond at the border itself */

static void
note_pointer (ChdCanvas *self, double x, double y, GdkModifierType modifiers)
{
  self->pointer = (ChdPoint){ x, y };
  self->tool_now = chd_canvas_to_scene (self, x, y);
  self->tool_modifiers = modifiers;
}

/* Ends whatever is shown for a tool. */
static void
clear_tool (ChdCanvas *self)
{
  chd_canvas_stop_auto_pan (self);
  self->tool = CHD_TOOL_NONE;
  self->tool_moved = self->tool_copies = FALSE;
  chd_canvas_drop_guides (self);
  self->tool_offset = (ChdPoint){ 0, 0 };
  self->tool_lane = self->tool_link = CHD_NO_INDEX;
  g_clear_pointer (&self->tool_node, g_free);
  g_clear_pointer (&self->tool_target, g_free);
  g_clear_pointer (&self->tool_reason, g_free);
  g_clear_pointer (&self->band_before, g_hash_table_unref);
  chd_canvas_invalidate (self);
}

void
chd_canvas_pan_begin (ChdCanvas *self, double x, double y)
{
  chd_canvas_tool_cancel (self);
  self->tool = CHD_TOOL_PAN;
  note_pointer (self, x, y, 0);
  self->tool_start = self->tool_now;
}

void
chd_canvas_tool_begin (ChdCanvas *self, double x, double y, GdkModifierType modifiers)
{
  ChdHit hit;

  chd_canvas_tool_cancel (self);
  if (self->scene == NULL)
    return;
  note_pointer (self, x, y, modifiers);
  self->tool_start = self->tool_now;
  hit = chd_canvas_hit (self, x, y);
  if (self->space_held)
    self->tool = CHD_TOOL_PAN;
  else if (hit.kind == CHD_HIT_PORT && self->editable)
    chd_tool_link_begin (self, hit.index);
  else if (hit.kind == CHD_HIT_NODE || hit.kind == CHD_HIT_PORT)
    {
      if (self->editable)
        chd_tool_move_begin (self, hit.index);
    }
  else if (hit.kind == CHD_HIT_LANE_HEADER && self->editable &&
           chd_scene_get_lane (self->scene, hit.index)->item != NULL)
    chd_tool_lane_begin (self, hit.index);
  else if (hit.kind != CHD_HIT_LINK)
    chd_tool_band_begin (self);
}

static void
update_tool (ChdCanvas *self)
{
  switch (self->tool)
    {
    case CHD_TOOL_MOVE:
      chd_tool_move_update (self);
      break;
    case CHD_TOOL_LINK:
      chd_tool_link_update (self);
      break;
    case CHD_TOOL_BAND:
      chd_tool_band_update (self);
      break;
    case CHD_TOOL_LANE:
      chd_tool_lane_update (self);
      break;
    case CHD_TOOL_NONE:
    case CHD_TOOL_PAN:
    default:
      break;
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static double
edge_speed (double at, double size)
{
  if (at < EDGE)
    return -(EDGE - MAX (at, 0)) / EDGE * EDGE_SPEED;
  if (at > size - EDGE)
    return (EDGE - MAX (size - at, 0)) / EDGE * EDGE_SPEED;
  return 0;
}

static gboolean
auto_pan_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer user_data)
{
  ChdCanvas *self = CHD_CANVAS (widget);
  double x = edge_speed (self->pointer.x, self->view.width), y = edge_speed (self->pointer.y, self->view.height);

  if (x == 0 && y == 0)
    {
      self->auto_pan = 0;
      return G_SOURCE_REMOVE;
    }
  self->view.x += x * 16 / self->view.scale;
  self->view.y += y * 16 / self->view.scale;
  self->tool_now = chd_canvas_to_scene (self, self->pointer.x, self->pointer.y);
  chd_canvas_view_changed (self);
  update_tool (self);
  return G_SOURCE_CONTINUE;
}

static void
maybe_auto_pan (ChdCanvas *self)
{
  if (self->auto_pan == 0 &&
      (edge_speed (self->pointer.x, self->view.width) != 0 || edge_speed (self->pointer.y, self->view.height) != 0))
    self->auto_pan = gtk_widget_add_tick_callback (GTK_WIDGET (self), auto_pan_cb, NULL, NULL);
}

void
chd_canvas_stop_auto_pan (ChdCanvas *self)
{
  if (self->auto_pan != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->auto_pan);
  self->auto_pan = 0;
}

void
chd_canvas_tool_update (ChdCanvas *self, double x, double y, GdkModifierType modifiers)
{
  ChdPoint start;

  if (self->tool == CHD_TOOL_NONE)
    return;
  if (self->tool == CHD_TOOL_PAN)
    {
      /* The place that was grabbed stays under the pointer. */
      self->view.x = self->tool_start.x - x / self->view.scale;
      self->view.y = self->tool_start.y - y / self->view.scale;
      chd_canvas_view_changed (self);
      return;
    }
  note_pointer (self, x, y, modifiers);
  start = chd_viewport_to_view (&self->view, self->tool_start.x, self->tool_start.y);
  if (!self->tool_moved)
    {
      if (ABS (x - start.x) < THRESHOLD && ABS (y - start.y) < THRESHOLD)
        return;
      self->tool_moved = TRUE;
      chd_canvas_invalidate (self);
    }
  update_tool (self);
  maybe_auto_pan (self);
}

void
chd_canvas_tool_end (ChdCanvas *self, double x, double y, GdkModifierType modifiers)
{
  ChdTool tool = self->tool;

  chd_canvas_tool_update (self, x, y, modifiers);
  chd_canvas_stop_auto_pan (self);
  if (self->tool_moved && tool == CHD_TOOL_MOVE)
    chd_tool_move_end (self);
  else if (self->tool_moved && tool == CHD_TOOL_LINK)
    chd_tool_link_end (self);
  else if (self->tool_moved && tool == CHD_TOOL_LANE)
    chd_tool_lane_end (self);
  if (tool != CHD_TOOL_NONE)
    clear_tool (self);
}

/* (3): as if the drag had never begun. */
void
chd_canvas_tool_cancel (ChdCanvas *self)
{
  if (self->tool == CHD_TOOL_NONE)
    return;
  if (self->tool == CHD_TOOL_BAND)
    chd_tool_band_cancel (self);
  clear_tool (self);
}
