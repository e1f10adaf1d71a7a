/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "chd-json.h"
#include "chd-test-loop.h"
#include "chd-wire-error.h"

static GError *
make (guint status, const char *body)
{
  return chd_wire_error_from_response (status, body, strlen (body), "“pay”");
}

static void
test_kinds (void)
{
  static const struct
  {
    guint status;
    const char *body;
    ChdErrorCode code;
    const char *reason, *field;
  } cases[] = {
    { 409, "{\"kind\":\"Status\",\"reason\":\"AlreadyExists\",\"code\":409}", CHD_ERROR_CONFLICT, "AlreadyExists",
      NULL },
    { 409,
      "{\"kind\":\"Status\",\"reason\":\"Conflict\",\"details\":{\"causes\":[{\"reason\":\"FieldManagerConflict\","
      "\"message\":\"conflict with x\",\"field\":\".spec.description\"}]},\"code\":409}",
      CHD_ERROR_CONFLICT, "FieldManagerConflict", ".spec.description" },
    { 422,
      "{\"kind\":\"Status\",\"reason\":\"Invalid\",\"message\":\"m\",\"details\":{\"causes\":[{\"reason\":"
      "\"FieldValueInvalid\",\"field\":\"spec.steps[0].image\"}]}}",
      CHD_ERROR_INVALID, "Invalid", "spec.steps[0].image" },
    { 400,
      "{\"kind\":\"Status\",\"reason\":\"BadRequest\",\"message\":\"admission webhook \\\"v\\\" denied the request: "
      "validation failed: missing field(s): spec.tasks[0].taskRef.name\"}",
      CHD_ERROR_INVALID, "BadRequest", "spec.tasks[0].taskRef.name" },
    { 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"m\",\"detail\":{\"Tag\":\"1\"}}]}",
      CHD_ERROR_NOT_FOUND, "MANIFEST_UNKNOWN", NULL },
    { 400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}", CHD_ERROR_CORRUPT, "DIGEST_INVALID", NULL },
    { 404, "404 page not found\n", CHD_ERROR_NOT_FOUND, NULL, NULL },
    { 429, "Too many requests, please try again later.\n", CHD_ERROR_UNREACHABLE, NULL, NULL },
    { 401, "", CHD_ERROR_SIGN_IN, NULL, NULL },
    { 403, "<html>", CHD_ERROR_NOT_ALLOWED, NULL, NULL },
    { 500, "{\"kind\":\"Status\",\"message\":\"etcdserver: request is too large\",\"code\":500}", CHD_ERROR_ENGINE,
      NULL, NULL },
    { 299, "", CHD_ERROR_FAILED, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = make (cases[i].status, cases[i].body);

      g_assert_error (error, CHD_ERROR, (int) cases[i].code);
      g_assert_cmpstr (chd_error_get_reason (error), ==, cases[i].reason);
      g_assert_cmpstr (chd_error_get_field (error), ==, cases[i].field);
      g_assert_cmpuint (chd_error_get_status (error), ==, cases[i].status);
      g_assert_cmpuint (strlen (error->message), >, 10);
    }
}

static void
test_status_without_http (void)
{
  static const char text[] = "{\"kind\":\"Status\",\"reason\":\"Expired\",\"message\":\"too old\",\"code\":410}";
  g_autoptr (JsonObject) status = chd_json_parse_object (text, strlen (text), 1000, CHD_JSON_DEFAULT, NULL);
  g_autoptr (GError) error = chd_wire_error_from_status (status, 0, NULL);

  g_assert_true (chd_wire_error_is_expired (error));
  g_assert_cmpuint (chd_error_get_status (error), ==, 410);
  g_assert_cmpstr (chd_error_get_details (error), ==, "too old");
}

static void
test_long_and_dirty_texts (void)
{
  g_autofree char *page = g_malloc0 (200000);
  g_autoptr (GError) error = NULL;

  memset (page, '\xff', 199999);
  error = chd_wire_error_from_response (502, page, 199999, NULL);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE);
  g_assert_true (g_utf8_validate (chd_error_get_details (error), -1, NULL));
  g_assert_cmpuint (strlen (chd_error_get_details (error)), <=, 3 * CHD_WIRE_MAX_ERROR_BODY);
}

/* Every refusal of a real server becomes an error that says more than "failed". */
static void
test_recorded (void)
{
  static const char *const files[] = { "errors-http.json", "errors-schema.json",     "errors-validation.json",
                                       "auth.json",        "server-side-apply.json", "expired.json",
                                       "pod-logs.json" };
  g_autofree char *folder = chd_test_shared ("data/recordings/api");
  guint n = 0;

  if (folder == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (folder, files[i], NULL);
      g_autofree char *text = NULL;
      gsize length;
      g_autoptr (JsonObject) root = NULL;
      JsonArray *exchanges;

      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      root = chd_json_parse_object (text, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, NULL);
      exchanges = chd_json_array (root, "exchanges");
      for (guint j = 0; j < chd_json_length (exchanges); j++)
        {
          JsonObject *response = chd_json_object (chd_json_object_at (exchanges, j), "response");
          gint64 status = chd_json_int (response, "status", 0);
          JsonObject *body = chd_json_object (response, "body");
          g_autofree char *json = body != NULL ? chd_json_write_object (body, FALSE, NULL)
                                               : g_strdup (chd_json_string (response, "body", ""));
          g_autoptr (GError) error = NULL;

          if (status < 400)
            continue;
          error = chd_wire_error_from_response ((guint) status, json, strlen (json), NULL);
          g_assert_cmpint (error->code, !=, CHD_ERROR_FAILED);
          if (body != NULL)
            g_assert_nonnull (chd_error_get_details (error));
          n++;
        }
    }
  g_assert_cmpuint (n, >, 60);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/error/every-kind-of-answer", test_kinds);
  g_test_add_func ("/wire/error/status-in-an-event", test_status_without_http);
  g_test_add_func ("/wire/error/long-and-dirty-texts", test_long_and_dirty_texts);
  g_test_add_func ("/wire/error/recorded-refusals", test_recorded);
  return g_test_run ();
}
