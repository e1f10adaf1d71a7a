/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Guides while cards are moved: the column and the row of a card in view that the grabbed one comes near. */

#include "config.h"

#include <math.h>

#include "chd-canvas-private.h"

#define NEAR 6.0      /* pixels within which a card takes another's column or row */
#define MAX_CARDS 400 /* in view; with more there is always one near, which helps nobody */
#define OVERHANG 24.0

void
chd_canvas_drop_guides (ChdCanvas *self)
{
  self->guides = (ChdPoint){ NAN, NAN };
}

/* Whether a card in view stays where it is. */
static gboolean
stays (ChdCanvas *self, const ChdSceneNode *node)
{
  return chd_tool_move_copies (self) || !chd_canvas_is_selected (self, CHD_ITEM_NODE, node->item->item.id);
}

static GArray *
list_in_view (ChdCanvas *self)
{
  ChdRect visible = chd_viewport_get_visible (&self->view);
  GArray *found = g_array_new (FALSE, FALSE, sizeof (guint));

  chd_scene_query_nodes (self->scene, &visible, found);
  if (found->len > MAX_CARDS)
    g_array_set_size (found, 0);
  return found;
}

/* Of what lies equally near, the card that is nearest the other way. */
void
chd_canvas_find_guides (ChdCanvas *self, double *x, double *y)
{
  g_autoptr (GArray) found = list_in_view (self);
  double near = NEAR / self->view.scale, best_x = near, best_y = near;
  double at_x = *x, at_y = *y;

  chd_canvas_drop_guides (self);
  for (guint i = 0; i < found->len; i++)
    {
      const ChdSceneNode *node = chd_scene_get_node (self->scene, g_array_index (found, guint, i));

      if (!stays (self, node))
        continue;
      if (ABS (node->x - at_x) < best_x)
        {
          best_x = ABS (node->x - at_x);
          self->guides.x = *x = node->x;
        }
      if (ABS (node->y - at_y) < best_y)
        {
          best_y = ABS (node->y - at_y);
          self->guides.y = *y = node->y;
        }
    }
}

/* One line for each direction, through all cards that lie on it. @card: the grabbed one, where it is now. */
void
chd_canvas_draw_guides (ChdCanvas *self, const ChdPoint *card)
{
  g_autoptr (GArray) found = NULL;
  double left = card->x, right = card->x, top = card->y, bottom = card->y;
  double width = 1.5 / self->view.scale;

  if (isnan (self->guides.x) && isnan (self->guides.y))
    return;
  found = list_in_view (self);
  for (guint i = 0; i < found->len; i++)
    {
      const ChdSceneNode *node = chd_scene_get_node (self->scene, g_array_index (found, guint, i));

      if (!stays (self, node))
        continue;
      if (node->y == self->guides.y)
        {
          left = MIN (left, node->x);
          right = MAX (right, node->x);
        }
      if (node->x == self->guides.x)
        {
          top = MIN (top, node->y);
          bottom = MAX (bottom, node->y);
        }
    }
  if (!isnan (self->guides.x))
    {
      ChdRect line = { self->guides.x - width / 2, top - CHD_CARD_HEIGHT / 2 - OVERHANG, width,
                       bottom - top + CHD_CARD_HEIGHT + 2 * OVERHANG };

      self->painter->klass->box (self->painter, &line, 0, &self->palette.accent, NULL, 0, CHD_EDGE_SOLID);
    }
  if (!isnan (self->guides.y))
    {
      ChdRect line = { left - CHD_CARD_WIDTH / 2 - OVERHANG, self->guides.y - width / 2,
                       right - left + CHD_CARD_WIDTH + 2 * OVERHANG, width };

      self->painter->klass->box (self->painter, &line, 0, &self->palette.accent, NULL, 0, CHD_EDGE_SOLID);
    }
}
