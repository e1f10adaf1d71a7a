/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chains that ship: saved as this version saves them, and without a problem. */
#include "config.h"

#include "chd-interface-reader.h"
#include "chd-validate.h"
#include "formats-test.h"

static ChdCatalogue *
read_shipped (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("CHD_DATA_DIR"), "interfaces", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  ChdCatalogue *catalogue = chd_catalogue_new ();
  g_autoptr (ChdEnvironment) shell = chd_environment_new ("shell", "Shell", "environments/shell:1");
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      gsize length;
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdInterface) interface = NULL;

      if (!g_str_has_suffix (name, ".yaml"))
        continue;
      text = read_file (path, &length);
      interface = chd_interface_read (text, length, CHD_ORIGIN_SHIPPED, &error);
      g_assert_no_error (error);
      chd_catalogue_add_interface (catalogue, interface);
    }
  chd_catalogue_add_environment (catalogue, shell);
  return catalogue;
}

static void
test_samples (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("CHD_DATA_DIR"), "samples", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (ChdCatalogue) catalogue = read_shipped ();
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL, *written = NULL;
      g_autoptr (ChdChain) chain = NULL;
      g_autoptr (GPtrArray) problems = NULL;

      if (!g_str_has_suffix (name, ".chain.json"))
        continue;
      text = read_file (path, NULL);
      chain = read_chain (text);
      written = chd_chain_write (chain, NULL);
      problems = chd_validate (chain, catalogue);
      g_test_message ("%s", name);
      for (guint i = 0; i < problems->len; i++)
        g_test_message ("%s: %s", ((ChdProblem *) problems->pdata[i])->field,
                        ((ChdProblem *) problems->pdata[i])->message);
      g_assert_true (strcmp (written, text) == 0);
      g_assert_cmpuint (problems->len, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/samples/saved-and-sound", test_samples);
  return g_test_run ();
}
