/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "controller-test.h"

#define RUN(name, more)                                                                                                \
  "apiVersion: tekton.dev/v1\n"                                                                                        \
  "kind: TaskRun\n"                                                                                                    \
  "metadata: {name: " name "}\n"                                                                                       \
  "spec:\n" more

static JsonObject *
finish (Engine *engine, const char *name, const char *reason)
{
  chd_test_wait_for (engine_is_done (engine, CHD_KUBE_TASK_RUN, name));
  if (!g_str_equal (engine_reason (engine, CHD_KUBE_TASK_RUN, name), reason))
    g_error ("%s ended as %s (%s), not as %s", name, engine_reason (engine, CHD_KUBE_TASK_RUN, name),
             engine_message (engine, CHD_KUBE_TASK_RUN, name), reason);
  chd_test_wait_for (chd_controllers_is_idle (engine->controllers));
  assert_nothing_stuck (engine);
  return engine_get (engine, CHD_KUBE_TASK_RUN, name);
}

static const char *
state_member (JsonObject *run, guint index, const char *member)
{
  return chd_json_string (chd_json_object (step_of (run, index), "terminated"), member, NULL);
}

static void
test_steps_in_order (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autofree char *log = NULL;
  JsonObject *run;

  if (!engine_can_run (engine))
    return;
  engine_create (
      engine,
      "apiVersion: tekton.dev/v1\n"
      "kind: Task\n"
      "metadata: {name: t, labels: {a: b}, annotations: {c: d}}\n"
      "spec:\n"
      "  params: [{name: word, default: hello}, {name: list, type: array, default: [\"x y\", z]}, {name: o, type: "
      "object, "
      "properties: {k: {}}, default: {k: v}}]\n"
      "  results: [{name: r}, {name: a, type: array}, {name: o, type: object, properties: {x: {}}}]\n"
      "  stepTemplate:\n"
      "    env: [{name: SHARED, value: from-template}]\n"
      "    workingDir: /workspace\n"
      "  steps:\n"
      "  - {name: first, image: " IMAGE
      ", script: \"echo $SHARED > note; pwd; printf 'kept\\n' > $(results.r.path)\"}\n"
      "  - image: " IMAGE "\n"
      "    command: [/bin/sh, -c]\n"
      "    args: [\"cat note; echo $0 $1 $2 $#\", \"$(params.list[*])\", \"$(params.list[0])\"]\n"
      "  - name: third\n"
      "    image: " IMAGE "\n"
      "    env: [{name: A, value: $(params.word)}, {name: B, value: \"<$(A)> $(params.o.k) $$(A)\"}, {name: POD, "
      "valueFrom: {fieldRef: {fieldPath: metadata.name}}}]\n"
      "    script: |\n"
      "      echo \"$B\" $POD\n"
      "      printf '[\"1\",\"2\"]' > $(results.a.path)\n"
      "      printf '{\"x\":\"y\"}' > $(results.o.path)\n"
      "---\n" RUN ("order", "  taskRef: {name: t}\n"));
  run = finish (engine, "order", "Succeeded");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_TASK_RUN, "order"), ==, "All Steps have completed executing");
  g_assert_cmpstr (result_of (run, "r"), ==, "kept\n");
  g_assert_cmpstr (chd_json_string_at (
                       chd_json_array (chd_json_object_at (chd_json_lookup_array (run, "status/results"), 1), "value"),
                       1),
                   ==, "2");
  g_assert_cmpstr (chd_kube_get_label (run, "a"), ==, "b");
  g_assert_cmpstr (chd_kube_get_annotation (run, "c"), ==, "d");
  g_assert_cmpstr (chd_kube_get_label (run, "tekton.dev/task"), ==, "t");
  g_assert_cmpstr (chd_json_string (step_of (run, 1), "container", NULL), ==, "step-unnamed-1");
  g_assert_nonnull (chd_json_string (step_of (run, 0), "imageID", NULL));
  log = engine_read_log (engine, "order", "step-first");
  g_assert_cmpstr (log, ==, "/workspace\n");
  g_free (log);
  log = engine_read_log (engine, "order", "step-unnamed-1");
  g_assert_cmpstr (log, ==, "from-template\nx y z x y 2\n");
  g_free (log);
  log = engine_read_log (engine, "order", "step-third");
  g_assert_cmpstr (log, ==, "<hello> v $(A) order-pod\n");
}

