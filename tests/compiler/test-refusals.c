/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the compiler refuses, and how it says so; variables in texts. */
#include "config.h"

#include "chd-error.h"
#include "chd-placeholder.h"
#include "compiler-test.h"

static ChdChain *
make_chain (void)
{
  ChdChain *chain = chd_chain_new ("refused", "Refused");
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  ChdUnit *unit = chd_unit_new ("finance", "Finance", NULL);
  ChdScript *script = chd_script_new ("say", "Say");
  ChdHead *head = chd_item_copy (chd_chain_get_head (chain));
  ChdParam *amount = chd_param_new ("amount", CHD_PARAM_STRING);

  g_ptr_array_add (head->params, amount);
  chd_chain_replace (chain, head);
  unit->lead = g_strdup ("bob");
  chd_chain_append (chain, unit);
  g_free (script->text);
  script->text = g_strdup ("echo\n");
  g_ptr_array_add (script->results, chd_result_new ("said"));
  chd_chain_append (chain, script);
  for (guint i = 0; i < 2; i++)
    {
      ChdNode *node = chd_node_new (i == 0 ? "a" : "b", i == 0 ? "First" : "Second", "finance");

      chd_node_set_task (node, chd_task_binding_new ("say", "shell", none));
      chd_chain_append (chain, node);
    }
  chd_chain_append (chain, chd_link_new ("a", "b"));
  return chain;
}

static ChdCatalogue *
make_catalogue (void)
{
  ChdCatalogue *catalogue = test_catalogue_new ();
  g_autofree char *fixtures = g_test_build_filename (G_TEST_DIST, "compiler", "fixtures", NULL);

  test_add_interfaces (catalogue, fixtures);
  return catalogue;
}

static void
set_pipeline (ChdChain *chain, const char *id, ChdPosition at, const char *interface, const char *params)
{
  g_autoptr (JsonObject) object = chd_json_parse_object (params, strlen (params), CHD_JSON_MAX_OBJECT, 0, NULL);
  g_autoptr (GVariant) values = chd_values_from_json (object);
  ChdNode *node = chd_item_copy (chd_chain_find_node (chain, id));

  chd_node_set_pipeline (node, chd_pipeline_binding_new (at, interface, values));
  node->execution = CHD_EXECUTION_PARALLEL;
  chd_chain_replace (chain, node);
}

static void
assert_refused (ChdChain *chain, ChdCatalogue *catalogue, ChdErrorCode code, const char *part_of_message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) targets = chd_compile (chain, catalogue, NULL, "{}", &error);

  g_assert_null (targets);
  g_assert_error (error, CHD_ERROR, (int) code);
  if (strstr (error->message, part_of_message) == NULL)
    g_error ("“%s” does not say “%s”", error->message, part_of_message);
}

static void
test_problems (void)
{
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) targets = chd_compile (chain, catalogue, NULL, "{}", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (targets->len, ==, 4);
  g_assert_true (((ChdTarget *) g_ptr_array_index (targets, 3))->node == NULL);
  g_assert_cmpstr (((ChdTarget *) g_ptr_array_index (targets, 3))->name, ==, "refused");
  g_assert_cmpint (((ChdTarget *) g_ptr_array_index (targets, 2))->type, ==, CHD_KUBE_CONFIG_MAP);
  g_assert_cmpstr (((ChdTarget *) g_ptr_array_index (targets, 0))->environment, ==, "shell");
  chd_chain_append (chain, chd_link_new ("b", "a"));
  g_clear_pointer (&targets, g_ptr_array_unref);
  targets = chd_compile (chain, catalogue, NULL, "{}", &error);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_nonnull (chd_error_get_object (error));
}

/* What validation does not see, since it depends on what an interface's tasks do. */
static void
test_interfaces (void)
{
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ();

  set_pipeline (chain, "a", CHD_POSITION_ON_FAILURE, "tidy-up", "{\"what\": \"x\"}");
  assert_refused (chain, catalogue, CHD_ERROR_UNSUPPORTED, "on failure");
  chd_chain_undo (chain);
  set_pipeline (chain, "a", CHD_POSITION_WORK, "needs-workspace", "{}");
  assert_refused (chain, catalogue, CHD_ERROR_UNSUPPORTED, "workspace");
  chd_chain_undo (chain);
  set_pipeline (chain, "a", CHD_POSITION_WORK, "circle", "{}");
  assert_refused (chain, catalogue, CHD_ERROR_INVALID, "circle");
  chd_chain_undo (chain);
  set_pipeline (chain, "a", CHD_POSITION_WORK, "all-status", "{}");
  assert_refused (chain, catalogue, CHD_ERROR_UNSUPPORTED, "status of all");
}

static void
test_sizes (void)
{
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ();
  g_autofree char *large = g_strnfill (1024 * 1024 + 1, 'x');
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) targets = chd_compile (chain, catalogue, NULL, large, &error);

  g_assert_null (targets);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
  g_assert_cmpstr (chd_error_get_object (error), ==, "refused-design");
}

