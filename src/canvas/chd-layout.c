/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layered layout (Sugiyama's) with fixed lanes: nodes get columns by the longest path that leads to them; in each
 * column and lane they are ordered so that few links cross, long links being followed through the columns between;
 * then every lane gets as many rows as its fullest column needs, and cards are moved toward their neighbours' rows.
 * Rows and columns are plain sums of card sizes, so that the scene shows the lanes without pushing any. */

#include "config.h"

#include "chd-layout.h"

#include <glib/gi18n-lib.h>

#include "chd-lanes.h"

#define COLUMN_GAP 64.0
#define CONDITION_GAP 148.0 /* where a link's condition is written between two columns */
#define ROW_GAP 36.0
#define ROW (CHD_CARD_HEIGHT + ROW_GAP)
#define SWEEPS 12
#define MAX_VERTICES 60000 /* with the ones in between; beyond, long links are not followed through */

/* A node, or the place where a long link passes a column. */
typedef struct
{
  guint node; /* CHD_NO_INDEX for a passing link */
  guint lane;
  guint layer;
  double key; /* what a sweep sorts by */
  guint rank; /* place in its layer, from the top */
  double row; /* in its lane, of a node */
} Vertex;

typedef struct
{
  guint from, to;
} Edge;

typedef struct
{
  guint n_nodes;
  ChdLanes lanes;
  GArray *edges;    /* of Edge between nodes, forward only */
  GArray *vertices; /* of Vertex; the first n_nodes are the nodes */
  GArray *pieces;   /* of Edge between vertices of neighbouring layers */
  guint n_layers;
  guint **layers; /* (owned): vertices of each layer from the top */
  guint *layer_sizes;
  GArray **before, **after; /* for each vertex its neighbours in the layers beside */
} Layout;

static Vertex *
vertex (Layout *self, guint index)
{
  return &g_array_index (self->vertices, Vertex, index);
}

/* Links as pairs of node indexes, without those that close a circle. */
static GArray *
list_forward_edges (ChdChain *chain, guint n_nodes)
{
  enum
  {
    NEW,
    OPEN,
    DONE
  };
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (Edge));
  g_autofree guint8 *marks = g_new0 (guint8, n_nodes);
  g_autofree guint *next = g_new0 (guint, n_nodes);
  g_autoptr (GArray) path = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint start = 0; start < n_nodes; start++)
    {
      if (marks[start] != NEW)
        continue;
      g_array_append_val (path, start);
      marks[start] = OPEN;
      while (path->len > 0)
        {
          guint from = g_array_index (path, guint, path->len - 1), to;
          GPtrArray *links =
              chd_chain_get_links (chain, chd_chain_get_item (chain, CHD_ITEM_NODE, from)->id, CHD_LINKS_OUT);

          if (next[from] >= links->len)
            {
              marks[from] = DONE;
              g_array_set_size (path, path->len - 1);
              continue;
            }
          if (!chd_chain_find_index (chain, CHD_ITEM_NODE, ((ChdLink *) g_ptr_array_index (links, next[from]++))->to,
                                     &to) ||
              marks[to] == OPEN)
            continue;
          g_array_append_vals (edges, &(Edge){ from, to }, 1);
          if (marks[to] == NEW)
            {
              marks[to] = OPEN;
              g_array_append_val (path, to);
            }
        }
    }
  return edges;
}

