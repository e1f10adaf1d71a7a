/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The controller of PipelineRuns. */

#include "config.h"

#include "chd-pipeline-run.h"

#include "chd-json.h"
#include "chd-pipeline-children.h"
#include "chd-pipeline-prepare.h"
#include "chd-pipeline-state.h"

typedef struct
{
  ChdReconcile *reconcile;
  JsonObject *run; /* changed, not stored yet */
  const char *namespace_;
  const char *name;
  GHashTable *references; /* (owned) (nullable) until asked for: name of a pipeline task → child reference of @run */
  char *deleted;          /* (owned) (nullable): a child that ought to be there */
  char *foreign;          /* (owned) (nullable): somebody else's object where a child should be */
} PipelineRun;

static void
index_reference (PipelineRun *self, JsonObject *reference)
{
  const char *task = chd_json_string (reference, "pipelineTaskName", NULL);

  if (task != NULL && !g_hash_table_contains (self->references, task))
    g_hash_table_insert (self->references, (gpointer) task, reference);
}

static JsonObject *
find_reference (PipelineRun *self, const char *task)
{
  if (self->references == NULL)
    {
      JsonArray *references = chd_json_lookup_array (self->run, "status/childReferences");

      self->references = g_hash_table_new (g_str_hash, g_str_equal);
      for (guint i = 0; i < chd_json_length (references); i++)
        index_reference (self, chd_json_object_at (references, i));
    }
  return g_hash_table_lookup (self->references, task);
}

static char *
child_name (PipelineRun *self, JsonObject *task)
{
  const char *task_name = chd_json_string (task, "name", "");
  JsonObject *reference = find_reference (self, task_name);
  g_autofree char *suffix = g_strconcat ("-", task_name, NULL);

  return reference != NULL ? g_strdup (chd_json_string (reference, "name", ""))
                           : chd_run_child_name (self->name, suffix);
}

/* A child that exists under its name and is ours counts as started, whether or not we remember having made it. */
static JsonObject *
find_run (JsonObject *task, gpointer user_data)
{
  PipelineRun *self = user_data;
  g_autofree char *name = child_name (self, task);
  JsonObject *child =
      chd_transaction_get (self->reconcile->transaction, chd_pipeline_task_get_resource (task), self->namespace_, name);
  gboolean referenced = find_reference (self, chd_json_string (task, "name", "")) != NULL;

  if (child != NULL && chd_kube_is_owned_by (child, chd_kube_get_uid (self->run)))
    return child;
  if (referenced && self->deleted == NULL)
    self->deleted = g_steal_pointer (&name);
  else if (child != NULL && self->foreign == NULL)
    self->foreign = g_steal_pointer (&name);
  return NULL;
}

static void
cancel_child (PipelineRun *self, JsonObject *child, gboolean timed_out)
{
  gboolean custom = g_strcmp0 (chd_kube_get_kind (child), "CustomRun") == 0;
  JsonObject *copy;

  if (chd_run_is_done (child) || chd_json_lookup_string (child, "spec/status", NULL) != NULL)
    return;
  copy = chd_json_copy_object (child);
  chd_run_set_spec (copy, "status", custom ? "RunCancelled" : "TaskRunCancelled");
  json_object_set_string_member (chd_json_object (copy, "spec"), "statusMessage",
                                 custom
                                     ? (timed_out ? CHD_CUSTOM_CANCELLED_BY_TIMEOUT : CHD_CUSTOM_CANCELLED_BY_PIPELINE)
                                     : (timed_out ? CHD_CANCELLED_BY_TIMEOUT : CHD_CANCELLED_BY_PIPELINE));
  chd_transaction_put (self->reconcile->transaction, custom ? CHD_RESOURCE_CUSTOM_RUNS : CHD_RESOURCE_TASK_RUNS, copy);
}

typedef enum
{
  CHILDREN_ALL,
  CHILDREN_TASKS,
  CHILDREN_FINALLY,
} Children;

