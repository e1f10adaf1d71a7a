/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tekton's rules about variables. */

#include "config.h"

#include "chd-validate-variables.h"

#include <string.h>

#include "chd-json.h"
#include "chd-reference.h"

char *
chd_go_quote (const char *text)
{
  GString *quoted = g_string_new ("\"");

  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '"' || *c == '\\')
        g_string_append_printf (quoted, "\\%c", *c);
      else if (*c == '\n')
        g_string_append (quoted, "\\n");
      else if (*c == '\t')
        g_string_append (quoted, "\\t");
      else if (*c == '\r')
        g_string_append (quoted, "\\r");
      else if ((guchar) *c < 0x20 || *c == 0x7f)
        g_string_append_printf (quoted, "\\x%02x", (guint) (guchar) *c);
      else
        g_string_append_c (quoted, *c);
    }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

/* What a reference may be there: part of a text, or an element of a list, which an array may stand for. */
typedef enum
{
  PLACE_TEXT,
  PLACE_ELEMENT,
  PLACE_VALUE, /* a param's value: anything may stand for it as a whole */
} Place;

typedef struct
{
  JsonArray *params;
  ChdFieldErrors *errors;
} Usage;

static JsonObject *
find_param (JsonArray *params, const char *name)
{
  for (guint i = 0; i < chd_json_length (params); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (params, i), "name", NULL), name) == 0)
      return chd_json_object_at (params, i);
  return NULL;
}

static void
add_quoted (ChdFieldErrors *errors, const char *message, const char *text, const char *path)
{
  g_autofree char *quoted = chd_go_quote (text);
  g_autofree char *whole = g_strdup_printf ("%s in %s", message, quoted);

  chd_field_errors_add (errors, whole, NULL, "%s", path);
}

static void
check_reference (Usage *usage, const ChdReference *reference, const char *text, Place place, const char *path)
{
  JsonObject *param;
  const char *type;
  gboolean whole = chd_reference_is_whole (reference, text);

  if (!g_str_equal (reference->names[0], "params") || reference->n_names < 2)
    return;
  if (reference->n_names > 3)
    {
      g_autofree char *quoted = chd_go_quote (text);
      g_autofree char *message =
          g_strdup_printf ("Invalid referencing of parameters in %s! Only two dot-separated components after the "
                           "prefix \"params\" are allowed.",
                           quoted);

      chd_field_errors_add (usage->errors, message, NULL, "%s", path);
      return;
    }
  param = find_param (usage->params, reference->names[1]);
  type = chd_json_string (param, "type", "string");
  if (param == NULL)
    {
      add_quoted (usage->errors, "non-existent variable", text, path);
    }
  else if (g_str_equal (type, "array"))
    {
      if (reference->form == CHD_REFERENCE_INDEX || (place == PLACE_VALUE && whole))
        return;
      if (place == PLACE_TEXT)
        add_quoted (usage->errors, "variable type invalid", text, path);
      else if (!whole)
        add_quoted (usage->errors, "variable is not properly isolated", text, path);
    }
  else if (g_str_equal (type, "object"))
    {
      JsonObject *properties = chd_json_object (param, "properties");

      if (reference->n_names == 2 && !(place == PLACE_VALUE && whole))
        add_quoted (usage->errors, "variable type invalid", text, path);
      else if (reference->n_names == 3 &&
               (properties == NULL || !json_object_has_member (properties, reference->names[2])))
        add_quoted (usage->errors, "non-existent variable", text, path);
    }
}

static void
check_text (Usage *usage, const char *text, Place place, const char *path)
{
  gsize offset = 0;
  ChdReference *reference;

  if (text == NULL)
    return;
  while ((reference = chd_reference_find (text, offset)) != NULL)
    {
      check_reference (usage, reference, text, place, path);
      offset = reference->offset + reference->length;
      chd_reference_free (reference);
    }
}

static void
check_list (Usage *usage, JsonArray *list, Place place, const char *path)
{
  for (guint i = 0; i < chd_json_length (list); i++)
    {
      g_autofree char *below = g_strdup_printf ("%s[%u]", path, i);

      check_text (usage, chd_json_string_at (list, i), place, below);
    }
}

