/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What Tekton's defaulting webhook does to the objects it is shown: names the types of params and results, says which
 * kind a reference means, gives runs their account and their hour, and turns every scalar value into text. */

#include "config.h"

#include "chd-admission-private.h"
#include "chd-go-duration.h"
#include "chd-json.h"

#define DEFAULT_TIMEOUT "1h0m0s"
#define DEFAULT_ACCOUNT "default"

static gboolean
is_string_node (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

/* Whether Tekton reads the value as string, array of strings or object of strings, rather than as the text of its
 * JSON. */
static gboolean
is_param_value (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!is_string_node (json_array_get_element (array, i)))
          return FALSE;
      return TRUE;
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *member;

      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        if (!is_string_node (member))
          return FALSE;
      return TRUE;
    }
  return is_string_node (node);
}

static void
normalise_value (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autofree char *text = NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node) || is_param_value (node))
    return;
  text = chd_json_write (node, FALSE, NULL);
  json_object_set_string_member (object, name, text);
}

static void
normalise_values (JsonArray *params)
{
  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);

      if (param != NULL)
        normalise_value (param, "value");
    }
}

static void
normalise_duration (JsonObject *object, const char *name)
{
  const char *text = chd_json_string (object, name, NULL);
  gint64 duration;

  if (text != NULL && chd_go_duration_parse (text, &duration))
    {
      g_autofree char *normal = chd_go_duration_format (duration);

      json_object_set_string_member (object, name, normal);
    }
}

static void
ensure_string (JsonObject *object, const char *name, const char *value)
{
  const char *given = chd_json_string (object, name, NULL);

  if ((given == NULL && !json_object_has_member (object, name)) || (given != NULL && *given == '\0'))
    json_object_set_string_member (object, name, value);
}

static const char *
value_type (JsonNode *node)
{
  return JSON_NODE_HOLDS_ARRAY (node) ? "array" : JSON_NODE_HOLDS_OBJECT (node) ? "object" : "string";
}

static void
default_param_specs (JsonArray *params)
{
  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);
      JsonObject *properties;

      if (param == NULL)
        continue;
      normalise_value (param, "default");
      properties = chd_json_object (param, "properties");
      if (properties != NULL)
        {
          JsonObjectIter iter;
          JsonNode *member;

          json_object_iter_init (&iter, properties);
          while (json_object_iter_next (&iter, NULL, &member))
            if (JSON_NODE_HOLDS_OBJECT (member))
              ensure_string (json_node_get_object (member), "type", "string");
          ensure_string (param, "type", "object");
        }
      else if (json_object_has_member (param, "default"))
        {
          ensure_string (param, "type", value_type (json_object_get_member (param, "default")));
        }
      ensure_string (param, "type", "string");
    }
}

static void
default_results (JsonArray *results)
{
  for (guint i = 0; i < chd_json_length (results); i++)
    {
      JsonObject *result = chd_json_object_at (results, i);

      if (result == NULL)
        continue;
      if (chd_json_object (result, "properties") != NULL)
        ensure_string (result, "type", "object");
      ensure_string (result, "type", "string");
      normalise_value (result, "value");
    }
}

static void
default_containers (JsonArray *containers)
{
  for (guint i = 0; i < chd_json_length (containers); i++)
    {
      JsonObject *container = chd_json_object_at (containers, i);

      if (container == NULL)
        continue;
      if (!json_object_has_member (container, "name"))
        json_object_set_string_member (container, "name", "");
      if (!json_object_has_member (container, "computeResources"))
        json_object_set_object_member (container, "computeResources", json_object_new ());
      normalise_duration (container, "timeout");
      normalise_values (chd_json_array (container, "params"));
      default_results (chd_json_array (container, "results"));
    }
}

void
chd_admission_default_task_spec (JsonObject *spec)
{
  default_param_specs (chd_json_array (spec, "params"));
  default_results (chd_json_array (spec, "results"));
  default_containers (chd_json_array (spec, "steps"));
  default_containers (chd_json_array (spec, "sidecars"));
}

static void
default_task_ref (JsonObject *reference)
{
  if (reference == NULL)
    return;
  if (*chd_json_string (reference, "resolver", "") == '\0')
    ensure_string (reference, "kind", "Task");
  normalise_values (chd_json_array (reference, "params"));
}

