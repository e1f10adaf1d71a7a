/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents of fixtures/ against what they compile to, byte for byte. CHD_UPDATE_GOLDEN=1 writes the files anew; read
 * the difference before it is committed. */
#include "config.h"

#include "compiler-test.h"

static char *
compile_file (const char *path)
{
  g_autoptr (ChdCatalogue) catalogue = test_catalogue_new ();
  g_autoptr (GHashTable) images = test_images_new ();
  g_autofree char *interfaces = g_test_build_filename (G_TEST_DIST, "compiler", "fixtures", NULL);
  g_autofree char *text = test_read (path, NULL);
  g_autoptr (ChdChain) chain = test_chain_from_text (text);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) targets = NULL;
  g_autoptr (GPtrArray) objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autofree char *run = NULL;

  test_add_interfaces (catalogue, interfaces);
  targets = chd_compile (chain, catalogue, images, "{}\n", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < targets->len; i++)
    g_ptr_array_add (objects, json_object_ref (((ChdTarget *) g_ptr_array_index (targets, i))->object));
  run = g_strdup_printf ("%s-run-bcdfg", chd_chain_get_head (chain)->item.id);
  g_ptr_array_add (objects, chd_compile_run (chain, catalogue, run, none, &error));
  g_assert_no_error (error);
  return chd_yaml_write_documents (objects);
}

static void
test_golden (gconstpointer data)
{
  const char *name = data;
  g_autofree char *file = g_strconcat (name, ".chain.json", NULL);
  g_autofree char *golden_file = g_strconcat (name, ".yaml", NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "compiler", "fixtures", file, NULL);
  g_autofree char *golden = g_test_build_filename (G_TEST_DIST, "compiler", "golden", golden_file, NULL);
  g_autofree char *text = compile_file (path);
  g_autofree char *again = compile_file (path);
  g_autofree char *expected = NULL;

  g_assert_cmpstr (text, ==, again);
  if (g_getenv ("CHD_UPDATE_GOLDEN") != NULL)
    g_assert_true (g_file_set_contents (golden, text, -1, NULL));
  expected = test_read (golden, NULL);
  g_assert_cmpstr (text, ==, expected);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = {
    "branches", "pair", "levels", "watch", "values", "names",
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strconcat ("/compiler/golden/", names[i], NULL);

      g_test_add_data_func (path, names[i], test_golden);
    }
  return g_test_run ();
}
