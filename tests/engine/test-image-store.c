/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From an image's name to its root folder, and images that are not sound. */

#include "config.h"

#include <unistd.h>

#include "chd-error.h"
#include "chd-json.h"
#include "step-test.h"

#define REPOSITORY "team/tool"

typedef struct
{
  char *folder;
  char *roots;
  ChdRegistryStore *registry;
  ChdImageStore *store;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *registry = NULL;
  g_autoptr (GError) error = NULL;

  fixture->folder = step_test_make_folder ();
  registry = g_build_filename (fixture->folder, "registry", NULL);
  fixture->roots = g_build_filename (fixture->folder, "roots", NULL);
  fixture->registry = chd_registry_store_open (registry, &error);
  g_assert_no_error (error);
  fixture->store = chd_image_store_new (fixture->registry, fixture->roots);
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->store);
  g_object_unref (fixture->registry);
  g_free (fixture->roots);
  step_test_remove_folder (fixture->folder);
}

typedef enum
{
  PACKING_NONE,
  PACKING_GZIP,
  PACKING_ZSTD,
  N_PACKINGS
} Packing;

/* A tar with one file, packed; an empty one without a name. */
static GBytes *
make_layer (const char *name, const char *text, gint64 size, Packing packing)
{
  gsize space = 1024 * 1024, used = 0;
  char *buffer = g_malloc (space);
  struct archive *writer = archive_write_new ();

  archive_write_set_format_ustar (writer);
  if (packing == PACKING_GZIP)
    archive_write_add_filter_gzip (writer);
  else if (packing == PACKING_ZSTD)
    g_assert_cmpint (archive_write_add_filter_zstd (writer), ==, ARCHIVE_OK);
  archive_write_open_memory (writer, buffer, space, &used);
  if (name != NULL)
    {
      struct archive_entry *entry = archive_entry_new ();

      archive_entry_set_pathname (entry, name);
      archive_entry_set_mode (entry, AE_IFREG | 0644);
      archive_entry_set_size (entry, size);
      archive_write_header (writer, entry);
      archive_write_data (writer, text, strlen (text));
      archive_entry_free (entry);
    }
  archive_write_close (writer);
  archive_write_free (writer);
  return g_bytes_new_take (buffer, used);
}

static char *
put (Fixture *fixture, GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  char *digest = chd_registry_store_put_blob (fixture->registry, REPOSITORY, bytes, &error);

  g_assert_no_error (error);
  return digest;
}

static GBytes *
take_text (char *text)
{
  return g_bytes_new_take (text, strlen (text));
}

/* The digest of an image of one layer. @diff_id: (nullable): instead of the right one. @size: 0 for the right one */
static char *
put_image (Fixture *fixture, const char *tag, GBytes *layer, const char *type, const char *diff_id, gsize size)
{
  g_autofree char *layer_digest = put (fixture, layer);
  g_autoptr (GBytes) config = take_text (
      g_strdup_printf ("{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{\"Env\":[\"A=b\"],\"Cmd\":[\"/bin/x\"],"
                       "\"Entrypoint\":[\"/e\"],\"WorkingDir\":\"/w\",\"User\":\"7\"},"
                       "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\"]}}",
                       chd_oci_host_architecture (), diff_id));
  g_autofree char *config_digest = put (fixture, config);
  g_autoptr (GBytes) manifest = take_text (g_strdup_printf (
      "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu},"
      "\"layers\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu}]}",
      CHD_OCI_TYPE_MANIFEST, CHD_OCI_TYPE_CONFIG, config_digest, g_bytes_get_size (config), type, layer_digest,
      size != 0 ? size : g_bytes_get_size (layer)));
  g_autoptr (GError) error = NULL;
  char *digest = chd_registry_store_put_manifest (fixture->registry, REPOSITORY, tag, manifest, CHD_OCI_TYPE_MANIFEST,
                                                  NULL, NULL, &error);

  g_assert_no_error (error);
  return digest;
}

