/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "image-test.h"

#include <sys/resource.h>

#include "chd-error.h"
#include "chd-test-loop.h"

typedef struct
{
  char *folder; /* holds everything of one test */
  char *layout;
  char *digest;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("chd-image-XXXXXX", NULL);
  fixture->layout = g_build_filename (fixture->folder, "layout", NULL);
  fixture->digest = make_layout (fixture->layout, 3, 5000, "fixture");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_folder (fixture->folder);
  g_free (fixture->layout);
  g_free (fixture->digest);
}

static char *
pack (Fixture *fixture, const char *folder, const char *name)
{
  char *archive = g_build_filename (fixture->folder, name, NULL);

  run ("tar", "-C", folder, "-cf", archive, ".", NULL);
  return archive;
}

static GError *
open_error (const char *path, const char *ref_name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdImageSource) source = chd_image_source_open (path, CHD_IMAGE_SOURCE_AUTO, ref_name, NULL, NULL, &error);

  g_assert_null (source);
  g_assert_nonnull (error);
  g_assert_true (error->domain == CHD_ERROR);
  g_assert_cmpstr (chd_error_get_object (error), ==, path);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_test_message ("%s", error->message);
  return g_steal_pointer (&error);
}

/* Every blob reads back as what its digest says, from any offset. */
static void
check_blobs (ChdImageSource *source)
{
  GPtrArray *blobs = chd_image_source_get_blobs (source);
  gint64 size = 0;

  for (guint i = 0; i < blobs->len; i++)
    {
      const ChdOciDescriptor *blob = blobs->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autoptr (GInputStream) stream = chd_image_source_open_blob (source, blob->digest, 0, &error);
      g_autoptr (GInputStream) tail = chd_image_source_open_blob (source, blob->digest, blob->size - 10, &error);
      g_autofree char *data = g_malloc ((gsize) blob->size + 1);
      g_autofree char *digest = NULL;
      char end[20];
      gsize n;

      g_assert_no_error (error);
      g_assert_true (g_input_stream_read_all (stream, data, (gsize) blob->size + 1, &n, NULL, NULL));
      g_assert_cmpint ((gint64) n, ==, blob->size);
      digest = chd_oci_digest (data, n);
      g_assert_cmpstr (digest, ==, blob->digest);
      g_assert_true (g_input_stream_read_all (tail, end, sizeof end, &n, NULL, NULL));
      g_assert_cmpmem (end, n, data + blob->size - 10, 10);
      g_assert_true (g_seekable_seek (G_SEEKABLE (stream), 1, G_SEEK_SET, NULL, NULL));
      g_assert_true (g_input_stream_read_all (stream, end, 5, &n, NULL, NULL));
      g_assert_cmpmem (end, n, data + 1, 5);
      size += blob->size;
    }
  g_assert_cmpint (size, ==, chd_image_source_get_size (source));
}

static void
test_layout (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdImageSource) source = open_image (fixture->layout);

  g_assert_cmpint (chd_image_source_get_source_type (source), ==, CHD_IMAGE_SOURCE_OCI_LAYOUT);
  g_assert_cmpstr (chd_image_source_get_digest (source), ==, fixture->digest);
  g_assert_cmpstr (chd_image_source_get_media_type (source), ==, CHD_OCI_TYPE_MANIFEST);
  g_assert_cmpstr (chd_image_source_get_ref_name (source), ==, "made:1");
  g_assert_cmpuint (chd_image_source_get_blobs (source)->len, ==, 4);
  g_assert_cmpstr (chd_image_source_get_config (source)->os, ==, "linux");
  check_blobs (source);
}

