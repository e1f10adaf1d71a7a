/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A chain's links as arrays of numbers: order, circles and reach in time that grows with the number of links. */

#include "config.h"

#include "chd-graph.h"

static gboolean
find_ends (ChdChain *chain, guint index, guint *from, guint *to)
{
  const ChdLink *link = CHD_LINK (chd_chain_get_item (chain, CHD_ITEM_LINK, index));

  return chd_chain_find_index (chain, CHD_ITEM_NODE, link->from, from) &&
         chd_chain_find_index (chain, CHD_ITEM_NODE, link->to, to) && *from != *to;
}

static void
rank_nodes (ChdGraph *self)
{
  g_autofree guint *waits = g_new0 (guint, self->n);
  g_autofree guint *ready = g_new (guint, self->n + 1);
  guint n_ready = 0;

  for (guint i = 0; i < self->first[self->n]; i++)
    waits[self->targets[i]]++;
  for (guint i = 0; i < self->n; i++)
    {
      self->rank[i] = G_MAXUINT;
      if (waits[i] == 0)
        ready[n_ready++] = i;
    }
  for (guint done = 0; done < n_ready; done++)
    {
      guint node = ready[done];

      self->rank[node] = done;
      for (guint i = self->first[node]; i < self->first[node + 1]; i++)
        if (--waits[self->targets[i]] == 0)
          ready[n_ready++] = self->targets[i];
    }
  self->n_ranked = n_ready;
}

ChdGraph *
chd_graph_new (ChdChain *chain)
{
  ChdGraph *self = g_new0 (ChdGraph, 1);
  guint n_links = chd_chain_get_n_items (chain, CHD_ITEM_LINK);
  g_autofree guint *next = NULL;
  guint from, to;

  self->n = chd_chain_get_n_items (chain, CHD_ITEM_NODE);
  self->first = g_new0 (guint, self->n + 1);
  self->targets = g_new (guint, n_links + 1);
  self->rank = g_new (guint, self->n + 1);
  for (guint i = 0; i < n_links; i++)
    if (find_ends (chain, i, &from, &to))
      self->first[from + 1]++;
  for (guint i = 0; i < self->n; i++)
    self->first[i + 1] += self->first[i];
  next = g_memdup2 (self->first, sizeof (guint) * (self->n + 1));
  for (guint i = 0; i < n_links; i++)
    if (find_ends (chain, i, &from, &to))
      self->targets[next[from]++] = to;
  rank_nodes (self);
  return self;
}

void
chd_graph_free (ChdGraph *self)
{
  g_free (self->first);
  g_free (self->targets);
  g_free (self->rank);
  g_free (self);
}

/* Tarjan's strongly connected components, with a stack of our own: a circle may be as long as the document. */
typedef struct
{
  const ChdGraph *graph;
  guint *number; /* per node, in order of discovery from 1; 0 when not seen */
  guint *low;
  guint *next;      /* per node: the link to look at next */
  guint *component; /* per node, from 1; 0 while it is not decided */
  GArray *path;     /* nodes that are being looked at */
  GArray *open;     /* nodes without a component */
  guint n_numbers;
  guint n_components;
} Components;

static void
push (Components *c, guint node)
{
  c->number[node] = c->low[node] = ++c->n_numbers;
  c->next[node] = c->graph->first[node];
  g_array_append_val (c->path, node);
  g_array_append_val (c->open, node);
}

static void
pop (Components *c)
{
  guint node = g_array_index (c->path, guint, c->path->len - 1);

  g_array_set_size (c->path, c->path->len - 1);
  if (c->path->len > 0)
    {
      guint parent = g_array_index (c->path, guint, c->path->len - 1);

      c->low[parent] = MIN (c->low[parent], c->low[node]);
    }
  if (c->low[node] != c->number[node])
    return;
  c->n_components++;
  for (guint member = G_MAXUINT; member != node;)
    {
      member = g_array_index (c->open, guint, c->open->len - 1);
      g_array_set_size (c->open, c->open->len - 1);
      c->component[member] = c->n_components;
    }
}

