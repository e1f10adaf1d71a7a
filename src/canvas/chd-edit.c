/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Edits by drawing. Everything here works on the chain and the scene alone; the widget decides when. */

#include "config.h"

#include "chd-edit.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "chd-scene-private.h"

#define NEXT_COLUMN (CHD_CARD_WIDTH + 64.0)

static const char *
unit_of_lane (ChdScene *scene, guint lane)
{
  const ChdUnit *unit = lane < chd_scene_get_n_lanes (scene) ? chd_scene_get_lane (scene, lane)->item : NULL;

  return unit != NULL ? unit->item.id : NULL;
}

static double
offset_of_lane (ChdScene *scene, guint lane)
{
  return lane < chd_scene_get_n_lanes (scene) ? chd_scene_get_lane (scene, lane)->offset : 0;
}

/* Gives a new node what the palette promised. Returns: whether @what is known */
static gboolean
bind_new_node (ChdScene *scene, ChdNode *node, const char *what)
{
  ChdChain *chain = chd_scene_get_chain (scene);

  if (g_str_equal (what, "node") || g_str_equal (what, "pipeline") || g_str_equal (what, "task"))
    return TRUE;
  if (g_str_has_prefix (what, "pipeline:"))
    {
      const char *id = what + strlen ("pipeline:");

      chd_node_set_pipeline (node, chd_pipeline_binding_new (CHD_POSITION_WORK, id, NULL));
      return TRUE;
    }
  if (g_str_has_prefix (what, "task:"))
    {
      const ChdItem *environment = chd_chain_get_item (chain, CHD_ITEM_ENVIRONMENT, 0);

      chd_node_set_task (node, chd_task_binding_new (what + strlen ("task:"),
                                                     environment != NULL ? environment->id : "shell", NULL));
      return TRUE;
    }
  return FALSE;
}

static char *
title_for (ChdScene *scene, const char *what)
{
  ChdChain *chain = chd_scene_get_chain (scene);

  if (g_str_has_prefix (what, "pipeline:"))
    return g_strdup (chd_scene_get_interface_title (scene, what + strlen ("pipeline:")));
  if (g_str_has_prefix (what, "task:"))
    {
      const ChdScript *script = chd_chain_find_script (chain, what + strlen ("task:"));

      return g_strdup (script != NULL ? chd_item_get_title (script) : what + strlen ("task:"));
    }
  return g_strdup (_ ("New node"));
}

static ChdNode *
make_node (ChdScene *scene, const char *what, const char *title, guint lane, double x, double y)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  g_autofree char *made_title = title != NULL && *title != '\0' ? g_strdup (title) : title_for (scene, what);
  g_autofree char *id = chd_chain_make_id (chain, CHD_ITEM_NODE, made_title);
  g_autoptr (ChdNode) node = chd_node_new (id, made_title, unit_of_lane (scene, lane));
  ChdPoint place;

  if (!bind_new_node (scene, node, what))
    return NULL;
  place = chd_scene_find_free_place (scene, lane, x, y, CHD_NO_INDEX);
  node->x = round (place.x);
  node->y = round (place.y - offset_of_lane (scene, lane));
  node->placed = TRUE;
  return g_steal_pointer (&node);
}

char *
chd_edit_add_node (ChdScene *scene, const char *what, const char *title, guint lane, double x, double y)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  ChdNode *node = make_node (scene, what, title, lane, x, y);
  char *id;

  if (node == NULL)
    return NULL;
  id = g_strdup (node->item.id);
  chd_chain_begin (chain, _ ("Add Node"));
  chd_chain_append (chain, node);
  chd_chain_end (chain);
  return id;
}

