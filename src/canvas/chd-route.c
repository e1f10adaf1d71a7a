/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The router. A link goes straight when it can. Else it turns in the gap behind its source; the turns of different
 * sources in one gap get tracks side by side, those of one source share a track. A way that would run through cards is
 * compared with ways along the free strips above and below them, and the cheapest wins. The result depends on places
 * and on the order of the links alone. */

#include "config.h"

#include "chd-route.h"

#include <math.h>

#define CLEARANCE 4.0 /* nearer to a card counts as through it */
#define STRIP 14.0    /* between a card and a way along it */
#define TRACK 9.0     /* between turns side by side */
#define COST_CARD 1e5 /* of running through a card */
#define COST_BEND 24.0
#define GAP_BUCKET 48.0 /* sources whose ends are this near share a gap */

typedef struct
{
  guint source;
  int gap;       /* which gap its turns are in */
  double from_y; /* of the source's port */
  double top, bottom;
  double right; /* the nearest target's port */
  double turn;  /* the answer: x of the turns */
  gboolean upward;
  gboolean early; /* leaves room for a condition behind the turn */
} Turn;

typedef struct
{
  const ChdSceneNode *nodes;
  ChdGrid *cards;
  GArray *found;
  GHashTable *strips; /* rounded y → GArray of Strip: ways along cards that are taken */
} Router;

typedef struct
{
  double y, left, right;
  guint from, to;
} Strip;

typedef struct
{
  ChdPoint points[CHD_ROUTE_MAX_POINTS];
  guint n;
} Way;

static ChdPoint
port_out (const ChdSceneNode *node)
{
  return (ChdPoint){ node->x + CHD_CARD_WIDTH / 2, node->y };
}

static ChdPoint
port_in (const ChdSceneNode *node)
{
  return (ChdPoint){ node->x - CHD_CARD_WIDTH / 2, node->y };
}

static void
way_add (Way *way, double x, double y)
{
  if (way->n > 0 && way->points[way->n - 1].x == x && way->points[way->n - 1].y == y)
    return;
  /* Three points in a row are one straight piece. */
  if (way->n > 1 && ((way->points[way->n - 1].x == x && way->points[way->n - 2].x == x) ||
                     (way->points[way->n - 1].y == y && way->points[way->n - 2].y == y)))
    way->n--;
  way->points[way->n++] = (ChdPoint){ x, y };
}

/* Out, turn at @x, in. */
static Way
way_with_turn (ChdPoint from, ChdPoint to, double x)
{
  Way way = { .n = 0 };

  way_add (&way, from.x, from.y);
  way_add (&way, x, from.y);
  way_add (&way, x, to.y);
  way_add (&way, to.x, to.y);
  return way;
}

/* Out, to the strip at @y, along it, and in. */
static Way
way_with_strip (ChdPoint from, ChdPoint to, double out_x, double y, double in_x)
{
  Way way = { .n = 0 };

  way_add (&way, from.x, from.y);
  way_add (&way, out_x, from.y);
  way_add (&way, out_x, y);
  way_add (&way, in_x, y);
  way_add (&way, in_x, to.y);
  way_add (&way, to.x, to.y);
  return way;
}

static gboolean
is_forward (ChdPoint from, ChdPoint to)
{
  return to.x - from.x >= 2 * CHD_ROUTE_STUB;
}

/* The strip of a way back: between the two cards when there is room, else below both. */
static double
strip_back (ChdPoint from, ChdPoint to)
{
  if (ABS (from.y - to.y) >= CHD_CARD_HEIGHT + 2 * STRIP)
    return (from.y + to.y) / 2;
  return MAX (from.y, to.y) + CHD_CARD_HEIGHT / 2 + STRIP;
}

guint
chd_route_plain (ChdPoint from, ChdPoint to, ChdPoint points[CHD_ROUTE_MAX_POINTS])
{
  Way way;

  if (is_forward (from, to))
    way = way_with_turn (from, to, (from.x + to.x) / 2);
  else
    way = way_with_strip (from, to, from.x + CHD_ROUTE_STUB, strip_back (from, to), to.x - CHD_ROUTE_STUB);
  for (guint i = 0; i < way.n; i++)
    points[i] = way.points[i];
  return way.n;
}

/* How many cards a straight piece runs through. */
static guint
count_cards (Router *router, ChdPoint a, ChdPoint b, guint from, guint to)
{
  ChdRect piece = chd_rect_between (a.x, a.y, b.x, b.y);
  ChdRect reach = chd_rect_grown (&piece, MAX (CHD_CARD_WIDTH, CHD_CARD_HEIGHT) / 2 + CLEARANCE);
  guint n = 0;

  piece = chd_rect_grown (&piece, 0.5);
  g_array_set_size (router->found, 0);
  chd_grid_query (router->cards, &reach, router->found);
  for (guint i = 0; i < router->found->len; i++)
    {
      guint index = g_array_index (router->found, guint, i);
      const ChdSceneNode *node = &router->nodes[index];
      double margin = index == from || index == to ? -1 : CLEARANCE;
      ChdRect card = { node->x - CHD_CARD_WIDTH / 2, node->y - CHD_CARD_HEIGHT / 2, CHD_CARD_WIDTH, CHD_CARD_HEIGHT };

      card = chd_rect_grown (&card, margin);
      n += chd_rect_overlaps (&card, &piece);
    }
  return n;
}