static void
cancel_children (PipelineRun *self, ChdPipelineState *state, Children which, gboolean timed_out)
{
  for (guint i = 0; i < state->tasks->len; i++)
    {
      ChdPipelineTask *task = g_ptr_array_index (state->tasks, i);

      if (task->run != NULL && (which == CHILDREN_ALL || (which == CHILDREN_FINALLY) == task->final))
        cancel_child (self, task->run, timed_out);
    }
}

/* Adds what is there or was made now; the order of those before stays. */
static void
add_reference (PipelineRun *self, ChdPipelineTask *task, const char *name)
{
  JsonObject *status = chd_json_ensure_object (self->run, "status");
  JsonObject *reference;

  if (find_reference (self, chd_json_string (task->task, "name", "")) != NULL)
    return;
  if (chd_json_array (status, "childReferences") == NULL)
    json_object_set_array_member (status, "childReferences", json_array_new ());
  reference = chd_pipeline_make_reference (task, name);
  json_array_add_object_element (chd_json_array (status, "childReferences"), reference);
  index_reference (self, reference);
}

static void
start_tasks (PipelineRun *self, ChdPipelineState *state)
{
  for (guint i = 0; i < state->tasks->len; i++)
    {
      ChdPipelineTask *task = g_ptr_array_index (state->tasks, i);
      g_autofree char *name = NULL;

      if (task->run != NULL)
        {
          add_reference (self, task, chd_kube_get_name (task->run));
          continue;
        }
      if (!task->ready)
        continue;
      name = child_name (self, task->task);
      chd_transaction_put (self->reconcile->transaction, chd_pipeline_task_get_resource (task->task),
                           chd_pipeline_make_child (self->run, task->resolved, task->final, name));
      add_reference (self, task, name);
    }
}

static void
list_skipped (PipelineRun *self, ChdPipelineState *state)
{
  JsonObject *status = chd_json_ensure_object (self->run, "status");
  g_autoptr (JsonArray) skipped = json_array_new ();

  for (guint i = 0; i < state->tasks->len; i++)
    {
      ChdPipelineTask *task = g_ptr_array_index (state->tasks, i);
      JsonObject *entry;
      JsonArray *conditions = NULL;

      if (task->run != NULL || task->skip == CHD_SKIP_NONE)
        continue;
      entry = json_object_new ();
      json_object_set_string_member (entry, "name", chd_json_string (task->task, "name", ""));
      json_object_set_string_member (entry, "reason", chd_skip_reason (task->skip));
      if (task->skip == CHD_SKIP_WHEN)
        conditions = chd_pipeline_state_get_conditions (task);
      if (conditions != NULL)
        json_object_set_array_member (entry, "whenExpressions", conditions);
      json_array_add_object_element (skipped, entry);
    }
  if (json_array_get_length (skipped) > 0)
    json_object_set_array_member (status, "skippedTasks", g_steal_pointer (&skipped));
  else if (json_object_has_member (status, "skippedTasks"))
    json_object_remove_member (status, "skippedTasks");
}

static char *
describe (ChdPipelineState *state, gboolean done)
{
  guint completed = state->n_succeeded + state->n_failed + state->n_ignored + state->n_cancelled;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "Tasks Completed: %u (Failed: %u", completed,
                          done ? state->n_failed + state->n_ignored : state->n_failed);
  if (done && state->n_ignored > 0)
    g_string_append_printf (text, " (Ignored: %u)", state->n_ignored);
  g_string_append_printf (text, ", Cancelled %u)", state->n_cancelled);
  if (!done)
    g_string_append_printf (text, ", Incomplete: %u", state->n_incomplete);
  g_string_append_printf (text, ", Skipped: %u", state->n_skipped);
  if (done && state->n_invalid > 0)
    g_string_append_printf (text, ", Failed Validation: %u", state->n_invalid);
  return g_string_free (text, FALSE);
}

static void
finish (PipelineRun *self, const char *status, const char *reason, const char *message)
{
  chd_run_finish (self->run, status, reason, message, self->reconcile->now);
}

