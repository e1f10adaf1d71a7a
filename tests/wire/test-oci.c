/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-json.h"
#include "chd-oci.h"
#include "chd-test-loop.h"

#define DIGEST "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static JsonObject *
load (const char *relative)
{
  g_autofree char *path = chd_test_shared (relative);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;
  gsize length;

  if (path == NULL)
    return NULL;
  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  object = chd_json_parse_object (text, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, &error);
  g_assert_no_error (error);
  return object;
}

/* The two deliberate differences to the library whose verdicts these are: without a mark of a host the first part
 * belongs to the repository, and ports have a range. */
static void
test_reference_verdicts (void)
{
  g_autoptr (JsonObject) document = load ("data/oci/samples/references.json");
  JsonArray *references;

  if (document == NULL)
    return;
  references = chd_json_array (document, "references");
  g_assert_cmpuint (chd_json_length (references), ==, 88);
  for (guint i = 0; i < chd_json_length (references); i++)
    {
      JsonObject *sample = chd_json_object_at (references, i);
      const char *input = chd_json_string (sample, "input", NULL);
      const char *domain = chd_json_string (sample, "domain", NULL);
      g_autofree char *repository = g_strdup (chd_json_string (sample, "path", NULL));
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdImageReference) reference = chd_image_reference_parse (input, &error);
      g_autofree char *back = NULL;

      if (json_object_has_member (sample, "error") || strstr (input, ":99999") != NULL)
        {
          if (reference != NULL)
            g_error ("accepted: %s", input);
          g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
          continue;
        }
      if (reference == NULL)
        g_error ("%s: %s", input, error->message);
      if (domain != NULL && strcmp (domain, "environments") == 0)
        {
          g_free (repository);
          repository = g_strdup ("environments/shell");
          domain = NULL;
        }
      g_assert_cmpstr (chd_image_reference_get_host (reference), ==, domain);
      g_assert_cmpstr (chd_image_reference_get_repository (reference), ==, repository);
      g_assert_cmpstr (chd_image_reference_get_tag (reference), ==, chd_json_string (sample, "tag", NULL));
      g_assert_cmpstr (chd_image_reference_get_digest (reference), ==, chd_json_string (sample, "digest", NULL));
      back = chd_image_reference_to_string (reference);
      g_assert_cmpstr (back, ==, input);
    }
}

