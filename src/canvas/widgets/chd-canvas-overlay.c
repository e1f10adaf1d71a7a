/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is drawn above the scene while one works: selection, keyboard focus, the port under the pointer, and what the
 * running tool shows. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-canvas-private.h"
#include "chd-route.h"

#define RING 4.0 /* between a card and its ring, in view pixels */
#define BUBBLE_PADDING 10.0
#define BUBBLE_WIDTH 340.0
#define BUBBLE_LINE 17.0

/* Lengths that stay the same on the screen at every zoom. */
static double
pixels (ChdCanvas *self, double n)
{
  return n / self->view.scale;
}

static void
draw_ring (ChdCanvas *self, const ChdRect *rect, double distance, double width, double radius, const ChdColor *color)
{
  ChdRect ring = chd_rect_grown (rect, pixels (self, distance));

  self->painter->klass->box (self->painter, &ring, radius + pixels (self, distance), NULL, color, pixels (self, width),
                             CHD_EDGE_SOLID);
}

static void
draw_selected_nodes (ChdCanvas *self)
{
  ChdRect visible = chd_viewport_get_visible (&self->view);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));

  if (self->tool == CHD_TOOL_MOVE && self->tool_moved)
    return;
  chd_scene_query_nodes (self->scene, &visible, found);
  for (guint i = 0; i < found->len; i++)
    {
      guint index = g_array_index (found, guint, i);
      ChdRect card = chd_scene_get_card_rect (self->scene, index);

      if (chd_canvas_is_selected (self, CHD_ITEM_NODE, chd_scene_get_node (self->scene, index)->item->item.id))
        draw_ring (self, &card, RING, 2.5, CHD_CARD_RADIUS, &self->palette.accent);
    }
}

/* A dashed ring around what a search has found; the selection's ring is drawn above it. */
static void
draw_matches (ChdCanvas *self)
{
  ChdRect visible = chd_viewport_get_visible (&self->view);
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));
  ChdColor faint = chd_color_fade (self->palette.accent, 0.18);

  chd_scene_query_nodes (self->scene, &visible, found);
  for (guint i = 0; i < found->len; i++)
    {
      guint index = g_array_index (found, guint, i);
      ChdRect card = chd_scene_get_card_rect (self->scene, index);
      ChdRect ring = chd_rect_grown (&card, pixels (self, RING));

      if (g_hash_table_contains (self->matches, chd_scene_get_node (self->scene, index)->item->item.id))
        self->painter->klass->box (self->painter, &ring, CHD_CARD_RADIUS + pixels (self, RING), &faint,
                                   &self->palette.accent, pixels (self, 2), CHD_EDGE_DASHED);
    }
}

/* Selected nodes inside of collapsed lanes: around what stands for them. */
static void
draw_selected_hidden (ChdCanvas *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->selection);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      guint index = chd_scene_find_node (self->scene, id);
      const ChdSceneNode *node = index != CHD_NO_INDEX ? chd_scene_get_node (self->scene, index) : NULL;

      if (node != NULL && node->hidden)
        {
          ChdRect bar = { node->x - CHD_CARD_WIDTH / 2, node->y - 2, CHD_CARD_WIDTH, 4 };

          draw_ring (self, &bar, RING, 2.5, 2, &self->palette.accent);
        }
    }
}

static void
draw_selected_others (ChdCanvas *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->selection);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (self->selection_kind == CHD_ITEM_LINK)
      {
        guint link = chd_scene_find_link (self->scene, id);

        if (link != CHD_NO_INDEX)
          chd_draw_way (self->painter, chd_scene_get_link (self->scene, link)->points,
                        chd_scene_get_link (self->scene, link)->n_points, 3.5, &self->palette.accent);
      }
    else
      {
        guint lane = chd_scene_find_lane (self->scene, id);

        if (lane != CHD_NO_INDEX)
          draw_ring (self, &chd_scene_get_lane (self->scene, lane)->rect, 0, 2.5, CHD_LANE_RADIUS,
                     &self->palette.accent);
      }
}

static void
draw_focus (ChdCanvas *self)
{
  guint index = self->focus != NULL ? chd_scene_find_node (self->scene, self->focus) : CHD_NO_INDEX;
  GtkWidget *focused = gtk_widget_get_focus_child (GTK_WIDGET (self));
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  ChdRect card;

  if (index == CHD_NO_INDEX || !CHD_IS_CANVAS_PROXY (focused) || !GTK_IS_WINDOW (root) ||
      !gtk_window_get_focus_visible (GTK_WINDOW (root)) || self->tool != CHD_TOOL_NONE)
    return;
  card = chd_scene_get_card_rect (self->scene, index);
  draw_ring (self, &card, RING + 4.5, 2, CHD_CARD_RADIUS, &self->palette.text);
}

