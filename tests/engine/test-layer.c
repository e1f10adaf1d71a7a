/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layers over each other, and layers that want out. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-layer.h"
#include "step-test.h"

/* A folder with "root", and beside and above it what must stay as it is. */
typedef struct
{
  char *folder;
  int root_fd;
  ChdLayerUsage usage;
} Fixture;

static void
fixture_set_up (Fixture *fixture, gconstpointer data)
{
  static const char *const folders[] = { "in", "in/root", "in/outside" };
  static const char *const files[] = { "victim.txt", "in/victim.txt", "in/outside/victim.txt" };
  g_autofree char *root = NULL;

  fixture->folder = step_test_make_folder ();
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, folders[i], NULL);

      g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, files[i], NULL);

      g_assert_true (g_file_set_contents (path, "untouched", -1, NULL));
    }
  root = g_build_filename (fixture->folder, "in/root", NULL);
  fixture->root_fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_assert_cmpint (fixture->root_fd, >=, 0);
}

/* Nothing outside of the root was made, changed or removed. */
static void
assert_nothing_outside (Fixture *fixture)
{
  static const char *const files[] = { "victim.txt", "in/victim.txt", "in/outside/victim.txt" };
  static const struct
  {
    const char *folder;
    guint count;
  } counts[] = { { ".", 2 }, { "in", 3 }, { "in/outside", 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, files[i], NULL);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_cmpstr (text, ==, "untouched");
    }
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, counts[i].folder, NULL);

      /* "layer" lies in the outermost folder. */
      g_assert_cmpuint (count_entries (path), <=, counts[i].count + (i == 0));
    }
}

static void
fixture_tear_down (Fixture *fixture, gconstpointer data)
{
  int folder_fd = open (fixture->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  assert_nothing_outside (fixture);
  close (fixture->root_fd);
  g_assert_true (chd_layer_remove_tree (folder_fd, "in"));
  close (folder_fd);
  step_test_remove_folder (fixture->folder);
}

/* One entry of a layer that is made for a test. */
typedef struct
{
  const char *name;
  char kind;        /* 'f' file, 'd' folder, 'l' link, 'h' hard link, 'p' pipe */
  const char *text; /* content, or the link's target */
  mode_t mode;
} Entry;

static char *
make_layer (Fixture *fixture, const Entry *entries, guint n_entries)
{
  char *path = g_build_filename (fixture->folder, "layer", NULL);
  struct archive *writer = archive_write_new ();

  archive_write_set_format_pax_restricted (writer);
  g_assert_cmpint (archive_write_open_filename (writer, path), ==, ARCHIVE_OK);
  for (guint i = 0; i < n_entries; i++)
    {
      struct archive_entry *entry = archive_entry_new ();
      const Entry *item = &entries[i];
      mode_t type = item->kind == 'd'   ? AE_IFDIR
                    : item->kind == 'l' ? AE_IFLNK
                    : item->kind == 'p' ? AE_IFIFO
                                        : AE_IFREG;

      archive_entry_set_pathname (entry, item->name);
      archive_entry_set_mode (entry, type | (item->mode != 0 ? item->mode : 0644));
      if (item->kind == 'l')
        archive_entry_set_symlink (entry, item->text);
      else if (item->kind == 'h')
        archive_entry_set_hardlink (entry, item->text);
      else if (item->kind == 'f')
        archive_entry_set_size (entry, (la_int64_t) strlen (item->text));
      g_assert_cmpint (archive_write_header (writer, entry), ==, ARCHIVE_OK);
      if (item->kind == 'f')
        archive_write_data (writer, item->text, strlen (item->text));
      archive_entry_free (entry);
    }
  g_assert_cmpint (archive_write_close (writer), ==, ARCHIVE_OK);
  archive_write_free (writer);
  return path;
}

static gboolean
unpack (Fixture *fixture, const Entry *entries, guint n_entries, GError **error)
{
  g_autofree char *path = make_layer (fixture, entries, n_entries);

  return chd_layer_unpack (path, CHD_OCI_COMPRESSION_NONE, NULL, fixture->root_fd, &fixture->usage, NULL, error);
}

#define UNPACK(fixture, entries)                                                                                       \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autoptr (GError) unpack_error = NULL;                                                                            \
    unpack (fixture, entries, G_N_ELEMENTS (entries), &unpack_error);                                                  \
    g_assert_no_error (unpack_error);                                                                                  \
  }                                                                                                                    \
  G_STMT_END

/* The content of a file of the root, as a process in it would read it; %NULL when it is not there. */
static char *
read_root (Fixture *fixture, const char *path)
{
  char buffer[256];
  int fd = openat (fixture->root_fd, path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, buffer, sizeof buffer - 1) : -1;

  if (fd >= 0)
    close (fd);
  if (n < 0)
    return NULL;
  buffer[n] = '\0';
  return g_strdup (buffer);
}

