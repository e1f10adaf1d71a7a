/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making the children of a PipelineRun. */

#include "config.h"

#include "chd-pipeline-children.h"

#include <string.h>

#include "chd-admission-private.h"
#include "chd-go-duration.h"
#include "chd-json.h"
#include "chd-util.h"

#define HOUR (3600 * G_GINT64_CONSTANT (1000000000))

gboolean
chd_pipeline_task_is_custom (JsonObject *task)
{
  JsonObject *reference = chd_json_object (task, "taskRef");
  JsonObject *spec = chd_json_object (task, "taskSpec");

  return *chd_json_string (reference, "apiVersion", "") != '\0' || *chd_json_string (spec, "apiVersion", "") != '\0';
}

const char *
chd_pipeline_task_get_resource (JsonObject *task)
{
  return chd_pipeline_task_is_custom (task) ? CHD_RESOURCE_CUSTOM_RUNS : CHD_RESOURCE_TASK_RUNS;
}

char *
chd_pipeline_claim_name (const char *owner_uid, const char *workspace)
{
  g_autofree char *text = g_strconcat (workspace, owner_uid, NULL);
  g_autofree char *hash = chd_sha256 (text, strlen (text));

  return g_strdup_printf ("pvc-%.10s", hash);
}

char *
chd_pipeline_part_timeout (JsonObject *run, gboolean final)
{
  JsonObject *timeouts = chd_json_lookup_object (run, "spec/timeouts");
  const char *own = chd_json_string (timeouts, final ? "finally" : "tasks", NULL);
  const char *other = chd_json_string (timeouts, final ? "tasks" : "finally", NULL);
  gint64 pipeline, part;

  if (own != NULL)
    return g_strdup (own);
  if (other == NULL || !chd_go_duration_parse (other, &part) || part <= 0 ||
      !chd_go_duration_parse (chd_json_string (timeouts, "pipeline", NULL), &pipeline) || pipeline <= part)
    return g_strdup ("");
  return chd_go_duration_format (pipeline - part);
}

static JsonObject *
find_task_run_spec (JsonObject *run, const char *name)
{
  JsonArray *specs = chd_json_lookup_array (run, "spec/taskRunSpecs");

  for (guint i = 0; i < chd_json_length (specs); i++)
    {
      JsonObject *spec = chd_json_object_at (specs, i);

      if (g_strcmp0 (chd_json_string (spec, "pipelineTaskName", NULL), name) == 0)
        return spec;
    }
  return NULL;
}

static void
set_tekton_labels (JsonObject *child, JsonObject *run, JsonObject *task, gboolean final)
{
  JsonObject *labels = chd_json_ensure_object (child, "metadata/labels");
  const char *pipeline = chd_kube_get_label (run, CHD_LABEL_TEKTON_PIPELINE);

  chd_json_set_string_if (labels, CHD_LABEL_TEKTON_PIPELINE, pipeline);
  json_object_set_string_member (labels, CHD_LABEL_TEKTON_PIPELINE_RUN, chd_kube_get_name (run));
  chd_json_set_string_if (labels, CHD_LABEL_TEKTON_PREFIX "pipelineRunUID", chd_kube_get_uid (run));
  json_object_set_string_member (labels, CHD_LABEL_TEKTON_PIPELINE_TASK, chd_json_string (task, "name", ""));
  json_object_set_string_member (labels, CHD_LABEL_TEKTON_PREFIX "memberOf", final ? "finally" : "tasks");
}

/* Copies labels and annotations of @source, which win. */
static void
override_metadata (JsonObject *child, JsonObject *metadata)
{
  static const char *const kinds[] = { "labels", "annotations" };

  for (guint i = 0; metadata != NULL && i < G_N_ELEMENTS (kinds); i++)
    {
      JsonObject *values = chd_json_object (metadata, kinds[i]);
      g_autofree char *path = g_strconcat ("metadata/", kinds[i], NULL);
      g_autoptr (GList) names = values != NULL ? json_object_get_members (values) : NULL;

      for (GList *link = names; link != NULL; link = link->next)
        chd_json_set_string_if (chd_json_ensure_object (child, path), link->data,
                                chd_json_string (values, link->data, NULL));
    }
}

