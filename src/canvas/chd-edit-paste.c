/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copying and pasting nodes with their places. */

#include "config.h"

#include "chd-edit-paste.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "chd-fragment.h"
#include "chd-layout.h"
#include "chd-util.h"

#define ROOM 24.0
#define MAX_STEPS 1000 /* of looking for room, one row of cards each */

static const ChdNode *
get_node (ChdChain *chain, guint index)
{
  return (const ChdNode *) chd_chain_get_item (chain, CHD_ITEM_NODE, index);
}

ChdChain *
chd_edit_copy (ChdScene *scene, const char *const *nodes)
{
  ChdChain *fragment = chd_fragment_new (chd_scene_get_chain (scene), nodes);

  chd_chain_begin (fragment, "Place");
  for (guint i = 0; i < chd_chain_get_n_items (fragment, CHD_ITEM_NODE); i++)
    {
      ChdNode *copy = chd_item_copy (get_node (fragment, i));
      const ChdSceneNode *node = chd_scene_get_node (scene, chd_scene_find_node (scene, copy->item.id));

      copy->x = round (node->x);
      copy->y = round (node->open_y);
      copy->placed = TRUE;
      chd_chain_replace (fragment, copy);
    }
  chd_chain_end (fragment);
  chd_chain_clear_history (fragment);
  return fragment;
}

ChdRect
chd_edit_measure_fragment (ChdChain *fragment)
{
  ChdRect rect = { 0, 0, 0, 0 };
  gboolean placed = TRUE;

  for (guint i = 0; i < chd_chain_get_n_items (fragment, CHD_ITEM_NODE); i++)
    placed &= get_node (fragment, i)->placed;
  if (!placed)
    chd_layout_apply (fragment);
  for (guint i = 0; i < chd_chain_get_n_items (fragment, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = get_node (fragment, i);
      ChdRect card = { node->x - CHD_CARD_WIDTH / 2, node->y - CHD_CARD_HEIGHT / 2, CHD_CARD_WIDTH, CHD_CARD_HEIGHT };

      if (i == 0)
        rect = card;
      else
        chd_rect_join (&rect, &card);
    }
  return rect;
}

/* The lane that a node of the fragment comes into; CHD_NO_INDEX for one that is new. */
static guint
find_lane (ChdScene *scene, const ChdNode *node, ChdPasteMode mode, const char *unit, double dx, double dy)
{
  guint lane = CHD_NO_INDEX;

  if (mode == CHD_PASTE_AT)
    lane = chd_scene_lane_at (scene, node->x + dx, node->y + dy);
  else if (mode == CHD_PASTE_IN_UNIT)
    lane = chd_scene_find_lane (scene, unit);
  else if (node->unit != NULL)
    lane = chd_scene_find_lane (scene, node->unit);
  return lane;
}

/* Whether a card of the lane is in the way; other lanes make room by themselves. */
static gboolean
is_taken (ChdScene *scene, guint lane, double x, double y, GArray *found)
{
  ChdRect around = { x - CHD_CARD_WIDTH / 2 - ROOM / 2, y - CHD_CARD_HEIGHT / 2 - ROOM / 2, CHD_CARD_WIDTH + ROOM,
                     CHD_CARD_HEIGHT + ROOM };

  g_array_set_size (found, 0);
  chd_scene_query_nodes (scene, &around, found);
  for (guint i = 0; i < found->len; i++)
    {
      const ChdSceneNode *node = chd_scene_get_node (scene, g_array_index (found, guint, i));

      if (node->lane == lane && ABS (node->x - x) < CHD_CARD_WIDTH + ROOM / 2 &&
          ABS (node->y - y) < CHD_CARD_HEIGHT + ROOM / 2)
        return TRUE;
    }
  return FALSE;
}

/* How far below (@dx, @dy) all cards of the fragment have room. */
static double
find_room (ChdScene *scene, ChdChain *fragment, ChdPasteMode mode, const char *unit, double dx, double dy)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint step = 0; step < MAX_STEPS; step++)
    {
      gboolean taken = FALSE;

      for (guint i = 0; i < chd_chain_get_n_items (fragment, CHD_ITEM_NODE) && !taken; i++)
        {
          const ChdNode *node = get_node (fragment, i);
          guint lane = find_lane (scene, node, mode, unit, dx, dy);

          taken = lane != CHD_NO_INDEX && is_taken (scene, lane, node->x + dx, node->y + dy, found);
        }
      if (!taken)
        break;
      dy += CHD_CARD_HEIGHT + ROOM;
    }
  return dy;
}

static void
place (ChdScene *scene, ChdChain *fragment, ChdPasteMode mode, const char *unit, double dx, double dy)
{
  for (guint i = 0; i < chd_chain_get_n_items (fragment, CHD_ITEM_NODE); i++)
    {
      ChdNode *copy = chd_item_copy (get_node (fragment, i));
      guint index = find_lane (scene, copy, mode, unit, dx, dy);
      const ChdSceneLane *lane = index < chd_scene_get_n_lanes (scene) ? chd_scene_get_lane (scene, index) : NULL;

      if (mode != CHD_PASTE_BESIDE && lane != NULL && lane->item != NULL)
        chd_set_str (&copy->unit, lane->item->item.id);
      copy->x = round (copy->x + dx);
      copy->y = round (copy->y + dy - (lane != NULL ? lane->offset : 0));
      chd_chain_replace (fragment, copy);
    }
}

char **
chd_edit_paste (ChdScene *scene,
                ChdChain *fragment,
                ChdPasteMode mode,
                const char *unit,
                double dx,
                double dy,
                const char *name)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  char **ids;

  chd_edit_measure_fragment (fragment);
  chd_fragment_adapt (fragment, chain);
  if (mode != CHD_PASTE_AT)
    dy = find_room (scene, fragment, mode, unit, dx, dy);
  place (scene, fragment, mode, unit, dx, dy);
  chd_chain_begin (chain, name);
  ids = chd_fragment_append (fragment, chain);
  chd_chain_end (chain);
  return ids;
}

char **
chd_edit_duplicate (ChdScene *scene, const char *const *nodes, gboolean exact, double dx, double dy)
{
  g_autoptr (ChdChain) fragment = chd_edit_copy (scene, nodes);
  guint n = chd_chain_get_n_items (fragment, CHD_ITEM_NODE);

  return chd_edit_paste (scene, fragment, exact ? CHD_PASTE_AT : CHD_PASTE_BESIDE, NULL, dx, dy,
                         ngettext ("Duplicate Node", "Duplicate Nodes", n));
}
