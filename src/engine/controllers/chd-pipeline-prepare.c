/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What happens to a PipelineRun before its first task: resolution, checks and substitution, in Tekton's order and
 * words. */

#include "config.h"

#include "chd-pipeline-prepare.h"

#include <string.h>

#include "chd-json.h"
#include "chd-pipeline-children.h"
#include "chd-pipeline-graph.h"
#include "chd-run-params.h"

typedef struct
{
  ChdReconcile *reconcile;
  JsonObject *run;
  JsonObject *spec; /* of the pipeline, borrowed */
  const char *namespace_;
  const char *name;     /* of the run */
  const char *pipeline; /* its name */
  gboolean embedded;
} Preparation;

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

/* The label value for an embedded pipeline: the run's name, or what it was generated from. */
static char *
embedded_name (JsonObject *run)
{
  const char *generated = chd_json_lookup_string (run, "metadata/generateName", NULL);
  char *name = g_strdup (generated != NULL && *generated != '\0' ? generated : chd_kube_get_name (run));

  for (gsize i = strlen (name); i > 0 && !g_ascii_isalnum (name[i - 1]); i--)
    name[i - 1] = '\0';
  return name;
}

static void
set_label (JsonObject *run, const char *value)
{
  if (chd_kube_is_label_value (value) && chd_kube_get_label (run, CHD_LABEL_TEKTON_PIPELINE) == NULL)
    chd_kube_set_label (run, CHD_LABEL_TEKTON_PIPELINE, value);
}

static gboolean
find_pipeline (Preparation *self)
{
  JsonObject *reference = chd_json_lookup_object (self->run, "spec/pipelineRef");
  JsonObject *embedded = chd_json_lookup_object (self->run, "spec/pipelineSpec");
  const char *name = chd_json_string (reference, "name", "");
  JsonObject *pipeline;

  if (embedded != NULL)
    {
      g_autofree char *label = embedded_name (self->run);

      set_label (self->run, label);
      self->spec = embedded;
      self->pipeline = self->name;
      self->embedded = TRUE;
      return TRUE;
    }
  if (*chd_json_string (reference, "resolver", "") != '\0')
    return fail (self, "CouldntGetPipeline",
                 "Error retrieving pipeline for pipelinerun %s/%s: the resolver \"%s\" is not available on this engine",
                 self->namespace_, self->name, chd_json_string (reference, "resolver", ""));
  set_label (self->run, name);
  pipeline = chd_transaction_get (self->reconcile->transaction, CHD_RESOURCE_PIPELINES, self->namespace_, name);
  if (pipeline == NULL)
    return fail (self, "CouldntGetPipeline",
                 "Error retrieving pipeline for pipelinerun %s/%s: error when getting Pipeline for PipelineRun %s: "
                 "tekton client cannot get pipeline %s from local cluster: pipelines.tekton.dev \"%s\" not found",
                 self->namespace_, self->name, self->name, name, name);
  chd_run_inherit (self->run, pipeline, "labels");
  chd_run_inherit (self->run, pipeline, "annotations");
  self->spec = chd_json_object (pipeline, "spec");
  self->pipeline = name;
  if (self->spec == NULL)
    return fail (self, "PipelineValidationFailed", "Pipeline %s/%s has no spec", self->namespace_, name);
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
      return fail (self, "ParameterMissing",
                   "[User error] PipelineRun %s/%s is missing some parameters required by Pipeline %s/%s: pipelineRun "
                   "missing parameters: %s",
                   self->namespace_, self->name, self->namespace_, self->pipeline, names);
    case CHD_PARAMS_WRONG_TYPE:
      return fail (self, "ParameterTypeMismatch",
                   "[User error] PipelineRun %s/%s parameters have mismatching types with Pipeline %s/%s's parameters: "
                   "parameters have inconsistent types : %s",
                   self->namespace_, self->name, self->namespace_, self->pipeline, names);
    case CHD_PARAMS_MISSING_KEYS:
      return fail (self, "ObjectParameterMissKeys",
                   "[User error] PipelineRun %s/%s is missing object keys required by Pipeline %s/%s's parameters: "
                   "PipelineRun missing object keys for parameters: %s",
                   self->namespace_, self->name, self->namespace_, self->pipeline, names);
    case CHD_PARAMS_FINE:
    default:
      return TRUE;
    }
}

