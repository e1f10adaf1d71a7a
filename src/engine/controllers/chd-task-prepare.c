/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What happens to a TaskRun before its first step: resolution, checks and substitution. */

#include "config.h"

#include "chd-task-prepare.h"

#include <string.h>

#include "chd-json.h"
#include "chd-run-params.h"
#include "chd-util.h"

#define MAX_CONTAINER_NAME 63

typedef struct
{
  ChdReconcile *reconcile;
  JsonObject *run;
  JsonObject *spec; /* of the task, borrowed */
  const char *namespace_;
  const char *name; /* of the run */
  const char *task; /* its name */
  gboolean embedded;
} Preparation;

char *
chd_task_step_name (JsonObject *step, guint index)
{
  const char *name = chd_json_string (step, "name", "");

  return *name != '\0' ? g_strdup (name) : g_strdup_printf ("unnamed-%u", index);
}

char *
chd_task_container_name (JsonObject *step, guint index)
{
  g_autofree char *name = chd_task_step_name (step, index);

  return g_strdup_printf ("step-%.*s", MAX_CONTAINER_NAME - 5, name);
}

guint
chd_task_run_get_attempt (JsonObject *run)
{
  return chd_json_length (chd_json_lookup_array (run, "status/retriesStatus"));
}

JsonObject *
chd_task_run_find_binding (JsonObject *run, const char *workspace)
{
  return chd_run_params_find (chd_json_lookup_array (run, "spec/workspaces"), workspace);
}

char *
chd_task_workspace_path (JsonObject *declaration)
{
  const char *path = chd_json_string (declaration, "mountPath", "");

  return *path != '\0' ? g_strdup (path)
                       : g_strconcat (CHD_STEP_WORKSPACE_FOLDER "/", chd_json_string (declaration, "name", ""), NULL);
}

static gboolean fail (Preparation *self, const char *reason, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
fail (Preparation *self, const char *reason, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  chd_run_finish (self->run, "False", reason, message, self->reconcile->now);
  return FALSE;
}

static gboolean
find_task (Preparation *self)
{
  JsonObject *reference = chd_json_lookup_object (self->run, "spec/taskRef");
  const char *name = chd_json_string (reference, "name", "");
  JsonObject *task;

  self->spec = chd_json_lookup_object (self->run, "spec/taskSpec");
  self->task = self->name;
  if (self->spec != NULL)
    {
      self->embedded = TRUE;
      return TRUE;
    }
  if (*chd_json_string (reference, "resolver", "") != '\0')
    return fail (self, "TaskRunResolutionFailed", "the resolver \"%s\" is not available on this engine",
                 chd_json_string (reference, "resolver", ""));
  task = chd_transaction_get (self->reconcile->transaction, CHD_RESOURCE_TASKS, self->namespace_, name);
  self->spec = chd_json_object (task, "spec");
  if (self->spec == NULL)
    return fail (self, "TaskRunResolutionFailed",
                 "error when listing tasks for taskRun %s: tasks.tekton.dev \"%s\" not found", self->name, name);
  self->task = name;
  chd_run_inherit (self->run, task, "labels");
  chd_run_inherit (self->run, task, "annotations");
  if (chd_kube_is_label_value (name))
    chd_kube_set_label (self->run, CHD_LABEL_TEKTON_PREFIX "task", name);
  return TRUE;
}

static gboolean
check_params (Preparation *self)
{
  g_autofree char *names = NULL;
  JsonArray *given = chd_json_lookup_array (self->run, "spec/params");

  switch (chd_run_params_check (chd_json_array (self->spec, "params"), given, &names))
    {
    case CHD_PARAMS_MISSING:
      return fail (self, "TaskRunValidationFailed",
                   "[User error] invalid input params for task %s: missing values for these params which have no "
                   "default values: %s",
                   self->task, names);
    case CHD_PARAMS_WRONG_TYPE:
      return fail (self, "TaskRunValidationFailed",
                   "[User error] invalid input params for task %s: param types don't match the user-specified type: %s",
                   self->task, names);
    case CHD_PARAMS_MISSING_KEYS:
      return fail (self, "TaskRunValidationFailed",
                   "[User error] invalid input params for task %s: missing keys for these params which are required in "
                   "ParamSpec's properties %s",
                   self->task, names);
    case CHD_PARAMS_FINE:
    default:
      return TRUE;
    }
}

static gboolean
check_workspaces (Preparation *self)
{
  JsonArray *declared = chd_json_array (self->spec, "workspaces");

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *declaration = chd_json_object_at (declared, i);
      const char *name = chd_json_string (declaration, "name", "");

      if (!chd_json_bool (declaration, "optional", FALSE) && chd_task_run_find_binding (self->run, name) == NULL)
        return fail (self, "TaskRunValidationFailed",
                     "[User error] bound workspaces did not match declared workspaces: declared workspace \"%s\" is "
                     "required but has not been bound",
                     name);
    }
  return TRUE;
}

/* What Tekton can do and this engine cannot, said instead of done wrongly. */
static gboolean
check_support (Preparation *self)
{
  JsonArray *steps = chd_json_array (self->spec, "steps");

  if (chd_json_length (chd_json_array (self->spec, "sidecars")) > 0)
    return fail (self, "TaskRunValidationFailed", "the task %s has sidecars, which this engine does not support",
                 self->task);
  if (chd_json_length (steps) == 0)
    return fail (self, "TaskRunValidationFailed", "the task %s has no steps", self->task);
  for (guint i = 0; i < chd_json_length (steps); i++)
    if (chd_json_object (chd_json_object_at (steps, i), "ref") != NULL)
      return fail (self, "TaskRunResolutionFailed",
                   "step %u of the task %s refers to a StepAction, which this engine does not support", i, self->task);
  return TRUE;
}

