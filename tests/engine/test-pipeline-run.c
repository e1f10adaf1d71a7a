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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/pipeline-run/results-go-from-task-to-task", test_sequence);
  return g_test_run ();
}
