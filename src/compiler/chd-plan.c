/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan of one node: which pipeline tasks its parts become. */

#include "config.h"

#include "chd-plan.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-plan-private.h"

static void
plan_task_free (ChdPlanTask *task)
{
  g_free (task->name);
  g_free (task->template_name);
  g_array_unref (task->after);
  g_clear_pointer (&task->earlier, g_array_unref);
  g_free (task);
}

void
chd_plan_free (ChdPlan *self)
{
  g_free (self->stem);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->tasks);
  g_array_unref (self->first);
  g_array_unref (self->last);
  g_free (self);
}

ChdPlanTask *
chd_plan_get_task (const ChdPlan *self, guint index)
{
  return g_ptr_array_index (self->tasks, index);
}

static char *
make_unique (ChdPlan *self, char *name)
{
  char *unique = chd_plan_fit_name (g_strdup (name));

  for (guint i = 2; g_hash_table_contains (self->names, unique); i++)
    {
      g_free (unique);
      unique = chd_plan_fit_name (g_strdup_printf ("%s-%u", name, i));
    }
  g_free (name);
  return unique;
}

static ChdPlanTask *
add_task (ChdPlan *self, char *name)
{
  ChdPlanTask *task = g_new0 (ChdPlanTask, 1);

  task->name = make_unique (self, name);
  task->after = g_array_new (FALSE, FALSE, sizeof (guint));
  g_hash_table_add (self->names, task->name);
  g_ptr_array_add (self->tasks, task);
  return task;
}

static ChdPlanTask *
add_template_task (ChdPlan *self, ChdPosition at, JsonObject *source, const ChdUnit *level)
{
  const char *inner = chd_json_string (source, "name", "task");
  g_autofree char *template_name =
      chd_plan_fit_name (level != NULL ? g_strdup_printf ("%s-%s", inner, level->item.id) : g_strdup (inner));
  ChdPlanTask *task =
      add_task (self, g_strdup_printf ("%s-%s-%s", self->stem, chd_position_to_string (at), template_name));

  task->at = at;
  task->source = source;
  task->level = level;
  task->template_name = g_steal_pointer (&template_name);
  return task;
}

/* Rule (3): one copy of the task for each of @watched. A watched task that only runs after another one has succeeded
 * needs no guard against that one's failure. */
static gboolean
add_watchers (ChdPlan *self, ChdPosition at, JsonObject *source, GArray *watched, GError **error)
{
  for (guint i = 0; i < watched->len; i++)
    {
      ChdPlanTask *task;

      if (self->tasks->len >= CHD_PLAN_MAX_TASKS)
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT,
                       _ ("“%s” becomes more than %d pipeline tasks. Split the node."), chd_item_get_title (self->node),
                       CHD_PLAN_MAX_TASKS);
          return FALSE;
        }
      task = add_template_task (self, at, source, NULL);
      task->in_finally = TRUE;
      task->watched = g_array_index (watched, guint, i);
      task->earlier = g_array_new (FALSE, FALSE, sizeof (guint));
      for (guint j = 0; j < i; j++)
        if (!chd_plan_depends_on (self, task->watched, g_array_index (watched, guint, j)))
          chd_plan_add_index (task->earlier, g_array_index (watched, guint, j));
    }
  return TRUE;
}

static ChdInterface *
find_interface (const ChdPlan *self, ChdCatalogue *catalogue, const ChdPipelineBinding *binding, GError **error)
{
  ChdInterface *interface = chd_catalogue_find_interface (catalogue, binding->interface_id);

  if (interface == NULL)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND,
                 _ ("“%s” uses the interface “%s”, which is not in the catalogue. Choose another one."),
                 chd_item_get_title (self->node), binding->interface_id);
  return interface;
}

/* @message: (transfer full) */
static gboolean
refuse (char *message, GError **error)
{
  g_autofree char *sentence = message;

  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED, sentence);
  return FALSE;
}

static gboolean
check_template (const ChdPlan *self, ChdInterface *interface, gboolean on_failure, GError **error)
{
  JsonObject *spec = chd_json_object (chd_interface_get_pipeline (interface), "spec");
  const char *title = chd_interface_get_title (interface);
  const char *node_title = chd_item_get_title (self->node);
  gboolean expands = chd_interface_expands_levels (interface);
  gboolean has_finally = chd_json_length (chd_json_array (spec, "finally")) > 0;

  if (chd_json_length (chd_json_array (spec, "workspaces")) > 0)
    return refuse (g_strdup_printf (_ ("The interface “%s” of “%s” needs a workspace, which a chain has none of."),
                                    title, node_title),
                   error);
  if (on_failure && (expands || has_finally))
    return refuse (g_strdup_printf (_ ("The interface “%s” of “%s” cannot stand at “on failure”."), title, node_title),
                   error);
  if (expands && has_finally)
    return refuse (
        g_strdup_printf (_ ("The interface “%s” of “%s” is made once a level and cannot have finally tasks."), title,
                         node_title),
        error);
  return TRUE;
}

