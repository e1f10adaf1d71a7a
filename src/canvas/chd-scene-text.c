/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the drawing says in words: on the cards, at the links, and to a screen reader (ux-guide.md, 5.2). */

#include "config.h"

#include "chd-scene-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MAX_NEIGHBOURS 8 /* named in a description; more would be noise */

const char *
chd_scene_get_interface_title (ChdScene *self, const char *id)
{
  const char *title = g_hash_table_lookup (self->interface_titles, id);

  return title != NULL ? title : id;
}

static void
add_pipeline (ChdScene *self, GPtrArray *parts, const ChdNode *node, ChdPosition at)
{
  const ChdPipelineBinding *binding = chd_node_get_pipeline (node, at);

  if (binding != NULL)
    g_ptr_array_add (parts, (gpointer) chd_scene_get_interface_title (self, binding->interface_id));
}

static void
add_task (ChdScene *self, GPtrArray *parts, const ChdNode *node)
{
  const ChdScript *script;

  if (node->task == NULL || node->task->script == NULL)
    return;
  script = chd_chain_find_script (self->chain, node->task->script);
  g_ptr_array_add (parts, (gpointer) (script != NULL ? chd_item_get_title (script) : node->task->script));
}

/* Titles of what is bound to a node, in the order in which it is done. (transfer container), ends with NULL. */
static GPtrArray *
list_work (ChdScene *self, const ChdNode *node)
{
  GPtrArray *parts = g_ptr_array_new ();

  add_pipeline (self, parts, node, CHD_POSITION_BEFORE);
  if (node->task_first)
    add_task (self, parts, node);
  add_pipeline (self, parts, node, CHD_POSITION_WORK);
  if (!node->task_first)
    add_task (self, parts, node);
  add_pipeline (self, parts, node, CHD_POSITION_AFTER);
  add_pipeline (self, parts, node, CHD_POSITION_ON_FAILURE);
  g_ptr_array_add (parts, NULL);
  return parts;
}

char *
chd_scene_dup_subtitle (ChdScene *self, guint node)
{
  g_autoptr (GPtrArray) parts = list_work (self, chd_scene_get_node (self, node)->item);

  return parts->len > 1 ? g_strjoinv (" · ", (char **) parts->pdata) : g_strdup (_ ("Nothing to do yet"));
}

char *
chd_scene_dup_link_label (ChdScene *self, guint link)
{
  const ChdLink *item = chd_scene_get_link (self, link)->item;
  g_autofree char *values = NULL;

  if (item->result == NULL)
    return NULL;
  values = item->values != NULL ? g_strjoinv (", ", item->values) : g_strdup ("");
  if (item->op == CHD_OPERATOR_NOT_IN)
    /* Translators: the condition of a link: a result's name and the values it must not have */
    return g_strdup_printf (_ ("%s is not %s"), item->result, values);
  /* Translators: the condition of a link: a result's name and the values it must have */
  return g_strdup_printf (_ ("%s is %s"), item->result, values);
}

static void
make_ranks (ChdScene *self)
{
  g_autoptr (GPtrArray) order = chd_chain_list_in_order (self->chain);

  self->ranks = g_new0 (guint, self->n_nodes);
  for (guint i = 0; i < order->len; i++)
    {
      guint index;

      if (chd_chain_find_index (self->chain, CHD_ITEM_NODE, ((ChdItem *) g_ptr_array_index (order, i))->id, &index))
        self->ranks[index] = i;
    }
}

guint
chd_scene_get_rank (ChdScene *self, guint node)
{
  chd_scene_update (self);
  if (self->ranks == NULL)
    make_ranks (self);
  return self->ranks[node];
}

/* The kind of a unit, translated where it is one of the usual words. */
const char *
chd_scene_get_level_title (const ChdUnit *unit)
{
  static const struct
  {
    const char *word, *title;
  } known[] = {
    { "group", N_ ("group") },           { "company", N_ ("company") }, { "division", N_ ("division") },
    { "department", N_ ("department") }, { "team", N_ ("team") },
  };

  if (unit->level == NULL || *unit->level == '\0')
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (unit->level, known[i].word) == 0)
      return _ (known[i].title);
  return unit->level;
}

/* "Risk, department"; (transfer full). */
static char *
dup_unit_phrase (const ChdUnit *unit)
{
  if (unit == NULL)
    return g_strdup (_ ("no unit"));
  if (chd_scene_get_level_title (unit) == NULL)
    return g_strdup (chd_item_get_title (unit));
  /* Translators: a unit of the organisation and its kind: "Risk, department" */
  return g_strdup_printf (_ ("%s, %s"), chd_item_get_title (unit), chd_scene_get_level_title (unit));
}

char *
chd_scene_dup_node_name (ChdScene *self, guint node)
{
  const ChdSceneNode *scene_node = chd_scene_get_node (self, node);
  g_autofree char *unit = dup_unit_phrase (self->lanes.lanes[scene_node->lane].item);
  g_autofree char *name = NULL;

  /* Translators: the name of a node for a screen reader: title, place in the order, number of nodes, unit, state */
  name = g_strdup_printf (_ ("%s, node %u of %u, %s, %s"), chd_item_get_title (scene_node->item),
                          chd_scene_get_rank (self, node) + 1, self->n_nodes, unit,
                          chd_node_state_get_title (scene_node->state));
  if (scene_node->note == NULL)
    return g_steal_pointer (&name);
  return g_strdup_printf ("%s, %s", name, scene_node->note);
}

