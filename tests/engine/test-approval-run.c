/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "controller-test.h"

/* A pipeline that asks @params, then goes on. */
#define ASK(name, params)                                                                                              \
  "apiVersion: tekton.dev/v1\n"                                                                                        \
  "kind: PipelineRun\n"                                                                                                \
  "metadata: {name: " name "}\n"                                                                                       \
  "spec:\n"                                                                                                            \
  "  pipelineSpec:\n"                                                                                                  \
  "    tasks:\n"                                                                                                       \
  "    - name: wait\n"                                                                                                 \
  "      taskRef: {apiVersion: openshift-pipelines.org/v1alpha1, kind: ApprovalTask}\n"                                \
  "      params: [" params "]\n"                                                                                       \
  "    - {name: execute, runAfter: [wait], taskSpec: {steps: [{image: " IMAGE ", script: \"exit 0\"}]}}\n"

/* Answers as @user would, through admission. @group: (nullable): the entry he speaks in */
static void
answer (Engine *engine, const char *name, const ChdUser *user, const char *group, const char *input)
{
  JsonObject *before = engine_get (engine, CHD_KUBE_APPROVAL_TASK, name);
  g_autoptr (JsonObject) after = chd_json_copy_object (before);
  JsonArray *approvers = chd_json_lookup_array (after, "spec/approvers");
  g_autoptr (JsonObject) admitted = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < chd_json_length (approvers); i++)
    {
      JsonObject *entry = chd_json_object_at (approvers, i);

      if (!g_str_equal (chd_json_string (entry, "name", ""), group != NULL ? group : user->name))
        continue;
      json_object_set_string_member (entry, "input", input);
      if (group == NULL)
        {
          json_object_set_string_member (entry, "message", "fine");
          continue;
        }
      if (chd_json_array (entry, "users") == NULL)
        json_object_set_array_member (entry, "users", json_array_new ());
      json_array_add_object_element (chd_json_array (entry, "users"), json_object_new ());
      entry =
          chd_json_object_at (chd_json_array (entry, "users"), chd_json_length (chd_json_array (entry, "users")) - 1);
      json_object_set_string_member (entry, "name", user->name);
      json_object_set_string_member (entry, "input", input);
    }
  admitted = chd_admit (CHD_KUBE_APPROVAL_TASK, after, before, user, &error);
  g_assert_no_error (error);
  engine_put (engine, "approvaltasks.openshift-pipelines.org", admitted, NULL);
}

static const char *
state_of (Engine *engine, const char *name)
{
  return chd_json_lookup_string (engine_get (engine, CHD_KUBE_APPROVAL_TASK, name), "status/state", "");
}

static const ChdUser lead = { "lead", NULL };

static void
test_approve (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *question, *status, *response;

  if (!engine_can_run (engine))
    return;
  engine_create (engine, ASK ("asked", "{name: approvers, value: [lead]}, {name: numberOfApprovalsRequired, value: "
                                       "\"1\"}, {name: description, value: \"Release the budget?\"}"));
  chd_test_wait_for (g_str_equal (state_of (engine, "asked-wait"), "pending"));
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_CUSTOM_RUN, "asked-wait"), ==, "Started");
  question = engine_get (engine, CHD_KUBE_APPROVAL_TASK, "asked-wait");
  g_assert_cmpstr (chd_kube_get_label (question, "tekton.dev/customRun"), ==, "asked-wait");
  g_assert_cmpstr (chd_kube_get_label (question, "tekton.dev/pipelineRun"), ==, "asked");
  g_assert_cmpstr (chd_kube_get_controller_name (question, "CustomRun"), ==, "asked-wait");
  g_assert_cmpstr (chd_json_lookup_string (question, "spec/description", NULL), ==, "Release the budget?");
  g_assert_cmpint (chd_json_int (chd_json_object (question, "spec"), "numberOfApprovalsRequired", 0), ==, 1);
  g_assert_false (chd_controllers_is_idle (engine->controllers));
  assert_nothing_stuck (engine);

  answer (engine, "asked-wait", &lead, NULL, "approve");
  engine_finish (engine, "asked", "Succeeded");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_CUSTOM_RUN, "asked-wait"), ==, "Succeeded");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_CUSTOM_RUN, "asked-wait"), ==, "TaskRun succeeded");
  status = chd_json_object (engine_get (engine, CHD_KUBE_APPROVAL_TASK, "asked-wait"), "status");
  response = chd_json_object_at (chd_json_array (status, "approversResponse"), 0);
  g_assert_cmpstr (chd_json_string (status, "state", NULL), ==, "approved");
  g_assert_cmpint (chd_json_int (status, "approvalsReceived", 0), ==, 1);
  g_assert_cmpstr (chd_json_string (response, "response", NULL), ==, "approved");
  g_assert_cmpstr (chd_json_string (response, "message", NULL), ==, "fine");
}

