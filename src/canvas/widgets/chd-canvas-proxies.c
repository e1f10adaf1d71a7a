/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pool of proxies: one for each card and lane in view, taken from and given back to a stock as the view moves.
 * The one that has the keyboard focus stays with its node, wherever that is. */

#include "config.h"

#include "chd-canvas-private.h"

#include "chd-scene-private.h"

#define MAX_PROXIES 240 /* beyond, the outline of the chain is the readable twin */

static char *
proxy_key (ChdItemKind kind, const char *id)
{
  return g_strdup_printf ("%d:%s", kind, id);
}

/* Tells where the links of a node lead; at most four, what assistive tools can still make sense of. */
static void
relate (ChdCanvas *self, ChdCanvasProxy *proxy)
{
  GPtrArray *links = chd_chain_get_links (self->chain, chd_canvas_proxy_get_id (proxy), CHD_LINKS_OUT);
  GtkAccessible *accessible = GTK_ACCESSIBLE (proxy);
  gpointer targets[4] = { NULL };
  guint n = 0;

  for (guint i = 0; i < links->len && n < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *key = proxy_key (CHD_ITEM_NODE, ((ChdLink *) g_ptr_array_index (links, i))->to);
      gpointer target = g_hash_table_lookup (self->proxies, key);

      if (target != NULL)
        targets[n++] = target;
    }
  if (n == 4)
    gtk_accessible_update_relation (accessible, GTK_ACCESSIBLE_RELATION_FLOW_TO, targets[0], targets[1], targets[2],
                                    targets[3], NULL, -1);
  else if (n == 3)
    gtk_accessible_update_relation (accessible, GTK_ACCESSIBLE_RELATION_FLOW_TO, targets[0], targets[1], targets[2],
                                    NULL, -1);
  else if (n == 2)
    gtk_accessible_update_relation (accessible, GTK_ACCESSIBLE_RELATION_FLOW_TO, targets[0], targets[1], NULL, -1);
  else if (n == 1)
    gtk_accessible_update_relation (accessible, GTK_ACCESSIBLE_RELATION_FLOW_TO, targets[0], NULL, -1);
  else
    gtk_accessible_reset_relation (accessible, GTK_ACCESSIBLE_RELATION_FLOW_TO);
}

static void
describe (ChdCanvas *self, ChdCanvasProxy *proxy)
{
  const char *id = chd_canvas_proxy_get_id (proxy);
  g_autofree char *name = NULL;
  g_autofree char *description = NULL;
  guint index;

  if (chd_canvas_proxy_get_kind (proxy) == CHD_ITEM_NODE)
    {
      index = chd_scene_find_node (self->scene, id);
      if (index == CHD_NO_INDEX)
        return;
      name = chd_scene_dup_node_name (self->scene, index);
      description = chd_scene_dup_node_description (self->scene, index);
    }
  else
    {
      index = chd_scene_find_lane (self->scene, id);
      if (index == CHD_NO_INDEX)
        return;
      name = chd_scene_dup_lane_name (self->scene, index);
    }
  chd_canvas_proxy_describe (proxy, name, description,
                             chd_canvas_is_selected (self, chd_canvas_proxy_get_kind (proxy), id));
}

static ChdCanvasProxy *
take_proxy (ChdCanvas *self, ChdItemKind kind, const char *id)
{
  ChdCanvasProxy *proxy = NULL;

  for (guint i = self->spare_proxies->len; i > 0 && proxy == NULL; i--)
    if (chd_canvas_proxy_get_kind (g_ptr_array_index (self->spare_proxies, i - 1)) == kind)
      proxy = g_ptr_array_steal_index_fast (self->spare_proxies, i - 1);
  if (proxy == NULL)
    {
      proxy = CHD_CANVAS_PROXY (chd_canvas_proxy_new (kind));
      gtk_widget_set_parent (GTK_WIDGET (proxy), GTK_WIDGET (self));
    }
  chd_canvas_proxy_set_id (proxy, id);
  gtk_widget_set_child_visible (GTK_WIDGET (proxy), TRUE);
  g_hash_table_insert (self->proxies, proxy_key (kind, id), proxy);
  describe (self, proxy);
  return proxy;
}

static void
put_back (ChdCanvas *self, ChdCanvasProxy *proxy)
{
  chd_canvas_proxy_set_id (proxy, NULL);
  gtk_widget_set_child_visible (GTK_WIDGET (proxy), FALSE);
  g_ptr_array_add (self->spare_proxies, proxy);
}

