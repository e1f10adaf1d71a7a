/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a scene is made from its chain: items, places, lanes, ways of links, indexes; and what of the scene before it
 * can be kept. */

#include "config.h"

#include "chd-scene-private.h"

#include <math.h>
#include <string.h>

#include "chd-layout.h"
#include "chd-route.h"

#define FARTHEST 1e6 /* positions beyond are taken as this: floats on the screen can't tell more apart */
#define UNPLACED_STEP (CHD_CARD_WIDTH + 64)

void
chd_scene_drop_picture (ChdScene *self, gpointer *picture)
{
  gpointer old = g_steal_pointer (picture);

  if (old != NULL && self->free_picture != NULL)
    self->free_picture (old);
}

static double
bounded (double value)
{
  return isfinite (value) ? CLAMP (value, -FARTHEST, FARTHEST) : 0;
}

void
chd_scene_read_news (ChdScene *self, ChdSceneNode *node)
{
  const ChdNodeNews *news = g_hash_table_lookup (self->news, node->item->item.id);

  g_free (node->note);
  node->state = news != NULL ? news->state : CHD_NODE_DRAFT;
  node->note = news != NULL ? g_strdup (news->note) : NULL;
  node->progress = news != NULL ? news->progress : -1;
}

/* A place behind what comes before the node, right of the cards that are already in its row. */
static void
place_new_node (ChdScene *self, ChdSceneNode *nodes, guint n_nodes, guint index, const gboolean *placed)
{
  ChdSceneNode *node = &nodes[index];
  GPtrArray *links = chd_chain_get_links (self->chain, node->item->item.id, CHD_LINKS_IN);
  gboolean has_row = FALSE;

  node->x = -G_MAXDOUBLE;
  for (guint i = 0; i < links->len; i++)
    {
      guint from;

      if (chd_chain_find_index (self->chain, CHD_ITEM_NODE, ((ChdLink *) g_ptr_array_index (links, i))->from, &from) &&
          placed[from])
        node->x = MAX (node->x, nodes[from].x + UNPLACED_STEP);
    }
  for (guint i = 0; i < n_nodes; i++)
    if (placed[i] && nodes[i].lane == node->lane && (!has_row || nodes[i].y < node->y))
      {
        node->y = nodes[i].y;
        has_row = TRUE;
      }
  if (node->x == -G_MAXDOUBLE)
    {
      node->x = G_MAXDOUBLE;
      for (guint i = 0; i < n_nodes; i++)
        if (placed[i])
          node->x = MIN (node->x, nodes[i].x);
    }
  for (guint i = 0; i < n_nodes; i++)
    if (placed[i] && nodes[i].lane == node->lane && ABS (nodes[i].y - node->y) < CHD_CARD_HEIGHT)
      node->x = MAX (node->x, nodes[i].x + UNPLACED_STEP);
}

/* Positions for nodes that the document gives none: all of them by the layout, single ones beside the others. */
static void
place_new_nodes (ChdScene *self, ChdSceneNode *nodes, guint n_nodes, guint n_placed)
{
  if (n_placed == n_nodes)
    return;
  if (n_placed == 0)
    {
      g_autofree ChdPoint *points = chd_layout_run (self->chain);

      for (guint i = 0; i < n_nodes; i++)
        {
          nodes[i].x = points[i].x;
          nodes[i].y = points[i].y;
        }
    }
  else
    {
      g_autofree gboolean *placed = g_new (gboolean, n_nodes);

      for (guint i = 0; i < n_nodes; i++)
        placed[i] = nodes[i].item->placed;
      for (guint i = 0; i < n_nodes; i++)
        if (!placed[i])
          {
            place_new_node (self, nodes, n_nodes, i, placed);
            placed[i] = TRUE;
          }
    }
}

static ChdSceneNode *
make_nodes (ChdScene *self, const guint *lane_of, guint n_nodes)
{
  ChdSceneNode *nodes = g_new0 (ChdSceneNode, n_nodes);
  guint n_placed = 0;

  for (guint i = 0; i < n_nodes; i++)
    {
      nodes[i].item = chd_item_ref (chd_chain_get_item (self->chain, CHD_ITEM_NODE, i));
      nodes[i].lane = lane_of[i];
      chd_scene_read_news (self, &nodes[i]);
      if (nodes[i].item->placed)
        {
          nodes[i].x = bounded (nodes[i].item->x);
          nodes[i].y = bounded (nodes[i].item->y);
          n_placed++;
        }
    }
  place_new_nodes (self, nodes, n_nodes, n_placed);
  return nodes;
}

static ChdSceneLink *
make_links (ChdScene *self, guint n_links)
{
  ChdSceneLink *links = g_new0 (ChdSceneLink, n_links);

  for (guint i = 0; i < n_links; i++)
    {
      const ChdLink *item = chd_item_ref (chd_chain_get_item (self->chain, CHD_ITEM_LINK, i));

      links[i].item = item;
      if (!chd_chain_find_index (self->chain, CHD_ITEM_NODE, item->from, &links[i].from) ||
          !chd_chain_find_index (self->chain, CHD_ITEM_NODE, item->to, &links[i].to))
        links[i].from = links[i].to = CHD_NO_INDEX;
    }
  return links;
}

