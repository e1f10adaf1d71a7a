/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of a PipelineRun's tasks, and what may be done next. */

#include "config.h"

#include "chd-pipeline-state.h"

#include <string.h>

#include "chd-json.h"
#include "chd-reference.h"
#include "chd-run.h"
#include "chd-when.h"

static void
pipeline_task_free (gpointer data)
{
  ChdPipelineTask *task = data;

  json_object_unref (task->task);
  g_clear_pointer (&task->resolved, json_object_unref);
  g_clear_pointer (&task->run, json_object_unref);
  g_free (task);
}

void
chd_pipeline_state_free (ChdPipelineState *self)
{
  g_clear_pointer (&self->graph, chd_pipeline_graph_free);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  g_clear_pointer (&self->results, chd_variables_free);
  g_free (self);
}

const char *
chd_skip_reason (ChdSkip skip)
{
  static const char *const reasons[] = { "None",
                                         "PipelineRun was stopping",
                                         "PipelineRun was gracefully cancelled",
                                         "PipelineRun was gracefully stopped",
                                         "When Expressions evaluated to false",
                                         "Parent Tasks were skipped",
                                         "Results were missing",
                                         "PipelineRun timeout has been reached",
                                         "PipelineRun Tasks timeout has been reached",
                                         "PipelineRun Finally timeout has been reached" };

  return reasons[skip];
}

/* A TaskRun that was stopped because the time was up counts as failed, not as cancelled. */
static gboolean
is_cancelled_by_timeout (JsonObject *run)
{
  const char *message = chd_json_lookup_string (run, "spec/statusMessage", "");

  return g_str_equal (message, CHD_CANCELLED_BY_TIMEOUT) || g_str_equal (message, CHD_CUSTOM_CANCELLED_BY_TIMEOUT);
}

static void
read_run (ChdPipelineTask *task, JsonObject *run)
{
  const char *reason = chd_run_get_reason (run);
  gboolean is_false = chd_run_has_ended (run, "False");

  task->run = json_object_ref (run);
  task->succeeded = chd_run_has_ended (run, "True");
  task->done = task->succeeded || is_false;
  task->cancelled = is_false && !is_cancelled_by_timeout (run) &&
                    (g_str_equal (reason, "TaskRunCancelled") || g_str_equal (reason, "CustomRunCancelled"));
  task->failed = is_false && !task->cancelled;
  task->ignored = task->failed && g_str_equal (chd_json_string (task->task, "onError", ""), "continue");
}

static void
add_results (ChdPipelineState *self, ChdPipelineTask *task)
{
  JsonArray *results = chd_json_lookup_array (task->run, "status/results");

  for (guint i = 0; i < chd_json_length (results); i++)
    {
      JsonObject *result = chd_json_object_at (results, i);
      JsonNode *value = result != NULL ? json_object_get_member (result, "value") : NULL;
      g_autofree char *key =
          g_strdup_printf ("%s.%s.results.%s", task->final ? "finally" : "tasks",
                           chd_json_string (task->task, "name", ""), chd_json_string (result, "name", ""));

      if (value != NULL && !JSON_NODE_HOLDS_NULL (value))
        chd_variables_set (self->results, key, value);
    }
}

static void
add_tasks (ChdPipelineState *self, JsonArray *tasks, gboolean final, ChdFindRunFunc find, gpointer user_data)
{
  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      ChdPipelineTask *task;
      JsonObject *run;

      if (chd_json_object_at (tasks, i) == NULL)
        continue;
      task = g_new0 (ChdPipelineTask, 1);
      task->task = json_object_ref (chd_json_object_at (tasks, i));
      task->final = final;
      g_ptr_array_add (self->tasks, task);
      run = find (task->task, user_data);
      if (run != NULL)
        read_run (task, run);
      if (task->succeeded)
        add_results (self, task);
    }
}

typedef struct
{
  ChdPipelineState *state;
  gboolean missing;
  gboolean excused; /* by a task that was skipped */
} Missing;

static ChdPipelineTask *
task_at (ChdPipelineState *self, guint index)
{
  return g_ptr_array_index (self->tasks, index);
}

static void
check_result (const ChdReference *reference, const char *text, gpointer user_data)
{
  Missing *missing = user_data;
  const char *task, *result, *member;
  g_autofree char *key = NULL;
  JsonNode *value;
  int index;

  if (!g_str_equal (reference->names[0], "tasks") || !chd_reference_is_result (reference, &task, &result, &member))
    return;
  key = chd_reference_key (reference);
  value = chd_variables_get (missing->state->results, key);
  if (value != NULL &&
      (reference->form != CHD_REFERENCE_INDEX ||
       (JSON_NODE_HOLDS_ARRAY (value) && reference->index < json_array_get_length (json_node_get_array (value)))))
    return;
  missing->missing = TRUE;
  index = chd_pipeline_graph_find (missing->state->graph, task);
  if (index >= 0 && task_at (missing->state, (guint) index)->skip != CHD_SKIP_NONE)
    missing->excused = TRUE;
}