static void
assert_file (Fixture *fixture, const char *path, const char *expected)
{
  g_autofree char *text = read_root (fixture, path);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_layers (Fixture *fixture, gconstpointer data)
{
  static const Entry base[] = {
    { "usr", 'd', NULL, 0555 },          { "usr/lib/", 'd', NULL, 0755 },
    { "lib", 'l', "usr/lib", 0777 },     { "etc/a", 'f', "a1", 0600 },
    { "etc/b", 'f', "b1", 0600 },        { "etc/keep/c", 'f', "c1", 0600 },
    { "usr/lib/one", 'f', "one", 0755 }, { "usr/two", 'h', "usr/lib/one", 0755 },
    { "opt/x/y", 'f', "y1", 0600 },      { "opt/z", 'f', "z1", 0600 },
    { "run/pipe", 'p', NULL, 0600 },
  };
  static const Entry upper[] = {
    { "./etc/a", 'f', "a2", 0600 },          { "etc/.wh.b", 'f', "", 0600 },
    { "lib/new", 'f', "new", 0644 },         { "opt/w", 'f', "w2", 0600 },
    { "opt/.wh..wh..opq", 'f', "", 0600 },   { "opt/x/n", 'f', "n2", 0600 },
    { "etc/keep", 'f', "now a file", 0600 }, { "lib", 'd', NULL, 0755 },
    { ".wh.nothing", 'f', "", 0600 },
  };
  struct stat info;

  UNPACK (fixture, base);
  assert_file (fixture, "usr/two", "one");
  g_assert_cmpint (fstatat (fixture->root_fd, "run/pipe", &info, AT_SYMLINK_NOFOLLOW), ==, -1);
  UNPACK (fixture, upper);
  assert_file (fixture, "etc/a", "a2");
  assert_file (fixture, "etc/b", NULL);
  assert_file (fixture, "etc/keep", "now a file");
  /* Through the link, as a process in the image would have written it; the link is still one. */
  assert_file (fixture, "usr/lib/new", "new");
  g_assert_cmpint (fstatat (fixture->root_fd, "lib", &info, AT_SYMLINK_NOFOLLOW), ==, 0);
  g_assert_true (S_ISLNK (info.st_mode));
  /* The opaque folder lost what was below, at any depth, and kept what this layer brought before and after. */
  assert_file (fixture, "opt/w", "w2");
  assert_file (fixture, "opt/x/n", "n2");
  assert_file (fixture, "opt/z", NULL);
  assert_file (fixture, "opt/x/y", NULL);
  g_assert_cmpint (fixture->usage.entries, ==, G_N_ELEMENTS (base) + G_N_ELEMENTS (upper));
}

static void
test_escapes (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    Entry entries[3];
    guint n_entries;
    gboolean refused;
  } cases[] = {
    { { { "../escape", 'f', "x", 0644 } }, 1, TRUE },
    { { { "a/../../escape", 'f', "x", 0644 } }, 1, TRUE },
    { { { "/absolute", 'f', "x", 0644 } }, 1, FALSE },
    { { { "out", 'l', "..", 0777 }, { "out/escape", 'f', "x", 0644 } }, 2, FALSE },
    { { { "out", 'l', "../outside", 0777 }, { "out/victim.txt", 'f', "x", 0644 } }, 2, TRUE },
    { { { "d", 'd', NULL, 0755 }, { "d", 'l', "/tmp", 0777 }, { "d/escape", 'f', "x", 0644 } }, 3, TRUE },
    { { { "h", 'h', "../victim.txt", 0644 } }, 1, TRUE },
    { { { "h", 'h', "/etc/passwd", 0644 } }, 1, TRUE },
    { { { "s", 'l', "../victim.txt", 0777 }, { "h", 'h', "s", 0644 }, { "h", 'f', "overwritten", 0644 } }, 3, FALSE },
    { { { "s", 'l', "../victim.txt", 0777 }, { "s", 'f', "overwritten", 0644 } }, 2, FALSE },
    { { { "s", 'l', "../outside", 0777 }, { "s/.wh.victim.txt", 'f', "", 0644 } }, 2, FALSE },
    { { { ".wh...", 'f', "", 0644 } }, 1, TRUE },
    { { { ".wh..", 'f', "", 0644 } }, 1, TRUE },
    { { { ".wh.", 'f', "", 0644 } }, 1, TRUE },
    { { { "loop", 'l', "loop", 0777 }, { "loop/x", 'f', "", 0644 } }, 2, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean ok = unpack (fixture, cases[i].entries, cases[i].n_entries, &error);

      g_test_message ("case %u: %s", i, ok ? "unpacked" : error->message);
      g_assert_cmpint (ok, ==, !cases[i].refused);
      if (!ok)
        g_assert_true (error->domain == CHD_ERROR);
      assert_nothing_outside (fixture);
      chd_layer_remove_tree (fixture->root_fd, "d");
      chd_layer_remove_tree (fixture->root_fd, "s");
      chd_layer_remove_tree (fixture->root_fd, "out");
    }
}

static void
test_rights (Fixture *fixture, gconstpointer data)
{
  static const Entry entries[] = {
    { "suid", 'f', "x", 04755 },
    { "sgid", 'f', "x", 02755 },
    { "none", 'd', NULL, 01000 },
    { "none/file", 'f', "x", 00001 },
  };
  struct stat info;

  UNPACK (fixture, entries);
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_assert_cmpint (fstatat (fixture->root_fd, entries[i].name, &info, 0), ==, 0);
      g_assert_cmpuint (info.st_mode & (S_ISUID | S_ISGID), ==, 0);
      g_assert_cmpuint (info.st_uid, ==, geteuid ());
      g_assert_cmpuint (info.st_mode & 0400, ==, 0400);
    }
}

