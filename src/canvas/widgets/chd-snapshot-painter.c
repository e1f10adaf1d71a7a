/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The painter of the screen: plain GSK nodes for boxes and lines, which are cheap on every renderer. What only cairo
 * can draw (icons, dotted edges, arrow heads) is drawn once per look, and that one node is shown at many places:
 * the GL renderer keeps a texture for each node it sees. */

#include "config.h"

#include <graphene.h>
#include <math.h>

#include "chd-canvas-private.h"

#define MAX_SHAPES 512 /* kept; a palette has far fewer */

typedef struct
{
  ChdPainter parent;
  GtkSnapshot *snapshot; /* (nullable) borrowed: where to */
  GHashTable *shapes;    /* description → GskRenderNode at the origin */
} SnapshotPainter;

static GdkRGBA
to_rgba (const ChdColor *color)
{
  return (GdkRGBA){ (float) color->red, (float) color->green, (float) color->blue, (float) color->alpha };
}

static graphene_rect_t
to_rect (const ChdRect *rect)
{
  return GRAPHENE_RECT_INIT ((float) rect->x, (float) rect->y, (float) rect->width, (float) rect->height);
}

/* Shows the kept node of that description at a place. */
static gboolean
show_shape (SnapshotPainter *self, const char *key, double x, double y)
{
  GskRenderNode *node = g_hash_table_lookup (self->shapes, key);

  if (node == NULL)
    return FALSE;
  gtk_snapshot_save (self->snapshot);
  gtk_snapshot_translate (self->snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_node (self->snapshot, node);
  gtk_snapshot_restore (self->snapshot);
  return TRUE;
}

static void
keep_shape (SnapshotPainter *self, char *key, GskRenderNode *node)
{
  if (g_hash_table_size (self->shapes) >= MAX_SHAPES)
    g_hash_table_remove_all (self->shapes);
  g_hash_table_insert (self->shapes, key, node);
}

static void
snapshot_begin_group (ChdPainter *painter, const char *id, const char *title)
{
}

static void
snapshot_end_group (ChdPainter *painter)
{
}

static void
append_border (GtkSnapshot *snapshot, const ChdRect *rect, double radius, double width, const ChdColor *color)
{
  graphene_rect_t bounds = to_rect (rect);
  GskRoundedRect outline;
  const float widths[4] = { (float) width, (float) width, (float) width, (float) width };
  const GdkRGBA rgba = to_rgba (color), colors[4] = { rgba, rgba, rgba, rgba };

  gsk_rounded_rect_init_from_rect (&outline, &bounds, (float) MAX (radius, 0));
  gtk_snapshot_append_border (snapshot, &outline, widths, colors);
}

/* Broken edges are beyond border nodes. */
static void
append_broken_edge (SnapshotPainter *self,
                    const ChdRect *rect,
                    double radius,
                    const ChdColor *stroke,
                    double width,
                    ChdEdge edge)
{
  g_autofree char *key = g_strdup_printf ("edge %.1f %.1f %.1f %.1f %d %.3f %.3f %.3f %.3f", rect->width, rect->height,
                                          radius, width, edge, stroke->red, stroke->green, stroke->blue, stroke->alpha);
  ChdRect at_origin = { 0, 0, rect->width, rect->height };
  graphene_rect_t bounds = to_rect (&at_origin);
  GskRenderNode *node;
  cairo_t *cr;

  if (show_shape (self, key, rect->x, rect->y))
    return;
  node = gsk_cairo_node_new (&bounds);
  cr = gsk_cairo_node_get_draw_context (node);
  chd_cairo_box (cr, &at_origin, radius, NULL, stroke, width, edge);
  cairo_destroy (cr);
  keep_shape (self, g_strdup (key), node);
  show_shape (self, key, rect->x, rect->y);
}

static void
snapshot_box (ChdPainter *painter,
              const ChdRect *rect,
              double radius,
              const ChdColor *fill,
              const ChdColor *stroke,
              double width,
              ChdEdge edge)
{
  SnapshotPainter *self = (SnapshotPainter *) painter;

  if (fill != NULL)
    {
      graphene_rect_t bounds = to_rect (rect);
      GdkRGBA rgba = to_rgba (fill);
      GskRoundedRect outline;

      gsk_rounded_rect_init_from_rect (&outline, &bounds, (float) radius);
      if (radius > 0)
        gtk_snapshot_push_rounded_clip (self->snapshot, &outline);
      gtk_snapshot_append_color (self->snapshot, &rgba, &bounds);
      if (radius > 0)
        gtk_snapshot_pop (self->snapshot);
    }
  if (stroke == NULL)
    return;
  if (edge == CHD_EDGE_DOTTED || edge == CHD_EDGE_DASHED)
    {
      append_broken_edge (self, rect, radius, stroke, width, edge);
      return;
    }
  append_border (self->snapshot, rect, radius, width, stroke);
  if (edge == CHD_EDGE_DOUBLE)
    {
      ChdRect inner = chd_rect_grown (rect, -2 * width);

      append_border (self->snapshot, &inner, radius - 2 * width, width, stroke);
    }
}

/* A quarter of a ring, as the two sides of a border that meet in a round corner. */
static void
append_corner (GtkSnapshot *snapshot,
               const ChdPoint *before,
               const ChdPoint *corner,
               const ChdPoint *after,
               double radius,
               double width,
               const GdkRGBA *rgba)
{
  /* Where the two arms of the corner point to. */
  double x = before->x != corner->x ? before->x - corner->x : after->x - corner->x;
  double y = before->y != corner->y ? before->y - corner->y : after->y - corner->y;
  double left = x > 0 ? corner->x - width / 2 : corner->x - radius;
  double top = y > 0 ? corner->y - width / 2 : corner->y - radius;
  float size = (float) (radius + width / 2), line = (float) width;
  const float widths[4] = { y > 0 ? line : 0, x > 0 ? 0 : line, y > 0 ? 0 : line, x > 0 ? line : 0 };
  const GdkRGBA colors[4] = { *rgba, *rgba, *rgba, *rgba };
  graphene_size_t round = GRAPHENE_SIZE_INIT (size, size), none = GRAPHENE_SIZE_INIT (0, 0);
  GskRoundedRect outline;

  gsk_rounded_rect_init (&outline, &GRAPHENE_RECT_INIT ((float) left, (float) top, size, size),
                         x > 0 && y > 0 ? &round : &none, x <= 0 && y > 0 ? &round : &none,
                         x <= 0 && y <= 0 ? &round : &none, x > 0 && y <= 0 ? &round : &none);
  gtk_snapshot_append_border (snapshot, &outline, widths, colors);
}

/* How far the corner at @index reaches along its arms. */
static double
corner_radius (const ChdPoint *points, guint n_points, guint index)
{
  double before, after;

  if (index == 0 || index + 1 == n_points)
    return 0;
  before = ABS (points[index].x - points[index - 1].x) + ABS (points[index].y - points[index - 1].y);
  after = ABS (points[index].x - points[index + 1].x) + ABS (points[index].y - points[index + 1].y);
  return MIN (CHD_WAY_RADIUS, MIN (before, after) / 2);
}

static void
snapshot_way (ChdPainter *painter, const ChdPoint *points, guint n_points, double width, const ChdColor *color)
{
  GtkSnapshot *snapshot = ((SnapshotPainter *) painter)->snapshot;
  GdkRGBA rgba = to_rgba (color);

  for (guint i = 0; i + 1 < n_points; i++)
    {
      const ChdPoint *a = &points[i], *b = &points[i + 1];
      double start = corner_radius (points, n_points, i), end = corner_radius (points, n_points, i + 1);
      gboolean level = a->y == b->y;
      double length = level ? ABS (b->x - a->x) : ABS (b->y - a->y);
      double sign = (level ? b->x - a->x : b->y - a->y) < 0 ? -1 : 1;
      double from = (level ? a->x : a->y) + sign * start, to = (level ? b->x : b->y) - sign * end;

      if (length - start - end > 0)
        {
          ChdRect piece = level ? (ChdRect){ MIN (from, to), a->y - width / 2, ABS (to - from), width }
                                : (ChdRect){ a->x - width / 2, MIN (from, to), width, ABS (to - from) };
          graphene_rect_t bounds = to_rect (&piece);

          gtk_snapshot_append_color (snapshot, &rgba, &bounds);
        }
      if (end > 0)
        append_corner (snapshot, a, b, &points[i + 2], end, width, &rgba);
    }
}

static void
snapshot_polygon (ChdPainter *painter, const ChdPoint *points, guint n_points, const ChdColor *color)
{
  SnapshotPainter *self = (SnapshotPainter *) painter;
  g_autoptr (GString) key = g_string_new (NULL);
  ChdRect box = { points[0].x, points[0].y, 0, 0 };
  graphene_rect_t bounds;
  GskRenderNode *node;
  cairo_t *cr;

  g_string_printf (key, "polygon %.3f %.3f %.3f %.3f", color->red, color->green, color->blue, color->alpha);
  for (guint i = 0; i < n_points; i++)
    {
      ChdRect point = { points[i].x, points[i].y, 0, 0 };

      chd_rect_join (&box, &point);
      g_string_append_printf (key, " %.1f %.1f", points[i].x - points[0].x, points[i].y - points[0].y);
    }
  if (show_shape (self, key->str, points[0].x, points[0].y))
    return;
  box = chd_rect_grown (&box, 1);
  bounds = GRAPHENE_RECT_INIT ((float) (box.x - points[0].x), (float) (box.y - points[0].y), (float) box.width,
                               (float) box.height);
  node = gsk_cairo_node_new (&bounds);
  cr = gsk_cairo_node_get_draw_context (node);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, color->alpha);
  for (guint i = 0; i < n_points; i++)
    cairo_line_to (cr, points[i].x - points[0].x, points[i].y - points[0].y);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_destroy (cr);
  keep_shape (self, g_strdup (key->str), node);
  show_shape (self, key->str, points[0].x, points[0].y);
}

