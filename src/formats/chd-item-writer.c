/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Items as the objects of a document: members in the order that design.md (3) shows, what says nothing left out, and
 * what this version does not know behind the rest. */

#include "config.h"

#include "chd-item-json.h"
#include "chd-item-private.h"
#include "chd-json.h"

/* Adds the members that were kept; one that has got a meaning since then does not replace it. */
void
chd_json_add_extra (JsonObject *object, JsonObject *extra)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (extra == NULL)
    return;
  json_object_iter_init_ordered (&iter, extra);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!json_object_has_member (object, name))
      json_object_set_member (object, name, json_node_copy (node));
}

/* Unlike chd_json_set_string_if(), keeps an empty text: for members that may be absent. */
static void
set_string (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static void
set_strv (JsonObject *object, const char *name, char **values)
{
  if (values != NULL)
    json_object_set_array_member (object, name, chd_json_array_from_strv ((const char *const *) values));
}

static void
set_list (JsonObject *object, const char *name, GPtrArray *elements, JsonObject *(*write) (gconstpointer))
{
  JsonArray *array;

  if (elements->len == 0)
    return;
  array = json_array_sized_new (elements->len);
  for (guint i = 0; i < elements->len; i++)
    json_array_add_object_element (array, write (g_ptr_array_index (elements, i)));
  json_object_set_array_member (object, name, array);
}

static JsonObject *
write_param (gconstpointer data)
{
  const ChdParam *param = data;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", param->name);
  set_string (object, "title", param->title);
  json_object_set_string_member (object, "type", chd_param_type_to_string (param->type));
  if (param->fallback != NULL)
    json_object_set_member (object, "default", chd_value_to_json (param->fallback));
  set_string (object, "description", param->description);
  set_strv (object, "choices", param->choices);
  set_strv (object, "properties", param->properties);
  set_string (object, "widget", param->widget);
  chd_json_add_extra (object, param->extra);
  return object;
}

static JsonObject *
write_result (gconstpointer data)
{
  const ChdResult *result = data;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", result->name);
  json_object_set_string_member (object, "type", chd_param_type_to_string (result->type));
  set_string (object, "description", result->description);
  chd_json_add_extra (object, result->extra);
  return object;
}

static void
set_values (JsonObject *object, GVariant *values)
{
  if (g_variant_n_children (values) > 0)
    json_object_set_object_member (object, "params", chd_values_to_json (values));
}

static JsonObject *
write_pipeline (gconstpointer data)
{
  const ChdPipelineBinding *binding = data;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "at", chd_position_to_string (binding->at));
  json_object_set_string_member (object, "interface", binding->interface_id);
  set_values (object, binding->params);
  chd_json_add_extra (object, binding->extra);
  return object;
}

static JsonObject *
write_task (const ChdTaskBinding *task)
{
  JsonObject *object = json_object_new ();

  set_string (object, "script", task->script);
  set_string (object, "environment", task->environment);
  set_values (object, task->params);
  json_object_set_int_member (object, "retries", task->retries);
  set_string (object, "timeout", task->timeout);
  chd_json_add_extra (object, task->extra);
  return object;
}

static void
set_execution (JsonObject *object, const ChdNode *node)
{
  JsonObject *execution;

  if (node->execution == CHD_EXECUTION_UNSET && !node->task_first && node->execution_extra == NULL)
    return;
  execution = json_object_new ();
  if (node->execution != CHD_EXECUTION_UNSET)
    json_object_set_string_member (execution, "mode",
                                   node->execution == CHD_EXECUTION_PARALLEL ? "parallel" : "dependent");
  if (node->execution == CHD_EXECUTION_DEPENDENT || node->task_first)
    {
      const char *const orders[2][3] = { { "pipeline", "task", NULL }, { "task", "pipeline", NULL } };

      json_object_set_array_member (execution, "order", chd_json_array_from_strv (orders[node->task_first != FALSE]));
    }
  chd_json_add_extra (execution, node->execution_extra);
  json_object_set_object_member (object, "execution", execution);
}

