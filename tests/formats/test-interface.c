/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "chd-interface-reader.h"
#include "formats-test.h"

static ChdInterface *
read_interface (const char *path)
{
  gsize length;
  g_autofree char *text = read_file (path, &length);
  g_autoptr (GError) error = NULL;
  ChdInterface *interface = chd_interface_read (text, length, CHD_ORIGIN_LIBRARY, &error);

  g_assert_no_error (error);
  return interface;
}

static ChdInterface *
read_fixture (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures/interfaces", name, NULL);

  return read_interface (path);
}

static void
test_params (void)
{
  g_autoptr (ChdInterface) interface = read_fixture ("check.yaml");
  GPtrArray *params = chd_interface_get_params (interface);
  const ChdParam *limit = chd_params_find (params, "limit"), *mode = chd_params_find (params, "mode");
  const ChdParam *names = chd_params_find (params, "names"), *target = chd_params_find (params, "target");

  g_assert_cmpstr (chd_interface_get_id (interface), ==, "check");
  g_assert_cmpstr (chd_interface_get_title (interface), ==, "Check");
  g_assert_cmpstr (chd_interface_get_description (interface), ==, "Compares a value with a limit.");
  g_assert_cmpint (chd_interface_get_origin (interface), ==, CHD_ORIGIN_LIBRARY);
  for (ChdPosition at = 0; at < CHD_N_POSITIONS; at++)
    g_assert_true (chd_interface_fits (interface, at));
  g_assert_cmpuint (params->len, ==, 4);
  g_assert_cmpstr (limit->title, ==, "Limit");
  g_assert_cmpstr (limit->widget, ==, "number");
  g_assert_cmpstr (g_variant_get_string (limit->fallback, NULL), ==, "100");
  g_assert_cmpuint (g_strv_length (mode->choices), ==, 2); /* the annotation wins */
  g_assert_cmpint (names->type, ==, CHD_PARAM_ARRAY);
  g_assert_cmpint (target->type, ==, CHD_PARAM_OBJECT);
  g_assert_cmpstr (target->properties[1], ==, "port");
  g_assert_cmpuint (chd_interface_get_results (interface)->len, ==, 1);
  g_assert_nonnull (chd_results_find (chd_interface_get_results (interface), "verdict"));
  g_assert_nonnull (chd_json_object (chd_interface_get_pipeline (interface), "spec"));
}

static void
test_positions (void)
{
  g_autoptr (ChdInterface) interface = read_fixture ("multi-level-approval.yaml");

  g_assert_true (chd_interface_fits (interface, CHD_POSITION_BEFORE));
  g_assert_true (chd_interface_fits (interface, CHD_POSITION_AFTER));
  g_assert_false (chd_interface_fits (interface, CHD_POSITION_WORK));
  g_assert_false (chd_interface_fits (interface, CHD_POSITION_ON_FAILURE));
}

static void
test_languages (void)
{
  const struct
  {
    const char *language, *title, *param, *description;
  } cases[] = {
    { "en", "Multi-level approval", "Up to", "Every lead on the way up approves." },
    { "zh_CN", "多级审批", "审批到", "逐级审批。" },
    { "de:zh_CN.UTF-8", "多级审批", "审批到", "逐级审批。" },
    { "de", "Multi-level approval", "Up to", "Every lead on the way up approves." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChdInterface) interface = NULL;
      const ChdParam *param;

      g_setenv ("LANGUAGE", cases[i].language, TRUE);
      interface = read_fixture ("multi-level-approval.yaml");
      param = chd_params_find (chd_interface_get_params (interface), "upTo");
      g_assert_cmpstr (chd_interface_get_title (interface), ==, cases[i].title);
      g_assert_cmpstr (chd_interface_get_description (interface), ==, cases[i].description);
      g_assert_cmpstr (param->title, ==, cases[i].param);
      g_assert_cmpstr (param->description, ==, "A unit above the node's, or a level.");
    }
  g_unsetenv ("LANGUAGE");
}

