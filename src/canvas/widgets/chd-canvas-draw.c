/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the canvas shows below the things that change while one works: lanes, links and cards. Each card and link is
 * drawn once and kept as a render node in the scene; a frame only appends those that the scene's index finds in view.
 * All of them together are kept as one layer while the view stays, so that a drag costs what moves. Far away, cards
 * are their titles, and farther away rectangles, kept in tiles. */

#include "config.h"

#include <math.h>

#include "chd-canvas-private.h"

#define FULL_SCALE 0.45 /* from here on a card's small texts can be read; drawing them below is what costs most */
#define FAR_SCALE 0.16
#define MAX_FAR_CARDS 160
#define MAX_PICTURES 6000
#define TILE 4096.0 /* scene units */
#define PLAIN_LINE 3.0

typedef struct
{
  GskRenderNode *node;  /* (nullable): nothing to be seen */
  GskRenderNode *label; /* (nullable) */
} Picture;

void
chd_canvas_free_picture (gpointer data)
{
  Picture *picture = data;

  g_clear_pointer (&picture->node, gsk_render_node_unref);
  g_clear_pointer (&picture->label, gsk_render_node_unref);
  g_free (picture);
}

void
chd_canvas_drop_drawings (ChdCanvas *self)
{
  if (self->scene != NULL)
    chd_scene_drop_pictures (self->scene);
  self->n_pictures = 0;
  g_ptr_array_set_size (self->lane_pictures, 0);
  g_hash_table_remove_all (self->plain_tiles);
  chd_canvas_invalidate (self);
}

void
chd_canvas_scene_changed (ChdCanvas *self)
{
  g_ptr_array_set_size (self->lane_pictures, 0);
  g_hash_table_remove_all (self->plain_tiles);
  chd_canvas_invalidate (self);
}

static gpointer
tile_key (int column, int row)
{
  return GSIZE_TO_POINTER (((guint64) (guint32) column << 32) | (guint32) row);
}

void
chd_canvas_node_state_changed (ChdCanvas *self, guint index)
{
  const ChdSceneNode *node = chd_scene_get_node (self->scene, index);

  /* A collapsed lane sums up the states inside. */
  if (node->hidden)
    g_ptr_array_set_size (self->lane_pictures, 0);
  g_hash_table_remove (self->plain_tiles, tile_key ((int) floor (node->x / TILE), (int) floor (node->y / TILE)));
  chd_canvas_invalidate (self);
}

static gboolean
look_up (GtkStyleContext *style, const char *const *names, ChdColor *color)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      GdkRGBA rgba;

      if (gtk_style_context_lookup_color (style, names[i], &rgba))
        {
          *color = (ChdColor){ rgba.red, rgba.green, rgba.blue, rgba.alpha };
          return TRUE;
        }
    }
  return FALSE;
}

void
chd_canvas_style_changed (ChdCanvas *self)
{
  static const char *const backgrounds[] = { "view_bg_color", "theme_base_color", NULL };
  static const char *const accents[] = { "accent_color", "accent_bg_color", "theme_selected_bg_color", NULL };
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  ChdColor background = { 1, 1, 1, 1 }, accent = { 0.21, 0.52, 0.89, 1 };
  GdkRGBA text;
  int dpi = -1;

  look_up (style, backgrounds, &background);
  look_up (style, accents, &accent);
  gtk_style_context_get_color (style, &text);
  chd_palette_init_from (&self->palette, background, (ChdColor){ text.red, text.green, text.blue, text.alpha }, accent);
  g_clear_pointer (&self->painter, chd_snapshot_painter_free);
  self->painter =
      chd_snapshot_painter_new (gtk_widget_create_pango_context (GTK_WIDGET (self)),
                                pango_font_description_get_family (pango_context_get_font_description (context)));
  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);
  /* Cards grow with the size that texts have on this desktop; 100 % is what can be read. */
  self->text_scale = dpi > 0 ? CLAMP (dpi / 98304.0, 0.5, 4) : 1;
  self->view.scale = self->zoom * self->text_scale;
  chd_canvas_drop_drawings (self);
}