/* Longest paths from the left; then what nothing leads to moves next to what it leads to. */
static void
assign_layers (Layout *self)
{
  g_autofree guint *waits = g_new0 (guint, self->n_nodes);
  g_autofree guint *first = g_new0 (guint, self->n_nodes + 1);
  g_autofree guint *targets = g_new (guint, self->edges->len + 1);
  g_autofree guint *fill = NULL;
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; i < self->edges->len; i++)
    {
      waits[g_array_index (self->edges, Edge, i).to]++;
      first[g_array_index (self->edges, Edge, i).from + 1]++;
    }
  for (guint i = 0; i < self->n_nodes; i++)
    first[i + 1] += first[i];
  fill = g_memdup2 (first, (self->n_nodes + 1) * sizeof (guint));
  for (guint i = 0; i < self->edges->len; i++)
    targets[fill[g_array_index (self->edges, Edge, i).from]++] = g_array_index (self->edges, Edge, i).to;
  for (guint i = 0; i < self->n_nodes; i++)
    if (waits[i] == 0)
      g_array_append_val (ready, i);
  for (guint i = 0; i < ready->len; i++)
    {
      guint from = g_array_index (ready, guint, i);

      for (guint j = first[from]; j < first[from + 1]; j++)
        {
          vertex (self, targets[j])->layer = MAX (vertex (self, targets[j])->layer, vertex (self, from)->layer + 1);
          if (--waits[targets[j]] == 0)
            g_array_append_val (ready, targets[j]);
        }
    }
  for (guint i = 0; i < self->n_nodes; i++)
    {
      guint nearest = G_MAXUINT;

      for (guint j = first[i]; j < first[i + 1]; j++)
        nearest = MIN (nearest, vertex (self, targets[j])->layer);
      if (vertex (self, i)->layer == 0 && nearest != G_MAXUINT)
        vertex (self, i)->layer = nearest - 1;
    }
}

static guint
add_vertex (Layout *self, guint node, guint lane, guint layer)
{
  Vertex added = { .node = node, .lane = lane, .layer = layer };

  g_array_append_val (self->vertices, added);
  return self->vertices->len - 1;
}

static void
add_piece (Layout *self, guint from, guint to)
{
  g_array_append_vals (self->pieces, &(Edge){ from, to }, 1);
}

/* Cuts long links into pieces from column to column, through lanes between those of their ends. */
static void
cut_edges (Layout *self)
{
  gsize total = self->n_nodes;

  for (guint i = 0; i < self->edges->len; i++)
    {
      const Edge *edge = &g_array_index (self->edges, Edge, i);

      total += vertex (self, edge->to)->layer - vertex (self, edge->from)->layer - 1;
    }
  for (guint i = 0; i < self->edges->len; i++)
    {
      Edge edge = g_array_index (self->edges, Edge, i);
      Vertex from = *vertex (self, edge.from), to = *vertex (self, edge.to);
      guint last = edge.from;

      if (total <= MAX_VERTICES)
        for (guint layer = from.layer + 1; layer < to.layer; layer++)
          {
            double share = (layer - from.layer) / (double) (to.layer - from.layer);
            guint passing =
                add_vertex (self, CHD_NO_INDEX, (guint) (from.lane + share * ((double) to.lane - from.lane)), layer);

            add_piece (self, last, passing);
            last = passing;
          }
      add_piece (self, last, edge.to);
    }
}

static void
fill_layers (Layout *self)
{
  g_autofree guint *fill = NULL;

  for (guint i = 0; i < self->vertices->len; i++)
    self->n_layers = MAX (self->n_layers, vertex (self, i)->layer + 1);
  self->layer_sizes = g_new0 (guint, self->n_layers + 1);
  self->layers = g_new0 (guint *, self->n_layers + 1);
  fill = g_new0 (guint, self->n_layers + 1);
  for (guint i = 0; i < self->vertices->len; i++)
    self->layer_sizes[vertex (self, i)->layer]++;
  for (guint layer = 0; layer < self->n_layers; layer++)
    self->layers[layer] = g_new (guint, self->layer_sizes[layer]);
  for (guint i = 0; i < self->vertices->len; i++)
    {
      guint layer = vertex (self, i)->layer;

      self->layers[layer][fill[layer]++] = i;
    }
  self->before = g_new0 (GArray *, self->vertices->len);
  self->after = g_new0 (GArray *, self->vertices->len);
  for (guint i = 0; i < self->vertices->len; i++)
    {
      self->before[i] = g_array_new (FALSE, FALSE, sizeof (guint));
      self->after[i] = g_array_new (FALSE, FALSE, sizeof (guint));
    }
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Edge *piece = &g_array_index (self->pieces, Edge, i);

      g_array_append_val (self->after[piece->from], piece->to);
      g_array_append_val (self->before[piece->to], piece->from);
    }
}