static void
draw_port (ChdCanvas *self, guint node)
{
  ChdPoint port = chd_scene_get_port (self->scene, node, CHD_LINKS_OUT);
  double radius = MAX (8, pixels (self, 8));
  ChdRect halo = { port.x - radius * 1.5, port.y - radius * 1.5, 3 * radius, 3 * radius };
  ChdRect dot = { port.x - radius, port.y - radius, 2 * radius, 2 * radius };
  ChdColor faint = chd_color_fade (self->palette.accent, 0.25);
  ChdRect level = { port.x - radius / 2, port.y - 1, radius, 2 };
  ChdRect upright = { port.x - 1, port.y - radius / 2, 2, radius };

  self->painter->klass->box (self->painter, &halo, 1.5 * radius, &faint, NULL, 0, CHD_EDGE_SOLID);
  self->painter->klass->box (self->painter, &dot, radius, &self->palette.accent, NULL, 0, CHD_EDGE_SOLID);
  self->painter->klass->box (self->painter, &level, 0, &self->palette.background, NULL, 0, CHD_EDGE_SOLID);
  self->painter->klass->box (self->painter, &upright, 0, &self->palette.background, NULL, 0, CHD_EDGE_SOLID);
}

/* Words beside the pointer, at the size of the screen whatever the zoom, and inside the view. */
static void
draw_bubble (ChdCanvas *self, const ChdPoint *at, const char *text, const ChdColor *color)
{
  GtkSnapshot *snapshot = chd_snapshot_painter_get_target (self->painter);
  g_auto (GStrv) lines = chd_painter_fit_lines (self->painter, CHD_FONT_SUBTITLE, text, BUBBLE_WIDTH, 3);
  guint n_lines = g_strv_length (lines);
  double factor = pixels (self, 1), widest = 0;
  ChdPoint place = chd_viewport_to_view (&self->view, at->x, at->y);
  ChdRect box;

  for (guint i = 0; i < n_lines; i++)
    {
      double width;
      g_autofree char *line = chd_painter_fit (self->painter, CHD_FONT_SUBTITLE, lines[i], BUBBLE_WIDTH + 1, &width);

      widest = MAX (widest, width);
    }
  box = (ChdRect){ 0, 0, widest + 2 * BUBBLE_PADDING, 12 + n_lines * BUBBLE_LINE };
  place.x = CLAMP (place.x + 16, 4, MAX (self->view.width - box.width - 4, 4));
  place.y = CLAMP (place.y + 18, 4, MAX (self->view.height - box.height - 4, 4));
  place = chd_viewport_to_scene (&self->view, place.x, place.y);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) place.x, (float) place.y));
  gtk_snapshot_scale (snapshot, (float) factor, (float) factor);
  self->painter->klass->box (self->painter, &box, 8, &self->palette.card, color, 1.5, CHD_EDGE_SOLID);
  for (guint i = 0; i < n_lines; i++)
    self->painter->klass->text (self->painter, BUBBLE_PADDING, 18.5 + i * BUBBLE_LINE, CHD_FONT_SUBTITLE,
                                &self->palette.text, lines[i]);
  gtk_snapshot_restore (snapshot);
}

void
chd_canvas_draw_bubble (ChdCanvas *self, const char *text)
{
  draw_bubble (self, &self->tool_now, text, &self->palette.accent);
}

static void
draw_target_lane (ChdCanvas *self)
{
  const ChdSceneLane *lane;
  ChdColor faint = chd_color_fade (self->palette.accent, 0.10);

  if (self->tool_lane >= chd_scene_get_n_lanes (self->scene))
    return;
  lane = chd_scene_get_lane (self->scene, self->tool_lane);
  self->painter->klass->box (self->painter, &lane->rect, CHD_LANE_RADIUS, &faint, &self->palette.accent,
                             pixels (self, 2), CHD_EDGE_SOLID);
}

/* The lane's name for the bubble: (nullable). */
static const char *
target_lane_title (ChdCanvas *self)
{
  const ChdUnit *unit;

  if (self->tool_lane >= chd_scene_get_n_lanes (self->scene))
    return NULL;
  unit = chd_scene_get_lane (self->scene, self->tool_lane)->item;
  return unit != NULL ? chd_item_get_title (unit) : NULL;
}

static ChdPoint
moved (ChdPoint point, ChdPoint by)
{
  return (ChdPoint){ point.x + by.x, point.y + by.y };
}