static guint
count_cards_of_way (Router *router, const Way *way, guint from, guint to)
{
  guint n = 0;

  for (guint i = 0; i + 1 < way->n; i++)
    n += count_cards (router, way->points[i], way->points[i + 1], from, to);
  return n;
}

static double
way_length (const Way *way)
{
  double length = 0;

  for (guint i = 0; i + 1 < way->n; i++)
    length += ABS (way->points[i + 1].x - way->points[i].x) + ABS (way->points[i + 1].y - way->points[i].y);
  return length + COST_BEND * way->n;
}

static GArray *
strips_near (Router *router, double y)
{
  gpointer key = GINT_TO_POINTER ((int) floor (y / 64));
  GArray *strips = g_hash_table_lookup (router->strips, key);

  if (strips == NULL)
    {
      strips = g_array_new (FALSE, FALSE, sizeof (Strip));
      g_hash_table_insert (router->strips, key, strips);
    }
  return strips;
}

static gboolean
strip_is_taken (Router *router, const Strip *wanted)
{
  for (int side = -1; side <= 1; side++)
    {
      GArray *strips = strips_near (router, wanted->y + side * 64);

      for (guint i = 0; i < strips->len; i++)
        {
          const Strip *strip = &g_array_index (strips, Strip, i);

          /* Links of one source or one target may share a way. */
          if (strip->from != wanted->from && strip->to != wanted->to && ABS (strip->y - wanted->y) < 4 &&
              strip->left < wanted->right && wanted->left < strip->right)
            return TRUE;
        }
    }
  return FALSE;
}

/* Moves the long piece of a way a little when another link lies there, and remembers it. */
static void
take_strip (Router *router, Way *way, guint from, guint to)
{
  static const double shifts[] = { 0, 5, -5, 10, -10 };
  double y = way->points[2].y;

  if (way->n != CHD_ROUTE_MAX_POINTS)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (shifts); i++)
    {
      Strip strip = { y + shifts[i], MIN (way->points[2].x, way->points[3].x), MAX (way->points[2].x, way->points[3].x),
                      from, to };

      if (strip_is_taken (router, &strip))
        continue;
      way->points[2].y = way->points[3].y = strip.y;
      g_array_append_val (strips_near (router, strip.y), strip);
      return;
    }
}

