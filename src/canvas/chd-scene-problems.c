/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What validation has found about the nodes of a scene. */

#include "config.h"

#include "chd-scene-private.h"

typedef struct
{
  ChdSeverity severity; /* the worst */
  GString *text;        /* a sentence a line */
} NodeProblem;

static void
node_problem_free (gpointer data)
{
  NodeProblem *problem = data;

  g_string_free (problem->text, TRUE);
  g_free (problem);
}

static GHashTable *
collect (GPtrArray *problems)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, node_problem_free);

  for (guint i = 0; problems != NULL && i < problems->len; i++)
    {
      const ChdProblem *problem = g_ptr_array_index (problems, i);
      NodeProblem *known;

      if (problem->kind != CHD_ITEM_NODE || problem->id == NULL)
        continue;
      known = g_hash_table_lookup (table, problem->id);
      if (known == NULL)
        {
          known = g_new0 (NodeProblem, 1);
          known->severity = CHD_SEVERITY_WARNING;
          known->text = g_string_new (NULL);
          g_hash_table_insert (table, g_strdup (problem->id), known);
        }
      if (problem->severity == CHD_SEVERITY_ERROR)
        known->severity = CHD_SEVERITY_ERROR;
      g_string_append_printf (known->text, "%s%s", known->text->len > 0 ? "\n" : "", problem->message);
    }
  return table;
}

/* Shows anew the nodes of @table that @other says something else about. */
static void
refresh (ChdScene *self, GHashTable *table, GHashTable *other, gboolean only_gone)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const NodeProblem *here = value, *there = g_hash_table_lookup (other, id);
      guint index;

      if (there != NULL &&
          (only_gone || (here->severity == there->severity && g_string_equal (here->text, there->text))))
        continue;
      index = chd_scene_find_node (self, id);
      if (index != CHD_NO_INDEX)
        chd_scene_refresh_node (self, index);
    }
}

void
chd_scene_set_problems (ChdScene *self, GPtrArray *problems)
{
  g_autoptr (GHashTable) old = self->problems;

  self->problems = collect (problems);
  if (old == NULL)
    old = g_hash_table_new (g_str_hash, g_str_equal);
  refresh (self, self->problems, old, FALSE);
  refresh (self, old, self->problems, TRUE);
}

ChdNodeMark
chd_scene_get_mark (ChdScene *self, guint node)
{
  const NodeProblem *problem =
      self->problems != NULL ? g_hash_table_lookup (self->problems, chd_scene_get_node (self, node)->item->item.id)
                             : NULL;

  return problem == NULL                             ? CHD_MARK_NONE
         : problem->severity == CHD_SEVERITY_WARNING ? CHD_MARK_WARNING
                                                     : CHD_MARK_ERROR;
}

const char *
chd_scene_get_problem_text (ChdScene *self, guint node)
{
  const NodeProblem *problem =
      self->problems != NULL ? g_hash_table_lookup (self->problems, chd_scene_get_node (self, node)->item->item.id)
                             : NULL;

  return problem != NULL ? problem->text->str : NULL;
}
