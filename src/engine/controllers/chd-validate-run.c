/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tekton's rules about PipelineRuns, TaskRuns and CustomRuns at their creation. */

#include "config.h"

#include "chd-admission-private.h"
#include "chd-go-duration.h"
#include "chd-json.h"

static const char *
text_of (JsonObject *object, const char *name)
{
  return chd_json_string (object, name, "");
}

static void
validate_one_of (JsonObject *spec, const char *first, const char *second, ChdFieldErrors *errors)
{
  gboolean has_first = chd_json_object (spec, first) != NULL;
  gboolean has_second = chd_json_object (spec, second) != NULL;
  const char *message = has_first ? "expected exactly one, got both" : "expected exactly one, got neither";

  if (has_first == has_second)
    {
      chd_field_errors_add (errors, message, NULL, "spec.%s", first);
      chd_field_errors_add (errors, message, NULL, "spec.%s", second);
    }
}

static void
validate_reference (JsonObject *reference, const char *path, ChdFieldErrors *errors)
{
  if (reference == NULL)
    return;
  if (*text_of (reference, "name") == '\0' && *text_of (reference, "resolver") == '\0')
    {
      chd_field_errors_add_missing (errors, "%s.name", path);
    }
  else if (*text_of (reference, "name") != '\0' && *text_of (reference, "resolver") != '\0')
    {
      chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.name", path);
      chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.resolver", path);
    }
}

/* Names are compared without their case: they become environment variables in some tasks. */
void
chd_validate_run_params (JsonArray *params, const char *path, ChdFieldErrors *errors)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < chd_json_length (params); i++)
    {
      const char *name = text_of (chd_json_object_at (params, i), "name");

      if (!g_hash_table_add (names, g_utf8_strdown (name, -1)))
        chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s[%s].name", path, name);
    }
}

void
chd_validate_workspace_bindings (JsonArray *workspaces, const char *path, ChdFieldErrors *errors)
{
  static const char *const sources[] = {
    "emptyDir", "persistentVolumeClaim", "volumeClaimTemplate", "configMap", "secret", "projected", "csi"
  };
  static const char *const shown[] = {
    "configmap", "emptydir", "persistentvolumeclaim", "secret", "volumeclaimtemplate", "projected", "csi"
  };
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < chd_json_length (workspaces); i++)
    {
      JsonObject *binding = chd_json_object_at (workspaces, i);
      const char *name = text_of (binding, "name");
      guint found = 0;

      if (binding == NULL)
        continue;
      if (!g_hash_table_add (names, (gpointer) name))
        chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s[%u].name", path, i);
      for (guint j = 0; j < G_N_ELEMENTS (sources); j++)
        found += chd_json_object (binding, sources[j]) != NULL;
      if (found != 1)
        for (guint j = 0; j < G_N_ELEMENTS (shown); j++)
          chd_field_errors_add (errors,
                                found == 0 ? "expected exactly one, got neither" : "expected exactly one, got both",
                                NULL, "%s[%u].%s", path, i, shown[j]);
      if (chd_json_object (binding, "persistentVolumeClaim") != NULL &&
          *text_of (chd_json_object (binding, "persistentVolumeClaim"), "claimName") == '\0')
        chd_field_errors_add_missing (errors, "%s[%u].persistentvolumeclaim.claimname", path, i);
      if (chd_json_object (binding, "configMap") != NULL &&
          *text_of (chd_json_object (binding, "configMap"), "name") == '\0')
        chd_field_errors_add_missing (errors, "%s[%u].configmap.name", path, i);
      if (chd_json_object (binding, "secret") != NULL &&
          *text_of (chd_json_object (binding, "secret"), "secretName") == '\0')
        chd_field_errors_add_missing (errors, "%s[%u].secret.secretName", path, i);
    }
}

static gboolean
get_duration (JsonObject *object, const char *name, gint64 *duration)
{
  return chd_go_duration_parse (chd_json_string (object, name, NULL), duration);
}

static void
validate_timeouts (JsonObject *timeouts, ChdFieldErrors *errors)
{
  static const char *const names[] = { "pipeline", "tasks", "finally" };
  gint64 pipeline = 0, tasks = 0, finally = 0;
  gboolean has_tasks = get_duration (timeouts, "tasks", &tasks);
  gboolean has_finally = get_duration (timeouts, "finally", &finally);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gint64 value;

      if (get_duration (timeouts, names[i], &value) && value < 0)
        {
          g_autofree char *message = g_strdup_printf ("%s should be >= 0", text_of (timeouts, names[i]));

          chd_field_errors_add_value (errors, message, "spec.timeouts.%s", names[i]);
        }
    }
  if (!get_duration (timeouts, "pipeline", &pipeline) || pipeline == 0)
    return;
  if (has_tasks && tasks > pipeline)
    {
      g_autofree char *message = g_strdup_printf ("%s should be <= pipeline duration", text_of (timeouts, "tasks"));

      chd_field_errors_add_value (errors, message, "spec.timeouts.tasks");
    }
  if (has_finally && finally > pipeline)
    {
      g_autofree char *message = g_strdup_printf ("%s should be <= pipeline duration", text_of (timeouts, "finally"));

      chd_field_errors_add_value (errors, message, "spec.timeouts.finally");
    }
  if (has_tasks && has_finally && tasks + finally > pipeline)
    {
      g_autofree char *message = g_strdup_printf ("%s + %s should be <= pipeline duration", text_of (timeouts, "tasks"),
                                                  text_of (timeouts, "finally"));

      chd_field_errors_add_value (errors, message, "spec.timeouts.tasks");
      chd_field_errors_add_value (errors, message, "spec.timeouts.finally");
    }
}