/* Draws with @func into a node of its own. */
typedef void (*DrawFunc) (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint index);

static GskRenderNode *
record (ChdCanvas *self, DrawFunc func, guint index)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  chd_snapshot_painter_set_target (self->painter, snapshot);
  func (self->painter, &self->palette, self->scene, index);
  return gtk_snapshot_free_to_node (snapshot);
}

static void
draw_full_card (ChdCanvas *self, guint index)
{
  ChdSceneNode *node = chd_scene_get_node (self->scene, index);
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  Picture *picture = g_new0 (Picture, 1);

  chd_snapshot_painter_set_target (self->painter, snapshot);
  if (self->detail == CHD_DETAIL_FULL)
    {
      chd_draw_card (self->painter, &self->palette, self->scene, index);
      if (self->editable)
        {
          ChdPoint port = chd_scene_get_port (self->scene, index, CHD_LINKS_OUT);
          ChdRect dot = { port.x - 5, port.y - 5, 10, 10 };

          self->painter->klass->box (self->painter, &dot, 5, &self->palette.card, &self->palette.link, 1.5,
                                     CHD_EDGE_SOLID);
        }
    }
  else
    chd_draw_far_card (self->painter, &self->palette, self->scene, index);
  picture->node = gtk_snapshot_free_to_node (snapshot);
  node->picture = picture;
  self->n_pictures++;
}

static void
draw_full_link (ChdCanvas *self, guint index)
{
  ChdSceneLink *link = chd_scene_get_link (self->scene, index);
  Picture *picture = g_new0 (Picture, 1);

  picture->node = record (self, chd_draw_link, index);
  if (link->item->result != NULL)
    picture->label = record (self, chd_draw_link_label, index);
  link->picture = picture;
  self->n_pictures++;
}

/* Titles of lanes whose start is out of view stand at the view's edge, so that one knows where one is. */
static void
append_lane_title (GtkSnapshot *snapshot, GskRenderNode *title, const ChdRect *lane, const ChdRect *visible)
{
  graphene_rect_t bounds;
  double shift, most;

  gsk_render_node_get_bounds (title, &bounds);
  most = MAX (lane->x + lane->width - 16 - (bounds.origin.x + bounds.size.width), 0);
  shift = CLAMP (visible->x + 8 - lane->x, 0, most);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) shift, 0));
  gtk_snapshot_append_node (snapshot, title);
  gtk_snapshot_restore (snapshot);
}

static void
append_lanes (ChdCanvas *self, GtkSnapshot *snapshot, const ChdRect *visible)
{
  guint n = chd_scene_get_n_lanes (self->scene);

  g_ptr_array_set_size (self->lane_pictures, (int) n);
  for (guint i = 0; i < n; i++)
    {
      const ChdRect *lane = &chd_scene_get_lane (self->scene, i)->rect;
      Picture *picture = g_ptr_array_index (self->lane_pictures, i);

      if (chd_scene_get_lane (self->scene, i)->hidden || !chd_rect_overlaps (lane, visible))
        continue;
      if (picture == NULL)
        {
          picture = g_ptr_array_index (self->lane_pictures, i) = g_new0 (Picture, 1);
          picture->node = record (self, chd_draw_lane_frame, i);
          picture->label =
              record (self, self->detail == CHD_DETAIL_FULL ? chd_draw_lane_title : chd_draw_far_lane_title, i);
        }
      gtk_snapshot_append_node (snapshot, picture->node);
      if (picture->label != NULL)
        append_lane_title (snapshot, picture->label, lane, visible);
    }
}

/* Whether the running tool carries this node, so that it is drawn above everything and not here. */
static gboolean
is_carried (ChdCanvas *self, guint node)
{
  return self->tool == CHD_TOOL_MOVE && self->tool_moved && !chd_tool_move_copies (self) && node != CHD_NO_INDEX &&
         chd_canvas_is_selected (self, CHD_ITEM_NODE, chd_scene_get_node (self->scene, node)->item->item.id);
}

