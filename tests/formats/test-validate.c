/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation, told by documents: each file of fixtures/problems says in its member "expect", unknown to the format,
 * which problems it has. */
#include "config.h"

#include "chd-interface-reader.h"
#include "chd-util.h"
#include "chd-validate.h"
#include "formats-test.h"

static ChdCatalogue *
make_catalogue (void)
{
  ChdCatalogue *catalogue = chd_catalogue_new ();
  g_autoptr (GPtrArray) paths = list_fixtures ("fixtures/interfaces", ".yaml");

  for (guint i = 0; i < paths->len; i++)
    {
      gsize length;
      g_autofree char *text = read_file (paths->pdata[i], &length);
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdInterface) interface = chd_interface_read (text, length, CHD_ORIGIN_SHIPPED, &error);

      g_assert_no_error (error);
      chd_catalogue_add_interface (catalogue, interface);
    }
  return catalogue;
}

static char *
describe (GPtrArray *problems)
{
  static const char *const kinds[] = { "head", "unit", "environment", "script", "node", "link" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < problems->len; i++)
    {
      const ChdProblem *problem = problems->pdata[i];

      g_string_append_printf (text, "%s %s %s %s %s\n", problem->severity == CHD_SEVERITY_ERROR ? "error" : "warning",
                              problem->code, kinds[problem->kind], problem->id,
                              problem->field != NULL ? problem->field : "-");
      g_assert_true (g_utf8_validate (problem->message, -1, NULL));
      g_assert_cmpuint (g_utf8_strlen (problem->message, -1), <, 500);
      g_assert_nonnull (problem->repair);
    }
  return g_string_free (text, FALSE);
}

static void
test_problems (void)
{
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (GPtrArray) paths = list_fixtures ("fixtures/problems", ".json");

  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *text = read_file (paths->pdata[i], NULL);
      g_autoptr (ChdChain) chain = read_chain (text);
      g_autoptr (GPtrArray) problems = chd_validate (chain, catalogue);
      g_autoptr (GPtrArray) again = chd_validate (chain, catalogue);
      g_autofree char *found = describe (problems), *second = describe (again);
      g_auto (GStrv) expected = chd_json_strv (chd_json_array (chd_chain_get_head (chain)->item.extra, "expect"));
      g_autofree char *lines = g_strjoinv ("\n", expected);
      g_autofree char *wanted = g_strconcat (lines, *lines != '\0' ? "\n" : "", NULL);

      g_test_message ("%s", (char *) paths->pdata[i]);
      g_assert_cmpstr (found, ==, wanted);
      g_assert_cmpstr (second, ==, found);
      g_assert_cmpuint (chd_problems_count (problems, CHD_SEVERITY_ERROR) +
                            chd_problems_count (problems, CHD_SEVERITY_WARNING),
                        ==, problems->len);
    }
}

static void
assert_message (const char *fixture, guint index, const char *message)
{
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures/problems", fixture, NULL);
  g_autofree char *text = read_file (path, NULL);
  g_autoptr (ChdChain) chain = read_chain (text);
  g_autoptr (GPtrArray) problems = chd_validate (chain, catalogue);

  g_assert_cmpuint (index, <, problems->len);
  g_assert_cmpstr (((ChdProblem *) problems->pdata[index])->message, ==, message);
}

static void
test_sentences (void)
{
  assert_message ("too-few-nodes.chain.json", 0, "A chain needs at least two nodes.");
  assert_message ("cycle.chain.json", 0,
                  "These nodes wait for each other: Check → Book → File → Check. Remove one link.");
  assert_message ("no-work.chain.json", 0, "“Book” has nothing to do yet. Add a pipeline or a task.");
  assert_message ("wrong-value.chain.json", 1,
                  "“Check” has a value for “Amount” that does not fit. Enter a number, for example 12000.");
  assert_message ("no-lead.chain.json", 0,
                  "“Check” asks the lead of “Finance” for approval, but that unit has no lead.");
}

/* Titles cannot turn the sentence around, nor reach a terminal. */
static void
test_strange_titles (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (GPtrArray) problems = NULL;

  chd_chain_append (chain, chd_unit_new ("u", NULL, NULL));
  chd_chain_append (chain, chd_node_new ("a", "\x1b[2J\xe2\x80\xae<b>\n", "u"));
  chd_chain_append (chain, chd_node_new ("b",
                                         "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
                                         "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十末",
                                         "u"));
  problems = chd_validate (chain, NULL);
  g_assert_cmpuint (problems->len, ==, 2);
  g_assert_cmpstr (((ChdProblem *) problems->pdata[0])->message, ==,
                   "“ [2J <b> ” has nothing to do yet. Add a pipeline or a task.");
  g_assert_nonnull (strstr (((ChdProblem *) problems->pdata[1])->message, "十…”"));
}

/* Without a catalogue only the document's own things are known. */
static void
test_no_catalogue (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures/problems/good.chain.json", NULL);
  g_autofree char *text = read_file (path, NULL);
  g_autoptr (ChdChain) chain = read_chain (text);
  g_autoptr (GPtrArray) problems = chd_validate (chain, NULL);

  g_assert_cmpuint (problems->len, ==, 0);
}