static void
explore (Components *c, guint start)
{
  push (c, start);
  while (c->path->len > 0)
    {
      guint node = g_array_index (c->path, guint, c->path->len - 1);
      guint target;

      if (c->next[node] == c->graph->first[node + 1])
        {
          pop (c);
          continue;
        }
      target = c->graph->targets[c->next[node]++];
      if (c->number[target] == 0)
        push (c, target);
      else if (c->component[target] == 0)
        c->low[node] = MIN (c->low[node], c->number[target]);
    }
}

/* The shortest way from @start back to itself inside its component; empty when there is none. */
static GArray *
find_circle (const ChdGraph *self, const guint *component, guint start, guint *via)
{
  GArray *circle = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_append_val (queue, start);
  for (guint done = 0; done < queue->len && circle->len == 0; done++)
    {
      guint node = g_array_index (queue, guint, done);

      for (guint i = self->first[node]; i < self->first[node + 1]; i++)
        {
          guint target = self->targets[i];

          if (target == start)
            {
              for (guint step = node; step != start; step = via[step])
                g_array_prepend_val (circle, step);
              g_array_prepend_val (circle, start);
              break;
            }
          if (component[target] != component[start] || via[target] != G_MAXUINT)
            continue;
          via[target] = node;
          g_array_append_val (queue, target);
        }
    }
  return circle;
}

/**
 * chd_graph_list_circles:
 *
 * Returns: (transfer full) (element-type GArray): for each group of nodes that wait for each other a shortest circle
 *   through its first node, as indexes of nodes
 */
GPtrArray *
chd_graph_list_circles (const ChdGraph *self)
{
  GPtrArray *circles = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autofree guint *numbers = NULL, *via = NULL, *seen = NULL;
  Components c = { .graph = self };

  if (self->n_ranked == self->n)
    return circles;
  numbers = g_new0 (guint, 4 * (gsize) self->n);
  c.number = numbers;
  c.low = numbers + self->n;
  c.next = numbers + 2 * (gsize) self->n;
  c.component = numbers + 3 * (gsize) self->n;
  c.path = g_array_new (FALSE, FALSE, sizeof (guint));
  c.open = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < self->n; i++)
    if (self->rank[i] == G_MAXUINT && c.number[i] == 0)
      explore (&c, i);
  g_array_unref (c.path);
  g_array_unref (c.open);

  seen = g_new0 (guint, c.n_components + 1);
  via = g_new (guint, self->n);
  for (guint i = 0; i < self->n; i++)
    via[i] = G_MAXUINT;
  for (guint i = 0; i < self->n; i++)
    {
      g_autoptr (GArray) circle = NULL;

      if (c.component[i] == 0 || seen[c.component[i]]++ > 0)
        continue;
      circle = find_circle (self, c.component, i, via);
      if (circle->len > 0)
        g_ptr_array_add (circles, g_steal_pointer (&circle));
    }
  return circles;
}

/**
 * chd_graph_mark_reached:
 * @last_rank: nodes of a higher rank are left out; every ranked node's way to another goes over lower ranks
 * @marks: per node
 *
 * Sets the mark of every node that a path leads to from @from, but for @from itself. Without circles only.
 */
void
chd_graph_mark_reached (const ChdGraph *self, guint from, guint last_rank, guint *marks, guint mark)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_append_val (pending, from);
  while (pending->len > 0)
    {
      guint node = g_array_index (pending, guint, pending->len - 1);

      g_array_set_size (pending, pending->len - 1);
      for (guint i = self->first[node]; i < self->first[node + 1]; i++)
        {
          guint target = self->targets[i];

          if (marks[target] == mark || self->rank[target] > last_rank)
            continue;
          marks[target] = mark;
          g_array_append_val (pending, target);
        }
    }
}