static void
place_lanes (ChdScene *self)
{
  g_autofree ChdLaneExtent *extents = g_new (ChdLaneExtent, self->lanes.n_lanes);
  double left = self->n_nodes > 0 ? G_MAXDOUBLE : 0, right = self->n_nodes > 0 ? -G_MAXDOUBLE : 0;

  for (guint i = 0; i < self->lanes.n_lanes; i++)
    extents[i] = (ChdLaneExtent){ G_MAXDOUBLE, -G_MAXDOUBLE };
  for (guint i = 0; i < self->n_nodes; i++)
    {
      const ChdSceneNode *node = &self->nodes[i];
      ChdLaneExtent *extent = &extents[node->lane];

      extent->top = MIN (extent->top, node->y - CHD_CARD_HEIGHT / 2);
      extent->bottom = MAX (extent->bottom, node->y + CHD_CARD_HEIGHT / 2);
      left = MIN (left, node->x - CHD_CARD_WIDTH / 2);
      right = MAX (right, node->x + CHD_CARD_WIDTH / 2);
    }
  chd_lanes_place (&self->lanes, extents, left, right);
  for (guint i = 0; i < self->n_nodes; i++)
    {
      ChdSceneNode *node = &self->nodes[i];
      const ChdSceneLane *lane = &self->lanes.lanes[node->lane];

      node->hidden = lane->hidden || lane->collapsed;
      /* What is hidden stands in its line, where its links end. */
      node->open_y = node->y + lane->offset;
      node->y = node->hidden ? lane->rect.y + CHD_LANE_HEADER - CHD_LANE_STRIP : node->open_y;
    }
}

/* Whether every card and link is where it was, so that the links' ways still hold. */
static gboolean
same_geometry (const ChdSceneNode *old_nodes,
               const ChdSceneNode *nodes,
               guint n_nodes,
               const ChdSceneLink *old_links,
               const ChdSceneLink *links,
               guint n_links)
{
  for (guint i = 0; i < n_nodes; i++)
    if (nodes[i].x != old_nodes[i].x || nodes[i].y != old_nodes[i].y)
      return FALSE;
  for (guint i = 0; i < n_links; i++)
    if (links[i].from != old_links[i].from || links[i].to != old_links[i].to)
      return FALSE;
  return TRUE;
}

static void
make_bounds (ChdScene *self)
{
  gboolean first = TRUE;

  self->bounds = (ChdRect){ 0, 0, 0, 0 };
  for (guint i = 0; i < self->lanes.n_lanes; i++)
    if (self->lanes.lanes[i].depth == 0)
      {
        if (first)
          self->bounds = self->lanes.lanes[i].rect;
        else
          chd_rect_join (&self->bounds, &self->lanes.lanes[i].rect);
        first = FALSE;
      }
  for (guint i = 0; i < self->n_links; i++)
    for (guint j = 0; j < self->links[i].n_points; j++)
      {
        ChdRect at = { self->links[i].points[j].x - 2, self->links[i].points[j].y - 2, 4, 4 };

        chd_rect_join (&self->bounds, &at);
      }
}

static void
index_nodes (ChdScene *self)
{
  g_clear_pointer (&self->node_grid, chd_grid_free);
  self->node_grid = chd_grid_new ();
  for (guint i = 0; i < self->n_nodes; i++)
    {
      ChdRect card = { self->nodes[i].x - CHD_CARD_WIDTH / 2, self->nodes[i].y - CHD_CARD_HEIGHT / 2, CHD_CARD_WIDTH,
                       CHD_CARD_HEIGHT };

      if (!self->nodes[i].hidden)
        chd_grid_add (self->node_grid, i, &card);
    }
}

/* Links inside of a collapsed lane are not seen. */
static void
drop_hidden_links (ChdScene *self)
{
  for (guint i = 0; i < self->n_links; i++)
    {
      ChdSceneLink *link = &self->links[i];

      if (link->from != CHD_NO_INDEX && self->nodes[link->from].hidden && self->nodes[link->to].hidden &&
          chd_lanes_find_shown (&self->lanes, self->nodes[link->from].lane) ==
              chd_lanes_find_shown (&self->lanes, self->nodes[link->to].lane))
        {
          g_clear_pointer (&link->points, g_free);
          link->n_points = 0;
        }
    }
}

/* A link is found in the cells that its pieces run through, not in those of its bounding box. */
static void
index_links (ChdScene *self)
{
  g_clear_pointer (&self->link_grid, chd_grid_free);
  self->link_grid = chd_grid_new ();
  for (guint i = 0; i < self->n_links; i++)
    for (guint j = 0; j + 1 < self->links[i].n_points; j++)
      {
        const ChdPoint *a = &self->links[i].points[j];
        ChdRect piece = chd_rect_between (a[0].x, a[0].y, a[1].x, a[1].y);

        chd_grid_add (self->link_grid, i, &piece);
      }
}