static gboolean
has_named (JsonArray *array, const char *member, const char *name)
{
  for (guint i = 0; i < chd_json_length (array); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (array, i), member, NULL), name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
check_workspaces (Preparation *self)
{
  JsonArray *declared = chd_json_array (self->spec, "workspaces");
  JsonArray *bound = chd_json_lookup_array (self->run, "spec/workspaces");

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *workspace = chd_json_object_at (declared, i);
      const char *name = chd_json_string (workspace, "name", "");

      if (!chd_json_bool (workspace, "optional", FALSE) && !has_named (bound, "name", name))
        return fail (self, "InvalidWorkspaceBindings",
                     "[User error] PipelineRun %s/%s doesn't bind Pipeline %s/%s's Workspaces correctly: pipeline "
                     "requires workspace with name \"%s\" be provided by pipelinerun",
                     self->namespace_, self->name, self->namespace_, self->pipeline, name);
    }
  return TRUE;
}

static gboolean
check_task_run_specs (Preparation *self)
{
  JsonArray *specs = chd_json_lookup_array (self->run, "spec/taskRunSpecs");

  for (guint i = 0; i < chd_json_length (specs); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (specs, i), "pipelineTaskName", "");

      if (!has_named (chd_json_array (self->spec, "tasks"), "name", name) &&
          !has_named (chd_json_array (self->spec, "finally"), "name", name))
        return fail (self, "InvalidTaskRunSpecs",
                     "[User error] PipelineRun %s/%s doesn't define taskRunSpecs correctly: pipelineRun's taskrunSpecs "
                     "defined wrong taskName: \"%s\", does not exist in Pipeline",
                     self->namespace_, self->name, name);
    }
  return TRUE;
}

static ChdVariables *
make_variables (Preparation *self, JsonObject *task)
{
  ChdVariables *variables = chd_variables_new ();

  chd_run_params_apply (variables, chd_json_array (self->spec, "params"),
                        chd_json_lookup_array (self->run, "spec/params"), self->embedded);
  chd_variables_set_string (variables, "context.pipelineRun.name", self->name);
  chd_variables_set_string (variables, "context.pipelineRun.namespace", self->namespace_);
  chd_variables_set_string (variables, "context.pipelineRun.uid", chd_kube_get_uid (self->run));
  chd_variables_set_string (variables, "context.pipeline.name", self->pipeline);
  if (task != NULL)
    {
      g_autofree char *retries = g_strdup_printf ("%" G_GINT64_FORMAT, chd_json_int (task, "retries", 0));

      chd_variables_set_string (variables, "context.pipelineTask.retries", retries);
    }
  return variables;
}

/* An embedded task sees the pipeline's params, but its own declarations come first. */
static JsonObject *
expand_embedded (Preparation *self, JsonObject *task, JsonObject *spec)
{
  g_autoptr (ChdVariables) variables = make_variables (self, task);
  JsonArray *own = chd_json_array (spec, "params");

  for (guint i = 0; i < chd_json_length (own); i++)
    {
      g_autofree char *key = g_strconcat ("params.", chd_json_string (chd_json_object_at (own, i), "name", ""), NULL);

      chd_variables_remove (variables, key);
    }
  return chd_variables_expand_object (variables, spec);
}

static void
set_workspace_variables (Preparation *self, ChdVariables *variables)
{
  JsonArray *declared = chd_json_array (self->spec, "workspaces");
  JsonArray *bound = chd_json_lookup_array (self->run, "spec/workspaces");

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (declared, i), "name", "");
      g_autofree char *key = g_strdup_printf ("workspaces.%s.bound", name);

      chd_variables_set_string (variables, key, has_named (bound, "name", name) ? "true" : "false");
    }
}

static gboolean
expand_tasks (Preparation *self, JsonObject *target, const char *list, gboolean *exceeded)
{
  JsonArray *tasks = chd_json_array (self->spec, list);
  g_autoptr (JsonArray) expanded = json_array_new ();

  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      JsonObject *task = chd_json_object_at (tasks, i);
      JsonObject *embedded = chd_json_object (task, "taskSpec");
      g_autoptr (ChdVariables) variables = NULL;
      JsonObject *copy;

      if (task == NULL)
        continue;
      variables = make_variables (self, task);
      set_workspace_variables (self, variables);
      copy = chd_variables_expand_object (variables, task);
      if (embedded != NULL)
        json_object_set_object_member (copy, "taskSpec", expand_embedded (self, task, embedded));
      json_array_add_object_element (expanded, copy);
      *exceeded |= chd_variables_is_exceeded (variables);
    }
  if (json_array_get_length (expanded) > 0)
    json_object_set_array_member (target, list, g_steal_pointer (&expanded));
  return TRUE;
}

