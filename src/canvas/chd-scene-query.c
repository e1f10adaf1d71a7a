/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions about places: what is under a point, what touches a rectangle, where a card has room. */

#include "config.h"

#include "chd-scene-private.h"

#include <math.h>

#define PORT_RADIUS 8.0
#define ROOM 16.0 /* kept free around a card that looks for a place */
#define SEARCH_STEP 24.0
#define MAX_SEARCH_RINGS 400

static double
distance_to_piece (double x, double y, const ChdPoint *a, const ChdPoint *b)
{
  double nearest_x = CLAMP (x, MIN (a->x, b->x), MAX (a->x, b->x));
  double nearest_y = CLAMP (y, MIN (a->y, b->y), MAX (a->y, b->y));

  return hypot (x - nearest_x, y - nearest_y);
}

static double
distance_to_link (const ChdSceneLink *link, double x, double y)
{
  double distance = G_MAXDOUBLE;

  for (guint i = 0; i + 1 < link->n_points; i++)
    distance = MIN (distance, distance_to_piece (x, y, &link->points[i], &link->points[i + 1]));
  return distance;
}

static guint
find_port (ChdScene *self, double x, double y, double reach, GArray *near)
{
  guint best = CHD_NO_INDEX;
  double best_distance = reach;

  for (guint i = 0; i < near->len; i++)
    {
      guint index = g_array_index (near, guint, i);
      ChdPoint port = chd_scene_get_port (self, index, CHD_LINKS_OUT);
      double distance = hypot (port.x - x, port.y - y);

      if (distance <= best_distance)
        {
          best = index;
          best_distance = distance;
        }
    }
  return best;
}

static guint
find_card (ChdScene *self, double x, double y, GArray *near)
{
  /* Later cards are drawn above earlier ones. */
  for (guint i = near->len; i > 0; i--)
    {
      guint index = g_array_index (near, guint, i - 1);
      ChdRect card = chd_scene_get_card_rect (self, index);

      if (chd_rect_contains (&card, x, y))
        return index;
    }
  return CHD_NO_INDEX;
}

ChdHit
chd_scene_hit (ChdScene *self, double x, double y, double tolerance)
{
  double reach = MAX (tolerance, PORT_RADIUS);
  ChdRect around = { x - reach, y - reach, 2 * reach, 2 * reach };
  g_autoptr (GArray) near = g_array_new (FALSE, FALSE, sizeof (guint));
  ChdHit hit = { CHD_HIT_PORT, CHD_NO_INDEX };
  double best_distance = tolerance;
  guint lane;

  chd_scene_query_nodes (self, &around, near);
  hit.index = find_port (self, x, y, reach, near);
  if (hit.index != CHD_NO_INDEX)
    return hit;
  hit = (ChdHit){ CHD_HIT_NODE, find_card (self, x, y, near) };
  if (hit.index != CHD_NO_INDEX)
    return hit;
  g_array_set_size (near, 0);
  chd_scene_query_links (self, &around, near);
  for (guint i = 0; i < near->len; i++)
    {
      double distance = distance_to_link (&self->links[g_array_index (near, guint, i)], x, y);

      if (distance <= best_distance)
        {
          hit = (ChdHit){ CHD_HIT_LINK, g_array_index (near, guint, i) };
          best_distance = distance;
        }
    }
  if (hit.kind == CHD_HIT_LINK)
    return hit;
  lane = chd_scene_lane_at (self, x, y);
  if (lane != CHD_NO_INDEX && chd_rect_contains (&self->lanes.lanes[lane].rect, x, y))
    return (ChdHit){ y < self->lanes.lanes[lane].rect.y + CHD_LANE_HEADER ? CHD_HIT_LANE_HEADER : CHD_HIT_LANE, lane };
  return (ChdHit){ CHD_HIT_NOTHING, CHD_NO_INDEX };
}

static double
distance_to_rect (const ChdRect *rect, double x, double y)
{
  return hypot (x - CLAMP (x, rect->x, rect->x + rect->width), y - CLAMP (y, rect->y, rect->y + rect->height));
}

guint
chd_scene_lane_at (ChdScene *self, double x, double y)
{
  guint best = CHD_NO_INDEX;
  double best_distance = G_MAXDOUBLE;

  chd_scene_update (self);
  /* Depth first: of lanes that contain the place, the last one is the innermost. */
  for (guint i = 0; i < self->lanes.n_lanes; i++)
    {
      double distance = distance_to_rect (&self->lanes.lanes[i].rect, x, y);

      if (!self->lanes.lanes[i].hidden && distance <= best_distance)
        {
          best = i;
          best_distance = distance;
        }
    }
  return best;
}

