/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tekton's rules about Tasks: steps, params, results, workspaces and the variables used in them. */

#include "config.h"

#include <string.h>

#include "chd-admission-private.h"
#include "chd-go-duration.h"
#include "chd-json.h"
#include "chd-reference.h"
#include "chd-util.h"
#include "chd-validate-variables.h"

#define NAMES_DOCUMENTATION                                                                                            \
  "For more info refer to https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names"
#define RESULT_NAME_DETAILS                                                                                            \
  "Name must consist of alphanumeric characters, '-', '_', and must start and end with an alphanumeric character "     \
  "(e.g. 'MyName',  or 'my-name',  or 'my_name', regex used for validation is "                                        \
  "'^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$')"

static gboolean
is_set (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return FALSE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) > 0;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) > 0;
  return json_node_get_value_type (node) != G_TYPE_STRING || *json_node_get_string (node) != '\0';
}

static gboolean
is_result_name (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || !g_ascii_isalnum (name[0]) || !g_ascii_isalnum (name[length - 1]))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && strchr ("-_.", name[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_param_name (const char *name, gboolean with_dots)
{
  if (!g_ascii_isalpha (name[0]) && name[0] != '_')
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (with_dots ? "-_." : "-_", *c) == NULL)
      return FALSE;
  return TRUE;
}

/* Names of one kind that are not allowed, in one error, as Tekton says it. */
static void
add_bad_names (GPtrArray *names, gboolean objects, const char *path, ChdFieldErrors *errors)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *message = NULL;

  if (names->len == 0)
    return;
  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? " " : "", (const char *) g_ptr_array_index (names, i));
  message =
      objects ? g_strdup_printf ("Object param name and key name format is invalid: %s", list->str)
              : g_strdup_printf ("The format of following array and string variable names is invalid: [%s]", list->str);
  chd_field_errors_add (errors, message,
                        objects ? "Object Names: \nMust only contain alphanumeric characters, hyphens (-), underscores "
                                  "(_)\nMust begin with a letter or an underscore (_)"
                                : "String/Array Names: \nMust only contain alphanumeric characters, hyphens (-), "
                                  "underscores (_), and dots (.)\nMust begin with a letter or an underscore (_)",
                        "%s", path);
}

static void
validate_param_enum (JsonObject *param, const char *name, const char *path, ChdFieldErrors *errors)
{
  if (is_set (param, "enum"))
    chd_field_errors_add (errors, "feature flag `enable-param-enum` should be set to true to use Enum", NULL, "%s[%s]",
                          path, name);
}

void
chd_validate_param_specs (JsonArray *params, const char *path, ChdFieldErrors *errors)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);
      const char *name = chd_json_string (param, "name", "");
      const char *type = chd_json_string (param, "type", "string");
      JsonNode *value = param != NULL ? json_object_get_member (param, "default") : NULL;

      if (param == NULL)
        continue;
      if (!g_hash_table_add (names, (gpointer) name))
        chd_field_errors_add (errors, "parameter appears more than once", NULL, "%s[%s]", path, name);
      validate_param_enum (param, name, path, errors);
      if (!g_str_equal (type, "string") && !g_str_equal (type, "array") && !g_str_equal (type, "object"))
        {
          chd_field_errors_add_value (errors, type, "%s.%s.type", path, name);
        }
      else if (value != NULL && !JSON_NODE_HOLDS_NULL (value))
        {
          const char *given = JSON_NODE_HOLDS_ARRAY (value)    ? "array"
                              : JSON_NODE_HOLDS_OBJECT (value) ? "object"
                                                               : "string";
          g_autofree char *message =
              g_strdup_printf ("\"%s\" type does not match default value's type: \"%s\"", type, given);

          if (!g_str_equal (given, type))
            {
              chd_field_errors_add (errors, message, NULL, "%s.%s.type", path, name);
              chd_field_errors_add (errors, message, NULL, "%s.%s.default.type", path, name);
            }
        }
      if (g_str_equal (type, "object") && chd_json_object (param, "properties") == NULL)
        chd_field_errors_add_missing (errors, "%s.%s.properties", path, name);
    }
}

