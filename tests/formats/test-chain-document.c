/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chain documents: what is read is written back byte for byte, and what cannot be read is told with its place. */
#include "config.h"

#include "chd-item-json.h"
#include "formats-test.h"

#define MINIMAL "{\"format\":\"chain-designer/1\",\"name\":\"c\"%s}"

static void
assert_round_trip (const char *text)
{
  g_autoptr (ChdChain) chain = read_chain (text);
  gsize length;
  g_autofree char *written = chd_chain_write (chain, &length);

  g_assert_true (strcmp (written, text) == 0);
  g_assert_cmpuint (length, ==, strlen (text));
  g_assert_false (chd_chain_get_modified (chain));
  g_assert_false (chd_chain_can_undo (chain));
}

static void
test_round_trip (void)
{
  g_autoptr (GPtrArray) paths = list_fixtures ("fixtures/chains", ".json");

  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *text = read_file (paths->pdata[i], NULL);

      assert_round_trip (text);
    }
}

/* Whether the object at this place of a document is a bag of names that somebody chose. */
static gboolean
is_bag (const char *name, JsonObject *parent)
{
  return (g_strcmp0 (name, "params") == 0 || g_strcmp0 (name, "default") == 0) && parent != NULL;
}

typedef void (*Visit) (JsonObject *object, const char *path, gpointer user_data);

/* Calls @visit for each object of the document whose members are ours to name. */
static void
visit_objects (JsonNode *node, const char *name, JsonObject *parent, const char *path, Visit visit, gpointer user_data)
{
  if (JSON_NODE_HOLDS_OBJECT (node) && !is_bag (name, parent))
    {
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GList) members = NULL;

      visit (object, path, user_data);
      members = json_object_get_members (object);
      for (GList *at = members; at != NULL; at = at->next)
        {
          g_autofree char *inner = g_strconcat (path, *path != '\0' ? "." : "", at->data, NULL);

          if (!g_str_has_prefix (at->data, "x-"))
            visit_objects (json_object_get_member (object, at->data), at->data, object, inner, visit, user_data);
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        g_autofree char *inner = g_strdup_printf ("%s[%u]", path, i);

        visit_objects (json_array_get_element (json_node_get_array (node), i), NULL, NULL, inner, visit, user_data);
      }
}

static JsonNode *
parse_full (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures/chains/full.chain.json", NULL);
  gsize length;
  g_autofree char *text = read_file (path, &length);
  g_autoptr (JsonObject) object = chd_json_parse_object (text, length, length, CHD_JSON_DEFAULT, NULL);
  g_autoptr (JsonObject) copy = chd_json_copy_object (object);

  return chd_json_node_from_object (copy);
}

static void
add_unknown (JsonObject *object, const char *path, gpointer user_data)
{
  const char *later = "{\"deep\":[1,null,\"ü\",1.5,true,{}]}";
  g_autoptr (JsonNode) value = chd_json_parse (later, strlen (later), 100, CHD_JSON_DEFAULT, NULL);

  g_assert_nonnull (value);
  json_object_set_member (object, "x-later", json_node_copy (value));
  json_object_set_string_member (object, "a later one", path);
  (*(guint *) user_data)++;
}

static void
test_unknown_fields (void)
{
  g_autoptr (JsonNode) root = parse_full ();
  g_autofree char *text = NULL;
  guint n = 0;

  visit_objects (root, NULL, NULL, "", add_unknown, &n);
  g_assert_cmpuint (n, >, 25);
  text = chd_json_write (root, TRUE, NULL);
  assert_round_trip (text);
}

static void
test_unknown_fields_survive_edits (void)
{
  g_autoptr (JsonNode) root = parse_full ();
  g_autofree char *text = NULL, *written = NULL;
  g_autoptr (ChdChain) chain = NULL;
  ChdNode *node;
  guint n = 0;

  visit_objects (root, NULL, NULL, "", add_unknown, &n);
  text = chd_json_write (root, TRUE, NULL);
  chain = read_chain (text);
  node = chd_item_copy (chd_chain_find_node (chain, "check"));
  g_free (node->title);
  node->title = g_strdup ("Another title");
  node->task->retries = 5;
  chd_chain_replace (chain, node);
  written = chd_chain_write (chain, NULL);
  for (const char *at = written; (at = strstr (at, "\"x-later\"")) != NULL; at++)
    n--;
  g_assert_cmpuint (n, ==, 0);
}

static void
test_truncated (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures/chains/chinese.chain.json", NULL);
  gsize length;
  g_autofree char *text = read_file (path, &length);

  for (gsize i = 0; i < length - 2; i++) /* without the last brace and newline */
    assert_refused (text, i, CHD_ERROR_INVALID);
}

