/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/resource.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-test-loop.h"
#include "chd-yaml-scalar.h"
#include "chd-yaml.h"

static char *
to_json (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = chd_yaml_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return chd_json_write (node, FALSE, NULL);
}

static void
assert_refused (const char *text, gsize length, ChdErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = chd_yaml_parse_documents (text, length, &error);

  g_assert_null (documents);
  g_assert_error (error, CHD_ERROR, (int) code);
}

static void
test_scalars (void)
{
  g_autofree char *path = chd_test_shared ("data/kubernetes/yaml-scalars.json");
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr (JsonObject) root = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *expected;

  if (path == NULL)
    return;
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  root = chd_json_parse_object (text, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, NULL);
  json_object_iter_init (&iter, chd_json_object (root, "scalars"));
  while (json_object_iter_next (&iter, &name, &expected))
    {
      g_autofree char *yaml = g_strconcat ("a: ", name, NULL);
      g_autofree char *json = to_json (yaml);
      g_autofree char *value = chd_json_write (expected, FALSE, NULL);
      g_autofree char *wanted = g_strdup_printf ("{\"a\":%s}", value);

      g_assert_cmpstr (json, ==, wanted);
    }
}

static void
test_more_scalars (void)
{
  static const struct
  {
    const char *yaml, *json;
  } cases[] = {
    { "y: 1", "{\"true\":1}" },
    { "a: 'yes'", "{\"a\":\"yes\"}" },
    { "a: 08", "{\"a\":8}" },
    { "a: 1.50", "{\"a\":1.5}" },
    { "a: 1e400", "{\"a\":\"1e400\"}" },
    { "a: 0xZZ", "{\"a\":\"0xZZ\"}" },
    { "a: 0x0x1", "{\"a\":\"0x0x1\"}" },
    { "a: 9223372036854775807", "{\"a\":9223372036854775807}" },
    { "a: -9223372036854775808", "{\"a\":-9223372036854775808}" },
    { "a: 10m", "{\"a\":\"10m\"}" },
    { "a: !!str 5", "{\"a\":\"5\"}" },
    { "a: -", NULL },
    { "a: +", "{\"a\":\"+\"}" },
    { "- a\n- [b, {c: d}]", "[\"a\",[\"b\",{\"c\":\"d\"}]]" },
    { "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2", "{\"a\":{\"b\":1},\"c\":{\"b\":1},\"d\":{\"e\":2,\"b\":1}}" },
    { "{\"a\": \"\\ud83d\\ude00\",\n\t\"b\": 1}", "{\"a\":\"😀\",\"b\":1}" },
    { "a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}" },
    { "1: a\n1.5: b\n~: c", "{\"1\":\"a\",\"1.5\":\"b\",\"null\":\"c\"}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *json = NULL;

      if (cases[i].json == NULL)
        {
          assert_refused (cases[i].yaml, strlen (cases[i].yaml), CHD_ERROR_INVALID);
          continue;
        }
      json = to_json (cases[i].yaml);
      g_assert_cmpstr (json, ==, cases[i].json);
    }
}

static void
test_refused (void)
{
  static const struct
  {
    const char *yaml;
    ChdErrorCode code;
    const char *field;
  } cases[] = {
    { "a: 1\nb: 2\na: 3\n", CHD_ERROR_INVALID, "line 3" },
    { "a: *none\n", CHD_ERROR_INVALID, "line 1" },
    { "a: &x [*x]\n", CHD_ERROR_INVALID, "line 1" },
    { "a: !!python/object:os.system x\n", CHD_ERROR_UNSUPPORTED, "line 1" },
    { "a: \"x\\0y\"\n", CHD_ERROR_INVALID, "line 1" },
    { "a: .inf\n", CHD_ERROR_INVALID, "line 1" },
    { "? [a]\n: b\n", CHD_ERROR_UNSUPPORTED, "line 1" },
    { "a:\n\tb: 1\n", CHD_ERROR_INVALID, "line 2" },
    { "a: 'x\n", CHD_ERROR_INVALID, "line 2" },
    { "a: 1\nb: \xe9\n", CHD_ERROR_INVALID, "line 2" },
    { "a:\n  <<: 5\n", CHD_ERROR_INVALID, "line 2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) documents = chd_yaml_parse_documents (cases[i].yaml, strlen (cases[i].yaml), &error);

      g_assert_null (documents);
      g_assert_error (error, CHD_ERROR, (int) cases[i].code);
      g_assert_cmpstr (chd_error_get_field (error), ==, cases[i].field);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_limits (void)
{
  GString *deep = g_string_new (NULL), *many = g_string_new (NULL), *wide = g_string_new ("[");
  GString *bomb = g_string_new ("a0: &a0 [x]\n"), *text = g_string_new ("a: &a \"");
  g_autofree char *large = g_malloc (CHD_YAML_MAX_BYTES + 1);
  clock_t start = clock ();

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  for (guint i = 0; i < CHD_YAML_MAX_DOCUMENTS + 1; i++)
    g_string_append (many, "--- 1\n");
  for (guint i = 0; i < CHD_YAML_MAX_NODES + 1; i++)
    g_string_append (wide, "1,");
  g_string_append_c (wide, ']');
  for (guint i = 1; i < 12; i++)
    {
      g_string_append_printf (bomb, "a%u: &a%u [", i, i);
      for (guint j = 0; j < 9; j++)
        g_string_append_printf (bomb, "*a%u,", i - 1);
      g_string_append (bomb, "]\n");
    }
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (text, 'x');
  g_string_append (text, "\"\nb: [");
  for (guint i = 0; i < 20000; i++)
    g_string_append (text, "*a,");
  g_string_append_c (text, ']');
  memset (large, ' ', CHD_YAML_MAX_BYTES + 1);

  assert_refused (deep->str, deep->len, CHD_ERROR_LIMIT);
  assert_refused (many->str, many->len, CHD_ERROR_LIMIT);
  assert_refused (wide->str, wide->len, CHD_ERROR_LIMIT);
  assert_refused (bomb->str, bomb->len, CHD_ERROR_LIMIT);
  assert_refused (text->str, text->len, CHD_ERROR_LIMIT);
  assert_refused (large, CHD_YAML_MAX_BYTES + 1, CHD_ERROR_LIMIT);
  g_assert_cmpint ((clock () - start) / CLOCKS_PER_SEC, <, 10);

  g_string_free (deep, TRUE);
  g_string_free (many, TRUE);
  g_string_free (wide, TRUE);
  g_string_free (bomb, TRUE);
  g_string_free (text, TRUE);
}

static void
test_lines (void)
{
  static const char yaml[] =
      "# comment\n---\nspec:\n  tasks:\n  - name: a\n    retries: 1\n  - name: b\n---\n---\nlast\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = chd_yaml_parse_documents (yaml, strlen (yaml), &error);
  ChdYamlDocument *first;

  g_assert_no_error (error);
  g_assert_cmpuint (documents->len, ==, 3);
  first = documents->pdata[0];
  g_assert_nonnull (chd_yaml_document_get_object (first));
  g_assert_cmpuint (chd_yaml_document_get_line (first), ==, 3);
  g_assert_cmpuint (chd_yaml_document_get_line_of (first, "spec/tasks/0/retries"), ==, 6);
  g_assert_cmpuint (chd_yaml_document_get_line_of (first, "spec/tasks/1/name"), ==, 7);
  g_assert_cmpuint (chd_yaml_document_get_line_of (first, "spec/tasks/7/name"), ==, 4);
  g_assert_true (JSON_NODE_HOLDS_NULL (chd_yaml_document_get_root (documents->pdata[1])));
  g_assert_null (chd_yaml_document_get_object (documents->pdata[2]));
}

static void
test_write (void)
{
  static const char yaml[] = "apiVersion: tekton.dev/v1\n"
                             "kind: Task\n"
                             "metadata:\n"
                             "  name: a\n"
                             "  labels: {}\n"
                             "spec:\n"
                             "  description: 采购付款：检查发票\n"
                             "  steps:\n"
                             "  - image: registry.example/shell@sha256:00\n"
                             "    script: |\n"
                             "      #!/bin/sh\n"
                             "      echo \"a: b\" # c\n"
                             "\n"
                             "        indented\n"
                             "    args: []\n"
                             "  - - 1\n"
                             "    - true\n"
                             "    - \"yes\"\n"
                             "  timeout: \"10m\"\n"
                             "  nothing: null\n"
                             "  number: 1.5\n"
                             "  last: |2-\n"
                             "      two blanks\n"
                             "    none\n";
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = chd_yaml_parse (yaml, strlen (yaml), &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  again = chd_yaml_write (node);
  g_assert_cmpstr (again, ==, yaml);
}

static void
test_strings_survive (void)
{
  static const char *const strings[] = {
    "",           " ",      "a",         "a b",      "a: b",        "a #b",    "#",        "- a",
    "-",          "?",      "null",      "~",        "yes",         "0x10",    "1_000",    "12:30",
    "2026-01-02", "1e3",    ".5",        "=",        "<<",          "*a",      "&a",       "!a",
    "%a",         "@a",     "`a",        "[a]",      "{a}",         "a,b",     "\n",       "\n\n",
    "a\n",        "a\n\n",  "\na",       " a\nb",    "a\n b",       "a \nb ",  "\ta\nb",   "a\n\t",
    "a\r\nb",     "a\tb",   "\x01",      "\x7f",     "é",           "中文",    "中: 文",   "\u2028",
    "a\u2028\nb", "\ufeff", "😀\nb",      "\"",       "'",           "\\",      "a:",       ":a",
    "a\n#b",      "---\na", "a\n---\nb", "a\n...\n", "\n\n  a",     "  \n  a", "a\n  ",    "a\n  \n",
    "true\n",     "|",      ">",         "|-\n",     "%YAML 1.1\n", "a\n\n\n", "\xc2\x85", "x\u00a0y",
    "x ",         "Off",    "$(x.y)",    "/bin/a",   "a\u202eb",    "\ue000x", "y",        "\xf0\x9f\x98\x80",
  };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      JsonArray *array = json_array_new ();
      g_autoptr (JsonNode) node = NULL, back = NULL, root = NULL, root_back = NULL;
      g_autofree char *text = NULL, *root_text = NULL;
      g_autoptr (GError) error = NULL;

      json_array_add_string_element (array, strings[i]);
      json_object_set_string_member (object, strings[i], strings[i]);
      json_object_set_array_member (object, "list", array);
      node = chd_json_node_from_object (object);
      text = chd_yaml_write (node);
      back = chd_yaml_parse (text, strlen (text), &error);
      g_assert_no_error (error);
      if (!chd_json_equal (node, back))
        g_error ("changed on the way:\n%s", text);

      root = json_node_init_string (json_node_alloc (), strings[i]);
      root_text = chd_yaml_write (root);
      root_back = chd_yaml_parse (root_text, strlen (root_text), &error);
      g_assert_no_error (error);
      g_assert_cmpstr (json_node_get_string (root_back), ==, strings[i]);
    }
}

static void
test_hostile (void)
{
  static const char *const refused[] = {
    "alias-bomb.yaml",         "alias-cycle.yaml", "merge-bomb.yaml",
    "alias-undefined.yaml",    "deep-flow.yaml",   "duplicate-keys.yaml",
    "tag-python.yaml",         "tag-binary.yaml",  "tabs.yaml",
    "truncated.yaml",          "nul.yaml",         "invalid-utf8.yaml",
    "control-characters.yaml", "directive.yaml",
  };
  g_autofree char *folder = chd_test_shared ("data/hostile/yaml");

  if (folder == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autofree char *path = g_build_filename (folder, refused[i], NULL);
      g_autofree char *text = NULL;
      gsize length;
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) documents = NULL;

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      documents = chd_yaml_parse_documents (text, length, &error);
      g_test_message ("%s: %s", refused[i], error != NULL ? error->message : "read");
      g_assert_null (documents);
      g_assert_true (error->domain == CHD_ERROR);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

/* Whatever YAML there is: it is read or refused, and what was read survives writing. */
static void
check_folder (const char *folder, guint *n_read)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      gsize length;
      g_autoptr (GPtrArray) documents = NULL;
      g_autoptr (GError) error = NULL;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          check_folder (path, n_read);
          continue;
        }
      if (!g_str_has_suffix (name, ".yaml") || !g_file_get_contents (path, &text, &length, NULL))
        continue;
      documents = chd_yaml_parse_documents (text, length, &error);
      if (documents == NULL)
        {
          g_test_message ("%s: %s", path, error->message);
          g_assert_true (error->domain == CHD_ERROR);
          continue;
        }
      (*n_read)++;
      for (guint i = 0; i < documents->len; i++)
        {
          JsonNode *root = chd_yaml_document_get_root (documents->pdata[i]);
          g_autofree char *written = chd_yaml_write (root);
          g_autoptr (JsonNode) back = chd_yaml_parse (written, strlen (written), &error);

          g_assert_no_error (error);
          g_assert_true (chd_json_equal (root, back));
        }
    }
}

static void
test_real_files (void)
{
  g_autofree char *folder = chd_test_shared ("data/tekton");
  guint n_read = 0;

  if (folder == NULL)
    return;
  check_folder (folder, &n_read);
  g_assert_cmpuint (n_read, >, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/yaml/scalars-mean-what-kubectl-takes-them-for", test_scalars);
  g_test_add_func ("/wire/yaml/more-scalars", test_more_scalars);
  g_test_add_func ("/wire/yaml/refused-with-the-line", test_refused);
  g_test_add_func ("/wire/yaml/limits-hold", test_limits);
  g_test_add_func ("/wire/yaml/lines-are-known", test_lines);
  g_test_add_func ("/wire/yaml/write-is-readable", test_write);
  g_test_add_func ("/wire/yaml/strings-survive-writing", test_strings_survive);
  g_test_add_func ("/wire/yaml/hostile-files-are-refused", test_hostile);
  g_test_add_func ("/wire/yaml/real-files-survive", test_real_files);
  return g_test_run ();
}
