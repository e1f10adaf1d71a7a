/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chain's own Pipeline.
 *
 *  (1) A link A → B: the first tasks of B run after the last tasks of A.
 *  (2) Every task of a node carries the node's whole guard as `when`, so that a skipped node is skipped by its own
 *      expressions. Tekton lets tasks that are only ordered after such a one run on, which makes joins work; a task
 *      skipped because results were missing would take everything behind it along.
 *  (3) Tasks stand in an order in which everything they look at comes before them: Tekton resolves results in the
 *      order of the list, and all of a task's or none.
 *  (4) So when anything that a task looks at is missing (the node of a condition was skipped, or a task of the same
 *      interface), none of its variables is replaced: an `in` then fails by itself, while a `notin` would hold. A guard
 *      of `notin` alone gets one more expression, a result compared with itself in Tekton's other notation: equal once
 *      replaced, different as long as it is not. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-compiler-private.h"
#include "chd-error.h"
#include "chd-json.h"

static void
add_when (JsonArray *when, const char *input, ChdOperator op, JsonArray *values)
{
  JsonObject *expression = json_object_new ();

  json_object_set_string_member (expression, "input", input);
  json_object_set_string_member (expression, "operator", op == CHD_OPERATOR_IN ? "in" : "notin");
  json_object_set_array_member (expression, "values", values);
  json_array_add_object_element (when, expression);
}

static JsonArray *
make_values (const char *first, const char *second)
{
  JsonArray *values = json_array_new ();

  json_array_add_string_element (values, first);
  if (second != NULL)
    json_array_add_string_element (values, second);
  return values;
}

/* "$(tasks.a.results.r)" → "$(tasks.a.results['r'])"; NULL for any other text. */
static char *
write_in_brackets (const char *input)
{
  const char *at = strstr (input, ".results.");
  gsize length = strlen (input);

  if (!g_str_has_prefix (input, "$(tasks.") || at == NULL || input[length - 1] != ')' ||
      strpbrk (at + strlen (".results."), ".[$") != NULL)
    return NULL;
  at += strlen (".results");
  return g_strdup_printf ("%.*s['%.*s'])", (int) (at - input), input, (int) (input + length - 1 - at - 1), at + 1);
}

static JsonArray *
make_guard (ChdCompilation *self, const ChdNode *node, GError **error)
{
  g_autoptr (JsonArray) when = json_array_new ();
  GPtrArray *guard = g_hash_table_lookup (self->guards, node->item.id);
  gboolean fails_by_itself = FALSE;
  g_autofree char *plain = NULL;
  g_autofree char *bracketed = NULL;

  for (guint i = 0; i < guard->len; i++)
    {
      const ChdLink *link = g_ptr_array_index (guard, i);
      const ChdNode *source = chd_chain_find_node (self->chain, link->from);
      g_autofree char *input = chd_compile_result (self, source, link->result, "", error);

      if (input == NULL)
        return NULL;
      add_when (when, input, link->op, chd_json_array_from_strv ((const char *const *) link->values));
      fails_by_itself |= link->op == CHD_OPERATOR_IN;
      if (bracketed == NULL)
        {
          bracketed = write_in_brackets (input);
          plain = bracketed != NULL ? g_steal_pointer (&input) : NULL;
        }
    }
  if (!fails_by_itself && bracketed != NULL)
    add_when (when, plain, CHD_OPERATOR_IN, make_values (bracketed, NULL));
  return g_steal_pointer (&when);
}

/* When a task among the finally ones runs (chd-plan.h, rule 3). */
static JsonArray *
make_watch (const ChdPlan *plan, const ChdPlanTask *task)
{
  JsonArray *when = json_array_new ();
  gboolean on_failure = task->at == CHD_POSITION_ON_FAILURE;
  const ChdPlanTask *watched = g_ptr_array_index (plan->tasks, task->watched);
  g_autofree char *input = g_strdup_printf ("$(tasks.%s.status)", watched->name);

  add_when (when, input, CHD_OPERATOR_IN,
            on_failure ? make_values ("Failed", NULL) : make_values ("Succeeded", "Failed"));
  for (guint i = 0; i < task->earlier->len; i++)
    {
      const ChdPlanTask *other = g_ptr_array_index (plan->tasks, g_array_index (task->earlier, guint, i));
      g_autofree char *status = g_strdup_printf ("$(tasks.%s.status)", other->name);

      add_when (when, status, CHD_OPERATOR_NOT_IN,
                on_failure ? make_values ("Failed", NULL) : make_values ("Succeeded", "Failed"));
    }
  return when;
}