typedef struct
{
  JsonNode *root;
  guint n;
} WrongTypes;

/* The document, as it is now, is refused, and the message names the path.
 * @marker: (nullable): and the line of this text, found by another way than the reader's */
static void
assert_told (WrongTypes *self, const char *path, const char *marker)
{
  gsize length;
  g_autofree char *text = chd_json_write (self->root, TRUE, &length);
  g_autoptr (GError) error = NULL;

  g_assert_null (chd_chain_read (text, length, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (chd_error_get_field (error), path));
  if (marker != NULL)
    {
      const char *at = strstr (text, marker);
      g_autofree char *place = NULL;
      guint line = 1;

      for (const char *c = text; c < at; c++)
        line += *c == '\n';
      place = g_strdup_printf ("Line %u, %s: ", line, path);
      g_assert_true (g_str_has_prefix (error->message, place));
    }
  self->n++;
}

static void
set_wrong (JsonObject *object, const char *path, gpointer user_data)
{
  static const char *const wrong[] = { "987654321", "\"987654321\"", "null", "[[[1]]]", "{\"m\":{\"m\":[[1]]}}" };
  static const char *const markers[] = { "987654321", "987654321", "null", NULL, NULL };
  WrongTypes *self = user_data;
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *at = members; at != NULL; at = at->next)
    {
      g_autofree char *name = g_strdup (at->data);
      g_autofree char *inner = g_strconcat (path, *path != '\0' ? "." : "", name, NULL);
      g_autoptr (JsonNode) right = json_node_copy (json_object_get_member (object, name));
      GType type = JSON_NODE_HOLDS_VALUE (right) ? json_node_get_value_type (right) : G_TYPE_NONE;
      gboolean any_value = strcmp (name, "default") == 0;
      const gboolean fits[] = {
        any_value || ((type == G_TYPE_INT64 || type == G_TYPE_DOUBLE) && strcmp (name, "retries") != 0),
        any_value || type == G_TYPE_STRING,
        FALSE,
        FALSE,
        JSON_NODE_HOLDS_OBJECT (right) && !is_bag (name, object),
      };

      for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
        if (!fits[i])
          {
            json_object_set_member (object, name,
                                    chd_json_parse (wrong[i], strlen (wrong[i]), 100, CHD_JSON_DEFAULT, NULL));
            assert_told (self, inner, markers[i]);
          }
      json_object_set_member (object, name, json_node_copy (right));
    }
}

static void
test_wrong_types (void)
{
  g_autoptr (JsonNode) root = parse_full ();
  WrongTypes wrong = { root, 0 };

  visit_objects (root, NULL, NULL, "", set_wrong, &wrong);
  g_assert_cmpuint (wrong.n, >, 300);
}

