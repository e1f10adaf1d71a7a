/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tekton's rules about Pipelines: tasks and their references, the graph, conditions, finally, workspaces, results. */

#include "config.h"

#include <string.h>

#include "chd-admission-private.h"
#include "chd-json.h"
#include "chd-pipeline-graph.h"
#include "chd-reference.h"
#include "chd-util.h"
#include "chd-validate-variables.h"

#define TASK_NAME_DETAILS                                                                                              \
  "Pipeline Task name must be a valid DNS Label.For more info refer to "                                               \
  "https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names"
#define ALPHA " requires \"enable-api-fields\" feature gate to be \"alpha\" but it is \"beta\""
/* Tekton's default-max-matrix-combinations-count. */
#define MAX_COMBINATIONS 256

static const char *
text_of (JsonObject *object, const char *name)
{
  return chd_json_string (object, name, "");
}

static gboolean
has (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node);
}

static void
validate_task_ref (JsonObject *reference, const char *path, ChdFieldErrors *errors)
{
  const char *kind = text_of (reference, "kind");

  if (*text_of (reference, "apiVersion") != '\0' || (*kind != '\0' && !g_str_equal (kind, "Task")))
    {
      if (*kind == '\0')
        chd_field_errors_add_value (errors, "custom task ref must specify kind", "%s.taskRef.kind", path);
      if (*text_of (reference, "apiVersion") == '\0')
        chd_field_errors_add_value (errors, "custom task ref must specify apiVersion", "%s.taskRef.apiVersion", path);
    }
  else if (*text_of (reference, "resolver") != '\0')
    {
      if (*text_of (reference, "name") != '\0')
        {
          chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.taskRef.name", path);
          chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.taskRef.resolver", path);
        }
    }
  else if (*text_of (reference, "name") == '\0')
    {
      chd_field_errors_add_missing (errors, "%s.taskRef.name", path);
    }
  else if (chd_json_length (chd_json_array (reference, "params")) > 0)
    {
      chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.taskRef.name", path);
      chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.taskRef.params", path);
    }
}

static void
validate_embedded_task (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  g_autofree char *below = g_strconcat (path, ".taskSpec", NULL);

  if (*text_of (spec, "apiVersion") != '\0' || *text_of (spec, "kind") != '\0')
    {
      if (*text_of (spec, "kind") == '\0')
        chd_field_errors_add_value (errors, "custom task spec must specify kind", "%s.kind", below);
      if (*text_of (spec, "apiVersion") == '\0')
        chd_field_errors_add_value (errors, "custom task spec must specify apiVersion", "%s.apiVersion", below);
    }
  else
    {
      chd_validate_task_spec (spec, below, errors);
    }
}

/* Exactly one of the things a pipeline task can be. */
static void
validate_kind (JsonObject *task, const char *path, ChdFieldErrors *errors)
{
  static const char *const kinds[] = { "taskRef", "taskSpec", "pipelineRef", "pipelineSpec" };
  guint found = 0;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    found += has (task, kinds[i]);
  for (guint i = 2; i < G_N_ELEMENTS (kinds); i++)
    if (has (task, kinds[i]))
      {
        g_autofree char *message = g_strconcat (kinds[i], ALPHA, NULL);

        chd_field_errors_add (errors, message, NULL, "%s", "");
      }
  if (found == 0)
    {
      chd_field_errors_add (errors, "expected exactly one, got neither", NULL, "%s.taskRef", path);
      chd_field_errors_add (errors, "expected exactly one, got neither", NULL, "%s.taskSpec", path);
    }
  else if (found > 1)
    {
      for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
        if (has (task, kinds[i]))
          chd_field_errors_add (errors, "expected exactly one, got multiple", NULL, "%s.%s", path, kinds[i]);
    }
  else if (has (task, "taskRef"))
    {
      validate_task_ref (chd_json_object (task, "taskRef"), path, errors);
    }
  else if (has (task, "taskSpec"))
    {
      validate_embedded_task (chd_json_object (task, "taskSpec"), path, errors);
    }
}