static void
append_pictures (ChdCanvas *self, GtkSnapshot *snapshot, const ChdRect *visible, GArray *nodes)
{
  g_autoptr (GArray) links = g_array_new (FALSE, FALSE, sizeof (guint));

  chd_scene_query_links (self->scene, visible, links);
  for (guint pass = 0; pass < 2; pass++)
    {
      for (guint i = 0; i < links->len; i++)
        {
          guint index = g_array_index (links, guint, i);
          ChdSceneLink *link = chd_scene_get_link (self->scene, index);
          GskRenderNode *node;

          if (is_carried (self, link->from) || is_carried (self, link->to))
            continue;
          if (link->picture == NULL)
            draw_full_link (self, index);
          node = pass == 0 ? ((Picture *) link->picture)->node : ((Picture *) link->picture)->label;
          if (node != NULL && (pass == 0 || self->detail == CHD_DETAIL_FULL))
            gtk_snapshot_append_node (snapshot, node);
        }
      for (guint i = 0; pass == 0 && i < nodes->len; i++)
        {
          guint index = g_array_index (nodes, guint, i);
          ChdSceneNode *node = chd_scene_get_node (self->scene, index);

          if (is_carried (self, index))
            continue;
          if (node->picture == NULL)
            draw_full_card (self, index);
          gtk_snapshot_append_node (snapshot, ((Picture *) node->picture)->node);
        }
    }
}

static void
append_box (GtkSnapshot *snapshot, const ChdRect *rect, const ChdColor *color)
{
  const GdkRGBA rgba = { (float) color->red, (float) color->green, (float) color->blue, (float) color->alpha };

  gtk_snapshot_append_color (snapshot, &rgba,
                             &GRAPHENE_RECT_INIT ((float) rect->x, (float) rect->y, (float) rect->width,
                                                  (float) rect->height));
}

/* The part of a straight piece of a link that lies in a tile. */
static void
append_plain_piece (ChdCanvas *self, GtkSnapshot *snapshot, const ChdPoint *a, const ChdPoint *b, const ChdRect *tile)
{
  ChdRect piece = chd_rect_between (a->x, a->y, b->x, b->y);
  double right, bottom;

  piece = chd_rect_grown (&piece, PLAIN_LINE / 2);
  right = MIN (piece.x + piece.width, tile->x + tile->width);
  bottom = MIN (piece.y + piece.height, tile->y + tile->height);
  piece.x = MAX (piece.x, tile->x);
  piece.y = MAX (piece.y, tile->y);
  piece.width = right - piece.x;
  piece.height = bottom - piece.y;
  if (piece.width > 0 && piece.height > 0)
    append_box (snapshot, &piece, &self->palette.link);
}

static void
append_plain_card (ChdCanvas *self, GtkSnapshot *snapshot, guint index)
{
  const ChdSceneNode *node = chd_scene_get_node (self->scene, index);
  ChdRect card = chd_scene_get_card_rect (self->scene, index);
  ChdColor fill = chd_palette_get_card_fill (&self->palette, node->state);
  ChdRect inner = chd_rect_grown (&card, -4);
  ChdRect bar = { card.x + 20, card.y + 24, 120, 20 };

  append_box (snapshot, &card,
              node->state == CHD_NODE_DRAFT ? &self->palette.card_border : &self->palette.states[node->state]);
  append_box (snapshot, &inner, &fill);
  append_box (snapshot, &bar, &self->palette.dim);
}

static GskRenderNode *
draw_plain_tile (ChdCanvas *self, const ChdRect *tile)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));
  GskRenderNode *node;

  chd_scene_query_links (self->scene, tile, found);
  for (guint i = 0; i < found->len; i++)
    {
      const ChdSceneLink *link = chd_scene_get_link (self->scene, g_array_index (found, guint, i));

      for (guint j = 0; j + 1 < link->n_points; j++)
        append_plain_piece (self, snapshot, &link->points[j], &link->points[j + 1], tile);
    }
  g_array_set_size (found, 0);
  chd_scene_query_nodes (self->scene, tile, found);
  for (guint i = 0; i < found->len; i++)
    {
      guint index = g_array_index (found, guint, i);
      const ChdSceneNode *card = chd_scene_get_node (self->scene, index);

      if (chd_rect_contains (tile, card->x, card->y))
        append_plain_card (self, snapshot, index);
    }
  node = gtk_snapshot_free_to_node (snapshot);
  return node != NULL ? node : gsk_container_node_new (NULL, 0);
}