static void
test_refused (void)
{
  const struct
  {
    const char *members;
    const char *field;
    const char *words;
  } cases[] = {
    { ",\"nodes\":[{\"title\":\"a\"}]", "nodes[0]", "the field “id” is missing" },
    { ",\"links\":[\n{\"from\":\"a\"}]", "links[0]", "Line 2, links[0]" },
    { ",\"nodes\":[{\"id\":\"a\",\"position\":{\"x\":1}}]", "nodes[0].position", "“y” is missing" },
    { ",\"nodes\":[{\"id\":\"a\",\"position\":{\"x\":1e308,\"y\":1}}]", "nodes[0].position.x", "10000000" },
    { ",\"nodes\":[{\"id\":\"a\",\"task\":{\"retries\":-1}}]", "nodes[0].task.retries", "from 0 to 1000" },
    { ",\"nodes\":[{\"id\":\"a\",\"task\":{\"retries\":1.5}}]", "nodes[0].task.retries", "whole number" },
    { ",\"nodes\":[{\"id\":\"a\",\"pipelines\":[{\"at\":\"during\",\"interface\":\"i\"}]}]", "nodes[0].pipelines[0].at",
      "“on-failure” is expected" },
    { ",\"nodes\":[{\"id\":\"a\",\"pipelines\":[{\"at\":\"work\",\"interface\":\"i\"},{\"at\":\"work\",\"interface\":"
      "\"j\"}]}]",
      "nodes[0].pipelines[1].at", "another pipeline" },
    { ",\"nodes\":[{\"id\":\"a\",\"execution\":{\"mode\":\"both\"}}]", "nodes[0].execution.mode", "“parallel”" },
    { ",\"nodes\":[{\"id\":\"a\",\"execution\":{\"order\":[\"task\"]}}]", "nodes[0].execution.order", "each once" },
    { ",\"nodes\":[{\"id\":\"a\",\"task\":{\"params\":{\"p\":[[]]}}}]", "nodes[0].task.params.p", "a list of texts" },
    { ",\"links\":[{\"from\":\"a\",\"to\":\"b\",\"condition\":{\"result\":\"r\",\"operator\":\"is\"}}]",
      "links[0].condition.operator", "“notin”" },
    { ",\"params\":[{\"name\":\"p\",\"type\":\"number\"}]", "params[0].type", "“array”" },
    { ",\"organisation\":{\"units\":[{\"id\":\"u\",\"members\":[\"a\",1]}]}", "organisation.units[0].members[1]",
      "a text in quotes" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf (MINIMAL, cases[i].members);
      g_autoptr (GError) error = NULL;

      g_assert_null (chd_chain_read (text, strlen (text), &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
      g_assert_cmpstr (chd_error_get_field (error), ==, cases[i].field);
      g_assert_nonnull (strstr (error->message, cases[i].words));
    }
}

/* Files that the schema refuses as well (check-schema.py), and those with what no schema can tell. */
static void
test_broken (void)
{
  static const char *const folders[] = { "fixtures/broken", "fixtures/broken/beyond-schema" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (GPtrArray) paths = list_fixtures (folders[i], ".json");

      for (guint j = 0; j < paths->len; j++)
        {
          gsize length;
          g_autofree char *text = read_file (paths->pdata[j], &length);
          g_autoptr (GError) error = NULL;

          g_assert_null (chd_chain_read (text, length, &error));
          g_assert_nonnull (error);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
    }
}

static void
test_versions (void)
{
  const struct
  {
    const char *format;
    int code;
  } cases[] = {
    { "\"chain-designer/2\"", CHD_ERROR_UNSUPPORTED },
    { "\"chain-designer/17\"", CHD_ERROR_UNSUPPORTED },
    { "\"chain-designer/0\"", CHD_ERROR_INVALID },
    { "\"chain-designer/01\"", CHD_ERROR_INVALID },
    { "\"chain-designer/\"", CHD_ERROR_INVALID },
    { "\"chain-designer/2x\"", CHD_ERROR_INVALID },
    { "\"other/1\"", CHD_ERROR_INVALID },
    { "1", CHD_ERROR_INVALID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* Nothing else of a newer format is judged. */
      g_autofree char *text = g_strdup_printf ("{\"name\":7,\"format\":%s}", cases[i].format);

      assert_refused (text, strlen (text), cases[i].code);
    }
  assert_refused ("{\"name\":\"c\"}", 12, CHD_ERROR_INVALID);
}

static void
test_hostile (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("CHD_SHARED_DIR"), "data/hostile/json", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  if (dir == NULL)
    {
      g_test_skip ("the shared data is not here");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      gsize length;
      g_autofree char *text = read_file (path, &length);

      assert_refused (text, length, CHD_ERROR_INVALID);
    }
}

static void
test_encodings (void)
{
  g_autofree char *text = g_strdup_printf ("\xef\xbb\xbf" MINIMAL, "");
  g_autoptr (ChdChain) chain = read_chain (text);
  gsize length;
  g_autofree char *utf16 = g_convert (text + 3, -1, "UTF-16", "UTF-8", NULL, &length, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (chd_chain_get_head (chain)->item.id, ==, "c");
  g_assert_null (chd_chain_read (utf16, length, &error));
  g_assert_nonnull (strstr (error->message, "UTF-16"));
}

static void
test_limits (void)
{
  g_autoptr (GString) deep = g_string_new ("{\"format\":\"chain-designer/1\",\"name\":\"c\",\"x\":");
  g_autoptr (GString) many = g_string_new ("{\"format\":\"chain-designer/1\",\"name\":\"c\",\"x\":[");
  g_autoptr (GString) large = g_string_new ("{\"format\":\"chain-designer/1\",\"name\":\"c\",\"title\":\"");

  for (guint i = 0; i < 200000; i++)
    g_string_append_c (deep, '[');
  assert_refused (deep->str, deep->len, CHD_ERROR_LIMIT);
  g_string_assign (deep, "{\"format\":\"chain-designer/1\",\"name\":\"c\",\"x\":");
  for (guint i = 0; i < 32; i++)
    g_string_append_c (deep, '[');
  for (guint i = 0; i < 32; i++)
    g_string_append_c (deep, ']');
  g_string_append_c (deep, '}');
  assert_refused (deep->str, deep->len, CHD_ERROR_LIMIT);
  g_string_append (many, "[]");
  for (guint i = 0; i < 500000; i++)
    g_string_append (many, ",[]");
  g_string_append (many, "]}");
  assert_refused (many->str, many->len, CHD_ERROR_LIMIT);
  for (guint i = 0; i < 17 * 1024; i++)
    g_string_append_printf (large, "%1024d", 0);
  g_string_append (large, "\"}");
  assert_refused (large->str, large->len, CHD_ERROR_LIMIT);
}

/* A document whose organisation is deeper than any company, or goes in a large circle. */
static void
test_deep_organisation (void)
{
  for (guint i = 0; i < 3; i++)
    {
      guint n = i == 0 ? 64 : 1000;
      g_autoptr (GString) text = g_string_new ("{\"format\":\"chain-designer/1\",\"name\":\"c\",\"organisation\":"
                                               "{\"units\":[");
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdChain) chain = NULL;

      for (guint j = 0; j < n; j++)
        {
          g_string_append_printf (text, "%s{\"id\":\"u%u\"", j > 0 ? "," : "", j);
          if (j > 0 || i == 2)
            g_string_append_printf (text, ",\"parent\":\"u%u\"", j > 0 ? j - 1 : n - 1);
          g_string_append_c (text, '}');
        }
      g_string_append (text, "]}}");
      chain = chd_chain_read (text->str, text->len, &error);
      if (i == 0)
        g_assert_nonnull (chain);
      else
        g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
    }
}

static void
test_same_id_twice (void)
{
  const char *twice = ",\"nodes\":[{\"id\":\"a\",\"title\":\"1\"},{\"id\":\"b\"},{\"id\":\"a\",\"title\":\"2\"}],"
                      "\"links\":[{\"from\":\"a\",\"to\":\"b\"},{\"from\":\"a\",\"to\":\"b\"}]";
  g_autofree char *text = g_strdup_printf (MINIMAL, twice);
  g_autoptr (ChdChain) chain = read_chain (text);
  g_autofree char *before = chd_chain_write (chain, NULL), *after = NULL;

  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_NODE), ==, 3);
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_LINK), ==, 2);
  g_assert_cmpstr (chd_chain_find_node (chain, "a")->title, ==, "1");
  chd_chain_remove (chain, CHD_ITEM_NODE, "a");
  g_assert_cmpstr (chd_chain_find_node (chain, "a")->title, ==, "2");
  g_assert_cmpuint (chd_chain_get_n_items (chain, CHD_ITEM_LINK), ==, 0);
  chd_chain_undo (chain);
  g_assert_cmpstr (chd_chain_find_node (chain, "a")->title, ==, "1");
  after = chd_chain_write (chain, NULL);
  g_assert_cmpstr (after, ==, before);
}

static void
test_items (void)
{
  g_autoptr (GPtrArray) paths = list_fixtures ("fixtures/chains", ".json");

  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *text = read_file (paths->pdata[i], NULL);
      g_autoptr (ChdChain) chain = read_chain (text);

      for (guint kind = 0; kind < CHD_N_ITEM_KINDS; kind++)
        for (guint j = 0; j < chd_chain_get_n_items (chain, kind); j++)
          {
            const ChdItem *item = chd_chain_get_item (chain, kind, j);
            g_autoptr (JsonObject) object = chd_item_to_json (item);
            g_autoptr (GError) error = NULL;
            g_autoptr (ChdItem) again = chd_item_from_json (kind, object, &error);
            g_autoptr (ChdItem) copy = chd_item_copy (item);

            g_assert_no_error (error);
            g_assert_true (chd_item_equal (item, again));
            g_assert_true (chd_item_equal (item, copy));
          }
    }
}

