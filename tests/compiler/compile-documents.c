/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * compile-documents FOLDER FILE…: compiles documents with the shipped catalogue and the interfaces of fixtures/, for
 * tests that are not in C. For each X.chain.json it writes FOLDER/X.json: the objects, the run last, and the names that
 * chd_compile_list_part_tasks() gives; or {"error": …}. */
#include "config.h"

#include "compiler-test.h"

static void
add_part (JsonArray *parts, ChdChain *chain, ChdCatalogue *catalogue, const ChdNode *node, gboolean is_task, guint at)
{
  g_auto (GStrv) names = chd_compile_list_part_tasks (chain, catalogue, node, is_task, at);
  JsonObject *part = json_object_new ();

  json_object_set_string_member (part, "node", node->item.id);
  json_object_set_string_member (part, "part", is_task ? "task" : chd_position_to_string (at));
  json_object_set_array_member (part, "tasks", chd_json_array_from_strv ((const char *const *) names));
  json_array_add_object_element (parts, part);
}

static JsonArray *
list_parts (ChdChain *chain, ChdCatalogue *catalogue)
{
  JsonArray *parts = json_array_new ();

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (chain, CHD_ITEM_NODE, i));

      add_part (parts, chain, catalogue, node, TRUE, CHD_POSITION_WORK);
      for (guint at = 0; at < CHD_N_POSITIONS; at++)
        add_part (parts, chain, catalogue, node, FALSE, at);
    }
  return parts;
}

static JsonObject *
compile (ChdCatalogue *catalogue, const char *text)
{
  g_autoptr (ChdChain) chain = test_chain_from_text (text);
  g_autoptr (GHashTable) images = test_images_new ();
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autofree char *run = g_strconcat (chd_chain_get_head (chain)->item.id, "-run-bcdfg", NULL);
  JsonObject *result = json_object_new ();
  JsonArray *objects = json_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) targets = chd_compile (chain, catalogue, images, text, &error);
  JsonObject *run_object = NULL;

  for (guint i = 0; targets != NULL && i < targets->len; i++)
    json_array_add_object_element (objects, json_object_ref (((ChdTarget *) g_ptr_array_index (targets, i))->object));
  if (targets != NULL)
    run_object = chd_compile_run (chain, catalogue, run, none, &error);
  if (run_object != NULL)
    json_array_add_object_element (objects, run_object);
  json_object_set_array_member (result, "objects", objects);
  if (error != NULL)
    json_object_set_string_member (result, "error", error->message);
  else
    json_object_set_array_member (result, "parts", list_parts (chain, catalogue));
  return result;
}

int
main (int argc, char **argv)
{
  g_autoptr (ChdCatalogue) catalogue = test_catalogue_new ();
  g_autofree char *fixtures = NULL;

  g_test_init (&argc, &argv, NULL);
  fixtures = g_test_build_filename (G_TEST_DIST, "compiler", "fixtures", NULL);
  test_add_interfaces (catalogue, fixtures);
  for (int i = 2; i < argc; i++)
    {
      g_autofree char *text = test_read (argv[i], NULL);
      g_autoptr (JsonObject) result = compile (catalogue, text);
      g_autofree char *written = chd_json_write_object (result, FALSE, NULL);
      g_autofree char *base = g_path_get_basename (argv[i]);
      g_autofree char *stem = g_strndup (base, strlen (base) - strlen (".chain.json"));
      g_autofree char *name = g_strconcat (stem, ".json", NULL);
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autoptr (GError) error = NULL;

      if (!g_file_set_contents (path, written, -1, &error))
        g_error ("%s", error->message);
    }
  return 0;
}
