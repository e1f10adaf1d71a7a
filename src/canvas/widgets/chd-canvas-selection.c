/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is selected, and which node has the keyboard focus. */

#include "config.h"

#include "chd-canvas-private.h"

#include "chd-util.h"

gboolean
chd_canvas_is_selected (ChdCanvas *self, ChdItemKind kind, const char *id)
{
  return self->selection_kind == kind && g_hash_table_contains (self->selection, id);
}

/* Leaves the selection empty or of @kind. */
static void
become_kind (ChdCanvas *self, ChdItemKind kind)
{
  if (self->selection_kind != kind)
    g_hash_table_remove_all (self->selection);
  self->selection_kind = kind;
}

void
chd_canvas_toggle (ChdCanvas *self, ChdItemKind kind, const char *id)
{
  become_kind (self, kind);
  if (!g_hash_table_remove (self->selection, id))
    g_hash_table_add (self->selection, g_strdup (id));
  chd_canvas_selection_changed (self);
}

void
chd_canvas_select_all (ChdCanvas *self)
{
  become_kind (self, CHD_ITEM_NODE);
  for (guint i = 0; self->chain != NULL && i < chd_chain_get_n_items (self->chain, CHD_ITEM_NODE); i++)
    g_hash_table_add (self->selection, g_strdup (chd_chain_get_item (self->chain, CHD_ITEM_NODE, i)->id));
  chd_canvas_selection_changed (self);
}

static gboolean
is_gone_cb (gpointer id, gpointer value, gpointer user_data)
{
  ChdCanvas *self = user_data;

  return chd_chain_find (self->chain, self->selection_kind, id) == NULL;
}

void
chd_canvas_prune_selection (ChdCanvas *self)
{
  if (self->focus != NULL && chd_chain_find_node (self->chain, self->focus) == NULL)
    chd_canvas_set_focus_node (self, NULL, FALSE);
  if (g_hash_table_foreach_remove (self->selection, is_gone_cb, self) > 0)
    chd_canvas_selection_changed (self);
}

/* Moves the keyboard's place; @grab: and the focus of the window too. */
void
chd_canvas_set_focus_node (ChdCanvas *self, const char *id, gboolean grab)
{
  gboolean had_focus =
      gtk_widget_get_focus_child (GTK_WIDGET (self)) != NULL || gtk_widget_has_focus (GTK_WIDGET (self));

  if (chd_set_str (&self->focus, id))
    chd_canvas_update_actions (self);
  if ((grab || had_focus) && !chd_canvas_editor_has_focus (self))
    {
      GtkWidget *proxy = id != NULL ? chd_canvas_get_node_proxy (self, id) : NULL;

      if (proxy == NULL || !gtk_widget_grab_focus (proxy))
        GTK_WIDGET_GET_CLASS (self)->grab_focus (GTK_WIDGET (self));
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

char **
chd_canvas_dup_selection (ChdCanvas *self, ChdItemKind *kind)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  guint n = g_hash_table_size (self->selection);

  if (kind != NULL)
    *kind = n > 0 ? self->selection_kind : CHD_ITEM_NODE;
  if (n == 1)
    {
      GHashTableIter iter;
      gpointer id;

      g_hash_table_iter_init (&iter, self->selection);
      if (g_hash_table_iter_next (&iter, &id, NULL))
        g_strv_builder_add (ids, id);
    }
  else
    for (guint i = 0; n > 0 && i < chd_chain_get_n_items (self->chain, self->selection_kind); i++)
      {
        const char *id = chd_chain_get_item (self->chain, self->selection_kind, i)->id;

        if (g_hash_table_contains (self->selection, id))
          g_strv_builder_add (ids, id);
      }
  return g_strv_builder_end (ids);
}

void
chd_canvas_select (ChdCanvas *self, ChdItemKind kind, const char *const *ids)
{
  g_hash_table_remove_all (self->selection);
  self->selection_kind = kind;
  for (guint i = 0; self->chain != NULL && ids != NULL && ids[i] != NULL; i++)
    if (chd_chain_find (self->chain, kind, ids[i]) != NULL)
      g_hash_table_add (self->selection, g_strdup (ids[i]));
  chd_canvas_selection_changed (self);
}

void
chd_canvas_select_one (ChdCanvas *self, ChdItemKind kind, const char *id)
{
  const char *const ids[] = { id, NULL };

  if (id != NULL && g_hash_table_size (self->selection) == 1 && chd_canvas_is_selected (self, kind, id))
    return;
  if (id == NULL && g_hash_table_size (self->selection) == 0)
    return;
  chd_canvas_select (self, kind, ids);
}

const char *
chd_canvas_get_focus_node (ChdCanvas *self)
{
  return self->focus;
}

static ChdRect
item_rect (ChdCanvas *self, const char *id, gboolean *found)
{
  guint index = self->selection_kind == CHD_ITEM_NODE   ? chd_scene_find_node (self->scene, id)
                : self->selection_kind == CHD_ITEM_LINK ? chd_scene_find_link (self->scene, id)
                                                        : chd_scene_find_lane (self->scene, id);

  *found = index != CHD_NO_INDEX;
  if (!*found)
    return (ChdRect){ 0 };
  return self->selection_kind == CHD_ITEM_NODE   ? chd_scene_get_card_rect (self->scene, index)
         : self->selection_kind == CHD_ITEM_LINK ? chd_scene_get_link_rect (self->scene, index)
                                                 : chd_scene_get_lane (self->scene, index)->rect;
}

/* What the selection covers; everything when there is none. */
ChdRect
chd_canvas_get_selection_rect (ChdCanvas *self)
{
  ChdRect rect = { 0 };
  gboolean any = FALSE;
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->selection);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      gboolean found;
      ChdRect one = item_rect (self, id, &found);

      if (found && any)
        chd_rect_join (&rect, &one);
      else if (found)
        rect = one;
      any |= found;
    }
  return any ? rect : chd_scene_get_bounds (self->scene);
}