static void
allocate (ChdCanvas *self, ChdCanvasProxy *proxy, const ChdRect *rect)
{
  ChdRect place = chd_viewport_rect_to_view (&self->view, rect);
  GtkAllocation allocation = { (int) place.x, (int) place.y, MAX ((int) place.width, 1), MAX ((int) place.height, 1) };
  int minimum;

  /* GTK wants to be asked before. */
  gtk_widget_measure (GTK_WIDGET (proxy), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_size_allocate (GTK_WIDGET (proxy), &allocation, -1);
}

typedef struct
{
  ChdCanvas *self;
  GHashTable *wanted; /* keys */
} Recycle;

static gboolean
recycle_cb (gpointer key, gpointer proxy, gpointer user_data)
{
  Recycle *recycle = user_data;

  if (g_hash_table_contains (recycle->wanted, key) || gtk_widget_has_focus (GTK_WIDGET (proxy)))
    return FALSE;
  put_back (recycle->self, proxy);
  return TRUE;
}

static int
compare_ranks (gconstpointer a, gconstpointer b, gpointer scene)
{
  guint first = chd_scene_get_rank (scene, *(const guint *) a), second = chd_scene_get_rank (scene, *(const guint *) b);

  return (first > second) - (first < second);
}

/* Children in execution order: what a screen reader walks through. */
static void
place_after (ChdCanvas *self, GtkWidget *proxy, GtkWidget **last)
{
  if (*last != NULL && gtk_widget_get_prev_sibling (proxy) != *last)
    gtk_widget_insert_after (proxy, GTK_WIDGET (self), *last);
  *last = proxy;
}

static GArray *
list_visible (ChdCanvas *self, const ChdRect *visible)
{
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (guint));
  guint focus = self->focus != NULL ? chd_scene_find_node (self->scene, self->focus) : CHD_NO_INDEX;
  gboolean has_focus = FALSE;

  chd_scene_query_nodes (self->scene, visible, nodes);
  if (nodes->len > MAX_PROXIES)
    g_array_set_size (nodes, 0);
  for (guint i = 0; i < nodes->len; i++)
    has_focus |= g_array_index (nodes, guint, i) == focus;
  if (focus != CHD_NO_INDEX && !has_focus)
    g_array_append_val (nodes, focus);
  if (nodes->len > 1)
    g_array_sort_with_data (nodes, compare_ranks, self->scene);
  return nodes;
}

static void
want (GHashTable *wanted, ChdItemKind kind, const char *id)
{
  g_hash_table_add (wanted, proxy_key (kind, id));
}

static ChdCanvasProxy *
find_or_take (ChdCanvas *self, ChdItemKind kind, const char *id, gboolean *is_new)
{
  g_autofree char *key = proxy_key (kind, id);
  ChdCanvasProxy *proxy = g_hash_table_lookup (self->proxies, key);

  *is_new |= proxy == NULL;
  return proxy != NULL ? proxy : take_proxy (self, kind, id);
}

/* Which there are; to be called outside of allocation, since children come and move. */
static void
update_proxies (ChdCanvas *self)
{
  ChdRect visible = chd_viewport_get_visible (&self->view);
  g_autoptr (GHashTable) wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GArray) nodes = NULL;
  Recycle recycle = { self, wanted };
  GtkWidget *last = NULL;
  gboolean is_new = FALSE;

  if (self->scene == NULL || self->view.width <= 0)
    return;
  nodes = list_visible (self, &visible);
  for (guint i = 0; i < nodes->len; i++)
    want (wanted, CHD_ITEM_NODE, chd_scene_get_node (self->scene, g_array_index (nodes, guint, i))->item->item.id);
  for (guint i = 0; i < chd_scene_get_n_lanes (self->scene) && g_hash_table_size (wanted) < MAX_PROXIES; i++)
    {
      const ChdSceneLane *lane = chd_scene_get_lane (self->scene, i);

      if (lane->item != NULL && !lane->hidden && chd_rect_overlaps (&lane->rect, &visible))
        want (wanted, CHD_ITEM_UNIT, lane->item->item.id);
    }
  if (g_hash_table_foreach_remove (self->proxies, recycle_cb, &recycle) > 0)
    self->relations_stale = TRUE;
  for (guint i = 0; i < chd_scene_get_n_lanes (self->scene); i++)
    {
      const ChdSceneLane *lane = chd_scene_get_lane (self->scene, i);
      g_autofree char *key = lane->item != NULL ? proxy_key (CHD_ITEM_UNIT, lane->item->item.id) : NULL;
      ChdCanvasProxy *proxy;

      if (key == NULL || !g_hash_table_contains (wanted, key))
        continue;
      proxy = find_or_take (self, CHD_ITEM_UNIT, lane->item->item.id, &is_new);
      place_after (self, GTK_WIDGET (proxy), &last);
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      guint index = g_array_index (nodes, guint, i);
      ChdCanvasProxy *proxy =
          find_or_take (self, CHD_ITEM_NODE, chd_scene_get_node (self->scene, index)->item->item.id, &is_new);

      place_after (self, GTK_WIDGET (proxy), &last);
    }
  if (is_new || self->relations_stale)
    chd_canvas_relate_proxies (self);
  self->relations_stale = FALSE;
  if (is_new)
    gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static gboolean