static void
test_failing_steps (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autofree char *log = NULL;
  JsonObject *run;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("soft", "  taskSpec:\n"
                              "    steps:\n"
                              "    - {name: a, image: " IMAGE ", onError: continue, script: \"exit 7\"}\n"
                              "    - {name: b, image: " IMAGE ", script: \"cat $(steps.step-a.exitCode.path)\"}\n"));
  run = finish (engine, "soft", "Succeeded");
  g_assert_cmpstr (chd_json_string (step_of (run, 0), "terminationReason", NULL), ==, "Continued");
  g_assert_cmpint (chd_json_int (chd_json_object (step_of (run, 0), "terminated"), "exitCode", 0), ==, 7);
  log = engine_read_log (engine, "soft", "step-b");
  g_assert_cmpstr (log, ==, "7\n");

  engine_create (engine, RUN ("hard", "  taskSpec:\n"
                                      "    steps:\n"
                                      "    - {name: a, image: " IMAGE ", script: \"false; echo never\"}\n"
                                      "    - {name: b, image: " IMAGE ", script: \"echo never\"}\n"));
  run = finish (engine, "hard", "StepFailed");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_TASK_RUN, "hard"), ==, "\"step-a\" exited with code 1: Error");
  g_assert_cmpstr (chd_json_string (step_of (run, 1), "terminationReason", NULL), ==, "Skipped");
  g_assert_cmpint (chd_json_int (chd_json_object (step_of (run, 1), "terminated"), "exitCode", 0), ==, 1);

  engine_create (engine, RUN ("slow", "  taskSpec:\n"
                                      "    steps:\n"
                                      "    - {name: a, image: " IMAGE ", timeout: 1s, script: \"sleep 65.0117\"}\n"));
  run = finish (engine, "slow", "StepFailed");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_TASK_RUN, "slow"), ==,
                   "\"step-a\" exited because the step exceeded the specified timeout limit");
  g_assert_cmpstr (chd_json_string (step_of (run, 0), "terminationReason", NULL), ==, "TimeoutExceeded");

  engine_create (engine, RUN ("odd", "  taskSpec:\n"
                                     "    steps:\n"
                                     "    - {name: a, image: " IMAGE ", command: [/no/such/program]}\n"));
  run = finish (engine, "odd", "StepFailed");
  g_assert_cmpstr (state_member (run, 0, "reason"), ==, "StartError");
  g_assert_nonnull (strstr (engine_message (engine, CHD_KUBE_TASK_RUN, "odd"), "/no/such/program"));
}

static void
test_conditions_between_steps (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autofree char *log = NULL;
  JsonObject *run;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("steps",
                      "  taskSpec:\n"
                      "    results: [{name: out, value: $(steps.make.results.v)}]\n"
                      "    steps:\n"
                      "    - {name: make, image: " IMAGE
                      ", results: [{name: v}], script: \"printf 42 > $(step.results.v.path)\"}\n"
                      "    - {name: not, image: " IMAGE
                      ", when: [{input: $(steps.make.results.v), operator: in, values: [\"1\"]}], script: \"exit 1\"}\n"
                      "    - {name: use, image: " IMAGE
                      ", env: [{name: V, value: $(steps.make.results.v)}], script: \"echo got $V\"}\n"));
  run = finish (engine, "steps", "Succeeded");
  g_assert_cmpstr (chd_json_string (step_of (run, 1), "terminationReason", NULL), ==, "Skipped");
  g_assert_cmpstr (result_of (run, "out"), ==, "42");
  log = engine_read_log (engine, "steps", "step-use");
  g_assert_cmpstr (log, ==, "got 42\n");
}

