/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "registry-test.h"

#include "chd-image-reference.h"

typedef struct
{
  char *folder;
  char *layout;
  ChdImageSource *source;
  const char *digest;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer layer_size)
{
  g_autofree char *digest = NULL;

  fixture->folder = g_dir_make_tmp ("chd-image-XXXXXX", NULL);
  fixture->layout = g_build_filename (fixture->folder, "layout", NULL);
  digest = make_layout (fixture->layout, 2, GPOINTER_TO_SIZE (layer_size), "fixture");
  fixture->source = open_image (fixture->layout);
  fixture->digest = chd_image_source_get_digest (fixture->source);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->source);
  remove_folder (fixture->folder);
  g_free (fixture->layout);
}

static guint
count_writes (RealRegistry *real)
{
  return real_registry_count (real, "POST") + real_registry_count (real, "PATCH") + real_registry_count (real, "PUT");
}

/* What was uploaded comes back, byte for byte. */
static void
check_pull (ChdRegistry *registry, Fixture *fixture, const char *repository)
{
  GPtrArray *blobs = chd_image_source_get_blobs (fixture->source);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) manifest = NULL;
  g_autofree char *digest = NULL, *media_type = NULL;

  CALL (result, chd_registry_get_manifest_async, registry, repository, fixture->digest);
  manifest = chd_registry_get_manifest_finish (registry, result, &digest, &media_type, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (manifest, chd_image_source_get_manifest (fixture->source)));
  g_assert_cmpstr (media_type, ==, CHD_OCI_TYPE_MANIFEST);
  for (guint i = 0; i < blobs->len; i++)
    {
      const ChdOciDescriptor *blob = blobs->pdata[i];
      g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

      CALL (result, chd_registry_get_blob_async, registry, repository, blob, output);
      g_assert_true (chd_registry_get_blob_finish (registry, result, &error));
      g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (output)), ==, (gsize) blob->size);
    }
}

