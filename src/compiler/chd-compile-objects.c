/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The objects that belong to one node or hold the document: Task, Pipeline, ConfigMap. */

#include "config.h"

#include <string.h>

#include "chd-compiler-private.h"
#include "chd-json.h"
#include "chd-validate.h"

/**
 * chd_label_object:
 * @node: (nullable): %NULL for the chain's own objects
 * @position: (nullable):
 */
void
chd_label_object (ChdCompilation *self, JsonObject *object, const ChdNode *node, const char *position)
{
  const ChdHead *head = chd_chain_get_head (self->chain);
  const char *title = chd_item_get_title (node != NULL ? (const ChdItem *) node : &head->item);
  const char *unit = node != NULL ? node->unit : head->owner;
  g_autofree char *path = unit != NULL ? chd_chain_get_unit_path (self->chain, unit) : NULL;

  chd_kube_set_label (object, CHD_LABEL_MANAGED_BY, CHD_LABEL_MANAGED_BY_VALUE);
  chd_kube_set_label (object, CHD_LABEL_CHAIN, head->item.id);
  if (node != NULL)
    chd_kube_set_label (object, CHD_LABEL_NODE, node->item.id);
  if (position != NULL)
    chd_kube_set_label (object, CHD_LABEL_POSITION, position);
  if (unit != NULL && chd_kube_is_label_value (unit))
    chd_kube_set_label (object, CHD_LABEL_UNIT, unit);
  chd_kube_set_annotation (object, CHD_ANNOTATION_TITLE, title);
  if (path != NULL && *path != '\0')
    chd_kube_set_annotation (object, CHD_ANNOTATION_UNIT_PATH, path);
}

/* "net-amount" → "PARAM_NET_AMOUNT" */
char *
chd_param_env_name (const char *prefix, const char *name)
{
  char *result = g_strdup_printf ("%s_%s", prefix, name);

  for (char *c = result; *c != '\0'; c++)
    *c = g_ascii_isalnum (*c) ? g_ascii_toupper (*c) : '_';
  return result;
}

static JsonObject *
make_properties (char *const *properties)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; properties != NULL && properties[i] != NULL; i++)
    {
      JsonObject *type = json_object_new ();

      json_object_set_string_member (type, "type", "string");
      json_object_set_object_member (object, properties[i], type);
    }
  return object;
}

JsonArray *
chd_compile_param_list (GPtrArray *params)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (params, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "name", param->name);
      json_object_set_string_member (object, "type", chd_param_type_to_string (param->type));
      chd_json_set_string_if (object, "description", param->description);
      if (param->type == CHD_PARAM_OBJECT)
        json_object_set_object_member (object, "properties", make_properties (param->properties));
      if (param->fallback != NULL)
        json_object_set_member (object, "default", chd_value_to_json (param->fallback));
      json_array_add_object_element (list, object);
    }
  return list;
}

static void
add_env (JsonArray *env, const char *prefix, const char *name, char *value)
{
  JsonObject *object = json_object_new ();
  g_autofree char *env_name = chd_param_env_name (prefix, name);
  g_autofree char *text = value;

  json_object_set_string_member (object, "name", env_name);
  json_object_set_string_member (object, "value", text);
  json_array_add_object_element (env, object);
}

/* Lists cannot stand in a variable of the environment; they become the script's arguments (chd-compiler.h, 3). */
static JsonArray *
make_args (GPtrArray *params)
{
  g_autoptr (JsonArray) args = json_array_new ();
  guint n = 0;

  for (guint i = 0; i < params->len; i++)
    n += ((const ChdParam *) g_ptr_array_index (params, i))->type == CHD_PARAM_ARRAY;
  for (guint i = 0; i < params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (params, i);
      g_autofree char *option = g_strdup_printf ("--%s", param->name);
      g_autofree char *value = g_strdup_printf ("$(params.%s[*])", param->name);

      if (param->type != CHD_PARAM_ARRAY)
        continue;
      if (n > 1)
        json_array_add_string_element (args, option);
      json_array_add_string_element (args, value);
    }
  return n > 0 ? g_steal_pointer (&args) : NULL;
}

