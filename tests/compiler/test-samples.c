/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is shipped: every interface and sample is read, has no problem at all and compiles. */
#include "config.h"

#include "chd-validate.h"
#include "compiler-test.h"

static GPtrArray *
list_samples (void)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = chd_data_path ("samples");
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".chain.json"))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_assert_cmpuint (paths->len, >=, 6);
  return paths;
}

static void
test_samples (void)
{
  g_autoptr (GPtrArray) paths = list_samples ();
  g_autoptr (ChdCatalogue) catalogue = test_catalogue_new ();

  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = g_ptr_array_index (paths, i);
      g_autofree char *text = test_read (path, NULL);
      g_autoptr (ChdChain) chain = test_chain_from_text (text);
      g_autoptr (GPtrArray) problems = chd_validate (chain, catalogue);
      g_autoptr (GPtrArray) environments = chd_compile_list_environments (chain, catalogue);
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) targets = NULL;

      for (guint j = 0; j < problems->len; j++)
        g_error ("%s: %s", path, ((ChdProblem *) g_ptr_array_index (problems, j))->message);
      g_assert_cmpuint (environments->len, ==, 1);
      for (guint j = 0; j < chd_chain_get_n_items (chain, CHD_ITEM_NODE); j++)
        g_assert_true (CHD_NODE (chd_chain_get_item (chain, CHD_ITEM_NODE, j))->placed);
      targets = chd_compile (chain, catalogue, NULL, text, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (targets->len, >, 2);
    }
}

/* The sample shows what issue and guide ask it to show. */
static void
test_supplier_payment (void)
{
  g_autofree char *path = chd_data_path ("samples/supplier-payment.chain.json");
  g_autofree char *text = test_read (path, NULL);
  g_autoptr (ChdChain) chain = test_chain_from_text (text);
  g_autoptr (ChdCatalogue) catalogue = test_catalogue_new ();
  const ChdNode *approval = chd_chain_find_node (chain, "board-release");
  g_auto (GStrv) levels = chd_compile_list_part_tasks (chain, catalogue, approval, FALSE, CHD_POSITION_BEFORE);
  guint n_parallel = 0, n_dependent = 0, n_conditions = 0;

  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, 12);
  g_assert_cmpuint (g_strv_length (levels), ==, 4);
  g_assert_cmpstr (levels[0], ==, "board-release-before-approve-payables");
  g_assert_cmpstr (levels[3], ==, "board-release-before-approve-group");
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (chain, CHD_ITEM_NODE, i));

      n_parallel += chd_node_has_pair (node) && node->execution == CHD_EXECUTION_PARALLEL;
      n_dependent += chd_node_has_pair (node) && node->execution == CHD_EXECUTION_DEPENDENT;
    }
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_LINK); i++)
    n_conditions += CHD_LINK (chd_chain_get_item (chain, CHD_ITEM_LINK, i))->result != NULL;
  g_assert_cmpuint (n_parallel, ==, 1);
  g_assert_cmpuint (n_dependent, ==, 1);
  g_assert_cmpuint (n_conditions, ==, 2);
}

static void
test_interfaces (void)
{
  static const char *const ids[] = {
    "approval", "multi-level-approval", "notification", "data-check", "http-call", "wait", "shell",
  };
  g_autoptr (ChdCatalogue) catalogue = test_catalogue_new ();

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      ChdInterface *interface = chd_catalogue_find_interface (catalogue, ids[i]);
      GPtrArray *params;

      g_assert_nonnull (interface);
      g_assert_cmpstr (chd_interface_get_title (interface), !=, ids[i]);
      g_assert_nonnull (chd_interface_get_description (interface));
      params = chd_interface_get_params (interface);
      for (guint j = 0; j < params->len; j++)
        {
          const ChdParam *param = g_ptr_array_index (params, j);

          g_assert_nonnull (param->title);
          g_assert_nonnull (param->description);
        }
    }
  g_assert_true (
      chd_interface_fits (chd_catalogue_find_interface (catalogue, "notification"), CHD_POSITION_ON_FAILURE));
  g_assert_false (chd_interface_fits (chd_catalogue_find_interface (catalogue, "approval"), CHD_POSITION_ON_FAILURE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compiler/shipped/interfaces", test_interfaces);
  g_test_add_func ("/compiler/shipped/samples", test_samples);
  g_test_add_func ("/compiler/shipped/supplier-payment", test_supplier_payment);
  return g_test_run ();
}