static void
copy_member (JsonObject *target, JsonObject *source, const char *name)
{
  JsonNode *node = json_object_get_member (source, name);

  if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
    json_object_set_member (target, name, json_node_copy (node));
}

static char *
join_paths (const char *first, const char *second)
{
  if (first == NULL || *first == '\0')
    return g_strdup (second);
  if (second == NULL || *second == '\0')
    return g_strdup (first);
  return g_strconcat (first, "/", second, NULL);
}

static void
add_workspaces (JsonObject *spec, JsonObject *run, JsonObject *task)
{
  JsonArray *used = chd_json_array (task, "workspaces");
  JsonArray *bindings = chd_json_lookup_array (run, "spec/workspaces");
  g_autoptr (JsonArray) workspaces = json_array_new ();

  for (guint i = 0; i < chd_json_length (used); i++)
    {
      JsonObject *usage = chd_json_object_at (used, i);
      const char *name = chd_json_string (usage, "name", "");
      const char *outer = chd_json_string (usage, "workspace", "");
      JsonObject *binding = NULL;
      JsonObject *copy;
      g_autofree char *sub_path = NULL;

      if (*outer == '\0')
        outer = name;
      for (guint j = 0; j < chd_json_length (bindings) && binding == NULL; j++)
        if (g_str_equal (chd_json_string (chd_json_object_at (bindings, j), "name", ""), outer))
          binding = chd_json_object_at (bindings, j);
      if (binding == NULL)
        continue; /* an optional one; required ones were asked for at the start */
      copy = chd_json_copy_object (binding);
      json_object_set_string_member (copy, "name", name);
      sub_path = join_paths (chd_json_string (binding, "subPath", NULL), chd_json_string (usage, "subPath", NULL));
      chd_json_set_string_if (copy, "subPath", sub_path);
      if (chd_json_object (copy, "volumeClaimTemplate") != NULL)
        {
          g_autofree char *claim = chd_pipeline_claim_name (chd_kube_get_uid (run), outer);

          json_object_remove_member (copy, "volumeClaimTemplate");
          json_object_set_string_member (chd_json_ensure_object (copy, "persistentVolumeClaim"), "claimName", claim);
        }
      json_array_add_object_element (workspaces, copy);
    }
  if (json_array_get_length (workspaces) > 0)
    json_object_set_array_member (spec, "workspaces", g_steal_pointer (&workspaces));
}

/* The first that is given of: the run's for this task, the pipeline's for this task, the run's for all tasks when that
 * is longer than the default, the default. */
static char *
find_timeout (JsonObject *run, JsonObject *run_spec, JsonObject *task, gboolean final)
{
  const char *given = chd_json_string (run_spec, "timeout", chd_json_string (task, "timeout", NULL));
  g_autofree char *part = NULL;
  gint64 duration;

  if (given != NULL)
    return g_strdup (given);
  part = chd_pipeline_part_timeout (run, final);
  return g_strdup (chd_go_duration_parse (part, &duration) && duration > HOUR ? part : "1h0m0s");
}

static JsonObject *
make_task_run (JsonObject *run, JsonObject *task, gboolean final, const char *name)
{
  JsonObject *child = chd_run_new_child (CHD_KUBE_TASK_RUN, run, name);
  JsonObject *run_spec = find_task_run_spec (run, chd_json_string (task, "name", ""));
  JsonObject *embedded = chd_json_object (task, "taskSpec");
  JsonObject *spec = chd_json_ensure_object (child, "spec");
  g_autofree char *timeout = find_timeout (run, run_spec, task, final);
  const char *account = chd_json_string (run_spec, "serviceAccountName",
                                         chd_json_lookup_string (run, "spec/taskRunTemplate/serviceAccountName", NULL));

  chd_run_inherit (child, run, "labels");
  chd_run_inherit (child, run, "annotations");
  set_tekton_labels (child, run, task, final);
  override_metadata (child, chd_json_object (embedded, "metadata"));
  override_metadata (child, chd_json_object (run_spec, "metadata"));
  if (g_str_equal (chd_json_string (task, "onError", ""), "continue"))
    chd_kube_set_annotation (child, CHD_ANNOTATION_TASK_ON_ERROR, "continue");

  copy_member (spec, task, "params");
  chd_json_set_string_if (spec, "serviceAccountName", account);
  if (embedded != NULL)
    {
      JsonObject *copy = chd_json_copy_object (embedded);

      if (json_object_has_member (copy, "metadata"))
        json_object_remove_member (copy, "metadata");
      json_object_set_object_member (spec, "taskSpec", copy);
    }
  else
    {
      JsonObject *reference = chd_json_ensure_object (spec, "taskRef");

      chd_json_set_string_if (reference, "name", chd_json_lookup_string (task, "taskRef/name", NULL));
      json_object_set_string_member (reference, "kind", "Task");
    }
  if (chd_json_int (task, "retries", 0) > 0)
    json_object_set_int_member (spec, "retries", chd_json_int (task, "retries", 0));
  json_object_set_string_member (spec, "timeout", timeout);
  add_workspaces (spec, run, task);
  chd_admission_set_defaults (CHD_KUBE_TASK_RUN, child);
  return child;
}

