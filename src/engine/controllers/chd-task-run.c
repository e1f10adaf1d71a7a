/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The controller of TaskRuns: what is stored about a run and its steps. Processes are the business of
 * chd-step-runner.c. */

#include "config.h"

#include "chd-task-run.h"

#include "chd-json.h"
#include "chd-pod.h"
#include "chd-task-prepare.h"
#include "chd-task-results.h"
#include "chd-util.h"
#include "chd-when.h"

#define RUNNING_MESSAGE "Not all Steps in the Task have finished executing"
/* Exit codes of what has none of its own, as container runtimes give them. */
#define EXIT_NOT_STARTED 128
#define EXIT_LOST 255

char *
chd_step_row_name (const char *uid, guint attempt, guint index)
{
  return g_strdup_printf ("%s.%u.%u", uid, attempt, index);
}

void
chd_step_key_init (ChdStepKey *self, JsonObject *run, guint index)
{
  self->namespace_ = g_strdup (chd_kube_get_namespace (run));
  self->run = g_strdup (chd_kube_get_name (run));
  self->uid = g_strdup (chd_kube_get_uid (run));
  self->attempt = chd_task_run_get_attempt (run);
  self->index = index;
}

gboolean
chd_step_key_init_from_row (ChdStepKey *self, JsonObject *row)
{
  self->namespace_ = g_strdup (chd_kube_get_namespace (row));
  self->run = g_strdup (chd_json_string (row, "taskRun", NULL));
  self->uid = g_strdup (chd_json_string (row, "taskRunUid", NULL));
  self->attempt = (guint) chd_json_int (row, "attempt", 0);
  self->index = (guint) chd_json_int (row, "step", 0);
  return self->namespace_ != NULL && self->run != NULL && self->uid != NULL;
}

void
chd_step_key_clear (ChdStepKey *self)
{
  g_clear_pointer (&self->namespace_, g_free);
  g_clear_pointer (&self->run, g_free);
  g_clear_pointer (&self->uid, g_free);
}

static JsonArray *
get_steps (JsonObject *run)
{
  return chd_json_lookup_array (run, "status/steps");
}

int
chd_task_run_get_due_step (JsonObject *run)
{
  JsonArray *steps = get_steps (run);

  if (chd_run_is_done (run) || chd_json_lookup_string (run, "status/startTime", NULL) == NULL ||
      chd_run_is_managed_by_other (run))
    return -1;
  for (guint i = 0; i < chd_json_length (steps); i++)
    if (chd_json_object (chd_json_object_at (steps, i), "terminated") == NULL)
      return (int) i;
  return -1;
}

/* Replaces whatever state the step has. */
static JsonObject *
set_state (JsonObject *step, const char *state)
{
  static const char *const states[] = { "waiting", "running", "terminated" };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (json_object_has_member (step, states[i]))
      json_object_remove_member (step, states[i]);
  return chd_json_ensure_object (step, state);
}

static const char *
started_at (JsonObject *run, JsonObject *step)
{
  return chd_json_string (chd_json_object (step, "running"), "startedAt",
                          chd_json_lookup_string (run, "status/startTime", ""));
}

/* Ends the steps that have not ended, because the run does. */
static void
terminate_steps (JsonObject *run, const char *reason, const char *now)
{
  JsonArray *steps = get_steps (run);

  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);
      g_autofree char *started = g_strdup (started_at (run, step));
      g_autofree char *message = NULL;
      JsonObject *terminated;

      if (chd_json_object (step, "terminated") != NULL)
        continue;
      message = g_strdup_printf ("Step %s terminated as pod %s is terminated", chd_json_string (step, "name", ""),
                                 chd_json_lookup_string (run, "status/podName", ""));
      terminated = set_state (step, "terminated");
      json_object_set_int_member (terminated, "exitCode", 1);
      json_object_set_string_member (terminated, "finishedAt", now);
      json_object_set_string_member (terminated, "message", message);
      json_object_set_string_member (terminated, "reason", reason);
      json_object_set_string_member (terminated, "startedAt", started);
      json_object_set_string_member (step, "terminationReason", reason);
    }
}

/* Steps behind one that failed never begin. */
static void
skip_steps (JsonObject *run, const char *now)
{
  JsonArray *steps = get_steps (run);

  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);
      JsonObject *terminated;

      if (chd_json_object (step, "terminated") != NULL)
        continue;
      terminated = set_state (step, "terminated");
      json_object_set_int_member (terminated, "exitCode", 1);
      json_object_set_string_member (terminated, "finishedAt", now);
      json_object_set_string_member (terminated, "reason", "Error");
      json_object_set_string_member (terminated, "startedAt", now);
      json_object_set_string_member (step, "terminationReason", "Skipped");
    }
}

