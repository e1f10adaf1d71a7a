/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine's images on disk: opening, finding, listing. Writing is in chd-registry-upload.c (blobs) and
 * chd-registry-manifest.c.
 *
 * The files are the only state, apart from the hashes of uploads under way: several threads, and a second engine after
 * a crash, see the same. What is written appears by renaming, so readers take no lock. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-registry-store-private.h"
#include "chd-util.h"

/* Uploads that nobody went on with for so long are forgotten. */
#define UPLOAD_LIFETIME (7 * G_TIME_SPAN_DAY)
/* Repository names are at most 255 bytes, each part with its slash at least two. */
#define MAX_DEPTH 128
#define MAX_REPOSITORIES 100000

struct _ChdRegistryStore
{
  GObject parent_instance;

  char *folder;
  GMutex mutex;        /* held while the store is changed */
  GHashTable *uploads; /* id → ChdRegistryUpload: those whose hash is known so far */
};

G_DEFINE_FINAL_TYPE (ChdRegistryStore, chd_registry_store, G_TYPE_OBJECT)

gboolean
chd_registry_refuse (GError **error, int code, const char *reason, const char *message)
{
  g_set_error_literal (error, CHD_ERROR, code, message);
  if (error != NULL)
    chd_error_set_reason (*error, reason);
  return FALSE;
}

gboolean
chd_registry_refuse_errno (GError **error, int saved_errno)
{
  g_set_error (error, CHD_ERROR, saved_errno == ENOSPC || saved_errno == EDQUOT ? CHD_ERROR_LIMIT : CHD_ERROR_FAILED,
               /* Translators: the system's reason */
               _ ("The engine cannot write to its images: %s"), g_strerror (saved_errno));
  return FALSE;
}

gboolean
chd_registry_check_repository (const char *repository, GError **error)
{
  if (chd_oci_is_repository (repository))
    return TRUE;
  return chd_registry_refuse (error, CHD_ERROR_INVALID, "NAME_INVALID", _ ("This is not a valid name of an image."));
}

gboolean
chd_registry_check_digest (const char *digest, GError **error)
{
  if (chd_oci_is_digest (digest))
    return TRUE;
  return chd_registry_refuse (error, CHD_ERROR_INVALID, "DIGEST_INVALID", _ ("This is not a valid digest."));
}

/* "sha256:aa…" as one part of a path: "sha256-aa…" */
static char *
digest_name (const char *digest)
{
  char *name = g_strdup (digest);

  g_assert (chd_oci_is_digest (digest));
  *strchr (name, ':') = '-';
  return name;
}

char *
chd_registry_blob_path (ChdRegistryStore *self, const char *digest)
{
  g_auto (GStrv) parts = g_strsplit (digest, ":", 2);

  g_assert (chd_oci_is_digest (digest));
  return g_build_filename (self->folder, "blobs", parts[0], parts[1], NULL);
}

char *
chd_registry_repository_path (ChdRegistryStore *self, const char *repository, const char *kind, const char *name)
{
  g_autofree char *part = NULL;

  g_assert (chd_oci_is_repository (repository));
  if (name != NULL && chd_oci_is_digest (name))
    part = digest_name (name);
  else if (name != NULL)
    {
      g_assert (chd_oci_is_tag (name));
      part = g_strdup (name);
    }
  return g_build_filename (self->folder, "repositories", repository, kind, part, NULL);
}

char *
chd_registry_upload_path (ChdRegistryStore *self, const char *id)
{
  return g_build_filename (self->folder, "uploads", id, NULL);
}

/* %FALSE with errno set. */
gboolean
chd_registry_write_all (int fd, gconstpointer data, gsize length)
{
  const char *bytes = data;

  while (length > 0)
    {
      ssize_t n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }
  return TRUE;
}

gboolean
chd_registry_make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) != 0)
    return chd_registry_refuse_errno (error, errno);
  return TRUE;
}

/* Durable, and there as a whole or not at all. The folder is made when needed. Written beside the uploads first, so
 * that nothing half done looks like a tag. */