static int
compare_vertices (gconstpointer a, gconstpointer b, gpointer user_data)
{
  Layout *self = user_data;
  guint first_index = *(const guint *) a, second_index = *(const guint *) b;
  const Vertex *first = vertex (self, first_index), *second = vertex (self, second_index);

  if (first->lane != second->lane)
    return first->lane < second->lane ? -1 : 1;
  if (first->key != second->key)
    return first->key < second->key ? -1 : 1;
  if (first->rank != second->rank)
    return first->rank < second->rank ? -1 : 1;
  return first_index < second_index ? -1 : first_index > second_index;
}

static void
sort_layer (Layout *self, guint layer)
{
  g_qsort_with_data (self->layers[layer], (int) self->layer_sizes[layer], sizeof (guint), compare_vertices, self);
  for (guint i = 0; i < self->layer_sizes[layer]; i++)
    vertex (self, self->layers[layer][i])->rank = i;
}

static void
sweep_layer (Layout *self, guint layer, GArray **neighbours)
{
  for (guint i = 0; i < self->layer_sizes[layer]; i++)
    {
      guint index = self->layers[layer][i];
      GArray *beside = neighbours[index];
      double sum = 0;

      for (guint j = 0; j < beside->len; j++)
        {
          const Vertex *other = vertex (self, g_array_index (beside, guint, j));

          sum += (other->rank + 0.5) / self->layer_sizes[other->layer];
        }
      vertex (self, index)->key =
          beside->len > 0 ? sum / beside->len
                          : (vertex (self, index)->rank + 0.5) / self->layer_sizes[vertex (self, index)->layer];
    }
  sort_layer (self, layer);
}

static int
compare_ranks (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a, second = *(const guint *) b;

  return (first > second) - (first < second);
}

/* Crossings between a layer and the next: inversions of the targets' ranks, counted with a Fenwick tree. */
static guint64
count_crossings (Layout *self, guint layer)
{
  guint n_next = layer + 1 < self->n_layers ? self->layer_sizes[layer + 1] : 0;
  g_autofree guint *tree = g_new0 (guint, n_next + 1);
  g_autoptr (GArray) ranks = g_array_new (FALSE, FALSE, sizeof (guint));
  guint64 crossings = 0;
  guint seen = 0;

  for (guint i = 0; i < self->layer_sizes[layer]; i++)
    {
      GArray *targets = self->after[self->layers[layer][i]];

      g_array_set_size (ranks, 0);
      for (guint j = 0; j < targets->len; j++)
        if (vertex (self, g_array_index (targets, guint, j))->layer == layer + 1)
          g_array_append_val (ranks, vertex (self, g_array_index (targets, guint, j))->rank);
      g_array_sort (ranks, compare_ranks);
      for (guint j = 0; j < ranks->len; j++)
        {
          guint below_or_same = 0;

          for (guint at = g_array_index (ranks, guint, j) + 1; at > 0; at -= at & -at)
            below_or_same += tree[at];
          crossings += seen - below_or_same;
        }
      for (guint j = 0; j < ranks->len; j++)
        for (guint at = g_array_index (ranks, guint, j) + 1; at <= n_next; at += at & -at)
          tree[at]++;
      seen += ranks->len;
    }
  return crossings;
}

static guint64
count_all_crossings (Layout *self)
{
  guint64 crossings = 0;

  for (guint layer = 0; layer + 1 < self->n_layers; layer++)
    crossings += count_crossings (self, layer);
  return crossings;
}

static void
order_layers (Layout *self)
{
  g_autofree guint *best = g_new (guint, self->vertices->len);
  guint64 fewest;

  for (guint layer = 0; layer < self->n_layers; layer++)
    sort_layer (self, layer);
  fewest = count_all_crossings (self);
  for (guint i = 0; i < self->vertices->len; i++)
    best[i] = vertex (self, i)->rank;
  for (guint sweep = 0; sweep < SWEEPS && fewest > 0; sweep++)
    {
      guint64 crossings;

      for (guint i = 1; i < self->n_layers; i++)
        sweep_layer (self, sweep % 2 == 0 ? i : self->n_layers - 1 - i, sweep % 2 == 0 ? self->before : self->after);
      crossings = count_all_crossings (self);
      if (crossings >= fewest)
        continue;
      fewest = crossings;
      for (guint i = 0; i < self->vertices->len; i++)
        best[i] = vertex (self, i)->rank;
    }
  for (guint i = 0; i < self->vertices->len; i++)
    {
      vertex (self, i)->rank = best[i];
      vertex (self, i)->key = best[i];
    }
  for (guint layer = 0; layer < self->n_layers; layer++)
    sort_layer (self, layer);
}

