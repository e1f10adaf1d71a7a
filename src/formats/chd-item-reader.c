/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Items from the objects of a document. What is missing gets its default; what is of the wrong type is an error. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-item-json.h"
#include "chd-item-private.h"

/* Farther away no node can be seen or reached; beyond it drawing loses whole pixels. */
#define MAX_COORDINATE 1e7

/* More attempts than that are a slip of the hand. */
#define MAX_RETRIES 1000

#define KNOWN(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* For texts that are never NULL in an item. */
static void
take_string (char **target, const ChdFields *fields, const char *name)
{
  char *text = chd_fields_dup_string (fields, name, CHD_OPTIONAL);

  if (text == NULL)
    return;
  g_free (*target);
  *target = text;
}

static ChdParamType
read_type (const ChdFields *fields, ChdParamType fallback)
{
  g_autofree char *text = chd_fields_dup_string (fields, "type", CHD_OPTIONAL);
  ChdParamType type = fallback;

  if (text != NULL && !chd_param_type_from_string (text, &type))
    chd_fields_fail (fields, "type", _ ("one of “string”, “array” and “object” is expected"));
  return type;
}

static ChdParam *
read_param (const ChdFields *fields)
{
  g_autofree char *name = chd_fields_dup_string (fields, "name", CHD_REQUIRED);
  ChdParam *param = chd_param_new (name, CHD_PARAM_STRING);

  param->title = chd_fields_dup_string (fields, "title", CHD_OPTIONAL);
  param->fallback = chd_fields_dup_value (fields, "default");
  param->type =
      read_type (fields, param->fallback != NULL ? chd_value_get_param_type (param->fallback) : CHD_PARAM_STRING);
  param->description = chd_fields_dup_string (fields, "description", CHD_OPTIONAL);
  param->choices = chd_fields_dup_strv (fields, "choices");
  param->properties = chd_fields_dup_strv (fields, "properties");
  param->widget = chd_fields_dup_string (fields, "widget", CHD_OPTIONAL);
  param->extra = chd_fields_dup_extra (fields, KNOWN ("name", "title", "type", "default", "description", "choices",
                                                      "properties", "widget"));
  return param;
}

static ChdResult *
read_result (const ChdFields *fields)
{
  g_autofree char *name = chd_fields_dup_string (fields, "name", CHD_REQUIRED);
  ChdResult *result = chd_result_new (name);

  result->type = read_type (fields, CHD_PARAM_STRING);
  result->description = chd_fields_dup_string (fields, "description", CHD_OPTIONAL);
  result->extra = chd_fields_dup_extra (fields, KNOWN ("name", "type", "description"));
  return result;
}

static ChdPipelineBinding *
read_pipeline (const ChdFields *fields)
{
  g_autofree char *at = chd_fields_dup_string (fields, "at", CHD_REQUIRED);
  g_autofree char *interface_id = chd_fields_dup_string (fields, "interface", CHD_REQUIRED);
  g_autoptr (GVariant) params = chd_fields_dup_values (fields, "params");
  ChdPosition position = CHD_POSITION_WORK;
  ChdPipelineBinding *binding;

  if (at != NULL && !chd_position_from_string (at, &position))
    chd_fields_fail (fields, "at", _ ("one of “before”, “work”, “after” and “on-failure” is expected"));
  binding = chd_pipeline_binding_new (position, interface_id, params);
  binding->extra = chd_fields_dup_extra (fields, KNOWN ("at", "interface", "params"));
  return binding;
}

/* Reads each element of a list with @read into @target. */
static void
read_list (const ChdFields *fields, const char *name, gpointer (*read) (const ChdFields *), GPtrArray *target)
{
  JsonArray *array = chd_fields_get_array (fields, name);
  guint length = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < length; i++)
    {
      ChdFields element;

      if (!chd_fields_enter_element (fields, name, array, i, &element))
        return;
      g_ptr_array_add (target, read (&element));
    }
}

static void
read_params (const ChdFields *fields, GPtrArray *params)
{
  read_list (fields, "params", (gpointer (*) (const ChdFields *)) read_param, params);
}

/* A node has at most one pipeline at a position. */
static void
read_pipelines (const ChdFields *fields, ChdNode *node)
{
  guint seen = 0;

  read_list (fields, "pipelines", (gpointer (*) (const ChdFields *)) read_pipeline, node->pipelines);
  for (guint i = 0; i < node->pipelines->len; i++)
    {
      const ChdPipelineBinding *binding = g_ptr_array_index (node->pipelines, i);
      ChdFields element = { fields->reading, fields, "pipelines", (int) i, NULL };

      if (seen & (1u << binding->at))
        /* Translators: %s is a position: before, work, after or on-failure */
        chd_fields_fail (&element, "at", _ ("the node has another pipeline at “%s” already"),
                         chd_position_to_string (binding->at));
      seen |= 1u << binding->at;
    }
}

