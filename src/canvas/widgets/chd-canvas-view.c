/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Scrolling and zoom: between the view, the adjustments of the scrolled window around, and who asks to see something.
 */

#include "config.h"

#include "chd-canvas-private.h"

#define ZOOM_STEP 1.25

/* Sets the adjustments from the view. */
void
chd_canvas_configure_adjustments (ChdCanvas *self)
{
  ChdRect bounds = self->scene != NULL ? chd_scene_get_bounds (self->scene) : (ChdRect){ 0 };

  self->in_configure = TRUE;
  for (guint i = 0; i < 2; i++)
    {
      double lower, upper, page = i == 0 ? self->view.width : self->view.height;

      if (self->adjustments[i] == NULL)
        continue;
      chd_viewport_get_range (&self->view, &bounds, i == 1, &lower, &upper);
      gtk_adjustment_configure (self->adjustments[i], (i == 0 ? self->view.x : self->view.y) * self->view.scale, lower,
                                upper, MAX (page * 0.1, 10), page * 0.9, page);
    }
  self->in_configure = FALSE;
}

void
chd_canvas_view_changed (ChdCanvas *self)
{
  double zoom = self->view.scale / self->text_scale;

  chd_canvas_configure_adjustments (self);
  chd_canvas_invalidate (self);
  /* Proxies and the editor stand where their cards do. */
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  chd_canvas_emit_view_changed (self);
  if (ABS (zoom - self->zoom) > 1e-9)
    {
      self->zoom = zoom;
      g_object_notify (G_OBJECT (self), "zoom");
    }
}