static void
add_neighbours (ChdScene *self, GString *text, const ChdNode *node, ChdLinkDirection direction)
{
  GPtrArray *links = chd_chain_get_links (self->chain, node->item.id, direction);
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  g_autofree char *joined = NULL;

  for (guint i = 0; i < links->len && titles->len < MAX_NEIGHBOURS; i++)
    {
      const ChdLink *link = g_ptr_array_index (links, i);
      const ChdNode *other = chd_chain_find_node (self->chain, direction == CHD_LINKS_IN ? link->from : link->to);

      if (other != NULL)
        g_ptr_array_add (titles, (gpointer) chd_item_get_title (other));
    }
  if (titles->len == 0)
    return;
  g_ptr_array_add (titles, NULL);
  joined = g_strjoinv (", ", (char **) titles->pdata);
  g_string_append_c (text, ' ');
  if (direction == CHD_LINKS_IN)
    g_string_append_printf (text, _ ("Comes after %s."), joined);
  else
    g_string_append_printf (text, _ ("Leads to %s."), joined);
}

char *
chd_scene_dup_node_description (ChdScene *self, guint node)
{
  const ChdNode *item = chd_scene_get_node (self, node)->item;
  g_autofree char *subtitle = chd_scene_dup_subtitle (self, node);
  const char *problems = chd_scene_get_problem_text (self, node);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, _ ("%s."), subtitle);
  if (chd_node_has_pair (item))
    {
      g_string_append_c (text, ' ');
      g_string_append (text, item->execution == CHD_EXECUTION_PARALLEL ? _ ("Both at the same time.")
                             : item->task_first                        ? _ ("The task first, then the pipeline.")
                                                                       : _ ("The pipeline first, then the task."));
    }
  add_neighbours (self, text, item, CHD_LINKS_IN);
  add_neighbours (self, text, item, CHD_LINKS_OUT);
  if (problems != NULL)
    g_string_append_printf (text, " %s", problems);
  return g_string_free (text, FALSE);
}

char *
chd_scene_dup_lane_summary (ChdScene *self, guint lane)
{
  const ChdSceneLane *here = chd_scene_get_lane (self, lane);
  guint counts[CHD_N_NODE_STATES] = { 0 };
  g_autoptr (GString) states = g_string_new (NULL);
  g_autofree char *count = NULL;

  if (!here->collapsed)
    return NULL;
  for (guint i = 0; i < self->n_nodes; i++)
    if (chd_lanes_find_shown (&self->lanes, self->nodes[i].lane) == lane)
      counts[self->nodes[i].state]++;
  /* What needs attention comes last in the list of states, and first here. */
  for (guint i = CHD_N_NODE_STATES; i > CHD_NODE_DRAFT + 1; i--)
    if (counts[i - 1] > 0)
      /* Translators: a number of nodes and their state: "2 Failed" */
      g_string_append_printf (states, C_ ("summary", "%s%u %s"), states->len > 0 ? ", " : "", counts[i - 1],
                              chd_node_state_get_title (i - 1));
  count = g_strdup_printf (ngettext ("%u node", "%u nodes", here->n_all_nodes), here->n_all_nodes);
  return states->len > 0 ? g_strdup_printf ("%s: %s", count, states->str) : g_steal_pointer (&count);
}

char *
chd_scene_dup_lane_name (ChdScene *self, guint lane)
{
  const ChdSceneLane *scene_lane = chd_scene_get_lane (self, lane);
  g_autofree char *unit = dup_unit_phrase (scene_lane->item);
  g_autofree char *summary = chd_scene_dup_lane_summary (self, lane);
  g_autofree char *count =
      summary != NULL
          /* Translators: what a lane holds that is drawn as one line */
          ? g_strdup_printf (_ ("collapsed, %s"), summary)
          : g_strdup_printf (ngettext ("%u node", "%u nodes", scene_lane->n_all_nodes), scene_lane->n_all_nodes);

  if (scene_lane->parent != CHD_NO_INDEX && self->lanes.lanes[scene_lane->parent].item != NULL)
    /* Translators: the name of a lane for a screen reader: unit and kind, the unit above it, number of nodes */
    return g_strdup_printf (_ ("%s, in %s, %s"), unit, chd_item_get_title (self->lanes.lanes[scene_lane->parent].item),
                            count);
  /* Translators: the name of an outermost lane for a screen reader: unit and kind, number of nodes */
  return g_strdup_printf (_ ("%s, %s"), unit, count);
}

char *
chd_scene_dup_name (ChdScene *self)
{
  g_autofree char *nodes = NULL;
  g_autofree char *units = NULL;
  guint n_units = chd_chain_get_n_items (self->chain, CHD_ITEM_UNIT);

  chd_scene_update (self);
  nodes = g_strdup_printf (ngettext ("%u node", "%u nodes", self->n_nodes), self->n_nodes);
  units = g_strdup_printf (ngettext ("%u unit", "%u units", n_units), n_units);
  /* Translators: the canvas for a screen reader: the chain's title, "5 nodes", "3 units" */
  return g_strdup_printf (_ ("Chain canvas, %s, %s in %s"), chd_item_get_title (chd_chain_get_head (self->chain)),
                          nodes, units);
}
