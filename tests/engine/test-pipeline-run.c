/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "controller-test.h"

#define RUN(name, spec)                                                                                                \
  "apiVersion: tekton.dev/v1\n"                                                                                        \
  "kind: PipelineRun\n"                                                                                                \
  "metadata: {name: " name ", labels: {chain.example/node: x}}\n"                                                      \
  "spec:\n" spec

/* A task with one step; @lines is its script, at the indentation of a block in a task of an embedded pipeline. */
#define STEP(script) "{steps: [{name: main, image: " IMAGE ", script: \"#!/bin/sh\\n" script "\"}]}"

static void
test_sequence (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *run, *task_run, *pod;
  g_autofree char *log = NULL;

  if (!engine_can_run (engine))
    return;
  engine_create (
      engine,
      RUN ("sequence",
           "  params: [{name: region, value: north}]\n"
           "  pipelineSpec:\n"
           "    params: [{name: region, default: south}]\n"
           "    results: [{name: total, value: $(tasks.collect.results.amount)}]\n"
           "    tasks:\n"
           "    - name: collect\n"
           "      params: [{name: region, value: $(params.region)}]\n"
           "      taskSpec:\n"
           "        params: [{name: region}]\n"
           "        results: [{name: amount}]\n"
           "        steps: [{name: main, image: " IMAGE
           ", script: \"#!/bin/sh\\necho collecting for $(params.region)\\nprintf 4200 > $(results.amount.path)\"}]\n"
           "    - name: report\n"
           "      params: [{name: amount, value: $(tasks.collect.results.amount)}]\n"
           "      taskSpec:\n"
           "        params: [{name: amount}]\n"
           "        steps: [{name: main, image: " IMAGE
           ", env: [{name: PARAM_AMOUNT, value: $(params.amount)}], script: \"echo amount is $PARAM_AMOUNT\"}]\n"));
  run = engine_finish (engine, "sequence", "Succeeded");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "sequence"), ==,
                   "Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 0");
  g_assert_cmpstr (result_of (run, "total"), ==, "4200");
  g_assert_cmpuint (chd_json_length (chd_json_lookup_array (run, "status/childReferences")), ==, 2);
  g_assert_cmpstr (chd_kube_get_label (run, "tekton.dev/pipeline"), ==, "sequence");
  g_assert_nonnull (chd_json_lookup_string (run, "status/completionTime", NULL));

  task_run = engine_get (engine, CHD_KUBE_TASK_RUN, "sequence-collect");
  g_assert_cmpstr (result_of (task_run, "amount"), ==, "4200");
  g_assert_cmpstr (chd_kube_get_label (task_run, "chain.example/node"), ==, "x");
  g_assert_cmpstr (chd_kube_get_label (task_run, "tekton.dev/memberOf"), ==, "tasks");
  g_assert_cmpstr (chd_json_lookup_string (step_of (task_run, 0), "terminated/reason", NULL), ==, "Completed");
  g_assert_cmpstr (chd_json_string (step_of (task_run, 0), "container", NULL), ==, "step-main");
  g_assert_cmpstr (chd_json_lookup_string (step_of (task_run, 0), "terminated/message", NULL), ==,
                   "[{\"key\":\"amount\",\"value\":\"4200\",\"type\":1}]");
  pod = engine_get (engine, CHD_KUBE_POD, "sequence-collect-pod");
  g_assert_cmpstr (chd_json_lookup_string (pod, "status/phase", NULL), ==, "Succeeded");
  log = engine_read_log (engine, "sequence-report", "step-main");
  g_assert_cmpstr (log, ==, "amount is 4200\n");
  g_assert_cmpuint (chd_json_length (chd_json_lookup_array (pod, "status/containerStatuses")), ==, 1);
}

