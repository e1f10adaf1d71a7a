/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The PipelineRun: the params of this run, and under whose account and labels each task runs. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-compiler-private.h"
#include "chd-error.h"
#include "chd-json.h"

static void
set_param_error (GError **error, const char *name, const char *message)
{
  g_autofree char *field = g_strconcat ("params.", name, NULL);

  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, message);
  if (error != NULL)
    chd_error_set_field (*error, field);
}

static gboolean
check_known (const ChdHead *head, GVariant *params, GError **error)
{
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, params);
  while (g_variant_iter_next (&iter, "{&sv}", &name, NULL))
    if (chd_params_find (head->params, name) == NULL)
      {
        g_autofree char *message =
            g_strdup_printf (_ ("The chain “%s” has no param “%s”."), chd_item_get_title (head), name);

        set_param_error (error, name, message);
        return FALSE;
      }
  return TRUE;
}

/* Values in the order in which the chain declares them. */
static JsonArray *
make_values (const ChdHead *head, GVariant *params, GError **error)
{
  g_autoptr (JsonArray) list = json_array_new ();

  if (!check_known (head, params, error))
    return NULL;
  for (guint i = 0; i < head->params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (head->params, i);
      g_autoptr (GVariant) value = chd_values_lookup (params, param->name);
      g_autofree char *message = NULL;
      JsonObject *object;

      if (value == NULL && !chd_param_is_required (param))
        continue;
      if (value == NULL)
        message = g_strdup_printf (_ ("“%s” needs a value."), param->title != NULL ? param->title : param->name);
      if (value == NULL || !chd_param_check_value (param, value, &message))
        {
          set_param_error (error, param->name, message);
          return NULL;
        }
      object = json_object_new ();
      json_object_set_string_member (object, "name", param->name);
      json_object_set_member (object, "value", chd_value_to_json (value));
      json_array_add_object_element (list, object);
    }
  return g_steal_pointer (&list);
}

static JsonObject *
make_task_spec (ChdChain *chain, const ChdNode *node, const ChdPlanTask *task)
{
  const ChdUnit *unit = node->unit != NULL ? chd_chain_find_unit (chain, node->unit) : NULL;
  JsonObject *spec = json_object_new ();
  JsonObject *labels;

  json_object_set_string_member (spec, "pipelineTaskName", task->name);
  if (unit != NULL && unit->service_account != NULL && *unit->service_account != '\0')
    json_object_set_string_member (spec, "serviceAccountName", unit->service_account);
  labels = chd_json_ensure_object (spec, "metadata/labels");
  json_object_set_string_member (labels, CHD_LABEL_NODE, node->item.id);
  if (!task->is_task)
    json_object_set_string_member (labels, CHD_LABEL_POSITION, chd_position_to_string (task->at));
  if (node->unit != NULL && chd_kube_is_label_value (node->unit))
    json_object_set_string_member (labels, CHD_LABEL_UNIT, node->unit);
  return spec;
}

JsonObject *
chd_compile_run (ChdChain *chain, ChdCatalogue *catalogue, const char *name, GVariant *params, GError **error)
{
  const ChdHead *head = chd_chain_get_head (chain);
  g_auto (ChdCompilation) self = { 0 };
  g_autoptr (GPtrArray) order = chd_chain_list_in_order (chain);
  g_autoptr (JsonObject) run = chd_kube_object_new (CHD_KUBE_PIPELINE_RUN, NULL, name);
  g_autoptr (JsonArray) values = make_values (head, params, error);
  g_autoptr (JsonArray) task_specs = json_array_new ();
  JsonObject *spec = chd_json_ensure_object (run, "spec");

  if (values == NULL)
    return NULL;
  chd_compilation_init (&self, chain, catalogue, NULL);
  chd_label_object (&self, run, NULL, NULL);
  json_object_set_string_member (chd_json_ensure_object (spec, "pipelineRef"), "name", head->item.id);
  if (json_array_get_length (values) > 0)
    json_object_set_array_member (spec, "params", json_array_ref (values));
  /* A run that waits for people has no time limit as a whole; its tasks have theirs. */
  json_object_set_string_member (chd_json_ensure_object (spec, "timeouts"), "pipeline", "0");
  for (guint i = 0; i < order->len; i++)
    {
      const ChdNode *node = g_ptr_array_index (order, i);
      ChdPlan *plan = chd_compilation_get_plan (&self, node, error);

      if (plan == NULL)
        return NULL;
      for (guint j = 0; j < plan->tasks->len; j++)
        json_array_add_object_element (task_specs, make_task_spec (chain, node, g_ptr_array_index (plan->tasks, j)));
    }
  json_object_set_array_member (spec, "taskRunSpecs", json_array_ref (task_specs));
  return g_steal_pointer (&run);
}
