/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The controller of CustomRuns and ApprovalTasks. As the gate does, it lets a question stand when its run is cancelled:
 * the wire form of an ApprovalTask knows no state for that. */

#include "config.h"

#include "chd-approval-run.h"

#include <string.h>

#include "chd-go-duration.h"
#include "chd-json.h"
#include "chd-run-params.h"
#include "chd-util.h"

#define DEFAULT_TIMEOUT "1h"
/* What Knative's condition manager says of a condition that was not set since the spec changed. The gate never sets
 * one while it waits, so this is what its clients know. */
#define WAITING_MESSAGE "unsuccessfully observed a new generation"

gboolean
chd_custom_run_is_approval (JsonObject *run)
{
  JsonObject *reference = chd_json_lookup_object (run, "spec/customRef");

  return g_str_equal (chd_json_string (reference, "kind", ""), "ApprovalTask") &&
         g_str_has_prefix (chd_json_string (reference, "apiVersion", ""), "openshift-pipelines.org/");
}

static JsonNode *
find_param (JsonObject *run, const char *name)
{
  JsonObject *param = chd_run_params_find (chd_json_lookup_array (run, "spec/params"), name);

  return param != NULL ? json_object_get_member (param, "value") : NULL;
}

static const char *
param_text (JsonObject *run, const char *name, const char *fallback)
{
  JsonNode *node = find_param (run, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : fallback;
}

static JsonArray *
read_approvers (JsonObject *run, char **problem)
{
  JsonNode *node = find_param (run, "approvers");
  JsonArray *names = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (JsonArray) approvers = json_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (chd_json_length (names) == 0)
    {
      *problem = g_strdup ("the param \"approvers\" must be an array with at least one approver");
      return NULL;
    }
  for (guint i = 0; i < chd_json_length (names); i++)
    {
      const char *text = chd_json_string_at (names, i);
      gboolean group = text != NULL && g_str_has_prefix (text, "group:");
      const char *name = group ? text + strlen ("group:") : text;
      JsonObject *approver;

      if (name == NULL || *name == '\0' || (group && strpbrk (name, " :") != NULL))
        {
          *problem = g_strdup_printf ("the approver \"%s\" is neither a user nor \"group:\" and a name",
                                      text != NULL ? text : "");
          return NULL;
        }
      if (!g_hash_table_add (seen, (gpointer) text))
        continue;
      approver = json_object_new ();
      json_object_set_string_member (approver, "input", "pending");
      json_object_set_string_member (approver, "name", name);
      json_object_set_string_member (approver, "type", group ? "Group" : "User");
      json_array_add_object_element (approvers, approver);
    }
  return g_steal_pointer (&approvers);
}

/* What the run asks for as the spec of an ApprovalTask; NULL with @problem. */
static JsonObject *
make_spec (JsonObject *run, char **problem)
{
  const char *number_text = param_text (run, "numberOfApprovalsRequired", "1");
  const char *timeout = param_text (run, "timeout", DEFAULT_TIMEOUT);
  JsonArray *approvers = read_approvers (run, problem);
  JsonObject *spec;
  guint64 number = 0;
  gint64 duration;

  if (approvers == NULL)
    return NULL;
  if (!g_ascii_string_to_unsigned (number_text, 10, 1, 1000, &number, NULL))
    *problem = g_strdup_printf ("the param \"numberOfApprovalsRequired\" must be a number greater than 0, got \"%s\"",
                                number_text);
  else if (!chd_go_duration_parse (timeout, &duration))
    *problem = g_strdup_printf ("the param \"timeout\" must be a duration, got \"%s\"", timeout);
  if (*problem != NULL)
    {
      json_array_unref (approvers);
      return NULL;
    }
  spec = json_object_new ();
  json_object_set_array_member (spec, "approvers", approvers);
  chd_json_set_string_if (spec, "description", param_text (run, "description", NULL));
  json_object_set_int_member (spec, "numberOfApprovalsRequired", (gint64) number);
  return spec;
}

static JsonArray *
list_names (JsonObject *spec)
{
  JsonArray *approvers = chd_json_array (spec, "approvers");
  JsonArray *names = json_array_new ();

  for (guint i = 0; i < chd_json_length (approvers); i++)
    json_array_add_string_element (names, chd_json_string (chd_json_object_at (approvers, i), "name", ""));
  return names;
}

static JsonObject *
make_question (JsonObject *run, JsonObject *spec)
{
  JsonObject *question = chd_run_new_child (CHD_KUBE_APPROVAL_TASK, run, chd_kube_get_name (run));
  JsonObject *status = chd_json_ensure_object (question, "status");
  g_autofree char *text = NULL;
  g_autofree char *hash = NULL;
  gsize length = 0;

  chd_run_inherit (question, run, "labels");
  chd_run_inherit (question, run, "annotations");
  if (chd_kube_is_label_value (chd_kube_get_name (run)))
    chd_kube_set_label (question, CHD_LABEL_TEKTON_PREFIX "customRun", chd_kube_get_name (run));
  json_object_set_object_member (question, "spec", spec);
  text = chd_json_write_object (spec, FALSE, &length);
  hash = chd_sha256 (text, length);
  chd_kube_set_annotation (question, "tekton.dev/last-applied-hash", hash);
  json_object_set_int_member (status, "approvalsRequired", chd_json_int (spec, "numberOfApprovalsRequired", 1));
  json_object_set_array_member (status, "approvers", list_names (spec));
  json_object_set_string_member (status, "state", "pending");
  return question;
}

/* The answers given so far. */
typedef struct
{
  GHashTable *approved; /* names of users, each once */
  gboolean rejected;
  JsonArray *responses;
} Answers;

static JsonObject *
add_response (JsonArray *responses, JsonObject *entry, const char *type, const char *response)
{
  JsonObject *object = json_object_new ();

  chd_json_set_string_if (object, "message", chd_json_string (entry, "message", NULL));
  json_object_set_string_member (object, "name", chd_json_string (entry, "name", ""));
  json_object_set_string_member (object, "response", response);
  if (type != NULL)
    json_object_set_string_member (object, "type", type);
  json_array_add_object_element (responses, object);
  return object;
}

static const char *
as_response (const char *input)
{
  return g_str_equal (input, "approve") ? "approved" : g_str_equal (input, "reject") ? "rejected" : NULL;
}

static void
count_entry (Answers *answers, JsonObject *entry)
{
  const char *input = chd_json_string (entry, "input", "");
  gboolean group = g_str_equal (chd_json_string (entry, "type", ""), "Group");
  const char *response = as_response (input);
  JsonArray *users = chd_json_array (entry, "users");
  JsonObject *object;
  g_autoptr (JsonArray) members = NULL;

  if (response == NULL)
    return;
  answers->rejected |= g_str_equal (input, "reject");
  object = add_response (answers->responses, entry, group ? "Group" : "User", response);
  if (!group)
    {
      if (g_str_equal (input, "approve"))
        g_hash_table_add (answers->approved, (gpointer) chd_json_string (entry, "name", ""));
      return;
    }
  members = json_array_new ();
  for (guint i = 0; i < chd_json_length (users); i++)
    {
      JsonObject *user = chd_json_object_at (users, i);
      const char *user_input = chd_json_string (user, "input", "");
      const char *user_response = as_response (user_input);

      if (user_response == NULL)
        continue;
      add_response (members, user, NULL, user_response);
      answers->rejected |= g_str_equal (user_input, "reject");
      if (g_str_equal (input, "approve") && g_str_equal (user_input, "approve"))
        g_hash_table_add (answers->approved, (gpointer) chd_json_string (user, "name", ""));
    }
  if (json_array_get_length (members) > 0)
    json_object_set_array_member (object, "groupMembers", g_steal_pointer (&members));
}

/* Writes the answers into the question. Returns its state. */
static const char *
take_answers (ChdReconcile *self, JsonObject *question, JsonObject *run, gboolean timed_out)
{
  JsonObject *copy = chd_json_copy_object (question);
  JsonObject *status = chd_json_ensure_object (copy, "status");
  JsonArray *approvers = chd_json_lookup_array (question, "spec/approvers");
  Answers answers = { g_hash_table_new (g_str_hash, g_str_equal), FALSE, json_array_new () };
  gint64 required = chd_json_int (chd_json_object (question, "spec"), "numberOfApprovalsRequired", 1);
  guint received;
  const char *state;

  for (guint i = 0; i < chd_json_length (approvers); i++)
    count_entry (&answers, chd_json_object_at (approvers, i));
  received = g_hash_table_size (answers.approved);
  state = answers.rejected ? "rejected" : received >= required ? "approved" : timed_out ? "rejected" : "pending";
  json_object_set_int_member (status, "approvalsRequired", required);
  if (received > 0)
    json_object_set_int_member (status, "approvalsReceived", received);
  if (json_array_get_length (answers.responses) > 0)
    {
      json_object_set_array_member (status, "approversResponse", json_array_ref (answers.responses));
      chd_json_set_string_if (status, "startTime", chd_json_lookup_string (run, "status/startTime", NULL));
    }
  if (!g_str_equal (state, "pending"))
    chd_json_set_string_if (status, "startTime", chd_json_lookup_string (run, "status/startTime", NULL));
  json_object_set_string_member (status, "state", state);
  chd_transaction_put (self->transaction, CHD_RESOURCE_APPROVAL_TASKS, copy);
  g_hash_table_unref (answers.approved);
  json_array_unref (answers.responses);
  return state;
}

static void
finish_timed_out (ChdReconcile *self, JsonObject *run, JsonObject *question)
{
  g_autofree char *message = g_strdup_printf ("Approval task %s is failed because of timeout", chd_kube_get_name (run));
  JsonObject *extra = chd_json_ensure_object (run, "status/extraFields");

  json_object_set_object_member (extra, "taskLoopSpec", chd_json_copy_object (chd_json_object (question, "spec")));
  chd_run_finish (run, "False", "Failed", message, self->now);
}

static void
decide (ChdReconcile *self, JsonObject *run, JsonObject *question)
{
  const char *timeout = chd_json_lookup_string (run, "spec/timeout", NULL);
  gboolean timed_out;
  const char *state;

  if (timeout == NULL)
    timeout = param_text (run, "timeout", DEFAULT_TIMEOUT);
  timed_out = chd_reconcile_remaining (self, chd_kube_get_uid (run),
                                       chd_json_lookup_string (run, "status/startTime", NULL), timeout) <= 0;
  state = take_answers (self, question, run, timed_out);
  if (g_str_equal (state, "approved"))
    chd_run_finish (run, "True", "Succeeded", "TaskRun succeeded", self->now);
  else if (g_str_equal (state, "rejected"))
    {
      JsonArray *approvers = chd_json_lookup_array (question, "spec/approvers");
      gboolean anybody_rejected = FALSE;

      for (guint i = 0; i < chd_json_length (approvers); i++)
        anybody_rejected |= g_str_equal (chd_json_string (chd_json_object_at (approvers, i), "input", ""), "reject");
      if (timed_out && !anybody_rejected)
        finish_timed_out (self, run, question);
      else
        chd_run_finish (run, "False", "Failed", "Approval Task denied", self->now);
    }
}

static void
reconcile_approval (ChdReconcile *self, JsonObject *run)
{
  JsonObject *status = chd_json_ensure_object (run, "status");
  gint64 generation = chd_json_int (chd_json_object (run, "metadata"), "generation", 1);
  gboolean first = chd_json_string (status, "startTime", NULL) == NULL;
  JsonObject *question;
  g_autofree char *problem = NULL;

  if (first)
    json_object_set_string_member (status, "startTime", self->now);
  if (first || chd_json_int (status, "observedGeneration", generation) != generation)
    chd_run_set_condition (run, "Unknown", first ? "Started" : "NewObservedGenFailure", WAITING_MESSAGE, self->now);
  json_object_set_int_member (status, "observedGeneration", generation);

  question = chd_transaction_get (self->transaction, CHD_RESOURCE_APPROVAL_TASKS, chd_kube_get_namespace (run),
                                  chd_kube_get_name (run));
  if (question != NULL && !chd_kube_is_owned_by (question, chd_kube_get_uid (run)))
    {
      chd_run_finish (run, "False", "Failed", "an ApprovalTask of this name belongs to something else", self->now);
      return;
    }
  if (question == NULL && !first)
    {
      chd_run_finish (run, "False", "Failed", "the ApprovalTask of this run was deleted", self->now);
      return;
    }
  if (question == NULL)
    {
      JsonObject *spec = make_spec (run, &problem);

      if (spec == NULL)
        {
          chd_run_finish (run, "False", "ApprovalTaskValidationFailed", problem, self->now);
          return;
        }
      question = chd_transaction_put (self->transaction, CHD_RESOURCE_APPROVAL_TASKS, make_question (run, spec));
    }
  decide (self, run, question);
}

/* Nobody here knows what it asks for. Only what needs no knowledge is done: its timeout, and its cancellation as long
 * as no other controller has begun with it. */
static void
reconcile_foreign (ChdReconcile *self, JsonObject *run)
{
  const char *timeout = chd_json_lookup_string (run, "spec/timeout", "");
  const char *created = chd_kube_get_creation_timestamp (run);

  if (chd_reconcile_remaining (self, chd_kube_get_uid (run), created, timeout) <= 0)
    {
      g_autofree char *message =
          g_strdup_printf ("CustomRun \"%s\" failed to finish within \"%s\"", chd_kube_get_name (run), timeout);

      chd_run_finish (run, "False", "CustomRunTimedOut", message, self->now);
    }
  else if (g_str_equal (chd_json_lookup_string (run, "spec/status", ""), "RunCancelled") &&
           *chd_run_get_status (run) == '\0')
    {
      g_autofree char *message = g_strdup_printf ("CustomRun \"%s\" was cancelled", chd_kube_get_name (run));

      chd_run_finish (run, "False", "CustomRunCancelled", message, self->now);
    }
}

void
chd_custom_run_reconcile (ChdReconcile *self, const char *namespace_, const char *name)
{
  JsonObject *before = chd_transaction_get (self->transaction, CHD_RESOURCE_CUSTOM_RUNS, namespace_, name);
  JsonObject *run;

  if (before == NULL || chd_run_is_done (before) || chd_kube_is_deleting (before))
    return;
  run = chd_json_copy_object (before);
  if (chd_custom_run_is_approval (before))
    reconcile_approval (self, run);
  else
    reconcile_foreign (self, run);
  if (chd_run_is_done (run))
    chd_engine_clock_forget (self->clock, chd_kube_get_uid (run));
  chd_run_store (self, CHD_RESOURCE_CUSTOM_RUNS, run, before);
}