static void
test_failure (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *run;
  JsonObject *task_run;

  if (!engine_can_run (engine))
    return;
  engine_create (engine, RUN ("failure",
                              "  pipelineSpec:\n"
                              "    tasks:\n"
                              "    - {name: check, taskSpec: " STEP (
                                  "echo cannot >&2; exit 3") "}\n"
                                                             "    - {name: after, runAfter: [check], taskSpec: " STEP (
                                                                 "echo never") "}\n"));
  run = engine_finish (engine, "failure", "Failed");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "failure"), ==,
                   "Tasks Completed: 1 (Failed: 1, Cancelled 0), Skipped: 1");
  g_assert_cmpstr (skip_reason_of (run, "after"), ==, "PipelineRun was stopping");
  g_assert_null (engine_get (engine, CHD_KUBE_TASK_RUN, "failure-after"));
  task_run = engine_get (engine, CHD_KUBE_TASK_RUN, "failure-check");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "failure-check"), ==, "StepFailed");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_TASK_RUN, "failure-check"), ==,
                   "\"step-main\" exited with code 3: Error");
  g_assert_cmpint (chd_json_int (chd_json_object (step_of (task_run, 0), "terminated"), "exitCode", 0), ==, 3);
  g_assert_cmpstr (chd_json_string (step_of (task_run, 0), "terminationReason", NULL), ==, "Error");
  g_assert_cmpstr (chd_json_lookup_string (engine_get (engine, CHD_KUBE_POD, "failure-check-pod"), "status/phase",
                                           NULL),
                   ==, "Failed");
}

static void
test_finally (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *run;
  g_autofree char *log = NULL;

  if (!engine_can_run (engine))
    return;
  engine_create (
      engine,
      RUN ("final",
           "  pipelineSpec:\n"
           "    tasks:\n"
           "    - {name: check, taskSpec: " STEP (
               "exit 1") "}\n"
                         "    - {name: never, runAfter: [check], taskSpec: " STEP (
                             "exit 0") "}\n"
                                       "    finally:\n"
                                       "    - name: notify\n"
                                       "      params: [{name: s, value: $(tasks.status)}, {name: c, value: "
                                       "$(tasks.check.status)}, {name: x, "
                                       "value: $(tasks.never.status)}]\n"
                                       "      taskSpec:\n"
                                       "        params: [{name: s}, {name: c}, {name: x}]\n"
                                       "        steps: [{name: main, image: " IMAGE
                                       ", script: \"echo all=$(params.s) check=$(params.c) never=$(params.x)\"}]\n"
                                       "    - name: on-success\n"
                                       "      when: [{input: $(tasks.status), operator: notin, values: [Failed]}]\n"
                                       "      taskSpec: " STEP ("exit 0") "\n"));
  run = engine_finish (engine, "final", "Failed");
  log = engine_read_log (engine, "final-notify", "step-main");
  g_assert_cmpstr (log, ==, "all=Failed check=Failed never=None\n");
  g_assert_cmpstr (skip_reason_of (run, "on-success"), ==, "When Expressions evaluated to false");
  g_assert_nonnull (chd_json_lookup_string (run, "status/finallyStartTime", NULL));
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "final"), ==,
                   "Tasks Completed: 2 (Failed: 1, Cancelled 0), Skipped: 2");
}

static void
test_when (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *run;
  JsonObject *skipped;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("guarded",
                      "  pipelineSpec:\n"
                      "    tasks:\n"
                      "    - {name: choose, taskSpec: {results: [{name: go}], steps: [{name: main, image: " IMAGE
                      ", script: \"printf no > $(results.go.path)\"}]}}\n"
                      "    - name: guarded\n"
                      "      when: [{input: $(tasks.choose.results.go), operator: in, values: [\"yes\"]}]\n"
                      "      taskSpec: {results: [{name: v}], steps: [{name: main, image: " IMAGE
                      ", script: \"exit 1\"}]}\n"
                      "    - {name: ordered, runAfter: [guarded], taskSpec: " STEP (
                          "exit 0") "}\n"
                                    "    - name: needs-result\n"
                                    "      params: [{name: v, value: $(tasks.guarded.results.v)}]\n"
                                    "      taskSpec: {params: [{name: v}], steps: [{name: main, image: " IMAGE
                                    ", script: \"exit 1\"}]}\n"
                                    "    - {name: behind, runAfter: [needs-result], taskSpec: " STEP ("exit 1") "}\n"));
  run = engine_finish (engine, "guarded", "Completed");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "guarded"), ==,
                   "Tasks Completed: 2 (Failed: 0, Cancelled 0), Skipped: 3");
  g_assert_cmpstr (skip_reason_of (run, "guarded"), ==, "When Expressions evaluated to false");
  g_assert_cmpstr (skip_reason_of (run, "needs-result"), ==, "Results were missing");
  g_assert_cmpstr (skip_reason_of (run, "behind"), ==, "Parent Tasks were skipped");
  skipped = chd_json_object_at (chd_json_lookup_array (run, "status/skippedTasks"), 0);
  g_assert_cmpstr (chd_json_string (chd_json_object_at (chd_json_array (skipped, "whenExpressions"), 0), "input", NULL),
                   ==, "no");
  g_assert_true (engine_is_done (engine, CHD_KUBE_TASK_RUN, "guarded-ordered"));
}

