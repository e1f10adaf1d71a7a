/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One task of an interface, written for the node's own Pipeline or put into the chain's.
 *
 *  (1) In the chain's Pipeline the interface's params are gone: "$(params.x)" becomes the form's value. A list
 *      ("$(params.x[*])" alone) is put in as a list.
 *  (2) Nothing is ever put into an embedded task's own spec: a param of the Pipeline that the spec uses without
 *      declaring it is declared there and handed over, so that no value becomes part of a script's text on our side.
 *  (3) Names of tasks are those of the plan, also inside an embedded spec.
 *  (4) A step's image that is an environment's gets that environment's pinned reference, and the leave to use the
 *      network when the environment has it.
 *  (5) A task made for a level of the organisation has the level's lead as "approvers" and the level's title before
 *      its "description". */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-compiler-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-kube.h"
#include "chd-placeholder.h"

typedef struct
{
  ChdCompilation *compilation;
  const ChdPlan *plan;
  const ChdPlanTask *task;
  ChdInterface *interface;
  const ChdPipelineBinding *binding;
  gboolean for_chain; /* else for the node's own Pipeline */
  gboolean in_spec;   /* of an embedded task */
  gboolean network;
} Inline;

static JsonNode *rewrite (Inline *self, JsonNode *node, GError **error);

/* The form's value, else the param's default. (transfer full) */
static GVariant *
find_value (Inline *self, const char *name, GError **error)
{
  GVariant *value = chd_values_lookup (self->binding->params, name);
  const ChdParam *param = chd_params_find (chd_interface_get_params (self->interface), name);

  if (value == NULL && param != NULL && param->fallback != NULL)
    value = g_variant_ref (param->fallback);
  if (value == NULL)
    g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("“%s” needs a value for “%s” of the interface “%s”."),
                 chd_item_get_title (self->plan->node), param != NULL && param->title != NULL ? param->title : name,
                 chd_interface_get_title (self->interface));
  return value;
}

/* What "[0]" or ".key" takes out of a list or an object. (nullable) */
static const char *
find_member (GVariant *value, const char *suffix)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY) && g_ascii_isdigit (suffix[1]))
    {
      guint64 index = g_ascii_strtoull (suffix + 1, NULL, 10);
      const char *element = NULL;

      if (index < g_variant_n_children (value))
        g_variant_get_child (value, index, "&s", &element);
      return element;
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("a{ss}")) && *suffix == '.')
    {
      const char *element = NULL;

      g_variant_lookup (value, suffix + 1, "&s", &element);
      return element;
    }
  return NULL;
}

/* A text that stands for a list, "$(nodes.a.results.list[*])", asked for one element of it: the suffix moves in. */
static char *
move_suffix (const char *text, const char *suffix)
{
  gsize length = strlen (text);

  if (g_str_has_prefix (text, "$(") && g_str_has_suffix (text, "[*])"))
    return g_strdup_printf ("%.*s%s)", (int) (length - strlen ("[*])")), text, suffix);
  return NULL;
}

static char *
replace_param (Inline *self, const ChdPlaceholder *reference, GError **error)
{
  g_autoptr (GVariant) value = find_value (self, reference->name, error);
  const char *text = NULL;
  g_autofree char *moved = NULL;

  if (value == NULL)
    return NULL;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      text = g_variant_get_string (value, NULL);
      if (*reference->suffix != '\0')
        text = moved = move_suffix (text, reference->suffix);
    }
  else if (*reference->suffix != '\0')
    text = find_member (value, reference->suffix);
  if (text == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   _ ("The interface “%s” of “%s” uses “%s” in a way its value does not allow."),
                   chd_interface_get_title (self->interface), chd_item_get_title (self->plan->node), reference->name);
      return NULL;
    }
  return chd_compile_text (self->compilation, self->plan->node, self->task, text, error);
}

static char *
replace_task (Inline *self, const ChdPlaceholder *reference, GError **error)
{
  const ChdPlanTask *other;

  if (reference->name == NULL)
    {
      if (self->for_chain)
        g_set_error (
            error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
            _ ("The interface “%s” of “%s” asks for the status of all tasks, which would be the whole chain's."),
            chd_interface_get_title (self->interface), chd_item_get_title (self->plan->node));
      return NULL;
    }
  other = chd_plan_find (self->plan, self->task->at, reference->name, self->task->level);
  if (other == NULL)
    return NULL;
  return g_strdup_printf ("$(tasks.%s.%s%s%s%s)", self->for_chain ? other->name : other->template_name,
                          reference->member, reference->field != NULL ? "." : "",
                          reference->field != NULL ? reference->field : "", reference->suffix);
}

