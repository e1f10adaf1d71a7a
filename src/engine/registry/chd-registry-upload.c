/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How blobs come into the store: a file below uploads/ grows with each request, is hashed as it grows, and becomes the
 * blob when its bytes are what the digest says. After a restart of the engine an upload goes on: its hash is then made
 * from its file at the end. */

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

#define CHUNK (256 * 1024)
/* More at once are a client that forgets its uploads. */
#define MAX_UPLOADS 1000

struct _ChdRegistryUpload
{
  ChdRegistryStore *store; /* (owned) while a request works on it, else NULL */
  char *id;
  char *repository;
  GChecksum *sha256; /* (nullable) of the file's first @size bytes; not known of one begun by an earlier engine */
  gint64 size;
  int fd;            /* -1 when no request works on it */
  gboolean finished; /* its file is gone */
};

void
chd_registry_upload_free (ChdRegistryUpload *upload)
{
  if (upload->fd >= 0)
    close (upload->fd);
  g_clear_object (&upload->store);
  g_clear_pointer (&upload->sha256, g_checksum_free);
  g_free (upload->repository);
  g_free (upload->id);
  g_free (upload);
}

gint64
chd_registry_upload_get_size (const ChdRegistryUpload *upload)
{
  return upload->size;
}

static gboolean
refuse_upload (GError **error)
{
  return chd_registry_refuse (error, CHD_ERROR_NOT_FOUND, "BLOB_UPLOAD_UNKNOWN", _ ("There is no such upload."));
}

char *
chd_registry_store_begin_upload (ChdRegistryStore *self, const char *repository, GError **error)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *path = chd_registry_upload_path (self, id);
  ChdRegistryUpload *upload;
  gboolean too_many;
  int fd;

  if (!chd_registry_check_repository (repository, error))
    return NULL;
  chd_registry_store_lock (self);
  too_many = g_hash_table_size (chd_registry_store_get_uploads (self)) >= MAX_UPLOADS;
  chd_registry_store_unlock (self);
  if (too_many)
    {
      chd_registry_refuse (error, CHD_ERROR_LIMIT, "TOOMANYREQUESTS", _ ("Too many uploads are under way."));
      return NULL;
    }
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    {
      chd_registry_refuse_errno (error, errno);
      return NULL;
    }
  close (fd);

  upload = g_new0 (ChdRegistryUpload, 1);
  upload->id = g_strdup (id);
  upload->repository = g_strdup (repository);
  upload->sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  upload->fd = -1;
  chd_registry_store_lock (self);
  g_hash_table_replace (chd_registry_store_get_uploads (self), g_strdup (id), upload);
  chd_registry_store_unlock (self);
  return g_steal_pointer (&id);
}