static void
remove_member (JsonObject *object, const char *name)
{
  if (json_object_has_member (object, name))
    json_object_remove_member (object, name);
}

/* Puts the attempt aside: the next look at the run begins another one. */
static void
retry (JsonObject *run, const char *reason, const char *message, const char *now)
{
  JsonObject *status = chd_json_object (run, "status");
  JsonObject *archive;
  g_autoptr (JsonObject) holder = NULL;

  chd_run_finish (run, "False", reason, message, now);
  holder = chd_json_copy_object (status);
  remove_member (holder, "retriesStatus");
  archive = g_steal_pointer (&holder);
  if (chd_json_array (status, "retriesStatus") == NULL)
    json_object_set_array_member (status, "retriesStatus", json_array_new ());
  json_array_add_object_element (chd_json_array (status, "retriesStatus"), archive);
  remove_member (status, "completionTime");
  remove_member (status, "startTime");
  remove_member (status, "results");
  json_object_set_string_member (status, "podName", "");
  chd_run_set_condition (run, "Unknown", "ToBeRetried", message, now);
}

static gboolean
is_cancelled (JsonObject *run)
{
  return g_str_equal (chd_json_lookup_string (run, "spec/status", ""), "TaskRunCancelled");
}

/* The attempt failed: another one, or the end. */
static void
end_attempt (ChdReconcile *self, JsonObject *run, const char *reason, const char *message)
{
  gboolean ignored = g_strcmp0 (chd_kube_get_annotation (run, CHD_ANNOTATION_TASK_ON_ERROR), "continue") == 0;

  if (chd_json_array (chd_json_object (run, "status"), "results") != NULL)
    remove_member (chd_json_object (run, "status"), "results");
  chd_run_finish (run, "False", ignored ? "FailureIgnored" : reason, message, self->now);
  chd_pod_store (self, run);
  if (chd_task_run_get_attempt (run) < chd_json_int (chd_json_object (run, "spec"), "retries", 0) &&
      !is_cancelled (run))
    retry (run, reason, message, self->now);
}

/* Ends the run for good. */
static void
end_run (ChdReconcile *self, JsonObject *run, const char *status, const char *reason, const char *message)
{
  chd_run_finish (run, status, reason, message, self->now);
  chd_pod_store (self, run);
}

static void
store (ChdReconcile *self, JsonObject *run, JsonObject *before)
{
  if (chd_run_is_done (run))
    chd_engine_clock_forget (self->clock, chd_kube_get_uid (run));
  chd_run_store (self, CHD_RESOURCE_TASK_RUNS, run, before);
}

static void
cancel (ChdReconcile *self, JsonObject *run)
{
  g_autoptr (GString) message = g_string_new (NULL);

  g_string_append_printf (message, "TaskRun \"%s\" was cancelled. %s", chd_kube_get_name (run),
                          chd_json_lookup_string (run, "spec/statusMessage", ""));
  if (g_str_equal (chd_run_get_reason (run), "PullImageFailed"))
    g_string_append_printf (message, "\nPrevious status: [PullImageFailed] %s",
                            chd_json_string (chd_kube_get_condition (run, "Succeeded"), "message", ""));
  terminate_steps (run, "TaskRunCancelled", self->now);
  end_run (self, run, "False", "TaskRunCancelled", message->str);
}

/* Goes past steps whose conditions do not hold; a task with nothing left to do has succeeded. */
static void
settle (ChdReconcile *self, JsonObject *run)
{
  JsonArray *specs = chd_json_lookup_array (run, "status/taskSpec/steps");
  int due;

  while ((due = chd_task_run_get_due_step (run)) >= 0)
    {
      JsonObject *step = chd_json_object_at (get_steps (run), (guint) due);
      g_autoptr (ChdVariables) variables = chd_task_step_variables (run);
      JsonObject *spec = chd_json_object_at (specs, (guint) due);
      g_autoptr (JsonObject) expanded = NULL;
      JsonObject *terminated;

      if (chd_json_length (chd_json_array (spec, "when")) == 0)
        return;
      expanded = chd_variables_expand_object (variables, spec);
      if (chd_when_holds (chd_json_array (expanded, "when")))
        return;
      terminated = set_state (step, "terminated");
      json_object_set_int_member (terminated, "exitCode", 0);
      json_object_set_string_member (terminated, "finishedAt", self->now);
      json_object_set_string_member (terminated, "reason", "Completed");
      json_object_set_string_member (terminated, "startedAt", self->now);
      json_object_set_string_member (step, "terminationReason", "Skipped");
    }
  if (!chd_run_is_done (run) && chd_json_length (get_steps (run)) > 0)
    {
      g_autofree char *problem = chd_task_results_check (run);

      if (problem != NULL)
        end_attempt (self, run, "TaskRunValidationFailed", problem);
      else
        end_run (self, run, "True", "Succeeded", "All Steps have completed executing");
    }
}

