/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Blobs over HTTP: pulling them, in parts too, and pushing them in one request, in several, or not at all where another
 * repository has them. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-registry-exchange.h"

static const char *
get_method (ChdRegistryExchange *self)
{
  return soup_server_message_get_method (self->message);
}

static void
refuse_method (ChdRegistryExchange *self)
{
  chd_registry_exchange_fail_code (self, "UNSUPPORTED", _ ("The registry does not do this."));
}

static void
set_blob_location (ChdRegistryExchange *self, const char *digest)
{
  g_autofree char *location = g_strdup_printf ("/v2/%s/blobs/%s", self->repository, digest);

  chd_registry_exchange_set_header (self, "Location", location);
  chd_registry_exchange_set_header (self, "Docker-Content-Digest", digest);
}

static void
send_blob (ChdRegistryExchange *self)
{
  g_autofree char *path = NULL;
  g_autoptr (GMappedFile) file = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!chd_oci_is_digest (self->reference))
    {
      chd_registry_exchange_fail_code (self, "DIGEST_INVALID", _ ("This is not a valid digest."));
      return;
    }
  if (chd_registry_store_has_blob (self->store, self->repository, self->reference))
    path = chd_registry_store_lookup_blob (self->store, self->reference, NULL);
  /* A blob never changes while it is there, so that it can be sent from the page cache. */
  if (path != NULL)
    file = g_mapped_file_new (path, FALSE, NULL);
  if (file == NULL)
    {
      chd_registry_exchange_fail_code (self, "BLOB_UNKNOWN", _ ("There is no such blob."));
      return;
    }
  bytes = g_mapped_file_get_bytes (file);
  chd_registry_exchange_reply_bytes (self, "application/octet-stream", self->reference, bytes);
}

static void
delete_blob (ChdRegistryExchange *self)
{
  chd_registry_store_delete_blob (self->store, self->repository, self->reference, &self->error);
}

static void
answer_accepted (ChdRegistryExchange *self)
{
  chd_registry_exchange_reply (self, 202);
}

void
chd_registry_serve_blob (ChdRegistryExchange *self)
{
  const char *method = get_method (self);

  if (strcmp (method, "GET") == 0 || strcmp (method, "HEAD") == 0)
    send_blob (self);
  else if (strcmp (method, "DELETE") == 0)
    chd_registry_exchange_run (self, delete_blob, answer_accepted);
  else
    refuse_method (self);
}

/* Where an upload stands. "0-0" also means that nothing has come yet. */
static void
set_upload_headers (ChdRegistryExchange *self, gint64 size)
{
  g_autofree char *location = g_strdup_printf ("/v2/%s/blobs/uploads/%s", self->repository, self->reference);
  g_autofree char *range = g_strdup_printf ("0-%" G_GINT64_FORMAT, MAX (size - 1, 0));

  chd_registry_exchange_set_header (self, "Location", location);
  chd_registry_exchange_set_header (self, "Range", range);
  chd_registry_exchange_set_header (self, "Docker-Upload-UUID", self->reference);
}

static void
finish_upload (ChdRegistryExchange *self)
{
  chd_registry_upload_finish (self->upload, chd_registry_exchange_query (self, "digest"), &self->error);
}

static void
answer_created (ChdRegistryExchange *self)
{
  set_blob_location (self, chd_registry_exchange_query (self, "digest"));
  chd_registry_exchange_reply (self, 201);
}

static void
mount_blob (ChdRegistryExchange *self)
{
  g_autoptr (GError) error = NULL;
  const char *from = chd_registry_exchange_query (self, "from");
  const char *digest = chd_registry_exchange_query (self, "mount");

  /* What cannot be mounted is uploaded instead. */
  if (from != NULL && chd_registry_store_mount_blob (self->store, self->repository, from, digest, &error))
    self->digest = g_strdup (digest);
  else
    self->reference = chd_registry_store_begin_upload (self->store, self->repository, &self->error);
}

static void
answer_begun (ChdRegistryExchange *self)
{
  if (self->digest != NULL)
    {
      set_blob_location (self, self->digest);
      chd_registry_exchange_reply (self, 201);
    }
  else
    {
      set_upload_headers (self, 0);
      chd_registry_exchange_reply (self, 202);
    }
}