static char *
replace_reference (const ChdPlaceholder *reference, gpointer user_data, GError **error)
{
  Inline *self = user_data;

  if (strcmp (reference->space, "tasks") == 0)
    return replace_task (self, reference, error);
  if (strcmp (reference->space, "params") == 0 && self->for_chain && !self->in_spec)
    return replace_param (self, reference, error);
  return NULL;
}

static JsonNode *
rewrite_text (Inline *self, const char *text, GError **error)
{
  g_auto (ChdPlaceholder) single = { 0 };
  g_autofree char *result = NULL;

  if (self->for_chain && !self->in_spec && chd_placeholders_is_single (text, &single) &&
      strcmp (single.space, "params") == 0 && strcmp (single.suffix, "[*]") == 0)
    {
      g_autoptr (GVariant) value = find_value (self, single.name, error);

      return value != NULL ? chd_compile_value (self->compilation, self->plan->node, self->task, value, error) : NULL;
    }
  result = chd_placeholders_replace (text, replace_reference, self, error);
  return result != NULL ? json_node_init_string (json_node_alloc (), result) : NULL;
}

static JsonNode *
rewrite_array (Inline *self, JsonArray *array, GError **error)
{
  g_autoptr (JsonArray) result = json_array_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = rewrite (self, json_array_get_element (array, i), error);

      if (element == NULL)
        return NULL;
      /* A list put in where a text stood: its elements take the place. */
      if (JSON_NODE_HOLDS_ARRAY (element) && !JSON_NODE_HOLDS_ARRAY (json_array_get_element (array, i)))
        {
          JsonArray *list = json_node_get_array (element);

          for (guint j = 0; j < json_array_get_length (list); j++)
            json_array_add_element (result, json_node_copy (json_array_get_element (list, j)));
          json_node_unref (element);
        }
      else
        json_array_add_element (result, element);
    }
  return json_node_init_array (json_node_alloc (), result);
}

/* Rule (4) */
static const char *
pin_image (Inline *self, const char *image)
{
  const ChdEnvironment *environment =
      chd_find_environment_of_image (self->compilation->chain, self->compilation->catalogue, image);

  if (environment == NULL)
    return image;
  self->network |= environment->network;
  return chd_compilation_get_image (self->compilation, environment);
}

static JsonNode *
rewrite_object (Inline *self, JsonObject *object, GError **error)
{
  g_autoptr (JsonObject) result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      const char *image = self->in_spec && strcmp (name, "image") == 0 ? chd_json_string (object, name, NULL) : NULL;
      JsonNode *rewritten;

      if (image != NULL)
        rewritten = json_node_init_string (json_node_alloc (), pin_image (self, image));
      else
        rewritten = rewrite (self, member, error);
      if (rewritten == NULL)
        return NULL;
      json_object_set_member (result, name, rewritten);
    }
  return json_node_init_object (json_node_alloc (), result);
}

static JsonNode *
rewrite (Inline *self, JsonNode *node, GError **error)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return rewrite_object (self, json_node_get_object (node), error);
  if (JSON_NODE_HOLDS_ARRAY (node))
    return rewrite_array (self, json_node_get_array (node), error);
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return rewrite_text (self, json_node_get_string (node), error);
  return json_node_copy (node);
}

static gboolean
has_named (JsonArray *array, const char *name)
{
  for (guint i = 0; i < chd_json_length (array); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (array, i), "name", NULL), name) == 0)
      return TRUE;
  return FALSE;
}

typedef struct
{
  Inline *inlined;
  JsonObject *task;
  JsonObject *spec;
} Handover;

static JsonArray *
ensure_array (JsonObject *object, const char *name)
{
  if (chd_json_array (object, name) == NULL)
    json_object_set_array_member (object, name, json_array_new ());
  return chd_json_array (object, name);
}

static void
hand_over (const ChdPlaceholder *reference, gpointer user_data)
{
  Handover *handover = user_data;
  const ChdParam *param =
      strcmp (reference->space, "params") == 0
          ? chd_params_find (chd_interface_get_params (handover->inlined->interface), reference->name)
          : NULL;
  JsonObject *declaration, *value;

  if (param == NULL || has_named (chd_json_array (handover->spec, "params"), param->name))
    return;
  declaration = json_object_new ();
  json_object_set_string_member (declaration, "name", param->name);
  json_object_set_string_member (declaration, "type", chd_param_type_to_string (param->type));
  if (param->type == CHD_PARAM_OBJECT)
    {
      JsonObject *properties = chd_json_ensure_object (declaration, "properties");

      for (guint i = 0; param->properties != NULL && param->properties[i] != NULL; i++)
        json_object_set_string_member (chd_json_ensure_object (properties, param->properties[i]), "type", "string");
    }
  json_array_add_object_element (ensure_array (handover->spec, "params"), declaration);
  if (has_named (chd_json_array (handover->task, "params"), param->name))
    return;
  value = json_object_new ();
  json_object_set_string_member (value, "name", param->name);
  {
    g_autofree char *text =
        g_strdup_printf ("$(params.%s%s)", param->name, param->type == CHD_PARAM_STRING ? "" : "[*]");

    json_object_set_string_member (value, "value", text);
  }
  json_array_add_object_element (ensure_array (handover->task, "params"), value);
}