update_proxies_cb (gpointer user_data)
{
  ChdCanvas *self = user_data;

  self->update_proxies = 0;
  update_proxies (self);
  return G_SOURCE_REMOVE;
}

/* Where the proxies are. A child that comes during an allocation would leave its parents without one, so that which
 * there have to be is looked at right after. */
void
chd_canvas_allocate_proxies (ChdCanvas *self)
{
  GHashTableIter iter;
  gpointer proxy;

  if (self->scene == NULL || self->view.width <= 0)
    return;
  g_hash_table_iter_init (&iter, self->proxies);
  while (g_hash_table_iter_next (&iter, NULL, &proxy))
    {
      const char *id = chd_canvas_proxy_get_id (proxy);
      gboolean is_node = chd_canvas_proxy_get_kind (proxy) == CHD_ITEM_NODE;
      guint index = is_node ? chd_scene_find_node (self->scene, id) : chd_scene_find_lane (self->scene, id);
      ChdRect rect = { 0, 0, 1, 1 };

      if (index != CHD_NO_INDEX)
        rect = is_node ? chd_scene_get_card_rect (self->scene, index) : chd_scene_get_lane (self->scene, index)->rect;
      allocate (self, proxy, &rect);
    }
  if (self->update_proxies == 0)
    self->update_proxies = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, update_proxies_cb, self, NULL);
}

void
chd_canvas_relate_proxies (ChdCanvas *self)
{
  GHashTableIter iter;
  gpointer proxy;

  g_hash_table_iter_init (&iter, self->proxies);
  while (g_hash_table_iter_next (&iter, NULL, &proxy))
    if (chd_canvas_proxy_get_kind (proxy) == CHD_ITEM_NODE)
      relate (self, proxy);
}

void
chd_canvas_name_proxies (ChdCanvas *self)
{
  g_autofree char *name = NULL;
  GHashTableIter iter;
  gpointer proxy;

  if (self->scene == NULL)
    return;
  name = chd_scene_dup_name (self->scene);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_hash_table_iter_init (&iter, self->proxies);
  while (g_hash_table_iter_next (&iter, NULL, &proxy))
    describe (self, proxy);
}

void
chd_canvas_drop_proxies (ChdCanvas *self)
{
  GHashTableIter iter;
  gpointer proxy;

  g_clear_handle_id (&self->update_proxies, g_source_remove);
  g_hash_table_iter_init (&iter, self->proxies);
  while (g_hash_table_iter_next (&iter, NULL, &proxy))
    gtk_widget_unparent (proxy);
  g_hash_table_remove_all (self->proxies);
  for (guint i = 0; i < self->spare_proxies->len; i++)
    gtk_widget_unparent (g_ptr_array_index (self->spare_proxies, i));
  g_ptr_array_set_size (self->spare_proxies, 0);
}

/* Made when it is not in view yet, so that it can take the focus. */
GtkWidget *
chd_canvas_get_node_proxy (ChdCanvas *self, const char *id)
{
  gboolean is_new = FALSE;
  ChdCanvasProxy *proxy;

  if (self->scene == NULL || chd_scene_find_node (self->scene, id) == CHD_NO_INDEX)
    return NULL;
  proxy = find_or_take (self, CHD_ITEM_NODE, id, &is_new);
  if (is_new)
    gtk_widget_queue_allocate (GTK_WIDGET (self));
  return GTK_WIDGET (proxy);
}