char *
chd_edit_add_after (ChdScene *scene, const char *what, const char *title, const char *after)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  guint index = chd_scene_find_node (scene, after);
  ChdNode *node;
  char *id;

  if (index == CHD_NO_INDEX)
    return NULL;
  node = make_node (scene, what, title, chd_scene_get_node (scene, index)->lane,
                    chd_scene_get_node (scene, index)->x + NEXT_COLUMN, chd_scene_get_node (scene, index)->y);
  if (node == NULL)
    return NULL;
  id = g_strdup (node->item.id);
  chd_chain_begin (chain, _ ("Add Node"));
  chd_chain_append (chain, node);
  chd_chain_append (chain, chd_link_new (after, id));
  chd_chain_end (chain);
  return id;
}

char *
chd_edit_insert (ChdScene *scene, const char *what, const char *title, guint link, double x, double y)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  g_autoptr (ChdLink) old = chd_item_ref (chd_scene_get_link (scene, link)->item);
  ChdNode *node = make_node (scene, what, title, chd_scene_lane_at (scene, x, y), x, y);
  ChdLink *first;
  char *id;

  if (node == NULL)
    return NULL;
  id = g_strdup (node->item.id);
  first = chd_item_copy (old);
  chd_link_set_ends (first, old->from, id);
  chd_chain_begin (chain, _ ("Insert Node"));
  chd_chain_append (chain, node);
  chd_chain_remove (chain, CHD_ITEM_LINK, old->item.id);
  chd_chain_append (chain, first);
  chd_chain_append (chain, chd_link_new (id, old->to));
  chd_chain_end (chain);
  return id;
}

char *
chd_edit_add_unit (ChdChain *chain, const char *title, const char *parent)
{
  char *id = chd_chain_make_id (chain, CHD_ITEM_UNIT, title);

  chd_chain_begin (chain, _ ("Add Unit"));
  chd_chain_append (chain, chd_unit_new (id, title, parent));
  chd_chain_end (chain);
  return id;
}

/* Puts a node at a place of the scene. Returns: whether that changes it */
static gboolean
put_node (ChdScene *scene, const char *id, guint lane, double x, double y, double offset)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  ChdNode *copy = chd_item_copy (chd_chain_find_node (chain, id));
  const char *unit = unit_of_lane (scene, lane);

  if (unit != NULL && g_strcmp0 (copy->unit, unit) != 0)
    {
      g_free (copy->unit);
      copy->unit = g_strdup (unit);
    }
  else if (copy->placed && copy->x == x && copy->y == y - offset)
    {
      chd_item_unref (copy);
      return FALSE;
    }
  copy->x = x;
  copy->y = y - offset;
  copy->placed = TRUE;
  chd_chain_replace (chain, copy);
  return TRUE;
}

typedef struct
{
  char *id;
  guint lane;
  double x, y, offset;
} Place;

static void
clear_place (gpointer data)
{
  g_free (((Place *) data)->id);
}

/* All places are found before the first node moves: the scene changes with it. */
static gboolean
put_nodes (ChdScene *scene, GArray *places, const char *name, const char *merge_key)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  gboolean changed = FALSE;

  chd_chain_begin (chain, name);
  if (merge_key != NULL)
    chd_chain_set_merge_key (chain, merge_key);
  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);

      changed |= put_node (scene, place->id, place->lane, place->x, place->y, place->offset);
    }
  chd_chain_end (chain);
  return changed;
}

gboolean
chd_edit_move (ChdScene *scene, const char *const *ids, double dx, double dy, guint lane, const char *merge_key)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));

  g_array_set_clear_func (places, clear_place);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      guint index = chd_scene_find_node (scene, ids[i]);
      Place place = { NULL };

      if (index == CHD_NO_INDEX)
        continue;
      place.x = chd_scene_get_node (scene, index)->x + dx;
      place.y = chd_scene_get_node (scene, index)->open_y + dy;
      /* What is inside of a collapsed lane stays there. */
      place.lane = lane != CHD_NO_INDEX                        ? lane
                   : chd_scene_get_node (scene, index)->hidden ? chd_scene_get_node (scene, index)->lane
                                                               : chd_scene_lane_at (scene, place.x, place.y);
      place.offset = offset_of_lane (scene, place.lane);
      place.id = g_strdup (ids[i]);
      g_array_append_val (places, place);
    }
  return put_nodes (scene, places, ngettext ("Move Node", "Move Nodes", places->len), merge_key);
}