void
chd_scene_query_nodes (ChdScene *self, const ChdRect *rect, GArray *found)
{
  guint kept = found->len, start = found->len;

  chd_scene_update (self);
  chd_grid_query (self->node_grid, rect, found);
  for (guint i = start; i < found->len; i++)
    {
      guint index = g_array_index (found, guint, i);
      const ChdSceneNode *node = &self->nodes[index];

      if (ABS (node->x - (rect->x + rect->width / 2)) <= (CHD_CARD_WIDTH + rect->width) / 2 &&
          ABS (node->y - (rect->y + rect->height / 2)) <= (CHD_CARD_HEIGHT + rect->height) / 2)
        g_array_index (found, guint, kept++) = index;
    }
  g_array_set_size (found, kept);
}

static gboolean
link_touches (const ChdSceneLink *link, const ChdRect *rect)
{
  for (guint i = 0; i + 1 < link->n_points; i++)
    {
      const ChdPoint *a = &link->points[i], *b = a + 1;

      if (MIN (a->x, b->x) <= rect->x + rect->width && MAX (a->x, b->x) >= rect->x &&
          MIN (a->y, b->y) <= rect->y + rect->height && MAX (a->y, b->y) >= rect->y)
        return TRUE;
    }
  return FALSE;
}

void
chd_scene_query_links (ChdScene *self, const ChdRect *rect, GArray *found)
{
  guint kept = found->len, start = found->len;

  chd_scene_update (self);
  chd_grid_query (self->link_grid, rect, found);
  for (guint i = start; i < found->len; i++)
    {
      guint index = g_array_index (found, guint, i);

      if (link_touches (&self->links[index], rect))
        g_array_index (found, guint, kept++) = index;
    }
  g_array_set_size (found, kept);
}

/* The cards of a lane that could be in the way; other lanes make room by themselves. */
static GArray *
list_cards (ChdScene *self, guint lane, guint except)
{
  GArray *cards = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->n_nodes; i++)
    if (self->nodes[i].lane == lane && i != except)
      g_array_append_val (cards, i);
  return cards;
}

static gboolean
is_free (ChdScene *self, GArray *cards, double x, double y)
{
  for (guint i = 0; i < cards->len; i++)
    {
      const ChdSceneNode *node = &self->nodes[g_array_index (cards, guint, i)];

      if (ABS (node->x - x) < CHD_CARD_WIDTH + ROOM && ABS (node->open_y - y) < CHD_CARD_HEIGHT + ROOM)
        return FALSE;
    }
  return TRUE;
}

ChdPoint
chd_scene_find_free_place (ChdScene *self, guint lane, double x, double y, guint except)
{
  g_autoptr (GArray) cards = NULL;
  double top = -G_MAXDOUBLE, right;
  ChdPoint best = { x, y };
  double best_distance = G_MAXDOUBLE;

  chd_scene_update (self);
  cards = list_cards (self, lane, except);
  if (lane < self->lanes.n_lanes)
    top = self->lanes.lanes[lane].rect.y + CHD_LANE_HEADER + CHD_LANE_BAND_TOP + CHD_CARD_HEIGHT / 2;
  best.y = y = MAX (y, top);
  if (is_free (self, cards, x, y))
    return best;
  for (int ring = 1; ring <= MAX_SEARCH_RINGS && best_distance > ring * SEARCH_STEP; ring++)
    for (int i = -ring; i <= ring; i++)
      {
        const ChdPoint places[] = { { x + i * SEARCH_STEP, y + ring * SEARCH_STEP },
                                    { x + i * SEARCH_STEP, y - ring * SEARCH_STEP },
                                    { x + ring * SEARCH_STEP, y + i * SEARCH_STEP },
                                    { x - ring * SEARCH_STEP, y + i * SEARCH_STEP } };

        for (guint j = 0; j < G_N_ELEMENTS (places); j++)
          {
            double distance = hypot (places[j].x - x, places[j].y - y);

            if (distance < best_distance && places[j].y >= top && is_free (self, cards, places[j].x, places[j].y))
              {
                best = places[j];
                best_distance = distance;
              }
          }
      }
  if (best_distance < G_MAXDOUBLE)
    return best;
  /* No room near: behind the last card. */
  right = x;
  for (guint i = 0; i < cards->len; i++)
    right = MAX (right, self->nodes[g_array_index (cards, guint, i)].x + CHD_CARD_WIDTH + ROOM);
  return (ChdPoint){ right, y };
}
