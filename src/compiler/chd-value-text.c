/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values that a form holds, as the chain's Pipeline needs them: "$(nodes.check.results.decision)" becomes the result
 * of the pipeline task that produces it; params of the chain stay as they are. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-compiler-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-placeholder.h"
#include "chd-validate.h"

typedef struct
{
  const ChdPlan *plan;
  const char *suffix; /* (nullable): to be set on the single reference */
} Renaming;

static char *
rename_last (const ChdPlaceholder *reference, gpointer user_data, GError **error)
{
  const Renaming *renaming = user_data;
  const ChdPlanTask *task;

  if (strcmp (reference->space, "tasks") != 0 || g_strcmp0 (reference->member, "results") != 0 ||
      reference->field == NULL)
    return NULL;
  task = chd_plan_get_last_of (renaming->plan, CHD_POSITION_WORK, reference->name);
  if (task == NULL)
    return NULL;
  return g_strdup_printf ("$(tasks.%s.results.%s%s)", task->name, reference->field,
                          renaming->suffix != NULL ? renaming->suffix : reference->suffix);
}

/* Who of a node produces a result. */
static gboolean
finds_in_task (ChdCompilation *self, const ChdNode *node, const char *result)
{
  const ChdScript *script =
      node->task != NULL ? chd_resolve_script (self->chain, self->catalogue, node->task->script) : NULL;

  return script != NULL && chd_results_find (script->results, result) != NULL;
}

static JsonObject *
find_pipeline_result (ChdCompilation *self, const ChdNode *node, const char *result)
{
  const ChdPipelineBinding *binding = chd_node_get_pipeline (node, CHD_POSITION_WORK);
  ChdInterface *interface =
      binding != NULL ? chd_catalogue_find_interface (self->catalogue, binding->interface_id) : NULL;
  JsonArray *results =
      interface != NULL ? chd_json_lookup_array (chd_interface_get_pipeline (interface), "spec/results") : NULL;

  for (guint i = 0; i < chd_json_length (results); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (results, i), "name", NULL), result) == 0)
      return chd_json_object_at (results, i);
  return NULL;
}

/**
 * chd_compile_result:
 * @suffix: "", "[*]", "[0]" or ".key"
 *
 * Returns: (transfer full) (nullable): text that stands for the result in the chain's Pipeline
 */
char *
chd_compile_result (ChdCompilation *self, const ChdNode *source, const char *result, const char *suffix, GError **error)
{
  JsonObject *declared;
  const char *text;
  ChdPlan *plan = chd_compilation_get_plan (self, source, error);
  g_auto (ChdPlaceholder) single = { 0 };
  Renaming renaming = { plan, NULL };

  if (plan == NULL)
    return NULL;
  if (finds_in_task (self, source, result))
    return g_strdup_printf ("$(tasks.%s.results.%s%s)", chd_plan_find_task (plan)->name, result, suffix);

  declared = find_pipeline_result (self, source, result);
  text = chd_json_string (declared, "value", NULL);
  if (text == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("“%s” declares no result “%s”."),
                   chd_item_get_title (source), result);
      return NULL;
    }
  if (chd_placeholders_is_single (text, &single))
    renaming.suffix = suffix;
  return chd_placeholders_replace (text, rename_last, &renaming, error);
}

typedef struct
{
  ChdCompilation *compilation;
  const ChdNode *node;
  const ChdPlanTask *task; /* that uses the value */
} TextContext;

/* Whether the node's producer of the result has ended when the task starts. */
static gboolean
comes_before (const TextContext *context, const char *result)
{
  gboolean from_task = finds_in_task (context->compilation, context->node, result);

  if (context->task->in_finally || context->task->at == CHD_POSITION_AFTER)
    return TRUE;
  if (context->task->at == CHD_POSITION_BEFORE || from_task == context->task->is_task)
    return FALSE;
  return context->node->execution != CHD_EXECUTION_PARALLEL && context->node->task_first == from_task;
}

static char *
replace_node (const ChdPlaceholder *reference, gpointer user_data, GError **error)
{
  TextContext *context = user_data;
  ChdChain *chain = context->compilation->chain;
  const ChdNode *source;

  if (strcmp (reference->space, "nodes") != 0)
    return NULL;
  source = reference->name != NULL ? chd_chain_find_node (chain, reference->name) : NULL;
  if (source == NULL || g_strcmp0 (reference->member, "results") != 0 || reference->field == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   _ ("“%s” uses a result of the node “%s”, which does not exist."), chd_item_get_title (context->node),
                   reference->name != NULL ? reference->name : "");
      return NULL;
    }
  if (source == context->node
          ? !comes_before (context, reference->field)
          : !context->task->in_finally && !chd_chain_reaches (chain, source->item.id, context->node->item.id))
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   _ ("“%s” uses the result “%s” of “%s”, which does not come before it. Draw a link from “%s”."),
                   chd_item_get_title (context->node), reference->field, chd_item_get_title (source),
                   chd_item_get_title (source));
      return NULL;
    }
  return chd_compile_result (context->compilation, source, reference->field, reference->suffix, error);
}

char *
chd_compile_text (ChdCompilation *self, const ChdNode *node, const ChdPlanTask *task, const char *text, GError **error)
{
  TextContext context = { self, node, task };

  return chd_placeholders_replace (text, replace_node, &context, error);
}

/**
 * chd_compile_value:
 * @value: s, as or a{ss}
 * @task: that the value is for
 *
 * Returns: (transfer full) (nullable): as the value of a pipeline task's param
 */
JsonNode *
chd_compile_value (ChdCompilation *self, const ChdNode *node, const ChdPlanTask *task, GVariant *value, GError **error)
{
  JsonNode *result = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      g_autofree char *text = chd_compile_text (self, node, task, g_variant_get_string (value, NULL), error);

      return text != NULL ? json_node_init_string (json_node_alloc (), text) : NULL;
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING_ARRAY))
    {
      g_autoptr (JsonArray) array = json_array_new ();
      GVariantIter iter;
      const char *element;

      g_variant_iter_init (&iter, value);
      while (g_variant_iter_next (&iter, "&s", &element))
        {
          g_autofree char *text = chd_compile_text (self, node, task, element, error);

          if (text == NULL)
            return NULL;
          json_array_add_string_element (array, text);
        }
      result = json_node_init_array (json_node_alloc (), array);
    }
  else
    {
      g_autoptr (JsonObject) object = json_object_new ();
      GVariantIter iter;
      const char *name, *element;

      g_variant_iter_init (&iter, value);
      while (g_variant_iter_next (&iter, "{&s&s}", &name, &element))
        {
          g_autofree char *text = chd_compile_text (self, node, task, element, error);

          if (text == NULL)
            return NULL;
          json_object_set_string_member (object, name, text);
        }
      result = json_node_init_object (json_node_alloc (), object);
    }
  return result;
}