static void
add_names (JsonArray *run_after, const ChdPlan *plan, GArray *indexes)
{
  for (guint i = 0; i < indexes->len; i++)
    {
      const ChdPlanTask *task = g_ptr_array_index (plan->tasks, g_array_index (indexes, guint, i));

      json_array_add_string_element (run_after, task->name);
    }
}

static JsonArray *
make_run_after (ChdCompilation *self, const ChdPlan *plan, const ChdPlanTask *task, GError **error)
{
  g_autoptr (JsonArray) run_after = json_array_new ();
  GPtrArray *links;

  add_names (run_after, plan, task->after);
  if (task->after->len > 0)
    return g_steal_pointer (&run_after);
  links = chd_chain_get_links (self->chain, plan->node->item.id, CHD_LINKS_IN);
  for (guint i = 0; i < links->len; i++)
    {
      const ChdLink *link = g_ptr_array_index (links, i);
      ChdPlan *source = chd_compilation_get_plan (self, chd_chain_find_node (self->chain, link->from), error);

      if (source == NULL)
        return NULL;
      add_names (run_after, source, source->last);
    }
  return g_steal_pointer (&run_after);
}

static JsonArray *
make_task_params (ChdCompilation *self, const ChdPlan *plan, const ChdPlanTask *task, GError **error)
{
  g_autoptr (JsonArray) params = json_array_new ();
  GVariantIter iter;
  const char *name;
  GVariant *boxed;

  g_variant_iter_init (&iter, plan->node->task->params);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &boxed))
    {
      g_autoptr (GVariant) value = boxed;
      JsonNode *node = chd_compile_value (self, plan->node, task, value, error);
      JsonObject *param;

      if (node == NULL)
        return NULL;
      param = json_object_new ();
      json_object_set_string_member (param, "name", name);
      json_object_set_member (param, "value", node);
      json_array_add_object_element (params, param);
    }
  return g_steal_pointer (&params);
}

static void
set_list (JsonObject *object, const char *name, JsonArray *list)
{
  if (chd_json_length (list) > 0)
    json_object_set_array_member (object, name, json_array_ref (list));
}

/* What a pipeline task shows in other programs; a title that Tekton would read as a variable is left out. */
static void
set_display_name (JsonObject *object, const ChdPlan *plan, const ChdPlanTask *task)
{
  const char *title = chd_item_get_title (plan->node);
  const char *inner = task->source != NULL ? chd_json_string (task->source, "displayName", task->template_name) : NULL;
  g_autofree char *whole = inner != NULL ? g_strdup_printf ("%s – %s", title, inner) : g_strdup (title);

  if (strstr (whole, "$(") == NULL)
    json_object_set_string_member (object, "displayName", whole);
}

static gboolean
fill_script_task (ChdCompilation *self,
                  const ChdPlan *plan,
                  const ChdPlanTask *task,
                  JsonObject *object,
                  GError **error)
{
  const ChdTaskBinding *binding = plan->node->task;
  JsonObject *reference = chd_json_ensure_object (object, "taskRef");
  g_autofree char *name = g_strdup_printf ("%s-%s", chd_chain_get_head (self->chain)->item.id, plan->node->item.id);
  g_autoptr (JsonArray) params = make_task_params (self, plan, task, error);

  if (params == NULL)
    return FALSE;
  json_object_set_string_member (reference, "name", name);
  if (binding->retries > 0)
    json_object_set_int_member (object, "retries", binding->retries);
  chd_json_set_string_if (object, "timeout", binding->timeout);
  set_list (object, "params", params);
  return TRUE;
}