/* Rule (5) */
static void
set_level (JsonObject *task, const ChdUnit *level)
{
  JsonArray *params = chd_json_array (task, "params");

  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);
      const char *name = chd_json_string (param, "name", NULL);

      if (g_strcmp0 (name, "approvers") == 0)
        {
          JsonArray *approvers = json_array_new ();

          json_array_add_string_element (approvers, level->lead);
          json_object_set_array_member (param, "value", approvers);
        }
      else if (g_strcmp0 (name, "description") == 0)
        {
          g_autofree char *text =
              g_strdup_printf ("%s: %s", chd_item_get_title (level), chd_json_string (param, "value", ""));

          json_object_set_string_member (param, "value", text);
        }
    }
}

static JsonArray *
rename_run_after (Inline *self, JsonArray *run_after)
{
  JsonArray *result = json_array_new ();

  for (guint i = 0; i < chd_json_length (run_after); i++)
    {
      const ChdPlanTask *other =
          chd_plan_find (self->plan, self->task->at, chd_json_string_at (run_after, i), self->task->level);

      if (other != NULL)
        json_array_add_string_element (result, self->for_chain ? other->name : other->template_name);
    }
  return result;
}

static JsonObject *
build (Inline *self, GError **error)
{
  g_autoptr (JsonObject) source = chd_json_copy_object (self->task->source);
  g_autoptr (JsonObject) result = json_object_new ();
  JsonObject *spec = chd_json_object (source, "taskSpec");
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  if (self->task->level != NULL)
    set_level (source, self->task->level);
  if (spec != NULL)
    {
      Handover handover = { self, source, spec };
      g_autoptr (JsonObject) before = chd_json_copy_object (spec);
      g_autoptr (JsonNode) node = chd_json_node_from_object (before);

      chd_placeholders_visit (node, hand_over, &handover);
    }
  json_object_set_string_member (result, "name", self->for_chain ? self->task->name : self->task->template_name);
  json_object_iter_init_ordered (&iter, source);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    {
      JsonNode *rewritten;

      if (strcmp (name, "name") == 0)
        continue;
      if (strcmp (name, "runAfter") == 0 && JSON_NODE_HOLDS_ARRAY (member))
        {
          json_object_set_array_member (result, name, rename_run_after (self, json_node_get_array (member)));
          continue;
        }
      self->in_spec = strcmp (name, "taskSpec") == 0;
      rewritten = rewrite (self, member, error);
      if (rewritten == NULL)
        return NULL;
      json_object_set_member (result, name, rewritten);
    }
  if (self->network)
    json_object_set_string_member (chd_json_ensure_object (result, "taskSpec/metadata/annotations"),
                                   CHD_ANNOTATION_NETWORK, "true");
  return g_steal_pointer (&result);
}

static gboolean
init (Inline *self, ChdCompilation *compilation, const ChdPlan *plan, const ChdPlanTask *task, gboolean for_chain)
{
  memset (self, 0, sizeof *self);
  self->compilation = compilation;
  self->plan = plan;
  self->task = task;
  self->for_chain = for_chain;
  self->binding = chd_node_get_pipeline (plan->node, task->at);
  self->interface = chd_catalogue_find_interface (compilation->catalogue, self->binding->interface_id);
  return self->interface != NULL;
}

/**
 * chd_inline_task:
 * Returns: (transfer full) (nullable): the task as the chain's Pipeline has it, but for the order among nodes and parts
 */
JsonObject *
chd_inline_task (ChdCompilation *self, const ChdPlan *plan, const ChdPlanTask *task, GError **error)
{
  Inline inlined;

  g_return_val_if_fail (task->source != NULL, NULL);
  if (!init (&inlined, self, plan, task, TRUE))
    return NULL;
  return build (&inlined, error);
}

/**
 * chd_template_task:
 * Returns: (transfer full): the task as the node's own Pipeline has it
 */
JsonObject *
chd_template_task (ChdCompilation *self, const ChdPlan *plan, const ChdPlanTask *task)
{
  Inline inlined;

  if (!init (&inlined, self, plan, task, FALSE))
    return NULL;
  return build (&inlined, NULL);
}
