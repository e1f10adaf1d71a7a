/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the controllers that are rules alone: variables, conditions, order, names, durations. */
#include <string.h>

#include "chd-go-duration.h"
#include "chd-json.h"
#include "chd-pipeline-graph.h"
#include "chd-pipeline-state.h"
#include "chd-reference.h"
#include "chd-run-params.h"
#include "chd-run.h"
#include "chd-step-env.h"
#include "chd-test-loop.h"
#include "chd-variables.h"
#include "chd-when.h"
#include "chd-yaml.h"

static JsonObject *
parse (const char *yaml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = chd_yaml_parse_object (yaml, strlen (yaml), &error);

  g_assert_no_error (error);
  return chd_json_copy_object (object);
}

static ChdVariables *
make_variables (void)
{
  ChdVariables *variables = chd_variables_new ();
  g_autoptr (JsonObject) object = parse (
      "params: [{name: s, value: text}, {name: a.b, value: dotted}, {name: l, value: [one, two three, \"\"]}, {name: "
      "o, value: {k: v}}, {name: evil, value: \"$(params.s) $(params['a.b'])\"}]");

  chd_run_params_apply (variables, NULL, chd_json_array (object, "params"), TRUE);
  chd_variables_set_string (variables, "tasks.t.results.r", "result");
  return variables;
}

static void
test_expand (void)
{
  static const char *const cases[][2] = {
    { "", "" },
    { "no variable", "no variable" },
    { "$(params.s)", "text" },
    { "<$(params.s)-$(params['s'])-$(params[\"s\"])>", "<text-text-text>" },
    { "$(params['a.b'])", "dotted" },
    { "$(params.a.b)", "dotted" },
    { "$(params.l[1])", "two three" },
    { "$(params.l[7])", "$(params.l[7])" },
    { "$(params.o.k)", "v" },
    { "$(params.o.x)", "$(params.o.x)" },
    { "a $(params.l[*]) b", "a $(params.l[*]) b" },
    { "$(tasks.t.results.r)", "result" },
    { "$(date)", "$(date)" },
    { "$(date -u) $(params.s)", "$(date -u) text" },
    { "$(params.s", "$(params.s" },
    { "$((1+2)) $(", "$((1+2)) $(" },
    { "$$(params.s)", "$text" },
    { "$(params.evil)", "$(params.s) $(params['a.b'])" },
    { "$(params.中)", "$(params.中)" },
  };
  g_autoptr (ChdVariables) variables = make_variables ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = chd_variables_expand (variables, cases[i][0]);

      g_assert_cmpstr (text, ==, cases[i][1]);
    }
  g_assert_false (chd_variables_is_exceeded (variables));
}

static void
test_expand_lists (void)
{
  g_autoptr (ChdVariables) variables = make_variables ();
  g_autoptr (JsonObject) object =
      parse ("args: [before, \"$(params.l[*])\", \"$(params.l)\", \"x$(params.s)\"]\nvalue: $(params.l[*])\n"
             "object: $(params.o[*])\nnumber: 5\nnested: {a: [{b: $(params.s)}]}");
  g_autoptr (JsonObject) expanded = chd_variables_expand_object (variables, object);
  JsonArray *args = chd_json_array (expanded, "args");

  g_assert_cmpuint (chd_json_length (args), ==, 8);
  g_assert_cmpstr (chd_json_string_at (args, 2), ==, "two three");
  g_assert_cmpstr (chd_json_string_at (args, 7), ==, "xtext");
  g_assert_cmpuint (chd_json_length (chd_json_array (expanded, "value")), ==, 3);
  g_assert_cmpstr (chd_json_lookup_string (expanded, "object/k", NULL), ==, "v");
  g_assert_cmpint (chd_json_int (expanded, "number", 0), ==, 5);
  g_assert_cmpstr (chd_json_string (chd_json_object_at (chd_json_lookup_array (expanded, "nested/a"), 0), "b", NULL),
                   ==, "text");
}

/* A small text that asks for a large one many times must not become a huge one. */
static void
test_bound (void)
{
  g_autoptr (ChdVariables) variables = chd_variables_new ();
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  g_autofree char *text = NULL;

  chd_variables_set_string (variables, "params.x", large);
  text = chd_variables_expand (variables, "$(params.x)$(params.x)$(params.x)$(params.x)$(params.x)$(params.x)");
  g_assert_cmpuint (strlen (text), <, 4 * 1024 * 1024);
  g_assert_true (chd_variables_is_exceeded (variables));
}

