/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nested lanes. A lane consists of a header, a band with its own cards, and below that the lanes inside it, each as
 * wide as its depth allows. From top to bottom every lane begins where the one before it ends; where the cards of the
 * document would stand higher than their lane's band, the lane carries an offset that pushes them down. Nothing is
 * ever pulled up, so that a card dropped with room above it stays there. */

#include "config.h"

#include "chd-lanes.h"

typedef struct
{
  GArray *children; /* (nullable) of guint: indices of units */
} UnitChildren;

static guint
find_parent (ChdChain *chain, guint index)
{
  const ChdUnit *unit = (const ChdUnit *) chd_chain_get_item (chain, CHD_ITEM_UNIT, index);
  guint parent;

  return chd_chain_find_index (chain, CHD_ITEM_UNIT, unit->parent, &parent) && parent != index ? parent : CHD_NO_INDEX;
}

/* Appends the lanes of a tree of units, depth first; units already seen (a circle of parents) are left out. */
static void
append_tree (GArray *lanes, ChdChain *chain, const UnitChildren *children, guint *lane_of_unit, guint root)
{
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_append_val (pending, root);
  while (pending->len > 0)
    {
      guint unit = g_array_index (pending, guint, pending->len - 1);
      guint parent = unit == root ? CHD_NO_INDEX : lane_of_unit[find_parent (chain, unit)];
      ChdSceneLane lane = { .item = (const ChdUnit *) chd_chain_get_item (chain, CHD_ITEM_UNIT, unit),
                            .parent = parent,
                            .compact = TRUE };

      g_array_set_size (pending, pending->len - 1);
      if (parent != CHD_NO_INDEX)
        {
          lane.depth = g_array_index (lanes, ChdSceneLane, parent).depth + 1;
          g_array_index (lanes, ChdSceneLane, parent).compact = FALSE;
        }
      lane_of_unit[unit] = lanes->len;
      g_array_append_val (lanes, lane);
      for (guint i = children[unit].children != NULL ? children[unit].children->len : 0; i > 0; i--)
        {
          guint child = g_array_index (children[unit].children, guint, i - 1);

          if (lane_of_unit[child] == CHD_NO_INDEX && child != root)
            g_array_append_val (pending, child);
        }
    }
}

static void
assign_nodes (ChdLanes *self, GArray *lanes, ChdChain *chain)
{
  guint n_nodes = chd_chain_get_n_items (chain, CHD_ITEM_NODE);
  guint homeless = CHD_NO_INDEX;

  self->lane_of = g_new (guint, n_nodes);
  for (guint i = 0; i < n_nodes; i++)
    {
      const ChdNode *node = (const ChdNode *) chd_chain_get_item (chain, CHD_ITEM_NODE, i);
      guint unit;

      if (chd_chain_find_index (chain, CHD_ITEM_UNIT, node->unit, &unit))
        self->lane_of[i] = self->lane_of_unit[unit];
      else
        {
          if (homeless == CHD_NO_INDEX)
            {
              ChdSceneLane lane = { .parent = CHD_NO_INDEX };

              homeless = lanes->len;
              g_array_append_val (lanes, lane);
            }
          self->lane_of[i] = homeless;
        }
      g_array_index (lanes, ChdSceneLane, self->lane_of[i]).n_nodes++;
      g_array_index (lanes, ChdSceneLane, self->lane_of[i]).compact = FALSE;
    }
}

void
chd_lanes_init (ChdLanes *self, ChdChain *chain)
{
  guint n_units = chd_chain_get_n_items (chain, CHD_ITEM_UNIT);
  GArray *lanes = g_array_sized_new (FALSE, FALSE, sizeof (ChdSceneLane), n_units + 1);
  g_autofree UnitChildren *children = g_new0 (UnitChildren, n_units);

  self->lane_of_unit = g_new (guint, n_units);
  for (guint i = 0; i < n_units; i++)
    {
      guint parent = find_parent (chain, i);

      self->lane_of_unit[i] = CHD_NO_INDEX;
      if (parent == CHD_NO_INDEX)
        continue;
      if (children[parent].children == NULL)
        children[parent].children = g_array_new (FALSE, FALSE, sizeof (guint));
      g_array_append_val (children[parent].children, i);
    }
  for (guint i = 0; i < n_units; i++)
    if (find_parent (chain, i) == CHD_NO_INDEX)
      append_tree (lanes, chain, children, self->lane_of_unit, i);
  /* What is left stands on a circle of parents; the first unit of the document opens it. */
  for (guint i = 0; i < n_units; i++)
    if (self->lane_of_unit[i] == CHD_NO_INDEX)
      append_tree (lanes, chain, children, self->lane_of_unit, i);
  for (guint i = 0; i < n_units; i++)
    g_clear_pointer (&children[i].children, g_array_unref);

  assign_nodes (self, lanes, chain);
  self->n_lanes = lanes->len;
  self->lanes = (ChdSceneLane *) (gpointer) g_array_free (lanes, FALSE);
  self->max_depth = 0;
  for (guint i = 0; i < self->n_lanes; i++)
    {
      self->lanes[i].n_all_nodes = self->lanes[i].n_nodes;
      self->max_depth = MAX (self->max_depth, self->lanes[i].depth);
    }
  for (guint i = self->n_lanes; i > 0; i--)
    if (self->lanes[i - 1].parent != CHD_NO_INDEX)
      self->lanes[self->lanes[i - 1].parent].n_all_nodes += self->lanes[i - 1].n_all_nodes;
}