static void
validate_param_names (JsonArray *params, const char *path, ChdFieldErrors *errors)
{
  g_autoptr (GPtrArray) plain = g_ptr_array_new ();
  g_autoptr (GPtrArray) objects = g_ptr_array_new ();

  for (guint i = 0; i < chd_json_length (params); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (params, i), "name", "");
      gboolean object = g_str_equal (chd_json_string (chd_json_object_at (params, i), "type", "string"), "object");

      if (!is_param_name (name, !object))
        g_ptr_array_add (object ? objects : plain, (gpointer) name);
    }
  add_bad_names (plain, FALSE, path, errors);
  add_bad_names (objects, TRUE, path, errors);
}

static void
validate_results (JsonArray *results, const char *path, ChdFieldErrors *errors)
{
  for (guint i = 0; i < chd_json_length (results); i++)
    {
      JsonObject *result = chd_json_object_at (results, i);
      const char *name = chd_json_string (result, "name", "");
      const char *type = chd_json_string (result, "type", "string");
      g_autofree char *message = g_strdup_printf ("invalid key name \"%s\"", name);

      if (!is_result_name (name))
        chd_field_errors_add (errors, message, RESULT_NAME_DETAILS, "%s[%u].name", path, i);
      if (!g_str_equal (type, "string") && !g_str_equal (type, "array") && !g_str_equal (type, "object"))
        chd_field_errors_add_value (errors, type, "%s[%u].type", path, i);
      if (g_str_equal (type, "object") && chd_json_object (result, "properties") == NULL)
        chd_field_errors_add_missing (errors, "%s[%u].%s.properties", path, i, name);
    }
}

static void
validate_workspaces (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *workspaces = chd_json_array (spec, "workspaces");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < chd_json_length (workspaces); i++)
    {
      JsonObject *workspace = chd_json_object_at (workspaces, i);
      const char *name = chd_json_string (workspace, "name", "");
      const char *given = chd_json_string (workspace, "mountPath", "");
      char *place = *given != '\0' ? g_strdup (given) : g_strconcat ("/workspace/", name, NULL);
      g_autofree char *same_name = g_strdup_printf ("workspace name \"%s\" must be unique", name);
      g_autofree char *same_place = g_strdup_printf ("workspace mount path \"%s\" must be unique", place);

      if (!g_hash_table_add (names, (gpointer) name))
        chd_field_errors_add (errors, same_name, NULL, "%s.workspaces[%u].name", path, i);
      if (!g_hash_table_add (places, place))
        chd_field_errors_add (errors, same_place, NULL, "%s.workspaces[%u].mountPath", path, i);
    }
}

static void
validate_volumes (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *volumes = chd_json_array (spec, "volumes");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < chd_json_length (volumes); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (volumes, i), "name", "");
      g_autofree char *message = g_strdup_printf ("multiple volumes with same name \"%s\"", name);

      if (*name == '\0')
        chd_field_errors_add_missing (errors, "%s.volumes[%u].name", path, i);
      else if (!g_hash_table_add (names, (gpointer) name))
        chd_field_errors_add (errors, message, NULL, "%s.volumes[%u].name", path, i);
    }
}