static gboolean
check_indices (Preparation *self)
{
  g_autoptr (ChdVariables) variables = make_variables (self, NULL);
  static const char *const lists[] = { "tasks", "finally" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      JsonNode *node = json_object_get_member (self->spec, lists[i]);
      g_autofree char *bad = chd_run_params_check_indices (variables, node);

      if (bad != NULL)
        return fail (self, "ParamArrayIndexingInvalid",
                     "[User error] PipelineRun %s/%s failed validation: failed to validate Pipeline %s/%s's parameter "
                     "which has an invalid index while referring to an array: non-existent param references:%s",
                     self->namespace_, self->name, self->namespace_, self->pipeline, bad);
    }
  return TRUE;
}

static gboolean
check_task (Preparation *self, JsonObject *task)
{
  const char *name = chd_json_lookup_string (task, "taskRef/name", "");
  const char *resolver = chd_json_lookup_string (task, "taskRef/resolver", "");

  if (json_object_has_member (task, "matrix"))
    return fail (self, "PipelineValidationFailed",
                 "Pipeline %s/%s can't be Run; the task \"%s\" has a matrix, which this engine does not support",
                 self->namespace_, self->pipeline, chd_json_string (task, "name", ""));
  if (chd_json_object (task, "pipelineRef") != NULL || chd_json_object (task, "pipelineSpec") != NULL)
    return fail (self, "PipelineValidationFailed",
                 "Pipeline %s/%s can't be Run; the task \"%s\" is a pipeline, which this engine does not support",
                 self->namespace_, self->pipeline, chd_json_string (task, "name", ""));
  if (chd_json_object (task, "taskRef") == NULL || chd_pipeline_task_is_custom (task))
    return TRUE;
  if (*resolver != '\0')
    return fail (
        self, "CouldntGetTask",
        "Pipeline %s/%s can't be Run; it contains Tasks that don't exist: the resolver \"%s\" is not available "
        "on this engine",
        self->namespace_, self->pipeline, resolver);
  if (chd_transaction_get (self->reconcile->transaction, CHD_RESOURCE_TASKS, self->namespace_, name) == NULL)
    return fail (self, "CouldntGetTask",
                 "Pipeline %s/%s can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task \"%s\": "
                 "tasks.tekton.dev \"%s\" not found",
                 self->namespace_, self->pipeline, name, name);
  return TRUE;
}

static gboolean
check_tasks (Preparation *self, JsonObject *spec)
{
  static const char *const lists[] = { "tasks", "finally" };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      JsonArray *tasks = chd_json_array (spec, lists[i]);

      for (guint j = 0; j < chd_json_length (tasks); j++)
        if (!check_task (self, chd_json_object_at (tasks, j)))
          return FALSE;
    }
  return TRUE;
}

gboolean
chd_pipeline_prepare (ChdReconcile *reconcile, JsonObject *run)
{
  Preparation self = { reconcile, run, NULL, chd_kube_get_namespace (run), chd_kube_get_name (run), NULL, FALSE };
  g_autoptr (ChdPipelineGraph) graph = NULL;
  g_autofree char *problem = NULL;
  JsonObject *spec;
  gboolean exceeded = FALSE;

  if (!find_pipeline (&self))
    return FALSE;
  graph = chd_pipeline_graph_new (chd_json_array (self.spec, "tasks"), &problem);
  if (graph == NULL)
    return fail (&self, "PipelineInvalidGraph", "PipelineRun %s/%s's Pipeline DAG is invalid: %s", self.namespace_,
                 self.name, problem);
  if (!check_params (&self) || !check_indices (&self) || !check_workspaces (&self) || !check_task_run_specs (&self))
    return FALSE;

  spec = chd_json_copy_object (self.spec);
  json_object_set_object_member (chd_json_ensure_object (run, "status"), "pipelineSpec", spec);
  expand_tasks (&self, spec, "tasks", &exceeded);
  expand_tasks (&self, spec, "finally", &exceeded);
  if (exceeded)
    {
      json_object_remove_member (chd_json_object (run, "status"), "pipelineSpec");
      return fail (&self, "PipelineValidationFailed",
                   "PipelineRun %s/%s is larger than an object may be once its params are put in", self.namespace_,
                   self.name);
    }
  return check_tasks (&self, spec);
}