static void
write_node (JsonObject *object, const ChdNode *node)
{
  json_object_set_string_member (object, "id", node->item.id);
  chd_json_set_string_if (object, "title", node->title);
  set_string (object, "description", node->description);
  chd_json_set_string_if (object, "unit", node->unit);
  if (node->placed)
    {
      JsonObject *position = json_object_new ();

      json_object_set_double_member (position, "x", node->x);
      json_object_set_double_member (position, "y", node->y);
      chd_json_add_extra (position, node->position_extra);
      json_object_set_object_member (object, "position", position);
    }
  set_list (object, "pipelines", node->pipelines, write_pipeline);
  if (node->task != NULL)
    json_object_set_object_member (object, "task", write_task (node->task));
  set_execution (object, node);
}

static void
write_head (JsonObject *object, const ChdHead *head)
{
  JsonObject *organisation = json_object_new ();

  json_object_set_string_member (object, "name", head->item.id);
  chd_json_set_string_if (object, "title", head->title);
  set_string (object, "description", head->description);
  set_string (object, "owner", head->owner);
  set_list (object, "params", head->params, write_param);
  set_string (organisation, "title", head->organisation_title);
  chd_json_add_extra (organisation, head->organisation_extra);
  json_object_set_object_member (object, "organisation", organisation);
}

static void
write_unit (JsonObject *object, const ChdUnit *unit)
{
  json_object_set_string_member (object, "id", unit->item.id);
  chd_json_set_string_if (object, "title", unit->title);
  set_string (object, "level", unit->level);
  set_string (object, "parent", unit->parent);
  set_string (object, "lead", unit->lead);
  set_strv (object, "members", unit->members);
  set_string (object, "serviceAccount", unit->service_account);
  if (unit->collapsed)
    json_object_set_boolean_member (object, "collapsed", TRUE);
}

static void
write_environment (JsonObject *object, const ChdEnvironment *environment)
{
  json_object_set_string_member (object, "id", environment->item.id);
  chd_json_set_string_if (object, "title", environment->title);
  chd_json_set_string_if (object, "image", environment->image);
  if (environment->source_type != NULL)
    {
      JsonObject *source = json_object_new ();

      json_object_set_string_member (source, "type", environment->source_type);
      set_string (source, "path", environment->source_path);
      chd_json_add_extra (source, environment->source_extra);
      json_object_set_object_member (object, "source", source);
    }
  if (environment->network)
    json_object_set_boolean_member (object, "network", TRUE);
}

static void
write_script (JsonObject *object, const ChdScript *script)
{
  json_object_set_string_member (object, "id", script->item.id);
  chd_json_set_string_if (object, "title", script->title);
  set_string (object, "interpreter", script->interpreter);
  set_string (object, "text", script->text);
  set_list (object, "params", script->params, write_param);
  set_list (object, "results", script->results, write_result);
}

static void
write_link (JsonObject *object, const ChdLink *link)
{
  json_object_set_string_member (object, "from", link->from);
  json_object_set_string_member (object, "to", link->to);
  if (link->result != NULL)
    {
      JsonObject *condition = json_object_new ();

      json_object_set_string_member (condition, "result", link->result);
      json_object_set_string_member (condition, "operator", link->op == CHD_OPERATOR_NOT_IN ? "notin" : "in");
      set_strv (condition, "values", link->values);
      chd_json_add_extra (condition, link->condition_extra);
      json_object_set_object_member (object, "condition", condition);
    }
}

/**
 * chd_item_to_json:
 *
 * Returns: (transfer full): the object that stands for the item in a document
 */
JsonObject *
chd_item_to_json (const ChdItem *item)
{
  JsonObject *object = json_object_new ();

  switch (item->kind)
    {
    case CHD_ITEM_HEAD:
      write_head (object, CHD_HEAD (item));
      break;
    case CHD_ITEM_UNIT:
      write_unit (object, CHD_UNIT (item));
      break;
    case CHD_ITEM_ENVIRONMENT:
      write_environment (object, CHD_ENVIRONMENT (item));
      break;
    case CHD_ITEM_SCRIPT:
      write_script (object, CHD_SCRIPT (item));
      break;
    case CHD_ITEM_NODE:
      write_node (object, CHD_NODE (item));
      break;
    case CHD_ITEM_LINK:
      write_link (object, CHD_LINK (item));
      break;
    default:
      g_assert_not_reached ();
    }
  chd_json_add_extra (object, item->extra);
  return object;
}