static void
validate_when (JsonObject *task, const char *path, ChdFieldErrors *errors)
{
  JsonArray *conditions = chd_json_array (task, "when");

  for (guint i = 0; i < chd_json_length (conditions); i++)
    {
      JsonObject *condition = chd_json_object_at (conditions, i);
      const char *operator= text_of (condition, "operator");

      if (condition == NULL)
        continue;
      if (*text_of (condition, "cel") != '\0')
        {
          g_autofree char *message =
              g_strdup_printf ("feature flag enable-cel-in-whenexpression should be set to true to use CEL: %s in "
                               "WhenExpression",
                               text_of (condition, "cel"));

          chd_field_errors_add (errors, message, NULL, "%s.when[%u]", path, i);
        }
      else if (!g_str_equal (operator, "in") && !g_str_equal (operator, "notin"))
        {
          g_autofree char *quoted = chd_go_quote (operator);
          g_autofree char *message =
              g_strdup_printf ("operator %s is not recognized. valid operators: in,notin", quoted);

          chd_field_errors_add_value (errors, message, "%s.when[%u]", path, i);
        }
      else if (chd_json_length (chd_json_array (condition, "values")) == 0)
        {
          chd_field_errors_add_value (errors, "expecting non-empty values field", "%s.when[%u]", path, i);
        }
    }
}

static void
validate_matrix (JsonObject *task, const char *path, ChdFieldErrors *errors)
{
  JsonObject *matrix = chd_json_object (task, "matrix");
  JsonArray *params = chd_json_array (matrix, "params");
  JsonArray *plain = chd_json_array (task, "params");
  guint64 combinations = chd_json_length (params) > 0 ? 1 : 0;

  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);
      JsonNode *value = param != NULL ? json_object_get_member (param, "value") : NULL;

      if (value != NULL && JSON_NODE_HOLDS_ARRAY (value) && combinations <= MAX_COMBINATIONS)
        combinations *= json_array_get_length (json_node_get_array (value));
      for (guint j = 0; j < chd_json_length (plain); j++)
        if (g_str_equal (text_of (chd_json_object_at (plain, j), "name"), text_of (param, "name")))
          {
            chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.matrix.params[%s]", path,
                                  text_of (param, "name"));
            chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.params[%s]", path,
                                  text_of (param, "name"));
          }
    }
  if (combinations > MAX_COMBINATIONS)
    {
      g_autofree char *message =
          g_strdup_printf ("expected 0 <= %" G_GUINT64_FORMAT " <= %d", combinations, MAX_COMBINATIONS);

      chd_field_errors_add (errors, message, NULL, "%s.matrix", path);
    }
}

static void
validate_pipeline_task (JsonObject *task, GHashTable *names, const char *path, ChdFieldErrors *errors)
{
  const char *name = text_of (task, "name");
  const char *on_error = text_of (task, "onError");
  JsonArray *params = chd_json_array (task, "params");
  g_autoptr (GHashTable) param_names = g_hash_table_new (g_str_hash, g_str_equal);

  if (!chd_str_is_label (name, 63))
    {
      g_autofree char *quoted = chd_go_quote (name);
      g_autofree char *message = g_strconcat ("invalid value ", quoted, NULL);

      chd_field_errors_add (errors, message, TASK_NAME_DETAILS, "%s.name", path);
    }
  if (*name != '\0' && !g_hash_table_add (names, (gpointer) name))
    chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.name", path);
  validate_kind (task, path, errors);
  for (guint i = 0; i < chd_json_length (params); i++)
    {
      const char *param = text_of (chd_json_object_at (params, i), "name");

      if (!g_hash_table_add (param_names, (gpointer) param))
        {
          g_autofree char *message =
              g_strdup_printf ("parameter names must be unique, the parameter \"%s\" is also defined at", param);

          chd_field_errors_add (errors, message, NULL, "%s.params[%u].name", path, i);
        }
    }
  if (*on_error != '\0' && !g_str_equal (on_error, "continue") && !g_str_equal (on_error, "stopAndFail") &&
      !g_str_has_prefix (on_error, "$("))
    chd_field_errors_add (errors, "PipelineTask OnError must be either \"continue\" or \"stopAndFail\"", NULL,
                          "%s.OnError", path);
  if (g_str_equal (on_error, "continue") && chd_json_int (task, "retries", 0) > 0)
    chd_field_errors_add (errors, "PipelineTask OnError cannot be set to \"continue\" when Retries is greater than 0",
                          NULL, "%s.OnError", path);
  validate_when (task, path, errors);
  validate_matrix (task, path, errors);
}

static void
validate_tasks (JsonObject *spec, const char *list, GHashTable *names, const char *path, ChdFieldErrors *errors)
{
  JsonArray *tasks = chd_json_array (spec, list);

  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      g_autofree char *below = g_strdup_printf ("%s.%s[%u]", path, list, i);

      if (chd_json_object_at (tasks, i) != NULL)
        validate_pipeline_task (chd_json_object_at (tasks, i), names, below, errors);
    }
}

static gboolean
has_task (JsonObject *spec, const char *list, const char *name)
{
  JsonArray *tasks = chd_json_array (spec, list);

  for (guint i = 0; i < chd_json_length (tasks); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (tasks, i), "name", NULL), name) == 0)
      return TRUE;
  return FALSE;
}