gboolean
chd_edit_place (ChdScene *scene, const char *const *ids, const ChdPoint *points, const char *name)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));

  g_array_set_clear_func (places, clear_place);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      guint index = chd_scene_find_node (scene, ids[i]);
      Place place = { NULL };

      if (index == CHD_NO_INDEX)
        continue;
      place.x = round (points[i].x);
      place.y = round (points[i].y);
      place.lane = chd_scene_get_node (scene, index)->lane;
      place.offset = offset_of_lane (scene, place.lane);
      place.id = g_strdup (ids[i]);
      g_array_append_val (places, place);
    }
  return put_nodes (scene, places, name, NULL);
}

gboolean
chd_edit_move_to_unit (ChdScene *scene, const char *const *ids, const char *unit)
{
  guint lane = chd_scene_find_lane (scene, unit);
  gboolean changed = FALSE;

  if (lane == CHD_NO_INDEX)
    return FALSE;
  chd_chain_begin (chd_scene_get_chain (scene), ngettext ("Move Node", "Move Nodes", g_strv_length ((char **) ids)));
  for (guint i = 0; ids[i] != NULL; i++)
    {
      guint index = chd_scene_find_node (scene, ids[i]);
      ChdRect rect = chd_scene_get_lane (scene, lane)->rect;
      ChdPoint place;

      if (index == CHD_NO_INDEX || chd_scene_get_node (scene, index)->lane == lane)
        continue;
      place = chd_scene_find_free_place (scene, lane, chd_scene_get_node (scene, index)->x, rect.y, index);
      changed |= put_node (scene, ids[i], lane, place.x, place.y, offset_of_lane (scene, lane));
      lane = chd_scene_find_lane (scene, unit);
    }
  chd_chain_end (chd_scene_get_chain (scene));
  return changed;
}

char *
chd_edit_refuse_link (ChdChain *chain, const char *from, const char *to)
{
  const ChdNode *source = chd_chain_find_node (chain, from), *target = chd_chain_find_node (chain, to);

  if (source == NULL || target == NULL)
    return g_strdup (_ ("A link leads from one node to another."));
  if (source == target)
    return g_strdup (_ ("A node cannot come after itself."));
  if (chd_chain_find_link (chain, from, to) != NULL)
    /* Translators: the titles of two nodes */
    return g_strdup_printf (_ ("“%s” already leads to “%s”."), chd_item_get_title (source),
                            chd_item_get_title (target));
  if (chd_chain_reaches (chain, to, from))
    /* Translators: the titles of two nodes; the second one comes earlier in the chain */
    return g_strdup_printf (_ ("“%s” comes after “%s” already. A link back would close a circle."),
                            chd_item_get_title (source), chd_item_get_title (target));
  return NULL;
}

gboolean
chd_edit_connect (ChdChain *chain, const char *from, const char *to, char **message)
{
  char *reason = chd_edit_refuse_link (chain, from, to);

  *message = reason;
  if (reason != NULL)
    return FALSE;
  chd_chain_begin (chain, _ ("Connect Nodes"));
  chd_chain_append (chain, chd_link_new (from, to));
  chd_chain_end (chain);
  return TRUE;
}