static void
snapshot_icon (ChdPainter *painter,
               guint icon,
               double x,
               double y,
               double size,
               const ChdColor *color,
               const ChdColor *below)
{
  SnapshotPainter *self = (SnapshotPainter *) painter;
  g_autofree char *key = g_strdup_printf ("icon %u %.1f %.3f %.3f %.3f %.3f %.3f %.3f", icon, size, color->red,
                                          color->green, color->blue, below->red, below->green, below->blue);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (-1, -1, (float) size + 2, (float) size + 2);
  GskRenderNode *node;
  cairo_t *cr;

  if (show_shape (self, key, x, y))
    return;
  node = gsk_cairo_node_new (&bounds);
  cr = gsk_cairo_node_get_draw_context (node);
  chd_cairo_draw_icon (cr, icon, 0, 0, size, color, below);
  cairo_destroy (cr);
  keep_shape (self, g_strdup (key), node);
  show_shape (self, key, x, y);
}

static void
snapshot_text (ChdPainter *painter, double x, double y, ChdFont font, const ChdColor *color, const char *text)
{
  SnapshotPainter *self = (SnapshotPainter *) painter;
  GdkRGBA rgba = to_rgba (color);

  if (*text == '\0')
    return;
  pango_layout_set_font_description (painter->layout, painter->fonts[font]);
  pango_layout_set_text (painter->layout, text, -1);
  gtk_snapshot_save (self->snapshot);
  y -= pango_layout_get_baseline (painter->layout) / (double) PANGO_SCALE;
  gtk_snapshot_translate (self->snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) y));
  gtk_snapshot_append_layout (self->snapshot, painter->layout, &rgba);
  gtk_snapshot_restore (self->snapshot);
}

/* @pango: (transfer full) */
ChdPainter *
chd_snapshot_painter_new (PangoContext *pango, const char *family)
{
  static const ChdPainterClass klass = {
    snapshot_begin_group, snapshot_end_group, snapshot_box,  snapshot_way,
    snapshot_polygon,     snapshot_icon,      snapshot_text,
  };
  SnapshotPainter *self = g_new0 (SnapshotPainter, 1);

  chd_painter_init (&self->parent, &klass, pango, family);
  self->shapes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gsk_render_node_unref);
  return &self->parent;
}

void
chd_snapshot_painter_set_target (ChdPainter *painter, GtkSnapshot *snapshot)
{
  ((SnapshotPainter *) painter)->snapshot = snapshot;
}

GtkSnapshot *
chd_snapshot_painter_get_target (ChdPainter *painter)
{
  return ((SnapshotPainter *) painter)->snapshot;
}

void
chd_snapshot_painter_free (ChdPainter *painter)
{
  g_hash_table_unref (((SnapshotPainter *) painter)->shapes);
  chd_painter_free (painter);
}