static ChdTaskBinding *
read_task (const ChdFields *fields)
{
  g_autofree char *script = chd_fields_dup_string (fields, "script", CHD_OPTIONAL);
  g_autofree char *environment = chd_fields_dup_string (fields, "environment", CHD_OPTIONAL);
  g_autoptr (GVariant) params = chd_fields_dup_values (fields, "params");
  ChdTaskBinding *task =
      chd_task_binding_new (script != NULL ? script : "", environment != NULL ? environment : "", params);

  task->retries = chd_fields_read_int (fields, "retries", 0, MAX_RETRIES, 0);
  task->timeout = chd_fields_dup_string (fields, "timeout", CHD_OPTIONAL);
  task->extra = chd_fields_dup_extra (fields, KNOWN ("script", "environment", "params", "retries", "timeout"));
  return task;
}

static void
read_execution (const ChdFields *fields, ChdNode *node)
{
  g_autofree char *mode = chd_fields_dup_string (fields, "mode", CHD_OPTIONAL);
  g_auto (GStrv) order = chd_fields_dup_strv (fields, "order");

  if (g_strcmp0 (mode, "dependent") == 0)
    node->execution = CHD_EXECUTION_DEPENDENT;
  else if (g_strcmp0 (mode, "parallel") == 0)
    node->execution = CHD_EXECUTION_PARALLEL;
  else if (mode != NULL)
    chd_fields_fail (fields, "mode", _ ("one of “dependent” and “parallel” is expected"));
  if (order != NULL && g_strv_equal ((const char *const *) order, KNOWN ("task", "pipeline")))
    node->task_first = TRUE;
  else if (order != NULL && !g_strv_equal ((const char *const *) order, KNOWN ("pipeline", "task")))
    chd_fields_fail (fields, "order", _ ("“pipeline” and “task” are expected, each once"));
  node->execution_extra = chd_fields_dup_extra (fields, KNOWN ("mode", "order"));
}

static ChdItem *
read_node (const ChdFields *fields)
{
  g_autofree char *id = chd_fields_dup_string (fields, "id", CHD_REQUIRED);
  ChdNode *node = chd_node_new (id, "", "");
  ChdFields inner;

  take_string (&node->title, fields, "title");
  node->description = chd_fields_dup_string (fields, "description", CHD_OPTIONAL);
  take_string (&node->unit, fields, "unit");
  if (chd_fields_enter (fields, "position", &inner))
    {
      node->placed = TRUE;
      node->x = chd_fields_read_double (&inner, "x", MAX_COORDINATE);
      node->y = chd_fields_read_double (&inner, "y", MAX_COORDINATE);
      node->position_extra = chd_fields_dup_extra (&inner, KNOWN ("x", "y"));
    }
  read_pipelines (fields, node);
  if (chd_fields_enter (fields, "task", &inner))
    node->task = read_task (&inner);
  if (chd_fields_enter (fields, "execution", &inner))
    read_execution (&inner, node);
  node->item.extra = chd_fields_dup_extra (fields, KNOWN ("id", "title", "description", "unit", "position", "pipelines",
                                                          "task", "execution"));
  return &node->item;
}

static ChdItem *
read_head (const ChdFields *fields)
{
  g_autofree char *name = chd_fields_dup_string (fields, "name", CHD_REQUIRED);
  ChdHead *head = chd_head_new (name, "");
  ChdFields organisation;

  take_string (&head->title, fields, "title");
  head->description = chd_fields_dup_string (fields, "description", CHD_OPTIONAL);
  head->owner = chd_fields_dup_string (fields, "owner", CHD_OPTIONAL);
  read_params (fields, head->params);
  if (chd_fields_enter (fields, "organisation", &organisation))
    {
      head->organisation_title = chd_fields_dup_string (&organisation, "title", CHD_OPTIONAL);
      head->organisation_extra = chd_fields_dup_extra (&organisation, KNOWN ("title", "units"));
    }
  head->item.extra = chd_fields_dup_extra (fields, KNOWN ("format", "name", "title", "description", "owner", "params",
                                                          "organisation", "environments", "scripts", "nodes", "links"));
  return &head->item;
}

