/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The graph of a pipeline's tasks, for admission and for running. */

#include "config.h"

#include "chd-pipeline-graph.h"

#include "chd-json.h"
#include "chd-reference.h"

typedef struct
{
  ChdResultFunc func;
  gpointer user_data;
} ForeachResult;

static void
visit_reference (const ChdReference *reference, const char *text, gpointer user_data)
{
  ForeachResult *visit = user_data;
  const char *task, *result;

  if (g_str_equal (reference->names[0], "tasks") && chd_reference_is_result (reference, &task, &result, NULL))
    visit->func (task, result, visit->user_data);
  /* The number of a matrixed task's runs, too, is known only when it has run. */
  else if (reference->n_names >= 4 && g_str_equal (reference->names[0], "tasks") &&
           g_str_equal (reference->names[2], "matrix"))
    visit->func (reference->names[1], reference->names[3], visit->user_data);
}

void
chd_pipeline_task_foreach_result (JsonObject *task, ChdResultFunc func, gpointer user_data)
{
  static const char *const members[] = { "params", "matrix", "when" };
  JsonObject *spec = chd_json_object (task, "taskSpec");
  ForeachResult visit = { func, user_data };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    chd_reference_foreach (json_object_get_member (task, members[i]), visit_reference, &visit);
  if (spec != NULL)
    {
      chd_reference_foreach (json_object_get_member (spec, "steps"), visit_reference, &visit);
      chd_reference_foreach (json_object_get_member (spec, "sidecars"), visit_reference, &visit);
    }
}

typedef struct
{
  ChdPipelineGraph *graph;
  guint child;
  char **problem;
} Linking;

static void
link_to (const char *parent, const char *result, gpointer user_data)
{
  Linking *linking = user_data;
  ChdPipelineGraph *graph = linking->graph;
  int position = chd_pipeline_graph_find (graph, parent);
  GArray *parents = graph->parents[linking->child];
  const char *child = chd_json_string (graph->tasks[linking->child], "name", "");

  if (position < 0)
    {
      if (*linking->problem == NULL)
        *linking->problem =
            g_strdup_printf ("couldn't add link between %s and %s: task %s depends on %s but %s wasn't present in "
                             "Pipeline",
                             child, parent, child, parent, parent);
      return;
    }
  for (guint i = 0; i < parents->len; i++)
    if (g_array_index (parents, guint, i) == (guint) position)
      return;
  g_array_append_val (parents, position);
}

/* Takes away tasks without open parents until none is left; what stays is in a cycle or behind one. */
static char *
sort_tasks (ChdPipelineGraph *self)
{
  g_autofree guint *open = g_new0 (guint, self->n_tasks + 1);
  g_autofree gboolean *done = g_new0 (gboolean, self->n_tasks + 1);
  GArray *queue = self->order;
  g_autofree GArray **children = g_new0 (GArray *, self->n_tasks + 1);
  g_autoptr (GString) names = NULL;
  g_autoptr (GPtrArray) sorted = NULL;
  const char *first = NULL;
  guint first_index = 0;

  for (guint i = 0; i < self->n_tasks; i++)
    children[i] = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < self->n_tasks; i++)
    {
      open[i] = self->parents[i]->len;
      for (guint j = 0; j < self->parents[i]->len; j++)
        g_array_append_val (children[g_array_index (self->parents[i], guint, j)], i);
      if (open[i] == 0)
        g_array_append_val (queue, i);
    }
  for (guint i = 0; i < queue->len; i++)
    {
      guint task = g_array_index (queue, guint, i);

      done[task] = TRUE;
      for (guint j = 0; j < children[task]->len; j++)
        {
          guint child = g_array_index (children[task], guint, j);

          if (--open[child] == 0)
            g_array_append_val (queue, child);
        }
    }
  for (guint i = 0; i < self->n_tasks; i++)
    {
      const char *name = chd_json_string (self->tasks[i], "name", "");

      g_array_unref (children[i]);
      if (!done[i] && (first == NULL || g_strcmp0 (name, first) < 0))
        {
          first = name;
          first_index = i;
        }
    }
  if (first == NULL)
    return NULL;

  sorted = g_ptr_array_new ();
  for (guint i = 0; i < self->parents[first_index]->len; i++)
    {
      guint parent = g_array_index (self->parents[first_index], guint, i);

      if (!done[parent])
        g_ptr_array_add (sorted, (gpointer) chd_json_string (self->tasks[parent], "name", ""));
    }
  names = g_string_new (NULL);
  for (guint i = 0; i < sorted->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? "\", \"" : "", (const char *) g_ptr_array_index (sorted, i));
  return g_strdup_printf ("cycle detected; task \"%s\" depends on \"%s\"", first, names->str);
}

ChdPipelineGraph *
chd_pipeline_graph_new (JsonArray *tasks, char **problem)
{
  g_autoptr (ChdPipelineGraph) self = g_new0 (ChdPipelineGraph, 1);
  guint length = chd_json_length (tasks);

  *problem = NULL;
  self->tasks = g_new0 (JsonObject *, length + 1);
  self->parents = g_new0 (GArray *, length + 1);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  self->order = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < length; i++)
    {
      JsonObject *task = chd_json_object_at (tasks, i);
      const char *name = chd_json_string (task, "name", "");

      if (task == NULL)
        continue;
      if (g_hash_table_contains (self->index, name))
        {
          *problem =
              g_strdup_printf ("task %s is already present in Graph, can't add it again: duplicate pipeline task",
                               name);
          return NULL;
        }
      self->tasks[self->n_tasks] = task;
      self->parents[self->n_tasks] = g_array_new (FALSE, FALSE, sizeof (guint));
      g_hash_table_insert (self->index, (gpointer) name, GUINT_TO_POINTER (self->n_tasks));
      self->n_tasks++;
    }
  for (guint i = 0; i < self->n_tasks; i++)
    {
      Linking linking = { self, i, problem };
      JsonArray *run_after = chd_json_array (self->tasks[i], "runAfter");

      for (guint j = 0; j < chd_json_length (run_after); j++)
        if (chd_json_string_at (run_after, j) != NULL)
          link_to (chd_json_string_at (run_after, j), NULL, &linking);
      chd_pipeline_task_foreach_result (self->tasks[i], link_to, &linking);
      if (*problem != NULL)
        return NULL;
    }
  *problem = sort_tasks (self);
  return *problem == NULL ? g_steal_pointer (&self) : NULL;
}

void
chd_pipeline_graph_free (ChdPipelineGraph *self)
{
  for (guint i = 0; i < self->n_tasks; i++)
    g_array_unref (self->parents[i]);
  g_free (self->parents);
  g_free (self->tasks);
  g_array_unref (self->order);
  g_hash_table_unref (self->index);
  g_free (self);
}

int
chd_pipeline_graph_find (ChdPipelineGraph *self, const char *name)
{
  gpointer value;

  return name != NULL && g_hash_table_lookup_extended (self->index, name, NULL, &value) ? (int) GPOINTER_TO_UINT (value)
                                                                                        : -1;
}