/* Calls for each run of nodes in one lane of one layer. */
typedef void (*CellFunc) (Layout *self, const guint *nodes, guint n, gpointer user_data);

static void
foreach_cell (Layout *self, guint layer, CellFunc func, gpointer user_data)
{
  g_autofree guint *nodes = g_new (guint, self->layer_sizes[layer] + 1);
  guint n = 0;

  for (guint i = 0; i < self->layer_sizes[layer]; i++)
    {
      guint index = self->layers[layer][i];

      if (vertex (self, index)->node == CHD_NO_INDEX)
        continue;
      if (n > 0 && vertex (self, nodes[0])->lane != vertex (self, index)->lane)
        {
          func (self, nodes, n, user_data);
          n = 0;
        }
      nodes[n++] = index;
    }
  if (n > 0)
    func (self, nodes, n, user_data);
}

static void
count_rows_cb (Layout *self, const guint *nodes, guint n, gpointer user_data)
{
  guint *rows = user_data;

  rows[vertex (self, nodes[0])->lane] = MAX (rows[vertex (self, nodes[0])->lane], n);
}

static void
spread_rows_cb (Layout *self, const guint *nodes, guint n, gpointer user_data)
{
  const guint *rows = user_data;

  for (guint i = 0; i < n; i++)
    vertex (self, nodes[i])->row = (rows[vertex (self, nodes[i])->lane] - n) / 2.0 + i;
}

typedef struct
{
  const guint *rows;
  GArray **neighbours;
} Straighten;

/* The row a node would like: the middle of its neighbours in the same lane, in half rows. */
static double
wanted_row (Layout *self, guint index, GArray **neighbours)
{
  const Vertex *here = vertex (self, index);
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < neighbours[index]->len; i++)
    {
      const Vertex *other = vertex (self, g_array_index (neighbours[index], guint, i));

      if (other->node != CHD_NO_INDEX && other->lane == here->lane)
        {
          sum += other->row;
          n++;
        }
    }
  return n > 0 ? (int) (sum / n * 2 + 0.5) / 2.0 : here->row;
}

static void
straighten_cb (Layout *self, const guint *nodes, guint n, gpointer user_data)
{
  const Straighten *straighten = user_data;
  double lowest = straighten->rows[vertex (self, nodes[0])->lane] - 1.0;

  for (guint i = 0; i < n; i++)
    vertex (self, nodes[i])->row = wanted_row (self, nodes[i], straighten->neighbours);
  for (guint i = 1; i < n; i++)
    vertex (self, nodes[i])->row = MAX (vertex (self, nodes[i])->row, vertex (self, nodes[i - 1])->row + 1);
  for (guint i = n; i > 0; i--)
    {
      double most = i == n ? lowest : vertex (self, nodes[i])->row - 1;

      vertex (self, nodes[i - 1])->row = MIN (vertex (self, nodes[i - 1])->row, most);
    }
  for (guint i = 0; i < n; i++)
    vertex (self, nodes[i])->row = MAX (vertex (self, nodes[i])->row, (double) i);
}

static void
assign_rows (Layout *self, guint *rows)
{
  Straighten forward = { rows, self->before }, backward = { rows, self->after };

  for (guint layer = 0; layer < self->n_layers; layer++)
    foreach_cell (self, layer, count_rows_cb, rows);
  for (guint layer = 0; layer < self->n_layers; layer++)
    foreach_cell (self, layer, spread_rows_cb, rows);
  for (guint pass = 0; pass < 2; pass++)
    {
      for (guint layer = 1; layer < self->n_layers; layer++)
        foreach_cell (self, layer, straighten_cb, &forward);
      for (guint layer = MAX (self->n_layers, 1) - 1; pass == 0 && layer > 0; layer--)
        foreach_cell (self, layer - 1, straighten_cb, &backward);
    }
}