static gboolean
add_pipeline (ChdPlan *self,
              ChdChain *chain,
              ChdCatalogue *catalogue,
              const ChdPipelineBinding *binding,
              GArray *waits_for,
              GError **error)
{
  ChdInterface *interface = find_interface (self, catalogue, binding, error);
  g_autoptr (GPtrArray) levels = NULL;
  g_autoptr (GArray) first = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GArray) last = g_array_new (FALSE, FALSE, sizeof (guint));
  JsonObject *spec;
  JsonArray *tasks, *finally;
  guint start = self->tasks->len;

  if (interface == NULL)
    return FALSE;
  spec = chd_json_object (chd_interface_get_pipeline (interface), "spec");
  tasks = chd_json_array (spec, "tasks");
  finally = chd_json_array (spec, "finally");
  if (!check_template (self, interface, FALSE, error))
    return FALSE;
  if (chd_interface_expands_levels (interface))
    {
      levels = chd_list_levels (chain, self->node, binding, interface, error);
      if (levels == NULL)
        return FALSE;
    }
  if (start + chd_json_length (tasks) * (levels != NULL ? levels->len : 1) + chd_json_length (finally) >
      CHD_PLAN_MAX_TASKS)
    return refuse (g_strdup_printf (_ ("The interface “%s” makes “%s” too large. Split the node."),
                                    chd_interface_get_title (interface), chd_item_get_title (self->node)),
                   error);

  for (guint level = 0; level < (levels != NULL ? levels->len : 1); level++)
    {
      guint level_start = self->tasks->len;
      g_autoptr (GArray) level_first = g_array_new (FALSE, FALSE, sizeof (guint));
      g_autoptr (GArray) level_last = g_array_new (FALSE, FALSE, sizeof (guint));

      for (guint i = 0; i < chd_json_length (tasks); i++)
        add_template_task (self, binding->at, chd_json_object_at (tasks, i),
                           levels != NULL ? g_ptr_array_index (levels, level) : NULL);
      for (guint i = level_start; i < self->tasks->len; i++)
        chd_plan_find_dependencies (self, chd_plan_get_task (self, i));
      chd_plan_find_ends (self, level_start, level_first, level_last);
      chd_plan_join (self, level_first, last);
      g_array_set_size (last, 0);
      g_array_append_vals (last, level_last->data, level_last->len);
      if (level == 0)
        g_array_append_vals (first, level_first->data, level_first->len);
    }
  chd_plan_join (self, first, waits_for);
  for (guint i = 0; i < chd_json_length (finally); i++)
    if (!add_watchers (self, binding->at, chd_json_object_at (finally, i), first, error))
      return FALSE;
  return TRUE;
}

static gboolean
add_on_failure (ChdPlan *self, ChdCatalogue *catalogue, const ChdPipelineBinding *binding, GError **error)
{
  ChdInterface *interface = find_interface (self, catalogue, binding, error);
  g_autoptr (GArray) watched = g_array_new (FALSE, FALSE, sizeof (guint));
  JsonObject *spec;
  JsonArray *tasks;

  if (interface == NULL)
    return FALSE;
  spec = chd_json_object (chd_interface_get_pipeline (interface), "spec");
  tasks = chd_json_array (spec, "tasks");
  if (!check_template (self, interface, TRUE, error))
    return FALSE;

  /* A failure that the interface says to go on after is none of the node's. */
  for (guint i = 0; i < self->tasks->len; i++)
    if (!chd_plan_get_task (self, i)->in_finally &&
        g_strcmp0 (chd_json_string (chd_plan_get_task (self, i)->source, "onError", NULL), "continue") != 0)
      chd_plan_add_index (watched, i);
  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      guint start = self->tasks->len;

      if (!add_watchers (self, CHD_POSITION_ON_FAILURE, chd_json_object_at (tasks, i), watched, error))
        return FALSE;
      for (guint j = start; j < self->tasks->len; j++)
        {
          chd_plan_find_dependencies (self, chd_plan_get_task (self, j));
          if (chd_plan_get_task (self, j)->after->len > 0)
            return refuse (g_strdup_printf (_ ("The tasks of the interface “%s” of “%s” wait for each other; at “on "
                                               "failure” all start at once. Choose another interface."),
                                            chd_interface_get_title (interface), chd_item_get_title (self->node)),
                           error);
        }
    }
  return TRUE;
}