static void
test_reject (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *run;

  if (!engine_can_run (engine))
    return;
  engine_create (engine, ASK ("denied", "{name: approvers, value: [lead, other]}"));
  chd_test_wait_for (g_str_equal (state_of (engine, "denied-wait"), "pending"));
  answer (engine, "denied-wait", &lead, NULL, "reject");
  run = engine_finish (engine, "denied", "Failed");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_CUSTOM_RUN, "denied-wait"), ==, "Approval Task denied");
  g_assert_cmpstr (state_of (engine, "denied-wait"), ==, "rejected");
  g_assert_cmpstr (skip_reason_of (run, "execute"), ==, "PipelineRun was stopping");
}

static void
test_several (void)
{
  static const char *const groups[] = { "board", NULL };
  const ChdUser anna = { "anna", groups };
  const ChdUser boris = { "boris", groups };
  g_autoptr (Engine) engine = engine_new ();

  if (!engine_can_run (engine))
    return;
  engine_create (engine, ASK ("many", "{name: approvers, value: [lead, \"group:board\"]}, {name: "
                                      "numberOfApprovalsRequired, value: \"3\"}"));
  chd_test_wait_for (g_str_equal (state_of (engine, "many-wait"), "pending"));
  answer (engine, "many-wait", &lead, NULL, "approve");
  answer (engine, "many-wait", &anna, "board", "approve");
  chd_test_wait_for (chd_json_int (chd_json_object (engine_get (engine, CHD_KUBE_APPROVAL_TASK, "many-wait"), "status"),
                                   "approvalsReceived", 0) == 2);
  g_assert_cmpstr (state_of (engine, "many-wait"), ==, "pending");
  answer (engine, "many-wait", &boris, "board", "approve");
  engine_finish (engine, "many", "Succeeded");
  g_assert_cmpstr (state_of (engine, "many-wait"), ==, "approved");
}

static void
test_timeout (void)
{
  g_autoptr (Engine) engine = engine_new ();

  if (!engine_can_run (engine))
    return;
  engine_create (engine, ASK ("slow", "{name: approvers, value: [lead]}, {name: timeout, value: 1s}"));
  engine_finish (engine, "slow", "Failed");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_CUSTOM_RUN, "slow-wait"), ==,
                   "Approval task slow-wait is failed because of timeout");
  g_assert_cmpstr (state_of (engine, "slow-wait"), ==, "rejected");
}

static void
test_bad_params (void)
{
  g_autoptr (Engine) engine = engine_new ();

  engine_create (engine, ASK ("nobody", "{name: approvers, value: lead}"));
  engine_finish (engine, "nobody", "Failed");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_CUSTOM_RUN, "nobody-wait"), ==, "ApprovalTaskValidationFailed");
  g_assert_null (engine_get (engine, CHD_KUBE_APPROVAL_TASK, "nobody-wait"));
}

/* The gate does not know of cancellation: the question stays, and can be answered. */
static void
test_cancelled (void)
{
  g_autoptr (Engine) engine = engine_new ();

  engine_create (engine, ASK ("left", "{name: approvers, value: [lead]}"));
  chd_test_wait_for (g_str_equal (state_of (engine, "left-wait"), "pending"));
  engine_ask (engine, CHD_KUBE_PIPELINE_RUN, "left", "Cancelled");
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_PIPELINE_RUN, "left"), "Cancelled"));
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_CUSTOM_RUN, "left-wait"), "NewObservedGenFailure"));
  g_assert_cmpstr (chd_json_lookup_string (engine_get (engine, CHD_KUBE_CUSTOM_RUN, "left-wait"), "spec/status", NULL),
                   ==, "RunCancelled");
  g_assert_cmpstr (state_of (engine, "left-wait"), ==, "pending");
  answer (engine, "left-wait", &lead, NULL, "approve");
  chd_test_wait_for (chd_controllers_is_idle (engine->controllers));
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_PIPELINE_RUN, "left"), ==, "Cancelled");
  g_assert_cmpstr (state_of (engine, "left-wait"), ==, "approved");
}

/* A CustomRun that no controller here knows. */
static void
test_foreign (void)
{
  g_autoptr (Engine) engine = engine_new ();

  engine_create (engine, "apiVersion: tekton.dev/v1beta1\n"
                         "kind: CustomRun\n"
                         "metadata: {name: other}\n"
                         "spec: {timeout: 1s, customRef: {apiVersion: example.dev/v1, kind: Example}}\n"
                         "---\n"
                         "apiVersion: tekton.dev/v1beta1\n"
                         "kind: CustomRun\n"
                         "metadata: {name: open}\n"
                         "spec: {customRef: {apiVersion: example.dev/v1, kind: Example}}\n");
  assert_nothing_stuck (engine);
  chd_test_wait_for (engine_is_done (engine, CHD_KUBE_CUSTOM_RUN, "other"));
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_CUSTOM_RUN, "other"), ==, "CustomRunTimedOut");
  g_assert_null (chd_json_object (engine_get (engine, CHD_KUBE_CUSTOM_RUN, "open"), "status"));
  engine_ask (engine, CHD_KUBE_CUSTOM_RUN, "open", "RunCancelled");
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_CUSTOM_RUN, "open"), "CustomRunCancelled"));
}

