/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Moving from node to node: left and right along links first, else to what lies nearest that way. */

#include "config.h"

#include "chd-navigate.h"

#include <math.h>

#include "chd-scene-private.h"

/* What is inside of a collapsed lane cannot be gone to. */
static gboolean
is_shown (ChdScene *scene, guint node)
{
  return !chd_scene_get_node (scene, node)->hidden;
}

/* The first node from a rank on, forward or backward. */
static guint
find_from_rank (ChdScene *scene, guint rank, gboolean forward)
{
  guint n = chd_scene_get_n_nodes (scene), best = CHD_NO_INDEX, best_rank = 0;

  for (guint i = 0; i < n; i++)
    {
      guint here = chd_scene_get_rank (scene, i);

      if (is_shown (scene, i) && (forward ? here >= rank : here <= rank) &&
          (best == CHD_NO_INDEX || (forward ? here < best_rank : here > best_rank)))
        {
          best = i;
          best_rank = here;
        }
    }
  return best;
}

/* Of the nodes linked with this one, the one that stands most level with it. */
static guint
find_linked (ChdScene *scene, guint from, ChdLinkDirection direction)
{
  const ChdSceneNode *here = chd_scene_get_node (scene, from);
  GPtrArray *links = chd_chain_get_links (chd_scene_get_chain (scene), here->item->item.id, direction);
  guint best = CHD_NO_INDEX;
  double best_distance = G_MAXDOUBLE;

  for (guint i = 0; i < links->len; i++)
    {
      const ChdLink *link = g_ptr_array_index (links, i);
      guint other = chd_scene_find_node (scene, direction == CHD_LINKS_OUT ? link->to : link->from);
      double distance;

      if (other == CHD_NO_INDEX || other == from || !is_shown (scene, other))
        continue;
      distance = ABS (chd_scene_get_node (scene, other)->y - here->y);
      if (distance < best_distance)
        {
          best = other;
          best_distance = distance;
        }
    }
  return best;
}

/* The nearest node in a direction; what lies aside counts double. */
static guint
find_beside (ChdScene *scene, guint from, double x, double y)
{
  const ChdSceneNode here = *chd_scene_get_node (scene, from);
  guint best = CHD_NO_INDEX;
  double best_distance = G_MAXDOUBLE;

  for (guint i = 0; i < chd_scene_get_n_nodes (scene); i++)
    {
      const ChdSceneNode *other = chd_scene_get_node (scene, i);
      double along = (other->x - here.x) * x + (other->y - here.y) * y;
      double aside = ABS ((other->x - here.x) * y) + ABS ((other->y - here.y) * x);

      if (i != from && !other->hidden && along > 1 && along + 2 * aside < best_distance)
        {
          best = i;
          best_distance = along + 2 * aside;
        }
    }
  return best;
}

guint
chd_scene_go (ChdScene *scene, guint from, ChdGo go)
{
  guint n = chd_scene_get_n_nodes (scene), found = CHD_NO_INDEX;

  if (n == 0)
    return CHD_NO_INDEX;
  if (from == CHD_NO_INDEX || go == CHD_GO_FIRST || go == CHD_GO_LAST)
    return go == CHD_GO_LAST ? find_from_rank (scene, n - 1, FALSE) : find_from_rank (scene, 0, TRUE);
  switch (go)
    {
    case CHD_GO_PREVIOUS:
      return chd_scene_get_rank (scene, from) > 0 ? find_from_rank (scene, chd_scene_get_rank (scene, from) - 1, FALSE)
                                                  : CHD_NO_INDEX;
    case CHD_GO_NEXT:
      return find_from_rank (scene, chd_scene_get_rank (scene, from) + 1, TRUE);
    case CHD_GO_LEFT:
      found = find_linked (scene, from, CHD_LINKS_IN);
      return found != CHD_NO_INDEX ? found : find_beside (scene, from, -1, 0);
    case CHD_GO_RIGHT:
      found = find_linked (scene, from, CHD_LINKS_OUT);
      return found != CHD_NO_INDEX ? found : find_beside (scene, from, 1, 0);
    case CHD_GO_UP:
      return find_beside (scene, from, 0, -1);
    case CHD_GO_DOWN:
      return find_beside (scene, from, 0, 1);
    case CHD_GO_FIRST:
    case CHD_GO_LAST:
    default:
      return CHD_NO_INDEX;
    }
}
