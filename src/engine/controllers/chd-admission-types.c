/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The JSON types of the members that the controllers read, checked and refused in the words of Go's decoder, which
 * looks at an object before any webhook's rule does. Unknown members are the API server's business. */

#include "config.h"

#include "chd-admission-private.h"
#include "chd-go-duration.h"
#include "chd-json.h"

typedef enum
{
  TYPE_STRING,
  TYPE_INT,
  TYPE_BOOL,
  TYPE_STRINGS,  /* array of strings */
  TYPE_DURATION, /* a string that Go's time.ParseDuration takes */
  TYPE_STRUCT,
  TYPE_STRUCTS, /* array of structs */
} FieldType;

typedef struct _Struct Struct;

typedef struct
{
  const char *name;
  FieldType type;
  const Struct *of;    /* for structs */
  const char *go_type; /* as Go names it; %NULL for what follows from @type */
} Field;

struct _Struct
{
  const char *name;
  const Field *fields; /* ended by a field without a name */
};

#define STRING(name)                                                                                                   \
  {                                                                                                                    \
    name, TYPE_STRING, NULL, NULL                                                                                      \
  }
#define INT(name)                                                                                                      \
  {                                                                                                                    \
    name, TYPE_INT, NULL, NULL                                                                                         \
  }
#define BOOL(name)                                                                                                     \
  {                                                                                                                    \
    name, TYPE_BOOL, NULL, NULL                                                                                        \
  }
#define STRINGS(name)                                                                                                  \
  {                                                                                                                    \
    name, TYPE_STRINGS, NULL, NULL                                                                                     \
  }
#define DURATION(name)                                                                                                 \
  {                                                                                                                    \
    name, TYPE_DURATION, NULL, NULL                                                                                    \
  }
#define STRUCT(name, of, go)                                                                                           \
  {                                                                                                                    \
    name, TYPE_STRUCT, &of, go                                                                                         \
  }
#define STRUCTS(name, of, go)                                                                                          \
  {                                                                                                                    \
    name, TYPE_STRUCTS, &of, go                                                                                        \
  }
#define END                                                                                                            \
  {                                                                                                                    \
    NULL                                                                                                               \
  }

static const Field param_fields[] = { STRING ("name"), END };
static const Struct param = { "Param", param_fields };

static const Field property_fields[] = { STRING ("type"), END };
static const Struct property = { "PropertySpec", property_fields };

static const Field param_spec_fields[] = { STRING ("name"), STRING ("type"), STRING ("description"), STRINGS ("enum"),
                                           END };
static const Struct param_spec = { "ParamSpec", param_spec_fields };

static const Field result_fields[] = { STRING ("name"), STRING ("type"), STRING ("description"), END };
static const Struct task_result = { "TaskResult", result_fields };
static const Struct step_result = { "StepResult", result_fields };
static const Struct pipeline_result = { "PipelineResult", result_fields };

static const Field env_fields[] = { STRING ("name"), STRING ("value"), END };
static const Struct env = { "EnvVar", env_fields };

static const Field when_fields[] = { STRING ("input"), STRING ("operator"), STRINGS ("values"), STRING ("cel"), END };
static const Struct when = { "WhenExpression", when_fields };

static const Field mount_fields[] = { STRING ("name"), STRING ("mountPath"), STRING ("subPath"), BOOL ("readOnly"),
                                      END };
static const Struct mount = { "VolumeMount", mount_fields };

static const Field usage_fields[] = { STRING ("name"), STRING ("mountPath"), END };
static const Struct usage = { "WorkspaceUsage", usage_fields };

static const Field ref_fields[] = { STRING ("name"),
                                    STRING ("kind"),
                                    STRING ("apiVersion"),
                                    STRING ("resolver"),
                                    STRUCTS ("params", param, "v1.Params"),
                                    END };
static const Struct task_ref = { "TaskRef", ref_fields };
static const Struct pipeline_ref = { "PipelineRef", ref_fields };
static const Struct step_ref = { "Ref", ref_fields };