/* What differs from run to run, or says something about the real engine alone. */
static void
normalise (JsonObject *object)
{
  static const char *const names[] = { "creationTimestamp", "resourceVersion", "uid",          "namespace",
                                       "startTime",         "completionTime",  "provenance",   "lastTransitionTime",
                                       "finallyStartTime",  "namespace",       "managedFields" };
  g_autoptr (GList) members = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_has_member (object, names[i]))
      json_object_remove_member (object, names[i]);
  members = json_object_get_members (object);
  for (GList *link = members; link != NULL; link = link->next)
    {
      JsonArray *array = chd_json_array (object, link->data);

      if (chd_json_object (object, link->data) != NULL)
        normalise (chd_json_object (object, link->data));
      for (guint i = 0; i < chd_json_length (array); i++)
        if (chd_json_object_at (array, i) != NULL)
          normalise (chd_json_object_at (array, i));
    }
}

/* The chain that a real Tekton has run: the same objects, and at the end the same state. */
static void
test_compiled_example (void)
{
  static const char *const runs[] = { "pay-run-1", "pay-run-2" };
  const ChdUser admin = { "admin", NULL };
  g_autofree char *yaml_path = chd_test_shared ("reference/compiled-example.yaml");
  g_autofree char *runs_path = chd_test_shared ("reference/compiled-example-runs.json");
  g_autofree char *yaml = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  g_autoptr (JsonObject) expected = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Engine) engine = NULL;

  if (yaml_path == NULL || runs_path == NULL)
    return;
  engine = engine_new ();
  if (!engine_can_run (engine))
    return;
  yaml = chd_read_regular_file (yaml_path, 1024 * 1024, NULL, &error);
  g_assert_no_error (error);
  text = chd_read_regular_file (runs_path, 1024 * 1024, &length, &error);
  g_assert_no_error (error);
  expected = chd_json_parse_object (text, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, &error);
  g_assert_no_error (error);

  engine_create (engine, yaml);
  chd_test_wait_for (g_str_equal (state_of (engine, "pay-run-2-board-before-lead"), "pending"));
  answer (engine, "pay-run-2-board-before-lead", &admin, NULL, "approve");
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      JsonArray *items = chd_json_array (expected, "items");
      g_autoptr (JsonObject) ours = NULL;

      chd_test_wait_for (engine_is_done (engine, CHD_KUBE_PIPELINE_RUN, runs[i]));
      ours = chd_json_copy_object (engine_get (engine, CHD_KUBE_PIPELINE_RUN, runs[i]));
      normalise (ours);
      for (guint j = 0; j < chd_json_length (items); j++)
        {
          g_autoptr (JsonObject) theirs = NULL;
          g_autoptr (JsonNode) our_node = chd_json_node_from_object (ours);
          g_autoptr (JsonNode) their_node = NULL;

          if (!g_str_equal (chd_kube_get_name (chd_json_object_at (items, j)), runs[i]))
            continue;
          theirs = chd_json_copy_object (chd_json_object_at (items, j));
          normalise (theirs);
          their_node = chd_json_node_from_object (theirs);
          if (!chd_json_equal (our_node, their_node))
            {
              g_autofree char *our_text = chd_json_write (our_node, TRUE, NULL);
              g_autofree char *their_text = chd_json_write (their_node, TRUE, NULL);

              g_error ("ours:\n%s\ntheirs:\n%s", our_text, their_text);
            }
        }
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/approval/approved-runs-go-on", test_approve);
  g_test_add_func ("/engine/approval/one-rejection-is-enough", test_reject);
  g_test_add_func ("/engine/approval/members-of-groups-count-once-each", test_several);
  g_test_add_func ("/engine/approval/no-answer-in-time-is-a-rejection", test_timeout);
  g_test_add_func ("/engine/approval/wrong-params-are-said", test_bad_params);
  g_test_add_func ("/engine/approval/a-question-outlives-a-cancelled-run", test_cancelled);
  g_test_add_func ("/engine/approval/unknown-kinds-wait-for-their-controller", test_foreign);
  g_test_add_func ("/engine/approval/the-compiled-example-ends-as-on-a-real-engine", test_compiled_example);
  return g_test_run ();
}