void
chd_registry_serve_uploads (ChdRegistryExchange *self)
{
  g_autoptr (GError) error = NULL;

  if (strcmp (get_method (self), "POST") != 0)
    {
      refuse_method (self);
      return;
    }
  if (chd_registry_exchange_query (self, "digest") == NULL)
    {
      chd_registry_exchange_run (self, mount_blob, answer_begun);
      return;
    }
  self->reference = chd_registry_store_begin_upload (self->store, self->repository, &error);
  if (self->reference != NULL)
    self->upload = chd_registry_store_open_upload (self->store, self->repository, self->reference, &error);
  if (self->upload != NULL)
    chd_registry_exchange_read_body (self, finish_upload, answer_created);
  else
    chd_registry_exchange_fail (self, error);
}

/* A chunk must begin where the upload ends, and be as long as it says. */
static gboolean
check_chunk (ChdRegistryExchange *self, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *text = soup_message_headers_get_one (headers, "Content-Range");
  gboolean has_length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH;
  goffset length = soup_message_headers_get_content_length (headers);
  g_auto (GStrv) parts = NULL;
  guint64 first, last;

  if (has_length && chd_registry_upload_get_size (self->upload) + length > CHD_REGISTRY_MAX_BLOB)
    return chd_registry_refuse (error, CHD_ERROR_LIMIT, "SIZE_INVALID", _ ("The blob is too large."));
  /* An empty request says nothing about bytes. */
  if (text == NULL || (has_length && length == 0))
    return TRUE;
  parts = g_strsplit (text, "-", 2);
  if (parts[0] == NULL || parts[1] == NULL || !g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXINT64, &first, NULL) ||
      !g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXINT64 - 1, &last, NULL) || last < first ||
      first != (guint64) chd_registry_upload_get_size (self->upload) ||
      (has_length && last - first + 1 != (guint64) length))
    return chd_registry_refuse (error, CHD_ERROR_INVALID, "RANGE_INVALID",
                                _ ("The chunk does not begin where the upload ends."));
  return TRUE;
}

static void
keep_chunk (ChdRegistryExchange *self)
{
  self->size = chd_registry_upload_get_size (self->upload);
}

static void
answer_chunk (ChdRegistryExchange *self)
{
  set_upload_headers (self, self->size);
  chd_registry_exchange_reply (self, 202);
}

static void
cancel_upload (ChdRegistryExchange *self)
{
  chd_registry_store_cancel_upload (self->store, self->repository, self->reference, &self->error);
}

static void
answer_cancelled (ChdRegistryExchange *self)
{
  chd_registry_exchange_reply (self, 204);
}

static void
receive (ChdRegistryExchange *self, gboolean is_last)
{
  g_autoptr (GError) error = NULL;
  const char *digest = chd_registry_exchange_query (self, "digest");
  gint64 size = chd_registry_upload_get_size (self->upload);

  if ((!is_last || chd_registry_check_digest (digest, &error)) && check_chunk (self, &error))
    {
      if (is_last)
        chd_registry_exchange_read_body (self, finish_upload, answer_created);
      else
        chd_registry_exchange_read_body (self, keep_chunk, answer_chunk);
      return;
    }
  g_clear_pointer (&self->upload, chd_registry_upload_close);
  set_upload_headers (self, size);
  chd_registry_exchange_fail (self, error);
}

void
chd_registry_serve_upload (ChdRegistryExchange *self)
{
  const char *method = get_method (self);
  g_autoptr (GError) error = NULL;

  if (strcmp (method, "DELETE") == 0)
    {
      chd_registry_exchange_run (self, cancel_upload, answer_cancelled);
      return;
    }
  if (strcmp (method, "GET") != 0 && strcmp (method, "PATCH") != 0 && strcmp (method, "PUT") != 0)
    {
      refuse_method (self);
      return;
    }
  self->upload = chd_registry_store_open_upload (self->store, self->repository, self->reference, &error);
  if (self->upload == NULL)
    chd_registry_exchange_fail (self, error);
  else if (strcmp (method, "GET") != 0)
    receive (self, strcmp (method, "PUT") == 0);
  else
    {
      set_upload_headers (self, chd_registry_upload_get_size (self->upload));
      g_clear_pointer (&self->upload, chd_registry_upload_close);
      chd_registry_exchange_reply (self, 204);
    }
}