static void
draw_carried_link (ChdCanvas *self, const ChdLink *link)
{
  guint from = chd_scene_find_node (self->scene, link->from), to = chd_scene_find_node (self->scene, link->to);
  ChdPoint points[CHD_ROUTE_MAX_POINTS], start, end;

  if (from == CHD_NO_INDEX || to == CHD_NO_INDEX)
    return;
  start = chd_scene_get_port (self->scene, from, CHD_LINKS_OUT);
  end = chd_scene_get_port (self->scene, to, CHD_LINKS_IN);
  if (chd_canvas_is_selected (self, CHD_ITEM_NODE, link->from))
    start = moved (start, self->tool_offset);
  if (chd_canvas_is_selected (self, CHD_ITEM_NODE, link->to))
    end = moved (end, self->tool_offset);
  chd_draw_way (self->painter, points, chd_route_plain (start, end, points), 2, &self->palette.link);
}

/* Links that have an end among the carried cards follow them; one between two of them is drawn from its source. */
static void
draw_carried_links (ChdCanvas *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->selection);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    for (guint direction = 0; direction < 2; direction++)
      {
        GPtrArray *links = chd_chain_get_links (self->chain, id, direction);

        for (guint i = 0; i < links->len; i++)
          {
            const ChdLink *link = g_ptr_array_index (links, i);

            if (chd_tool_move_copies (self) && !(chd_canvas_is_selected (self, CHD_ITEM_NODE, link->from) &&
                                                 chd_canvas_is_selected (self, CHD_ITEM_NODE, link->to)))
              continue;
            if (direction == CHD_LINKS_OUT || !chd_canvas_is_selected (self, CHD_ITEM_NODE, link->from))
              draw_carried_link (self, link);
          }
      }
}

static void
draw_carried (ChdCanvas *self, GtkSnapshot *snapshot)
{
  const char *title = target_lane_title (self);
  guint grabbed = chd_scene_find_node (self->scene, self->tool_node);
  GHashTableIter iter;
  gpointer id;

  draw_target_lane (self);
  if (self->tool_link < chd_scene_get_n_links (self->scene))
    chd_draw_way (self->painter, chd_scene_get_link (self->scene, self->tool_link)->points,
                  chd_scene_get_link (self->scene, self->tool_link)->n_points, 5, &self->palette.accent);
  draw_carried_links (self);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) self->tool_offset.x, (float) self->tool_offset.y));
  g_hash_table_iter_init (&iter, self->selection);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      guint index = chd_scene_find_node (self->scene, id);
      ChdRect card;

      if (index == CHD_NO_INDEX || chd_scene_get_node (self->scene, index)->hidden)
        continue;
      card = chd_scene_get_card_rect (self->scene, index);
      if (self->detail == CHD_DETAIL_FULL)
        chd_draw_card (self->painter, &self->palette, self->scene, index);
      else
        chd_draw_far_card (self->painter, &self->palette, self->scene, index);
      draw_ring (self, &card, RING, 2.5, CHD_CARD_RADIUS, &self->palette.accent);
    }
  gtk_snapshot_restore (snapshot);
  if (grabbed != CHD_NO_INDEX)
    {
      const ChdSceneNode *node = chd_scene_get_node (self->scene, grabbed);
      ChdPoint at = { node->x + self->tool_offset.x, node->y + self->tool_offset.y };

      chd_canvas_draw_guides (self, &at);
    }
  if (self->tool_link < chd_scene_get_n_links (self->scene))
    draw_bubble (self, &self->tool_now, _ ("Insert here"), &self->palette.accent);
  else if (title != NULL)
    {
      g_autofree char *text =
          chd_tool_move_copies (self)
              /* Translators: shown while a copy of a node is dragged: the unit it would belong to */
              ? g_strdup_printf (_ ("Copy to %s"), title)
              /* Translators: shown while a node is dragged: the unit it would belong to */
              : g_strdup_printf (_ ("To %s"), title);

      draw_bubble (self, &self->tool_now, text, &self->palette.accent);
    }
}

static void
draw_new_link (ChdCanvas *self)
{
  guint from = chd_scene_find_node (self->scene, self->tool_node);
  guint to = self->tool_target != NULL ? chd_scene_find_node (self->scene, self->tool_target) : CHD_NO_INDEX;
  const ChdColor *color = self->tool_reason != NULL ? &self->palette.wrong : &self->palette.accent;
  ChdPoint points[CHD_ROUTE_MAX_POINTS], end = self->tool_now;

  if (from == CHD_NO_INDEX)
    return;
  if (to != CHD_NO_INDEX)
    {
      ChdRect card = chd_scene_get_card_rect (self->scene, to);
      ChdColor faint = chd_color_fade (*color, 0.12);

      self->painter->klass->box (self->painter, &card, CHD_CARD_RADIUS, &faint, NULL, 0, CHD_EDGE_SOLID);
      draw_ring (self, &card, RING, 3, CHD_CARD_RADIUS, color);
      if (self->tool_reason == NULL)
        end = chd_scene_get_port (self->scene, to, CHD_LINKS_IN);
    }
  chd_draw_way (self->painter, points,
                chd_route_plain (chd_scene_get_port (self->scene, from, CHD_LINKS_OUT), end, points), 3, color);
  draw_port (self, from);
  if (self->tool_reason != NULL)
    draw_bubble (self, &self->tool_now, self->tool_reason, color);
  else if (to != CHD_NO_INDEX)
    {
      /* Translators: shown while a link is drawn to a node: its title */
      g_autofree char *text =
          g_strdup_printf (_ ("Leads to “%s”"), chd_item_get_title (chd_scene_get_node (self->scene, to)->item));

      draw_bubble (self, &self->tool_now, text, color);
    }
}