static void
test_retries (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *task_run;
  JsonArray *retries;

  if (!engine_can_run (engine))
    return;
  engine_create (engine, RUN ("retried", "  pipelineSpec:\n"
                                         "    tasks:\n"
                                         "    - name: flaky\n"
                                         "      retries: 2\n"
                                         "      taskSpec: " STEP ("echo attempt $(context.task.retry-count)\\ntest "
                                                                  "$(context.task.retry-count) -ge 2") "\n"));
  engine_finish (engine, "retried", "Succeeded");
  task_run = engine_get (engine, CHD_KUBE_TASK_RUN, "retried-flaky");
  retries = chd_json_lookup_array (task_run, "status/retriesStatus");
  g_assert_cmpuint (chd_json_length (retries), ==, 2);
  g_assert_cmpstr (chd_json_string (chd_json_object_at (retries, 0), "podName", NULL), ==, "retried-flaky-pod");
  g_assert_cmpstr (chd_json_string (chd_json_object_at (retries, 1), "podName", NULL), ==, "retried-flaky-pod-retry1");
  g_assert_null (chd_json_array (chd_json_object_at (retries, 1), "retriesStatus"));
  g_assert_cmpstr (chd_json_lookup_string (task_run, "status/podName", NULL), ==, "retried-flaky-pod-retry2");
  g_assert_nonnull (engine_get (engine, CHD_KUBE_POD, "retried-flaky-pod"));
}

static void
test_on_error (void)
{
  g_autoptr (Engine) engine = engine_new ();

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("soft", "  pipelineSpec:\n"
                              "    tasks:\n"
                              "    - {name: soft, onError: continue, taskSpec: " STEP (
                                  "exit 2") "}\n"
                                            "    - {name: next, runAfter: [soft], taskSpec: " STEP ("exit 0") "}\n"));
  engine_finish (engine, "soft", "Succeeded");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "soft"), ==,
                   "Tasks Completed: 2 (Failed: 1 (Ignored: 1), Cancelled 0), Skipped: 0");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "soft-soft"), ==, "FailureIgnored");
}

static void
test_timeouts (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *step;

  if (!engine_can_run (engine))
    return;
  engine_create (engine, RUN ("late", "  timeouts: {pipeline: 1s}\n"
                                      "  pipelineSpec:\n"
                                      "    tasks:\n"
                                      "    - {name: long, taskSpec: " STEP ("exec sleep 61.0117") "}\n"));
  engine_create (engine,
                 RUN ("task-late", "  pipelineSpec:\n"
                                   "    tasks:\n"
                                   "    - {name: long, timeout: 1s, taskSpec: " STEP ("exec sleep 61.0117") "}\n"));
  engine_create (engine,
                 RUN ("tasks-late",
                      "  timeouts: {pipeline: 1m, tasks: 1s}\n"
                      "  pipelineSpec:\n"
                      "    tasks:\n"
                      "    - {name: long, taskSpec: " STEP (
                          "exec sleep 61.0117") "}\n"
                                                "    - {name: next, runAfter: [long], taskSpec: " STEP (
                                                    "exit 0") "}\n"
                                                              "    finally:\n"
                                                              "    - {name: tidy, taskSpec: " STEP ("exit 0") "}\n"));
  engine_finish (engine, "tasks-late", "Failed");
  engine_finish (engine, "task-late", "Failed");
  engine_finish (engine, "late", "PipelineRunTimeout");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "late"), ==,
                   "PipelineRun \"late\" failed to finish within \"1s\"");
  g_assert_cmpstr (
      engine_message (engine, CHD_KUBE_TASK_RUN, "late-long"), ==,
      "TaskRun \"late-long\" was cancelled. TaskRun cancelled as the PipelineRun it belongs to has timed out.");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "task-late-long"), ==, "TaskRunTimeout");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_TASK_RUN, "task-late-long"), ==,
                   "TaskRun \"task-late-long\" failed to finish within \"1s\"");
  step = step_of (engine_get (engine, CHD_KUBE_TASK_RUN, "task-late-long"), 0);
  g_assert_cmpstr (chd_json_string (step, "terminationReason", NULL), ==, "TaskRunTimeout");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "tasks-late-tidy"), ==, "Succeeded");
  g_assert_false (process_lives ("61.0117"));
}