/* Whether @id has exactly one way in and one way out; the ends of the link that would heal its removal. */
static gboolean
find_healing (ChdChain *chain, const char *id, const ChdLink **in, const ChdLink **out)
{
  GPtrArray *before = chd_chain_get_links (chain, id, CHD_LINKS_IN);
  GPtrArray *after = chd_chain_get_links (chain, id, CHD_LINKS_OUT);

  if (before->len != 1 || after->len != 1)
    return FALSE;
  *in = g_ptr_array_index (before, 0);
  *out = g_ptr_array_index (after, 0);
  return strcmp ((*in)->from, (*out)->to) != 0 && chd_chain_find_link (chain, (*in)->from, (*out)->to) == NULL &&
         chd_chain_find_node (chain, (*in)->from) != NULL && chd_chain_find_node (chain, (*out)->to) != NULL;
}

/* Returns: (transfer full) (nullable): what was healed, in words */
static char *
delete_node (ChdChain *chain, const char *id, gboolean keep_gap)
{
  const ChdLink *in, *out;
  char *healed = NULL;

  if (!keep_gap && find_healing (chain, id, &in, &out))
    {
      /* The condition on what came before still holds; one on the deleted node's result can't. */
      ChdLink *link = chd_item_copy (in);

      chd_link_set_ends (link, in->from, out->to);
      /* Translators: the titles of three nodes */
      healed = g_strdup_printf (_ ("“%s” deleted. “%s” now leads to “%s”."),
                                chd_item_get_title (chd_chain_find_node (chain, id)),
                                chd_item_get_title (chd_chain_find_node (chain, in->from)),
                                chd_item_get_title (chd_chain_find_node (chain, out->to)));
      chd_chain_append (chain, link);
    }
  chd_chain_remove (chain, CHD_ITEM_NODE, id);
  return healed;
}

static gboolean
delete_nodes (ChdChain *chain, const char *const *ids, gboolean keep_gap, char **message)
{
  g_autofree char *healed = NULL;
  g_autofree char *title = NULL;
  guint n = 0;

  chd_chain_begin (chain, ngettext ("Delete Node", "Delete Nodes", g_strv_length ((char **) ids)));
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const ChdNode *node = chd_chain_find_node (chain, ids[i]);

      if (node == NULL)
        continue;
      n++;
      g_free (title);
      title = g_strdup (chd_item_get_title (node));
      g_free (healed);
      healed = delete_node (chain, ids[i], keep_gap);
    }
  chd_chain_end (chain);
  if (n == 1 && healed != NULL)
    *message = g_steal_pointer (&healed);
  else if (n == 1)
    *message = g_strdup_printf (_ ("“%s” deleted."), title);
  else
    *message = g_strdup_printf (ngettext ("%u node deleted.", "%u nodes deleted.", n), n);
  return n > 0;
}

static gboolean
delete_links (ChdChain *chain, const char *const *ids, char **message)
{
  guint n = 0;

  chd_chain_begin (chain, ngettext ("Delete Link", "Delete Links", g_strv_length ((char **) ids)));
  for (guint i = 0; ids[i] != NULL; i++)
    if (chd_chain_find (chain, CHD_ITEM_LINK, ids[i]) != NULL)
      {
        chd_chain_remove (chain, CHD_ITEM_LINK, ids[i]);
        n++;
      }
  chd_chain_end (chain);
  *message = g_strdup_printf (ngettext ("%u link deleted.", "%u links deleted.", n), n);
  return n > 0;
}

/* A unit with the units inside it; lanes stand in depth-first order, so these follow it. */
static void
delete_unit (ChdScene *scene, const char *id)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  guint lane = chd_scene_find_lane (scene, id), depth;
  g_autoptr (GPtrArray) inside = g_ptr_array_new_with_free_func (g_free);

  if (lane == CHD_NO_INDEX)
    return;
  depth = chd_scene_get_lane (scene, lane)->depth;
  do
    g_ptr_array_add (inside, g_strdup (chd_scene_get_lane (scene, lane)->item->item.id));
  while (++lane < chd_scene_get_n_lanes (scene) && chd_scene_get_lane (scene, lane)->depth > depth);
  for (guint i = inside->len; i > 0; i--)
    chd_chain_remove (chain, CHD_ITEM_UNIT, g_ptr_array_index (inside, i - 1));
}