static void
test_item_refused (void)
{
  const char *text = "{\"id\":\"a\",\"unit\":[]}";
  g_autoptr (JsonObject) object = chd_json_parse_object (text, strlen (text), 100, CHD_JSON_DEFAULT, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (chd_item_from_json (CHD_ITEM_NODE, object, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_cmpstr (chd_error_get_field (error), ==, "unit");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/document/round-trip", test_round_trip);
  g_test_add_func ("/document/unknown-fields-are-kept", test_unknown_fields);
  g_test_add_func ("/document/unknown-fields-survive-edits", test_unknown_fields_survive_edits);
  g_test_add_func ("/document/truncated-is-refused", test_truncated);
  g_test_add_func ("/document/wrong-types-name-path-and-line", test_wrong_types);
  g_test_add_func ("/document/refused", test_refused);
  g_test_add_func ("/document/broken", test_broken);
  g_test_add_func ("/document/versions", test_versions);
  g_test_add_func ("/document/hostile", test_hostile);
  g_test_add_func ("/document/encodings", test_encodings);
  g_test_add_func ("/document/limits", test_limits);
  g_test_add_func ("/document/deep-organisation", test_deep_organisation);
  g_test_add_func ("/document/same-id-twice", test_same_id_twice);
  g_test_add_func ("/item/round-trip", test_items);
  g_test_add_func ("/item/refused", test_item_refused);
  return g_test_run ();
}