static void
test_cancel (void)
{
  g_autoptr (Engine) engine = engine_new ();
  JsonObject *task_run;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("stopped",
                      "  pipelineSpec:\n"
                      "    tasks:\n"
                      "    - {name: long, taskSpec: " STEP (
                          "exec sleep 62.0117") "}\n"
                                                "    - {name: next, runAfter: [long], taskSpec: " STEP (
                                                    "exit 0") "}\n"
                                                              "    finally:\n"
                                                              "    - {name: tidy, taskSpec: " STEP ("exit 0") "}\n"));
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_TASK_RUN, "stopped-long"), "Running"));
  engine_ask (engine, CHD_KUBE_PIPELINE_RUN, "stopped", "Cancelled");
  engine_finish (engine, "stopped", "Cancelled");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "stopped"), ==,
                   "PipelineRun \"stopped\" was cancelled");
  task_run = engine_get (engine, CHD_KUBE_TASK_RUN, "stopped-long");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "stopped-long"), ==, "TaskRunCancelled");
  g_assert_cmpstr (
      engine_message (engine, CHD_KUBE_TASK_RUN, "stopped-long"), ==,
      "TaskRun \"stopped-long\" was cancelled. TaskRun cancelled as the PipelineRun it belongs to has been cancelled.");
  g_assert_cmpstr (chd_json_lookup_string (step_of (task_run, 0), "terminated/message", NULL), ==,
                   "Step main terminated as pod stopped-long-pod is terminated");
  g_assert_null (engine_get (engine, CHD_KUBE_TASK_RUN, "stopped-tidy"));
  wait_for_outside (!process_lives ("62.0117"));
}

static void
test_graceful_cancel (void)
{
  g_autoptr (Engine) engine = engine_new ();

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("graceful", "  pipelineSpec:\n"
                                  "    tasks:\n"
                                  "    - {name: long, taskSpec: " STEP (
                                      "exec sleep 63.0117") "}\n"
                                                            "    finally:\n"
                                                            "    - {name: tidy, taskSpec: " STEP ("exit 0") "}\n"));
  engine_create (engine, RUN ("stopping",
                              "  pipelineSpec:\n"
                              "    tasks:\n"
                              "    - {name: long, taskSpec: " STEP (
                                  "exec sleep 1") "}\n"
                                                  "    - {name: next, runAfter: [long], taskSpec: " STEP (
                                                      "exit 0") "}\n"
                                                                "    finally:\n"
                                                                "    - {name: tidy, taskSpec: " STEP ("exit 0") "}\n"));
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_TASK_RUN, "graceful-long"), "Running"));
  engine_ask (engine, CHD_KUBE_PIPELINE_RUN, "graceful", "CancelledRunFinally");
  engine_ask (engine, CHD_KUBE_PIPELINE_RUN, "stopping", "StoppedRunFinally");
  chd_test_wait_for (
      g_str_equal (engine_reason (engine, CHD_KUBE_PIPELINE_RUN, "graceful"), "CancelledRunningFinally"));
  engine_finish (engine, "graceful", "Cancelled");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "graceful-long"), ==, "TaskRunCancelled");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "graceful-tidy"), ==, "Succeeded");
  engine_finish (engine, "stopping", "Cancelled");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "stopping-long"), ==, "Succeeded");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "stopping-tidy"), ==, "Succeeded");
  g_assert_cmpstr (skip_reason_of (engine_get (engine, CHD_KUBE_PIPELINE_RUN, "stopping"), "next"), ==,
                   "PipelineRun was gracefully stopped");
}