static void
append_plain_tiles (ChdCanvas *self, GtkSnapshot *snapshot, const ChdRect *visible)
{
  /* A card belongs to the tile of its centre and may reach over the edge. */
  ChdRect area = chd_rect_grown (visible, CHD_CARD_WIDTH);
  ChdRect bounds = chd_scene_get_bounds (self->scene);
  int left = (int) floor (MAX (area.x, bounds.x) / TILE);
  int right = (int) floor (MIN (area.x + area.width, bounds.x + bounds.width) / TILE);
  int top = (int) floor (MAX (area.y, bounds.y) / TILE);
  int bottom = (int) floor (MIN (area.y + area.height, bounds.y + bounds.height) / TILE);

  for (int column = left; column <= right; column++)
    for (int row = top; row <= bottom; row++)
      {
        GskRenderNode *node = g_hash_table_lookup (self->plain_tiles, tile_key (column, row));

        if (node == NULL)
          {
            ChdRect tile = { column * TILE, row * TILE, TILE, TILE };

            node = draw_plain_tile (self, &tile);
            g_hash_table_insert (self->plain_tiles, tile_key (column, row), node);
          }
        gtk_snapshot_append_node (snapshot, node);
      }
}

static void
choose_detail (ChdCanvas *self, guint n_visible)
{
  ChdDetail detail = self->view.scale >= FULL_SCALE                                ? CHD_DETAIL_FULL
                     : self->view.scale >= FAR_SCALE && n_visible <= MAX_FAR_CARDS ? CHD_DETAIL_FAR
                                                                                   : CHD_DETAIL_PLAIN;

  if (detail == self->detail && self->n_pictures < MAX_PICTURES)
    return;
  if ((detail == CHD_DETAIL_FULL) != (self->detail == CHD_DETAIL_FULL))
    g_ptr_array_set_size (self->lane_pictures, 0);
  /* Between far and full every card looks different; a step into plain keeps them for the way back. */
  if (detail != CHD_DETAIL_PLAIN)
    {
      chd_scene_drop_pictures (self->scene);
      self->n_pictures = 0;
    }
  self->detail = detail;
}

static void
draw_layer (ChdCanvas *self, GtkSnapshot *snapshot)
{
  ChdRect visible = chd_viewport_get_visible (&self->view);
  ChdRect reach = chd_rect_grown (&visible, 8); /* edges, shadows, ports */
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (guint));

  chd_scene_query_nodes (self->scene, &reach, nodes);
  choose_detail (self, nodes->len);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_scale (snapshot, (float) self->view.scale, (float) self->view.scale);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) -self->view.x, (float) -self->view.y));
  append_lanes (self, snapshot, &reach);
  if (self->detail == CHD_DETAIL_PLAIN)
    append_plain_tiles (self, snapshot, &reach);
  else
    append_pictures (self, snapshot, &reach, nodes);
  gtk_snapshot_restore (snapshot);
}

void
chd_canvas_draw (ChdCanvas *self, GtkSnapshot *snapshot)
{
  ChdRect all = { 0, 0, self->view.width, self->view.height };

  append_box (snapshot, &all, &self->palette.background);
  if (self->scene == NULL)
    return;
  if (self->layer == NULL)
    {
      GtkSnapshot *layer = gtk_snapshot_new ();

      draw_layer (self, layer);
      self->layer = gtk_snapshot_free_to_node (layer);
    }
  if (self->layer != NULL)
    gtk_snapshot_append_node (snapshot, self->layer);
  chd_canvas_draw_overlay (self, snapshot);
  if (chd_scene_get_n_nodes (self->scene) == 0)
    chd_canvas_draw_hint (self, snapshot);
}