static void
check_step (Usage *usage, JsonObject *step, const char *path)
{
  static const char *const texts[] = { "image", "workingDir", "script" };
  JsonArray *env = chd_json_array (step, "env");
  JsonArray *mounts = chd_json_array (step, "volumeMounts");
  g_autofree char *command = g_strconcat (path, ".command", NULL);
  g_autofree char *args = g_strconcat (path, ".args", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *below = g_strconcat (path, ".", texts[i], NULL);

      check_text (usage, chd_json_string (step, texts[i], NULL), PLACE_TEXT, below);
    }
  check_list (usage, chd_json_array (step, "command"), PLACE_ELEMENT, command);
  check_list (usage, chd_json_array (step, "args"), PLACE_ELEMENT, args);
  for (guint i = 0; i < chd_json_length (env); i++)
    {
      JsonObject *variable = chd_json_object_at (env, i);
      g_autofree char *below = g_strdup_printf ("%s.env[%s]", path, chd_json_string (variable, "name", ""));

      check_text (usage, chd_json_string (variable, "value", NULL), PLACE_TEXT, below);
    }
  for (guint i = 0; i < chd_json_length (mounts); i++)
    {
      JsonObject *mount = chd_json_object_at (mounts, i);
      g_autofree char *name = g_strdup_printf ("%s.volumeMounts[%u].name", path, i);
      g_autofree char *place = g_strdup_printf ("%s.volumeMounts[%u].mountPath", path, i);

      check_text (usage, chd_json_string (mount, "name", NULL), PLACE_TEXT, name);
      check_text (usage, chd_json_string (mount, "mountPath", NULL), PLACE_TEXT, place);
    }
}

void
chd_validate_task_usage (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  JsonArray *steps = chd_json_array (spec, "steps");
  Usage usage = { chd_json_array (spec, "params"), errors };

  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      g_autofree char *below = g_strdup_printf ("%s.steps[%u]", path, i);

      if (chd_json_object_at (steps, i) != NULL)
        check_step (&usage, chd_json_object_at (steps, i), below);
    }
}

static gboolean
is_one_of (const char *name, const char *const *names)
{
  return name != NULL && g_strv_contains (names, name);
}

typedef struct
{
  JsonObject *spec;
  const char *path;
  ChdFieldErrors *errors;
} Known;

static void
check_task_context (const ChdReference *reference, const char *text, gpointer user_data)
{
  static const char *const run_names[] = { "name", "namespace", "uid", NULL };
  static const char *const task_names[] = { "name", "retry-count", NULL };
  Known *known = user_data;
  const char *scope = reference->n_names > 1 ? reference->names[1] : "";
  const char *name = reference->n_names > 2 ? reference->names[2] : NULL;

  if (!g_str_equal (reference->names[0], "context"))
    return;
  if ((g_str_equal (scope, "taskRun") && !is_one_of (name, run_names)) ||
      (g_str_equal (scope, "task") && !is_one_of (name, task_names)))
    add_quoted (known->errors, "non-existent variable", text, known->path);
}

static void
check_task_result (const ChdReference *reference, const char *text, gpointer user_data)
{
  Known *known = user_data;

  if (!g_str_equal (reference->names[0], "results") || reference->n_names < 2)
    return;
  if (find_param (chd_json_array (known->spec, "results"), reference->names[1]) == NULL)
    add_quoted (known->errors, "non-existent variable", text, known->path);
}

void
chd_validate_task_variables (JsonObject *spec, const char *path, ChdFieldErrors *errors)
{
  static const char *const members[] = { "image", "workingDir", "script", "command", "args", "env" };
  JsonArray *steps = chd_json_array (spec, "steps");

  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);

      if (step == NULL)
        continue;
      for (guint j = 0; j < G_N_ELEMENTS (members); j++)
        {
          g_autofree char *below = g_strdup_printf ("%s.steps[%u].%s", path, i, members[j]);
          Known known = { spec, below, errors };

          chd_reference_foreach (json_object_get_member (step, members[j]), check_task_context, &known);
          if (g_str_equal (members[j], "script"))
            chd_reference_foreach (json_object_get_member (step, members[j]), check_task_result, &known);
        }
    }
}