static Missing
find_missing_results (ChdPipelineState *self, ChdPipelineTask *task)
{
  static const char *const members[] = { "params", "matrix", "when" };
  JsonObject *spec = chd_json_object (task->task, "taskSpec");
  Missing missing = { self, FALSE, FALSE };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    chd_reference_foreach (json_object_get_member (task->task, members[i]), check_result, &missing);
  if (spec != NULL)
    chd_reference_foreach (json_object_get_member (spec, "steps"), check_result, &missing);
  return missing;
}

static void
resolve (ChdPipelineState *self, ChdPipelineTask *task)
{
  g_clear_pointer (&task->resolved, json_object_unref);
  task->resolved = chd_variables_expand_object (self->results, task->task);
}

static gboolean
is_settled (ChdPipelineTask *task)
{
  return task->done || task->invalid || (task->run == NULL && task->skip != CHD_SKIP_NONE);
}

static ChdSkip
find_skip (ChdPipelineState *self, guint index, gboolean parents_done, const ChdPipelineCircumstances *circumstances)
{
  ChdPipelineTask *task = task_at (self, index);
  GArray *parents = self->graph->parents[index];
  gboolean parent_skipped = FALSE;
  Missing missing;

  if (self->stopping)
    return CHD_SKIP_STOPPING;
  if (circumstances->gracefully_cancelled)
    return CHD_SKIP_CANCELLED;
  if (circumstances->gracefully_stopped)
    return CHD_SKIP_STOPPED;
  if (parents_done)
    {
      resolve (self, task);
      if (!chd_when_holds (chd_json_array (task->resolved, "when")))
        return CHD_SKIP_WHEN;
    }
  for (guint i = 0; i < parents->len; i++)
    {
      ChdPipelineTask *parent = task_at (self, g_array_index (parents, guint, i));

      /* What only follows a guarded task runs all the same. */
      parent_skipped |= parent->run == NULL && parent->skip != CHD_SKIP_NONE && parent->skip != CHD_SKIP_WHEN;
    }
  if (parent_skipped)
    return CHD_SKIP_PARENT;
  if (parents_done)
    {
      missing = find_missing_results (self, task);
      if (missing.missing && missing.excused)
        return CHD_SKIP_RESULTS;
      task->invalid = missing.missing;
      if (missing.missing)
        return CHD_SKIP_NONE;
    }
  if (circumstances->pipeline_timed_out)
    return CHD_SKIP_PIPELINE_TIMEOUT;
  return circumstances->tasks_timed_out ? CHD_SKIP_TASKS_TIMEOUT : CHD_SKIP_NONE;
}

/* One walk over the tasks, parents first. Returns whether a task was found that can never run. */
static gboolean
walk (ChdPipelineState *self, const ChdPipelineCircumstances *circumstances)
{
  gboolean invalid = FALSE;

  self->dag_done = TRUE;
  for (guint i = 0; i < self->graph->order->len; i++)
    {
      guint index = g_array_index (self->graph->order, guint, i);
      ChdPipelineTask *task = task_at (self, index);
      GArray *parents = self->graph->parents[index];
      gboolean parents_done = TRUE;

      for (guint j = 0; j < parents->len && parents_done; j++)
        parents_done = is_settled (task_at (self, g_array_index (parents, guint, j)));
      task->ready = FALSE;
      if (task->run == NULL && !task->invalid)
        {
          task->skip = find_skip (self, index, parents_done, circumstances);
          task->ready = task->skip == CHD_SKIP_NONE && parents_done && !task->invalid;
        }
      invalid |= task->invalid;
      self->dag_done &= is_settled (task);
    }
  return invalid;
}

static const char *
state_of (ChdPipelineTask *task)
{
  return task->succeeded ? "Succeeded" : task->failed || task->cancelled ? "Failed" : "None";
}

/* "tasks.<t>.status", "tasks.<t>.reason" and "tasks.status", which finally tasks may ask for. */
static void
add_states (ChdPipelineState *self)
{
  const char *all = "Succeeded";
  gboolean any_failed = FALSE;

  for (guint i = 0; i < self->n_dag; i++)
    {
      ChdPipelineTask *task = task_at (self, i);
      const char *name = chd_json_string (task->task, "name", "");
      g_autofree char *status = g_strdup_printf ("tasks.%s.status", name);
      g_autofree char *reason = g_strdup_printf ("tasks.%s.reason", name);

      chd_variables_set_string (self->results, status, state_of (task));
      chd_variables_set_string (self->results, reason, task->run != NULL ? chd_run_get_reason (task->run) : "");
      any_failed |= task->failed || task->cancelled;
      if (task->run == NULL)
        all = "Completed";
    }
  chd_variables_set_string (self->results, "tasks.status", any_failed ? "Failed" : all);
}