static void
test_workspaces (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autofree char *log = NULL;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 "apiVersion: v1\n"
                 "kind: ConfigMap\n"
                 "metadata: {name: settings}\n"
                 "data: {greeting: good morning, other: x}\n"
                 "---\n"
                 "apiVersion: tekton.dev/v1\n"
                 "kind: PipelineRun\n"
                 "metadata: {name: shared}\n"
                 "spec:\n"
                 "  workspaces:\n"
                 "  - {name: files, volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce]}}}\n"
                 "  - {name: config, configMap: {name: settings}}\n"
                 "  pipelineSpec:\n"
                 "    workspaces: [{name: files}, {name: config}, {name: extra, optional: true}]\n"
                 "    tasks:\n"
                 "    - name: write\n"
                 "      workspaces: [{name: out, workspace: files, subPath: deep/er}, {name: config}]\n"
                 "      taskSpec:\n"
                 "        workspaces: [{name: out}, {name: config}]\n"
                 "        steps: [{name: main, image: " IMAGE
                 ", script: \"cat $(workspaces.config.path)/greeting > $(workspaces.out.path)/note\"}]\n"
                 "    - name: read\n"
                 "      runAfter: [write]\n"
                 "      workspaces: [{name: in, workspace: files}, {name: extra}]\n"
                 "      taskSpec:\n"
                 "        workspaces: [{name: in, readOnly: true, mountPath: /data}, {name: extra, optional: true}]\n"
                 "        volumes: [{name: v, emptyDir: {}}, {name: c, configMap: {name: settings}}]\n"
                 "        steps:\n"
                 "        - name: main\n"
                 "          image: " IMAGE "\n"
                 "          env: [{name: G, valueFrom: {configMapKeyRef: {name: settings, key: other}}}]\n"
                 "          volumeMounts: [{name: v, mountPath: /var/v}, {name: c, mountPath: /etc/c}]\n"
                 "          script: |\n"
                 "            echo $(cat /data/deep/er/note) $G $(workspaces.extra.bound) $(cat /etc/c/greeting)\n"
                 "            echo kept > /var/v/x\n"
                 "            if echo no > /data/x; then exit 1; fi\n"
                 "        - name: again\n"
                 "          image: " IMAGE "\n"
                 "          volumeMounts: [{name: v, mountPath: /v}]\n"
                 "          script: cat /v/x\n");
  engine_finish (engine, "shared", "Succeeded");
  log = engine_read_log (engine, "shared-read", "step-main");
  g_assert_true (g_str_has_prefix (log, "good morning x false good morning\n"));
  g_free (log);
  log = engine_read_log (engine, "shared-read", "step-again");
  g_assert_cmpstr (log, ==, "kept\n");
}

static void
test_refusals (void)
{
  g_autoptr (Engine) engine = engine_new ();
  static const struct
  {
    const char *name;
    const char *yaml;
    const char *reason;
    const char *message;
  } cases[] = {
    { "no-task", RUN ("no-task", "  taskRef: {name: ghost}\n"), "TaskRunResolutionFailed", "\"ghost\" not found" },
    { "no-param", RUN ("no-param", "  taskSpec: {params: [{name: a}], steps: [{image: " IMAGE "}]}\n"),
      "TaskRunValidationFailed", "no default values: [a]" },
    { "no-map",
      RUN ("no-map", "  workspaces: [{name: w, configMap: {name: ghost}}]\n  taskSpec: {workspaces: [{name: w}], "
                     "steps: [{image: " IMAGE ", script: x}]}\n"),
      "CreateContainerConfigError", "configmap \"ghost\" not found" },
    { "no-space", RUN ("no-space", "  taskSpec: {workspaces: [{name: w}], steps: [{image: " IMAGE ", script: x}]}\n"),
      "TaskRunValidationFailed", "\"w\" is required" },
    { "climber",
      RUN ("climber", "  workspaces: [{name: w, emptyDir: {}, subPath: ../../..}]\n  taskSpec: {workspaces: [{name: "
                      "w}], steps: [{image: " IMAGE ", script: x}]}\n"),
      "CreateContainerConfigError", "leaves its volume" },
    { "secretive",
      RUN ("secretive", "  taskSpec: {volumes: [{name: v, secret: {secretName: s}}], steps: [{image: " IMAGE
                        ", script: x, volumeMounts: [{name: v, mountPath: /v}]}]}\n"),
      "CreateContainerConfigError", "does not support" },
    { "host-path",
      RUN ("host-path", "  taskSpec: {volumes: [{name: v, hostPath: {path: /etc}}], steps: [{image: " IMAGE
                        ", script: x, volumeMounts: [{name: v, mountPath: /v}]}]}\n"),
      "CreateContainerConfigError", "does not support" },
    { "bad-image", RUN ("bad-image", "  taskSpec: {steps: [{image: \"UPPER CASE\", script: x}]}\n"),
      "TaskRunImagePullFailed", "UPPER CASE" },
  };

  if (!engine_can_run (engine))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      engine_create (engine, cases[i].yaml);
      finish (engine, cases[i].name, cases[i].reason);
      if (strstr (engine_message (engine, CHD_KUBE_TASK_RUN, cases[i].name), cases[i].message) == NULL)
        g_error ("%s: %s", cases[i].name, engine_message (engine, CHD_KUBE_TASK_RUN, cases[i].name));
    }
}