static void
begin (ChdReconcile *self, JsonObject *run)
{
  JsonObject *status = chd_json_ensure_object (run, "status");
  guint attempt = chd_task_run_get_attempt (run);
  g_autofree char *suffix = attempt > 0 ? g_strdup_printf ("-pod-retry%u", attempt) : g_strdup ("-pod");
  g_autofree char *pod = chd_run_child_name (chd_kube_get_name (run), suffix);
  JsonArray *steps = json_array_new ();
  JsonArray *specs;

  json_object_set_string_member (status, "startTime", self->now);
  if (!chd_task_prepare (self, run))
    {
      json_array_unref (steps);
      return;
    }
  specs = chd_json_lookup_array (run, "status/taskSpec/steps");
  for (guint i = 0; i < chd_json_length (specs); i++)
    {
      JsonObject *step = json_object_new ();
      g_autofree char *name = chd_task_step_name (chd_json_object_at (specs, i), i);
      g_autofree char *container = chd_task_container_name (chd_json_object_at (specs, i), i);

      json_object_set_string_member (step, "container", container);
      json_object_set_string_member (step, "name", name);
      json_object_set_string_member (chd_json_ensure_object (step, "waiting"), "reason", "PodInitializing");
      json_array_add_object_element (steps, step);
    }
  json_object_set_array_member (status, "steps", steps);
  json_object_set_string_member (status, "podName", pod);
  chd_run_set_condition (run, "Unknown", "Pending", "Pending", self->now);
  chd_pod_store (self, run);
  settle (self, run);
}

void
chd_task_run_reconcile (ChdReconcile *self, const char *namespace_, const char *name)
{
  JsonObject *before = chd_transaction_get (self->transaction, CHD_RESOURCE_TASK_RUNS, namespace_, name);
  const char *started = chd_json_lookup_string (before, "status/startTime", NULL);
  const char *timeout = chd_json_lookup_string (before, "spec/timeout", "");
  JsonObject *run;

  if (before == NULL || chd_run_is_done (before) || chd_kube_is_deleting (before) ||
      chd_run_is_managed_by_other (before))
    return;
  run = chd_json_copy_object (before);
  if (is_cancelled (before))
    {
      if (started == NULL)
        json_object_set_string_member (chd_json_ensure_object (run, "status"), "startTime", self->now);
      cancel (self, run);
    }
  else if (started == NULL && g_str_equal (chd_json_lookup_string (before, "spec/status", ""), "TaskRunPending"))
    {
      g_autofree char *message = g_strdup_printf ("TaskRun \"%s\" is pending", name);

      chd_run_set_condition (run, "Unknown", "TaskRunPending", message, self->now);
    }
  else if (started == NULL)
    {
      begin (self, run);
    }
  else if (chd_reconcile_remaining (self, chd_kube_get_uid (run), started, timeout) <= 0)
    {
      g_autofree char *message = g_strdup_printf ("TaskRun \"%s\" failed to finish within \"%s\"", name, timeout);

      terminate_steps (run, "TaskRunTimeout", self->now);
      end_attempt (self, run, "TaskRunTimeout", message);
    }
  store (self, run, before);
}

/* The run that a step belongs to, when it still waits for that step. */
static JsonObject *
find_run (ChdReconcile *self, const ChdStepKey *key)
{
  JsonObject *run = chd_transaction_get (self->transaction, CHD_RESOURCE_TASK_RUNS, key->namespace_, key->run);

  if (run == NULL || g_strcmp0 (chd_kube_get_uid (run), key->uid) != 0 ||
      chd_task_run_get_attempt (run) != key->attempt || chd_task_run_get_due_step (run) != (int) key->index ||
      is_cancelled (run) || chd_kube_is_deleting (run))
    return NULL;
  return run;
}

