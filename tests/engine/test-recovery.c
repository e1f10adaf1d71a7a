/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine is killed at many points of a busy run and started again at once. This program is both: the tester, and,
 * called with a folder, an engine without its door that ends when nothing is under way. */
#include <signal.h>
#include <sys/wait.h>

#include "controller-test.h"

#define POINTS 100
/* A start that lasts this long got somewhere; the last one may take all the time it needs. */
#define MAX_DELAY_MS 350
#define RUNS 6
#define TASKS 8

/* One step of a run: says in a shared folder that it ran, and how it ended. */
#define TASK(name, after)                                                                                              \
  "    - name: " name "\n"                                                                                             \
  "      runAfter: [" after "]\n"                                                                                      \
  "      params: [{name: v, value: \"$(tasks.first.results.out)\"}]\n"                                                 \
  "      workspaces: [{name: w}]\n"                                                                                    \
  "      taskSpec:\n"                                                                                                  \
  "        workspaces: [{name: w}]\n"                                                                                  \
  "        params: [{name: v}]\n"                                                                                      \
  "        results: [{name: out}]\n"                                                                                   \
  "        steps:\n"                                                                                                   \
  "        - {name: a, image: " IMAGE ", script: \"echo " name                                                         \
  "-a >> /workspace/w/began; sleep 0.02; printf $(params.v) > "                                                        \
  "$(results.out.path); echo " name "-a >> /workspace/w/ended\"}\n"                                                    \
  "        - {name: b, image: " IMAGE ", script: \"echo " name "-b >> /workspace/w/began; echo " name                  \
  "-b >> /workspace/w/ended\"}\n"

static char *
make_run (guint index)
{
  return g_strdup_printf ("apiVersion: tekton.dev/v1\n"
                          "kind: PipelineRun\n"
                          "metadata: {name: busy-%u%s}\n"
                          "spec:\n"
                          "  workspaces: [{name: w, volumeClaimTemplate: {spec: {}}}]\n"
                          "  pipelineSpec:\n"
                          "    workspaces: [{name: w}]\n"
                          "    results: [{name: sum, value: \"$(tasks.last.results.out)\"}]\n"
                          "    tasks:\n"
                          "    - name: first\n"
                          "      taskSpec: {results: [{name: out}], steps: [{name: a, image: " IMAGE
                          ", script: \"printf %u > $(results.out.path)\"}]}\n" TASK ("two", "first")
                              TASK ("three", "first") TASK ("four", "two, three") TASK ("five", "four")
                                  TASK ("last", "five"),
                          index,
                          index % 2 == 0 ? ", annotations: {chain-designer.example.org/repeatable: \"true\"}" : "",
                          index);
}

static int
run_engine (const char *engine_folder)
{
  Engine engine = { .folder = (char *) engine_folder };

  engine_open (&engine);
  chd_controllers_start (engine.controllers);
  while (!chd_controllers_is_idle (engine.controllers))
    g_main_context_iteration (NULL, TRUE);
  assert_nothing_stuck (&engine);
  engine_close (&engine);
  return 0;
}

static GPid
start_engine (const char *engine_folder)
{
  const char *const argv[] = { "/proc/self/exe", "--engine", engine_folder, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", &error);
  char *real_argv[] = { self, (char *) argv[1], (char *) argv[2], NULL };
  GPid pid;

  g_assert_no_error (error);
  g_spawn_async (NULL, real_argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  return pid;
}

/* How often each line stands in a file. */
static GHashTable *
count_lines (const char *path)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return counts;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      g_hash_table_insert (counts, g_strdup (lines[i]),
                           GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, lines[i])) + 1));
  return counts;
}