static char *
put_simple (Fixture *fixture, const char *tag, const char *name, const char *text, Packing packing)
{
  static const char *const types[] = { CHD_OCI_TYPE_LAYER, CHD_OCI_TYPE_LAYER_GZIP, CHD_OCI_TYPE_LAYER_ZSTD };
  g_autoptr (GBytes) plain = make_layer (name, text, (gint64) strlen (text), PACKING_NONE);
  g_autoptr (GBytes) packed = make_layer (name, text, (gint64) strlen (text), packing);
  g_autofree char *diff_id = chd_oci_digest (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain));

  return put_image (fixture, tag, packed, types[packing], diff_id, 0);
}

/* Nothing half unpacked is left, and @count roots are there. */
static void
assert_roots (Fixture *fixture, guint count)
{
  g_assert_cmpuint (count_entries (fixture->roots), ==, count);
}

static void
assert_root_file (ChdImage *image, const char *name, const char *expected)
{
  g_autofree char *path = g_build_filename (chd_image_get_root (image), name, NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

static void
test_good (Fixture *fixture, gconstpointer data)
{
  for (guint packing = 0; packing < N_PACKINGS; packing++)
    {
      g_autofree char *digest = put_simple (fixture, "1", "bin/x", "text", packing);
      g_autofree char *pinned = g_strconcat ("reg.example/" REPOSITORY ":other@", digest, NULL);
      g_autofree char *id = g_strconcat (REPOSITORY "@", digest, NULL);
      g_autofree char *pinned_id = g_strconcat ("reg.example/" REPOSITORY "@", digest, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdImage) by_tag = step_test_resolve (fixture->store, REPOSITORY ":1", &error);
      g_autoptr (ChdImage) by_digest = step_test_resolve (fixture->store, pinned, NULL);

      g_assert_no_error (error);
      g_assert_cmpstr (chd_image_get_digest (by_tag), ==, digest);
      g_assert_cmpstr (chd_image_get_image_id (by_tag), ==, id);
      g_assert_cmpstr (chd_image_get_reference (by_tag), ==, REPOSITORY ":1");
      g_assert_cmpstr (chd_image_get_env (by_tag)[0], ==, "A=b");
      g_assert_cmpstr (chd_image_get_cmd (by_tag)[0], ==, "/bin/x");
      g_assert_cmpstr (chd_image_get_entrypoint (by_tag)[0], ==, "/e");
      g_assert_cmpstr (chd_image_get_working_dir (by_tag), ==, "/w");
      g_assert_cmpstr (chd_image_get_user (by_tag), ==, "7");
      g_assert_cmpstr (chd_image_get_root (by_digest), ==, chd_image_get_root (by_tag));
      g_assert_cmpstr (chd_image_get_image_id (by_digest), ==, pinned_id);
      assert_root_file (by_tag, "bin/x", "text");
      assert_roots (fixture, packing + 1);
    }
}

static void
test_empty_layer (Fixture *fixture, gconstpointer data)
{
  g_autofree char *digest = put_simple (fixture, "1", NULL, "", PACKING_GZIP);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdImage) image = step_test_resolve (fixture->store, REPOSITORY ":1", &error);

  g_assert_no_error (error);
}

static void
test_shared_work (Fixture *fixture, gconstpointer data)
{
  g_autofree char *digest = put_simple (fixture, "1", "bin/x", "text", PACKING_GZIP);
  GAsyncResult *results[8] = { NULL };

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    chd_image_store_resolve_async (fixture->store, REPOSITORY ":1", NULL, chd_test_result_cb, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      g_autoptr (ChdImage) image = NULL;
      g_autoptr (GError) error = NULL;

      chd_test_wait_for (results[i] != NULL);
      image = chd_image_store_resolve_finish (fixture->store, results[i], &error);
      g_assert_no_error (error);
      assert_root_file (image, "bin/x", "text");
      g_object_unref (results[i]);
    }
  assert_roots (fixture, 1);
}

static void
test_missing (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *reference;
    int code;
  } cases[] = {
    { "team/tool:2", CHD_ERROR_IMAGE_MISSING },
    { "other", CHD_ERROR_IMAGE_MISSING },
    { "team/tool@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", CHD_ERROR_IMAGE_MISSING },
    { "Team/Tool", CHD_ERROR_INVALID },
    { "../../etc", CHD_ERROR_INVALID },
    { "", CHD_ERROR_INVALID },
  };
  g_autofree char *digest = put_simple (fixture, "1", "bin/x", "text", PACKING_NONE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (step_test_resolve (fixture->store, cases[i].reference, &error));
      g_assert_error (error, CHD_ERROR, cases[i].code);
    }
}

