/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The order of a node's pipeline tasks among themselves: what an interface says, and the ends of each part. */

#include "config.h"

#include <string.h>

#include "chd-json.h"
#include "chd-placeholder.h"
#include "chd-plan-private.h"

void
chd_plan_add_index (GArray *array, guint value)
{
  for (guint i = 0; i < array->len; i++)
    if (g_array_index (array, guint, i) == value)
      return;
  g_array_append_val (array, value);
}

typedef struct
{
  const ChdPlan *plan;
  ChdPosition at;
  ChdPlanTask *task;
} DependencySearch;

static void
add_dependency (DependencySearch *search, const char *source_name)
{
  for (guint i = 0; i < search->plan->tasks->len; i++)
    {
      const ChdPlanTask *other = chd_plan_get_task (search->plan, i);

      if (other != search->task && !other->is_task && other->at == search->at && other->level == search->task->level &&
          g_strcmp0 (chd_json_string (other->source, "name", NULL), source_name) == 0)
        chd_plan_add_index (search->task->after, i);
    }
}

static void
visit_dependency (const ChdPlaceholder *reference, gpointer user_data)
{
  if (strcmp (reference->space, "tasks") == 0 && g_strcmp0 (reference->member, "results") == 0)
    add_dependency (user_data, reference->name);
}

void
chd_plan_find_dependencies (const ChdPlan *self, ChdPlanTask *task)
{
  DependencySearch search = { self, task->at, task };
  JsonArray *run_after = chd_json_array (task->source, "runAfter");
  g_autoptr (JsonNode) node = chd_json_node_from_object (task->source);

  for (guint i = 0; i < chd_json_length (run_after); i++)
    add_dependency (&search, chd_json_string_at (run_after, i));
  chd_placeholders_visit (node, visit_dependency, &search);
}

/* The tasks from @start on that wait for none of the same, and those that none of the same waits for. */
void
chd_plan_find_ends (const ChdPlan *self, guint start, GArray *first, GArray *last)
{
  g_autofree gboolean *has_follower = g_new0 (gboolean, self->tasks->len);

  for (guint i = start; i < self->tasks->len; i++)
    {
      const ChdPlanTask *task = chd_plan_get_task (self, i);
      gboolean waits = FALSE;

      if (task->in_finally)
        continue;
      for (guint j = 0; j < task->after->len; j++)
        if (g_array_index (task->after, guint, j) >= start)
          has_follower[g_array_index (task->after, guint, j)] = waits = TRUE;
      if (!waits)
        chd_plan_add_index (first, i);
    }
  for (guint i = start; i < self->tasks->len; i++)
    if (!chd_plan_get_task (self, i)->in_finally && !has_follower[i])
      chd_plan_add_index (last, i);
}

void
chd_plan_join (ChdPlan *self, GArray *tasks, GArray *waits_for)
{
  for (guint i = 0; i < tasks->len; i++)
    for (guint j = 0; j < waits_for->len; j++)
      chd_plan_add_index (chd_plan_get_task (self, g_array_index (tasks, guint, i))->after,
                          g_array_index (waits_for, guint, j));
}

gboolean
chd_plan_depends_on (const ChdPlan *self, guint task, guint other)
{
  g_autofree gboolean *seen = g_new0 (gboolean, self->tasks->len);
  g_autoptr (GArray) pending = g_array_new (FALSE, FALSE, sizeof (guint));

  g_array_append_val (pending, task);
  while (pending->len > 0)
    {
      GArray *after = chd_plan_get_task (self, g_array_index (pending, guint, pending->len - 1))->after;

      g_array_set_size (pending, pending->len - 1);
      for (guint i = 0; i < after->len; i++)
        {
          guint index = g_array_index (after, guint, i);

          if (index == other)
            return TRUE;
          if (!seen[index])
            g_array_append_val (pending, index);
          seen[index] = TRUE;
        }
    }
  return FALSE;
}

/* Sets @last to the ends of what was added since @start, if anything was. */
void
chd_plan_advance (const ChdPlan *self, guint start, GArray *last)
{
  g_autoptr (GArray) first = g_array_new (FALSE, FALSE, sizeof (guint));

  if (start == self->tasks->len)
    return;
  g_array_set_size (last, 0);
  chd_plan_find_ends (self, start, first, last);
}