static void
test_hostile_results (void)
{
  g_autoptr (Engine) engine = engine_new ();
  static const struct
  {
    const char *name;
    const char *script;
    const char *message;
  } cases[] = {
    { "large", "head -c 5000 /dev/zero | tr '\\\\0' x > $(results.r.path)", "above max allowed size 4096" },
    { "linked", "ln -s /etc/hostname $(results.r.path)", "not a regular file" },
    { "folder", "mkdir $(results.r.path)", "not a regular file" },
    { "pipe", "mkfifo $(results.r.path)", "not a regular file" },
    { "nul", "printf 'a\\\\0b' > $(results.r.path)", "NUL byte" },
  };

  if (!engine_can_run (engine))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *yaml =
          g_strdup_printf (RUN ("%s", "  taskSpec: {results: [{name: r}], steps: [{name: a, image: " IMAGE
                                      ", script: \"%s\"}]}\n"),
                           cases[i].name, cases[i].script);
      JsonObject *run;

      engine_create (engine, yaml);
      run = finish (engine, cases[i].name, "StepFailed");
      if (strstr (engine_message (engine, CHD_KUBE_TASK_RUN, cases[i].name), cases[i].message) == NULL)
        g_error ("%s: %s", cases[i].name, engine_message (engine, CHD_KUBE_TASK_RUN, cases[i].name));
      g_assert_null (result_of (run, "r"));
    }
  engine_create (engine, RUN ("typed", "  taskSpec: {results: [{name: r, type: array}], steps: [{name: a, image: " IMAGE
                                       ", script: \"printf nonsense > $(results.r.path)\"}]}\n"));
  finish (engine, "typed", "TaskRunValidationFailed");
}

static void
test_missing_image (void)
{
  g_autoptr (Engine) engine = engine_new ();

  if (!engine_can_run (engine))
    return;
  engine_create (engine, RUN ("absent", "  timeout: 2s\n  taskSpec: {steps: [{name: a, image: "
                                        "\"registry.example.org/env/absent:9\", script: x}]}\n"));
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_TASK_RUN, "absent"), "PullImageFailed"));
  g_assert_true (g_str_has_prefix (engine_message (engine, CHD_KUBE_TASK_RUN, "absent"),
                                   "build step \"step-a\" is pending with reason"));
  g_assert_cmpstr (chd_json_lookup_string (step_of (engine_get (engine, CHD_KUBE_TASK_RUN, "absent"), 0),
                                           "waiting/reason", NULL),
                   ==, "ErrImagePull");
  finish (engine, "absent", "TaskRunTimeout");
}

