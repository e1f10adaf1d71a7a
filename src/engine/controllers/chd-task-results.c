/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Results of tasks and steps. A string is taken word for word, with its last newline; arrays and objects are JSON. */

#include "config.h"

#include "chd-task-results.h"

#include <string.h>

#include "chd-json.h"
#include "chd-run-params.h"
#include "chd-task-prepare.h"

/* Tekton's entrypoint adds when it began: {"key":"StartedAt","value":"2026-11-23T17:09:09.043Z","type":3} */
#define STARTED_AT_SIZE 67
#define TYPE_TASK_RESULT 1
#define TYPE_STEP_RESULT 4

static JsonArray *
make_message (char **names, char **values)
{
  JsonArray *message = json_array_new ();

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      JsonObject *entry = json_object_new ();
      gboolean of_step = names[i][0] == '/';

      json_object_set_string_member (entry, "key", of_step ? names[i] + 1 : names[i]);
      json_object_set_string_member (entry, "value", values[i]);
      json_object_set_int_member (entry, "type", of_step ? TYPE_STEP_RESULT : TYPE_TASK_RESULT);
      json_array_add_object_element (message, entry);
    }
  return message;
}

static char *
write_message (char **names, char **values, gsize *length)
{
  g_autoptr (JsonArray) message = make_message (names, values);
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), message);

  return chd_json_write (node, FALSE, length);
}

gsize
chd_task_results_size (char **names, char **values)
{
  gsize length = 0;
  g_autofree char *text = write_message (names, values, &length);

  return length + STARTED_AT_SIZE;
}

static gboolean
is_strings (JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (chd_json_string_at (array, i) == NULL)
          return FALSE;
      return TRUE;
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) names = json_object_get_members (object);

      for (GList *link = names; link != NULL; link = link->next)
        if (chd_json_string (object, link->data, NULL) == NULL)
          return FALSE;
      return TRUE;
    }
  return FALSE;
}

/* @value as the declared type, or as the string it is. */
static JsonNode *
read_value (const char *value, const char *type, const char **found)
{
  g_autoptr (JsonNode) node = NULL;

  *found = "string";
  if (!g_str_equal (type, "string"))
    node = chd_json_parse (value, strlen (value), CHD_RESULTS_MAX, CHD_JSON_DEFAULT, NULL);
  if (node != NULL && is_strings (node))
    {
      *found = JSON_NODE_HOLDS_ARRAY (node) ? "array" : "object";
      if (JSON_NODE_HOLDS_OBJECT (node))
        {
          g_autoptr (JsonObject) copy = chd_json_copy_object (json_node_get_object (node));

          return chd_json_node_from_object (copy);
        }
      return g_steal_pointer (&node);
    }
  return json_node_init_string (json_node_alloc (), value);
}

static JsonObject *
make_result (JsonObject *declaration, const char *name, const char *value)
{
  JsonObject *result = json_object_new ();
  const char *found;
  JsonNode *node = read_value (value, chd_json_string (declaration, "type", "string"), &found);

  json_object_set_string_member (result, "name", name);
  json_object_set_string_member (result, "type", found);
  json_object_set_member (result, "value", node);
  return result;
}

char *
chd_task_results_take (JsonObject *run, guint index, char **names, char **values)
{
  JsonObject *status = chd_json_object (run, "status");
  JsonObject *spec = chd_json_object (status, "taskSpec");
  JsonObject *step_spec = chd_json_object_at (chd_json_array (spec, "steps"), index);
  JsonObject *step = chd_json_object_at (chd_json_array (status, "steps"), index);
  g_autoptr (JsonArray) of_task = json_array_new ();
  g_autoptr (JsonArray) of_step = json_array_new ();

  if (names == NULL || names[0] == NULL)
    return NULL;
  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *name = names[i][0] == '/' ? names[i] + 1 : names[i];
      gboolean own = names[i][0] == '/';
      JsonObject *declaration = chd_run_params_find (chd_json_array (own ? step_spec : spec, "results"), name);

      if (declaration != NULL)
        json_array_add_object_element (own ? of_step : of_task, make_result (declaration, name, values[i]));
    }
  if (json_array_get_length (of_task) > 0)
    json_object_set_array_member (status, "results", g_steal_pointer (&of_task));
  if (json_array_get_length (of_step) > 0)
    json_object_set_array_member (step, "results", g_steal_pointer (&of_step));
  return write_message (names, values, NULL);
}

ChdVariables *
chd_task_step_variables (JsonObject *run)
{
  ChdVariables *variables = chd_variables_new ();
  JsonArray *steps = chd_json_lookup_array (run, "status/steps");

  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);
      JsonArray *results = chd_json_array (step, "results");

      for (guint j = 0; j < chd_json_length (results); j++)
        {
          JsonObject *result = chd_json_object_at (results, j);
          g_autofree char *key = g_strdup_printf ("steps.%s.results.%s", chd_json_string (step, "name", ""),
                                                  chd_json_string (result, "name", ""));

          if (json_object_has_member (result, "value"))
            chd_variables_set (variables, key, json_object_get_member (result, "value"));
        }
    }
  return variables;
}

/* Results that the task takes from its steps. */
static void
add_step_results (JsonObject *run)
{
  JsonObject *status = chd_json_object (run, "status");
  JsonArray *declared = chd_json_lookup_array (status, "taskSpec/results");
  g_autoptr (ChdVariables) variables = chd_task_step_variables (run);

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *declaration = chd_json_object_at (declared, i);
      const char *value = chd_json_string (declaration, "value", NULL);
      g_autofree char *expanded = value != NULL ? chd_variables_expand (variables, value) : NULL;

      if (expanded == NULL || g_str_equal (expanded, value))
        continue;
      if (chd_json_array (status, "results") == NULL)
        json_object_set_array_member (status, "results", json_array_new ());
      json_array_add_object_element (chd_json_array (status, "results"),
                                     make_result (declaration, chd_json_string (declaration, "name", ""), expanded));
    }
}

char *
chd_task_results_check (JsonObject *run)
{
  JsonObject *status = chd_json_object (run, "status");
  JsonArray *declared = chd_json_lookup_array (status, "taskSpec/results");
  JsonArray *results;

  add_step_results (run);
  results = chd_json_array (status, "results");
  for (guint i = 0; i < chd_json_length (results); i++)
    {
      JsonObject *result = chd_json_object_at (results, i);
      const char *name = chd_json_string (result, "name", "");
      const char *type = chd_json_string (chd_run_params_find (declared, name), "type", "string");
      const char *found = chd_json_string (result, "type", "string");

      if (!g_str_equal (type, found))
        return g_strdup_printf (
            "Provided results don't match declared results; may be invalid JSON or missing result "
            "declaration: \"%s\": task result is expected to be \"%s\" type but was initialized to a "
            "different type \"%s\"",
            name, type, found);
    }
  return NULL;
}