static void
add_script (ChdPlan *self, GArray *waits_for)
{
  ChdPlanTask *task = add_task (self, g_strdup_printf ("%s-task", self->stem));

  task->is_task = TRUE;
  task->at = CHD_POSITION_WORK;
  g_array_append_vals (task->after, waits_for->data, waits_for->len);
}

static gboolean
add_work (ChdPlan *self, ChdChain *chain, ChdCatalogue *catalogue, GArray *last, GError **error)
{
  const ChdPipelineBinding *binding = chd_node_get_pipeline (self->node, CHD_POSITION_WORK);
  gboolean parallel = chd_node_has_pair (self->node) && self->node->execution == CHD_EXECUTION_PARALLEL;
  gboolean task_first = self->node->task_first && !parallel;
  g_autoptr (GArray) before = g_array_new (FALSE, FALSE, sizeof (guint));
  guint work_start = self->tasks->len;
  guint start = work_start;

  g_array_append_vals (before, last->data, last->len);
  if (self->node->task != NULL && task_first)
    {
      add_script (self, last);
      chd_plan_advance (self, start, last);
    }
  start = self->tasks->len;
  if (binding != NULL && !add_pipeline (self, chain, catalogue, binding, last, error) && error != NULL)
    return FALSE;
  if (!parallel)
    chd_plan_advance (self, start, last);
  if (self->node->task != NULL && !task_first)
    {
      start = self->tasks->len;
      add_script (self, parallel ? before : last);
      chd_plan_advance (self, parallel ? work_start : start, last);
    }
  return TRUE;
}

/**
 * chd_plan_new:
 * @error: (nullable): %NULL leaves out what cannot be planned instead of failing
 */
ChdPlan *
chd_plan_new (ChdChain *chain, ChdCatalogue *catalogue, const ChdNode *node, GError **error)
{
  g_autoptr (ChdPlan) self = g_new0 (ChdPlan, 1);
  g_autoptr (GArray) last = g_array_new (FALSE, FALSE, sizeof (guint));
  const ChdPipelineBinding *binding;
  guint start = 0;

  self->node = node;
  self->stem = chd_plan_make_stem (node->item.id);
  self->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) plan_task_free);
  self->names = g_hash_table_new (g_str_hash, g_str_equal);
  self->first = g_array_new (FALSE, FALSE, sizeof (guint));
  self->last = g_array_new (FALSE, FALSE, sizeof (guint));

  binding = chd_node_get_pipeline (node, CHD_POSITION_BEFORE);
  if (binding != NULL && !add_pipeline (self, chain, catalogue, binding, last, error) && error != NULL)
    return NULL;
  chd_plan_advance (self, start, last);
  if (!add_work (self, chain, catalogue, last, error) && error != NULL)
    return NULL;
  start = self->tasks->len;
  binding = chd_node_get_pipeline (node, CHD_POSITION_AFTER);
  if (binding != NULL && !add_pipeline (self, chain, catalogue, binding, last, error) && error != NULL)
    return NULL;
  binding = chd_node_get_pipeline (node, CHD_POSITION_ON_FAILURE);
  if (binding != NULL && !add_on_failure (self, catalogue, binding, error) && error != NULL)
    return NULL;
  chd_plan_find_ends (self, 0, self->first, self->last);
  return g_steal_pointer (&self);
}

const ChdPlanTask *
chd_plan_find (const ChdPlan *self, ChdPosition at, const char *source_name, const ChdUnit *level)
{
  for (guint i = 0; i < self->tasks->len; i++)
    {
      const ChdPlanTask *task = chd_plan_get_task (self, i);

      if (!task->is_task && task->at == at && task->level == level &&
          g_strcmp0 (chd_json_string (task->source, "name", NULL), source_name) == 0)
        return task;
    }
  return NULL;
}

/* Of a task that was made once a level, the last one. */
const ChdPlanTask *
chd_plan_get_last_of (const ChdPlan *self, ChdPosition at, const char *source_name)
{
  for (guint i = self->tasks->len; i-- > 0;)
    {
      const ChdPlanTask *task = chd_plan_get_task (self, i);

      if (!task->is_task && task->at == at && !task->in_finally &&
          g_strcmp0 (chd_json_string (task->source, "name", NULL), source_name) == 0)
        return task;
    }
  return NULL;
}

const ChdPlanTask *
chd_plan_find_task (const ChdPlan *self)
{
  for (guint i = 0; i < self->tasks->len; i++)
    if (chd_plan_get_task (self, i)->is_task)
      return chd_plan_get_task (self, i);
  return NULL;
}
