/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a search shows on the canvas: marks on all that was found, and the view on one of them. */

#include "config.h"

#include "chd-canvas-private.h"

void
chd_canvas_set_matches (ChdCanvas *self, GPtrArray *found)
{
  g_clear_pointer (&self->matches, g_hash_table_unref);
  if (found != NULL && found->len > 0)
    {
      self->matches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint i = 0; i < found->len; i++)
        {
          const ChdFound *one = g_ptr_array_index (found, i);

          if (one->kind == CHD_ITEM_NODE)
            g_hash_table_add (self->matches, g_strdup (one->id));
        }
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
chd_canvas_show_item (ChdCanvas *self, ChdItemKind kind, const char *id)
{
  guint lane = self->scene != NULL && kind == CHD_ITEM_UNIT ? chd_scene_find_lane (self->scene, id) : CHD_NO_INDEX;
  guint link = self->scene != NULL && kind == CHD_ITEM_LINK ? chd_scene_find_link (self->scene, id) : CHD_NO_INDEX;
  ChdRect rect;

  if (self->scene == NULL)
    return;
  chd_canvas_select_one (self, kind, id);
  if (kind == CHD_ITEM_NODE)
    {
      chd_canvas_set_focus_node (self, id, FALSE);
      chd_canvas_scroll_to_node (self, id);
      return;
    }
  if (lane == CHD_NO_INDEX && link == CHD_NO_INDEX)
    return;
  rect =
      lane != CHD_NO_INDEX ? chd_scene_get_lane (self->scene, lane)->rect : chd_scene_get_link_rect (self->scene, link);
  /* A lane's title is what one looks for. */
  if (lane != CHD_NO_INDEX)
    rect = (ChdRect){ rect.x, rect.y, MIN (rect.width, CHD_CARD_WIDTH), CHD_LANE_HEADER };
  if (chd_viewport_reveal (&self->view, &rect, 40))
    chd_canvas_view_changed (self);
}