static ChdItem *
read_unit (const ChdFields *fields)
{
  g_autofree char *id = chd_fields_dup_string (fields, "id", CHD_REQUIRED);
  ChdUnit *unit = chd_unit_new (id, "", NULL);

  take_string (&unit->title, fields, "title");
  unit->level = chd_fields_dup_string (fields, "level", CHD_OPTIONAL);
  unit->parent = chd_fields_dup_string (fields, "parent", CHD_OPTIONAL);
  unit->lead = chd_fields_dup_string (fields, "lead", CHD_OPTIONAL);
  unit->members = chd_fields_dup_strv (fields, "members");
  unit->service_account = chd_fields_dup_string (fields, "serviceAccount", CHD_OPTIONAL);
  unit->collapsed = chd_fields_read_bool (fields, "collapsed");
  unit->item.extra = chd_fields_dup_extra (fields, KNOWN ("id", "title", "level", "parent", "lead", "members",
                                                          "serviceAccount", "collapsed"));
  return &unit->item;
}

static ChdItem *
read_environment (const ChdFields *fields)
{
  g_autofree char *id = chd_fields_dup_string (fields, "id", CHD_REQUIRED);
  ChdEnvironment *environment = chd_environment_new (id, "", "");
  ChdFields source;

  take_string (&environment->title, fields, "title");
  take_string (&environment->image, fields, "image");
  if (chd_fields_enter (fields, "source", &source))
    {
      environment->source_type = chd_fields_dup_string (&source, "type", CHD_REQUIRED);
      environment->source_path = chd_fields_dup_string (&source, "path", CHD_OPTIONAL);
      environment->source_extra = chd_fields_dup_extra (&source, KNOWN ("type", "path"));
    }
  environment->network = chd_fields_read_bool (fields, "network");
  environment->item.extra = chd_fields_dup_extra (fields, KNOWN ("id", "title", "image", "source", "network"));
  return &environment->item;
}

static ChdItem *
read_script (const ChdFields *fields)
{
  g_autofree char *id = chd_fields_dup_string (fields, "id", CHD_REQUIRED);
  ChdScript *script = chd_script_new (id, "");

  take_string (&script->title, fields, "title");
  take_string (&script->interpreter, fields, "interpreter");
  take_string (&script->text, fields, "text");
  read_params (fields, script->params);
  read_list (fields, "results", (gpointer (*) (const ChdFields *)) read_result, script->results);
  script->item.extra = chd_fields_dup_extra (fields, KNOWN ("id", "title", "interpreter", "text", "params", "results"));
  return &script->item;
}

static void
read_condition (const ChdFields *fields, ChdLink *link)
{
  g_autofree char *word = chd_fields_dup_string (fields, "operator", CHD_OPTIONAL);

  link->result = chd_fields_dup_string (fields, "result", CHD_REQUIRED);
  if (g_strcmp0 (word, "notin") == 0)
    link->op = CHD_OPERATOR_NOT_IN;
  else if (word != NULL && g_strcmp0 (word, "in") != 0)
    chd_fields_fail (fields, "operator", _ ("one of “in” and “notin” is expected"));
  link->values = chd_fields_dup_strv (fields, "values");
  link->condition_extra = chd_fields_dup_extra (fields, KNOWN ("result", "operator", "values"));
}

static ChdItem *
read_link (const ChdFields *fields)
{
  g_autofree char *from = chd_fields_dup_string (fields, "from", CHD_REQUIRED);
  g_autofree char *to = chd_fields_dup_string (fields, "to", CHD_REQUIRED);
  ChdLink *link = chd_link_new (from != NULL ? from : "", to != NULL ? to : "");
  ChdFields condition;

  if (chd_fields_enter (fields, "condition", &condition))
    read_condition (&condition, link);
  link->item.extra = chd_fields_dup_extra (fields, KNOWN ("from", "to", "condition"));
  return &link->item;
}

/* Returns: (transfer full): an item; to be thrown away when the reading has an error in the end */
ChdItem *
chd_item_read (ChdItemKind kind, const ChdFields *fields)
{
  switch (kind)
    {
    case CHD_ITEM_HEAD:
      return read_head (fields);
    case CHD_ITEM_UNIT:
      return read_unit (fields);
    case CHD_ITEM_ENVIRONMENT:
      return read_environment (fields);
    case CHD_ITEM_SCRIPT:
      return read_script (fields);
    case CHD_ITEM_NODE:
      return read_node (fields);
    case CHD_ITEM_LINK:
      return read_link (fields);
    default:
      g_assert_not_reached ();
    }
}

/**
 * chd_item_from_json:
 * @object: what chd_item_to_json() gave, or an element of a document
 *
 * Returns: (transfer full): the item; %NULL with %CHD_ERROR_INVALID, whose field is the path of what is wrong
 */
ChdItem *
chd_item_from_json (ChdItemKind kind, JsonObject *object, GError **error)
{
  ChdReading reading = { 0 };
  g_autoptr (ChdItem) item = NULL;
  ChdFields fields;

  chd_fields_init (&fields, &reading, object);
  item = chd_item_read (kind, &fields);
  if (reading.error != NULL)
    {
      g_propagate_error (error, reading.error);
      return NULL;
    }
  return g_steal_pointer (&item);
}