static void
walk_finally (ChdPipelineState *self, const ChdPipelineCircumstances *circumstances)
{
  self->finally_done = TRUE;
  for (guint i = self->n_dag; i < self->tasks->len; i++)
    {
      ChdPipelineTask *task = task_at (self, i);

      if (task->run == NULL && self->dag_done)
        {
          resolve (self, task);
          if (find_missing_results (self, task).missing)
            task->skip = CHD_SKIP_RESULTS;
          else if (!chd_when_holds (chd_json_array (task->resolved, "when")))
            task->skip = CHD_SKIP_WHEN;
          else if (circumstances->pipeline_timed_out)
            task->skip = CHD_SKIP_PIPELINE_TIMEOUT;
          else if (circumstances->finally_timed_out)
            task->skip = CHD_SKIP_FINALLY_TIMEOUT;
          else
            task->ready = TRUE;
        }
      self->finally_done &= is_settled (task);
    }
}

static void
count (ChdPipelineState *self)
{
  for (guint i = 0; i < self->tasks->len; i++)
    {
      ChdPipelineTask *task = task_at (self, i);

      if (task->succeeded)
        self->n_succeeded++;
      else if (task->cancelled)
        self->n_cancelled++;
      else if (task->ignored)
        self->n_ignored++;
      else if (task->failed)
        self->n_failed++;
      else if (task->invalid)
        self->n_invalid++;
      else if (task->run == NULL && task->skip != CHD_SKIP_NONE)
        {
          self->n_skipped++;
          self->n_skipped_by_timeout += task->skip >= CHD_SKIP_PIPELINE_TIMEOUT;
        }
      else
        self->n_incomplete++;
    }
}

ChdPipelineState *
chd_pipeline_state_new (JsonObject *spec,
                        ChdFindRunFunc find,
                        gpointer user_data,
                        const ChdPipelineCircumstances *circumstances,
                        char **problem)
{
  g_autoptr (ChdPipelineState) self = g_new0 (ChdPipelineState, 1);

  self->tasks = g_ptr_array_new_with_free_func (pipeline_task_free);
  self->results = chd_variables_new ();
  self->graph = chd_pipeline_graph_new (chd_json_array (spec, "tasks"), problem);
  if (self->graph == NULL)
    return NULL;

  add_tasks (self, chd_json_array (spec, "tasks"), FALSE, find, user_data);
  self->n_dag = self->tasks->len;
  add_tasks (self, chd_json_array (spec, "finally"), TRUE, find, user_data);
  for (guint i = 0; i < self->n_dag; i++)
    self->stopping |= (task_at (self, i)->failed && !task_at (self, i)->ignored) || task_at (self, i)->cancelled;
  if (walk (self, circumstances) && !self->stopping)
    {
      self->stopping = TRUE;
      walk (self, circumstances);
    }
  if (self->dag_done)
    add_states (self);
  walk_finally (self, circumstances);
  count (self);
  return g_steal_pointer (&self);
}

JsonArray *
chd_pipeline_state_get_conditions (ChdPipelineTask *task)
{
  JsonArray *conditions = chd_json_array (task->resolved != NULL ? task->resolved : task->task, "when");
  JsonArray *copies;

  if (chd_json_length (conditions) == 0)
    return NULL;
  copies = json_array_new ();
  for (guint i = 0; i < chd_json_length (conditions); i++)
    if (chd_json_object_at (conditions, i) != NULL)
      json_array_add_object_element (copies, chd_json_copy_object (chd_json_object_at (conditions, i)));
  return copies;
}

static void
check_pipeline_result (const ChdReference *reference, const char *text, gpointer user_data)
{
  Missing *missing = user_data;
  const char *name;
  g_autofree char *key = NULL;

  if (!chd_reference_is_result (reference, &name, NULL, NULL))
    return;
  key = chd_reference_key (reference);
  if (chd_variables_get (missing->state->results, key) != NULL)
    return;
  missing->missing = TRUE;
  for (guint i = 0; i < missing->state->tasks->len; i++)
    {
      ChdPipelineTask *task = task_at (missing->state, i);

      if (g_str_equal (chd_json_string (task->task, "name", ""), name) && !task->succeeded)
        missing->excused = TRUE;
    }
}

JsonArray *
chd_pipeline_state_get_results (ChdPipelineState *self, JsonObject *spec, char **missing_names)
{
  JsonArray *declared = chd_json_array (spec, "results");
  JsonArray *results = json_array_new ();
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *declaration = chd_json_object_at (declared, i);
      JsonNode *value = declaration != NULL ? json_object_get_member (declaration, "value") : NULL;
      Missing missing = { self, FALSE, FALSE };
      JsonObject *result;

      if (value == NULL)
        continue;
      chd_reference_foreach (value, check_pipeline_result, &missing);
      if (missing.missing)
        {
          if (!missing.excused)
            g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "",
                                    chd_json_string (declaration, "name", ""));
          continue;
        }
      result = json_object_new ();
      chd_json_set_string_if (result, "name", chd_json_string (declaration, "name", NULL));
      json_object_set_member (result, "value", chd_variables_expand_node (self->results, value));
      json_array_add_object_element (results, result);
    }
  *missing_names = names->len > 0 ? g_strdup (names->str) : NULL;
  return results;
}