static JsonArray *
make_env (const ChdScript *script)
{
  JsonArray *env = json_array_new ();

  for (guint i = 0; i < script->params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (script->params, i);

      if (param->type == CHD_PARAM_STRING)
        add_env (env, "PARAM", param->name, g_strdup_printf ("$(params.%s)", param->name));
      else if (param->type == CHD_PARAM_OBJECT)
        for (guint j = 0; param->properties != NULL && param->properties[j] != NULL; j++)
          {
            g_autofree char *name = g_strdup_printf ("%s-%s", param->name, param->properties[j]);

            add_env (env, "PARAM", name, g_strdup_printf ("$(params.%s.%s)", param->name, param->properties[j]));
          }
    }
  for (guint i = 0; i < script->results->len; i++)
    {
      const ChdResult *result = g_ptr_array_index (script->results, i);

      add_env (env, "RESULT", result->name, g_strdup_printf ("$(results.%s.path)", result->name));
    }
  return env;
}

static JsonArray *
make_results (GPtrArray *results)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < results->len; i++)
    {
      const ChdResult *result = g_ptr_array_index (results, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "name", result->name);
      json_object_set_string_member (object, "type", chd_param_type_to_string (result->type));
      chd_json_set_string_if (object, "description", result->description);
      json_array_add_object_element (list, object);
    }
  return list;
}

static JsonObject *
make_step (ChdCompilation *self, const ChdScript *script, const ChdEnvironment *environment)
{
  JsonObject *step = json_object_new ();
  JsonArray *env = make_env (script);
  JsonArray *args = make_args (script->params);
  gboolean has_interpreter = g_str_has_prefix (script->text, "#!");
  g_autofree char *text =
      has_interpreter ? g_strdup (script->text) : g_strdup_printf ("#!%s\n%s", script->interpreter, script->text);

  json_object_set_string_member (step, "name", "run");
  json_object_set_string_member (step, "image", chd_compilation_get_image (self, environment));
  if (json_array_get_length (env) > 0)
    json_object_set_array_member (step, "env", env);
  else
    json_array_unref (env);
  if (args != NULL)
    json_object_set_array_member (step, "args", args);
  json_object_set_string_member (step, "script", text);
  return step;
}

/**
 * chd_compile_task_object:
 * @node: has a task whose script and environment are known
 *
 * Returns: (transfer full): the Task "<chain>-<node>"
 */
JsonObject *
chd_compile_task_object (ChdCompilation *self, const ChdNode *node)
{
  const ChdHead *head = chd_chain_get_head (self->chain);
  const ChdScript *script = chd_resolve_script (self->chain, self->catalogue, node->task->script);
  const ChdEnvironment *environment = chd_resolve_environment (self->chain, self->catalogue, node->task->environment);
  g_autofree char *name = g_strdup_printf ("%s-%s", head->item.id, node->item.id);
  JsonObject *object = chd_kube_object_new (CHD_KUBE_TASK, NULL, name);
  JsonObject *spec = chd_json_ensure_object (object, "spec");
  JsonArray *steps = json_array_new ();

  chd_label_object (self, object, node, NULL);
  if (environment->network)
    chd_kube_set_annotation (object, CHD_ANNOTATION_NETWORK, "true");
  if (script->params->len > 0)
    json_object_set_array_member (spec, "params", chd_compile_param_list (script->params));
  if (script->results->len > 0)
    json_object_set_array_member (spec, "results", make_results (script->results));
  json_array_add_object_element (steps, make_step (self, script, environment));
  json_object_set_array_member (spec, "steps", steps);
  return object;
}

/* Whether a value is the same in every run; others cannot be a default. */
static gboolean
is_fixed (GVariant *value)
{
  g_autoptr (JsonNode) node = chd_value_to_json (value);
  g_autofree char *text = chd_json_write (node, FALSE, NULL);

  return strstr (text, "$(") == NULL;
}