static const Field step_fields[] = { STRING ("name"),
                                     STRING ("displayName"),
                                     STRING ("image"),
                                     STRING ("script"),
                                     STRINGS ("command"),
                                     STRINGS ("args"),
                                     STRING ("workingDir"),
                                     STRUCTS ("env", env, "[]v1.EnvVar"),
                                     STRUCTS ("volumeMounts", mount, "[]v1.VolumeMount"),
                                     DURATION ("timeout"),
                                     STRING ("onError"),
                                     STRUCTS ("when", when, "v1.StepWhenExpressions"),
                                     STRUCTS ("results", step_result, "[]v1.StepResult"),
                                     STRUCT ("ref", step_ref, "v1.Ref"),
                                     STRUCTS ("params", param, "v1.Params"),
                                     STRUCTS ("workspaces", usage, "[]v1.WorkspaceUsage"),
                                     END };
static const Struct step = { "Step", step_fields };
static const Struct step_template = { "StepTemplate", step_fields };
static const Struct sidecar = { "Sidecar", step_fields };

static const Field declaration_fields[] = { STRING ("name"),   STRING ("description"), STRING ("mountPath"),
                                            BOOL ("readOnly"), BOOL ("optional"),      END };
static const Struct declaration = { "WorkspaceDeclaration", declaration_fields };

static const Field volume_fields[] = { STRING ("name"), END };
static const Struct volume = { "Volume", volume_fields };

static const Field task_spec_fields[] = { STRING ("displayName"),
                                          STRING ("description"),
                                          STRUCTS ("params", param_spec, "v1.ParamSpecs"),
                                          STRUCTS ("steps", step, "[]v1.Step"),
                                          STRUCT ("stepTemplate", step_template, "v1.StepTemplate"),
                                          STRUCTS ("sidecars", sidecar, "[]v1.Sidecar"),
                                          STRUCTS ("volumes", volume, "v1.Volumes"),
                                          STRUCTS ("workspaces", declaration, "[]v1.WorkspaceDeclaration"),
                                          STRUCTS ("results", task_result, "[]v1.TaskResult"),
                                          END };
static const Struct task_spec = { "TaskSpec", task_spec_fields };
static const Struct embedded_task = { "EmbeddedTask", task_spec_fields };

static const Field include_fields[] = { STRING ("name"), STRUCTS ("params", param, "v1.Params"), END };
static const Struct include = { "IncludeParams", include_fields };

static const Field matrix_fields[] = { STRUCTS ("params", param, "v1.Params"),
                                       STRUCTS ("include", include, "v1.IncludeParamsList"), END };
static const Struct matrix = { "Matrix", matrix_fields };

static const Field pipeline_workspace_fields[] = { STRING ("name"), STRING ("workspace"), STRING ("subPath"), END };
static const Struct pipeline_workspace = { "WorkspacePipelineTaskBinding", pipeline_workspace_fields };

static const Field pipeline_task_fields[] = {
  STRING ("name"),
  STRING ("displayName"),
  STRING ("description"),
  STRUCT ("taskRef", task_ref, "v1.TaskRef"),
  STRUCT ("taskSpec", embedded_task, "v1.EmbeddedTask"),
  STRUCTS ("when", when, "v1.WhenExpressions"),
  INT ("retries"),
  STRINGS ("runAfter"),
  STRUCTS ("params", param, "v1.Params"),
  STRUCT ("matrix", matrix, "v1.Matrix"),
  STRUCTS ("workspaces", pipeline_workspace, "[]v1.WorkspacePipelineTaskBinding"),
  DURATION ("timeout"),
  STRING ("onError"),
  END
};
static const Struct pipeline_task = { "PipelineTask", pipeline_task_fields };

static const Field pipeline_spec_fields[] = { STRING ("displayName"),
                                              STRING ("description"),
                                              STRUCTS ("tasks", pipeline_task, "[]v1.PipelineTask"),
                                              STRUCTS ("params", param_spec, "v1.ParamSpecs"),
                                              STRUCTS ("workspaces", declaration, "[]v1.PipelineWorkspaceDeclaration"),
                                              STRUCTS ("results", pipeline_result, "[]v1.PipelineResult"),
                                              STRUCTS ("finally", pipeline_task, "[]v1.PipelineTask"),
                                              END };
static const Struct pipeline_spec = { "PipelineSpec", pipeline_spec_fields };

static const Field binding_fields[] = { STRING ("name"), STRING ("subPath"), END };
static const Struct binding = { "WorkspaceBinding", binding_fields };

static const Field timeouts_fields[] = { DURATION ("pipeline"), DURATION ("tasks"), DURATION ("finally"), END };
static const Struct timeouts = { "TimeoutFields", timeouts_fields };

