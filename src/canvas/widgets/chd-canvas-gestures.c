/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Event controllers. They only translate: what happens is in the tools and in the click function. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "chd-canvas-private.h"
#include "chd-edit.h"

#define ZOOM_NOTCH 1.1

/* The id of what was hit, for selection: (nullable). */
static const char *
id_of_hit (ChdCanvas *self, ChdHit hit, ChdItemKind *kind)
{
  switch (hit.kind)
    {
    case CHD_HIT_NODE:
    case CHD_HIT_PORT:
      *kind = CHD_ITEM_NODE;
      return chd_scene_get_node (self->scene, hit.index)->item->item.id;
    case CHD_HIT_LINK:
      *kind = CHD_ITEM_LINK;
      return chd_scene_get_link (self->scene, hit.index)->item->item.id;
    case CHD_HIT_LANE_HEADER:
    case CHD_HIT_LANE_ARROW:
      *kind = CHD_ITEM_UNIT;
      return chd_scene_get_lane (self->scene, hit.index)->item != NULL
                 ? chd_scene_get_lane (self->scene, hit.index)->item->item.id
                 : NULL;
    case CHD_HIT_LANE:
    case CHD_HIT_NOTHING:
    default:
      *kind = CHD_ITEM_NODE;
      return NULL;
    }
}

static gboolean
rename_cb (gpointer user_data)
{
  ChdCanvas *self = user_data;

  self->rename_timeout = 0;
  if (self->focus != NULL && self->editable && g_hash_table_size (self->selection) == 1 &&
      chd_canvas_is_selected (self, CHD_ITEM_NODE, self->focus))
    chd_canvas_start_editor (self, CHD_ITEM_NODE, self->focus);
  return G_SOURCE_REMOVE;
}

/* A click on the node that alone is selected already, and not the first half of a double click. */
static void
wait_for_rename (ChdCanvas *self)
{
  int double_click_time;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-double-click-time", &double_click_time, NULL);
  self->rename_timeout = g_timeout_add ((guint) double_click_time + 100, rename_cb, self);
}

static void
select_by_click (ChdCanvas *self, ChdHit hit, GdkModifierType modifiers)
{
  ChdItemKind kind;
  const char *id = id_of_hit (self, hit, &kind);
  gboolean add = (modifiers & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) != 0;
  gboolean again = self->pressed_again && id != NULL && kind == CHD_ITEM_NODE && !add;

  if (id != NULL && add)
    chd_canvas_toggle (self, kind, id);
  else if (id != NULL || !add)
    chd_canvas_select_one (self, kind, id);
  if (id != NULL && kind == CHD_ITEM_NODE)
    chd_canvas_set_focus_node (self, id, TRUE);
  else if (!gtk_widget_has_focus (GTK_WIDGET (self)))
    GTK_WIDGET_GET_CLASS (self)->grab_focus (GTK_WIDGET (self));
  if (again && self->editable)
    wait_for_rename (self);
  self->pressed_again = FALSE;
}

static void
activate_by_click (ChdCanvas *self, ChdHit hit, double x, double y)
{
  ChdPoint at = chd_canvas_to_scene (self, x, y);
  ChdItemKind kind;
  const char *id = id_of_hit (self, hit, &kind);

  if (id != NULL && kind == CHD_ITEM_NODE)
    {
      g_autofree char *copy = g_strdup (id);

      chd_canvas_emit_activate (self, copy);
    }
  else if (id != NULL && kind == CHD_ITEM_UNIT && self->editable)
    chd_canvas_start_editor (self, kind, id);
  else if ((hit.kind == CHD_HIT_LANE || hit.kind == CHD_HIT_NOTHING) && self->editable &&
           chd_scene_get_n_lanes (self->scene) > 0)
    {
      g_autofree char *made =
          chd_edit_add_node (self->scene, "node", NULL, chd_scene_lane_at (self->scene, at.x, at.y), at.x, at.y);

      chd_canvas_present_new (self, made, "node");
    }
}

/* A press and release without a drag between them. */
void
chd_canvas_click (ChdCanvas *self, int n_press, double x, double y, GdkModifierType modifiers)
{
  ChdHit hit = chd_canvas_hit (self, x, y);

  g_clear_handle_id (&self->rename_timeout, g_source_remove);
  if (self->scene == NULL)
    return;
  chd_canvas_stop_editor (self, TRUE);
  if (hit.kind == CHD_HIT_LANE_ARROW && self->editable)
    chd_canvas_toggle_lane (self, hit.index);
  else if (n_press == 2)
    activate_by_click (self, hit, x, y);
  else if (n_press == 1)
    select_by_click (self, hit, modifiers);
}

