/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The minimap: all cards as dots, the visible part as a frame. What it shows of the scene is kept as one render node
 * until the scene or the style changes; the frame is drawn over it. */

#include "config.h"

#include "chd-minimap.h"

#include <glib/gi18n-lib.h>

#include "chd-canvas-private.h"

#define WIDTH 184
#define HEIGHT 116
#define PADDING 6.0
#define MAX_CARDS 20000 /* more would be less than a pixel each */
#define KEY_STEP 0.2    /* of the view */

struct _ChdMinimap
{
  GtkWidget parent_instance;

  ChdCanvas *canvas;      /* (nullable) */
  ChdScene *scene;        /* (nullable): the one whose signals we hear */
  GskRenderNode *picture; /* (nullable) */
  ChdViewport view;       /* shows all of the scene */
};

G_DEFINE_FINAL_TYPE (ChdMinimap, chd_minimap, GTK_TYPE_WIDGET)

static void
drop_picture (ChdMinimap *self)
{
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
follow_chain (ChdMinimap *self)
{
  ChdScene *scene = self->canvas != NULL ? self->canvas->scene : NULL;

  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_data (self->scene, self);
  g_set_object (&self->scene, scene);
  if (scene != NULL)
    {
      g_signal_connect_swapped (scene, "changed", G_CALLBACK (drop_picture), self);
      g_signal_connect_swapped (scene, "node-changed", G_CALLBACK (drop_picture), self);
    }
  drop_picture (self);
}

static GdkRGBA
to_rgba (const ChdColor *color)
{
  return (GdkRGBA){ (float) color->red, (float) color->green, (float) color->blue, (float) color->alpha };
}

static void
append_rect (ChdMinimap *self, GtkSnapshot *snapshot, const ChdRect *rect, const ChdColor *color)
{
  ChdRect place = chd_viewport_rect_to_view (&self->view, rect);
  GdkRGBA rgba = to_rgba (color);

  gtk_snapshot_append_color (snapshot, &rgba,
                             &GRAPHENE_RECT_INIT ((float) place.x, (float) place.y, (float) MAX (place.width, 1),
                                                  (float) MAX (place.height, 1)));
}

static void
draw_picture (ChdMinimap *self)
{
  const ChdPalette *palette = &self->canvas->palette;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  guint n = chd_scene_get_n_nodes (self->scene);
  ChdRect bounds = chd_scene_get_bounds (self->scene);
  ChdColor lane = chd_color_fade (palette->text, 0.06);

  chd_viewport_fit (&self->view, &bounds, PADDING, 1e-6, 0.25);
  for (guint i = 0; i < chd_scene_get_n_lanes (self->scene); i++)
    if (!chd_scene_get_lane (self->scene, i)->hidden)
      append_rect (self, snapshot, &chd_scene_get_lane (self->scene, i)->rect, &lane);
  for (guint i = 0; i < n; i += 1 + n / MAX_CARDS)
    {
      ChdRect card = chd_scene_get_card_rect (self->scene, i);
      ChdNodeState state = chd_scene_get_node (self->scene, i)->state;

      if (!chd_scene_get_node (self->scene, i)->hidden)
        append_rect (self, snapshot, &card, state == CHD_NODE_DRAFT ? &palette->link : &palette->states[state]);
    }
  self->picture = gtk_snapshot_free_to_node (snapshot);
}

static void
draw_frame (ChdMinimap *self, GtkSnapshot *snapshot)
{
  ChdRect visible = chd_viewport_get_visible (&self->canvas->view);
  ChdRect frame = chd_viewport_rect_to_view (&self->view, &visible);
  GdkRGBA accent = to_rgba (&self->canvas->palette.accent);
  const GdkRGBA colors[4] = { accent, accent, accent, accent };
  const float widths[4] = { 2, 2, 2, 2 };
  double right = MIN (frame.x + frame.width, self->view.width),
         bottom = MIN (frame.y + frame.height, self->view.height);
  graphene_rect_t bounds;
  GskRoundedRect outline;

  frame.x = MAX (frame.x, 0);
  frame.y = MAX (frame.y, 0);
  bounds = GRAPHENE_RECT_INIT ((float) frame.x, (float) frame.y, (float) MAX (right - frame.x, 4),
                               (float) MAX (bottom - frame.y, 4));
  accent.alpha = 0.12f;
  gtk_snapshot_append_color (snapshot, &accent, &bounds);
  gsk_rounded_rect_init_from_rect (&outline, &bounds, 3);
  gtk_snapshot_append_border (snapshot, &outline, widths, colors);
}

static void
chd_minimap_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ChdMinimap *self = CHD_MINIMAP (widget);
  GdkRGBA background;
  graphene_rect_t all;

  if (self->scene == NULL || chd_scene_get_n_lanes (self->scene) == 0)
    return;
  self->view.width = gtk_widget_get_width (widget);
  self->view.height = gtk_widget_get_height (widget);
  all = GRAPHENE_RECT_INIT (0, 0, (float) self->view.width, (float) self->view.height);
  background = to_rgba (&self->canvas->palette.background);
  background.alpha = 0.92f;
  gtk_snapshot_append_color (snapshot, &background, &all);
  if (self->picture == NULL)
    draw_picture (self);
  gtk_snapshot_push_clip (snapshot, &all);
  if (self->picture != NULL)
    gtk_snapshot_append_node (snapshot, self->picture);
  draw_frame (self, snapshot);
  gtk_snapshot_pop (snapshot);
  if (gtk_widget_is_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0, self->view.width,
                               self->view.height);
}