/* What the run's steps have written down must fit to what is stored about them. */
static guint
judge_run (Engine *engine, guint index)
{
  g_autofree char *name = g_strdup_printf ("busy-%u", index);
  g_autofree char *value = g_strdup_printf ("%u", index);
  gboolean repeatable = index % 2 == 0;
  JsonObject *run = engine_get (engine, CHD_KUBE_PIPELINE_RUN, name);
  JsonArray *children = chd_json_lookup_array (run, "status/childReferences");
  g_autofree char *began_path =
      g_build_filename (engine->folder, "workspaces", chd_kube_get_uid (run), "w", "began", NULL);
  g_autofree char *ended_path =
      g_build_filename (engine->folder, "workspaces", chd_kube_get_uid (run), "w", "ended", NULL);
  g_autoptr (GHashTable) began = count_lines (began_path);
  g_autoptr (GHashTable) ended = count_lines (ended_path);
  guint n_restarted = 0;

  g_assert_true (engine_is_done (engine, CHD_KUBE_PIPELINE_RUN, name));
  for (guint i = 0; i < chd_json_length (children); i++)
    {
      const char *child_name = chd_json_string (chd_json_object_at (children, i), "name", NULL);
      const char *task = chd_json_string (chd_json_object_at (children, i), "pipelineTaskName", NULL);
      JsonObject *child = engine_get (engine, CHD_KUBE_TASK_RUN, child_name);

      g_assert_nonnull (child);
      g_assert_true (engine_is_done (engine, CHD_KUBE_TASK_RUN, child_name));
      for (guint j = 0; step_of (child, j) != NULL && !g_str_equal (task, "first"); j++)
        {
          JsonObject *step = step_of (child, j);
          g_autofree char *line = g_strdup_printf ("%s-%s", task, chd_json_string (step, "name", ""));
          guint n_began = GPOINTER_TO_UINT (g_hash_table_lookup (began, line));
          guint n_ended = GPOINTER_TO_UINT (g_hash_table_lookup (ended, line));
          const char *reason = chd_json_string (step, "terminationReason", "");

          /* A step that ran to its end is recorded as such, and never ran again. */
          g_assert_cmpuint (n_ended, <=, 1);
          if (!repeatable)
            g_assert_cmpuint (n_began, <=, 1);
          if (g_str_equal (reason, "Completed"))
            g_assert_cmpuint (n_ended, ==, 1);
          if (g_str_equal (reason, "Skipped"))
            g_assert_cmpuint (n_began, ==, 0);
          n_restarted += g_str_equal (chd_json_lookup_string (step, "terminated/reason", ""), "EngineRestarted");
        }
    }
  /* Supervisors outlive the engine, so nothing is lost by killing it alone. */
  if (!g_str_equal (engine_reason (engine, CHD_KUBE_PIPELINE_RUN, name), "Succeeded"))
    for (guint i = 0; i < chd_json_length (children); i++)
      {
        const char *child_name = chd_json_string (chd_json_object_at (children, i), "name", NULL);

        g_test_message ("%s: %s: %s", child_name, engine_reason (engine, CHD_KUBE_TASK_RUN, child_name),
                        engine_message (engine, CHD_KUBE_TASK_RUN, child_name));
      }
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_PIPELINE_RUN, name), ==, "Succeeded");
  g_assert_cmpstr (result_of (run, "sum"), ==, value);
  return n_restarted;
}

static void
test_kill (void)
{
  Engine *engine = engine_new_stopped (); /* only one engine may have the folder */
  guint32 seed = g_random_int ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  g_autofree char *engine_folder = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  guint n_killed = 0;
  guint generation = 0;
  int status;

  if (!engine_can_run (engine))
    {
      engine_free (engine);
      return;
    }
  g_test_message ("seed %u", seed);
  engine_folder = engine->folder;
  /* Each time all runs have ended before enough points were tried, new ones are made. */
  while (n_killed < POINTS)
    {
      if (generation > 0)
        engine_open (engine);
      for (guint i = 0; i < RUNS; i++)
        {
          g_autofree char *yaml = make_run (generation * RUNS + i);

          engine_create (engine, yaml);
        }
      engine_close (engine);
      generation++;
      while (n_killed < POINTS)
        {
          GPid pid = start_engine (engine_folder);
          gint64 until = g_get_monotonic_time () + g_rand_int_range (rand, 1, MAX_DELAY_MS) * 1000;
          pid_t ended = 0;

          while (g_get_monotonic_time () < until && (ended = waitpid (pid, &status, WNOHANG)) == 0)
            g_usleep (1000);
          if (ended == 0)
            {
              kill (pid, SIGKILL);
              n_killed++;
              g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
              continue;
            }
          g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
          break;
        }
    }
  {
    GPid pid = start_engine (engine_folder);

    g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  }
  engine_open (engine);
  for (guint i = 0; i < generation * RUNS; i++)
    g_assert_cmpuint (judge_run (engine, i), ==, 0);
  rows = chd_object_store_list (engine->store, "_steps", NULL);
  g_assert_cmpuint (rows->len, ==, 0);
  g_test_message ("killed %u times during %u runs", n_killed, generation * RUNS);
  g_steal_pointer (&engine_folder);
  engine_free (engine);
}