static void
test_runs (void)
{
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ();
  static const char *const bad[][2] = {
    { "{}", "params.amount" },
    { "{\"amount\": [\"1\"]}", "params.amount" },
    { "{\"amount\": \"1\", \"colour\": \"red\"}", "params.colour" },
  };
  g_autoptr (JsonObject) run = NULL;
  g_autoptr (JsonObject) good = chd_json_parse_object ("{\"amount\": \"5\"}", 15, 100, 0, NULL);
  g_autoptr (GVariant) values = chd_values_from_json (good);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (JsonObject) object = chd_json_parse_object (bad[i][0], strlen (bad[i][0]), 100, 0, NULL);
      g_autoptr (GVariant) wrong = chd_values_from_json (object);
      g_autoptr (GError) refused = NULL;

      g_assert_null (chd_compile_run (chain, catalogue, "refused-run-1", wrong, &refused));
      g_assert_error (refused, CHD_ERROR, CHD_ERROR_INVALID);
      g_assert_cmpstr (chd_error_get_field (refused), ==, bad[i][1]);
    }
  run = chd_compile_run (chain, catalogue, "refused-run-1", values, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (chd_json_lookup_string (run, "spec/pipelineRef/name", NULL), ==, "refused");
  g_assert_cmpuint (chd_json_length (chd_json_lookup_array (run, "spec/params")), ==, 1);
}

/* Moving a card or renaming the revision makes no target different; a changed script makes that one. */
static void
test_hashes (void)
{
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (GPtrArray) before = chd_compile (chain, catalogue, NULL, "{}", NULL);
  g_autoptr (GPtrArray) after = NULL;
  ChdNode *node = chd_item_copy (chd_chain_find_node (chain, "a"));

  node->x = 500;
  node->placed = TRUE;
  chd_chain_replace (chain, node);
  after = chd_compile (chain, catalogue, NULL, "{\"moved\": true}", NULL);
  for (guint i = 0; i < before->len; i++)
    {
      const ChdTarget *a = g_ptr_array_index (before, i), *b = g_ptr_array_index (after, i);
      gboolean same = g_strcmp0 (chd_kube_get_annotation (a->object, CHD_ANNOTATION_HASH),
                                 chd_kube_get_annotation (b->object, CHD_ANNOTATION_HASH)) == 0;

      g_assert_true (same == (a->type != CHD_KUBE_CONFIG_MAP));
      g_assert_cmpstr (chd_kube_get_annotation (a->object, CHD_ANNOTATION_REVISION), !=,
                       chd_kube_get_annotation (b->object, CHD_ANNOTATION_REVISION));
    }
}

static char *
replace_cb (const ChdPlaceholder *placeholder, gpointer user_data, GError **error)
{
  return g_strdup_printf ("<%s|%s|%s|%s|%s>", placeholder->space, placeholder->name != NULL ? placeholder->name : "",
                          placeholder->member != NULL ? placeholder->member : "",
                          placeholder->field != NULL ? placeholder->field : "", placeholder->suffix);
}

static void
test_placeholders (void)
{
  static const char *const cases[][2] = {
    { "$(params.a)", "<params|a|||>" },
    { "x $(params.a-b)y$(params['c.d'])z", "x <params|a-b|||>y<params|c.d|||>z" },
    { "$(params.list[*]) $(params.list[12]) $(params.thing.key)",
      "<params|list|||[*]> <params|list|||[12]> <params|thing|||.key>" },
    { "$(tasks.a.results.r) $(tasks.a.results[\"r.s\"][*]) $(tasks.a.status) $(tasks.status)",
      "<tasks|a|results|r|> <tasks|a|results|r.s|[*]> <tasks|a|status||> <tasks||status||>" },
    { "$(nodes.a.results.r.key)", "<nodes|a|results|r|.key>" },
    { "$(date) $(cat x) $(echo $(params.a)) $(", "$(date) $(cat x) $(echo <params|a|||>) $(" },
    { "$(params.) $(params) $(paramsx.a) $(params.a.b.c) $(context.run.name) $(params.a[x])",
      "$(params.) $(params) $(paramsx.a) $(params.a.b.c) $(context.run.name) $(params.a[x])" },
    { "$(params['a) $(params.a", "$(params['a) $(params.a" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = chd_placeholders_replace (cases[i][0], replace_cb, NULL, NULL);

      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compiler/refusals/problems", test_problems);
  g_test_add_func ("/compiler/refusals/interfaces", test_interfaces);
  g_test_add_func ("/compiler/refusals/sizes", test_sizes);
  g_test_add_func ("/compiler/refusals/runs", test_runs);
  g_test_add_func ("/compiler/hashes", test_hashes);
  g_test_add_func ("/compiler/placeholders", test_placeholders);
  return g_test_run ();
}