static gboolean
delete_units (ChdScene *scene, const char *const *ids, char **message)
{
  ChdChain *chain = chd_scene_get_chain (scene);

  for (guint i = 0; ids[i] != NULL; i++)
    {
      guint lane = chd_scene_find_lane (scene, ids[i]);
      guint n = lane != CHD_NO_INDEX ? chd_scene_get_lane (scene, lane)->n_all_nodes : 0;

      if (n == 0)
        continue;
      *message = g_strdup_printf (ngettext ("“%s” still has %u node. Move or delete it first.",
                                            "“%s” still has %u nodes. Move or delete them first.", n),
                                  chd_item_get_title (chd_chain_find_unit (chain, ids[i])), n);
      return FALSE;
    }
  chd_chain_begin (chain, ngettext ("Delete Unit", "Delete Units", g_strv_length ((char **) ids)));
  for (guint i = 0; ids[i] != NULL; i++)
    delete_unit (scene, ids[i]);
  chd_chain_end (chain);
  *message = g_strdup_printf (ngettext ("%u unit deleted.", "%u units deleted.", g_strv_length ((char **) ids)),
                              g_strv_length ((char **) ids));
  return TRUE;
}

gboolean
chd_edit_delete (ChdScene *scene, ChdItemKind kind, const char *const *ids, gboolean keep_gap, char **message)
{
  ChdChain *chain = chd_scene_get_chain (scene);

  *message = NULL;
  if (ids[0] == NULL)
    return FALSE;
  switch (kind)
    {
    case CHD_ITEM_NODE:
      return delete_nodes (chain, ids, keep_gap, message);
    case CHD_ITEM_LINK:
      return delete_links (chain, ids, message);
    case CHD_ITEM_UNIT:
      return delete_units (scene, ids, message);
    case CHD_ITEM_HEAD:
    case CHD_ITEM_ENVIRONMENT:
    case CHD_ITEM_SCRIPT:
    default:
      return FALSE;
    }
}

void
chd_edit_set_title (ChdChain *chain, ChdItemKind kind, const char *id, const char *title, const char *merge_key)
{
  const ChdItem *item = chd_chain_find (chain, kind, id);
  ChdItem *copy;
  char **field;

  if (item == NULL || (kind != CHD_ITEM_NODE && kind != CHD_ITEM_UNIT) || *title == '\0' ||
      g_strcmp0 (chd_item_get_title (item), title) == 0)
    return;
  copy = chd_item_copy (item);
  field = kind == CHD_ITEM_NODE ? &CHD_NODE (copy)->title : &CHD_UNIT (copy)->title;
  g_free (*field);
  *field = g_strdup (title);
  chd_chain_begin (chain, kind == CHD_ITEM_NODE ? _ ("Rename Node") : _ ("Rename Unit"));
  if (merge_key != NULL)
    chd_chain_set_merge_key (chain, merge_key);
  chd_chain_replace (chain, copy);
  chd_chain_end (chain);
}

const ChdUnit *
chd_edit_find_unit (ChdChain *chain, const char *text)
{
  g_autofree char *wanted = g_utf8_casefold (text, -1);
  const ChdUnit *beginning = NULL;

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT) && *wanted != '\0'; i++)
    {
      const ChdItem *unit = chd_chain_get_item (chain, CHD_ITEM_UNIT, i);
      g_autofree char *title = g_utf8_casefold (chd_item_get_title (unit), -1);

      if (strcmp (title, wanted) == 0 || strcmp (unit->id, wanted) == 0)
        return (const ChdUnit *) unit;
      if (beginning == NULL && (g_str_has_prefix (title, wanted) || g_str_has_prefix (unit->id, wanted)))
        beginning = (const ChdUnit *) unit;
    }
  return beginning;
}