/* The whole file, from its first byte, into @checksum. */
static gboolean
hash_file (int fd, GChecksum *checksum, gint64 *size)
{
  g_autofree guchar *buffer = g_malloc (CHUNK);
  gint64 offset = 0;
  ssize_t n;

  while ((n = pread (fd, buffer, CHUNK, offset)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      g_checksum_update (checksum, buffer, n);
      offset += n;
    }
  *size = offset;
  return TRUE;
}

/* Begun by an earlier engine, whose memory is gone: which repository it was for is not known any more. */
static ChdRegistryUpload *
revive_upload (ChdRegistryStore *self, const char *repository, const char *id)
{
  g_autofree char *path = chd_registry_upload_path (self, id);
  ChdRegistryUpload *upload;
  GStatBuf info;

  if (g_lstat (path, &info) != 0 || !S_ISREG (info.st_mode))
    return NULL;
  upload = g_new0 (ChdRegistryUpload, 1);
  upload->id = g_strdup (id);
  upload->repository = g_strdup (repository);
  upload->size = info.st_size;
  upload->fd = -1;
  return upload;
}

ChdRegistryUpload *
chd_registry_store_open_upload (ChdRegistryStore *self, const char *repository, const char *id, GError **error)
{
  GHashTable *uploads = chd_registry_store_get_uploads (self);
  g_autofree char *path = NULL;
  ChdRegistryUpload *upload;
  gboolean busy = FALSE;

  if (!chd_registry_check_repository (repository, error))
    return NULL;
  if (!g_uuid_string_is_valid (id))
    {
      refuse_upload (error);
      return NULL;
    }
  chd_registry_store_lock (self);
  upload = g_hash_table_lookup (uploads, id);
  if (upload == NULL && (upload = revive_upload (self, repository, id)) != NULL)
    g_hash_table_replace (uploads, g_strdup (id), upload);
  if (upload != NULL && strcmp (upload->repository, repository) != 0)
    upload = NULL;
  if (upload != NULL && upload->fd >= 0)
    {
      busy = TRUE;
      upload = NULL;
    }
  if (upload != NULL)
    {
      path = chd_registry_upload_path (self, id);
      upload->fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
      if (upload->fd >= 0)
        upload->store = g_object_ref (self);
      else
        {
          g_hash_table_remove (uploads, id);
          upload = NULL;
        }
    }
  chd_registry_store_unlock (self);
  if (busy)
    chd_registry_refuse (error, CHD_ERROR_CONFLICT, "BLOB_UPLOAD_INVALID", _ ("Another request works on this upload."));
  else if (upload == NULL)
    refuse_upload (error);
  return upload;
}

void
chd_registry_upload_close (ChdRegistryUpload *upload)
{
  g_autoptr (ChdRegistryStore) store = NULL;

  if (upload == NULL)
    return;
  store = g_steal_pointer (&upload->store);
  chd_registry_store_lock (store);
  close (upload->fd);
  upload->fd = -1;
  if (upload->finished)
    g_hash_table_remove (chd_registry_store_get_uploads (store), upload->id);
  chd_registry_store_unlock (store);
}

gboolean
chd_registry_upload_append (ChdRegistryUpload *upload, gconstpointer data, gsize length, GError **error)
{
  const char *bytes = data;
  gsize done = 0;

  if (upload->size + (gint64) length > CHD_REGISTRY_MAX_BLOB)
    return chd_registry_refuse (error, CHD_ERROR_LIMIT, "SIZE_INVALID", _ ("The blob is too large."));
  while (done < length)
    {
      ssize_t n = pwrite (upload->fd, bytes + done, length - done, upload->size + (gint64) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          int saved_errno = errno;

          /* What was hashed is what counts; a piece beyond it would be overwritten by the next attempt anyway. */
          if (ftruncate (upload->fd, upload->size) != 0)
            g_debug ("An upload cannot be cut: %s", g_strerror (errno));
          return chd_registry_refuse_errno (error, saved_errno);
        }
      done += (gsize) n;
    }
  if (upload->sha256 != NULL)
    g_checksum_update (upload->sha256, data, (gssize) length);
  upload->size += (gint64) length;
  return TRUE;
}

static gboolean
matches (ChdRegistryUpload *upload, const char *digest)
{
  GChecksumType type = chd_oci_digest_type (digest);
  g_autoptr (GChecksum) checksum = NULL;
  gint64 size = upload->size;

  if (type == G_CHECKSUM_SHA256 && upload->sha256 != NULL)
    checksum = g_checksum_copy (upload->sha256);
  else
    {
      checksum = g_checksum_new (type);
      if (!hash_file (upload->fd, checksum, &size))
        return FALSE;
    }
  return size == upload->size && strcmp (g_checksum_get_string (checksum), strchr (digest, ':') + 1) == 0;
}

gboolean
chd_registry_upload_finish (ChdRegistryUpload *upload, const char *digest, GError **error)
{
  ChdRegistryStore *store = upload->store;
  g_autofree char *path = chd_registry_upload_path (store, upload->id);
  g_autofree char *blob = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *link = NULL;
  gboolean ok = FALSE;

  if (!chd_registry_check_digest (digest, error))
    return FALSE;
  if (!matches (upload, digest))
    return chd_registry_refuse (error, CHD_ERROR_INVALID, "DIGEST_INVALID",
                                _ ("The bytes received are not those that the digest names."));
  blob = chd_registry_blob_path (store, digest);
  folder = g_path_get_dirname (blob);
  link = chd_registry_repository_path (store, upload->repository, "_blobs", digest);
  if (!chd_registry_make_folder (folder, error))
    return FALSE;
  if (fsync (upload->fd) != 0)
    return chd_registry_refuse_errno (error, errno);

  chd_registry_store_lock (store);
  if (g_rename (path, blob) != 0)
    chd_registry_refuse_errno (error, errno);
  else
    {
      upload->finished = TRUE;
      ok = chd_registry_sync_folder_of (blob, error) && chd_registry_write_small (store, link, "", 0, error);
    }
  chd_registry_store_unlock (store);
  return ok;
}

gboolean
chd_registry_store_cancel_upload (ChdRegistryStore *self, const char *repository, const char *id, GError **error)
{
  ChdRegistryUpload *upload = chd_registry_store_open_upload (self, repository, id, error);
  g_autofree char *path = NULL;

  if (upload == NULL)
    return FALSE;
  path = chd_registry_upload_path (self, id);
  g_unlink (path);
  upload->finished = TRUE;
  chd_registry_upload_close (upload);
  return TRUE;
}

gboolean
chd_registry_store_mount_blob (ChdRegistryStore *self,
                               const char *repository,
                               const char *from,
                               const char *digest,
                               GError **error)
{
  g_autofree char *link = NULL;
  gboolean ok;

  if (!chd_registry_check_repository (repository, error) || !chd_registry_check_digest (digest, error))
    return FALSE;
  chd_registry_store_lock (self);
  if (chd_registry_store_has_blob (self, from, digest))
    {
      link = chd_registry_repository_path (self, repository, "_blobs", digest);
      ok = chd_registry_write_small (self, link, "", 0, error);
    }
  else
    ok = chd_registry_refuse (error, CHD_ERROR_NOT_FOUND, "BLOB_UNKNOWN", _ ("There is no such blob."));
  chd_registry_store_unlock (self);
  return ok;
}

char *
chd_registry_store_put_blob (ChdRegistryStore *self, const char *repository, GBytes *bytes, GError **error)
{
  g_autofree char *digest = chd_oci_digest (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autofree char *id = chd_registry_store_begin_upload (self, repository, error);
  g_autoptr (ChdRegistryUpload) upload =
      id != NULL ? chd_registry_store_open_upload (self, repository, id, error) : NULL;

  if (upload == NULL ||
      !chd_registry_upload_append (upload, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error) ||
      !chd_registry_upload_finish (upload, digest, error))
    return NULL;
  return g_steal_pointer (&digest);
}