static void
test_params (void)
{
  g_autoptr (JsonObject) object =
      parse ("declared: [{name: s, type: string}, {name: l, type: array, default: [a]}, {name: o, type: object, "
             "properties: {k: {}, m: {}}, default: {k: one}}]\n"
             "good: [{name: s, value: x}, {name: o, value: {m: two}}]\n"
             "wrong: [{name: s, value: [x]}]\n"
             "few: [{name: s, value: x}, {name: o, value: {z: two}}]\n");
  JsonArray *declared = chd_json_array (object, "declared");
  g_autoptr (ChdVariables) variables = chd_variables_new ();
  g_autofree char *names = NULL;

  g_assert_cmpint (chd_run_params_check (declared, chd_json_array (object, "good"), &names), ==, CHD_PARAMS_FINE);
  g_clear_pointer (&names, g_free);
  g_assert_cmpint (chd_run_params_check (declared, NULL, &names), ==, CHD_PARAMS_MISSING);
  g_assert_cmpstr (names, ==, "[s]");
  g_clear_pointer (&names, g_free);
  g_assert_cmpint (chd_run_params_check (declared, chd_json_array (object, "wrong"), &names), ==,
                   CHD_PARAMS_WRONG_TYPE);
  g_clear_pointer (&names, g_free);
  g_assert_cmpint (chd_run_params_check (declared, chd_json_array (object, "few"), &names), ==,
                   CHD_PARAMS_MISSING_KEYS);
  g_assert_cmpstr (names, ==, "[o]");
  chd_run_params_apply (variables, declared, chd_json_array (object, "good"), FALSE);
  g_assert_cmpstr (json_node_get_string (chd_variables_get (variables, "params.o.k")), ==, "one");
  g_assert_cmpstr (json_node_get_string (chd_variables_get (variables, "params.o.m")), ==, "two");
}

static void
test_when (void)
{
  static const struct
  {
    const char *yaml;
    gboolean holds;
  } cases[] = {
    { "when: []", TRUE },
    { "when: [{input: a, operator: in, values: [a, b]}]", TRUE },
    { "when: [{input: c, operator: in, values: [a, b]}]", FALSE },
    { "when: [{input: c, operator: notin, values: [a, b]}]", TRUE },
    { "when: [{input: a, operator: notin, values: [a, b]}]", FALSE },
    { "when: [{input: \"\", operator: in, values: [\"\"]}]", TRUE },
    { "when: [{input: a, operator: in, values: [a]}, {input: b, operator: in, values: [a]}]", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) object = parse (cases[i].yaml);

      g_assert_true (chd_when_holds (chd_json_array (object, "when")) == cases[i].holds);
    }
}

static void
test_graph (void)
{
  static const struct
  {
    const char *yaml;
    const char *problem;
  } cases[] = {
    { "tasks: [{name: a, runAfter: [b]}, {name: b, runAfter: [a]}]", "cycle detected; task \"a\" depends on \"b\"" },
    { "tasks: [{name: a, params: [{name: x, value: $(tasks.a.results.r)}]}]",
      "cycle detected; task \"a\" depends on \"a\"" },
    { "tasks: [{name: z}, {name: c, runAfter: [z, b]}, {name: b, when: [{input: $(tasks.c.results.r)}]}]",
      "cycle detected; task \"b\" depends on \"c\"" },
    { "tasks: [{name: a, runAfter: [q]}]",
      "couldn't add link between a and q: task a depends on q but q wasn't present in Pipeline" },
    { "tasks: [{name: a}, {name: a}]",
      "task a is already present in Graph, can't add it again: duplicate pipeline task" },
  };
  g_autoptr (JsonObject) good = parse (
      "tasks: [{name: d, runAfter: [c], params: [{name: x, value: \"<$(tasks.b.results.r)>\"}]}, {name: c, taskSpec: "
      "{steps: [{script: echo $(tasks.a.results.r)}]}}, {name: b, runAfter: [a, a]}, {name: a}]");
  g_autofree char *none = NULL;
  g_autoptr (ChdPipelineGraph) graph = chd_pipeline_graph_new (chd_json_array (good, "tasks"), &none);
  guint positions[4];

  g_assert_null (none);
  g_assert_cmpuint (graph->order->len, ==, 4);
  for (guint i = 0; i < 4; i++)
    positions[g_array_index (graph->order, guint, i)] = i;
  g_assert_cmpuint (positions[3], <, positions[1]);
  g_assert_cmpuint (positions[3], <, positions[2]);
  g_assert_cmpuint (positions[1], <, positions[0]);
  g_assert_cmpuint (positions[2], <, positions[0]);
  g_assert_cmpuint (graph->parents[2]->len, ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) object = parse (cases[i].yaml);
      g_autofree char *problem = NULL;

      g_assert_null (chd_pipeline_graph_new (chd_json_array (object, "tasks"), &problem));
      g_assert_cmpstr (problem, ==, cases[i].problem);
    }
}