static void
test_refused (void)
{
#define HEAD "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata:\n  name: a\n"
  const struct
  {
    const char *yaml, *words;
  } cases[] = {
    { "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec: {}\n", "a Tekton Pipeline is expected" },
    { "apiVersion: v1\nkind: List\n", "a Tekton Pipeline is expected" },
    { "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {}\nspec: {}\n", "the field “name” is missing" },
    { HEAD, "the field “spec” is missing" },
    { HEAD "spec:\n  tasks: []\n", "Line 5, spec: a Pipeline with at least one task" },
    { HEAD "spec:\n  params:\n  - type: string\n  tasks: [{name: t}]\n", "Line 7, spec.params[0]: the field “name”" },
    { HEAD "spec:\n  params:\n  - name: p\n    type: number\n  tasks: [{name: t}]\n",
      "Line 8, spec.params[0].type: one of" },
    { HEAD "spec:\n  params: {}\n  tasks: [{name: t}]\n", "Line 6, spec.params: a list" },
    { "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: ../a}\nspec:\n  tasks: [{name: t}]\n",
      "metadata.name" },
    { HEAD "  annotations: {chain-designer.example.org/positions: 'before,between'}\nspec:\n  tasks: [{name: t}]\n",
      "a list of “before”" },
    { HEAD "  annotations: {chain-designer.example.org/param.p: '{]'}\nspec:\n  params: [{name: p}]\n"
           "  tasks: [{name: t}]\n",
      "a JSON object about the param" },
    { HEAD "  annotations: {chain-designer.example.org/param.p: '{\"choices\": \"a\"}'}\nspec:\n"
           "  params: [{name: p}]\n  tasks: [{name: t}]\n",
      "a list" },
    { HEAD "spec:\n  tasks: [{name: t}]\n---\n" HEAD "spec:\n  tasks: [{name: t}]\n", "One Tekton Pipeline" },
    { "", "One Tekton Pipeline" },
    { "- a\n", "One Tekton Pipeline" },
    { "a: [\n", "This YAML text cannot be read" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (chd_interface_read (cases[i].yaml, strlen (cases[i].yaml), CHD_ORIGIN_LIBRARY, &error));
      g_assert_nonnull (error);
      g_test_message ("%s", error->message);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

/* Real files of all kinds: read or refused, never anything else. */
static void
test_catalogue_of_tekton (void)
{
  static const char *const folders[] = { "data/tekton/examples", "data/hostile/yaml", "data/tekton/broken" };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (g_getenv ("CHD_SHARED_DIR"), folders[i], NULL);
      g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
      const char *name;

      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (folder, name, NULL);
          g_autofree char *text = NULL;
          gsize length;
          g_autoptr (GError) error = NULL;
          g_autoptr (ChdInterface) interface = NULL;

          if (!g_file_get_contents (path, &text, &length, NULL))
            continue;
          interface = chd_interface_read (text, length, CHD_ORIGIN_LIBRARY, &error);
          g_assert_true ((interface == NULL) == (error != NULL));
          n++;
        }
    }
  if (n == 0)
    g_test_skip ("the shared data is not here");
}

/* What ships can be read, and speaks both languages. */
static void
test_shipped (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("CHD_DATA_DIR"), "interfaces", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  if (dir == NULL)
    {
      g_test_skip ("no interfaces are shipped yet");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (ChdInterface) english = NULL, chinese = NULL;

      if (!g_str_has_suffix (name, ".yaml"))
        continue;
      english = read_interface (path);
      g_setenv ("LANGUAGE", "zh_CN", TRUE);
      chinese = read_interface (path);
      g_unsetenv ("LANGUAGE");
      g_assert_cmpstr (chd_interface_get_title (english), !=, chd_interface_get_title (chinese));
      g_assert_cmpstr (chd_interface_get_description (english), !=, chd_interface_get_description (chinese));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interface/params", test_params);
  g_test_add_func ("/interface/positions", test_positions);
  g_test_add_func ("/interface/languages", test_languages);
  g_test_add_func ("/interface/refused", test_refused);
  g_test_add_func ("/interface/files-of-tekton", test_catalogue_of_tekton);
  g_test_add_func ("/interface/shipped", test_shipped);
  return g_test_run ();
}