void
chd_lanes_clear (ChdLanes *self)
{
  g_clear_pointer (&self->lanes, g_free);
  g_clear_pointer (&self->lane_of, g_free);
  g_clear_pointer (&self->lane_of_unit, g_free);
  self->n_lanes = 0;
}

void
chd_lanes_hide (ChdLanes *self, gboolean unused)
{
  guint n_nodes = 0;

  for (guint i = 0; i < self->n_lanes; i++)
    n_nodes += self->lanes[i].n_nodes;
  /* Before there is any node there has to be a place for it. */
  unused = unused && n_nodes > 0;
  for (guint i = 0; i < self->n_lanes; i++)
    {
      ChdSceneLane *lane = &self->lanes[i];
      const ChdSceneLane *parent = lane->parent != CHD_NO_INDEX ? &self->lanes[lane->parent] : NULL;

      lane->hidden = (parent != NULL && (parent->hidden || parent->collapsed)) || (unused && lane->n_all_nodes == 0);
      lane->collapsed = !lane->hidden && !lane->compact && lane->item != NULL && lane->item->collapsed;
    }
}

guint
chd_lanes_find_shown (ChdLanes *self, guint lane)
{
  while (self->lanes[lane].hidden && self->lanes[lane].parent != CHD_NO_INDEX)
    lane = self->lanes[lane].parent;
  return lane;
}

/* Ends the lanes that the next one, of @depth, is not inside of. Returns: where it begins */
static double
close_lanes (ChdLanes *self, guint last, guint depth, double bottom)
{
  for (guint at = last; at != CHD_NO_INDEX && self->lanes[at].depth >= depth; at = self->lanes[at].parent)
    {
      if (at != last)
        bottom += CHD_LANE_INSET;
      self->lanes[at].rect.height = bottom - self->lanes[at].rect.y;
      if (self->lanes[at].depth == depth)
        break;
    }
  return bottom + CHD_LANE_GAP;
}

static void
place_from (ChdLanes *self, const ChdLaneExtent *extents, double y, double *bands)
{
  double bottom = y;

  for (guint i = 0; i < self->n_lanes; i++)
    {
      ChdSceneLane *lane = &self->lanes[i];

      if (i > 0 && lane->depth <= self->lanes[i - 1].depth)
        y = close_lanes (self, i - 1, lane->depth, bottom);
      else
        y = bottom;
      lane->rect.y = y;
      lane->offset = 0;
      bottom = y + CHD_LANE_HEADER;
      if (lane->n_nodes > 0)
        {
          bottom += CHD_LANE_BAND_TOP;
          lane->offset = MAX (0, bottom - extents[i].top);
          bottom = MAX (bottom, extents[i].bottom + lane->offset) + CHD_LANE_BAND_BOTTOM;
        }
      bands[i] = bottom;
    }
  if (self->n_lanes > 0)
    close_lanes (self, self->n_lanes - 1, 0, bottom);
}

/* Moves everything up by what hidden and collapsed lanes leave; inside each lane all stays as it is. @bands: where the
 * band of each lane's own cards ended. */
static void
close_up (ChdLanes *self, const double *bands)
{
  double bottom = self->lanes[0].rect.y;
  guint last = CHD_NO_INDEX;

  for (guint i = 0; i < self->n_lanes; i++)
    {
      ChdSceneLane *lane = &self->lanes[i];
      double y = bottom, shift;

      if (lane->hidden)
        continue;
      if (last != CHD_NO_INDEX && lane->depth <= self->lanes[last].depth)
        y = close_lanes (self, last, lane->depth, bottom);
      shift = y - lane->rect.y;
      lane->rect.y = y;
      lane->offset += shift;
      bottom = lane->collapsed ? y + CHD_LANE_HEADER : bands[i] + shift;
      last = i;
    }
  if (last != CHD_NO_INDEX)
    close_lanes (self, last, 0, bottom);
  for (guint i = 0; i < self->n_lanes; i++)
    if (self->lanes[i].hidden)
      {
        guint shown = chd_lanes_find_shown (self, i);

        if (shown != i)
          self->lanes[i].rect = self->lanes[shown].rect;
        else
          self->lanes[i].rect = (ChdRect){ self->lanes[i].rect.x, self->lanes[0].rect.y, 0, 0 };
      }
}

void
chd_lanes_place (ChdLanes *self, const ChdLaneExtent *extents, double left, double right)
{
  double start = 0;
  g_autofree double *bands = g_new0 (double, self->n_lanes);
  gboolean all_shown = TRUE;

  left -= CHD_LANE_SIDE;
  right = MAX (right + CHD_LANE_SIDE, left + CHD_LANE_MIN_WIDTH);
  for (guint i = 0; i < self->n_lanes; i++)
    {
      double inset = (self->max_depth - self->lanes[i].depth) * CHD_LANE_INSET;

      self->lanes[i].rect.x = left - inset;
      self->lanes[i].rect.width = right - left + 2 * inset;
    }
  place_from (self, extents, 0, bands);
  /* The first lane with cards stands where the document has them; what is above it hangs from there. */
  for (guint i = 0; i < self->n_lanes; i++)
    if (self->lanes[i].n_nodes > 0)
      {
        start = extents[i].top - (self->lanes[i].rect.y + CHD_LANE_HEADER + CHD_LANE_BAND_TOP);
        break;
      }
  if (start != 0)
    place_from (self, extents, start, bands);
  for (guint i = 0; i < self->n_lanes; i++)
    all_shown &= !self->lanes[i].hidden && !self->lanes[i].collapsed;
  if (!all_shown)
    close_up (self, bands);
}