static gboolean
fill_interface_task (ChdCompilation *self,
                     const ChdPlan *plan,
                     const ChdPlanTask *task,
                     JsonObject *object,
                     JsonArray *when,
                     GError **error)
{
  g_autoptr (JsonObject) inlined = chd_inline_task (self, plan, task, error);
  JsonArray *own_when;
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  if (inlined == NULL)
    return FALSE;
  own_when = chd_json_array (inlined, "when");
  for (guint i = 0; i < chd_json_length (own_when); i++)
    json_array_add_element (when, json_node_copy (json_array_get_element (own_when, i)));
  set_list (object, "when", when);
  json_object_iter_init_ordered (&iter, inlined);
  while (json_object_iter_next_ordered (&iter, &name, &member))
    if (strcmp (name, "name") != 0 && strcmp (name, "displayName") != 0 && strcmp (name, "runAfter") != 0 &&
        strcmp (name, "when") != 0)
      json_object_set_member (object, name, json_node_copy (member));
  return TRUE;
}

static JsonObject *
make_task (ChdCompilation *self, const ChdPlan *plan, const ChdPlanTask *task, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonArray) run_after = NULL;
  g_autoptr (JsonArray) when = NULL;

  json_object_set_string_member (object, "name", task->name);
  set_display_name (object, plan, task);
  if (task->in_finally)
    {
      when = make_watch (plan, task);
    }
  else
    {
      run_after = make_run_after (self, plan, task, error);
      if (run_after == NULL)
        return NULL;
      set_list (object, "runAfter", run_after);
      when = make_guard (self, plan->node, error);
      if (when == NULL)
        return NULL;
    }
  if (task->is_task)
    {
      set_list (object, "when", when);
      if (!fill_script_task (self, plan, task, object, error))
        return NULL;
    }
  else if (!fill_interface_task (self, plan, task, object, when, error))
    return NULL;
  return g_steal_pointer (&object);
}

/* A node's tasks so that each comes after those it waits for. */
static gboolean
add_node (ChdCompilation *self, const ChdPlan *plan, JsonArray *tasks, JsonArray *finally, GError **error)
{
  g_autofree gboolean *done = g_new0 (gboolean, plan->tasks->len);
  guint left = plan->tasks->len;
  gboolean moved = TRUE;

  while (left > 0 && moved)
    {
      moved = FALSE;
      for (guint i = 0; i < plan->tasks->len; i++)
        {
          const ChdPlanTask *task = g_ptr_array_index (plan->tasks, i);
          gboolean waits = done[i];
          JsonObject *object;

          for (guint j = 0; j < task->after->len && !waits; j++)
            waits = !done[g_array_index (task->after, guint, j)];
          if (waits)
            continue;
          object = make_task (self, plan, task, error);
          if (object == NULL)
            return FALSE;
          json_array_add_object_element (task->in_finally ? finally : tasks, object);
          done[i] = moved = TRUE;
          left--;
        }
    }
  if (left > 0)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   _ ("The tasks of an interface of “%s” wait for each other in a circle. Choose another interface."),
                   chd_item_get_title (plan->node));
      return FALSE;
    }
  return TRUE;
}

/**
 * chd_compile_chain_object:
 * Returns: (transfer full) (nullable): the Pipeline "<chain>"
 */
JsonObject *
chd_compile_chain_object (ChdCompilation *self, GError **error)
{
  const ChdHead *head = chd_chain_get_head (self->chain);
  g_autoptr (GPtrArray) order = chd_chain_list_in_order (self->chain);
  g_autoptr (JsonObject) object = chd_kube_object_new (CHD_KUBE_PIPELINE, NULL, head->item.id);
  g_autoptr (JsonArray) tasks = json_array_new ();
  g_autoptr (JsonArray) finally = json_array_new ();
  JsonObject *spec = chd_json_ensure_object (object, "spec");

  chd_label_object (self, object, NULL, NULL);
  json_object_set_string_member (spec, "displayName", chd_item_get_title (head));
  if (head->description != NULL && *head->description != '\0')
    json_object_set_string_member (spec, "description", head->description);
  if (head->params->len > 0)
    json_object_set_array_member (spec, "params", chd_compile_param_list (head->params));
  for (guint i = 0; i < order->len; i++)
    {
      ChdPlan *plan = chd_compilation_get_plan (self, g_ptr_array_index (order, i), error);

      if (plan == NULL || !add_node (self, plan, tasks, finally, error))
        return NULL;
    }
  set_list (spec, "tasks", tasks);
  set_list (spec, "finally", finally);
  return g_steal_pointer (&object);
}