void
chd_canvas_pointer_moved (ChdCanvas *self, double x, double y)
{
  ChdHit hit = chd_canvas_hit (self, x, y);

  self->pointer = (ChdPoint){ x, y };
  if (hit.kind == self->hover.kind && hit.index == self->hover.index)
    return;
  if (hit.kind == CHD_HIT_PORT || self->hover.kind == CHD_HIT_PORT)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->hover = hit;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), self->space_held                             ? "grab"
                                                      : hit.kind == CHD_HIT_PORT && self->editable ? "crosshair"
                                                      : hit.kind == CHD_HIT_LINK                   ? "pointer"
                                                                                                   : NULL);
}

static GdkModifierType
modifiers_of (gpointer controller)
{
  return gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
}

static gboolean
is_in_editor (ChdCanvas *self, double x, double y)
{
  GtkWidget *picked = gtk_widget_pick (GTK_WIDGET (self), x, y, GTK_PICK_DEFAULT);

  return self->editor != NULL && picked != NULL &&
         (picked == self->editor || gtk_widget_is_ancestor (picked, self->editor));
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, ChdCanvas *self)
{
  if (is_in_editor (self, x, y))
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  chd_canvas_tool_begin (self, x, y, modifiers_of (gesture));
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, ChdCanvas *self)
{
  double x, y;

  if (!gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  chd_canvas_tool_update (self, x + dx, y + dy, modifiers_of (gesture));
  if (self->tool_moved)
    g_clear_handle_id (&self->rename_timeout, g_source_remove);
}

static void
drag_end_cb (GtkGestureDrag *gesture, double dx, double dy, ChdCanvas *self)
{
  double x, y;
  gboolean is_click = !self->tool_moved && self->tool != CHD_TOOL_PAN;

  if (!gtk_gesture_drag_get_start_point (gesture, &x, &y))
    return;
  chd_canvas_tool_end (self, x + dx, y + dy, modifiers_of (gesture));
  /* What was a drag is no click any more. */
  if (!is_click)
    gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  self->was_drag = !is_click;
}

static void
drag_cancel_cb (GtkGesture *gesture, GdkEventSequence *sequence, ChdCanvas *self)
{
  chd_canvas_tool_cancel (self);
}

static void
pan_begin_cb (GtkGestureDrag *gesture, double x, double y, ChdCanvas *self)
{
  chd_canvas_pan_begin (self, x, y);
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, ChdCanvas *self)
{
  ChdHit hit = chd_canvas_hit (self, x, y);
  ChdItemKind kind;
  const char *id = self->scene != NULL ? id_of_hit (self, hit, &kind) : NULL;

  if (is_in_editor (self, x, y))
    return;
  self->was_drag = FALSE;
  self->pressed_again = id != NULL && kind == CHD_ITEM_NODE && chd_canvas_is_selected (self, kind, id) &&
                        g_hash_table_size (self->selection) == 1 && g_strcmp0 (self->focus, id) == 0;
  /* A second press comes before the first click could begin to rename. */
  g_clear_handle_id (&self->rename_timeout, g_source_remove);
  /* The keyboard follows a press at once; the selection waits for the release, it could become a drag of many. */
  if (id != NULL && kind == CHD_ITEM_NODE && !chd_canvas_is_selected (self, kind, id) &&
      (modifiers_of (gesture) & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) == 0)
    {
      chd_canvas_stop_editor (self, TRUE);
      chd_canvas_select_one (self, kind, id);
    }
}

static void
released_cb (GtkGestureClick *gesture, int n_press, double x, double y, ChdCanvas *self)
{
  if (!self->was_drag && !is_in_editor (self, x, y))
    chd_canvas_click (self, n_press, x, y, modifiers_of (gesture));
}

static void
open_menu (ChdCanvas *self, double x, double y)
{
  ChdHit hit = chd_canvas_hit (self, x, y);
  ChdItemKind kind;
  g_autofree char *id = NULL;

  if (self->scene == NULL)
    return;
  chd_canvas_stop_editor (self, TRUE);
  id = g_strdup (id_of_hit (self, hit, &kind));
  if (id != NULL && !chd_canvas_is_selected (self, kind, id))
    chd_canvas_select_one (self, kind, id);
  if (id != NULL && kind == CHD_ITEM_NODE)
    chd_canvas_set_focus_node (self, id, TRUE);
  self->menu_at = chd_canvas_to_scene (self, x, y);
  chd_canvas_emit_menu (self, x, y, id);
}

static void
menu_pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, ChdCanvas *self)
{
  if (!is_in_editor (self, x, y))
    open_menu (self, x, y);
}