static void
chd_minimap_measure (GtkWidget *widget,
                     GtkOrientation orientation,
                     int for_size,
                     int *minimum,
                     int *natural,
                     int *minimum_baseline,
                     int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
chd_minimap_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  drop_picture (CHD_MINIMAP (widget));
}

/* Brings a place of the minimap to the middle of the canvas. */
static void
look_at (ChdMinimap *self, double x, double y)
{
  ChdPoint at = chd_viewport_to_scene (&self->view, x, y);
  ChdViewport *view = &self->canvas->view;

  if (self->scene == NULL)
    return;
  view->x = at.x - view->width / view->scale / 2;
  view->y = at.y - view->height / view->scale / 2;
  chd_canvas_view_changed (self->canvas);
}

static void
drag_begin_cb (GtkGestureDrag *gesture, double x, double y, ChdMinimap *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  look_at (self, x, y);
}

static void
drag_update_cb (GtkGestureDrag *gesture, double dx, double dy, ChdMinimap *self)
{
  double x, y;

  if (gtk_gesture_drag_get_start_point (gesture, &x, &y))
    look_at (self, x + dx, y + dy);
}

static gboolean
key_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  ChdMinimap *self = CHD_MINIMAP (widget);
  ChdViewport *view;
  int x, y;

  if (self->canvas == NULL)
    return GDK_EVENT_PROPAGATE;
  view = &self->canvas->view;
  g_variant_get (args, "(ii)", &x, &y);
  view->x += x * KEY_STEP * view->width / view->scale;
  view->y += y * KEY_STEP * view->height / view->scale;
  chd_canvas_view_changed (self->canvas);
  return GDK_EVENT_STOP;
}

static void
chd_minimap_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (chd_minimap_parent_class)->css_changed (widget, change);
  drop_picture (CHD_MINIMAP (widget));
}

static void
chd_minimap_dispose (GObject *object)
{
  ChdMinimap *self = CHD_MINIMAP (object);

  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_data (self->scene, self);
  g_clear_object (&self->scene);
  g_clear_pointer (&self->picture, gsk_render_node_unref);
  g_clear_weak_pointer (&self->canvas);
  G_OBJECT_CLASS (chd_minimap_parent_class)->dispose (object);
}

static void
chd_minimap_class_init (ChdMinimapClass *klass)
{
  static const struct
  {
    guint key;
    int x, y;
  } keys[] = {
    { GDK_KEY_Left, -1, 0 },
    { GDK_KEY_Right, 1, 0 },
    { GDK_KEY_Up, 0, -1 },
    { GDK_KEY_Down, 0, 1 },
  };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = chd_minimap_dispose;
  widget_class->measure = chd_minimap_measure;
  widget_class->size_allocate = chd_minimap_size_allocate;
  widget_class->snapshot = chd_minimap_snapshot;
  widget_class->css_changed = chd_minimap_css_changed;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding (widget_class, keys[i].key, 0, key_cb, "(ii)", keys[i].x, keys[i].y);
  gtk_widget_class_set_css_name (widget_class, "chain-minimap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
chd_minimap_init (ChdMinimap *self)
{
  GtkGesture *drag = gtk_gesture_drag_new ();

  g_signal_connect (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (drag_update_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), _ ("The whole chain; drag to move the view"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Minimap"), -1);
}

/* Where all is in view there is nothing to look for, and the map would only cover it. The view may change while sizes
 * are given out, so the map fades instead of leaving its place. */
static void
view_changed_cb (ChdMinimap *self)
{
  ChdRect visible = chd_viewport_get_visible (&self->canvas->view);
  ChdScene *scene = chd_canvas_get_scene (self->canvas);
  ChdRect bounds = scene != NULL ? chd_scene_get_bounds (scene) : visible;
  gboolean useful = bounds.x < visible.x || bounds.y < visible.y ||
                    bounds.x + bounds.width > visible.x + visible.width ||
                    bounds.y + bounds.height > visible.y + visible.height;

  gtk_widget_set_opacity (GTK_WIDGET (self), useful ? 1 : 0);
  gtk_widget_set_can_target (GTK_WIDGET (self), useful);
  gtk_widget_set_focusable (GTK_WIDGET (self), useful);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
chd_minimap_new (ChdCanvas *canvas)
{
  ChdMinimap *self = g_object_new (CHD_TYPE_MINIMAP, NULL);

  g_set_weak_pointer (&self->canvas, canvas);
  g_signal_connect_object (canvas, "notify::chain", G_CALLBACK (follow_chain), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (canvas, "view-changed", G_CALLBACK (view_changed_cb), self, G_CONNECT_SWAPPED);
  follow_chain (self);
  view_changed_cb (self);
  return GTK_WIDGET (self);
}
