/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edits of lanes. Positions in the document are absolute, so that cards have to go along with a lane that moves: the
 * bands are stacked in the new order, and each card keeps its distance to the top of its band. */

#include "config.h"

#include "chd-edit-lanes.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "chd-scene-private.h"
#include "chd-util.h"

gboolean
chd_edit_set_collapsed (ChdChain *chain, const char *unit, gboolean collapsed)
{
  const ChdUnit *item = chd_chain_find_unit (chain, unit);
  ChdUnit *copy;

  if (item == NULL || item->collapsed == collapsed)
    return FALSE;
  copy = chd_item_copy (item);
  copy->collapsed = collapsed;
  chd_chain_begin (chain, collapsed ? _ ("Collapse Unit") : _ ("Expand Unit"));
  chd_chain_replace (chain, copy);
  chd_chain_end (chain);
  return TRUE;
}

/* Where everything is while all lanes are open. */
typedef struct
{
  ChdLanes lanes;
  double *ys; /* of the nodes, as placed */
} Stack;

static void
clear_stack (Stack *stack)
{
  chd_lanes_clear (&stack->lanes);
  g_free (stack->ys);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stack, clear_stack)

static double
band_top (const ChdSceneLane *lane)
{
  return lane->rect.y + CHD_LANE_HEADER + CHD_LANE_BAND_TOP;
}

/* @ys: of the nodes before they are placed; @relative: to the tops of their bands */
static void
init_stack (Stack *stack, ChdChain *chain, const double *ys, gboolean relative)
{
  guint n_nodes = chd_chain_get_n_items (chain, CHD_ITEM_NODE);
  g_autofree ChdLaneExtent *extents = NULL;

  chd_lanes_init (&stack->lanes, chain);
  extents = g_new (ChdLaneExtent, stack->lanes.n_lanes);
  for (guint i = 0; i < stack->lanes.n_lanes; i++)
    extents[i] = (ChdLaneExtent){ relative ? 0 : G_MAXDOUBLE, -G_MAXDOUBLE };
  for (guint i = 0; i < n_nodes; i++)
    {
      ChdLaneExtent *extent = &extents[stack->lanes.lane_of[i]];

      extent->top = MIN (extent->top, ys[i] - CHD_CARD_HEIGHT / 2);
      extent->bottom = MAX (extent->bottom, ys[i] + CHD_CARD_HEIGHT / 2);
    }
  chd_lanes_place (&stack->lanes, extents, 0, 0);
  stack->ys = g_new (double, n_nodes);
  for (guint i = 0; i < n_nodes; i++)
    stack->ys[i] = ys[i] + stack->lanes.lanes[stack->lanes.lane_of[i]].offset;
}

/* Where the nodes are in the document, or where the scene has put those that have no place yet. */
static double *
list_ys (ChdScene *scene)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  double *ys = g_new (double, chd_chain_get_n_items (chain, CHD_ITEM_NODE));

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_NODE); i++)
    {
      const ChdSceneNode *node = chd_scene_get_node (scene, i);

      ys[i] = node->item->placed ? node->item->y : node->open_y - chd_scene_get_lane (scene, node->lane)->offset;
    }
  return ys;
}

/* Lets the cards follow after the units were put into another order. */
static void
restack (ChdScene *scene, const Stack *before)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  guint n_nodes = chd_chain_get_n_items (chain, CHD_ITEM_NODE);
  g_autofree double *ys = g_new (double, n_nodes);
  g_auto (Stack) after = { 0 };
  double start;

  for (guint i = 0; i < n_nodes; i++)
    ys[i] = before->ys[i] - band_top (&before->lanes.lanes[before->lanes.lane_of[i]]);
  /* A gap above the first card of a band stays. */
  init_stack (&after, chain, ys, TRUE);
  if (after.lanes.n_lanes == 0)
    return;
  start = before->lanes.lanes[0].rect.y - after.lanes.lanes[0].rect.y;
  for (guint i = 0; i < n_nodes; i++)
    {
      const ChdNode *node = (const ChdNode *) chd_chain_get_item (chain, CHD_ITEM_NODE, i);
      double y = round (band_top (&after.lanes.lanes[after.lanes.lane_of[i]]) + ys[i] + start);
      ChdNode *copy;

      if (!node->placed || node->y == y)
        continue;
      copy = chd_item_copy (node);
      copy->y = y;
      chd_chain_replace (chain, copy);
    }
}