static void
test_cancel (void)
{
  g_autoptr (Engine) engine = engine_new ();

  if (!engine_can_run (engine))
    return;
  engine_create (engine, RUN ("stopped", "  taskSpec: {steps: [{name: a, image: " IMAGE
                                         ", script: \"trap '' TERM; sleep 66.0117 & wait; wait\"}]}\n"));
  chd_test_wait_for (g_str_equal (engine_reason (engine, CHD_KUBE_TASK_RUN, "stopped"), "Running"));
  engine_ask (engine, CHD_KUBE_TASK_RUN, "stopped", "TaskRunCancelled");
  finish (engine, "stopped", "TaskRunCancelled");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_TASK_RUN, "stopped"), ==, "TaskRun \"stopped\" was cancelled. ");
  g_assert_false (process_lives ("66.0117"));
}

/* More than may run at once: the rest says so, and runs in its turn. */
static void
test_many (void)
{
  g_autoptr (Engine) engine = engine_new ();
  guint n = 2 * 2 * g_get_num_processors () + 3;
  guint n_waiting = 0;

  if (!engine_can_run (engine))
    return;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *yaml = g_strdup_printf (RUN ("many-%u", "  taskSpec: {steps: [{name: a, image: " IMAGE
                                                               ", script: \"sleep 0.3\"}]}\n"),
                                               i);

      engine_create (engine, yaml);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("many-%u", i);

      n_waiting += g_str_equal (engine_reason (engine, CHD_KUBE_TASK_RUN, name), "ExceededNodeResources");
    }
  g_assert_cmpuint (n_waiting, >, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("many-%u", i);

      finish (engine, name, "Succeeded");
    }
}

/* The network, only when it is asked for. */
static void
test_network (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autofree char *without = NULL;
  g_autofree char *with = NULL;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 "apiVersion: tekton.dev/v1\n"
                 "kind: TaskRun\n"
                 "metadata: {name: with, annotations: {chain-designer.example.org/network: \"true\"}}\n"
                 "spec: {taskSpec: {steps: [{name: a, image: " IMAGE ", script: readlink /proc/self/ns/net}]}}\n"
                 "---\n" RUN ("without", "  taskSpec: {steps: [{name: a, image: " IMAGE
                                         ", script: readlink /proc/self/ns/net}]}\n"));
  finish (engine, "with", "Succeeded");
  finish (engine, "without", "Succeeded");
  with = engine_read_log (engine, "with", "step-a");
  without = engine_read_log (engine, "without", "step-a");
  g_assert_cmpstr (with, !=, without);
}

/* This machine's own system, read-only. */
static void
test_host (void)
{
  g_autoptr (Engine) engine = engine_new ();
  g_autofree char *log = NULL;

  if (!engine_can_run (engine))
    return;
  engine_create (engine,
                 RUN ("on-host", "  taskSpec: {results: [{name: r}], steps: [{name: a, image: host, script: "
                                 "\"#!/bin/sh\\ntest -x /usr/bin/env && printf yes > $(results.r.path)\\nif echo x "
                                 "2>/dev/null > /usr/chd-test; then exit 1; fi\"}]}\n"));
  g_assert_cmpstr (result_of (finish (engine, "on-host", "Succeeded"), "r"), ==, "yes");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/task-run/steps-run-in-order-with-their-values", test_steps_in_order);
  g_test_add_func ("/engine/task-run/a-failing-step-ends-the-task-unless-it-may-fail", test_failing_steps);
  g_test_add_func ("/engine/task-run/steps-hand-results-to-steps", test_conditions_between_steps);
  g_test_add_func ("/engine/task-run/workspaces-are-shared-as-bound", test_workspaces);
  g_test_add_func ("/engine/task-run/what-cannot-run-says-why", test_refusals);
  g_test_add_func ("/engine/task-run/results-are-not-trusted", test_hostile_results);
  g_test_add_func ("/engine/task-run/a-missing-image-is-waited-for", test_missing_image);
  g_test_add_func ("/engine/task-run/cancelling-ends-all-processes", test_cancel);
  g_test_add_func ("/engine/task-run/more-than-a-few-wait-their-turn", test_many);
  g_test_add_func ("/engine/task-run/no-network-unless-asked-for", test_network);
  g_test_add_func ("/engine/task-run/the-host-system-is-an-environment", test_host);
  return g_test_run ();
}