static void
finish_cancelled (PipelineRun *self)
{
  g_autofree char *message = g_strdup_printf ("PipelineRun \"%s\" was cancelled", self->name);

  finish (self, "False", "Cancelled", message);
}

static void
conclude (PipelineRun *self, ChdPipelineState *state, const ChdPipelineCircumstances *circumstances)
{
  g_autofree char *message = describe (state, TRUE);
  g_autofree char *missing = NULL;
  g_autoptr (JsonArray) results =
      chd_pipeline_state_get_results (state, chd_json_lookup_object (self->run, "status/pipelineSpec"), &missing);

  if (json_array_get_length (results) > 0)
    json_object_set_array_member (chd_json_object (self->run, "status"), "results", g_steal_pointer (&results));
  if (state->n_invalid > 0)
    finish (self, "False", "PipelineValidationFailed", message);
  else if (state->n_failed > 0 || state->n_skipped_by_timeout > 0)
    finish (self, "False", "Failed", message);
  else if (circumstances->gracefully_cancelled || circumstances->gracefully_stopped)
    finish_cancelled (self);
  else if (state->n_cancelled > 0)
    finish (self, "False", "Cancelled", message);
  else if (missing != NULL)
    {
      g_autofree char *text = g_strdup_printf (
          "Failed to get PipelineResult from TaskRun Results for PipelineRun %s: invalid pipelineresults [%s], the "
          "referenced results don't exist",
          self->name, missing);

      finish (self, "False", "CouldntGetPipelineResult", text);
    }
  else
    finish (self, "True", state->n_skipped > 0 ? "Completed" : "Succeeded", message);
}

static void
report_progress (PipelineRun *self, ChdPipelineState *state, const ChdPipelineCircumstances *circumstances)
{
  g_autofree char *message = describe (state, FALSE);
  const char *reason = "Running";

  if (circumstances->gracefully_cancelled)
    reason = "CancelledRunningFinally";
  else if (circumstances->gracefully_stopped)
    reason = "StoppedRunningFinally";
  else if (circumstances->tasks_timed_out && state->tasks->len > state->n_dag)
    reason = "PipelineRunTimeoutRunningFinally";
  else if (state->n_cancelled > 0 || (state->n_failed > 0 && state->finally_done))
    reason = "PipelineRunStopping";
  chd_run_set_condition (self->run, "Unknown", reason, message, self->reconcile->now);
}

static gboolean
is_over (PipelineRun *self, const char *member, const char *limit)
{
  g_autofree char *path = g_strconcat ("status/", member, NULL);

  return chd_reconcile_remaining (self->reconcile, chd_kube_get_uid (self->run),
                                  chd_json_lookup_string (self->run, path, NULL), limit) <= 0;
}

static ChdPipelineCircumstances
find_circumstances (PipelineRun *self)
{
  const char *asked = chd_json_lookup_string (self->run, "spec/status", "");
  g_autofree char *tasks = chd_pipeline_part_timeout (self->run, FALSE);
  g_autofree char *finally = chd_pipeline_part_timeout (self->run, TRUE);
  ChdPipelineCircumstances circumstances = { FALSE };

  circumstances.gracefully_cancelled = g_str_equal (asked, "CancelledRunFinally");
  circumstances.gracefully_stopped = g_str_equal (asked, "StoppedRunFinally");
  circumstances.pipeline_timed_out =
      is_over (self, "startTime", chd_json_lookup_string (self->run, "spec/timeouts/pipeline", ""));
  circumstances.tasks_timed_out = is_over (self, "startTime", tasks);
  circumstances.finally_timed_out = is_over (self, "finallyStartTime", finally);
  return circumstances;
}

static void
finish_timed_out (PipelineRun *self)
{
  g_autofree char *message = g_strdup_printf ("PipelineRun \"%s\" failed to finish within \"%s\"", self->name,
                                              chd_json_lookup_string (self->run, "spec/timeouts/pipeline", ""));

  finish (self, "False", "PipelineRunTimeout", message);
}