static JsonObject *
make_custom_run (JsonObject *run, JsonObject *task, gboolean final, const char *name)
{
  JsonObject *child = chd_run_new_child (CHD_KUBE_CUSTOM_RUN, run, name);
  JsonObject *run_spec = find_task_run_spec (run, chd_json_string (task, "name", ""));
  JsonObject *spec = chd_json_ensure_object (child, "spec");
  JsonObject *reference = chd_json_object (task, "taskRef");
  const char *account = chd_json_string (run_spec, "serviceAccountName",
                                         chd_json_lookup_string (run, "spec/taskRunTemplate/serviceAccountName", NULL));

  chd_run_inherit (child, run, "labels");
  chd_run_inherit (child, run, "annotations");
  set_tekton_labels (child, run, task, final);
  if (reference != NULL)
    {
      JsonObject *target = chd_json_ensure_object (spec, "customRef");

      chd_json_set_string_if (target, "apiVersion", chd_json_string (reference, "apiVersion", NULL));
      chd_json_set_string_if (target, "kind", chd_json_string (reference, "kind", NULL));
      chd_json_set_string_if (target, "name", chd_json_string (reference, "name", NULL));
    }
  else
    {
      json_object_set_object_member (spec, "customSpec", chd_json_copy_object (chd_json_object (task, "taskSpec")));
    }
  copy_member (spec, task, "params");
  chd_json_set_string_if (spec, "serviceAccountName", account);
  if (chd_json_int (task, "retries", 0) > 0)
    json_object_set_int_member (spec, "retries", chd_json_int (task, "retries", 0));
  copy_member (spec, run_spec != NULL && json_object_has_member (run_spec, "timeout") ? run_spec : task, "timeout");
  add_workspaces (spec, run, task);
  chd_admission_set_defaults (CHD_KUBE_CUSTOM_RUN, child);
  return child;
}

JsonObject *
chd_pipeline_make_child (JsonObject *run, JsonObject *task, gboolean final, const char *name)
{
  return chd_pipeline_task_is_custom (task) ? make_custom_run (run, task, final, name)
                                            : make_task_run (run, task, final, name);
}

JsonObject *
chd_pipeline_make_reference (ChdPipelineTask *task, const char *name)
{
  gboolean custom = chd_pipeline_task_is_custom (task->task);
  JsonObject *reference = json_object_new ();
  g_autofree char *api_version = chd_kube_api_version (custom ? CHD_KUBE_CUSTOM_RUN : CHD_KUBE_TASK_RUN);
  JsonArray *conditions = chd_pipeline_state_get_conditions (task);

  json_object_set_string_member (reference, "apiVersion", api_version);
  json_object_set_string_member (reference, "kind", custom ? "CustomRun" : "TaskRun");
  json_object_set_string_member (reference, "name", name);
  chd_json_set_string_if (reference, "displayName",
                          chd_json_string (task->resolved != NULL ? task->resolved : task->task, "displayName", NULL));
  json_object_set_string_member (reference, "pipelineTaskName", chd_json_string (task->task, "name", ""));
  if (conditions != NULL)
    json_object_set_array_member (reference, "whenExpressions", conditions);
  return reference;
}