static void
test_limits (Fixture *fixture, gconstpointer data)
{
  static const Entry one[] = { { "file", 'f', "0123456789", 0644 } };
  g_autoptr (GError) error = NULL;

  fixture->usage.bytes = CHD_LAYER_MAX_BYTES - 9;
  g_assert_false (unpack (fixture, one, 1, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
  g_clear_error (&error);
  fixture->usage.bytes = 0;
  fixture->usage.entries = CHD_LAYER_MAX_ENTRIES;
  g_assert_false (unpack (fixture, one, 1, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_LIMIT);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  static const Entry one[] = { { "file", 'f', "0123456789", 0644 } };
  g_autofree char *path = make_layer (fixture, one, 1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (
      chd_layer_unpack (path, CHD_OCI_COMPRESSION_NONE, NULL, fixture->root_fd, &fixture->usage, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What the stored hostile layers must come to; nothing outside in any case. */
static const struct
{
  const char *name;
  int result;       /* 1 unpacked, 0 refused, -1 either */
  const char *file; /* (nullable) must be there after unpacking */
} stored[] = {
  { "dotdot.tar", 0, NULL },
  { "absolute.tar", -1, NULL },
  { "symlink-folder.tar", -1, NULL },
  { "symlink-absolute.tar", -1, NULL },
  { "symlink-chain.tar", -1, NULL },
  { "hardlink-outside.tar", 0, NULL },
  { "hardlink-through-symlink.tar", -1, NULL },
  { "replace-folder-by-link.tar", -1, NULL },
  { "devices.tar", 1, NULL },
  { "setuid.tar", 1, NULL },
  { "whiteouts.tar", 0, NULL },
  { "whiteout-dotdot.tar", 0, NULL },
  { "whiteout-through-symlink.tar", -1, NULL },
  { "odd-names.tar", -1, NULL },
  { "deep-folders.tar", 0, NULL },
  { "unreadable.tar", 1, NULL },
  { "pax-path.tar", -1, NULL },
  { "pax-size.tar", 0, NULL },
  { "pax-length.tar", 0, NULL },
  { "long-name-claim.tar", 0, NULL },
  { "sparse.tar", 0, NULL },
  { "base256-size.tar", 0, NULL },
  { "negative-size.tar", 0, NULL },
  { "bad-checksum.tar", 0, NULL },
  { "truncated-header.tar", 0, NULL },
  { "truncated-data.tar", 0, NULL },
  { "no-end-blocks.tar", 1, NULL },
  { "trailing-garbage.tar", 1, NULL },
  { "empty.tar", -1, NULL },
  { "truncated.tar.gz", 0, NULL },
  { "bad-crc.tar.gz", 0, NULL },
  { "two-members.tar.gz", 1, NULL },
  { "garbage-after.tar.gz", -1, NULL },
  { "bzip2-bomb.tar.gz", 0, NULL },
  { "zip-not-tar.tar", 0, NULL },
  { "owners-and-times.tar", 1, NULL },
};

static void
test_stored (Fixture *fixture, gconstpointer data)
{
  g_autofree char *layers = chd_test_shared ("data/hostile/layers");

  for (guint i = 0; layers != NULL && i < G_N_ELEMENTS (stored); i++)
    {
      g_autofree char *path = g_build_filename (layers, stored[i].name, NULL);
      g_autoptr (GError) error = NULL;
      gboolean gzip = g_str_has_suffix (path, ".gz");
      ChdLayerUsage usage = { 0 };
      Fixture inner = { 0 };
      gboolean ok;

      fixture_set_up (&inner, NULL);
      ok = chd_layer_unpack (path, gzip ? CHD_OCI_COMPRESSION_GZIP : CHD_OCI_COMPRESSION_NONE, NULL, inner.root_fd,
                             &usage, NULL, &error);
      g_test_message ("%s: %s (%s)", stored[i].name, ok ? "unpacked" : error->message,
                      ok ? NULL : chd_error_get_details (error));
      if (stored[i].result >= 0)
        g_assert_cmpint (ok, ==, stored[i].result);
      if (!ok)
        {
          g_assert_true (error->domain == CHD_ERROR);
          g_assert_true (g_utf8_validate (error->message, -1, NULL));
        }
      fixture_tear_down (&inner, NULL);
    }
}

int
main (int argc, char **argv)
{
#define ADD(name, function)                                                                                            \
  g_test_add ("/engine/layer/" name, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
  g_test_init (&argc, &argv, NULL);
  ADD ("layers", test_layers);
  ADD ("escapes", test_escapes);
  ADD ("rights", test_rights);
  ADD ("limits", test_limits);
  ADD ("cancelled", test_cancelled);
  ADD ("stored", test_stored);
  return g_test_run ();
}
