/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "chd-catalogue.h"
#include "chd-node-state.h"
#include "chd-validate.h"

static ChdInterface *
make_interface (const char *id, const char *title, ChdOrigin origin, const char *result)
{
  g_autoptr (GPtrArray) params = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_param_free);
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_result_free);
  g_autoptr (JsonObject) pipeline = json_object_new ();

  if (result != NULL)
    g_ptr_array_add (results, chd_result_new (result));
  return chd_interface_new (id, title, NULL, origin, 1u << CHD_POSITION_WORK, params, results, pipeline);
}

static void
add_interface (ChdCatalogue *catalogue, const char *id, const char *title, ChdOrigin origin)
{
  g_autoptr (ChdInterface) interface = make_interface (id, title, origin, "verdict");

  chd_catalogue_add_interface (catalogue, interface);
}

static void
test_interfaces (void)
{
  g_autoptr (ChdCatalogue) catalogue = chd_catalogue_new ();
  GListModel *list = chd_catalogue_list_interfaces (catalogue);
  g_autoptr (ChdInterface) first = NULL;

  add_interface (catalogue, "a", "Shipped A", CHD_ORIGIN_SHIPPED);
  add_interface (catalogue, "b", "", CHD_ORIGIN_SHIPPED);
  add_interface (catalogue, "a", "My A", CHD_ORIGIN_LIBRARY);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 2);
  first = g_list_model_get_item (list, 0);
  g_assert_true (first == chd_catalogue_find_interface (catalogue, "a"));
  g_assert_cmpstr (chd_interface_get_title (first), ==, "My A");
  g_assert_cmpint (chd_interface_get_origin (first), ==, CHD_ORIGIN_LIBRARY);
  g_assert_cmpstr (chd_interface_get_title (chd_catalogue_find_interface (catalogue, "b")), ==, "b");
  g_assert_null (chd_catalogue_find_interface (catalogue, "c"));
  g_assert_null (chd_catalogue_find_interface (catalogue, NULL));
  g_assert_true (chd_interface_fits (first, CHD_POSITION_WORK));
  g_assert_false (chd_interface_fits (first, CHD_POSITION_AFTER));
}

static void
test_scripts_and_environments (void)
{
  g_autoptr (ChdCatalogue) catalogue = chd_catalogue_new ();
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (ChdScript) shipped = chd_script_new ("s", "Shipped");
  g_autoptr (ChdScript) newer = chd_script_new ("s", "Newer");
  g_autoptr (ChdEnvironment) environment = chd_environment_new ("e", "E", "image");

  chd_catalogue_add_script (catalogue, shipped);
  chd_catalogue_add_script (catalogue, newer);
  chd_catalogue_add_environment (catalogue, environment);
  g_assert_cmpuint (chd_catalogue_get_scripts (catalogue)->len, ==, 1);
  g_assert_cmpuint (chd_catalogue_get_environments (catalogue)->len, ==, 1);
  g_assert_true (chd_catalogue_find_script (catalogue, "s") == newer);
  g_assert_true (chd_resolve_script (chain, catalogue, "s") == newer);
  g_assert_true (chd_resolve_environment (chain, catalogue, "e") == environment);
  g_assert_null (chd_resolve_script (chain, NULL, "s"));

  /* What the document defines counts. */
  chd_chain_append (chain, chd_script_new ("s", "Own"));
  g_assert_cmpstr (chd_resolve_script (chain, catalogue, "s")->title, ==, "Own");
}

static void
test_results (void)
{
  g_autoptr (ChdCatalogue) catalogue = chd_catalogue_new ();
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  ChdScript *script = chd_script_new ("s", "S");
  g_autoptr (ChdNode) node = chd_node_new ("n", "N", "u");
  g_autoptr (GPtrArray) both = NULL, none = NULL;

  g_ptr_array_add (script->results, chd_result_new ("verdict"));
  g_ptr_array_add (script->results, chd_result_new ("sum"));
  chd_chain_append (chain, script);
  add_interface (catalogue, "i", "I", CHD_ORIGIN_ENGINE);
  none = chd_node_list_results (chain, catalogue, node);
  g_assert_cmpuint (none->len, ==, 0);
  chd_node_set_task (node, chd_task_binding_new ("s", "e", NULL));
  chd_node_set_pipeline (node, chd_pipeline_binding_new (CHD_POSITION_WORK, "i", NULL));
  both = chd_node_list_results (chain, catalogue, node);
  g_assert_cmpuint (both->len, ==, 2); /* "verdict" once */
}

static void
test_states (void)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) titles = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_final = 0;

  for (ChdNodeState state = 0; state < CHD_N_NODE_STATES; state++)
    {
      g_assert_true (g_hash_table_add (words, (gpointer) chd_node_state_to_string (state)));
      g_assert_true (g_hash_table_add (titles, (gpointer) chd_node_state_get_title (state)));
      n_final += chd_node_state_is_final (state);
    }
  g_assert_cmpuint (n_final, ==, 6);
  g_assert_false (chd_node_state_is_final (CHD_NODE_AWAITING_APPROVAL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/catalogue/interfaces", test_interfaces);
  g_test_add_func ("/catalogue/scripts-and-environments", test_scripts_and_environments);
  g_test_add_func ("/catalogue/results", test_results);
  g_test_add_func ("/node-state/words", test_states);
  return g_test_run ();
}