static JsonObject *
make_row (const ChdStepKey *key, const ChdStepRow *row)
{
  g_autofree char *name = chd_step_row_name (key->uid, key->attempt, key->index);
  g_autofree char *start_time = g_strdup_printf ("%" G_GUINT64_FORMAT, row->start_time);
  JsonObject *object = json_object_new ();
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");

  json_object_set_string_member (metadata, "name", name);
  json_object_set_string_member (metadata, "namespace", key->namespace_);
  json_object_set_string_member (object, "taskRun", key->run);
  json_object_set_string_member (object, "taskRunUid", key->uid);
  json_object_set_int_member (object, "attempt", key->attempt);
  json_object_set_int_member (object, "step", key->index);
  json_object_set_int_member (object, "pid", row->pid);
  json_object_set_string_member (object, "startTime", start_time);
  json_object_set_string_member (object, "bootId", row->boot_id);
  json_object_set_string_member (object, "record", row->record_path);
  return object;
}

gboolean
chd_task_run_step_started (ChdReconcile *self, const ChdStepKey *key, const ChdStepRow *row)
{
  JsonObject *before = find_run (self, key);
  g_autofree char *row_name = chd_step_row_name (key->uid, key->attempt, key->index);
  JsonObject *run;
  JsonArray *steps;

  if (before == NULL || chd_transaction_get (self->transaction, CHD_RESOURCE_STEPS, key->namespace_, row_name) != NULL)
    return FALSE;
  run = chd_json_copy_object (before);
  steps = get_steps (run);
  /* As in a real Pod all containers run from now on; those of later steps wait for their turn. */
  for (guint i = key->index; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);

      if (i == key->index)
        chd_json_set_string_if (step, "imageID", row->image_id);
      if (chd_json_object (step, "running") == NULL)
        json_object_set_string_member (set_state (step, "running"), "startedAt", self->now);
    }
  chd_run_set_condition (run, "Unknown", "Running", RUNNING_MESSAGE, self->now);
  chd_transaction_put (self->transaction, CHD_RESOURCE_STEPS, make_row (key, row));
  chd_pod_store (self, run);
  store (self, run, before);
  return TRUE;
}

static char *
format_time (gint64 microseconds, const char *fallback)
{
  return microseconds > 0 ? chd_format_timestamp (microseconds / G_USEC_PER_SEC) : g_strdup (fallback);
}

/* How the end of a process reads in a status. */
typedef struct
{
  gboolean success;
  int exit_code;
  const char *reason;       /* terminated.reason */
  const char *termination;  /* terminationReason */
  const char *run_reason;   /* of a run that fails by it */
  char *message;            /* (owned) of a run that fails by it */
  const char *step_message; /* (nullable) terminated.message */
} Ending;

static Ending
describe (const ChdStepOutcome *outcome, const char *container)
{
  const ChdStepExit *exit = &outcome->exit;
  Ending ending = { FALSE, exit->exit_code, "Error", "Error", "StepFailed", NULL, NULL };

  switch (exit->end)
    {
    case CHD_STEP_EXITED:
      ending.success = exit->exit_code == 0 && outcome->problem == NULL;
      if (exit->exit_code == 0 && outcome->problem != NULL)
        ending.exit_code = 1;
      ending.step_message = outcome->problem;
      break;
    case CHD_STEP_OUT_OF_MEMORY:
      ending.reason = ending.termination = "OOMKilled";
      ending.run_reason = "StepOOM";
      break;
    case CHD_STEP_TIMED_OUT:
      ending.termination = "TimeoutExceeded";
      ending.exit_code = 1;
      ending.message =
          g_strdup_printf ("\"%s\" exited because the step exceeded the specified timeout limit", container);
      break;
    case CHD_STEP_NOT_STARTED:
      ending.exit_code = EXIT_NOT_STARTED;
      ending.reason = "StartError";
      ending.step_message = exit->message;
      break;
    case CHD_STEP_LOST:
    case CHD_STEP_NEVER_RAN:
      ending.exit_code = EXIT_LOST;
      if (outcome->adopted)
        {
          ending.reason = ending.run_reason = "EngineRestarted";
          ending.message = g_strdup ("engine restarted");
          ending.step_message = "engine restarted";
        }
      else
        {
          ending.step_message = "the step was ended from outside and left no record";
        }
      break;
    case CHD_STEP_SIGNALED:
    case CHD_STEP_KILLED:
    default:
      break;
    }
  if (ending.success)
    {
      ending.reason = ending.termination = "Completed";
      return ending;
    }
  if (ending.message == NULL)
    ending.message = g_strdup_printf ("\"%s\" exited with code %d: %s%s%s", container, ending.exit_code, ending.reason,
                                      ending.step_message != NULL ? ": " : "",
                                      ending.step_message != NULL ? ending.step_message : "");
  return ending;
}