static void
validate_volume_mounts (JsonObject *step, const char *path, ChdFieldErrors *errors)
{
  JsonArray *mounts = chd_json_array (step, "volumeMounts");

  for (guint i = 0; i < chd_json_length (mounts); i++)
    {
      const char *name = chd_json_string (chd_json_object_at (mounts, i), "name", "");
      const char *place = chd_json_string (chd_json_object_at (mounts, i), "mountPath", "");
      g_autofree char *below =
          g_strdup_printf ("volumeMount cannot be mounted under /tekton/ (volumeMount \"%s\" mounted at \"%s\")", name,
                           place);
      g_autofree char *internal =
          g_strdup_printf ("volumeMount name \"%s\" cannot start with \"tekton-internal-\"", name);

      if (g_str_has_prefix (place, "/tekton/") && !g_str_has_prefix (place, "/tekton/home"))
        chd_field_errors_add (errors, below, NULL, "%s.volumeMounts[%u].mountPath", path, i);
      if (g_str_has_prefix (name, "tekton-internal-"))
        chd_field_errors_add (errors, internal, NULL, "%s.volumeMounts[%u].name", path, i);
    }
}

typedef struct
{
  gboolean found;
} ArtifactSearch;

static void
find_artifact (const ChdReference *reference, const char *text, gpointer user_data)
{
  ArtifactSearch *search = user_data;
  const char *first = reference->names[0];
  const char *second = reference->n_names > 1 ? reference->names[1] : "";
  const char *third = reference->n_names > 2 ? reference->names[2] : "";

  if (((g_str_equal (first, "step") || g_str_equal (first, "artifacts")) &&
       (g_str_equal (second, "artifacts") || g_str_equal (second, "path"))) ||
      (g_str_equal (first, "steps") && (g_str_equal (third, "outputs") || g_str_equal (third, "inputs"))) ||
      (g_str_equal (first, "tasks") && (g_str_equal (third, "outputs") || g_str_equal (third, "inputs"))))
    search->found = TRUE;
}

static void
validate_step_action (JsonObject *step, const char *path, ChdFieldErrors *errors)
{
  static const char *const forbidden[] = { "image",      "command", "args",         "script",
                                           "workingDir", "env",     "volumeMounts", "results" };

  for (guint i = 0; i < G_N_ELEMENTS (forbidden); i++)
    {
      g_autofree char *message = g_strdup_printf ("%s cannot be used with Ref", forbidden[i]);

      if (is_set (step, forbidden[i]))
        chd_field_errors_add (errors, message, NULL, "%s.%s", path, forbidden[i]);
    }
  if (!is_set (chd_json_object (step, "ref"), "name") && !is_set (chd_json_object (step, "ref"), "resolver"))
    chd_field_errors_add_missing (errors, "%s.ref.name", path);
}