static const Field template_fields[] = { STRING ("serviceAccountName"), END };
static const Struct run_template = { "PipelineTaskRunTemplate", template_fields };

static const Field task_run_specs_fields[] = { STRING ("pipelineTaskName"), STRING ("serviceAccountName"),
                                               DURATION ("timeout"), END };
static const Struct task_run_specs = { "PipelineTaskRunSpec", task_run_specs_fields };

static const Field pipeline_run_fields[] = { STRUCT ("pipelineRef", pipeline_ref, "v1.PipelineRef"),
                                             STRUCT ("pipelineSpec", pipeline_spec, "v1.PipelineSpec"),
                                             STRUCTS ("params", param, "v1.Params"),
                                             STRING ("status"),
                                             STRUCT ("timeouts", timeouts, "v1.TimeoutFields"),
                                             STRUCT ("taskRunTemplate", run_template, "v1.PipelineTaskRunTemplate"),
                                             STRUCTS ("workspaces", binding, "[]v1.WorkspaceBinding"),
                                             STRUCTS ("taskRunSpecs", task_run_specs, "[]v1.PipelineTaskRunSpec"),
                                             STRING ("managedBy"),
                                             END };
static const Struct pipeline_run_spec = { "PipelineRunSpec", pipeline_run_fields };

static const Field task_run_fields[] = { STRUCT ("taskRef", task_ref, "v1.TaskRef"),
                                         STRUCT ("taskSpec", task_spec, "v1.TaskSpec"),
                                         STRUCTS ("params", param, "v1.Params"),
                                         STRING ("serviceAccountName"),
                                         STRING ("status"),
                                         STRING ("statusMessage"),
                                         INT ("retries"),
                                         DURATION ("timeout"),
                                         STRUCTS ("workspaces", binding, "[]v1.WorkspaceBinding"),
                                         STRING ("managedBy"),
                                         END };
static const Struct task_run_spec = { "TaskRunSpec", task_run_fields };

static const Field custom_ref_fields[] = { STRING ("apiVersion"), STRING ("kind"), STRING ("name"), END };
static const Struct custom_ref = { "TaskRef", custom_ref_fields };
static const Struct custom_spec = { "EmbeddedCustomRunSpec", custom_ref_fields };

static const Field custom_run_fields[] = { STRUCT ("customRef", custom_ref, "v1beta1.TaskRef"),
                                           STRUCT ("customSpec", custom_spec, "v1beta1.EmbeddedCustomRunSpec"),
                                           STRUCTS ("params", param, "v1beta1.Params"),
                                           STRING ("status"),
                                           STRING ("statusMessage"),
                                           INT ("retries"),
                                           STRING ("serviceAccountName"),
                                           DURATION ("timeout"),
                                           STRUCTS ("workspaces", binding, "[]v1beta1.WorkspaceBinding"),
                                           END };
static const Struct custom_run_spec = { "CustomRunSpec", custom_run_fields };

static const char *
json_type (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return "object";
  if (JSON_NODE_HOLDS_ARRAY (node))
    return "array";
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return "string";
  return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? "bool" : "number";
}

static gboolean
has_value_type (JsonNode *node, GType type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static const char *
go_type_name (const Field *field)
{
  static const char *const names[] = { "string", "int", "bool", "[]string", "string" };

  return field->go_type != NULL ? field->go_type : names[field->type];
}

static char *
complain (JsonNode *node, const Struct *owner, const char *path, const char *go_type)
{
  return g_strdup_printf ("json: cannot unmarshal %s into Go struct field %s.%s of type %s", json_type (node),
                          owner->name, path, go_type);
}

static char *check_struct (const Struct *type, JsonObject *object, const char *path);

static char *
check_strings (const Field *field, JsonNode *node, const Struct *owner, const char *path)
{
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return complain (node, owner, path, go_type_name (field));
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_NULL (element) && !has_value_type (element, G_TYPE_STRING))
        return complain (element, owner, path, "string");
    }
  return NULL;
}

static char *
check_structs (const Field *field, JsonNode *node, const Struct *owner, const char *path)
{
  JsonArray *array;
  char *complaint = NULL;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return complain (node, owner, path, go_type_name (field));
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array) && complaint == NULL; i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_NULL (element))
        continue;
      if (JSON_NODE_HOLDS_OBJECT (element))
        {
          complaint = check_struct (field->of, json_node_get_object (element), path);
        }
      else
        {
          g_autofree char *go_type = g_strconcat ("v1.", field->of->name, NULL);

          complaint = complain (element, owner, path, go_type);
        }
    }
  return complaint;
}