static JsonObject *
find_in (JsonObject *task, gpointer user_data)
{
  return chd_json_object (user_data, chd_json_string (task, "name", ""));
}

static ChdPipelineTask *
task_of (ChdPipelineState *state, const char *name)
{
  for (guint i = 0; i < state->tasks->len; i++)
    {
      ChdPipelineTask *task = g_ptr_array_index (state->tasks, i);

      if (g_str_equal (chd_json_string (task->task, "name", ""), name))
        return task;
    }
  g_assert_not_reached ();
}

#define SUCCEEDED "{status: {conditions: [{type: Succeeded, status: \"True\"}], results: [{name: r, value: v}]}}"
#define RUNNING "{status: {conditions: [{type: Succeeded, status: Unknown}]}}"

static void
test_state (void)
{
  g_autoptr (JsonObject) spec =
      parse ("tasks: [{name: a}, {name: b, runAfter: [a], params: [{name: x, value: $(tasks.a.results.r)}]}, {name: c, "
             "runAfter: [b]}, {name: d, params: [{name: x, value: $(tasks.a.results.ghost)}]}]\n"
             "finally: [{name: f, params: [{name: s, value: $(tasks.status)}]}]");
  g_autoptr (JsonObject) begun = parse ("a: " RUNNING);
  g_autoptr (JsonObject) went_on = parse ("a: " SUCCEEDED);
  ChdPipelineCircumstances calm = { FALSE };
  ChdPipelineCircumstances stopped = { .gracefully_stopped = TRUE };
  g_autofree char *problem = NULL;
  g_autoptr (ChdPipelineState) none = chd_pipeline_state_new (spec, find_in, parse ("{}"), &calm, &problem);
  g_autoptr (ChdPipelineState) first = chd_pipeline_state_new (spec, find_in, begun, &calm, &problem);
  g_autoptr (ChdPipelineState) second = chd_pipeline_state_new (spec, find_in, went_on, &calm, &problem);
  g_autoptr (ChdPipelineState) third = chd_pipeline_state_new (spec, find_in, begun, &stopped, &problem);

  g_assert_true (task_of (none, "a")->ready);
  g_assert_false (task_of (none, "b")->ready);
  g_assert_cmpuint (none->n_incomplete, ==, 5);
  g_assert_false (task_of (first, "b")->ready);
  g_assert_false (first->dag_done);
  /* A result that a task has not written although it succeeded: the pipeline cannot be right. */
  g_assert_true (task_of (second, "d")->invalid);
  g_assert_true (second->stopping);
  g_assert_cmpint (task_of (second, "b")->skip, ==, CHD_SKIP_STOPPING);
  g_assert_true (second->dag_done);
  g_assert_true (task_of (second, "f")->ready);
  g_assert_cmpstr (chd_json_string (chd_json_object_at (chd_json_array (task_of (second, "f")->resolved, "params"), 0),
                                    "value", NULL),
                   ==, "Completed");
  g_assert_cmpint (task_of (third, "b")->skip, ==, CHD_SKIP_STOPPED);
  g_assert_false (third->dag_done);
}