static void
set_workspace_variables (Preparation *self, ChdVariables *variables)
{
  JsonArray *declared = chd_json_array (self->spec, "workspaces");

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *declaration = chd_json_object_at (declared, i);
      const char *name = chd_json_string (declaration, "name", "");
      JsonObject *binding = chd_task_run_find_binding (self->run, name);
      g_autofree char *prefix = g_strdup_printf ("workspaces.%s.", name);
      g_autofree char *path = binding != NULL ? chd_task_workspace_path (declaration) : g_strdup ("");
      g_autofree char *path_key = g_strconcat (prefix, "path", NULL);
      g_autofree char *bound_key = g_strconcat (prefix, "bound", NULL);
      g_autofree char *claim_key = g_strconcat (prefix, "claim", NULL);
      g_autofree char *volume_key = g_strconcat (prefix, "volume", NULL);

      chd_variables_set_string (variables, path_key, path);
      chd_variables_set_string (variables, bound_key, binding != NULL ? "true" : "false");
      chd_variables_set_string (variables, claim_key,
                                chd_json_lookup_string (binding, "persistentVolumeClaim/claimName", ""));
      chd_variables_set_string (variables, volume_key, binding != NULL ? name : "");
    }
}

static ChdVariables *
make_variables (Preparation *self)
{
  ChdVariables *variables = chd_variables_new ();
  JsonArray *results = chd_json_array (self->spec, "results");
  JsonArray *steps = chd_json_array (self->spec, "steps");
  g_autofree char *attempt = g_strdup_printf ("%u", chd_task_run_get_attempt (self->run));

  chd_run_params_apply (variables, chd_json_array (self->spec, "params"),
                        chd_json_lookup_array (self->run, "spec/params"), self->embedded);
  for (guint i = 0; i < chd_json_length (results); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (results, i), "name", "");
      g_autofree char *key = g_strdup_printf ("results.%s.path", name);
      g_autofree char *path = g_strconcat (CHD_STEP_RESULTS_FOLDER "/", name, NULL);

      chd_variables_set_string (variables, key, path);
    }
  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      g_autofree char *container = chd_task_container_name (chd_json_object_at (steps, i), i);
      g_autofree char *key = g_strdup_printf ("steps.%s.exitCode.path", container);
      g_autofree char *path = g_strconcat (CHD_STEP_STEPS_FOLDER "/", container, "/exitCode", NULL);

      chd_variables_set_string (variables, key, path);
    }
  set_workspace_variables (self, variables);
  chd_variables_set_string (variables, "context.taskRun.name", self->name);
  chd_variables_set_string (variables, "context.taskRun.namespace", self->namespace_);
  chd_variables_set_string (variables, "context.taskRun.uid", chd_kube_get_uid (self->run));
  chd_variables_set_string (variables, "context.task.name", self->task);
  chd_variables_set_string (variables, "context.task.retry-count", attempt);
  chd_variables_set_string (variables, "credentials.path", CHD_STEP_CREDENTIALS_FOLDER);
  return variables;
}

static JsonObject *
expand_step (ChdVariables *variables, JsonObject *step, guint index)
{
  JsonArray *results = chd_json_array (step, "results");
  g_autofree char *container = chd_task_container_name (step, index);

  for (guint i = 0; i < chd_json_length (results); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (results, i), "name", "");
      g_autofree char *key = g_strdup_printf ("step.results.%s.path", name);
      g_autofree char *path = g_strdup_printf (CHD_STEP_STEPS_FOLDER "/%s/results/%s", container, name);

      chd_variables_set_string (variables, key, path);
    }
  return chd_variables_expand_object (variables, step);
}

gboolean
chd_task_prepare (ChdReconcile *reconcile, JsonObject *run)
{
  Preparation self = { reconcile, run, NULL, chd_kube_get_namespace (run), chd_kube_get_name (run), NULL, FALSE };
  g_autoptr (ChdVariables) variables = NULL;
  g_autoptr (JsonArray) steps = json_array_new ();
  g_autofree char *bad_indices = NULL;
  JsonArray *declared;
  JsonObject *spec;

  if (!find_task (&self) || !check_support (&self) || !check_params (&self) || !check_workspaces (&self))
    return FALSE;
  variables = make_variables (&self);
  bad_indices = chd_run_params_check_indices (variables, json_object_get_member (self.spec, "steps"));
  if (bad_indices != NULL)
    return fail (&self, "TaskRunValidationFailed",
                 "[User error] failed to validate taskRun parameters: non-existent param references:%s", bad_indices);

  declared = chd_json_array (self.spec, "steps");
  for (guint i = 0; i < chd_json_length (declared); i++)
    if (chd_json_object_at (declared, i) != NULL)
      json_array_add_object_element (steps, expand_step (variables, chd_json_object_at (declared, i), i));
  spec = chd_variables_expand_object (variables, self.spec);
  json_object_set_array_member (spec, "steps", g_steal_pointer (&steps));
  if (chd_variables_is_exceeded (variables))
    {
      json_object_unref (spec);
      return fail (&self, "TaskRunValidationFailed",
                   "the task %s is larger than an object may be once its params are put in", self.task);
    }
  json_object_set_object_member (chd_json_ensure_object (run, "status"), "taskSpec", spec);
  return TRUE;
}