/* Hands the pictures of items that look as before from the old arrays to the new ones. */
static void
keep_node_pictures (ChdScene *self, ChdSceneNode *old, guint n_old)
{
  for (guint i = 0; i < n_old; i++)
    {
      guint now;

      if (old[i].picture == NULL)
        continue;
      if (chd_chain_find_index (self->chain, CHD_ITEM_NODE, old[i].item->item.id, &now))
        {
          ChdSceneNode *node = &self->nodes[now];

          if (!self->scripts_changed && node->item == old[i].item && node->x == old[i].x && node->y == old[i].y)
            node->picture = g_steal_pointer (&old[i].picture);
        }
      chd_scene_drop_picture (self, &old[i].picture);
    }
}

static void
keep_link_pictures (ChdScene *self, ChdSceneLink *old, guint n_old)
{
  for (guint i = 0; i < n_old; i++)
    {
      guint now;

      if (old[i].picture == NULL)
        continue;
      if (chd_chain_find_index (self->chain, CHD_ITEM_LINK, old[i].item->item.id, &now))
        {
          ChdSceneLink *link = &self->links[now];

          if (link->item == old[i].item && link->n_points == old[i].n_points &&
              (link->n_points == 0 || memcmp (link->points, old[i].points, link->n_points * sizeof (ChdPoint)) == 0))
            link->picture = g_steal_pointer (&old[i].picture);
        }
      chd_scene_drop_picture (self, &old[i].picture);
    }
}

static void
free_nodes (ChdScene *self, ChdSceneNode *nodes, guint n_nodes)
{
  for (guint i = 0; i < n_nodes; i++)
    {
      chd_scene_drop_picture (self, &nodes[i].picture);
      chd_item_unref ((gpointer) nodes[i].item);
      g_free (nodes[i].note);
    }
  g_free (nodes);
}

static void
free_links (ChdScene *self, ChdSceneLink *links, guint n_links)
{
  for (guint i = 0; i < n_links; i++)
    {
      chd_scene_drop_picture (self, &links[i].picture);
      chd_item_unref ((gpointer) links[i].item);
      g_free (links[i].points);
    }
  g_free (links);
}

static void
ref_units (ChdLanes *lanes)
{
  for (guint i = 0; i < lanes->n_lanes; i++)
    if (lanes->lanes[i].item != NULL)
      chd_item_ref (lanes->lanes[i].item);
}

static void
unref_lanes (ChdLanes *lanes)
{
  for (guint i = 0; i < lanes->n_lanes; i++)
    g_clear_pointer ((ChdItem **) &lanes->lanes[i].item, chd_item_unref);
  chd_lanes_clear (lanes);
}

void
chd_scene_update (ChdScene *self)
{
  ChdSceneNode *old_nodes = self->nodes;
  ChdSceneLink *old_links = self->links;
  guint n_old_nodes = self->n_nodes, n_old_links = self->n_links;

  if (!self->stale)
    return;
  self->stale = FALSE;
  unref_lanes (&self->lanes);
  chd_lanes_init (&self->lanes, self->chain);
  chd_lanes_hide (&self->lanes, self->hide_unused);
  ref_units (&self->lanes);
  self->n_nodes = chd_chain_get_n_items (self->chain, CHD_ITEM_NODE);
  self->n_links = chd_chain_get_n_items (self->chain, CHD_ITEM_LINK);
  self->nodes = make_nodes (self, self->lanes.lane_of, self->n_nodes);
  self->links = make_links (self, self->n_links);
  place_lanes (self);
  if (self->node_grid != NULL && self->n_nodes == n_old_nodes && self->n_links == n_old_links &&
      same_geometry (old_nodes, self->nodes, self->n_nodes, old_links, self->links, self->n_links))
    for (guint i = 0; i < self->n_links; i++)
      {
        self->links[i].points = old_links[i].n_points > 0
                                    ? g_memdup2 (old_links[i].points, old_links[i].n_points * sizeof (ChdPoint))
                                    : NULL;
        self->links[i].n_points = old_links[i].n_points;
      }
  else
    {
      index_nodes (self);
      chd_route_all (self->nodes, self->n_nodes, self->links, self->n_links, self->node_grid);
      drop_hidden_links (self);
      index_links (self);
    }
  make_bounds (self);
  g_clear_pointer (&self->ranks, g_free);
  keep_node_pictures (self, old_nodes, n_old_nodes);
  keep_link_pictures (self, old_links, n_old_links);
  free_nodes (self, old_nodes, n_old_nodes);
  free_links (self, old_links, n_old_links);
  self->scripts_changed = FALSE;
}

void
chd_scene_clear (ChdScene *self)
{
  free_nodes (self, self->nodes, self->n_nodes);
  free_links (self, self->links, self->n_links);
  unref_lanes (&self->lanes);
  g_clear_pointer (&self->node_grid, chd_grid_free);
  g_clear_pointer (&self->link_grid, chd_grid_free);
  g_clear_pointer (&self->ranks, g_free);
}
