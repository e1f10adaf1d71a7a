/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"

static void
assert_scan (const char *text, gboolean good)
{
  g_autoptr (GError) error = NULL;
  gboolean result = chd_json_scan (text, strlen (text), CHD_JSON_MAX_DOCUMENT, CHD_JSON_UNIQUE_KEYS, &error);

  if (result != good)
    g_error ("%s: %s", text, good ? error->message : "accepted");
  if (!good)
    {
      g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_scan_grammar (void)
{
  const char *const good[] = {
    "{}",
    "[]",
    " [1, -0, 2.5e3, true, false, null, \"a\\n\\u00e9\\ud83d\\ude00\"] ",
    "9223372036854775807",
    "\"x\"",
    "-9223372036854775808",
    "{\"a\": {\"a\": 1}, \"b\": []}",
  };
  const char *const bad[] = {
    "",
    " ",
    "{",
    "[1,]",
    "{\"a\":1,}",
    "[1 2]",
    "012",
    "1.",
    ".5",
    "+1",
    "1e",
    "1e400",
    "0x10",
    "'a'",
    "nul",
    "9223372036854775808",
    "-9223372036854775809",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\udc00x\"",
    "\"\\x\"",
    "\"a\nb\"",
    "\"abc",
    "{} {}",
    "[1]]",
    "{a:1}",
    "{\"a\" 1}",
    "NaN",
    "\xff",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "\xef\xbb\xbf{}",
    "// x\n{}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    assert_scan (good[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_scan (bad[i], FALSE);
}

static void
test_scan_limits (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  g_assert_null (chd_json_parse (deep->str, deep->len, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
  g_clear_error (&error);

  g_assert_null (chd_json_parse ("[1,2,3]", 7, 6, CHD_JSON_DEFAULT, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
  g_clear_error (&error);

  g_assert_false (chd_json_scan ("a\0b", 3, 100, CHD_JSON_DEFAULT, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
}

static void
test_error_place (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (chd_json_scan ("{\n  \"a\": nope\n}", 15, 100, CHD_JSON_DEFAULT, &error));
  g_assert_cmpstr (chd_error_get_field (error), ==, "line 2");
  g_assert_nonnull (strstr (error->message, "line 2, column 8"));
}

static void
test_round_trip (void)
{
  const char *text = "{\n  \"b\": [\n    1,\n    \"ü\\n\"\n  ],\n  \"a\": {},\n  \"c\": 0.1\n}\n";
  g_autoptr (JsonObject) object = chd_json_parse_object (text, strlen (text), 1000, CHD_JSON_DEFAULT, NULL);
  g_autoptr (JsonObject) copy = chd_json_copy_object (object);
  g_autofree char *written = chd_json_write_object (copy, TRUE, NULL);

  g_assert_cmpstr (written, ==, text);
}

static void
test_readers (void)
{
  const char *text = "{\"s\":\"x\",\"n\":null,\"i\":3,\"o\":{\"p\":{\"q\":\"deep\"}},\"a\":[\"u\",1,\"v\"]}";
  g_autoptr (JsonObject) object = chd_json_parse_object (text, strlen (text), 1000, CHD_JSON_DEFAULT, NULL);
  g_auto (GStrv) strings = chd_json_strv (chd_json_array (object, "a"));

  g_assert_cmpstr (chd_json_string (object, "s", NULL), ==, "x");
  g_assert_cmpstr (chd_json_string (object, "i", "no"), ==, "no");
  g_assert_cmpstr (chd_json_string (object, "n", "no"), ==, "no");
  g_assert_cmpint (chd_json_int (object, "s", 7), ==, 7);
  g_assert_null (chd_json_object (object, "a"));
  g_assert_cmpstr (chd_json_lookup_string (object, "o/p/q", NULL), ==, "deep");
  g_assert_cmpstr (chd_json_lookup_string (object, "s/p/q", "no"), ==, "no");
  g_assert_cmpuint (g_strv_length (strings), ==, 2);
}

/* The hostile files that travel beside the project: what scans is parsed and written without a critical. */
static void
test_hostile_files (void)
{
  g_autofree char *folder = g_build_filename (g_getenv ("CHD_SHARED_DIR"), "data/hostile/json", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint count = 0;

  if (dir == NULL)
    {
      g_test_skip ("the shared data is not beside the project");
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *text = NULL;
      g_autoptr (JsonNode) node = NULL;
      g_autoptr (GError) error = NULL;
      gsize length;

      if (!g_file_get_contents (path, &text, &length, NULL))
        continue;
      node = chd_json_parse (text, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_UNIQUE_KEYS, &error);
      g_assert_true ((node != NULL) == (error == NULL));
      if (node != NULL)
        g_free (chd_json_write (node, TRUE, NULL));
      count++;
    }
  g_test_message ("%u files", count);
  g_assert_cmpuint (count, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/scan/grammar", test_scan_grammar);
  g_test_add_func ("/json/scan/limits", test_scan_limits);
  g_test_add_func ("/json/scan/place", test_error_place);
  g_test_add_func ("/json/round-trip", test_round_trip);
  g_test_add_func ("/json/readers", test_readers);
  g_test_add_func ("/json/hostile", test_hostile_files);
  return g_test_run ();
}
