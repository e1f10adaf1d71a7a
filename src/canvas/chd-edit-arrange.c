/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arranging nodes: columns, rows, even distances, and onto a link. */

#include "config.h"

#include "chd-edit-arrange.h"

#include <glib/gi18n-lib.h>

#include "chd-edit.h"

typedef struct
{
  guint which; /* its place among the ids */
  guint lane;
  ChdPoint at;
} Card;

static int
compare_x (gconstpointer a, gconstpointer b)
{
  const Card *one = a, *other = b;

  return (one->at.x > other->at.x) - (one->at.x < other->at.x);
}

/* By lane, then down. */
static int
compare_y (gconstpointer a, gconstpointer b)
{
  const Card *one = a, *other = b;

  if (one->lane != other->lane)
    return one->lane < other->lane ? -1 : 1;
  return (one->at.y > other->at.y) - (one->at.y < other->at.y);
}

/* Sets one coordinate of the cards from @from to before @to, which are sorted by it. */
static void
set_run (GArray *cards, guint from, guint to, ChdArrange how)
{
  const Card *first = &g_array_index (cards, Card, from), *last = &g_array_index (cards, Card, to - 1);
  ChdPoint start = first->at, end = last->at;

  for (guint i = from; i < to; i++)
    {
      Card *card = &g_array_index (cards, Card, i);
      double share = to - from > 1 ? (double) (i - from) / (to - from - 1) : 0;

      switch (how)
        {
        case CHD_ARRANGE_LEFT:
          card->at.x = start.x;
          break;
        case CHD_ARRANGE_RIGHT:
          card->at.x = end.x;
          break;
        case CHD_ARRANGE_TOP:
          card->at.y = start.y;
          break;
        case CHD_ARRANGE_BOTTOM:
          card->at.y = end.y;
          break;
        case CHD_ARRANGE_ACROSS:
          card->at.x = start.x + share * (end.x - start.x);
          break;
        case CHD_ARRANGE_DOWN:
          card->at.y = start.y + share * (end.y - start.y);
          break;
        default:
          break;
        }
    }
}

gboolean
chd_edit_arrange (ChdScene *scene, const char *const *ids, ChdArrange how)
{
  gboolean sideways = how == CHD_ARRANGE_LEFT || how == CHD_ARRANGE_RIGHT || how == CHD_ARRANGE_ACROSS;
  gboolean even = how == CHD_ARRANGE_ACROSS || how == CHD_ARRANGE_DOWN;
  g_autoptr (GArray) cards = g_array_new (FALSE, FALSE, sizeof (Card));
  g_autofree ChdPoint *points = g_new0 (ChdPoint, g_strv_length ((char **) ids));

  for (guint i = 0; ids[i] != NULL; i++)
    {
      guint index = chd_scene_find_node (scene, ids[i]);
      Card card = { .which = i };

      if (index == CHD_NO_INDEX)
        return FALSE;
      card.lane = chd_scene_get_node (scene, index)->lane;
      card.at = (ChdPoint){ chd_scene_get_node (scene, index)->x, chd_scene_get_node (scene, index)->open_y };
      g_array_append_val (cards, card);
    }
  if (cards->len < 2)
    return FALSE;
  g_array_sort (cards, sideways ? compare_x : compare_y);
  for (guint from = 0, to; from < cards->len; from = to)
    {
      for (to = from + 1; to < cards->len; to++)
        if (!sideways && g_array_index (cards, Card, to).lane != g_array_index (cards, Card, from).lane)
          break;
      set_run (cards, from, to, how);
    }
  for (guint i = 0; i < cards->len; i++)
    points[g_array_index (cards, Card, i).which] = g_array_index (cards, Card, i).at;
  return chd_edit_place (scene, ids, points, even ? _ ("Distribute Nodes") : _ ("Align Nodes"));
}

gboolean
chd_edit_can_insert (ChdScene *scene, const char *id, guint link)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  const ChdLink *item = chd_scene_get_link (scene, link)->item;
  g_autofree char *before = chd_edit_refuse_link (chain, item->from, id);
  g_autofree char *after = chd_edit_refuse_link (chain, id, item->to);

  return before == NULL && after == NULL;
}

void
chd_edit_insert_node (ChdScene *scene, const char *id, guint link, double dx, double dy)
{
  ChdChain *chain = chd_scene_get_chain (scene);
  g_autoptr (ChdLink) old = chd_item_ref (chd_scene_get_link (scene, link)->item);
  const char *const ids[] = { id, NULL };
  ChdLink *first = chd_item_copy (old);

  chd_link_set_ends (first, old->from, id);
  chd_chain_begin (chain, _ ("Insert Node"));
  chd_edit_move (scene, ids, dx, dy, CHD_NO_INDEX, NULL);
  chd_chain_remove (chain, CHD_ITEM_LINK, old->item.id);
  chd_chain_append (chain, first);
  chd_chain_append (chain, chd_link_new (id, old->to));
  chd_chain_end (chain);
}