typedef struct
{
  JsonObject *spec;
  gboolean final;
  const char *path; /* of the param or condition */
  ChdFieldErrors *errors;
} Execution;

/* tasks.<t>.status is known only when all tasks are done; finally tasks see each other's nothing. */
static void
check_execution (const ChdReference *reference, const char *text, gpointer user_data)
{
  Execution *execution = user_data;
  const char *last = reference->names[reference->n_names - 1];
  const char *task, *result;

  if (!g_str_equal (reference->names[0], "tasks"))
    return;
  if (chd_reference_is_result (reference, &task, &result, NULL))
    {
      if (execution->final && has_task (execution->spec, "finally", task))
        {
          g_autofree char *message = g_strdup_printf (
              "invalid task result reference, final task has task result reference from a final task %s", task);

          chd_field_errors_add_value (execution->errors, message, "%s", execution->path);
        }
      else if (execution->final && !has_task (execution->spec, "tasks", task))
        {
          g_autofree char *message = g_strdup_printf (
              "invalid task result reference, final task has task result reference from a task %s which is not defined "
              "in the pipeline",
              task);

          chd_field_errors_add_value (execution->errors, message, "%s", execution->path);
        }
    }
  else if (g_str_equal (last, "status") || (g_str_equal (last, "reason") && reference->n_names == 3))
    {
      if (!execution->final)
        {
          chd_field_errors_add_value (execution->errors,
                                      "pipeline tasks can not refer to execution status of any other pipeline task or "
                                      "aggregate status of tasks",
                                      "%s", execution->path);
        }
      else if (reference->n_names == 3 && !has_task (execution->spec, "tasks", reference->names[1]))
        {
          g_autofree char *message =
              g_strdup_printf ("pipeline task %s is not defined in the pipeline", reference->names[1]);

          chd_field_errors_add_value (execution->errors, message, "%s", execution->path);
        }
    }
}

static void
validate_execution (JsonObject *spec, const char *list, const char *path, ChdFieldErrors *errors)
{
  JsonArray *tasks = chd_json_array (spec, list);

  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      JsonObject *task = chd_json_object_at (tasks, i);
      JsonArray *params = chd_json_array (task, "params");
      JsonArray *conditions = chd_json_array (task, "when");

      for (guint j = 0; j < chd_json_length (params); j++)
        {
          JsonObject *param = chd_json_object_at (params, j);
          g_autofree char *below =
              g_strdup_printf ("%s.%s[%u].params[%s].value", path, list, i, text_of (param, "name"));
          Execution execution = { spec, g_str_equal (list, "finally"), below, errors };

          if (param != NULL)
            chd_reference_foreach (json_object_get_member (param, "value"), check_execution, &execution);
        }
      for (guint j = 0; j < chd_json_length (conditions); j++)
        {
          g_autofree char *below = g_strdup_printf ("%s.%s[%u].when[%u]", path, list, i, j);
          Execution execution = { spec, g_str_equal (list, "finally"), below, errors };

          chd_reference_foreach (json_array_get_element (conditions, j), check_execution, &execution);
        }
    }
}

static void
validate_finally (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *finally = chd_json_array (spec, "finally");

  if (chd_json_length (finally) > 0 && chd_json_length (chd_json_array (spec, "tasks")) == 0)
    {
      g_autofree char *message =
          g_strdup_printf ("spec.tasks is empty but spec.finally has %u tasks", chd_json_length (finally));

      chd_field_errors_add_value (errors, message, "%s.finally", path);
    }
  for (guint i = 0; i < chd_json_length (finally); i++)
    {
      JsonObject *task = chd_json_object_at (finally, i);

      if (chd_json_length (chd_json_array (task, "runAfter")) > 0)
        {
          g_autofree char *message =
              g_strdup_printf ("no runAfter allowed under spec.finally, final task %s has runAfter specified",
                               text_of (task, "name"));

          chd_field_errors_add_value (errors, message, "%s.finally[%u]", path, i);
        }
    }
}

static void
validate_workspaces (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *workspaces = chd_json_array (spec, "workspaces");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < chd_json_length (workspaces); i++)
    {
      const char *name = text_of (chd_json_object_at (workspaces, i), "name");
      g_autofree char *empty = g_strdup_printf ("workspace %u has empty name", i);
      g_autofree char *again = g_strdup_printf ("workspace with name \"%s\" appears more than once", name);

      if (*name == '\0')
        chd_field_errors_add_value (errors, empty, "%s.workspaces[%u]", path, i);
      if (!g_hash_table_add (names, (gpointer) name))
        chd_field_errors_add_value (errors, again, "%s.workspaces[%u]", path, i);
    }
}