static void
test_push_and_pull (Fixture *fixture, gconstpointer data)
{
  RealRegistry *real = real_registry_start (FALSE);
  g_autoptr (ChdRegistry) registry = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdImageInfo) none = NULL, found = NULL, by_digest = NULL, inspected = NULL;
  g_autofree char *pushed = NULL, *again = NULL, *elsewhere = NULL, *platform = NULL;
  g_auto (GStrv) tags = NULL, no_tags = NULL;
  Progress progress = { 0 };
  guint writes, patches;

  if (real == NULL)
    return;
  registry = open_registry (real->url);
  g_assert_cmpstr (chd_registry_get_host (registry), ==, real->url + strlen ("http://"));
  CALL (result, chd_registry_ping_async, registry);
  g_assert_true (chd_registry_ping_finish (registry, result, &error));
  none = find (registry, "environments/made", "1", &error);
  g_assert_no_error (error);
  g_assert_null (none);
  CALL (result, chd_registry_list_tags_async, registry, "environments/made");
  no_tags = chd_registry_list_tags_finish (registry, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (no_tags), ==, 0);
  CALL (result, chd_registry_get_manifest_async, registry, "environments/made", "1");
  g_assert_null (chd_registry_get_manifest_finish (registry, result, NULL, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING);
  g_clear_error (&error);

  pushed = push (registry, fixture->source, "environments/made", NULL, &progress, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (pushed, ==, fixture->digest);
  g_assert_cmpint (progress.done, ==, progress.total);
  g_assert_cmpint (progress.total, ==, chd_image_source_get_size (fixture->source));
  g_assert_false (progress.went_back);

  found = find (registry, "environments/made", "1", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->digest, ==, fixture->digest);
  by_digest = find (registry, "environments/made", fixture->digest, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (by_digest->media_type, ==, CHD_OCI_TYPE_MANIFEST);
  CALL (result, chd_registry_inspect_async, registry, "environments/made", "1");
  inspected = chd_registry_inspect_finish (registry, result, &error);
  g_assert_no_error (error);
  g_assert_cmpint (inspected->size, ==, chd_image_source_get_size (fixture->source));
  platform = g_strconcat ("linux/", chd_oci_host_architecture (), NULL);
  g_assert_cmpstr (inspected->platform, ==, platform);
  CALL (result, chd_registry_list_tags_async, registry, "environments/made");
  tags = chd_registry_list_tags_finish (registry, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (tags), ==, 1);
  g_assert_cmpstr (tags[0], ==, "1");
  check_pull (registry, fixture, "environments/made");

  /* What is there is not sent again. */
  writes = count_writes (real);
  again = push (registry, fixture->source, "environments/made", NULL, &progress, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again, ==, fixture->digest);
  g_assert_cmpuint (count_writes (real), ==, writes);
  g_assert_cmpint (progress.total, ==, 0);

  /* In another repository of the same registry nothing but the manifest is. */
  patches = real_registry_count (real, "PATCH");
  writes = real_registry_count (real, "PUT");
  elsewhere = push (registry, fixture->source, "other", "environments/made", &progress, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (real_registry_count (real, "PATCH"), ==, patches);
  g_assert_cmpuint (real_registry_count (real, "PUT"), ==, writes + 1);
  check_pull (registry, fixture, "other");
  real_registry_stop (real);
}

/* A program that is not ours finds the image, and we find its. */
static void
test_skopeo (Fixture *fixture, gconstpointer data)
{
  g_autofree char *skopeo = g_find_program_in_path ("skopeo");
  g_autofree char *shipped = g_build_filename (CHD_BUILD_DIR, "data", "environments", "shell.tar", NULL);
  g_autofree char *from = g_strconcat ("oci-archive:", shipped, NULL);
  RealRegistry *real;
  g_autoptr (ChdRegistry) registry = NULL;
  g_autoptr (ChdImageSource) shell = NULL;
  g_autoptr (ChdImageInfo) found = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *pushed = NULL, *ours = NULL, *theirs = NULL, *copy = NULL, *copy_target = NULL;
  Progress progress = { 0 };

  if (skopeo == NULL || !g_file_test (shipped, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("skopeo or the image is not there");
      return;
    }
  real = real_registry_start (FALSE);
  if (real == NULL)
    return;
  registry = open_registry (real->url);
  shell = open_image (shipped);
  pushed = push (registry, shell, "environments/shell", NULL, &progress, &error);
  g_assert_no_error (error);
  ours = g_strdup_printf ("docker://%s/environments/shell@%s", chd_registry_get_host (registry), pushed);
  copy = g_build_filename (fixture->folder, "copy", NULL);
  copy_target = g_strconcat ("dir:", copy, NULL);
  run (skopeo, "copy", "--quiet", "--insecure-policy", "--src-tls-verify=false", "--tmpdir", fixture->folder, ours,
       copy_target, NULL);

  theirs = g_strdup_printf ("docker://%s/theirs:2", chd_registry_get_host (registry));
  run (skopeo, "copy", "--quiet", "--insecure-policy", "--dest-tls-verify=false", "--tmpdir", fixture->folder, from,
       theirs, NULL);
  found = find (registry, "theirs", "2", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->digest, ==, pushed);
  real_registry_stop (real);
}

static guint
count_log (Faulty *faulty, const char *method, gint64 *bytes)
{
  g_autoptr (GPtrArray) log = faulty_log (faulty);
  guint n = 0;

  *bytes = 0;
  for (guint i = 0; i < log->len; i++)
    if (strcmp (chd_json_string (log->pdata[i], "method", ""), method) == 0)
      {
        *bytes += chd_json_int (log->pdata[i], "body_bytes", 0);
        n++;
      }
  return n;
}

/* The lines break in every way; what arrived is not sent again. */
static void
test_resume (Fixture *fixture, gconstpointer data)
{
  static const char *const faults[] = {
    /* the first chunk is done, its answer lost */
    "{\"match\":{\"method\":\"PATCH\"},\"times\":1,\"forward\":true,\"cut_after\":0,\"cut_with\":\"reset\"}",
    /* a chunk does not arrive, and then the registry is busy */
    "{\"match\":{\"method\":\"PATCH\"},\"skip\":1,\"times\":1,\"reset\":true},"
    "{\"match\":{\"method\":\"GET\"},\"times\":2,\"reply\":{\"status\":503}}",
    /* the closing request is done, its answer lost */
    "{\"match\":{\"method\":\"PUT\",\"path\":\".*/uploads/.*\"},\"times\":1,\"forward\":true,\"cut_after\":0,"
    "\"cut_with\":\"reset\"}",
    /* the session is gone */
    "{\"match\":{\"method\":\"PATCH\"},\"skip\":1,\"times\":1,\"reply\":{\"status\":404,\"json\":{\"errors\":[{"
    "\"code\":\"BLOB_UPLOAD_UNKNOWN\",\"message\":\"\"}]}}}",
    /* the manifest arrived, its answer lost */
    "{\"match\":{\"method\":\"PUT\",\"path\":\".*/manifests/.*\"},\"times\":1,\"forward\":true,\"cut_after\":0,"
    "\"cut_with\":\"reset\"}",
    /* opening a session: the answer is lost */
    "{\"match\":{\"method\":\"POST\"},\"times\":1,\"forward\":true,\"cut_after\":0,\"cut_with\":\"reset\"}",
  };
  gint64 size = chd_image_source_get_size (fixture->source);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      RealRegistry *real = real_registry_start (FALSE);
      g_autofree char *scenario = NULL;
      g_autoptr (ChdRegistry) registry = NULL, direct = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *pushed = NULL;
      Progress progress = { 0 };
      gint64 patched, put;
      Faulty *faulty;

      if (real == NULL)
        return;
      scenario = g_strdup_printf ("{\"upstream\":\"%s\",\"rules\":[%s,{\"forward\":true}]}", real->url, faults[i]);
      faulty = faulty_start (NULL, scenario, NULL, NULL);
      if (faulty == NULL)
        {
          real_registry_stop (real);
          return;
        }
      registry = open_registry (faulty->url);
      pushed = push (registry, fixture->source, "made", NULL, &progress, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (pushed, ==, fixture->digest);
      count_log (faulty, "PATCH", &patched);
      count_log (faulty, "PUT", &put);
      g_test_message ("fault %u: %d of %d bytes sent", i, (int) (patched + put), (int) size);
      /* A chunk more at most, or a layer when its session is gone. */
      g_assert_cmpint (patched + put, <=, size + 20 * 1024 * 1024);
      direct = open_registry (real->url);
      check_pull (direct, fixture, "made");
      faulty_stop (faulty);
      real_registry_stop (real);
    }
}

/* Cancelled in the middle and begun again: goes on where it was. */
static void
test_cancel_and_go_on (Fixture *fixture, gconstpointer data)
{
  RealRegistry *real = real_registry_start (FALSE);
  g_autoptr (ChdRegistry) registry = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *pushed = NULL;
  Progress progress = { .cancellable = cancellable, .cancel_at = 8 * 1024 * 1024 };
  guint patches, posts;

  if (real == NULL)
    return;
  registry = open_registry (real->url);
  g_assert_null (push (registry, fixture->source, "made", NULL, &progress, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  patches = real_registry_count (real, "PATCH");
  posts = real_registry_count (real, "POST");
  g_assert_cmpuint (patches, >=, 1);

  progress.cancellable = NULL;
  pushed = push (registry, fixture->source, "made", NULL, &progress, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (pushed, ==, fixture->digest);
  /* Of the first layer, whose session was open, no chunk is sent twice: two layers of 20 MiB are twice two chunks of
   * 8 MiB, with the rest in the closing request. */
  g_assert_cmpuint (real_registry_count (real, "PATCH"), <=, 5);
  g_assert_cmpuint (real_registry_count (real, "POST"), <=, posts + 2);
  check_pull (registry, fixture, "made");
  real_registry_stop (real);
}

static void
test_refusing (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *rules;
    int code;
    guint max_requests;
  } cases[] = {
    { "{\"match\":{\"method\":\"HEAD\"},\"reply\":{\"status\":404}},{\"reply\":{\"status\":403,\"json\":{\"errors\":[{"
      "\"code\":\"DENIED\",\"message\":\"no\"}]}}}",
      CHD_ERROR_NOT_ALLOWED, 10 },
    { "{\"match\":{\"method\":\"HEAD\"},\"reply\":{\"status\":404}},{\"reply\":{\"status\":500}}", CHD_ERROR_ENGINE,
      20 },
    { "{\"match\":{\"method\":\"HEAD\"},\"reply\":{\"status\":404}},{\"match\":{\"method\":\"POST\"},\"reply\":{"
      "\"status\":202,\"headers\":{\"Location\":\"/v2/made/blobs/uploads/x\",\"Range\":\"0-0\"}}},"
      "{\"match\":{\"method\":\"PUT\"},\"reply\":{\"status\":400,\"json\":{\"errors\":[{\"code\":\"DIGEST_INVALID\","
      "\"message\":\"no\"}]}}}",
      CHD_ERROR_CORRUPT, 30 },
    { "{\"match\":{\"method\":\"HEAD\"},\"reply\":{\"status\":404}},{\"reply\":{\"status\":202,\"headers\":{"
      "\"Location\":\"http://127.0.0.1:{port2}/elsewhere\"}}}",
      CHD_ERROR_NOT_ALLOWED, 10 },
    { "{\"match\":{\"method\":\"HEAD\"},\"reply\":{\"status\":404}},{\"reply\":{\"status\":202}}", CHD_ERROR_FAILED,
      10 },
    { "{\"match\":{\"method\":\"HEAD\"},\"reply\":{\"status\":404}},{\"reply\":{\"status\":429}}",
      CHD_ERROR_UNREACHABLE, 60 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *scenario = g_strdup_printf ("{\"rules\":[%s]}", cases[i].rules);
      Faulty *faulty = faulty_start (NULL, scenario, NULL, NULL);
      g_autoptr (ChdRegistry) registry = NULL;
      g_autoptr (GPtrArray) log = NULL;
      g_autoptr (GError) error = NULL;
      Progress progress = { 0 };

      if (faulty == NULL)
        return;
      registry = open_registry (faulty->url);
      g_assert_null (push (registry, fixture->source, "made", NULL, &progress, &error));
      log = faulty_log (faulty);
      g_test_message ("%u: %u requests, %s", i, log->len, error->message);
      g_assert_error (error, CHD_ERROR, cases[i].code);
      g_assert_cmpuint (log->len, <=, cases[i].max_requests);
      for (guint k = 0; k < log->len; k++)
        g_assert_cmpint (chd_json_int (log->pdata[k], "port", 0), ==, faulty->port);
      faulty_stop (faulty);
    }
}

/* Manifests and blobs that are not what they should be. */
static void
test_wrong_bytes (void)
{
  static const char scenario[] =
      "{\"rules\":[{\"match\":{\"path\":\".*/manifests/lie\"},\"reply\":{\"headers\":{\"Content-Type\":"
      "\"application/vnd.oci.image.manifest.v1+json\"},\"json\":{\"schemaVersion\":2},\"digest\":\"wrong\"}},"
      "{\"match\":{\"path\":\".*/manifests/.*\"},\"reply\":{\"headers\":{\"Content-Type\":"
      "\"application/vnd.oci.image.manifest.v1+json\"},\"json\":{\"schemaVersion\":2,\"config\":{},\"layers\":[]}}},"
      "{\"match\":{\"path\":\".*/blobs/.*\"},\"reply\":{\"fill\":1000}}]}";
  static const struct
  {
    const char *selector;
    int code;
  } cases[] = {
    { "lie", CHD_ERROR_CORRUPT },
    { "sha256:5df6e272133dd4197d9ebf46d56eb15f66de667c735bf9c412b4eec17999d827", CHD_ERROR_CORRUPT },
    { "tag", CHD_ERROR_INVALID },
  };
  Faulty *faulty = faulty_start (NULL, scenario, NULL, NULL);
  g_autoptr (ChdRegistry) registry = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (faulty == NULL)
    return;
  registry = open_registry (faulty->url);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CALL (result, chd_registry_get_manifest_async, registry, "made", cases[i].selector);
      g_assert_null (chd_registry_get_manifest_finish (registry, result, NULL, NULL, &error));
      g_assert_error (error, CHD_ERROR, cases[i].code);
      g_clear_error (&error);
    }
  for (gint64 size = 999; size <= 1001; size++)
    {
      g_autoptr (ChdOciDescriptor) blob = g_new0 (ChdOciDescriptor, 1);
      g_autoptr (GOutputStream) output = g_memory_output_stream_new_resizable ();

      blob->media_type = g_strdup (CHD_OCI_TYPE_LAYER);
      blob->digest = g_strdup ("sha256:5df6e272133dd4197d9ebf46d56eb15f66de667c735bf9c412b4eec17999d827");
      blob->size = size;
      CALL (result, chd_registry_get_blob_async, registry, "made", blob, output);
      g_assert_false (chd_registry_get_blob_finish (registry, result, &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_CORRUPT);
      g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (output)), <=, (gsize) size);
      g_clear_error (&error);
    }
  faulty_stop (faulty);
}

/* Names never become part of an address unchecked. */
static void
test_names (void)
{
  static const char *const names[] = { "../v1", "Upper", "a//b", "a?b", "", "a/..", "a b", "a%2fb" };
  g_autoptr (ChdRegistry) registry = open_registry ("http://127.0.0.1:1");
  g_autoptr (ChdHttp) ipv6 = make_http ("http://[::1]:5000");
  g_autoptr (ChdHttp) plain = make_http ("https://registry.example.org");
  g_autoptr (ChdRegistry) six = chd_registry_new (ipv6, NULL);
  g_autoptr (ChdRegistry) default_port = chd_registry_new (plain, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_null (find (registry, names[i], "1", &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
      g_clear_error (&error);
      if (*names[i] == '\0' || strcmp (names[i], "Upper") == 0)
        continue;
      g_assert_null (find (registry, "made", names[i], &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
      g_clear_error (&error);
    }
  g_assert_cmpstr (chd_registry_get_host (six), ==, "[::1]:5000");
  g_assert_cmpstr (chd_registry_get_host (default_port), ==, "registry.example.org");
}

/* Each hostile answer as the whole of a registry: every question ends, with an error of ours or nothing found. */
static void
test_hostile (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = chd_test_shared ("data/hostile/http");
  g_autofree char *scenario = folder != NULL ? g_build_filename (folder, "raw.json", NULL) : NULL;
  Faulty *faulty = folder != NULL ? faulty_start (scenario, NULL, NULL, NULL) : NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0;

  if (faulty == NULL)
    return;
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stem = g_str_has_suffix (name, ".http") ? g_strndup (name, strlen (name) - 5) : NULL;
      g_autofree char *url = stem != NULL ? g_strconcat (faulty->url, "/", stem, NULL) : NULL;
      g_autoptr (ChdHttp) http = NULL;
      g_autoptr (ChdRegistry) registry = NULL;
      g_autoptr (ChdImageInfo) found = NULL;
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL, push_error = NULL;
      g_auto (GStrv) tags = NULL;
      Progress progress = { 0 };

      if (stem == NULL)
        continue;
      http = make_http (url);
      chd_http_set_timeouts (http, 1000, 1000);
      chd_http_set_backoff (http, 1);
      registry = chd_registry_new (http, NULL);
      chd_registry_set_login (registry, "alice", "canary");
      found = find (registry, "made", "1", &error);
      g_assert_null (found);
      g_assert_true (error == NULL || error->domain == CHD_ERROR);
      g_clear_error (&error);
      CALL (result, chd_registry_list_tags_async, registry, "made");
      tags = chd_registry_list_tags_finish (registry, result, &error);
      g_assert_true (tags != NULL || error->domain == CHD_ERROR);
      g_assert_null (push (registry, fixture->source, "made", NULL, &progress, &push_error));
      g_assert_true (push_error->domain == CHD_ERROR);
      g_test_message ("%s: %s", stem, push_error->message);
      g_assert_null (strstr (push_error->message, "canary"));
      n++;
    }
  g_assert_cmpuint (n, >, 40);
  faulty_stop (faulty);
}

static void
add (const char *name, gsize layer_size, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/cloud/registry/", name, NULL);

  g_test_add (path, Fixture, GSIZE_TO_POINTER (layer_size), set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("push-and-pull", 10000, test_push_and_pull);
  add ("skopeo", 100, test_skopeo);
  add ("resume", 20 * 1024 * 1024, test_resume);
  add ("cancel-and-go-on", 20 * 1024 * 1024, test_cancel_and_go_on);
  add ("refusing", 1000, test_refusing);
  g_test_add_func ("/cloud/registry/wrong-bytes", test_wrong_bytes);
  g_test_add_func ("/cloud/registry/names", test_names);
  add ("hostile-answers", 1000, test_hostile);
  return g_test_run ();
}