static void
assert_refused (Fixture *fixture, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (step_test_resolve (fixture->store, REPOSITORY ":bad", &error));
  g_assert_error (error, CHD_ERROR, code);
  assert_roots (fixture, 0);
}

static void
test_other_machine (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) config = take_text (g_strdup ("{\"architecture\":\"pdp11\",\"os\":\"linux\","
                                                   "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"));
  g_autofree char *config_digest = put (fixture, config);
  g_autoptr (GBytes) manifest = take_text (g_strdup_printf (
      "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%zu},\"layers\":[]}",
      CHD_OCI_TYPE_CONFIG, config_digest, g_bytes_get_size (config)));
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = chd_registry_store_put_manifest (fixture->registry, REPOSITORY, "bad", manifest,
                                                             CHD_OCI_TYPE_MANIFEST, NULL, NULL, NULL);

  g_assert_nonnull (digest);
  g_assert_null (step_test_resolve (fixture->store, REPOSITORY ":bad", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "linux/pdp11"));
}

static void
test_unsound (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) layer = make_layer ("a", "text", 4, PACKING_NONE);
  g_autoptr (GBytes) bomb = make_layer ("a", "text", G_GINT64_CONSTANT (3) * 1024 * 1024 * 1024, PACKING_NONE);
  g_autoptr (GBytes) escape = make_layer ("../../a", "text", 4, PACKING_NONE);
  g_autofree char *diff_id = chd_oci_digest (g_bytes_get_data (layer, NULL), g_bytes_get_size (layer));
  g_autofree char *other = chd_oci_digest ("x", 1);
  g_autofree char *first = put_image (fixture, "bad", layer, CHD_OCI_TYPE_LAYER, other, 0);
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *fourth = NULL;
  g_autofree char *fifth = NULL;
  g_autofree char *sixth = NULL;
  g_autofree char *blob = NULL;

  assert_refused (fixture, CHD_ERROR_CORRUPT);
  second = put_image (fixture, "bad", layer, CHD_OCI_TYPE_LAYER, diff_id, 5);
  assert_refused (fixture, CHD_ERROR_CORRUPT);
  third = put_image (fixture, "bad", bomb, CHD_OCI_TYPE_LAYER, diff_id, 0);
  assert_refused (fixture, CHD_ERROR_LIMIT);
  fourth = put_image (fixture, "bad", escape, CHD_OCI_TYPE_LAYER, diff_id, 0);
  assert_refused (fixture, CHD_ERROR_CORRUPT);
  fifth = put_image (fixture, "bad", layer, "application/x-unknown", diff_id, 0);
  assert_refused (fixture, CHD_ERROR_UNSUPPORTED);

  /* Damaged on disk, of the same length. */
  sixth = put_image (fixture, "bad", layer, CHD_OCI_TYPE_LAYER, diff_id, 0);
  blob = chd_registry_store_lookup_blob (fixture->registry, diff_id, NULL);
  g_assert_cmpint (truncate (blob, 514), ==, 0);
  g_assert_cmpint (truncate (blob, (off_t) g_bytes_get_size (layer)), ==, 0);
  assert_refused (fixture, CHD_ERROR_CORRUPT);
  g_assert_cmpint (g_unlink (blob), ==, 0);
  assert_refused (fixture, CHD_ERROR_IMAGE_MISSING);
}