static void
test_archive (Fixture *fixture, gconstpointer data)
{
  static const char *const formats[] = { "--format=gnu", "--format=pax", "--format=ustar" };

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autofree char *archive = g_build_filename (fixture->folder, "image.tar", NULL);
      g_autoptr (ChdImageSource) source = NULL;

      run ("tar", formats[i], "-C", fixture->layout, "-cf", archive, ".", NULL);
      source = open_image (archive);
      g_assert_cmpint (chd_image_source_get_source_type (source), ==, CHD_IMAGE_SOURCE_OCI_ARCHIVE);
      g_assert_cmpstr (chd_image_source_get_digest (source), ==, fixture->digest);
      check_blobs (source);
    }
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL, cancelled = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdImageSource) source = NULL;

  chd_image_source_open_async (fixture->layout, CHD_IMAGE_SOURCE_AUTO, NULL, NULL, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  source = chd_image_source_open_finish (result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (source);

  g_cancellable_cancel (cancellable);
  chd_image_source_open_async (fixture->layout, CHD_IMAGE_SOURCE_AUTO, NULL, NULL, cancellable, chd_test_result_cb,
                               &cancelled);
  chd_test_wait_for (cancelled != NULL);
  g_assert_null (chd_image_source_open_finish (cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* As "docker save" writes it: layers as links, the list of images at the end. */
static void
test_docker_archive (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdImageSource) oci = open_image (fixture->layout);
  g_autofree char *folder = g_build_filename (fixture->folder, "docker", NULL);
  g_autofree char *archive = g_build_filename (fixture->folder, "docker.tar", NULL);
  g_autoptr (GString) list =
      g_string_new ("[{\"Config\":\"config.json\",\"RepoTags\":[\"host/name:1.0\"],\"Layers\":[");
  GPtrArray *blobs = chd_image_source_get_blobs (oci);
  g_autoptr (ChdImageSource) source = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < blobs->len; i++)
    {
      const ChdOciDescriptor *blob = blobs->pdata[i];
      g_autoptr (GInputStream) stream = chd_image_source_open_blob (oci, blob->digest, 0, NULL);
      g_autofree char *bytes = g_malloc ((gsize) blob->size);
      g_autofree char *name = i == 0 ? g_strdup ("config.json") : g_strdup_printf ("%u.tar", i);
      g_autofree char *link = g_strdup_printf ("%s/id%u/layer.tar", folder, i);
      g_autofree char *parent = g_path_get_dirname (link);
      g_autofree char *target = g_strdup_printf ("../%s", name);

      g_assert_true (g_input_stream_read_all (stream, bytes, (gsize) blob->size, NULL, NULL, NULL));
      put_file (folder, name, bytes, blob->size);
      if (i == 0)
        continue;
      g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
      g_assert_cmpint (symlink (target, link), ==, 0);
      g_string_append_printf (list, "%s\"id%u/layer.tar\"", i > 1 ? "," : "", i);
    }
  g_string_append (list, "]}]");
  put_file (folder, "manifest.json", list->str, -1);
  run ("tar", "-C", folder, "-cf", archive, "--exclude=manifest.json", ".", NULL);
  run ("tar", "-C", folder, "-rf", archive, "manifest.json", NULL);

  source = open_image (archive);
  g_assert_cmpint (chd_image_source_get_source_type (source), ==, CHD_IMAGE_SOURCE_DOCKER_ARCHIVE);
  g_assert_cmpstr (chd_image_source_get_ref_name (source), ==, "host/name:1.0");
  g_assert_cmpuint (chd_image_source_get_blobs (source)->len, ==, 4);
  check_blobs (source);
  again = chd_image_source_open (archive, CHD_IMAGE_SOURCE_DOCKER_ARCHIVE, "1.0", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (chd_image_source_get_digest (source), ==, chd_image_source_get_digest (again));

  /* A layer that is not what the configuration says. */
  put_file (folder, "2.tar", "other", -1);
  run ("tar", "-C", folder, "-cf", archive, ".", NULL);
  g_clear_error (&error);
  error = open_error (archive, NULL);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CORRUPT);
}

/* Cut anywhere, or with any byte changed, it is refused or still whole; never half taken. */
static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autofree char *archive = pack (fixture, fixture->layout, "whole.tar");
  g_autofree char *path = g_build_filename (fixture->folder, "damaged.tar", NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (archive, &bytes, &length, NULL));
  for (guint i = 0; i < 300; i++)
    {
      gsize at = (gsize) g_test_rand_int_range (0, (gint32) length);
      gboolean cut = i % 2 == 0;
      g_autofree char *copy = g_memdup2 (bytes, length);
      g_autoptr (ChdImageSource) source = NULL;
      g_autoptr (GError) error = NULL;

      copy[at] = (char) ~copy[at];
      g_assert_true (g_file_set_contents (path, copy, cut ? (gssize) at : (gssize) length, NULL));
      source = chd_image_source_open (path, CHD_IMAGE_SOURCE_AUTO, NULL, NULL, NULL, &error);
      if (source == NULL)
        {
          g_assert_nonnull (error);
          g_assert_true (error->domain == CHD_ERROR);
        }
      else
        {
          g_assert_cmpstr (chd_image_source_get_digest (source), ==, fixture->digest);
          check_blobs (source);
        }
    }
}

static void
test_no_image (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_build_filename (fixture->folder, "text", NULL);
  g_autofree char *compressed = g_build_filename (fixture->folder, "image.tar.gz", NULL);
  g_autofree char *empty = g_build_filename (fixture->folder, "empty", NULL);
  g_autofree char *pipe = g_build_filename (fixture->folder, "pipe", NULL);
  g_autofree char *missing = g_build_filename (fixture->folder, "missing", NULL);
  g_autofree char *blobs = g_build_filename (fixture->layout, "blobs", NULL);
  g_autofree char *other = NULL;
  struct
  {
    const char *path;
    int code;
  } cases[] = {
    { text, CHD_ERROR_INVALID }, { compressed, CHD_ERROR_UNSUPPORTED }, { empty, CHD_ERROR_INVALID },
    { pipe, CHD_ERROR_INVALID }, { missing, CHD_ERROR_NOT_FOUND },      { fixture->folder, CHD_ERROR_INVALID },
  };

  put_file (fixture->folder, "text",
            "This is a text, and longer than the beginning of an archive would have to be. "
            "This is a text, and longer than the beginning of an archive would have to be. "
            "This is a text, and longer than the beginning of an archive would have to be. "
            "This is a text, and longer than the beginning of an archive would have to be. "
            "This is a text, and longer than the beginning of an archive would have to be. "
            "This is a text, and longer than the beginning of an archive would have to be. "
            "This is a text, and longer than the beginning of an archive would have to be. ",
            -1);
  put_file (fixture->folder, "empty", "", 0);
  run ("tar", "-C", fixture->layout, "-czf", compressed, ".", NULL);
  run ("mkfifo", pipe, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = open_error (cases[i].path, NULL);

      g_assert_error (error, CHD_ERROR, cases[i].code);
    }

  /* An archive of something else, and a folder where an archive was announced. */
  other = pack (fixture, blobs, "other.tar");
  {
    g_autoptr (GError) error = open_error (other, NULL);
    g_autoptr (GError) kind = NULL;

    g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
    g_assert_null (chd_image_source_open (fixture->layout, CHD_IMAGE_SOURCE_OCI_ARCHIVE, NULL, NULL, NULL, &kind));
    g_assert_error (kind, CHD_ERROR, CHD_ERROR_INVALID);
  }
}

static void
test_choosing (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *ref_name;
    const char *architecture;
    guint chosen; /* 0: none */
  } cases[] = {
    { "1", "amd64", 1 },     { "two", "amd64", 2 },   { "host/name:two", NULL, 2 },
    { "name:two", NULL, 2 }, { "three", "amd64", 0 }, { NULL, "amd64", 0 },
    { "many", "arm64", 1 },  { "many", "s390x", 2 },  { "many", "riscv64", 0 },
  };
  g_autofree char *second = make_layout (fixture->layout, 1, 100, "second");
  g_autofree char *many = NULL;
  g_autofree char *index = NULL;
  g_autoptr (ChdOciDescriptor) many_blob = NULL;
  struct stat one, two;

  {
    g_autofree char *path_one = g_build_filename (fixture->layout, "blobs/sha256", fixture->digest + 7, NULL);
    g_autofree char *path_two = g_build_filename (fixture->layout, "blobs/sha256", second + 7, NULL);

    g_assert_cmpint (g_stat (path_one, &one), ==, 0);
    g_assert_cmpint (g_stat (path_two, &two), ==, 0);
  }
  many = g_strdup_printf (
      "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":["
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}},"
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}]"
      "}",
      CHD_OCI_TYPE_INDEX, CHD_OCI_TYPE_MANIFEST, fixture->digest, (int) one.st_size, CHD_OCI_TYPE_MANIFEST, second,
      (int) two.st_size);
  many_blob = put_blob (fixture->layout, CHD_OCI_TYPE_INDEX, many, strlen (many));
  index = g_strdup_printf (
      "{\"schemaVersion\":2,\"manifests\":["
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"annotations\":{\"org.opencontainers.image.ref.name\":"
      "\"1\"}},"
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,"
      "\"annotations\":{\"org.opencontainers.image.ref.name\":\"host/name:two\"}},"
      "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"annotations\":{\"org.opencontainers.image.ref.name\":"
      "\"many\"}}]}",
      CHD_OCI_TYPE_MANIFEST, fixture->digest, (int) one.st_size, CHD_OCI_TYPE_MANIFEST, second, (int) two.st_size,
      CHD_OCI_TYPE_INDEX, many_blob->digest, (int) many_blob->size);
  put_file (fixture->layout, "index.json", index, -1);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdImageSource) source =
          chd_image_source_open (fixture->layout, CHD_IMAGE_SOURCE_AUTO, cases[i].ref_name, cases[i].architecture, NULL,
                                 &error);

      if (cases[i].chosen == 0)
        {
          g_assert_null (source);
          g_assert_true (error->domain == CHD_ERROR);
          g_test_message ("%s", error->message);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (chd_image_source_get_digest (source), ==, cases[i].chosen == 1 ? fixture->digest : second);
    }
}