static void
check_value (Usage *usage, JsonNode *value, const char *path)
{
  if (value == NULL)
    return;
  if (JSON_NODE_HOLDS_ARRAY (value))
    {
      g_autofree char *below = g_strconcat (path, ".value", NULL);

      check_list (usage, json_node_get_array (value), PLACE_ELEMENT, below);
    }
  else if (JSON_NODE_HOLDS_OBJECT (value))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (value));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        {
          g_autofree char *below = g_strdup_printf ("%s.properties[%s]", path, name);

          if (JSON_NODE_HOLDS_VALUE (member) && json_node_get_value_type (member) == G_TYPE_STRING)
            check_text (usage, json_node_get_string (member), PLACE_TEXT, below);
        }
    }
  else if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    {
      check_text (usage, json_node_get_string (value), PLACE_VALUE, path);
    }
}

static void
check_params (Usage *usage, JsonArray *params, const char *path)
{
  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);
      g_autofree char *below = g_strdup_printf ("%s.params[%s]", path, chd_json_string (param, "name", ""));

      if (param != NULL)
        check_value (usage, json_object_get_member (param, "value"), below);
    }
}

void
chd_validate_pipeline_usage (JsonObject *spec, const char *list, const char *path, ChdFieldErrors *errors)
{
  JsonArray *tasks = chd_json_array (spec, list);
  Usage usage = { chd_json_array (spec, "params"), errors };

  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      JsonObject *task = chd_json_object_at (tasks, i);
      g_autofree char *below = g_strdup_printf ("%s.%s[%u]", path, list, i);
      g_autofree char *matrix = g_strconcat (below, ".matrix", NULL);
      g_autofree char *display_name = g_strconcat (below, ".displayName", NULL);
      JsonArray *conditions = chd_json_array (task, "when");

      check_params (&usage, chd_json_array (task, "params"), below);
      check_params (&usage, chd_json_array (chd_json_object (task, "matrix"), "params"), matrix);
      check_text (&usage, chd_json_string (task, "displayName", NULL), PLACE_TEXT, display_name);
      for (guint j = 0; j < chd_json_length (conditions); j++)
        {
          JsonObject *condition = chd_json_object_at (conditions, j);
          g_autofree char *input = g_strdup_printf ("%s.when[%u].input", below, j);
          g_autofree char *values = g_strdup_printf ("%s.when[%u].values", below, j);

          check_text (&usage, chd_json_string (condition, "input", NULL), PLACE_TEXT, input);
          check_list (&usage, chd_json_array (condition, "values"), PLACE_ELEMENT, values);
        }
    }
}

static void
check_pipeline_context (const ChdReference *reference, const char *text, gpointer user_data)
{
  static const char *const run_names[] = { "name", "namespace", "uid", NULL };
  static const char *const pipeline_names[] = { "name", NULL };
  static const char *const task_names[] = { "retries", NULL };
  Known *known = user_data;
  const char *scope = reference->n_names > 1 ? reference->names[1] : "";
  const char *name = reference->n_names > 2 ? reference->names[2] : NULL;

  if (!g_str_equal (reference->names[0], "context"))
    return;
  if ((g_str_equal (scope, "pipelineRun") && !is_one_of (name, run_names)) ||
      (g_str_equal (scope, "pipeline") && !is_one_of (name, pipeline_names)) ||
      (g_str_equal (scope, "pipelineTask") && !is_one_of (name, task_names)))
    add_quoted (known->errors, "non-existent variable", text, known->path);
}

void
chd_validate_pipeline_context (JsonObject *spec, const char *list, const char *path, ChdFieldErrors *errors)
{
  JsonArray *tasks = chd_json_array (spec, list);
  g_autofree char *below = g_strdup_printf ("%s.%s", path, list);
  g_autofree char *value = g_strconcat (below, ".value", NULL);
  Known known = { spec, value, errors };

  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      JsonObject *task = chd_json_object_at (tasks, i);

      if (task == NULL)
        continue;
      chd_reference_foreach (json_object_get_member (task, "params"), check_pipeline_context, &known);
      chd_reference_foreach (json_object_get_member (task, "matrix"), check_pipeline_context, &known);
    }
}