/* A task whose step lasts until a file is there; the file is made once the machine "came back". */
#define LASTING(name, metadata, more)                                                                                  \
  "apiVersion: tekton.dev/v1\n"                                                                                        \
  "kind: TaskRun\n"                                                                                                    \
  "metadata: {name: " name metadata "}\n"                                                                              \
  "spec:\n" more "  workspaces: [{name: w, persistentVolumeClaim: {claimName: shared}}]\n"                             \
  "  taskSpec:\n"                                                                                                      \
  "    workspaces: [{name: w}]\n"                                                                                      \
  "    steps:\n"                                                                                                       \
  "    - {name: a, image: " IMAGE ", script: \"echo x >> /workspace/w/" name                                           \
  "\\nuntil test -e /workspace/w/go; do sleep "                                                                        \
  "0.02; done\"}\n"

static guint
count_file (const char *claim, const char *name)
{
  g_autofree char *path = g_build_filename (claim, name, NULL);
  g_autofree char *text = NULL;
  gsize length = 0;

  return g_file_get_contents (path, &text, &length, NULL) ? (guint) (length / 2) : 0;
}

/* Power loss: the engine and its supervisors are gone at once, and nobody has seen how the steps ended. */
static void
test_power_loss (void)
{
  Engine *engine = engine_new_stopped ();
  g_autofree char *claim = g_build_filename (engine->folder, "workspaces", "claims", "default", "shared", NULL);
  g_autofree char *go = g_build_filename (claim, "go", NULL);
  g_autoptr (GPtrArray) rows = NULL;
  JsonObject *run;
  GPid pid;
  int status;

  if (!engine_can_run (engine))
    {
      engine_free (engine);
      return;
    }
  engine_create (engine, LASTING ("once", "", ""));
  engine_create (engine, LASTING ("again", ", annotations: {chain-designer.example.org/repeatable: \"true\"}", ""));
  engine_create (engine, LASTING ("retried", "", "  retries: 1\n"));
  engine_close (engine);
  pid = start_engine (engine->folder);
  wait_for_outside (count_file (claim, "once") + count_file (claim, "again") + count_file (claim, "retried") == 3);
  kill (pid, SIGKILL);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);

  engine_open (engine);
  rows = chd_object_store_list (engine->store, "_steps", NULL);
  g_assert_cmpuint (rows->len, ==, 3);
  for (guint i = 0; i < rows->len; i++)
    kill ((pid_t) chd_json_int (rows->pdata[i], "pid", 0), SIGKILL);
  engine_close (engine);

  pid = start_engine (engine->folder);
  wait_for_outside (count_file (claim, "again") == 2 && count_file (claim, "retried") == 2);
  g_assert_true (g_file_set_contents (go, "", 0, NULL));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);

  engine_open (engine);
  g_assert_cmpuint (count_file (claim, "once"), ==, 1);
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "once"), ==, "EngineRestarted");
  g_assert_cmpstr (engine_message (engine, CHD_KUBE_TASK_RUN, "once"), ==, "engine restarted");
  run = engine_get (engine, CHD_KUBE_TASK_RUN, "once");
  g_assert_cmpstr (chd_json_lookup_string (step_of (run, 0), "terminated/reason", NULL), ==, "EngineRestarted");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "again"), ==, "Succeeded");
  g_assert_cmpstr (engine_reason (engine, CHD_KUBE_TASK_RUN, "retried"), ==, "Succeeded");
  run = engine_get (engine, CHD_KUBE_TASK_RUN, "retried");
  g_assert_cmpuint (chd_json_length (chd_json_lookup_array (run, "status/retriesStatus")), ==, 1);
  engine_free (engine);
}

int
main (int argc, char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--engine"))
    return run_engine (argv[2]);

  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/recovery/kill-9-at-a-hundred-points-loses-nothing", test_kill);
  g_test_add_func ("/engine/recovery/an-end-nobody-saw-is-said-or-repeated", test_power_loss);
  return g_test_run ();
}