static void
advance (PipelineRun *self)
{
  ChdPipelineCircumstances circumstances = find_circumstances (self);
  JsonObject *status = chd_json_object (self->run, "status");
  JsonObject *spec = chd_json_object (status, "pipelineSpec");
  g_autofree char *problem = NULL;
  g_autoptr (ChdPipelineState) state = chd_pipeline_state_new (spec, find_run, self, &circumstances, &problem);

  if (state == NULL)
    {
      finish (self, "False", "PipelineInvalidGraph", problem);
      return;
    }
  if (g_str_equal (chd_json_lookup_string (self->run, "spec/status", ""), "Cancelled"))
    {
      cancel_children (self, state, CHILDREN_ALL, FALSE);
      finish_cancelled (self);
      return;
    }
  if (self->deleted != NULL || self->foreign != NULL)
    {
      g_autofree char *message =
          self->deleted != NULL
              ? g_strdup_printf ("\"%s\", which belongs to this PipelineRun, was deleted", self->deleted)
              : g_strdup_printf ("\"%s\" exists already and does not belong to this PipelineRun", self->foreign);

      cancel_children (self, state, CHILDREN_ALL, FALSE);
      finish (self, "False", self->deleted != NULL ? "Failed" : "CreateRunFailed", message);
      return;
    }
  if (circumstances.pipeline_timed_out)
    {
      cancel_children (self, state, CHILDREN_ALL, TRUE);
      finish_timed_out (self);
      return;
    }
  if (circumstances.gracefully_cancelled)
    cancel_children (self, state, CHILDREN_TASKS, FALSE);
  if (circumstances.tasks_timed_out)
    cancel_children (self, state, CHILDREN_TASKS, TRUE);
  if (circumstances.finally_timed_out)
    cancel_children (self, state, CHILDREN_FINALLY, TRUE);
  if (state->dag_done && state->tasks->len > state->n_dag && chd_json_string (status, "finallyStartTime", NULL) == NULL)
    json_object_set_string_member (status, "finallyStartTime", self->reconcile->now);
  start_tasks (self, state);
  list_skipped (self, state);
  if (state->n_incomplete == 0)
    conclude (self, state, &circumstances);
  else
    report_progress (self, state, &circumstances);
}

void
chd_pipeline_run_reconcile (ChdReconcile *reconcile, const char *namespace_, const char *name)
{
  JsonObject *before = chd_transaction_get (reconcile->transaction, CHD_RESOURCE_PIPELINE_RUNS, namespace_, name);
  PipelineRun self = { reconcile, NULL, namespace_, name, NULL, NULL, NULL };
  const char *asked;
  JsonObject *status;

  if (before == NULL || chd_run_is_done (before) || chd_kube_is_deleting (before) ||
      chd_run_is_managed_by_other (before))
    return;
  self.run = chd_json_copy_object (before);
  asked = chd_json_lookup_string (before, "spec/status", "");
  status = chd_json_ensure_object (self.run, "status");

  if (g_str_equal (asked, "PipelineRunPending") && chd_json_string (status, "startTime", NULL) == NULL)
    {
      g_autofree char *message = g_strdup_printf ("PipelineRun \"%s\" is pending", name);

      chd_run_set_condition (self.run, "Unknown", "PipelineRunPending", message, reconcile->now);
      chd_run_store (reconcile, CHD_RESOURCE_PIPELINE_RUNS, self.run, before);
      return;
    }
  if (chd_json_string (status, "startTime", NULL) == NULL)
    json_object_set_string_member (status, "startTime", reconcile->now);
  if (chd_json_object (status, "pipelineSpec") != NULL)
    advance (&self);
  else if (g_str_equal (asked, "Cancelled"))
    finish_cancelled (&self);
  else if (chd_pipeline_prepare (reconcile, self.run))
    advance (&self);
  if (chd_run_is_done (self.run))
    chd_engine_clock_forget (reconcile->clock, chd_kube_get_uid (self.run));
  chd_run_store (reconcile, CHD_RESOURCE_PIPELINE_RUNS, self.run, before);
  g_clear_pointer (&self.references, g_hash_table_unref);
  g_free (self.deleted);
  g_free (self.foreign);
}