gboolean
chd_registry_write_small (ChdRegistryStore *self, const char *path, const char *text, gsize length, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *part = chd_registry_upload_path (self, id);
  int fd;
  gboolean ok;
  int saved_errno;

  if (!chd_registry_make_folder (folder, error))
    return FALSE;
  fd = open (part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  ok = fd >= 0 && chd_registry_write_all (fd, text, length) && fsync (fd) == 0 && g_rename (part, path) == 0;
  saved_errno = errno;
  if (fd >= 0)
    close (fd);
  if (!ok)
    {
      g_unlink (part);
      return chd_registry_refuse_errno (error, saved_errno);
    }
  return chd_registry_sync_folder_of (path, error);
}

gboolean
chd_registry_sync_folder_of (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fsync (fd) == 0;
  int saved_errno = errno;

  if (fd >= 0)
    close (fd);
  return ok || chd_registry_refuse_errno (error, saved_errno);
}

void
chd_registry_store_lock (ChdRegistryStore *self)
{
  g_mutex_lock (&self->mutex);
}

void
chd_registry_store_unlock (ChdRegistryStore *self)
{
  g_mutex_unlock (&self->mutex);
}

GHashTable *
chd_registry_store_get_uploads (ChdRegistryStore *self)
{
  return self->uploads;
}

static void
forget_old_uploads (ChdRegistryStore *self)
{
  g_autofree char *folder = g_build_filename (self->folder, "uploads", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;

      if (g_lstat (path, &info) == 0 &&
          g_get_real_time () - (gint64) info.st_mtime * G_USEC_PER_SEC > (gint64) UPLOAD_LIFETIME)
        g_unlink (path);
    }
}

static void
chd_registry_store_finalize (GObject *object)
{
  ChdRegistryStore *self = CHD_REGISTRY_STORE (object);

  g_hash_table_unref (self->uploads);
  g_mutex_clear (&self->mutex);
  g_free (self->folder);
  G_OBJECT_CLASS (chd_registry_store_parent_class)->finalize (object);
}

static void
chd_registry_store_class_init (ChdRegistryStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_registry_store_finalize;
}

static void
chd_registry_store_init (ChdRegistryStore *self)
{
  g_mutex_init (&self->mutex);
  self->uploads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) chd_registry_upload_free);
}

/**
 * chd_registry_store_open:
 * @folder: made when needed
 */
ChdRegistryStore *
chd_registry_store_open (const char *folder, GError **error)
{
  static const char *const parts[] = { "blobs", "repositories", "uploads" };
  g_autoptr (ChdRegistryStore) self = g_object_new (CHD_TYPE_REGISTRY_STORE, NULL);

  self->folder = g_canonicalize_filename (folder, NULL);
  if (!chd_make_private_directory (self->folder, error))
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, parts[i], NULL);

      if (!chd_make_private_directory (path, error))
        return NULL;
    }
  forget_old_uploads (self);
  return g_steal_pointer (&self);
}

const char *
chd_registry_store_get_folder (ChdRegistryStore *self)
{
  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (self), NULL);

  return self->folder;
}

char *
chd_registry_store_lookup_blob (ChdRegistryStore *self, const char *digest, gint64 *size)
{
  g_autofree char *path = NULL;
  GStatBuf info;

  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (self), NULL);

  if (!chd_oci_is_digest (digest))
    return NULL;
  path = chd_registry_blob_path (self, digest);
  if (g_lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  if (size != NULL)
    *size = info.st_size;
  return g_steal_pointer (&path);
}

gboolean
chd_registry_store_has_blob (ChdRegistryStore *self, const char *repository, const char *digest)
{
  g_autofree char *link = NULL;
  g_autofree char *blob = NULL;

  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (self), FALSE);

  if (!chd_oci_is_repository (repository) || !chd_oci_is_digest (digest))
    return FALSE;
  link = chd_registry_repository_path (self, repository, "_blobs", digest);
  blob = chd_registry_blob_path (self, digest);
  return g_file_test (link, G_FILE_TEST_IS_REGULAR) && g_file_test (blob, G_FILE_TEST_IS_REGULAR);
}