/* The interface's params with the form's fixed values as defaults. */
static JsonArray *
bind_params (JsonArray *params, GVariant *values)
{
  JsonArray *result = json_array_new ();

  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);
      JsonObject *bound = param != NULL ? chd_json_copy_object (param) : json_object_new ();
      g_autoptr (GVariant) value = chd_values_lookup (values, chd_json_string (param, "name", ""));

      if (value != NULL && is_fixed (value))
        json_object_set_member (bound, "default", chd_value_to_json (value));
      json_array_add_object_element (result, bound);
    }
  return result;
}

/**
 * chd_compile_pipeline_object:
 * @at: where the node has a pipeline
 *
 * Returns: (transfer full) (nullable): the Pipeline "<chain>-<node>-<position>"
 */
JsonObject *
chd_compile_pipeline_object (ChdCompilation *self, const ChdNode *node, ChdPosition at, GError **error)
{
  const ChdHead *head = chd_chain_get_head (self->chain);
  const ChdPipelineBinding *binding = chd_node_get_pipeline (node, at);
  ChdInterface *interface = chd_catalogue_find_interface (self->catalogue, binding->interface_id);
  ChdPlan *plan = chd_compilation_get_plan (self, node, error);
  g_autofree char *name = g_strdup_printf ("%s-%s-%s", head->item.id, node->item.id, chd_position_to_string (at));
  g_autoptr (JsonObject) object = chd_kube_object_new (CHD_KUBE_PIPELINE, NULL, name);
  g_autoptr (JsonObject) values = chd_values_to_json (binding->params);
  g_autofree char *form = chd_json_write_object (values, FALSE, NULL);
  g_autoptr (JsonArray) tasks = json_array_new ();
  g_autoptr (JsonArray) finally = json_array_new ();
  JsonObject *template, *spec;
  JsonObjectIter iter;
  const char *key;
  JsonNode *member;

  if (plan == NULL || interface == NULL)
    return NULL;
  template = chd_json_object (chd_interface_get_pipeline (interface), "spec");
  spec = chd_json_ensure_object (object, "spec");
  chd_label_object (self, object, node, chd_position_to_string (at));
  chd_kube_set_annotation (object, CHD_ANNOTATION_FROM_INTERFACE, chd_interface_get_id (interface));
  chd_kube_set_annotation (object, CHD_ANNOTATION_PARAMS, form);
  for (guint i = 0; i < plan->tasks->len; i++)
    {
      const ChdPlanTask *task = g_ptr_array_index (plan->tasks, i);
      JsonObject *made;

      /* The copies of rule (3) are the chain's affair. */
      if (task->is_task || task->at != at || (task->in_finally && task->earlier->len > 0) ||
          chd_plan_find (plan, at, chd_json_string (task->source, "name", NULL), task->level) != task)
        continue;
      made = chd_template_task (self, plan, task);
      json_array_add_object_element (task->in_finally && at != CHD_POSITION_ON_FAILURE ? finally : tasks, made);
    }
  json_object_iter_init_ordered (&iter, template);
  while (json_object_iter_next_ordered (&iter, &key, &member))
    {
      if (strcmp (key, "params") == 0)
        json_object_set_array_member (spec, key, bind_params (chd_json_array (template, key), binding->params));
      else if (strcmp (key, "tasks") == 0)
        json_object_set_array_member (spec, key, json_array_ref (tasks));
      else if (strcmp (key, "finally") == 0)
        json_object_set_array_member (spec, key, json_array_ref (finally));
      else
        json_object_set_member (spec, key, json_node_copy (member));
    }
  return g_steal_pointer (&object);
}

/* The ConfigMap with the document. */
JsonObject *
chd_compile_design (ChdCompilation *self, const char *document)
{
  g_autofree char *name = chd_design_name (chd_chain_get_head (self->chain)->item.id);
  JsonObject *object = chd_kube_object_new (CHD_KUBE_CONFIG_MAP, NULL, name);

  chd_label_object (self, object, NULL, NULL);
  json_object_set_string_member (chd_json_ensure_object (object, "data"), CHD_DESIGN_KEY, document);
  return object;
}