static void
test_pending (void)
{
  g_autoptr (Engine) engine = engine_new ();

  if (!engine_can_run (engine))
    return;
  engine_create (engine, RUN ("held", "  status: PipelineRunPending\n"
                                      "  pipelineSpec: {tasks: [{name: one, taskSpec: " STEP ("exit 0") "}]}\n"));
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_PIPELINE_RUN, "held"), "PipelineRunPending"));
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "held"), ==, "PipelineRun \"held\" is pending");
  g_assert_null (chd_json_lookup_string (engine_get (engine, CHD_KUBE_PIPELINE_RUN, "held"), "status/startTime", NULL));
  chd_test_wait_for (chd_controllers_is_idle (engine->controllers));
  assert_nothing_stuck (engine);
  engine_ask (engine, CHD_KUBE_PIPELINE_RUN, "held", NULL);
  engine_finish (engine, "held", "Succeeded");
}

/* Runs that end before anything starts, with the reasons and texts of a real server. */
static void
test_wrong_from_the_start (void)
{
  g_autoptr (Engine) engine = engine_new ();
  static const struct
  {
    const char *yaml;
    const char *name;
    const char *reason;
    const char *message;
  } cases[] = {
    { RUN ("task-missing", "  pipelineSpec: {tasks: [{name: ghost, taskRef: {name: no-such-task}}]}\n"), "task-missing",
      "CouldntGetTask",
      "Pipeline default/task-missing can't be Run; it contains Tasks that don't exist: Couldn't retrieve Task "
      "\"no-such-task\": tasks.tekton.dev \"no-such-task\" not found" },
    { RUN ("pipeline-missing", "  pipelineRef: {name: no-such-pipeline}\n"), "pipeline-missing", "CouldntGetPipeline",
      "Error retrieving pipeline for pipelinerun default/pipeline-missing: error when getting Pipeline for PipelineRun "
      "pipeline-missing: tekton client cannot get pipeline no-such-pipeline from local cluster: pipelines.tekton.dev "
      "\"no-such-pipeline\" not found" },
    { RUN ("param-wrong-type",
           "  pipelineRef: {name: needs-string}\n  params: [{name: amount, value: [\"1\", \"2\"]}]\n"),
      "param-wrong-type", "ParameterTypeMismatch",
      "[User error] PipelineRun default/param-wrong-type parameters have mismatching types with Pipeline "
      "default/needs-string's parameters: parameters have inconsistent types : [amount]" },
    { RUN ("param-missing", "  pipelineRef: {name: needs-string}\n"), "param-missing", "ParameterMissing",
      "[User error] PipelineRun default/param-missing is missing some parameters required by Pipeline "
      "default/needs-string: pipelineRun missing parameters: [amount]" },
    { RUN ("no-workspace",
           "  pipelineSpec: {workspaces: [{name: w}], tasks: [{name: a, taskSpec: " STEP ("exit 0") "}]}\n"),
      "no-workspace", "InvalidWorkspaceBindings", "pipeline requires workspace with name \"w\" be provided" },
    { RUN ("bad-index",
           "  params: [{name: l, value: [a]}]\n"
           "  pipelineSpec: {params: [{name: l, type: array}], tasks: [{name: a, params: [{name: x, value: "
           "\"$(params.l[3])\"}], taskSpec: " STEP ("exit 0") "}]}\n"),
      "bad-index", "ParamArrayIndexingInvalid", "$(params.l[3])" },
    { RUN ("bad-specs", "  taskRunSpecs: [{pipelineTaskName: nobody}]\n"
                        "  pipelineSpec: {tasks: [{name: a, taskSpec: " STEP ("exit 0") "}]}\n"),
      "bad-specs", "InvalidTaskRunSpecs", "\"nobody\"" },
  };

  engine_create (engine, "apiVersion: tekton.dev/v1\n"
                         "kind: Pipeline\n"
                         "metadata: {name: needs-string}\n"
                         "spec:\n"
                         "  params: [{name: amount, type: string}]\n"
                         "  tasks: [{name: one, taskSpec: " STEP ("exit 0") "}]\n");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      engine_create (engine, cases[i].yaml);
      engine_finish (engine, cases[i].name, cases[i].reason);
      if (strstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, cases[i].name), cases[i].message) == NULL)
        g_error ("%s: %s", cases[i].name, engine_message (engine, CHD_KUBE_PIPELINE_RUN, cases[i].name));
    }
}