static void
validate_status (const char *status, const char *const *allowed, const char *list, ChdFieldErrors *errors)
{
  if (*status != '\0' && !g_strv_contains (allowed, status))
    {
      g_autofree char *message = g_strdup_printf ("%s should be %s", status, list);

      chd_field_errors_add_value (errors, message, "spec.status");
    }
}

void
chd_validate_pipeline_run_spec (JsonObject *spec, ChdFieldErrors *errors)
{
  static const char *const statuses[] = { "Cancelled", "CancelledRunFinally", "StoppedRunFinally", "PipelineRunPending",
                                          NULL };
  JsonObject *embedded = chd_json_object (spec, "pipelineSpec");
  JsonArray *specs = chd_json_array (spec, "taskRunSpecs");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  validate_one_of (spec, "pipelineRef", "pipelineSpec", errors);
  validate_reference (chd_json_object (spec, "pipelineRef"), "spec.pipelineRef", errors);
  if (embedded != NULL)
    chd_validate_pipeline_spec (embedded, "spec.pipelineSpec", TRUE, errors);
  chd_validate_run_params (chd_json_array (spec, "params"), "spec.params", errors);
  validate_status (text_of (spec, "status"), statuses,
                   "Cancelled, CancelledRunFinally, StoppedRunFinally or PipelineRunPending", errors);
  validate_timeouts (chd_json_object (spec, "timeouts"), errors);
  chd_validate_workspace_bindings (chd_json_array (spec, "workspaces"), "spec.workspaces", errors);
  for (guint i = 0; i < chd_json_length (specs); i++)
    {
      const char *name = text_of (chd_json_object_at (specs, i), "pipelineTaskName");

      if (!g_hash_table_add (names, (gpointer) name))
        chd_field_errors_add (errors, "expected exactly one, got both", NULL, "spec.taskRunSpecs[%u].pipelineTaskName",
                              i);
    }
}

void
chd_validate_task_run_spec (JsonObject *spec, ChdFieldErrors *errors)
{
  static const char *const statuses[] = { "TaskRunCancelled", "TaskRunPending", NULL };
  JsonObject *embedded = chd_json_object (spec, "taskSpec");
  JsonObject *reference = chd_json_object (spec, "taskRef");

  validate_one_of (spec, "taskRef", "taskSpec", errors);
  validate_reference (reference, "spec.taskRef", errors);
  if (embedded != NULL)
    chd_validate_task_spec (embedded, "spec.taskSpec", errors);
  chd_validate_run_params (chd_json_array (spec, "params"), "spec.params", errors);
  validate_status (text_of (spec, "status"), statuses, "TaskRunCancelled or TaskRunPending", errors);
  if (*text_of (spec, "status") == '\0' && *text_of (spec, "statusMessage") != '\0')
    chd_field_errors_add_value (errors, "statusMessage should not be set if status is not set", "spec.statusMessage");
  chd_validate_workspace_bindings (chd_json_array (spec, "workspaces"), "spec.workspaces", errors);
}

void
chd_validate_custom_run_spec (JsonObject *spec, ChdFieldErrors *errors)
{
  static const char *const kinds[] = { "customRef", "customSpec" };
  static const char *const statuses[] = { "RunCancelled", NULL };

  validate_one_of (spec, "customRef", "customSpec", errors);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      JsonObject *object = chd_json_object (spec, kinds[i]);

      if (object != NULL && *text_of (object, "apiVersion") == '\0')
        chd_field_errors_add_missing (errors, "spec.%s.apiVersion", kinds[i]);
      if (object != NULL && *text_of (object, "kind") == '\0')
        chd_field_errors_add_missing (errors, "spec.%s.kind", kinds[i]);
    }
  validate_status (text_of (spec, "status"), statuses, "RunCancelled", errors);
  if (*text_of (spec, "status") == '\0' && *text_of (spec, "statusMessage") != '\0')
    chd_field_errors_add_value (errors, "statusMessage should not be set if status is not set", "spec.statusMessage");
  chd_validate_run_params (chd_json_array (spec, "params"), "spec.params", errors);
  chd_validate_workspace_bindings (chd_json_array (spec, "workspaces"), "spec.workspaces", errors);
}