static gboolean
is_inside (ChdChain *chain, const char *unit, const char *around)
{
  g_autoptr (GPtrArray) ancestry = chd_chain_list_unit_ancestry (chain, unit);

  for (guint i = 0; i < ancestry->len; i++)
    if (g_str_equal (((const ChdUnit *) g_ptr_array_index (ancestry, i))->item.id, around))
      return TRUE;
  return FALSE;
}

gboolean
chd_edit_move_lane (ChdScene *scene, const char *unit, const char *other, ChdLanePlace place)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  const ChdUnit *item = chd_chain_find_unit (chain, unit), *target = chd_chain_find_unit (chain, other);
  g_autofree double *ys = NULL;
  g_auto (Stack) before = { 0 };
  const char *parent;
  guint from, to;
  ChdUnit *copy;

  if (item == NULL || target == NULL || is_inside (chain, other, unit))
    return FALSE;
  parent = place == CHD_LANE_INSIDE ? target->item.id : target->parent;
  chd_chain_find_index (chain, CHD_ITEM_UNIT, unit, &from);
  chd_chain_find_index (chain, CHD_ITEM_UNIT, other, &to);
  /* Siblings stand in the document's order. */
  if (place == CHD_LANE_INSIDE)
    to = chd_chain_get_n_items (chain, CHD_ITEM_UNIT) - 1;
  else if (place == CHD_LANE_AFTER)
    to = to < from ? to + 1 : to;
  else
    to = to > from ? to - 1 : to;
  if (to == from && g_strcmp0 (parent, item->parent) == 0)
    return FALSE;
  ys = list_ys (scene);
  init_stack (&before, chain, ys, FALSE);
  copy = chd_item_copy (item);
  chd_set_str (&copy->parent, parent);
  chd_chain_begin (chain, _ ("Move Unit"));
  if (to == from)
    chd_chain_replace (chain, copy);
  else
    {
      chd_chain_remove (chain, CHD_ITEM_UNIT, unit);
      chd_chain_insert (chain, copy, to);
    }
  restack (scene, &before);
  chd_chain_end (chain);
  return TRUE;
}

/* The unit of the same parent before or after this one. (nullable) */
static const ChdUnit *
find_sibling (ChdChain *chain, const ChdUnit *unit, gboolean after)
{
  const ChdUnit *found = NULL;
  gboolean seen = FALSE;

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdUnit *other = (const ChdUnit *) chd_chain_get_item (chain, CHD_ITEM_UNIT, i);

      if (other == unit)
        {
          if (!after)
            return found;
          seen = TRUE;
        }
      else if (g_strcmp0 (other->parent, unit->parent) == 0)
        {
          if (seen)
            return other;
          found = after ? NULL : other;
        }
    }
  return NULL;
}

gboolean
chd_edit_step_lane (ChdScene *scene, const char *unit, ChdLaneStep step)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  const ChdUnit *item = chd_chain_find_unit (chain, unit), *other = NULL;
  ChdLanePlace place = CHD_LANE_AFTER;

  if (item == NULL)
    return FALSE;
  switch (step)
    {
    case CHD_LANE_UP:
    case CHD_LANE_INDENT:
      other = find_sibling (chain, item, FALSE);
      place = step == CHD_LANE_UP ? CHD_LANE_BEFORE : CHD_LANE_INSIDE;
      break;
    case CHD_LANE_DOWN:
      other = find_sibling (chain, item, TRUE);
      break;
    case CHD_LANE_OUTDENT:
    default:
      other = item->parent != NULL ? chd_chain_find_unit (chain, item->parent) : NULL;
      break;
    }
  return other != NULL && chd_edit_move_lane (scene, unit, other->item.id, place);
}