static void
test_index (Fixture *fixture, gconstpointer data)
{
  g_autofree char *own = put_simple (fixture, "own", "a", "own", PACKING_NONE);
  g_autofree char *foreign = put_simple (fixture, "foreign", "a", "foreign", PACKING_NONE);
  g_autoptr (GBytes) index = take_text (g_strdup_printf (
      "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":["
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":10,\"platform\":{\"os\":\"linux\",\"architecture\":\"pdp11\"}},"
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":10,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}]}",
      CHD_OCI_TYPE_INDEX, CHD_OCI_TYPE_MANIFEST, foreign, CHD_OCI_TYPE_MANIFEST, own, chd_oci_host_architecture ()));
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = chd_registry_store_put_manifest (fixture->registry, REPOSITORY, "many", index,
                                                             CHD_OCI_TYPE_INDEX, NULL, NULL, &error);
  g_autoptr (ChdImage) image = NULL;

  g_assert_no_error (error);
  image = step_test_resolve (fixture->store, REPOSITORY ":many", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (chd_image_get_digest (image), ==, own);
  assert_root_file (image, "a", "own");
}

/* What an engine that was killed while unpacking left behind. */
static void
test_leftovers (Fixture *fixture, gconstpointer data)
{
  g_autofree char *part = g_build_filename (fixture->roots, ".part-x", "deep", NULL);
  g_autofree char *digest = put_simple (fixture, "1", "bin/x", "text", PACKING_NONE);
  g_autoptr (ChdImage) image = NULL;

  g_assert_cmpint (g_mkdir_with_parents (part, 0700), ==, 0);
  image = step_test_resolve (fixture->store, REPOSITORY ":1", NULL);
  g_assert_nonnull (image);
  assert_roots (fixture, 1);
}

/* Puts everything of an OCI layout into the registry, as a client would that checks nothing. */
static void
put_layout (Fixture *fixture, const char *layout)
{
  g_autofree char *blobs = g_build_filename (layout, "blobs/sha256", NULL);
  g_autofree char *index_path = g_build_filename (layout, "index.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GDir) dir = g_dir_open (blobs, 0, NULL);
  g_autoptr (JsonObject) index = NULL;
  JsonArray *list;
  const char *name;
  gsize length;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (blobs, name, NULL);
      g_autofree char *data = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *digest = NULL;

      g_assert_true (g_file_get_contents (path, &data, &length, NULL));
      bytes = g_bytes_new (data, length);
      digest = put (fixture, bytes);
    }
  if (!g_file_get_contents (index_path, &text, &length, NULL))
    return;
  index = chd_json_parse_object (text, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, NULL);
  list = index != NULL ? chd_json_array (index, "manifests") : NULL;
  for (guint i = 0; i < chd_json_length (list); i++)
    {
      JsonObject *item = chd_json_object_at (list, i);
      const char *digest = chd_json_string (item, "digest", "");
      g_autofree char *path = chd_registry_store_lookup_blob (fixture->registry, digest, NULL);
      g_autofree char *data = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *stored = NULL;

      if (path == NULL || !g_file_get_contents (path, &data, &length, NULL))
        continue;
      bytes = g_bytes_new (data, length);
      stored = chd_registry_store_put_manifest (fixture->registry, REPOSITORY, "bad", bytes,
                                                chd_json_string (item, "mediaType", ""), NULL, NULL, NULL);
    }
}

static void
test_stored (Fixture *fixture, gconstpointer data)
{
  /* The layout's own faults are for its reader; to a registry they are good images. */
  static const char *const good[] = { "good", "annotations", "layout-version", "layout-missing", "no-platform" };
  g_autofree char *layouts = chd_test_shared ("data/hostile/oci");
  g_autoptr (GDir) dir = layouts != NULL ? g_dir_open (layouts, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *layout = g_build_filename (layouts, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdImage) image = NULL;
      Fixture inner = { 0 };
      gboolean expected = FALSE;

      if (!g_file_test (layout, G_FILE_TEST_IS_DIR))
        continue;
      fixture_set_up (&inner, NULL);
      put_layout (&inner, layout);
      image = step_test_resolve (inner.store, REPOSITORY ":bad", &error);
      for (guint i = 0; i < G_N_ELEMENTS (good); i++)
        expected = expected || strcmp (good[i], name) == 0;
      g_test_message ("%s: %s", name, image != NULL ? "image" : error->message);
      g_assert_cmpint (image != NULL, ==, expected);
      if (image == NULL)
        g_assert_true (error->domain == CHD_ERROR);
      fixture_tear_down (&inner, NULL);
    }
}

int
main (int argc, char **argv)
{
#define ADD(name, function)                                                                                            \
  g_test_add ("/engine/image/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("good", test_good);
  ADD ("empty-layer", test_empty_layer);
  ADD ("shared-work", test_shared_work);
  ADD ("missing", test_missing);
  ADD ("other-machine", test_other_machine);
  ADD ("unsound", test_unsound);
  ADD ("index", test_index);
  ADD ("leftovers", test_leftovers);
  ADD ("stored", test_stored);
  return g_test_run ();
}
