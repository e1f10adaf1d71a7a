/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Puts the layers of an image over each other. libarchive reads the tar; every file is made by ourselves, below a
 * folder that the kernel resolves within the root (openat2, RESOLVE_IN_ROOT): links inside an image are followed as a
 * process in it would, and lead nowhere else.
 *
 * White-outs remove only what layers below brought, wherever in the tar they stand, so the inodes made by the present
 * layer are kept. */

#include "config.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-layer.h"
#include "chd-util.h"

#define MAX_PATH_LENGTH 4096
#define MAX_DEPTH 256
/* Headers and padding beside the files' bytes; also bounds what follows the end of the tar. */
#define MAX_STREAM (CHD_LAYER_MAX_BYTES + CHD_LAYER_MAX_ENTRIES * G_GINT64_CONSTANT (2048))
#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"
#define BLOCK (64 * 1024)

typedef struct
{
  int root_fd;
  GHashTable *made; /* inodes of this layer */
  ChdLayerUsage *usage;
  GCancellable *cancellable;

  ChdLayerStream *stream;
  GChecksum *checksum;
  gint64 streamed;
  GError *stream_error;
} Unpack;

static gboolean
refuse (GError **error, int code, const char *name, const char *what)
{
  g_autofree char *shown = name != NULL ? chd_str_sanitize (name, -1, 200) : NULL;

  if (shown != NULL)
    /* Translators: what is wrong, and the name of a file in the image */
    g_set_error (error, CHD_ERROR, code, _ ("The image cannot be unpacked: %s (“%s”)."), what, shown);
  else
    g_set_error (error, CHD_ERROR, code, _ ("The image cannot be unpacked: %s."), what);
  return FALSE;
}

static gboolean
refuse_errno (GError **error, int saved_errno, const char *name)
{
  int code = saved_errno == ENOSPC || saved_errno == EDQUOT || saved_errno == ENAMETOOLONG ? CHD_ERROR_LIMIT
                                                                                           : CHD_ERROR_CORRUPT;

  return refuse (error, code, name, g_strerror (saved_errno));
}

