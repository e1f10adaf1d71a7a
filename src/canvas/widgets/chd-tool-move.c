/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Moving cards. Until the end only the picture moves. Places snap to a small grid, to the rows of linked neighbours,
 * so that links come out straight, and to the columns and rows of cards in view; Alt switches that off. Dropped on a
 * link, a card is inserted there. */

#include "config.h"

#include <math.h>

#include "chd-canvas-private.h"
#include "chd-edit-arrange.h"
#include "chd-edit-paste.h"
#include "chd-edit.h"

#define GRID 8.0
#define NEAR_ROW 7.0 /* within this a card takes its neighbour's row */

void
chd_tool_move_begin (ChdCanvas *self, guint node)
{
  self->tool = CHD_TOOL_MOVE;
  self->tool_node = g_strdup (chd_scene_get_node (self->scene, node)->item->item.id);
}

/* With Ctrl the cards stay and copies are carried. */
gboolean
chd_tool_move_copies (ChdCanvas *self)
{
  return self->tool == CHD_TOOL_MOVE && self->tool_moved && (self->tool_modifiers & GDK_CONTROL_MASK) != 0;
}

/* The row of a linked node that stays where it is, when it is near. */
static gboolean
find_row (ChdCanvas *self, guint node, double y, double *row)
{
  const ChdSceneNode *here = chd_scene_get_node (self->scene, node);
  double best = NEAR_ROW;

  for (guint direction = 0; direction < 2; direction++)
    {
      GPtrArray *links = chd_chain_get_links (self->chain, here->item->item.id, direction);

      for (guint i = 0; i < links->len; i++)
        {
          const ChdLink *link = g_ptr_array_index (links, i);
          const char *other_id = direction == CHD_LINKS_OUT ? link->to : link->from;
          guint other = chd_scene_find_node (self->scene, other_id);
          double distance;

          if (other == CHD_NO_INDEX || chd_canvas_is_selected (self, CHD_ITEM_NODE, other_id))
            continue;
          distance = ABS (chd_scene_get_node (self->scene, other)->y - y);
          if (distance < best)
            {
              best = distance;
              *row = chd_scene_get_node (self->scene, other)->y;
            }
        }
    }
  return best < NEAR_ROW;
}

/* The link that the one carried card would be inserted on: under the pointer, or under the card's middle. */
static guint
find_link (ChdCanvas *self, double x, double y)
{
  const ChdPoint places[] = { self->tool_now, { x, y } };

  if (chd_tool_move_copies (self) || g_hash_table_size (self->selection) != 1)
    return CHD_NO_INDEX;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      ChdHit hit = chd_scene_hit (self->scene, places[i].x, places[i].y, 8 / self->view.scale);

      if (hit.kind == CHD_HIT_LINK && chd_edit_can_insert (self->scene, self->tool_node, hit.index))
        return hit.index;
    }
  return CHD_NO_INDEX;
}

void
chd_tool_move_update (ChdCanvas *self)
{
  guint node = chd_scene_find_node (self->scene, self->tool_node);
  const ChdSceneNode *here;
  double x, y;

  if (!self->tool_moved || node == CHD_NO_INDEX)
    return;
  if (!chd_canvas_is_selected (self, CHD_ITEM_NODE, self->tool_node))
    {
      chd_canvas_select_one (self, CHD_ITEM_NODE, self->tool_node);
      chd_canvas_set_focus_node (self, self->tool_node, TRUE);
    }
  if (self->tool_copies != chd_tool_move_copies (self))
    {
      self->tool_copies = !self->tool_copies;
      chd_canvas_invalidate (self);
    }
  here = chd_scene_get_node (self->scene, node);
  x = here->x + self->tool_now.x - self->tool_start.x;
  y = here->y + self->tool_now.y - self->tool_start.y;
  chd_canvas_drop_guides (self);
  if ((self->tool_modifiers & GDK_ALT_MASK) == 0)
    {
      double row = y;
      gboolean has_row = find_row (self, node, y, &row);

      chd_canvas_find_guides (self, &x, &y);
      if (has_row)
        self->guides.y = y = row;
      if (isnan (self->guides.x))
        x = round (x / GRID) * GRID;
      if (isnan (self->guides.y))
        y = round (y / GRID) * GRID;
    }
  self->tool_offset = (ChdPoint){ x - here->x, y - here->y };
  self->tool_lane = chd_scene_lane_at (self->scene, x, y);
  self->tool_link = find_link (self, x, y);
}

void
chd_tool_move_end (ChdCanvas *self)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);
  g_autofree char *id = g_strdup (self->tool_node);
  guint node = chd_scene_find_node (self->scene, id);
  gboolean copies = chd_tool_move_copies (self);
  guint link = self->tool_link;
  ChdPoint wanted;

  if (node == CHD_NO_INDEX)
    return;
  wanted = (ChdPoint){ chd_scene_get_node (self->scene, node)->x + self->tool_offset.x,
                       chd_scene_get_node (self->scene, node)->y + self->tool_offset.y };
  /* From here on the cards are where they are drawn. */
  self->tool = CHD_TOOL_NONE;
  if (copies)
    {
      g_auto (GStrv) made =
          chd_edit_duplicate (self->scene, (const char *const *) ids, TRUE, self->tool_offset.x, self->tool_offset.y);

      chd_canvas_select (self, CHD_ITEM_NODE, (const char *const *) made);
      chd_canvas_set_focus_node (self, made[0], TRUE);
      return;
    }
  if (link != CHD_NO_INDEX)
    chd_edit_insert_node (self->scene, id, link, self->tool_offset.x, self->tool_offset.y);
  else if (!chd_edit_move (self->scene, (const char *const *) ids, self->tool_offset.x, self->tool_offset.y,
                           CHD_NO_INDEX, NULL))
    return;
  node = chd_scene_find_node (self->scene, id);
  /* Lanes above may have grown or shrunk: the view goes along, so that the card stays under the pointer. */
  self->view.x += chd_scene_get_node (self->scene, node)->x - wanted.x;
  self->view.y += chd_scene_get_node (self->scene, node)->y - wanted.y;
  chd_canvas_view_changed (self);
}