/* A link in the folder to a file outside is not followed, even when the bytes would be right. */
static void
test_links_outside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *layer = NULL;
  g_autofree char *outside = g_build_filename (fixture->folder, "outside", NULL);
  g_autoptr (GError) error = NULL;

  {
    g_autoptr (ChdImageSource) source = open_image (fixture->layout);
    const ChdOciDescriptor *blob = chd_image_source_get_blobs (source)->pdata[1];

    layer = g_build_filename (fixture->layout, "blobs/sha256", blob->digest + 7, NULL);
  }
  g_assert_cmpint (g_rename (layer, outside), ==, 0);
  g_assert_cmpint (symlink (outside, layer), ==, 0);
  error = open_error (fixture->layout, NULL);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CORRUPT);
}

static glong
peak_kilobytes (void)
{
  struct rusage usage;

  g_assert_cmpint (getrusage (RUSAGE_SELF, &usage), ==, 0);
  return usage.ru_maxrss;
}

/* 256 MiB of image in a file that takes no room on disk: memory stays where it was. */
static void
test_memory (Fixture *fixture, gconstpointer data)
{
  g_autofree char *archive = NULL;
  g_autofree char *big = g_build_filename (fixture->layout, "unused", NULL);
  g_autoptr (ChdImageSource) source = NULL;
  glong before;

  put_file (fixture->layout, "unused", "x", 1);
  g_assert_cmpint (truncate (big, 256 * 1024 * 1024), ==, 0);
  archive = g_build_filename (fixture->folder, "big.tar", NULL);
  run ("tar", "-C", fixture->layout, "-cf", archive, ".", NULL);
  before = peak_kilobytes ();
  source = open_image (archive);
  g_assert_cmpint (peak_kilobytes () - before, <, 16 * 1024);
}