/* The x of each layer; wider gaps where conditions are written. */
static double *
place_columns (Layout *self, ChdChain *chain)
{
  double *columns = g_new0 (double, self->n_layers + 1);
  double x = CHD_LANE_SIDE + self->lanes.max_depth * CHD_LANE_INSET + CHD_CARD_WIDTH / 2;
  g_autofree gboolean *wide = g_new0 (gboolean, self->n_layers + 1);

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_LINK); i++)
    {
      const ChdLink *link = (const ChdLink *) chd_chain_get_item (chain, CHD_ITEM_LINK, i);
      guint from;

      if (link->result != NULL && chd_chain_find_index (chain, CHD_ITEM_NODE, link->from, &from))
        wide[vertex (self, from)->layer] = TRUE;
    }
  for (guint layer = 0; layer < self->n_layers; layer++)
    {
      columns[layer] = x;
      x += CHD_CARD_WIDTH + (wide[layer] ? CONDITION_GAP : COLUMN_GAP);
    }
  return columns;
}

static ChdPoint *
place_nodes (Layout *self, ChdChain *chain)
{
  g_autofree guint *rows = g_new0 (guint, self->lanes.n_lanes + 1);
  g_autofree ChdLaneExtent *extents = g_new0 (ChdLaneExtent, self->lanes.n_lanes + 1);
  g_autofree double *columns = place_columns (self, chain);
  ChdPoint *points = g_new (ChdPoint, self->n_nodes + 1);

  assign_rows (self, rows);
  /* As if all cards stood at the top: the offsets then say where the lanes' bands begin. */
  for (guint i = 0; i < self->lanes.n_lanes; i++)
    extents[i] = (ChdLaneExtent){ 0, MAX (rows[i], 1) * ROW - ROW_GAP };
  chd_lanes_place (&self->lanes, extents, 0, 0);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const Vertex *node = vertex (self, i);

      points[i].x = columns[node->layer];
      points[i].y =
          self->lanes.lanes[node->lane].offset - self->lanes.lanes[0].rect.y + CHD_CARD_HEIGHT / 2 + node->row * ROW;
    }
  return points;
}

static void
layout_clear (Layout *self)
{
  for (guint i = 0; i < self->vertices->len && self->before != NULL; i++)
    {
      g_array_unref (self->before[i]);
      g_array_unref (self->after[i]);
    }
  for (guint i = 0; i < self->n_layers; i++)
    g_free (self->layers[i]);
  g_free (self->layers);
  g_free (self->layer_sizes);
  g_free (self->before);
  g_free (self->after);
  g_array_unref (self->edges);
  g_array_unref (self->vertices);
  g_array_unref (self->pieces);
  chd_lanes_clear (&self->lanes);
}

ChdPoint *
chd_layout_run (ChdChain *chain)
{
  Layout self = { .n_nodes = chd_chain_get_n_items (chain, CHD_ITEM_NODE) };
  ChdPoint *points;

  chd_lanes_init (&self.lanes, chain);
  self.edges = list_forward_edges (chain, self.n_nodes);
  self.vertices = g_array_new (FALSE, FALSE, sizeof (Vertex));
  self.pieces = g_array_new (FALSE, FALSE, sizeof (Edge));
  for (guint i = 0; i < self.n_nodes; i++)
    add_vertex (&self, i, self.lanes.lane_of[i], 0);
  assign_layers (&self);
  cut_edges (&self);
  fill_layers (&self);
  order_layers (&self);
  points = place_nodes (&self, chain);
  layout_clear (&self);
  return points;
}

gboolean
chd_layout_apply (ChdChain *chain)
{
  g_autofree ChdPoint *points = chd_layout_run (chain);
  gboolean moved = FALSE;

  chd_chain_begin (chain, _ ("Tidy Up"));
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = (const ChdNode *) chd_chain_get_item (chain, CHD_ITEM_NODE, i);
      ChdNode *copy;

      if (node->placed && node->x == points[i].x && node->y == points[i].y)
        continue;
      copy = chd_item_copy (node);
      copy->placed = TRUE;
      copy->x = points[i].x;
      copy->y = points[i].y;
      chd_chain_replace (chain, copy);
      moved = TRUE;
    }
  chd_chain_end (chain);
  return moved;
}
