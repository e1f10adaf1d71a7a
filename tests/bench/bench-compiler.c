/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validates and compiles a chain of 1 000 nodes and reads the status of a run of it. Prints milliseconds. */
#include "config.h"

#include "chd-run-status.h"
#include "chd-validate.h"
#include "compiler-test.h"

#define N_NODES 1000
#define N_ROUNDS 5

/* A task each; every tenth with an approval before it, every seventh under a condition; up to three links into each. */
static ChdChain *
make_chain (void)
{
  ChdChain *chain = chd_chain_new ("large", "Large");
  ChdScript *script = chd_script_new ("say", "Say");
  ChdUnit *unit = chd_unit_new ("finance", "Finance", NULL);
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr (JsonObject) json = chd_json_parse_object ("{\"approvers\": [\"bob\"]}", 22, 100, 0, NULL);
  g_autoptr (GVariant) approvers = chd_values_from_json (json);

  g_free (script->text);
  script->text = g_strdup ("printf yes > \"$RESULT_SAID\"\n");
  g_ptr_array_add (script->results, chd_result_new ("said"));
  unit->lead = g_strdup ("bob");
  chd_chain_append (chain, unit);
  chd_chain_append (chain, script);
  for (guint i = 0; i < N_NODES; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);
      ChdNode *node = chd_node_new (id, id, "finance");

      chd_node_set_task (node, chd_task_binding_new ("say", "shell", none));
      if (i % 10 == 9)
        chd_node_set_pipeline (node, chd_pipeline_binding_new (CHD_POSITION_BEFORE, "approval", approvers));
      chd_chain_append (chain, node);
      for (guint back = 1; back <= 9 && back <= i; back += 4)
        {
          g_autofree char *from = g_strdup_printf ("n%u", i - back);
          ChdLink *link = chd_link_new (from, id);

          if (i % 7 == 6 && back == 1)
            {
              link->result = g_strdup ("said");
              link->values = g_strsplit ("yes", " ", -1);
            }
          chd_chain_append (chain, link);
        }
    }
  return chain;
}

/* Every task of the run has succeeded. */
static JsonObject *
make_run (JsonObject *run, GPtrArray *task_runs)
{
  JsonArray *specs = chd_json_lookup_array (run, "spec/taskRunSpecs");
  JsonObject *status = chd_json_ensure_object (run, "status");
  JsonArray *children = json_array_new ();

  for (guint i = 0; i < chd_json_length (specs); i++)
    {
      const char *task = chd_json_string (chd_json_object_at (specs, i), "pipelineTaskName", NULL);
      JsonObject *child = json_object_new ();
      g_autofree char *name = g_strconcat ("large-run-1-", task, NULL);
      JsonObject *object = chd_kube_object_new (CHD_KUBE_TASK_RUN, "default", name);
      JsonArray *conditions = json_array_new ();
      JsonObject *condition = json_object_new ();

      json_object_set_string_member (child, "kind", "TaskRun");
      json_object_set_string_member (child, "name", name);
      json_object_set_string_member (child, "pipelineTaskName", task);
      json_array_add_object_element (children, child);
      chd_kube_set_label (object, CHD_LABEL_TEKTON_PIPELINE_RUN, "large-run-1");
      json_object_set_string_member (condition, "type", "Succeeded");
      json_object_set_string_member (condition, "status", "True");
      json_array_add_object_element (conditions, condition);
      json_object_set_array_member (chd_json_ensure_object (object, "status"), "conditions", conditions);
      g_ptr_array_add (task_runs, object);
    }
  json_object_set_array_member (status, "childReferences", children);
  return run;
}

static void
print_time (const char *what, gint64 start)
{
  g_print ("%s: %.1f ms\n", what, (g_get_monotonic_time () - start) / 1000.0 / N_ROUNDS);
}

int
main (void)
{
  g_autoptr (ChdCatalogue) catalogue = test_catalogue_new ();
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr (GPtrArray) task_runs = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autoptr (JsonObject) run = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < N_ROUNDS; i++)
    g_ptr_array_unref (chd_validate (chain, catalogue));
  print_time ("validate 1000 nodes", start);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      GPtrArray *targets = chd_compile (chain, catalogue, NULL, "{}", &error);

      if (targets == NULL)
        g_error ("%s", error->message);
      g_ptr_array_unref (targets);
    }
  print_time ("validate and compile 1000 nodes", start);
  run = chd_compile_run (chain, catalogue, "large-run-1", none, &error);
  make_run (run, task_runs);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < N_ROUNDS; i++)
    chd_run_status_unref (chd_run_status_read (chain, catalogue, run, task_runs, NULL, NULL));
  print_time ("read the status of a run of 1000 nodes", start);
  return 0;
}