static void
remember (Unpack *self, int parent_fd, const char *name)
{
  struct stat info;

  if (fstatat (parent_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    g_hash_table_add (self->made, g_memdup2 (&(gint64){ (gint64) info.st_ino }, sizeof (gint64)));
}

/* Removes what is below @fd and not in @made (%NULL: everything). Takes over @fd. */
static void
empty_folder (int fd, GHashTable *made, guint depth)
{
  DIR *dir = fdopendir (fd);
  struct dirent *item;

  if (dir == NULL)
    {
      close (fd);
      return;
    }
  while ((item = readdir (dir)) != NULL)
    {
      gint64 inode = (gint64) item->d_ino;
      int child;

      if (strcmp (item->d_name, ".") == 0 || strcmp (item->d_name, "..") == 0)
        continue;
      child = openat (dirfd (dir), item->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (child >= 0)
        {
          if (depth < MAX_DEPTH)
            empty_folder (child, made, depth + 1);
          else
            close (child);
        }
      if (made == NULL || !g_hash_table_contains (made, &inode))
        unlinkat (dirfd (dir), item->d_name, child >= 0 ? AT_REMOVEDIR : 0);
    }
  closedir (dir);
}

static void
remove_item (int parent_fd, const char *name, GHashTable *made)
{
  struct stat info;
  gint64 inode;
  int fd;

  if (fstatat (parent_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return;
  inode = (gint64) info.st_ino;
  if (S_ISDIR (info.st_mode))
    {
      fd = openat (parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (fd >= 0)
        empty_folder (fd, made, 0);
    }
  if (made == NULL || !g_hash_table_contains (made, &inode))
    unlinkat (parent_fd, name, S_ISDIR (info.st_mode) ? AT_REMOVEDIR : 0);
}

gboolean
chd_layer_remove_tree (int parent_fd, const char *name)
{
  remove_item (parent_fd, name, NULL);
  return faccessat (parent_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0;
}

static int
open_in_root (Unpack *self, const char *path)
{
  struct open_how how = {
    .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };

  return (int) syscall (SYS_openat2, self->root_fd, *path != '\0' ? path : ".", &how, sizeof how);
}

/* The folder @path (without leading slash; may be empty) within the root. Missing ones are made when @make. -1 with
 * errno set. */
static int
open_folder (Unpack *self, const char *path, gboolean make)
{
  int fd = open_in_root (self, path);
  const char *slash = strrchr (path, '/');
  g_autofree char *parent = NULL;
  const char *name = slash != NULL ? slash + 1 : path;
  int parent_fd;

  if (fd >= 0 || errno != ENOENT || !make || *path == '\0')
    return fd;
  parent = g_strndup (path, slash != NULL ? (gsize) (slash - path) : 0);
  parent_fd = open_folder (self, parent, TRUE);
  if (parent_fd < 0)
    return -1;
  if (mkdirat (parent_fd, name, 0755) == 0)
    {
      remember (self, parent_fd, name);
      close (parent_fd);
      return open_in_root (self, path);
    }
  fd = errno;
  close (parent_fd);
  errno = fd;
  return -1;
}

/* A name from a tar as a path below the root: without leading slashes and empty parts, refused with "..". */
static char *
clean_path (const char *name, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_auto (GStrv) parts = NULL;
  guint depth = 0;

  if (strlen (name) > MAX_PATH_LENGTH)
    {
      refuse (error, CHD_ERROR_LIMIT, name, _ ("a path is longer than a path may be"));
      return NULL;
    }
  parts = g_strsplit (name, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (*parts[i] == '\0' || strcmp (parts[i], ".") == 0)
        continue;
      if (strcmp (parts[i], "..") == 0)
        {
          refuse (error, CHD_ERROR_CORRUPT, name, _ ("a path leads out of the image"));
          return NULL;
        }
      if (++depth > MAX_DEPTH)
        {
          refuse (error, CHD_ERROR_LIMIT, name, _ ("folders are nested too deeply"));
          return NULL;
        }
      if (path->len > 0)
        g_string_append_c (path, '/');
      g_string_append (path, parts[i]);
    }
  return g_string_free (g_steal_pointer (&path), FALSE);
}

static gboolean
apply_whiteout (Unpack *self, int parent_fd, const char *name, const char *full, GError **error)
{
  const char *target = name + strlen (WHITEOUT);

  if (strcmp (name, OPAQUE) == 0)
    {
      int fd = openat (parent_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

      if (fd >= 0)
        empty_folder (fd, self->made, 0);
      return TRUE;
    }
  if (*target == '\0' || strcmp (target, ".") == 0 || strcmp (target, "..") == 0)
    return refuse (error, CHD_ERROR_CORRUPT, full, _ ("a white-out names nothing that can be removed"));
  remove_item (parent_fd, target, self->made);
  return TRUE;
}

static gboolean
write_file (Unpack *self,
            struct archive *reader,
            int parent_fd,
            const char *name,
            const char *full,
            mode_t mode,
            struct archive_entry *entry,
            GError **error)
{
  int fd = openat (parent_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gint64 seconds = CLAMP ((gint64) archive_entry_mtime (entry), 0, G_MAXUINT32);
  struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
  gint64 size = archive_entry_size_is_set (entry) ? archive_entry_size (entry) : 0;
  gint64 end = 0;
  const void *block;
  size_t length;
  la_int64_t offset;
  int result;
  gboolean ok = TRUE;

  if (fd < 0)
    return refuse_errno (error, errno, full);
  remember (self, parent_fd, name);
  while (ok && (result = archive_read_data_block (reader, &block, &length, &offset)) != ARCHIVE_EOF)
    {
      const char *bytes = block;

      if (result != ARCHIVE_OK || offset < 0 || offset + (gint64) length > size)
        ok = refuse (error, CHD_ERROR_CORRUPT, full, _ ("a file in it is damaged"));
      while (ok && length > 0)
        {
          ssize_t n = pwrite (fd, bytes, length, offset);

          if (n < 0 && errno == EINTR)
            continue;
          if (n < 0)
            ok = refuse_errno (error, errno, full);
          else
            {
              bytes += n;
              offset += n;
              length -= (size_t) n;
              end = MAX (end, offset);
            }
        }
    }
  if (ok && end < size && ftruncate (fd, size) != 0) /* a hole at the end of a sparse file */
    ok = refuse_errno (error, errno, full);
  if (ok && fchmod (fd, mode) != 0)
    ok = refuse_errno (error, errno, full);
  futimens (fd, times);
  close (fd);
  return ok;
}

static gboolean
make_folder (Unpack *self, int parent_fd, const char *name, const char *full, mode_t mode, GError **error)
{
  struct stat info;

  if (fstatat (parent_fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0)
    {
      if (S_ISLNK (info.st_mode))
        {
          /* A layer that says "lib/" where the image has lib → usr/lib means that folder, as long as it is one. */
          int fd = open_in_root (self, full);

          if (fd >= 0)
            {
              close (fd);
              return TRUE;
            }
        }
      if (!S_ISDIR (info.st_mode))
        remove_item (parent_fd, name, NULL);
    }
  if (mkdirat (parent_fd, name, mode | 0700) != 0 && errno != EEXIST)
    return refuse_errno (error, errno, full);
  if (fchmodat (parent_fd, name, mode | 0700, 0) != 0)
    return refuse_errno (error, errno, full);
  remember (self, parent_fd, name);
  return TRUE;
}

static gboolean
make_hard_link (Unpack *self, int parent_fd, const char *name, const char *full, const char *target, GError **error)
{
  g_autofree char *path = clean_path (target, error);
  g_autofree char *folder = NULL;
  char *slash;
  int folder_fd;
  struct stat from, to;
  gboolean ok;

  if (path == NULL)
    return FALSE;
  slash = strrchr (path, '/');
  folder = g_strndup (path, slash != NULL ? (gsize) (slash - path) : 0);
  folder_fd = open_folder (self, folder, FALSE);
  if (folder_fd < 0)
    return refuse_errno (error, errno, full);
  slash = slash != NULL ? slash + 1 : path;
  ok = fstatat (folder_fd, slash, &from, AT_SYMLINK_NOFOLLOW) == 0;
  if (ok && fstatat (parent_fd, name, &to, AT_SYMLINK_NOFOLLOW) == 0 && from.st_ino == to.st_ino)
    {
      close (folder_fd); /* a link to itself, or already there */
      return TRUE;
    }
  remove_item (parent_fd, name, NULL);
  ok = ok && linkat (folder_fd, slash, parent_fd, name, 0) == 0;
  if (!ok)
    refuse_errno (error, errno, full);
  close (folder_fd);
  if (ok)
    remember (self, parent_fd, name);
  return ok;
}

static gboolean
make_item (Unpack *self,
           struct archive *reader,
           struct archive_entry *entry,
           int parent_fd,
           const char *name,
           const char *full,
           GError **error)
{
  const char *link = archive_entry_hardlink (entry);
  mode_t mode = archive_entry_perm (entry) & 01777;

  if (link != NULL)
    return make_hard_link (self, parent_fd, name, full, link, error);
  switch (archive_entry_filetype (entry))
    {
    case AE_IFDIR:
      return make_folder (self, parent_fd, name, full, mode, error);
    case AE_IFREG:
      remove_item (parent_fd, name, NULL);
      return write_file (self, reader, parent_fd, name, full, (mode & 0777) | 0400, entry, error);
    case AE_IFLNK:
      link = archive_entry_symlink (entry);
      if (link == NULL || *link == '\0' || strlen (link) >= MAX_PATH_LENGTH)
        return refuse (error, CHD_ERROR_CORRUPT, full, _ ("a link in it leads nowhere"));
      remove_item (parent_fd, name, NULL);
      if (symlinkat (link, parent_fd, name) != 0)
        return refuse_errno (error, errno, full);
      remember (self, parent_fd, name);
      return TRUE;
    default:
      /* Devices, pipes and sockets: the sandbox has its own. */
      return TRUE;
    }
}

static gboolean
unpack_entry (Unpack *self, struct archive *reader, struct archive_entry *entry, GError **error)
{
  const char *raw = archive_entry_pathname (entry);
  gint64 size = archive_entry_size_is_set (entry) ? archive_entry_size (entry) : 0;
  g_autofree char *path = NULL;
  g_autofree char *folder = NULL;
  const char *name;
  char *slash;
  int parent_fd;
  gboolean whiteout;
  gboolean ok;

  if (raw == NULL)
    return refuse (error, CHD_ERROR_CORRUPT, NULL, _ ("a file in it has no name"));
  path = clean_path (raw, error);
  if (path == NULL)
    return FALSE;
  if (size < 0 || size > CHD_LAYER_MAX_BYTES - self->usage->bytes || self->usage->entries >= CHD_LAYER_MAX_ENTRIES)
    return refuse (error, CHD_ERROR_LIMIT, raw, _ ("it has more than 2 GiB or more than 200,000 files"));
  self->usage->bytes += size;
  self->usage->entries++;
  if (*path == '\0')
    return TRUE; /* the root itself */

  slash = strrchr (path, '/');
  folder = g_strndup (path, slash != NULL ? (gsize) (slash - path) : 0);
  name = slash != NULL ? slash + 1 : path;
  if (strlen (name) > NAME_MAX)
    {
      g_debug ("A file of an image is left out, its name is too long for the file system.");
      return TRUE;
    }
  whiteout = g_str_has_prefix (name, WHITEOUT);
  parent_fd = open_folder (self, folder, !whiteout);
  if (parent_fd < 0)
    return (whiteout && errno == ENOENT) || refuse_errno (error, errno, raw);
  if (whiteout)
    ok = apply_whiteout (self, parent_fd, name, raw, error);
  else
    ok = make_item (self, reader, entry, parent_fd, name, path, error);
  close (parent_fd);
  return ok;
}

static la_ssize_t
read_cb (struct archive *reader, void *user_data, const void **data)
{
  Unpack *self = user_data;
  gssize n;

  if (self->stream_error != NULL || g_cancellable_set_error_if_cancelled (self->cancellable, &self->stream_error))
    return ARCHIVE_FATAL;
  n = chd_layer_stream_read (self->stream, data, &self->stream_error);
  if (n > 0)
    {
      g_checksum_update (self->checksum, *data, n);
      self->streamed += n;
      if (self->streamed > MAX_STREAM)
        refuse (&self->stream_error, CHD_ERROR_LIMIT, NULL, _ ("it has more than 2 GiB or more than 200,000 files"));
    }
  return self->stream_error != NULL ? ARCHIVE_FATAL : n;
}

/* What follows the end of the tar: read, so that the packing's own checks are made and the hash is of everything. */
static gboolean
read_to_end (Unpack *self, struct archive *reader)
{
  const void *data;

  while (self->stream_error == NULL && read_cb (reader, self, &data) > 0)
    ;
  return self->stream_error == NULL;
}

gboolean
chd_layer_unpack (const char *path,
                  ChdOciCompression compression,
                  const char *diff_id,
                  int root_fd,
                  ChdLayerUsage *usage,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (ChdLayerStream) stream = chd_layer_stream_open (path, compression, error);
  GChecksumType type = diff_id != NULL ? chd_oci_digest_type (diff_id) : G_CHECKSUM_SHA256;
  g_autoptr (GChecksum) checksum = g_checksum_new (type);
  g_autoptr (GHashTable) made = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Unpack self = { root_fd, made, usage, cancellable, stream, checksum, 0, NULL };
  struct archive *reader;
  struct archive_entry *entry;
  int result;
  gboolean ok = TRUE;

  if (stream == NULL)
    return FALSE;
  reader = archive_read_new ();
  archive_read_support_format_tar (reader);
  /* Names are bytes, whatever the locale. */
  archive_read_set_option (reader, "tar", "hdrcharset", "BINARY");
  result = archive_read_open (reader, &self, NULL, read_cb, NULL);
  while (ok && result == ARCHIVE_OK && (result = archive_read_next_header (reader, &entry)) == ARCHIVE_OK)
    ok = unpack_entry (&self, reader, entry, error);
  if (ok && result != ARCHIVE_EOF && self.stream_error == NULL)
    {
      ok = refuse (error, CHD_ERROR_CORRUPT, NULL, _ ("one of its layers is not a sound tar archive"));
      if (error != NULL)
        chd_error_set_details (*error, archive_error_string (reader));
    }
  ok = ok && read_to_end (&self, reader);
  archive_read_free (reader);
  if (self.stream_error != NULL)
    {
      if (error != NULL)
        g_clear_error (error);
      g_propagate_error (error, self.stream_error);
      return FALSE;
    }
  if (ok && diff_id != NULL && strcmp (g_checksum_get_string (checksum), strchr (diff_id, ':') + 1) != 0)
    return refuse (error, CHD_ERROR_CORRUPT, NULL, _ ("the content of a layer is not the one its configuration names"));
  return ok;
}