gboolean
chd_registry_store_has_repository (ChdRegistryStore *self, const char *repository)
{
  static const char *const kinds[] = { "_manifests", "_blobs" };

  for (guint i = 0; chd_oci_is_repository (repository) && i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *path = chd_registry_repository_path (self, repository, kinds[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return TRUE;
    }
  return FALSE;
}

static gboolean
refuse_unknown (GError **error, const char *repository, const char *selector)
{
  g_autofree char *message = NULL;

  /* Translators: name of an image, and its tag or digest */
  message = g_strdup_printf (_ ("The image %s (%s) is not here."), repository, selector);
  return chd_registry_refuse (error, CHD_ERROR_NOT_FOUND, "MANIFEST_UNKNOWN", message);
}

/* The digest that @selector means, or %NULL. */
static char *
resolve (ChdRegistryStore *self, const char *repository, const char *selector)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  if (chd_oci_is_digest (selector))
    return g_strdup (selector);
  if (!chd_oci_is_tag (selector))
    return NULL;
  path = chd_registry_repository_path (self, repository, "_tags", selector);
  text = chd_read_regular_file (path, 256, NULL, NULL);
  if (text == NULL || !chd_oci_is_digest (g_strchomp (text)))
    return NULL;
  return g_steal_pointer (&text);
}

GBytes *
chd_registry_store_get_manifest (ChdRegistryStore *self,
                                 const char *repository,
                                 const char *selector,
                                 char **digest,
                                 char **media_type,
                                 GError **error)
{
  g_autofree char *found = NULL;
  g_autofree char *type_path = NULL;
  g_autofree char *type = NULL;
  g_autofree char *blob = NULL;
  g_autofree char *actual = NULL;
  char *data;
  gsize length;

  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (self), NULL);

  if (!chd_registry_check_repository (repository, error))
    return NULL;
  found = resolve (self, repository, selector);
  if (found != NULL)
    {
      type_path = chd_registry_repository_path (self, repository, "_manifests", found);
      type = chd_read_regular_file (type_path, 256, NULL, NULL);
    }
  if (type == NULL)
    {
      refuse_unknown (error, repository, selector);
      return NULL;
    }
  blob = chd_registry_blob_path (self, found);
  data = chd_read_regular_file (blob, CHD_OCI_MAX_MANIFEST, &length, error);
  if (data == NULL)
    return NULL;
  actual = g_compute_checksum_for_data (chd_oci_digest_type (found), (const guchar *) data, length);
  if (!g_str_has_suffix (found, actual))
    {
      g_free (data);
      chd_registry_refuse (error, CHD_ERROR_CORRUPT, "DIGEST_INVALID",
                           _ ("The stored image is damaged: its manifest is not what its digest says."));
      return NULL;
    }
  if (digest != NULL)
    *digest = g_steal_pointer (&found);
  if (media_type != NULL)
    *media_type = g_strchomp (g_steal_pointer (&type));
  return g_bytes_new_take (data, length);
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char **
take_sorted (GPtrArray *names)
{
  g_ptr_array_sort (names, compare_strings);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

/* @kind: the folder by which a repository counts */
static void
collect_repositories (ChdRegistryStore *self, const char *prefix, const char *kind, guint depth, GPtrArray *found)
{
  g_autofree char *path = g_build_filename (self->folder, "repositories", prefix, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (dir == NULL || depth > MAX_DEPTH)
    return;
  while ((name = g_dir_read_name (dir)) != NULL && found->len < MAX_REPOSITORIES)
    {
      if (strcmp (name, kind) == 0)
        g_ptr_array_add (found, g_strdup (prefix));
      else if (name[0] != '_')
        {
          g_autofree char *inner = prefix != NULL ? g_strconcat (prefix, "/", name, NULL) : g_strdup (name);

          if (chd_oci_is_repository (inner))
            collect_repositories (self, inner, kind, depth + 1, found);
        }
    }
}

/* (transfer full): the names of those with a folder of @kind, sorted */
char **
chd_registry_store_list_by (ChdRegistryStore *self, const char *kind)
{
  GPtrArray *found = g_ptr_array_new ();

  collect_repositories (self, NULL, kind, 0, found);
  return take_sorted (found);
}

/**
 * chd_registry_store_list_repositories:
 *
 * Returns: (transfer full): the names of those that have a manifest, sorted
 */
char **
chd_registry_store_list_repositories (ChdRegistryStore *self)
{
  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (self), NULL);

  return chd_registry_store_list_by (self, "_manifests");
}

/**
 * chd_registry_store_list_tags:
 *
 * Returns: (transfer full): sorted; empty for a repository without tags; CHD_ERROR_NOT_FOUND for one that is not here
 */
char **
chd_registry_store_list_tags (ChdRegistryStore *self, const char *repository, GError **error)
{
  GPtrArray *tags;
  g_autofree char *path = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (self), NULL);

  if (!chd_registry_check_repository (repository, error))
    return NULL;
  if (!chd_registry_store_has_repository (self, repository))
    {
      chd_registry_refuse (error, CHD_ERROR_NOT_FOUND, "NAME_UNKNOWN", _ ("There are no images of this name."));
      return NULL;
    }
  tags = g_ptr_array_new ();
  path = chd_registry_repository_path (self, repository, "_tags", NULL);
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (chd_oci_is_tag (name))
      g_ptr_array_add (tags, g_strdup (name));
  return take_sorted (tags);
}