static void
adjustment_changed_cb (ChdCanvas *self)
{
  if (self->in_configure)
    return;
  if (self->adjustments[0] != NULL)
    self->view.x = gtk_adjustment_get_value (self->adjustments[0]) / self->view.scale;
  if (self->adjustments[1] != NULL)
    self->view.y = gtk_adjustment_get_value (self->adjustments[1]) / self->view.scale;
  chd_canvas_invalidate (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  chd_canvas_emit_view_changed (self);
}

/* @which: 0 for the horizontal one; @adjustment: (nullable) */
void
chd_canvas_set_adjustment (ChdCanvas *self, guint which, GtkAdjustment *adjustment)
{
  if (self->adjustments[which] == adjustment && adjustment != NULL)
    return;
  if (self->adjustments[which] != NULL)
    g_signal_handlers_disconnect_by_func (self->adjustments[which], adjustment_changed_cb, self);
  g_clear_object (&self->adjustments[which]);
  if (adjustment == NULL)
    return;
  self->adjustments[which] = g_object_ref_sink (adjustment);
  g_signal_connect_swapped (adjustment, "value-changed", G_CALLBACK (adjustment_changed_cb), self);
  chd_canvas_configure_adjustments (self);
}

ChdPoint
chd_canvas_to_scene (ChdCanvas *self, double x, double y)
{
  return chd_viewport_to_scene (&self->view, x, y);
}

/* Titles stand at the view's edge when their lane's start is out of view (chd-canvas-draw.c), the arrows with them. */
static gboolean
is_at_arrow (ChdCanvas *self, guint index, double x)
{
  const ChdSceneLane *lane = chd_scene_get_lane (self->scene, index);
  double start = MAX (lane->rect.x, self->view.x + 8);

  return lane->item != NULL && !lane->compact && x >= start && x < start + 34;
}

ChdHit
chd_canvas_hit (ChdCanvas *self, double x, double y)
{
  ChdPoint at = chd_canvas_to_scene (self, x, y);
  ChdHit hit;

  if (self->scene == NULL)
    return (ChdHit){ CHD_HIT_NOTHING, CHD_NO_INDEX };
  /* Targets are 24 pixels on the screen (ux-guide.md, 5.3), but never more than a port's share of its card. */
  hit = chd_scene_hit (self->scene, at.x, at.y, MIN (12 / self->view.scale, 20));
  if (hit.kind == CHD_HIT_LANE_HEADER && self->detail == CHD_DETAIL_FULL && is_at_arrow (self, hit.index, at.x))
    hit.kind = CHD_HIT_LANE_ARROW;
  return hit;
}

void
chd_canvas_zoom_at (ChdCanvas *self, double x, double y, double zoom)
{
  zoom = CLAMP (zoom, CHD_CANVAS_MIN_ZOOM, CHD_CANVAS_MAX_ZOOM);
  chd_viewport_zoom_at (&self->view, x, y, zoom * self->text_scale);
  chd_canvas_view_changed (self);
}

void
chd_canvas_fit_rect (ChdCanvas *self, const ChdRect *rect)
{
  chd_viewport_fit (&self->view, rect, CHD_CANVAS_FIT_MARGIN, CHD_CANVAS_MIN_ZOOM * self->text_scale, self->text_scale);
  chd_canvas_view_changed (self);
}

void
chd_canvas_scroll_to_node (ChdCanvas *self, const char *id)
{
  guint index = self->scene != NULL ? chd_scene_find_node (self->scene, id) : CHD_NO_INDEX;
  ChdRect card;

  if (index == CHD_NO_INDEX || self->view.width <= 0)
    return;
  card = chd_scene_get_card_rect (self->scene, index);
  if (chd_viewport_reveal (&self->view, &card, 40))
    chd_canvas_view_changed (self);
}

double
chd_canvas_get_zoom (ChdCanvas *self)
{
  return self->zoom;
}

void
chd_canvas_set_zoom (ChdCanvas *self, double zoom)
{
  self->fit_pending = FALSE;
  chd_canvas_zoom_at (self, self->view.width / 2, self->view.height / 2, zoom);
}

void
chd_canvas_zoom_in (ChdCanvas *self)
{
  chd_canvas_set_zoom (self, self->zoom * ZOOM_STEP);
}

void
chd_canvas_zoom_out (ChdCanvas *self)
{
  chd_canvas_set_zoom (self, self->zoom / ZOOM_STEP);
}

/* Where a coordinate of the view has to be for its middle to stand at @middle, without looking beyond the bounds. */
static double
centre_on (double middle, double extent, double lower, double length)
{
  return CLAMP (middle - extent / 2, lower, MAX (lower, lower + length - extent));
}

/* How a chain is first seen: all of it when that can be read, else its beginning. */
void
chd_canvas_open_view (ChdCanvas *self)
{
  ChdRect bounds = chd_scene_get_bounds (self->scene);
  g_autoptr (GPtrArray) order = chd_chain_list_in_order (chd_scene_get_chain (self->scene));
  double margin;

  self->fit_pending = FALSE;
  chd_viewport_fit (&self->view, &bounds, CHD_CANVAS_FIT_MARGIN, CHD_CANVAS_READABLE_ZOOM * self->text_scale,
                    self->text_scale);
  margin = CHD_CANVAS_FIT_MARGIN / self->view.scale;
  bounds = chd_rect_grown (&bounds, margin);
  if (bounds.width > self->view.width / self->view.scale)
    self->view.x = bounds.x;
  if (bounds.height > self->view.height / self->view.scale && order->len > 0)
    {
      const ChdNode *first = g_ptr_array_index (order, 0);
      ChdSceneNode *node = chd_scene_get_node (self->scene, chd_scene_find_node (self->scene, first->item.id));

      self->view.y = centre_on (node->y, self->view.height / self->view.scale, bounds.y, bounds.height);
    }
  chd_canvas_view_changed (self);
}

void
chd_canvas_zoom_fit (ChdCanvas *self)
{
  ChdRect bounds;

  if (self->scene == NULL)
    return;
  if (self->view.width <= 0)
    {
      self->fit_pending = TRUE; /* until there is a size */
      return;
    }
  self->fit_pending = FALSE;
  bounds = chd_scene_get_bounds (self->scene);
  chd_canvas_fit_rect (self, &bounds);
}