static ChdChain *
make_large (guint n_nodes, gsize script_size)
{
  ChdChain *chain = chd_chain_new ("large", "Large");
  ChdScript *script = chd_script_new ("s", "S");

  chd_chain_append (chain, chd_unit_new ("u", "U", NULL));
  chd_chain_append (chain, chd_environment_new ("host", "Host", "host"));
  g_free (script->text);
  script->text = g_strnfill (script_size, 'x');
  chd_chain_append (chain, script);
  for (guint i = 0; i < n_nodes; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);
      ChdNode *node = chd_node_new (id, "N", "u");

      chd_node_set_task (node, chd_task_binding_new ("s", "host", NULL));
      chd_chain_append (chain, node);
    }
  return chain;
}

static void
test_too_big (void)
{
  g_autoptr (ChdChain) script = make_large (2, 1024 * 1024);
  g_autoptr (ChdChain) nodes = make_large (20000, 10);
  g_autoptr (ChdChain) fine = make_large (1000, 100000);
  g_autoptr (GPtrArray) of_script = chd_validate (script, NULL);
  g_autoptr (GPtrArray) of_nodes = chd_validate (nodes, NULL);
  g_autoptr (GPtrArray) of_fine = chd_validate (fine, NULL);
  g_autofree char *first = describe (of_script), *second = describe (of_nodes), *third = describe (of_fine);

  g_assert_cmpstr (first, ==, "error document-too-big head large -\n");
  g_assert_cmpstr (second, ==, "error document-too-big head large -\nerror chain-too-big head large -\n");
  g_assert_cmpstr (third, ==, "");
}

/* However wrong a document is, the list stays bounded, and warnings hide no error. */
static void
test_bounded (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (GPtrArray) problems = NULL;

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i);

      chd_chain_append (chain, chd_environment_new (id, NULL, "image")); /* no source: a warning */
      chd_chain_append (chain, chd_node_new (id, NULL, "gone"));
    }
  problems = chd_validate (chain, NULL);
  g_assert_cmpuint (chd_problems_count (problems, CHD_SEVERITY_ERROR), ==, 5000);
  g_assert_cmpuint (chd_problems_count (problems, CHD_SEVERITY_WARNING), ==, 5000);
}

/* Each node takes a result of the first and of the last but one. */
static ChdChain *
make_long (guint n)
{
  ChdChain *chain = chd_chain_new ("long", "Long");
  ChdScript *script = chd_script_new ("s", "S");

  chd_chain_append (chain, chd_unit_new ("u", "U", NULL));
  chd_chain_append (chain, chd_environment_new ("host", "Host", "host"));
  g_ptr_array_add (script->params, chd_param_new ("a", CHD_PARAM_STRING));
  g_ptr_array_add (script->results, chd_result_new ("r"));
  chd_set_str (&script->text, "true");
  chd_chain_append (chain, script);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("n%u", i), *before = g_strdup_printf ("n%u", i > 0 ? i - 1 : 0);
      g_autofree char *value = g_strdup_printf ("$(nodes.n0.results.r)$(nodes.n%u.results.r)", i > 1 ? i - 2 : 0);
      ChdNode *node = chd_node_new (id, "N", "u");

      chd_node_set_task (node, chd_task_binding_new ("s", "host", NULL));
      g_variant_unref (node->task->params);
      node->task->params = chd_values_set (NULL, "a", g_variant_new_string (i > 0 ? value : "x"));
      chd_chain_append (chain, node);
      if (i > 0)
        chd_chain_append (chain, chd_link_new (before, id));
    }
  return chain;
}

static void
test_long_chain (void)
{
  g_autoptr (ChdChain) chain = make_long (2500);
  g_autoptr (GPtrArray) problems = chd_validate (chain, NULL);

  g_assert_cmpuint (problems->len, ==, 0);
}

/* What fits is never refused; what is far too large always. */
static void
test_document_size (void)
{
  for (guint n = 2000; n <= 6000; n += 250)
    {
      g_autoptr (ChdChain) chain = make_long (n);
      g_autoptr (GPtrArray) problems = chd_validate (chain, NULL);
      gsize length;
      g_autofree char *text = chd_chain_write (chain, &length);

      if (length <= 1024 * 1024)
        g_assert_cmpuint (problems->len, ==, 0);
      if (length > 1536 * 1024)
        g_assert_cmpuint (problems->len, >, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/validate/problems", test_problems);
  g_test_add_func ("/validate/sentences", test_sentences);
  g_test_add_func ("/validate/strange-titles", test_strange_titles);
  g_test_add_func ("/validate/no-catalogue", test_no_catalogue);
  g_test_add_func ("/validate/too-big", test_too_big);
  g_test_add_func ("/validate/bounded", test_bounded);
  g_test_add_func ("/validate/long-chain", test_long_chain);
  g_test_add_func ("/validate/document-size", test_document_size);
  return g_test_run ();
}
