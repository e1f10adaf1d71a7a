/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes from the palette: dropped into a lane or onto a link, or added by key or menu. */

#include "config.h"

#include <string.h>

#include "chd-canvas-private.h"
#include "chd-edit.h"

/* A new node gets its name first; one that came with a request, or as one, first gets that filled in. */
void
chd_canvas_present_new (ChdCanvas *self, const char *id, const char *what)
{
  chd_canvas_focus_node (self, id);
  if (g_str_has_prefix (what, "pipeline"))
    chd_canvas_emit_bind (self, id, "pipeline");
  else if (g_str_has_prefix (what, "task"))
    chd_canvas_emit_bind (self, id, "task");
  else
    chd_canvas_start_editor (self, CHD_ITEM_NODE, id);
}

void
chd_canvas_drag_over (ChdCanvas *self, double x, double y)
{
  ChdHit hit = chd_canvas_hit (self, x, y);

  self->pointer = (ChdPoint){ x, y };
  self->tool_now = chd_canvas_to_scene (self, x, y);
  self->tool_link = hit.kind == CHD_HIT_LINK ? hit.index : CHD_NO_INDEX;
  self->tool_lane =
      self->scene != NULL ? chd_scene_lane_at (self->scene, self->tool_now.x, self->tool_now.y) : CHD_NO_INDEX;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
chd_canvas_drag_leave (ChdCanvas *self)
{
  self->tool_lane = self->tool_link = CHD_NO_INDEX;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

char *
chd_canvas_drop (ChdCanvas *self, const char *text, double x, double y)
{
  const char *what;
  guint link;
  char *id;

  if (self->scene == NULL || !self->editable || text == NULL || !g_str_has_prefix (text, CHD_CANVAS_PALETTE))
    return NULL;
  what = text + strlen (CHD_CANVAS_PALETTE);
  chd_canvas_drag_over (self, x, y);
  link = self->tool_link;
  if (link != CHD_NO_INDEX)
    id = chd_edit_insert (self->scene, what, NULL, link, self->tool_now.x, self->tool_now.y);
  else
    id = chd_edit_add_node (self->scene, what, NULL, self->tool_lane, self->tool_now.x, self->tool_now.y);
  chd_canvas_drag_leave (self);
  if (id != NULL)
    chd_canvas_present_new (self, id, what);
  return id;
}

static GdkDragAction
motion_cb (GtkDropTarget *target, double x, double y, ChdCanvas *self)
{
  if (!self->editable || self->scene == NULL)
    return 0;
  chd_canvas_drag_over (self, x, y);
  return GDK_ACTION_COPY;
}

static void
leave_cb (GtkDropTarget *target, ChdCanvas *self)
{
  chd_canvas_drag_leave (self);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, ChdCanvas *self)
{
  g_autofree char *id = G_VALUE_HOLDS_STRING (value) ? chd_canvas_drop (self, g_value_get_string (value), x, y) : NULL;

  return id != NULL;
}

void
chd_canvas_add_drop_target (ChdCanvas *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_STRING, GDK_ACTION_COPY);

  g_signal_connect (target, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (target, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (target, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

/* Where a node goes that nobody pointed a place for: the middle of what is seen of the lane. */
static ChdPoint
middle_of (ChdCanvas *self, guint lane)
{
  ChdRect visible = chd_viewport_get_visible (&self->view);
  const ChdRect *rect = &chd_scene_get_lane (self->scene, lane)->rect;
  ChdPoint middle = { visible.x + visible.width / 2, visible.y + visible.height / 2 };

  middle.x = CLAMP (middle.x, rect->x + CHD_CARD_WIDTH / 2, rect->x + rect->width - CHD_CARD_WIDTH / 2);
  middle.y = CLAMP (middle.y, rect->y, rect->y + rect->height);
  return middle;
}

/* The lane of the node that has the focus, of the selected unit, else the one in the middle of the view. */
static guint
current_lane (ChdCanvas *self)
{
  ChdRect visible = chd_viewport_get_visible (&self->view);
  guint node = self->focus != NULL ? chd_scene_find_node (self->scene, self->focus) : CHD_NO_INDEX;

  if (self->selection_kind == CHD_ITEM_UNIT && g_hash_table_size (self->selection) == 1)
    {
      g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);

      return chd_scene_find_lane (self->scene, ids[0]);
    }
  if (node != CHD_NO_INDEX)
    return chd_scene_get_node (self->scene, node)->lane;
  return chd_scene_lane_at (self->scene, visible.x + visible.width / 2, visible.y + visible.height / 2);
}

char *
chd_canvas_add (ChdCanvas *self, const char *what, const char *unit)
{
  guint lane;
  ChdPoint at = { 0, 0 };
  char *id;

  if (self->scene == NULL || !self->editable)
    return NULL;
  lane = unit != NULL ? chd_scene_find_lane (self->scene, unit) : current_lane (self);
  if (lane < chd_scene_get_n_lanes (self->scene))
    at = middle_of (self, lane);
  id = chd_edit_add_node (self->scene, what, NULL, lane, at.x, at.y);
  if (id != NULL)
    chd_canvas_present_new (self, id, what);
  return id;
}