static Way
find_way (Router *router, const ChdSceneLink *link, double turn)
{
  ChdPoint from = port_out (&router->nodes[link->from]), to = port_in (&router->nodes[link->to]);
  double reach = CHD_CARD_HEIGHT / 2 + STRIP;
  double in_x = to.x - CHD_ROUTE_STUB;
  const double strips[] = {
    from.y + reach,
    from.y - reach,
    to.y + reach,
    to.y - reach,
    (from.y + to.y) / 2,
    strip_back (from, to),
    MIN (from.y, to.y) - reach - CHD_CARD_HEIGHT - STRIP,
    MAX (from.y, to.y) + reach + CHD_CARD_HEIGHT + STRIP,
  };
  gboolean forward = is_forward (from, to);
  Way best = forward ? way_with_turn (from, to, MIN (turn, in_x))
                     : way_with_strip (from, to, from.x + CHD_ROUTE_STUB, strip_back (from, to), in_x);
  guint blocked = count_cards_of_way (router, &best, link->from, link->to);
  double best_cost = blocked * COST_CARD + way_length (&best);

  if (blocked > 0 && forward)
    {
      Way late = way_with_turn (from, to, in_x);
      double cost = count_cards_of_way (router, &late, link->from, link->to) * COST_CARD + way_length (&late);

      if (cost < best_cost)
        {
          best = late;
          best_cost = cost;
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (strips) && best_cost >= COST_CARD; i++)
    {
      Way way = way_with_strip (from, to, forward ? MIN (turn, in_x) : from.x + CHD_ROUTE_STUB, strips[i], in_x);
      double cost = count_cards_of_way (router, &way, link->from, link->to) * COST_CARD + way_length (&way);

      if (cost < best_cost)
        {
          best = way;
          best_cost = cost;
        }
    }
  take_strip (router, &best, link->from, link->to);
  return best;
}

/* From left to right in a gap: the turns of links that go down, the lowest source first, and of those that go up, the
 * highest first; so turns of neighbours do not cross each other. */
static int
compare_turns (gconstpointer a, gconstpointer b)
{
  const Turn *first = a, *second = b;
  int order;

  if (first->gap != second->gap)
    return first->gap < second->gap ? -1 : 1;
  if (first->upward != second->upward)
    return first->upward ? 1 : -1;
  order = (first->from_y > second->from_y) - (first->from_y < second->from_y);
  if (order == 0)
    return (first->source > second->source) - (first->source < second->source);
  return first->upward ? order : -order;
}

/* Places the turns @from … @to (one gap) side by side where they would overlap. */
static void
place_turns (GArray *turns, guint from, guint to, const ChdSceneNode *nodes)
{
  g_autofree guint *tracks = g_new0 (guint, to - from);
  guint n_tracks = 1;
  gboolean early = FALSE;
  double left = -G_MAXDOUBLE, right = G_MAXDOUBLE, step, start;

  for (guint i = from; i < to; i++)
    {
      const Turn *turn = &g_array_index (turns, Turn, i);

      left = MAX (left, port_out (&nodes[turn->source]).x);
      right = MIN (right, turn->right);
      early |= turn->early;
      /* A gap holds few turns that overlap; comparing with the nearest ones keeps this linear. */
      for (guint j = i > from + 32 ? i - 32 : from; j < i; j++)
        {
          const Turn *other = &g_array_index (turns, Turn, j);

          if (other->top <= turn->bottom + TRACK && turn->top <= other->bottom + TRACK)
            tracks[i - from] = MAX (tracks[i - from], tracks[j - from] + 1);
        }
      n_tracks = MAX (n_tracks, tracks[i - from] + 1);
    }
  /* The gap to the next column, not the way to a far target. */
  right = MIN (right, left + 72);
  if (right - left < 2 * CHD_ROUTE_STUB)
    {
      for (guint i = from; i < to; i++)
        g_array_index (turns, Turn, i).turn =
            (port_out (&nodes[g_array_index (turns, Turn, i).source]).x + g_array_index (turns, Turn, i).right) / 2;
      return;
    }
  step = n_tracks > 1 ? MIN (TRACK, (right - left - 2 * CHD_ROUTE_STUB) / (n_tracks - 1)) : 0;
  start = early ? left + CHD_ROUTE_STUB : (left + right - step * (n_tracks - 1)) / 2;
  for (guint i = from; i < to; i++)
    g_array_index (turns, Turn, i).turn = start + step * tracks[i - from];
}

/* For each node the x where its links turn. */
static double *
plan_turns (const ChdSceneNode *nodes, guint n_nodes, const ChdSceneLink *links, guint n_links)
{
  double *turn_of = g_new0 (double, n_nodes);
  g_autoptr (GArray) turns = g_array_new (FALSE, FALSE, sizeof (Turn));
  g_autofree guint *place = g_new (guint, n_nodes);

  for (guint i = 0; i < n_nodes; i++)
    {
      place[i] = CHD_NO_INDEX;
      turn_of[i] = port_out (&nodes[i]).x + CHD_ROUTE_STUB;
    }
  for (guint i = 0; i < n_links; i++)
    {
      const ChdSceneLink *link = &links[i];
      ChdPoint from, to;
      Turn *turn;

      if (link->from == CHD_NO_INDEX || link->to == CHD_NO_INDEX)
        continue;
      from = port_out (&nodes[link->from]);
      to = port_in (&nodes[link->to]);
      if (!is_forward (from, to) || from.y == to.y)
        continue;
      if (place[link->from] == CHD_NO_INDEX)
        {
          Turn new_turn = {
            link->from, (int) floor (from.x / GAP_BUCKET), from.y, from.y, from.y, to.x, 0, FALSE, FALSE
          };

          place[link->from] = turns->len;
          g_array_append_val (turns, new_turn);
        }
      turn = &g_array_index (turns, Turn, place[link->from]);
      turn->top = MIN (turn->top, to.y);
      turn->bottom = MAX (turn->bottom, to.y);
      turn->right = MIN (turn->right, to.x);
      turn->early |= link->item->result != NULL;
      turn->upward = turn->from_y - turn->top > turn->bottom - turn->from_y;
    }
  g_array_sort (turns, compare_turns);
  for (guint from = 0, to; from < turns->len; from = to)
    {
      for (to = from + 1; to < turns->len; to++)
        if (g_array_index (turns, Turn, to).gap != g_array_index (turns, Turn, from).gap)
          break;
      place_turns (turns, from, to, nodes);
    }
  for (guint i = 0; i < turns->len; i++)
    turn_of[g_array_index (turns, Turn, i).source] = g_array_index (turns, Turn, i).turn;
  return turn_of;
}

void
chd_route_all (const ChdSceneNode *nodes, guint n_nodes, ChdSceneLink *links, guint n_links, ChdGrid *cards)
{
  g_autofree double *turns = plan_turns (nodes, n_nodes, links, n_links);
  Router router = { nodes, cards, g_array_new (FALSE, FALSE, sizeof (guint)),
                    g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref) };

  for (guint i = 0; i < n_links; i++)
    {
      ChdSceneLink *link = &links[i];
      Way way;

      g_clear_pointer (&link->points, g_free);
      link->n_points = 0;
      if (link->from == CHD_NO_INDEX || link->to == CHD_NO_INDEX)
        continue;
      way = find_way (&router, link, turns[link->from]);
      link->points = g_memdup2 (way.points, way.n * sizeof (ChdPoint));
      link->n_points = way.n;
    }
  g_array_unref (router.found);
  g_hash_table_unref (router.strips);
}