static void
long_pressed_cb (GtkGestureLongPress *gesture, double x, double y, ChdCanvas *self)
{
  chd_canvas_tool_cancel (self);
  open_menu (self, x, y);
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, ChdCanvas *self)
{
  double factor;

  if ((modifiers_of (controller) & GDK_CONTROL_MASK) == 0)
    return GDK_EVENT_PROPAGATE; /* the scrolled window scrolls */
  /* A notch is one step; a surface's way is proportional and bounded. */
  factor = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_WHEEL
               ? pow (ZOOM_NOTCH, -CLAMP (dy, -3, 3))
               : exp (-CLAMP (dy, -60, 60) * 0.005);
  chd_canvas_zoom_at (self, self->pointer.x, self->pointer.y, self->zoom * factor);
  return GDK_EVENT_STOP;
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, ChdCanvas *self)
{
  chd_canvas_tool_cancel (self);
  self->pinch_zoom = self->zoom;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, ChdCanvas *self)
{
  double x = self->pointer.x, y = self->pointer.y;

  gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y);
  chd_canvas_zoom_at (self, x, y, self->pinch_zoom * scale);
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, ChdCanvas *self)
{
  if (self->tool == CHD_TOOL_NONE)
    chd_canvas_pointer_moved (self, x, y);
}

static void
leave_cb (GtkEventControllerMotion *controller, ChdCanvas *self)
{
  if (self->hover.kind == CHD_HIT_PORT)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  self->hover = (ChdHit){ CHD_HIT_NOTHING, CHD_NO_INDEX };
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, ChdCanvas *self)
{
  if (chd_canvas_editor_has_focus (self))
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Escape && self->tool != CHD_TOOL_NONE)
    {
      chd_canvas_tool_cancel (self);
      return GDK_EVENT_STOP;
    }
  if (keyval == GDK_KEY_space && (state & (GDK_CONTROL_MASK | GDK_ALT_MASK)) == 0)
    {
      self->space_held = TRUE;
      gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grab");
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

static void
forget_keys (ChdCanvas *self)
{
  if (!self->space_held)
    return;
  self->space_held = FALSE;
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
}

static void
key_released_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state, ChdCanvas *self)
{
  if (keyval == GDK_KEY_space)
    forget_keys (self);
}

static void
focus_leave_cb (GtkEventControllerFocus *controller, ChdCanvas *self)
{
  forget_keys (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
focus_enter_cb (GtkEventControllerFocus *controller, ChdCanvas *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* What a card has no room for. */
static char *
dup_tooltip (ChdCanvas *self, ChdHit hit)
{
  const ChdSceneNode *node;
  const char *problems;
  g_autofree char *subtitle = NULL;

  if (hit.kind == CHD_HIT_LINK)
    return chd_scene_dup_link_label (self->scene, hit.index);
  if (hit.kind == CHD_HIT_PORT && self->editable)
    return g_strdup (_ ("Drag to another node to connect"));
  if (hit.kind != CHD_HIT_NODE)
    return NULL;
  node = chd_scene_get_node (self->scene, hit.index);
  subtitle = node->note != NULL ? g_strdup (node->note) : chd_scene_dup_subtitle (self->scene, hit.index);
  problems = chd_scene_get_problem_text (self->scene, hit.index);
  return g_strconcat (chd_item_get_title (node->item), "\n", subtitle, problems != NULL ? "\n" : NULL, problems, NULL);
}

static gboolean
tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  ChdCanvas *self = CHD_CANVAS (widget);
  g_autofree char *text = NULL;

  if (keyboard || self->scene == NULL || self->tool != CHD_TOOL_NONE || self->editor != NULL)
    return FALSE;
  text = dup_tooltip (self, chd_canvas_hit (self, x, y));
  gtk_tooltip_set_text (tooltip, text);
  return text != NULL;
}

static GtkGesture *
add_drag (ChdCanvas *self, guint button, GCallback begin)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), button);
  g_signal_connect (drag, "drag-begin", begin, self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (drag_end_cb), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (drag_cancel_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  return drag;
}

static void
add_touch (ChdCanvas *self)
{
  GtkGesture *long_press = gtk_gesture_long_press_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (long_press), TRUE);
  g_signal_connect (long_press, "pressed", G_CALLBACK (long_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (long_press));
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pinch));
}

static void
add_clicks (ChdCanvas *self)
{
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *menu = gtk_gesture_click_new ();

  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (menu), GDK_BUTTON_SECONDARY);
  g_signal_connect (menu, "pressed", G_CALLBACK (menu_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (menu));
  gtk_gesture_group (add_drag (self, GDK_BUTTON_PRIMARY, G_CALLBACK (drag_begin_cb)), click);
  add_drag (self, GDK_BUTTON_MIDDLE, G_CALLBACK (pan_begin_cb));
}

void
chd_canvas_add_controllers (ChdCanvas *self)
{
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  add_clicks (self);
  add_touch (self);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (tooltip_cb), NULL);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect (key, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  g_signal_connect (key, "key-released", G_CALLBACK (key_released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_leave_cb), self);
  g_signal_connect (focus, "enter", G_CALLBACK (focus_enter_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}