static void
default_pipeline_tasks (JsonArray *tasks)
{
  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      JsonObject *task = chd_json_object_at (tasks, i);
      JsonObject *spec;
      JsonObject *matrix;

      if (task == NULL)
        continue;
      default_task_ref (chd_json_object (task, "taskRef"));
      normalise_values (chd_json_array (task, "params"));
      normalise_duration (task, "timeout");
      matrix = chd_json_object (task, "matrix");
      if (matrix != NULL)
        {
          JsonArray *include = chd_json_array (matrix, "include");

          normalise_values (chd_json_array (matrix, "params"));
          for (guint j = 0; j < chd_json_length (include); j++)
            normalise_values (chd_json_array (chd_json_object_at (include, j), "params"));
        }
      spec = chd_json_object (task, "taskSpec");
      if (spec != NULL && *chd_json_string (spec, "apiVersion", "") == '\0')
        chd_admission_default_task_spec (spec);
    }
}

void
chd_admission_default_pipeline_spec (JsonObject *spec)
{
  JsonArray *results = chd_json_array (spec, "results");

  default_param_specs (chd_json_array (spec, "params"));
  default_pipeline_tasks (chd_json_array (spec, "tasks"));
  default_pipeline_tasks (chd_json_array (spec, "finally"));
  for (guint i = 0; i < chd_json_length (results); i++)
    if (chd_json_object_at (results, i) != NULL)
      normalise_value (chd_json_object_at (results, i), "value");
}

static void
default_pipeline_run (JsonObject *spec)
{
  JsonObject *timeouts = chd_json_ensure_object (spec, "timeouts");
  JsonObject *embedded = chd_json_object (spec, "pipelineSpec");
  JsonArray *specs = chd_json_array (spec, "taskRunSpecs");

  ensure_string (timeouts, "pipeline", DEFAULT_TIMEOUT);
  normalise_duration (timeouts, "pipeline");
  normalise_duration (timeouts, "tasks");
  normalise_duration (timeouts, "finally");
  ensure_string (chd_json_ensure_object (spec, "taskRunTemplate"), "serviceAccountName", DEFAULT_ACCOUNT);
  normalise_values (chd_json_array (spec, "params"));
  for (guint i = 0; i < chd_json_length (specs); i++)
    if (chd_json_object_at (specs, i) != NULL)
      normalise_duration (chd_json_object_at (specs, i), "timeout");
  if (embedded != NULL)
    chd_admission_default_pipeline_spec (embedded);
}

static void
default_task_run (JsonObject *object, JsonObject *spec)
{
  JsonObject *embedded = chd_json_object (spec, "taskSpec");

  ensure_string (spec, "serviceAccountName", DEFAULT_ACCOUNT);
  ensure_string (spec, "timeout", DEFAULT_TIMEOUT);
  normalise_duration (spec, "timeout");
  default_task_ref (chd_json_object (spec, "taskRef"));
  normalise_values (chd_json_array (spec, "params"));
  if (embedded != NULL)
    chd_admission_default_task_spec (embedded);
  if (chd_kube_get_label (object, CHD_LABEL_MANAGED_BY) == NULL)
    chd_kube_set_label (object, CHD_LABEL_MANAGED_BY, "tekton-pipelines");
}

/* Those annotations say that a run was signed; only the signer may set them. */
static void
drop_signatures (JsonObject *object)
{
  JsonObject *annotations = chd_json_lookup_object (object, "metadata/annotations");
  g_autoptr (GList) names = annotations != NULL ? json_object_get_members (annotations) : NULL;

  for (GList *link = names; link != NULL; link = link->next)
    if (g_str_has_prefix (link->data, "chains.tekton.dev/"))
      json_object_remove_member (annotations, link->data);
}

void
chd_admission_set_defaults (ChdKubeType type, JsonObject *object)
{
  JsonObject *spec = chd_json_object (object, "spec");

  if (type == CHD_KUBE_PIPELINE_RUN || type == CHD_KUBE_TASK_RUN)
    drop_signatures (object);
  if (spec == NULL)
    return;
  if (type == CHD_KUBE_TASK)
    {
      chd_admission_default_task_spec (spec);
    }
  else if (type == CHD_KUBE_PIPELINE)
    {
      chd_admission_default_pipeline_spec (spec);
    }
  else if (type == CHD_KUBE_PIPELINE_RUN)
    {
      default_pipeline_run (spec);
    }
  else if (type == CHD_KUBE_TASK_RUN)
    {
      default_task_run (object, spec);
    }
  else if (type == CHD_KUBE_CUSTOM_RUN)
    {
      ensure_string (spec, "serviceAccountName", DEFAULT_ACCOUNT);
      normalise_duration (spec, "timeout");
      normalise_values (chd_json_array (spec, "params"));
    }
}
