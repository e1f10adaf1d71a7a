/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rubber band: selects the cards it touches; with Ctrl or Shift beside those that were selected before. */

#include "config.h"

#include "chd-canvas-private.h"

void
chd_tool_band_begin (ChdCanvas *self)
{
  GHashTableIter iter;
  gpointer id;

  self->tool = CHD_TOOL_BAND;
  self->band_before = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (self->selection_kind != CHD_ITEM_NODE)
    return;
  g_hash_table_iter_init (&iter, self->selection);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_hash_table_add (self->band_before, g_strdup (id));
}

/* Ids of what the band selects, or with @touched = %NULL of what was selected before it. */
static void
apply_band (ChdCanvas *self, GArray *touched, gboolean keep_before)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer id;

  if (keep_before)
    {
      g_hash_table_iter_init (&iter, self->band_before);
      while (g_hash_table_iter_next (&iter, &id, NULL))
        g_ptr_array_add (ids, id);
    }
  for (guint i = 0; touched != NULL && i < touched->len; i++)
    g_ptr_array_add (ids, chd_scene_get_node (self->scene, g_array_index (touched, guint, i))->item->item.id);
  g_ptr_array_add (ids, NULL);
  chd_canvas_select (self, CHD_ITEM_NODE, (const char *const *) ids->pdata);
}

void
chd_tool_band_update (ChdCanvas *self)
{
  ChdRect band = chd_rect_between (self->tool_start.x, self->tool_start.y, self->tool_now.x, self->tool_now.y);
  g_autoptr (GArray) touched = g_array_new (FALSE, FALSE, sizeof (guint));

  chd_scene_query_nodes (self->scene, &band, touched);
  apply_band (self, touched, (self->tool_modifiers & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) != 0);
}

void
chd_tool_band_cancel (ChdCanvas *self)
{
  if (self->tool_moved)
    apply_band (self, NULL, TRUE);
}
