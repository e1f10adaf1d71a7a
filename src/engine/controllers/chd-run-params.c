/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checking params and making variables of them. */

#include "config.h"

#include "chd-run-params.h"

#include <string.h>

#include "chd-json.h"
#include "chd-reference.h"

JsonObject *
chd_run_params_find (JsonArray *params, const char *name)
{
  for (guint i = 0; i < chd_json_length (params); i++)
    {
      JsonObject *param = chd_json_object_at (params, i);

      if (g_strcmp0 (chd_json_string (param, "name", NULL), name) == 0)
        return param;
    }
  return NULL;
}

static JsonNode *
get_node (JsonObject *param, const char *member)
{
  JsonNode *node = param != NULL ? json_object_get_member (param, member) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static const char *
type_of (JsonNode *value)
{
  return JSON_NODE_HOLDS_ARRAY (value) ? "array" : JSON_NODE_HOLDS_OBJECT (value) ? "object" : "string";
}

/* Whether an object lacks a key that neither it nor the default has. */
static gboolean
lacks_keys (JsonObject *declaration, JsonNode *value)
{
  JsonObject *properties = chd_json_object (declaration, "properties");
  JsonObject *fallback = chd_json_object (declaration, "default");
  g_autoptr (GList) keys = properties != NULL ? json_object_get_members (properties) : NULL;

  for (GList *link = keys; link != NULL; link = link->next)
    if (!json_object_has_member (json_node_get_object (value), link->data) &&
        (fallback == NULL || !json_object_has_member (fallback, link->data)))
      return TRUE;
  return FALSE;
}

static char *
join (GPtrArray *names)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", (const char *) g_ptr_array_index (names, i));
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

ChdParamsProblem
chd_run_params_check (JsonArray *declared, JsonArray *given, char **names)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  g_autoptr (GPtrArray) wrong = g_ptr_array_new ();
  g_autoptr (GPtrArray) incomplete = g_ptr_array_new ();

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *declaration = chd_json_object_at (declared, i);
      const char *name = chd_json_string (declaration, "name", "");
      const char *type = chd_json_string (declaration, "type", "string");
      JsonNode *value = get_node (chd_run_params_find (given, name), "value");

      if (value == NULL && get_node (declaration, "default") == NULL)
        g_ptr_array_add (missing, (gpointer) name);
      if (value == NULL)
        continue;
      if (!g_str_equal (type_of (value), type))
        g_ptr_array_add (wrong, (gpointer) name);
      else if (JSON_NODE_HOLDS_OBJECT (value) && lacks_keys (declaration, value))
        g_ptr_array_add (incomplete, (gpointer) name);
    }
  *names = join (missing->len > 0 ? missing : wrong->len > 0 ? wrong : incomplete);
  return missing->len > 0      ? CHD_PARAMS_MISSING
         : wrong->len > 0      ? CHD_PARAMS_WRONG_TYPE
         : incomplete->len > 0 ? CHD_PARAMS_MISSING_KEYS
                               : CHD_PARAMS_FINE;
}

static void
set_param (ChdVariables *variables, const char *name, JsonNode *fallback, JsonNode *value)
{
  g_autofree char *key = g_strconcat ("params.", name, NULL);

  if (value != NULL && fallback != NULL && JSON_NODE_HOLDS_OBJECT (value) && JSON_NODE_HOLDS_OBJECT (fallback))
    {
      g_autoptr (JsonObject) merged = chd_json_copy_object (json_node_get_object (fallback));
      g_autoptr (JsonNode) node = NULL;
      JsonObjectIter iter;
      const char *member_name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (value));
      while (json_object_iter_next_ordered (&iter, &member_name, &member))
        json_object_set_member (merged, member_name, json_node_copy (member));
      node = chd_json_node_from_object (merged);
      chd_variables_set (variables, key, node);
    }
  else if (value != NULL || fallback != NULL)
    {
      chd_variables_set (variables, key, value != NULL ? value : fallback);
    }
}

void
chd_run_params_apply (ChdVariables *variables, JsonArray *declared, JsonArray *given, gboolean undeclared)
{
  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *declaration = chd_json_object_at (declared, i);
      const char *name = chd_json_string (declaration, "name", "");

      set_param (variables, name, get_node (declaration, "default"),
                 get_node (chd_run_params_find (given, name), "value"));
    }
  for (guint i = 0; undeclared && i < chd_json_length (given); i++)
    {
      JsonObject *param = chd_json_object_at (given, i);
      const char *name = chd_json_string (param, "name", "");

      if (chd_run_params_find (declared, name) == NULL)
        set_param (variables, name, NULL, get_node (param, "value"));
    }
}

typedef struct
{
  ChdVariables *variables;
  GPtrArray *bad;
} IndexCheck;

static void
check_index (const ChdReference *reference, const char *text, gpointer user_data)
{
  IndexCheck *check = user_data;
  g_autofree char *key = NULL;
  JsonNode *value;

  if (reference->form != CHD_REFERENCE_INDEX || !g_str_equal (reference->names[0], "params"))
    return;
  key = chd_reference_key (reference);
  value = chd_variables_get (check->variables, key);
  if (value != NULL && JSON_NODE_HOLDS_ARRAY (value) &&
      reference->index >= json_array_get_length (json_node_get_array (value)))
    g_ptr_array_add (check->bad, g_strndup (text + reference->offset, reference->length));
}

char *
chd_run_params_check_indices (ChdVariables *variables, JsonNode *node)
{
  g_autoptr (GPtrArray) bad = g_ptr_array_new_with_free_func (g_free);
  IndexCheck check = { variables, bad };

  chd_reference_foreach (node, check_index, &check);
  return bad->len > 0 ? join (bad) : NULL;
}