static void
set_terminated (JsonObject *run,
                JsonObject *step,
                const ChdStepOutcome *outcome,
                const Ending *ending,
                const char *results_text,
                const char *now)
{
  g_autofree char *started = format_time (outcome->exit.started_at, started_at (run, step));
  g_autofree char *finished = format_time (outcome->exit.finished_at, now);
  JsonObject *terminated = set_state (step, "terminated");

  json_object_set_int_member (terminated, "exitCode", ending->exit_code);
  if (outcome->exit.signal > 0)
    json_object_set_int_member (terminated, "signal", outcome->exit.signal);
  json_object_set_string_member (terminated, "finishedAt", finished);
  chd_json_set_string_if (terminated, "message", ending->step_message != NULL ? ending->step_message : results_text);
  json_object_set_string_member (terminated, "reason", ending->reason);
  json_object_set_string_member (terminated, "startedAt", started);
  json_object_set_string_member (step, "terminationReason", ending->termination);
}

static gboolean
may_run_again (JsonObject *run, const ChdStepOutcome *outcome)
{
  /* The gate never opened, and it was not we who opened it: nothing of the step has run. */
  if (outcome->exit.end == CHD_STEP_NEVER_RAN && !outcome->released)
    return TRUE;
  return outcome->exit.end == CHD_STEP_LOST && outcome->adopted &&
         g_strcmp0 (chd_kube_get_annotation (run, CHD_ANNOTATION_REPEATABLE), "true") == 0;
}

void
chd_task_run_step_ended (ChdReconcile *self, const ChdStepKey *key, const ChdStepOutcome *outcome)
{
  JsonObject *before = find_run (self, key);
  g_autofree char *row_name = chd_step_row_name (key->uid, key->attempt, key->index);
  g_autofree char *results_text = NULL;
  JsonObject *run;
  JsonObject *spec;
  JsonObject *step;
  Ending ending;

  if (!chd_transaction_delete (self->transaction, CHD_RESOURCE_STEPS, key->namespace_, row_name) || before == NULL ||
      may_run_again (before, outcome))
    return;

  run = chd_json_copy_object (before);
  step = chd_json_object_at (get_steps (run), key->index);
  spec = chd_json_object_at (chd_json_lookup_array (run, "status/taskSpec/steps"), key->index);
  ending = describe (outcome, chd_json_string (step, "container", ""));
  if (!ending.success && outcome->exit.end == CHD_STEP_EXITED && outcome->problem == NULL &&
      g_str_equal (chd_json_string (spec, "onError", ""), "continue"))
    {
      ending.success = TRUE;
      ending.termination = "Continued";
    }
  if (outcome->exit.end == CHD_STEP_EXITED && outcome->problem == NULL)
    results_text = chd_task_results_take (run, key->index, outcome->names, outcome->values);
  set_terminated (run, step, outcome, &ending, results_text, self->now);
  if (!ending.success)
    {
      skip_steps (run, self->now);
      end_attempt (self, run, ending.run_reason, ending.message);
    }
  else
    {
      chd_pod_store (self, run);
      settle (self, run);
    }
  store (self, run, before);
  g_free (ending.message);
}

void
chd_task_run_step_waits (ChdReconcile *self,
                         const ChdStepKey *key,
                         const char *reason,
                         const char *message,
                         const char *waiting_reason,
                         const char *waiting_message)
{
  JsonObject *before = find_run (self, key);
  JsonObject *run;
  JsonObject *step;

  if (before == NULL)
    return;
  run = chd_json_copy_object (before);
  step = chd_json_object_at (get_steps (run), key->index);
  if (waiting_reason != NULL && chd_json_object (step, "running") == NULL)
    {
      JsonObject *waiting = set_state (step, "waiting");

      chd_json_set_string_if (waiting, "message", waiting_message);
      json_object_set_string_member (waiting, "reason", waiting_reason);
    }
  chd_run_set_condition (run, "Unknown", reason, message, self->now);
  chd_pod_store (self, run);
  store (self, run, before);
}

void
chd_task_run_step_refused (ChdReconcile *self, const ChdStepKey *key, const char *reason, const char *message)
{
  JsonObject *before = find_run (self, key);
  JsonObject *run;

  if (before == NULL)
    return;
  run = chd_json_copy_object (before);
  terminate_steps (run, reason, self->now);
  end_attempt (self, run, reason, message);
  store (self, run, before);
}