static void
test_deleted_child (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autofree char *uid = NULL;
  g_autofree char *run_folder = NULL;

  if (!engine_can_run (engine))
    return;
  engine_create (engine, RUN ("robbed", "  pipelineSpec:\n"
                                        "    tasks:\n"
                                        "    - {name: long, taskSpec: " STEP ("exec sleep 64.0117") "}\n"));
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_TASK_RUN, "robbed-long"), "Running"));
  uid = g_strdup (chd_kube_get_uid (engine_get (engine, CHD_KUBE_TASK_RUN, "robbed-long")));
  run_folder = chd_engine_folder_run (engine->folder, uid);
  g_assert_true (g_file_test (run_folder, G_FILE_TEST_IS_DIR));
  engine_delete (engine, CHD_KUBE_TASK_RUN, "robbed-long");
  engine_finish (engine, "robbed", "Failed");
  g_assert_nonnull (strstr (engine_message (engine, CHD_KUBE_PIPELINE_RUN, "robbed"), "robbed-long"));
  wait_for_outside (!process_lives ("64.0117"));
  chd_test_wait_for (engine_get (engine, CHD_KUBE_POD, "robbed-long-pod") == NULL);
  wait_for_outside (!g_file_test (run_folder, G_FILE_TEST_EXISTS));
}

/* Deleting a run deletes everything that belongs to it. */
static void
test_collection (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autoptr (GPtrArray) events = NULL;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("gone",
                      "  pipelineSpec:\n"
                      "    tasks:\n"
                      "    - {name: one, taskSpec: " STEP (
                          "exit 0") "}\n"
                                    "    - {name: ask, taskRef: {apiVersion: openshift-pipelines.org/v1alpha1, kind: "
                                    "ApprovalTask}, params: [{name: approvers, value: [admin]}]}\n"));
  chd_test_wait_for (engine_is_done (engine, CHD_KUBE_TASK_RUN, "gone-one"));
  chd_test_wait_for (engine_get (engine, CHD_KUBE_APPROVAL_TASK, "gone-ask") != NULL);
  events = chd_object_store_list (engine->store, "events.", NULL);
  g_assert_cmpuint (events->len, >, 2);
  engine_delete (engine, CHD_KUBE_PIPELINE_RUN, "gone");
  chd_test_wait_for (engine_get (engine, CHD_KUBE_TASK_RUN, "gone-one") == NULL &&
                     engine_get (engine, CHD_KUBE_POD, "gone-one-pod") == NULL &&
                     engine_get (engine, CHD_KUBE_CUSTOM_RUN, "gone-ask") == NULL &&
                     engine_get (engine, CHD_KUBE_APPROVAL_TASK, "gone-ask") == NULL);
  chd_test_wait_for (chd_controllers_is_idle (engine->controllers));
  g_clear_pointer (&events, g_ptr_array_unref);
  events = chd_object_store_list (engine->store, "events.", NULL);
  g_assert_cmpuint (events->len, ==, 0);
  assert_nothing_stuck (engine);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/pipeline-run/results-go-from-task-to-task", test_sequence);
  g_test_add_func ("/engine/pipeline-run/a-failed-task-stops-what-has-not-begun", test_failure);
  g_test_add_func ("/engine/pipeline-run/finally-runs-after-a-failure-and-knows-of-it", test_finally);
  g_test_add_func ("/engine/pipeline-run/guarded-tasks-are-skipped-with-the-reason", test_when);
  g_test_add_func ("/engine/pipeline-run/a-task-is-tried-again", test_retries);
  g_test_add_func ("/engine/pipeline-run/a-failure-can-be-ignored", test_on_error);
  g_test_add_func ("/engine/pipeline-run/every-timeout-ends-what-it-is-for", test_timeouts);
  g_test_add_func ("/engine/pipeline-run/cancelling-ends-the-run-at-once", test_cancel);
  g_test_add_func ("/engine/pipeline-run/graceful-ends-run-finally", test_graceful_cancel);
  g_test_add_func ("/engine/pipeline-run/a-held-run-waits", test_pending);
  g_test_add_func ("/engine/pipeline-run/a-wrong-run-ends-at-once-and-says-why", test_wrong_from_the_start);
  g_test_add_func ("/engine/pipeline-run/a-deleted-child-fails-the-run", test_deleted_child);
  g_test_add_func ("/engine/pipeline-run/deleting-a-run-deletes-all-of-it", test_collection);
  return g_test_run ();
}