static void
validate_step (JsonObject *step, JsonObject *template, GHashTable *names, const char *path, ChdFieldErrors *errors)
{
  const char *name = chd_json_string (step, "name", "");
  const char *on_error = chd_json_string (step, "onError", "");
  gint64 timeout = 0;
  ArtifactSearch search = { FALSE };

  if (*name != '\0' && !chd_str_is_label (name, 63))
    {
      g_autofree char *message = g_strdup_printf ("invalid value \"%s\"", name);

      chd_field_errors_add (errors, message, "Task step name must be a valid DNS Label, " NAMES_DOCUMENTATION,
                            "%s.name", path);
    }
  if (*name != '\0' && !g_hash_table_add (names, (gpointer) name))
    chd_field_errors_add (errors, "expected exactly one, got both", NULL, "%s.name", path);

  if (chd_json_object (step, "ref") != NULL)
    validate_step_action (step, path, errors);
  else
    {
      if (!is_set (step, "image") && (template == NULL || !is_set (template, "image")))
        chd_field_errors_add_missing (errors, "%s.Image", path);
      if (is_set (step, "params"))
        chd_field_errors_add (errors, "params cannot be used without Ref", NULL, "%s.params", path);
    }
  if (is_set (step, "script") && is_set (step, "command"))
    chd_field_errors_add (errors, "script cannot be used with command", NULL, "%s.script", path);
  if (is_set (step, "script") && g_str_has_prefix (chd_json_string (step, "script", ""), "#!win"))
    chd_field_errors_add (
        errors,
        "windows script support requires \"enable-api-fields\" feature gate to be \"alpha\" but it is "
        "\"beta\"",
        NULL, "%s", "");
  if (is_set (step, "stdoutConfig"))
    chd_field_errors_add (
        errors,
        "step stdout stream support requires \"enable-api-fields\" feature gate to be \"alpha\" but it "
        "is \"beta\"",
        NULL, "%s", "");
  if (is_set (step, "stderrConfig"))
    chd_field_errors_add (
        errors,
        "step stderr stream support requires \"enable-api-fields\" feature gate to be \"alpha\" but it "
        "is \"beta\"",
        NULL, "%s", "");
  if (*on_error != '\0' && !g_str_equal (on_error, "continue") && !g_str_equal (on_error, "stopAndFail") &&
      !g_str_has_prefix (on_error, "$("))
    {
      g_autofree char *message = g_strdup_printf ("invalid value: \"%s\"", on_error);

      chd_field_errors_add (errors, message, "Task step onError must be either \"continue\" or \"stopAndFail\"",
                            "%s.onError", path);
    }
  if (chd_go_duration_parse (chd_json_string (step, "timeout", "0"), &timeout) && timeout < 0)
    chd_field_errors_add_value (errors, chd_json_string (step, "timeout", ""), "%s.negative timeout", path);
  validate_volume_mounts (step, path, errors);

  chd_reference_foreach (json_object_get_member (step, "script"), find_artifact, &search);
  chd_reference_foreach (json_object_get_member (step, "args"), find_artifact, &search);
  chd_reference_foreach (json_object_get_member (step, "command"), find_artifact, &search);
  chd_reference_foreach (json_object_get_member (step, "env"), find_artifact, &search);
  if (search.found)
    chd_field_errors_add (errors, "feature flag enable-artifacts should be set to true to use artifacts feature.", NULL,
                          "%s", path);
}

static void
validate_sidecars (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *sidecars = chd_json_array (spec, "sidecars");

  for (guint i = 0; i < chd_json_length (sidecars); i++)
    {
      JsonObject *sidecar = chd_json_object_at (sidecars, i);

      if (sidecar == NULL)
        continue;
      if (g_str_equal (chd_json_string (sidecar, "name", ""), "tekton-log-results"))
        chd_field_errors_add (errors, "Invalid: cannot use reserved sidecar name tekton-log-results", NULL,
                              "%s.sidecars[%u].name", path, i);
      if (!is_set (sidecar, "image"))
        chd_field_errors_add_missing (errors, "%s.sidecars[%u].image", path, i);
      if (is_set (sidecar, "script") && is_set (sidecar, "command"))
        chd_field_errors_add (errors, "script cannot be used with command", NULL, "%s.sidecars[%u].script", path, i);
    }
}

/* What holds for every TaskSpec; that all variables are declared is asked only of a Task (chd_validate_task_usage()),
 * because an embedded one also sees the params of its run. */
void
chd_validate_task_spec (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *steps = chd_json_array (spec, "steps");
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *params_path = g_strconcat (path, ".params", NULL);
  g_autofree char *results_path = g_strconcat (path, ".results", NULL);

  if (chd_json_length (steps) == 0)
    chd_field_errors_add_missing (errors, "%s.steps", path);
  validate_volumes (spec, path, errors);
  validate_workspaces (spec, path, errors);
  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      g_autofree char *step_path = g_strdup_printf ("%s.steps[%u]", path, i);

      if (chd_json_object_at (steps, i) != NULL)
        validate_step (chd_json_object_at (steps, i), chd_json_object (spec, "stepTemplate"), names, step_path, errors);
    }
  validate_sidecars (spec, path, errors);
  chd_validate_param_specs (chd_json_array (spec, "params"), params_path, errors);
  validate_param_names (chd_json_array (spec, "params"), params_path, errors);
  validate_results (chd_json_array (spec, "results"), results_path, errors);
  chd_validate_task_variables (spec, path, errors);
}