static void
test_names (void)
{
  g_autofree char *plain = chd_run_child_name ("run-1", "-task");
  g_autofree char *exact = chd_run_child_name ("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee", "-abcdefghijkl");
  g_autofree char *long_run =
      chd_run_child_name ("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff", "-task");
  g_autofree char *long_task =
      chd_run_child_name ("run", "-aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggg");

  g_assert_cmpstr (plain, ==, "run-1-task");
  g_assert_cmpuint (strlen (exact), ==, 63);
  /* 31 - 5 of the run, the MD5 of it, the suffix */
  g_assert_cmpuint (strlen (long_run), ==, 63);
  g_assert_true (g_str_has_prefix (long_run, "aaaaaaaaaabbbbbbbbbbcccccc"));
  g_assert_true (g_str_has_suffix (long_run, "-task"));
  g_assert_cmpuint (strlen (long_task), <=, 63);
  g_assert_true (g_str_has_prefix (long_task, "run"));
}

static void
test_durations (void)
{
  static const struct
  {
    const char *text;
    const char *normal;
  } cases[] = {
    { "0", "0s" },        { "8s", "8s" },           { "60s", "1m0s" },      { "1h", "1h0m0s" },
    { "90m", "1h30m0s" }, { "1h30m5s", "1h30m5s" }, { "1.5s", "1.5s" },     { "20ms", "20ms" },
    { "-5s", "-5s" },     { "1500us", "1.5ms" },    { "100h", "100h0m0s" },
  };
  static const char *const bad[] = { "", "5", "abc", "5x", "1h1", "--5s", "h", "1..5s", "99999999999999h", "5 s" };
  gint64 value;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *normal = NULL;

      g_assert_true (chd_go_duration_parse (cases[i].text, &value));
      normal = chd_go_duration_format (value);
      g_assert_cmpstr (normal, ==, cases[i].normal);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (chd_go_duration_parse (bad[i], &value))
      g_error ("“%s” was taken for a duration", bad[i]);
}

static void
test_environment (void)
{
  g_autoptr (GPtrArray) env = g_ptr_array_new_with_free_func (g_free);
  static const char *const cases[][2] = {
    { "$(A)", "1" },     { "x$(A)y$(B)", "x1y$(B)" },
    { "$$(A)", "$(A)" }, { "$A ${A} $(date)", "$A ${A} $(date)" },
    { "$(", "$(" },      { "$", "$" },
    { "$$", "$" },
  };

  g_ptr_array_add (env, g_strdup ("A"));
  g_ptr_array_add (env, g_strdup ("1"));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = chd_step_env_expand (env, cases[i][0]);

      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

/* A limit is over when that much time has passed, not when the clock says so. */
static void
test_clock (void)
{
  ChdEngineClock *clock = chd_engine_clock_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) before = g_date_time_add_hours (now, -1);
  g_autoptr (GDateTime) later = g_date_time_add_hours (now, 1);
  g_autofree char *now_text = g_date_time_format_iso8601 (now);
  g_autofree char *before_text = g_date_time_format_iso8601 (before);
  g_autofree char *later_text = g_date_time_format_iso8601 (later);

  g_assert_cmpint (chd_engine_clock_elapsed (clock, "u", now_text), <, (gint64) G_USEC_PER_SEC);
  g_assert_cmpint (chd_engine_clock_elapsed (clock, "u", before_text), >=, 3599 * (gint64) G_USEC_PER_SEC);
  g_assert_cmpint (chd_engine_clock_elapsed (clock, "u", later_text), ==, 0);
  g_assert_cmpint (chd_engine_clock_elapsed (clock, "u", "nonsense"), ==, 0);
  chd_engine_clock_forget (clock, "u");
  chd_engine_clock_unref (clock);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/rules/variables-are-put-in-once", test_expand);
  g_test_add_func ("/engine/rules/arrays-and-objects-stay-what-they-are", test_expand_lists);
  g_test_add_func ("/engine/rules/expansion-is-bounded", test_bound);
  g_test_add_func ("/engine/rules/params-are-checked-and-completed", test_params);
  g_test_add_func ("/engine/rules/all-conditions-must-hold", test_when);
  g_test_add_func ("/engine/rules/tasks-form-a-graph", test_graph);
  g_test_add_func ("/engine/rules/the-state-of-a-pipeline-follows-from-its-runs", test_state);
  g_test_add_func ("/engine/rules/names-of-children-fit", test_names);
  g_test_add_func ("/engine/rules/durations-are-go-s", test_durations);
  g_test_add_func ("/engine/rules/environment-refers-to-itself", test_environment);
  g_test_add_func ("/engine/rules/time-passes-whatever-the-clock-says", test_clock);
  return g_test_run ();
}