static void
validate_workspace_usage (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *declared = chd_json_array (spec, "workspaces");
  JsonArray *tasks = chd_json_array (spec, "tasks");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < chd_json_length (declared); i++)
    g_hash_table_add (names, (gpointer) text_of (chd_json_object_at (declared, i), "name"));
  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      JsonObject *task = chd_json_object_at (tasks, i);
      JsonArray *used = chd_json_array (task, "workspaces");

      for (guint j = 0; j < chd_json_length (used); j++)
        {
          JsonObject *usage = chd_json_object_at (used, j);
          const char *name = text_of (usage, "workspace");

          if (*name == '\0')
            name = text_of (usage, "name");
          if (!g_hash_table_contains (names, name))
            {
              g_autofree char *message = g_strdup_printf (
                  "pipeline task \"%s\" expects workspace with name \"%s\" but none exists in pipeline spec",
                  text_of (task, "name"), name);

              chd_field_errors_add_value (errors, message, "%s.tasks[%u].workspaces[%u]", path, i, j);
            }
        }
    }
}

typedef struct
{
  JsonObject *spec;
  guint n_results;
  gboolean unknown_task;
  gboolean other;
} ResultUse;

static void
check_result_value (const ChdReference *reference, const char *text, gpointer user_data)
{
  ResultUse *use = user_data;
  const char *task;

  if (!chd_reference_is_result (reference, &task, NULL, NULL))
    {
      use->other = TRUE;
      return;
    }
  use->n_results++;
  if (!has_task (use->spec, g_str_equal (reference->names[0], "finally") ? "finally" : "tasks", task))
    use->unknown_task = TRUE;
}

static void
validate_results (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *results = chd_json_array (spec, "results");

  for (guint i = 0; i < chd_json_length (results); i++)
    {
      JsonObject *result = chd_json_object_at (results, i);
      ResultUse use = { spec, 0, FALSE, FALSE };

      if (result == NULL)
        continue;
      chd_reference_foreach (json_object_get_member (result, "value"), check_result_value, &use);
      if (use.n_results == 0 && !use.other)
        chd_field_errors_add_value (
            errors, "expected pipeline results to be task result expressions but no expressions were found",
            "%s.results[%u].value", path, i);
      else if (use.other)
        chd_field_errors_add_value (
            errors, "expected pipeline results to be task result expressions but an invalid expressions was found",
            "%s.results[%u].value", path, i);
      else if (use.unknown_task)
        chd_field_errors_add_value (errors, "referencing a nonexistent task", "%s.results[%u].value", path, i);
    }
}

/* @embedded: in a PipelineRun, where tasks also see the run's params and workspaces */
void
chd_validate_pipeline_spec (JsonObject *spec, const char *path, gboolean embedded, ChdFieldErrors *errors)
{
  static const char *const at_least_one[] = { "description", "params", "resources", "tasks", "workspaces" };
  static const char *const lists[] = { "tasks", "finally" };
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ChdPipelineGraph) graph = NULL;
  g_autofree char *problem = NULL;
  gboolean empty = TRUE;
  g_autoptr (GList) members = json_object_get_members (spec);

  for (GList *link = members; link != NULL && empty; link = link->next)
    {
      JsonNode *node = json_object_get_member (spec, link->data);

      empty = JSON_NODE_HOLDS_NULL (node) ||
              (JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) == 0);
    }
  if (empty)
    {
      for (guint i = 0; i < G_N_ELEMENTS (at_least_one); i++)
        chd_field_errors_add (errors, "expected at least one, got none", NULL, "%s.%s", path, at_least_one[i]);
      return;
    }
  validate_tasks (spec, "tasks", names, path, errors);
  validate_tasks (spec, "finally", names, path, errors);
  graph = chd_pipeline_graph_new (chd_json_array (spec, "tasks"), &problem);
  if (problem != NULL)
    chd_field_errors_add_value (errors, problem, "%s.tasks", path);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autofree char *params = g_strdup_printf ("%s.%s.params", path, lists[i]);

      chd_validate_param_specs (chd_json_array (spec, "params"), params, errors);
      if (!embedded)
        chd_validate_pipeline_usage (spec, lists[i], path, errors);
      chd_validate_pipeline_context (spec, lists[i], path, errors);
      validate_execution (spec, lists[i], path, errors);
    }
  validate_workspaces (spec, path, errors);
  if (!embedded)
    validate_workspace_usage (spec, path, errors);
  validate_results (spec, path, errors);
  validate_finally (spec, path, errors);
}