static void
draw_band (ChdCanvas *self)
{
  ChdRect band = chd_rect_between (self->tool_start.x, self->tool_start.y, self->tool_now.x, self->tool_now.y);
  ChdColor faint = chd_color_fade (self->palette.accent, 0.15);

  self->painter->klass->box (self->painter, &band, 0, &faint, &self->palette.accent, pixels (self, 1), CHD_EDGE_SOLID);
}

/* Where something from the palette would land. */
static void
draw_drop (ChdCanvas *self)
{
  if (self->tool_link < chd_scene_get_n_links (self->scene))
    {
      const ChdSceneLink *link = chd_scene_get_link (self->scene, self->tool_link);

      chd_draw_way (self->painter, link->points, link->n_points, 5, &self->palette.accent);
      draw_bubble (self, &self->tool_now, _ ("Insert here"), &self->palette.accent);
    }
  else if (self->tool_lane != CHD_NO_INDEX)
    {
      draw_target_lane (self);
      if (target_lane_title (self) != NULL)
        {
          g_autofree char *text = g_strdup_printf (_ ("To %s"), target_lane_title (self));

          draw_bubble (self, &self->tool_now, text, &self->palette.accent);
        }
    }
}

static void
draw_tool (ChdCanvas *self, GtkSnapshot *snapshot)
{
  switch (self->tool)
    {
    case CHD_TOOL_MOVE:
      if (self->tool_moved)
        draw_carried (self, snapshot);
      break;
    case CHD_TOOL_LINK:
      draw_new_link (self);
      break;
    case CHD_TOOL_BAND:
      if (self->tool_moved)
        draw_band (self);
      break;
    case CHD_TOOL_LANE:
      chd_tool_lane_draw (self);
      break;
    case CHD_TOOL_NONE:
      if (self->editable && self->hover.kind == CHD_HIT_PORT && self->hover.index < chd_scene_get_n_nodes (self->scene))
        draw_port (self, self->hover.index);
      draw_drop (self);
      break;
    case CHD_TOOL_PAN:
    default:
      break;
    }
}

void
chd_canvas_draw_overlay (ChdCanvas *self, GtkSnapshot *snapshot)
{
  chd_snapshot_painter_set_target (self->painter, snapshot);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, (float) self->view.scale, (float) self->view.scale);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) -self->view.x, (float) -self->view.y));
  if (self->matches != NULL)
    draw_matches (self);
  if (self->selection_kind == CHD_ITEM_NODE && g_hash_table_size (self->selection) > 0)
    {
      draw_selected_nodes (self);
      draw_selected_hidden (self);
    }
  else
    draw_selected_others (self);
  draw_focus (self);
  draw_tool (self, snapshot);
  gtk_snapshot_restore (snapshot);
}

void
chd_canvas_draw_hint (ChdCanvas *self, GtkSnapshot *snapshot)
{
  gboolean has_units = chd_chain_get_n_items (self->chain, CHD_ITEM_UNIT) > 0;
  const char *heading = has_units ? _ ("Add the first node") : _ ("Add the first unit");
  const char *body =
      has_units ? _ ("Drag one from the left into a unit, or press N.") : _ ("Drag one from the left, or press N.");
  double heading_width, body_width;
  g_autofree char *first =
      chd_painter_fit (self->painter, CHD_FONT_LARGE, heading, self->view.width - 32, &heading_width);
  g_autofree char *second = chd_painter_fit (self->painter, CHD_FONT_BODY, body, self->view.width - 32, &body_width);
  ChdRect scene = chd_scene_get_bounds (self->scene);
  ChdRect lanes = chd_viewport_rect_to_view (&self->view, &scene);
  /* Below the lanes when there are some. */
  double y = has_units && lanes.y + lanes.height + 90 < self->view.height ? lanes.y + lanes.height + 50
                                                                          : self->view.height / 2 - 10;

  chd_snapshot_painter_set_target (self->painter, snapshot);
  self->painter->klass->text (self->painter, (self->view.width - heading_width) / 2, y, CHD_FONT_LARGE,
                              &self->palette.dim, first);
  self->painter->klass->text (self->painter, (self->view.width - body_width) / 2, y + 28, CHD_FONT_BODY,
                              &self->palette.dim, second);
}