static char *
check_field (const Field *field, JsonNode *node, const Struct *owner, const char *path)
{
  gint64 duration;

  switch (field->type)
    {
    case TYPE_STRING:
      return has_value_type (node, G_TYPE_STRING) ? NULL : complain (node, owner, path, go_type_name (field));
    case TYPE_INT:
      return has_value_type (node, G_TYPE_INT64) ? NULL : complain (node, owner, path, go_type_name (field));
    case TYPE_BOOL:
      return has_value_type (node, G_TYPE_BOOLEAN) ? NULL : complain (node, owner, path, go_type_name (field));
    case TYPE_STRINGS:
      return check_strings (field, node, owner, path);
    case TYPE_DURATION:
      if (!has_value_type (node, G_TYPE_STRING))
        return g_strdup_printf ("json: cannot unmarshal %s into Go value of type string", json_type (node));
      return chd_go_duration_parse (json_node_get_string (node), &duration)
                 ? NULL
                 : g_strdup_printf ("time: invalid duration \"%s\"", json_node_get_string (node));
    case TYPE_STRUCT:
      return JSON_NODE_HOLDS_OBJECT (node) ? check_struct (field->of, json_node_get_object (node), path)
                                           : complain (node, owner, path, go_type_name (field));
    case TYPE_STRUCTS:
      return check_structs (field, node, owner, path);
    default:
      return NULL;
    }
}

static char *
check_struct (const Struct *type, JsonObject *object, const char *path)
{
  for (const Field *field = type->fields; field->name != NULL; field++)
    {
      JsonNode *node = json_object_get_member (object, field->name);
      g_autofree char *below = g_strconcat (path, ".", field->name, NULL);
      char *complaint;

      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      complaint = check_field (field, node, type, below);
      if (complaint != NULL)
        return complaint;
    }
  return NULL;
}

/* The members of params' properties are objects, whatever they are called. */
static char *
check_properties (JsonArray *params, const char *path)
{
  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *spec = chd_json_object_at (params, i);
      JsonNode *node = spec != NULL ? json_object_get_member (spec, "properties") : NULL;
      g_autofree char *below = g_strconcat (path, ".properties", NULL);
      JsonObjectIter iter;
      JsonNode *member;

      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return complain (node, &param_spec, below, "map[string]v1.PropertySpec");
      json_object_iter_init (&iter, json_node_get_object (node));
      while (json_object_iter_next (&iter, NULL, &member))
        {
          char *complaint = JSON_NODE_HOLDS_OBJECT (member)
                                ? check_struct (&property, json_node_get_object (member), below)
                                : complain (member, &param_spec, below, "v1.PropertySpec");

          if (complaint != NULL)
            return complaint;
        }
    }
  return NULL;
}

char *
chd_admission_check_types (ChdKubeType type, JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "spec");
  const Struct *spec = type == CHD_KUBE_TASK           ? &task_spec
                       : type == CHD_KUBE_PIPELINE     ? &pipeline_spec
                       : type == CHD_KUBE_PIPELINE_RUN ? &pipeline_run_spec
                       : type == CHD_KUBE_TASK_RUN     ? &task_run_spec
                       : type == CHD_KUBE_CUSTOM_RUN   ? &custom_run_spec
                                                       : NULL;
  char *complaint;

  if (spec == NULL || node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autofree char *go_type = g_strdup_printf ("v1.%s", spec->name);
      const Struct owner = { chd_kube_resource (type)->kind, NULL };

      return complain (node, &owner, "spec", go_type);
    }
  complaint = check_struct (spec, json_node_get_object (node), "spec");
  if (complaint == NULL)
    complaint = check_properties (chd_json_lookup_array (object, "spec/params"), "spec.params");
  if (complaint == NULL)
    complaint = check_properties (chd_json_lookup_array (object, "spec/taskSpec/params"), "spec.taskSpec.params");
  if (complaint == NULL)
    complaint =
        check_properties (chd_json_lookup_array (object, "spec/pipelineSpec/params"), "spec.pipelineSpec.params");
  return complaint;
}