static void
test_reference_parts (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdImageReference) reference = chd_image_reference_parse ("team/shell:1", NULL);
  g_autoptr (ChdImageReference) hosted = chd_image_reference_with_host (reference, "reg.example:5000");
  g_autoptr (ChdImageReference) pinned = chd_image_reference_with_digest (hosted, DIGEST);
  g_autoptr (ChdImageReference) plain = chd_image_reference_parse ("shell", NULL);
  g_autofree char *text = chd_image_reference_to_string (pinned);

  g_assert_cmpstr (text, ==, "reg.example:5000/team/shell:1@" DIGEST);
  g_assert_cmpstr (chd_image_reference_get_selector (pinned), ==, DIGEST);
  g_assert_cmpstr (chd_image_reference_get_selector (reference), ==, "1");
  g_assert_cmpstr (chd_image_reference_get_selector (plain), ==, "latest");
  g_assert_null (chd_image_reference_new ("host/evil", "a", NULL, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (chd_image_reference_new (NULL, "a", "..", NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
}

/* Where several challenges stand in one line, and where a line cannot be read to its end, we read more than the
 * library does: both challenges, and the good parameters. */
static void
test_challenge_verdicts (void)
{
  g_autoptr (JsonObject) document = load ("data/oci/samples/challenges.json");
  JsonArray *cases;

  if (document == NULL)
    return;
  cases = chd_json_array (document, "cases");
  g_assert_cmpuint (chd_json_length (cases), ==, 24);
  for (guint i = 0; i < chd_json_length (cases); i++)
    {
      JsonObject *sample = chd_json_object_at (cases, i);
      g_auto (GStrv) headers = chd_json_strv (chd_json_array (sample, "headers"));
      JsonArray *expected = chd_json_array (sample, "challenges");
      g_autoptr (GPtrArray) challenges = chd_challenges_parse ((const char *const *) headers);

      g_assert_cmpuint (challenges->len, >=, chd_json_length (expected));
      for (guint j = 0; j < chd_json_length (expected); j++)
        {
          JsonObject *want = chd_json_object_at (expected, j);
          JsonObject *parameters = chd_json_object (want, "parameters");
          ChdChallenge *got = challenges->pdata[j];
          g_autoptr (GList) names = json_object_get_members (parameters);

          g_assert_cmpstr (got->scheme, ==, chd_json_string (want, "scheme", NULL));
          for (GList *l = names; l != NULL; l = l->next)
            g_assert_cmpstr (chd_challenge_get (got, l->data), ==, chd_json_string (parameters, l->data, NULL));
        }
    }
}

static void
test_two_challenges_in_one_line (void)
{
  const char *const headers[] = { "Basic realm=\"x\", Bearer realm=\"https://a/t\",service=\"s\"", NULL };
  g_autoptr (GPtrArray) challenges = chd_challenges_parse (headers);
  ChdChallenge *bearer;

  g_assert_cmpuint (challenges->len, ==, 2);
  bearer = challenges->pdata[1];
  g_assert_cmpstr (bearer->scheme, ==, "bearer");
  g_assert_cmpstr (chd_challenge_get (bearer, "realm"), ==, "https://a/t");
  g_assert_cmpstr (chd_challenge_get (bearer, "service"), ==, "s");
}

static void
test_link_header (void)
{
  g_autofree char *next = chd_link_header_next ("</v2/a/tags/list?last=b&n=2>; rel=\"next\"");
  g_autofree char *second = chd_link_header_next ("</x>; rel=\"prev\", </y>; rel=\"next\"");

  g_assert_cmpstr (next, ==, "/v2/a/tags/list?last=b&n=2");
  g_assert_cmpstr (second, ==, "/y");
  g_assert_null (chd_link_header_next ("</x>; rel=\"prev\""));
  g_assert_null (chd_link_header_next ("<unfinished"));
  g_assert_null (chd_link_header_next (NULL));
}

static ChdOciManifest *
parse (const char *text, const char *type, GError **error)
{
  return chd_oci_manifest_parse (text, strlen (text), type, error);
}

#define LAYER "{\"mediaType\":\"" CHD_OCI_TYPE_LAYER "\",\"digest\":\"" DIGEST "\",\"size\":10}"
#define CONFIG "{\"mediaType\":\"" CHD_OCI_TYPE_CONFIG "\",\"digest\":\"" DIGEST "\",\"size\":2}"

static void
test_manifest_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdOciManifest) manifest = parse ("{\"schemaVersion\":2,\"mediaType\":\"" CHD_OCI_TYPE_MANIFEST
                                               "\",\"config\":" CONFIG ",\"layers\":[" LAYER "," LAYER "]}",
                                               CHD_OCI_TYPE_MANIFEST, &error);
  g_autoptr (GBytes) built = NULL;
  g_autoptr (ChdOciManifest) again = NULL;

  g_assert_no_error (error);
  g_assert_false (manifest->is_index);
  g_assert_cmpuint (manifest->layers->len, ==, 2);
  g_assert_cmpint (manifest->config->size, ==, 2);
  built = chd_oci_manifest_build (manifest->config, manifest->layers);
  again =
      chd_oci_manifest_parse (g_bytes_get_data (built, NULL), g_bytes_get_size (built), CHD_OCI_TYPE_MANIFEST, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->layers->len, ==, 2);
}

static void
test_manifest_refused (void)
{
  static const struct
  {
    const char *text;
    const char *type;
  } cases[] = {
    { "[]", NULL },
    { "{}", NULL },
    { "{\"schemaVersion\":1,\"config\":" CONFIG ",\"layers\":[]}", NULL },
    { "{\"schemaVersion\":2,\"layers\":[" LAYER "]}", NULL },
    { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[],\"manifests\":[]}", NULL },
    { "{\"schemaVersion\":2,\"mediaType\":\"" CHD_OCI_TYPE_INDEX "\",\"config\":" CONFIG ",\"layers\":[]}", NULL },
    { "{\"schemaVersion\":2,\"mediaType\":\"" CHD_OCI_TYPE_MANIFEST "\",\"config\":" CONFIG ",\"layers\":[]}",
      CHD_DOCKER_TYPE_MANIFEST },
    { "{\"schemaVersion\":2,\"mediaType\":5,\"config\":" CONFIG ",\"layers\":[]}", NULL },
    { "{\"schemaVersion\":2,\"mediaType\":\"text/plain\",\"config\":" CONFIG ",\"layers\":[]}", NULL },
    { "{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[5]}", NULL },
    { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x/y\",\"digest\":\"sha256:../../x\",\"size\":1}}", NULL },
    { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x/y\",\"digest\":\"" DIGEST "\",\"size\":-1}}", NULL },
    { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x/y\",\"digest\":\"" DIGEST "\",\"size\":\"1\"}}", NULL },
    { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x/y\",\"digest\":\"" DIGEST "\",\"size\":1.5}}", NULL },
    { "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"x/y\",\"digest\":\"" DIGEST "\",\"size\":2,\"data\":\"e30=\"}}",
      NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdOciManifest) manifest = parse (cases[i].text, cases[i].type, &error);

      if (manifest != NULL)
        g_error ("accepted: %s", cases[i].text);
      g_assert_true (error->domain == CHD_ERROR);
    }
}

static void
test_manifest_limits (void)
{
  g_autoptr (GString) text = g_string_new ("{\"schemaVersion\":2,\"config\":" CONFIG ",\"layers\":[" LAYER);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < CHD_OCI_MAX_LAYERS; i++)
    g_string_append (text, "," LAYER);
  g_string_append (text, "]}");
  g_assert_null (parse (text->str, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
}

static void
test_index_select (void)
{
#define ENTRY(platform)                                                                                                \
  "{\"mediaType\":\"" CHD_OCI_TYPE_MANIFEST "\",\"digest\":\"" DIGEST "\",\"size\":10" platform "}"
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdOciManifest) index =
      parse ("{\"schemaVersion\":2,\"manifests\":[" ENTRY (
                 ",\"platform\":{\"os\":\"linux\",\"architecture\":"
                 "\"arm64\"}") "," ENTRY (",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}") "]}",
             CHD_OCI_TYPE_INDEX, &error);
  g_autoptr (ChdOciManifest) empty = parse ("{\"schemaVersion\":2,\"manifests\":[]}", NULL, NULL);
  g_autoptr (ChdOciManifest) bare = parse ("{\"schemaVersion\":2,\"manifests\":[" ENTRY ("") "]}", NULL, NULL);

  g_assert_no_error (error);
  g_assert_true (chd_oci_index_select (index, "linux", "amd64", NULL) == index->manifests->pdata[1]);
  g_assert_null (chd_oci_index_select (index, "linux", "riscv64", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "linux/arm64, linux/amd64"));
  g_clear_error (&error);
  g_assert_null (chd_oci_index_select (empty, "linux", "amd64", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_nonnull (chd_oci_index_select (bare, "linux", "amd64", NULL));
}

static void
test_samples (void)
{
  static const struct
  {
    const char *file;
    gboolean is_index;
  } samples[] = {
    { "manifest-docker-schema2.json", FALSE },
    { "manifest-artifact.json", FALSE },
    { "manifest-list-docker.json", TRUE },
    { "index-multi-platform.json", TRUE },
    { "referrers.json", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_autofree char *relative = g_build_filename ("data/oci/samples", samples[i].file, NULL);
      g_autofree char *path = chd_test_shared (relative);
      g_autofree char *text = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdOciManifest) manifest = NULL;
      gsize length;

      if (path == NULL)
        return;
      g_assert_true (g_file_get_contents (path, &text, &length, NULL));
      manifest = chd_oci_manifest_parse (text, length, NULL, &error);
      if (manifest == NULL)
        g_error ("%s: %s", samples[i].file, error->message);
      g_assert_cmpint (manifest->is_index, ==, samples[i].is_index);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/oci/reference-verdicts", test_reference_verdicts);
  g_test_add_func ("/wire/oci/reference-parts", test_reference_parts);
  g_test_add_func ("/wire/oci/challenge-verdicts", test_challenge_verdicts);
  g_test_add_func ("/wire/oci/two-challenges-in-one-line", test_two_challenges_in_one_line);
  g_test_add_func ("/wire/oci/link-header", test_link_header);
  g_test_add_func ("/wire/oci/manifest-good", test_manifest_good);
  g_test_add_func ("/wire/oci/manifest-refused", test_manifest_refused);
  g_test_add_func ("/wire/oci/manifest-limits", test_manifest_limits);
  g_test_add_func ("/wire/oci/index-select", test_index_select);
  g_test_add_func ("/wire/oci/samples", test_samples);
  return g_test_run ();
}
