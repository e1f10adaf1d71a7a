/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The scene: made as a whole from the chain when somebody asks after a change, so that it can't depend on how the
 * chain came to be (chd-scene-build.c). What costs is kept where nothing about it changed: pictures of cards and
 * links, and the links' ways while no card has moved. Hit tests and searches are in chd-scene-query.c, texts in
 * chd-scene-text.c. */

#include "config.h"

#include "chd-scene-private.h"

G_DEFINE_FINAL_TYPE (ChdScene, chd_scene, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_NODE_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
news_free (gpointer data)
{
  ChdNodeNews *news = data;

  g_free (news->note);
  g_free (news);
}

static void
chain_changed_cb (ChdScene *self, const ChdChange *change)
{
  self->stale = TRUE;
  self->announce = TRUE;
  if (change->kind == CHD_ITEM_SCRIPT)
    self->scripts_changed = TRUE;
}

static void
chain_step_done_cb (ChdScene *self)
{
  if (self->announce)
    {
      self->announce = FALSE;
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
    }
}

static void
chd_scene_finalize (GObject *object)
{
  ChdScene *self = CHD_SCENE (object);

  chd_scene_clear (self);
  g_hash_table_unref (self->news);
  g_clear_pointer (&self->problems, g_hash_table_unref);
  g_hash_table_unref (self->interface_titles);
  g_clear_object (&self->chain);
  G_OBJECT_CLASS (chd_scene_parent_class)->finalize (object);
}

static void
chd_scene_class_init (ChdSceneClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_scene_finalize;

  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_NODE_CHANGED] = g_signal_new ("node-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
chd_scene_init (ChdScene *self)
{
  self->news = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, news_free);
  self->interface_titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->stale = TRUE;
}

ChdScene *
chd_scene_new (ChdChain *chain)
{
  ChdScene *self = g_object_new (CHD_TYPE_SCENE, NULL);

  self->chain = g_object_ref (chain);
  g_signal_connect_object (chain, "changed", G_CALLBACK (chain_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (chain, "step-done", G_CALLBACK (chain_step_done_cb), self, G_CONNECT_SWAPPED);
  return self;
}

ChdChain *
chd_scene_get_chain (ChdScene *self)
{
  return self->chain;
}

guint
chd_scene_get_n_nodes (ChdScene *self)
{
  chd_scene_update (self);
  return self->n_nodes;
}

guint
chd_scene_get_n_links (ChdScene *self)
{
  chd_scene_update (self);
  return self->n_links;
}

guint
chd_scene_get_n_lanes (ChdScene *self)
{
  chd_scene_update (self);
  return self->lanes.n_lanes;
}

ChdSceneNode *
chd_scene_get_node (ChdScene *self, guint index)
{
  chd_scene_update (self);
  g_return_val_if_fail (index < self->n_nodes, NULL);
  return &self->nodes[index];
}

ChdSceneLink *
chd_scene_get_link (ChdScene *self, guint index)
{
  chd_scene_update (self);
  g_return_val_if_fail (index < self->n_links, NULL);
  return &self->links[index];
}

ChdSceneLane *
chd_scene_get_lane (ChdScene *self, guint index)
{
  chd_scene_update (self);
  g_return_val_if_fail (index < self->lanes.n_lanes, NULL);
  return &self->lanes.lanes[index];
}

guint
chd_scene_find_node (ChdScene *self, const char *id)
{
  guint index;

  chd_scene_update (self);
  return chd_chain_find_index (self->chain, CHD_ITEM_NODE, id, &index) ? index : CHD_NO_INDEX;
}

guint
chd_scene_find_link (ChdScene *self, const char *id)
{
  guint index;

  chd_scene_update (self);
  return chd_chain_find_index (self->chain, CHD_ITEM_LINK, id, &index) ? index : CHD_NO_INDEX;
}

guint
chd_scene_find_lane (ChdScene *self, const char *unit_id)
{
  guint index;

  chd_scene_update (self);
  return chd_chain_find_index (self->chain, CHD_ITEM_UNIT, unit_id, &index) ? self->lanes.lane_of_unit[index]
                                                                            : CHD_NO_INDEX;
}

ChdRect
chd_scene_get_bounds (ChdScene *self)
{
  chd_scene_update (self);
  return self->bounds;
}

ChdRect
chd_scene_get_card_rect (ChdScene *self, guint node)
{
  const ChdSceneNode *scene_node = chd_scene_get_node (self, node);

  return (ChdRect){ scene_node->x - CHD_CARD_WIDTH / 2, scene_node->y - CHD_CARD_HEIGHT / 2, CHD_CARD_WIDTH,
                    CHD_CARD_HEIGHT };
}

ChdRect
chd_scene_get_link_rect (ChdScene *self, guint link)
{
  const ChdSceneLink *scene_link = chd_scene_get_link (self, link);
  ChdRect rect = { 0, 0, 0, 0 };

  for (guint i = 0; i < scene_link->n_points; i++)
    {
      ChdRect point = { scene_link->points[i].x, scene_link->points[i].y, 0, 0 };

      if (i == 0)
        rect = point;
      else
        chd_rect_join (&rect, &point);
    }
  return rect;
}

ChdPoint
chd_scene_get_port (ChdScene *self, guint node, ChdLinkDirection direction)
{
  const ChdSceneNode *scene_node = chd_scene_get_node (self, node);
  double side = direction == CHD_LINKS_OUT ? CHD_CARD_WIDTH / 2 : -CHD_CARD_WIDTH / 2;

  return (ChdPoint){ scene_node->x + side, scene_node->y };
}

void
chd_scene_refresh_node (ChdScene *self, guint index)
{
  chd_scene_read_news (self, &self->nodes[index]);
  chd_scene_drop_picture (self, &self->nodes[index].picture);
  g_signal_emit (self, signals[SIGNAL_NODE_CHANGED], 0, index);
}

void
chd_scene_set_node_state (ChdScene *self, const char *id, ChdNodeState state, const char *note, double progress)
{
  guint index = chd_scene_find_node (self, id);
  ChdNodeNews *news;

  if (index == CHD_NO_INDEX)
    return;
  news = g_hash_table_lookup (self->news, id);
  if (news == NULL)
    {
      news = g_new0 (ChdNodeNews, 1);
      news->state = CHD_NODE_DRAFT;
      news->progress = -1;
      g_hash_table_insert (self->news, g_strdup (id), news);
    }
  progress = progress < 0 ? -1 : MIN (progress, 1);
  if (news->state == state && news->progress == progress && g_strcmp0 (news->note, note) == 0)
    return;
  news->state = state;
  news->progress = progress;
  g_free (news->note);
  news->note = g_strdup (note);
  chd_scene_refresh_node (self, index);
}

void
chd_scene_clear_node_states (ChdScene *self)
{
  g_autoptr (GHashTable) old = g_steal_pointer (&self->news);
  GHashTableIter iter;
  gpointer id;

  self->news = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, news_free);
  g_hash_table_iter_init (&iter, old);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      guint index = chd_scene_find_node (self, id);

      if (index != CHD_NO_INDEX)
        chd_scene_refresh_node (self, index);
    }
}

void
chd_scene_set_interface_title (ChdScene *self, const char *interface_id, const char *title)
{
  if (g_strcmp0 (g_hash_table_lookup (self->interface_titles, interface_id), title) == 0)
    return;
  g_hash_table_insert (self->interface_titles, g_strdup (interface_id), g_strdup (title));
  for (guint i = 0; i < self->n_nodes; i++)
    chd_scene_drop_picture (self, &self->nodes[i].picture);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
chd_scene_set_hide_unused (ChdScene *self, gboolean hide_unused)
{
  if (self->hide_unused == hide_unused)
    return;
  self->hide_unused = hide_unused;
  self->stale = TRUE;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
chd_scene_set_picture_free (ChdScene *self, GDestroyNotify free_picture)
{
  chd_scene_drop_pictures (self);
  self->free_picture = free_picture;
}

void
chd_scene_drop_pictures (ChdScene *self)
{
  for (guint i = 0; i < self->n_nodes; i++)
    chd_scene_drop_picture (self, &self->nodes[i].picture);
  for (guint i = 0; i < self->n_links; i++)
    chd_scene_drop_picture (self, &self->links[i].picture);
}