/* 200 000 files, and names without end. */
static void
test_many_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "many.tar", NULL);
  g_autoptr (GError) error = NULL;

  run ("python3", "-c",
       "import sys,tarfile\n"
       "t=tarfile.open(sys.argv[1],'w')\n"
       "for i in range(20000): t.addfile(tarfile.TarInfo('f%d'%i))\n"
       "t.close()",
       path, NULL);
  error = open_error (path, NULL);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
  g_clear_error (&error);
  run ("python3", "-c",
       "import sys,tarfile\n"
       "t=tarfile.open(sys.argv[1],'w',format=tarfile.GNU_FORMAT)\n"
       "t.addfile(tarfile.TarInfo('n'*1000000))\n"
       "t.close()",
       path, NULL);
  error = open_error (path, NULL);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
}

static void
test_shipped (void)
{
  g_autofree char *path = g_build_filename (CHD_BUILD_DIR, "data", "environments", "shell.tar", NULL);
  g_autoptr (ChdImageSource) source = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the image of the environment “shell” was not built");
      return;
    }
  source = open_image (path);
  g_assert_cmpint (chd_image_source_get_source_type (source), ==, CHD_IMAGE_SOURCE_OCI_ARCHIVE);
  check_blobs (source);
}

/* skopeo's docker archive of our image. */
static void
test_skopeo (Fixture *fixture, gconstpointer data)
{
  g_autofree char *skopeo = g_find_program_in_path ("skopeo");
  g_autofree char *shipped = g_build_filename (CHD_BUILD_DIR, "data", "environments", "shell.tar", NULL);
  g_autofree char *from = g_strconcat ("oci-archive:", shipped, NULL);
  g_autofree char *path = g_build_filename (fixture->folder, "skopeo.tar", NULL);
  g_autofree char *to = g_strconcat ("docker-archive:", path, ":shell:1", NULL);
  g_autoptr (ChdImageSource) source = NULL;

  if (skopeo == NULL || !g_file_test (shipped, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("skopeo or the image is not there");
      return;
    }
  run (skopeo, "copy", "--quiet", "--insecure-policy", "--tmpdir", fixture->folder, from, to, NULL);
  source = open_image (path);
  g_assert_cmpint (chd_image_source_get_source_type (source), ==, CHD_IMAGE_SOURCE_DOCKER_ARCHIVE);
  g_assert_nonnull (strstr (chd_image_source_get_ref_name (source), "shell:1"));
  check_blobs (source);
}

static void
test_hostile (void)
{
  g_autofree char *folder = chd_test_shared ("data/hostile/oci");
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0;

  if (folder == NULL)
    return;
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      gboolean good = strcmp (name, "good") == 0 || strcmp (name, "annotations") == 0;
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdImageSource) source =
          chd_image_source_open (path, CHD_IMAGE_SOURCE_AUTO, NULL, "amd64", NULL, &error);

      g_test_message ("%s: %s", name, error != NULL ? error->message : "is an image");
      if (good)
        g_assert_no_error (error);
      else
        g_assert_true (source == NULL && error->domain == CHD_ERROR);
      n++;
    }
  g_assert_cmpuint (n, >, 20);
}

static void
test_reference_layout (void)
{
  g_autofree char *path = chd_test_shared ("data/oci/layout");
  g_autoptr (ChdImageSource) source = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL)
    return;
  source = chd_image_source_open (path, CHD_IMAGE_SOURCE_OCI_LAYOUT, NULL, "amd64", NULL, &error);
  g_assert_no_error (error);
  check_blobs (source);
}

static void
add (const char *name, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/cloud/image-source/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("layout", test_layout);
  add ("archive", test_archive);
  add ("async", test_async);
  add ("docker-archive", test_docker_archive);
  add ("damaged", test_damaged);
  add ("no-image", test_no_image);
  add ("choosing", test_choosing);
  add ("links-outside", test_links_outside);
  add ("memory-is-bounded", test_memory);
  add ("many-files", test_many_files);
  add ("docker-archive-of-skopeo", test_skopeo);
  g_test_add_func ("/cloud/image-source/shipped-image", test_shipped);
  g_test_add_func ("/cloud/image-source/reference-layout", test_reference_layout);
  g_test_add_func ("/cloud/image-source/hostile", test_hostile);
  return g_test_run ();
}
