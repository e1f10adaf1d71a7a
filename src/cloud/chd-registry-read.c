/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a registry has: does an image exist, its manifest, its blobs. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-digest-stream.h"
#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-oci.h"
#include "chd-registry-private.h"

ChdImageInfo *
chd_image_info_copy (const ChdImageInfo *self)
{
  ChdImageInfo *copy = g_memdup2 (self, sizeof *self);

  copy->digest = g_strdup (self->digest);
  copy->media_type = g_strdup (self->media_type);
  copy->platform = g_strdup (self->platform);
  copy->created = g_strdup (self->created);
  return copy;
}

void
chd_image_info_free (ChdImageInfo *self)
{
  if (self == NULL)
    return;
  g_free (self->digest);
  g_free (self->media_type);
  g_free (self->platform);
  g_free (self->created);
  g_free (self);
}

static char *
make_scope (const char *repository)
{
  return g_strdup_printf ("repository:%s:pull", repository);
}

GError *
chd_registry_make_corrupt (ChdRegistry *self, const char *details)
{
  GError *error = g_error_new (CHD_ERROR, CHD_ERROR_CORRUPT,
                               /* Translators: %s is a host name */
                               _ ("What %s sent is not what it should be. Try again, or check the registry."),
                               chd_registry_get_host (self));

  chd_error_set_details (error, details);
  return error;
}

/* Whether there was no such image; the registry's words for that differ with the method. */
static gboolean
is_missing (const GError *error)
{
  return chd_error_get_status (error) == 404;
}

/* Manifests */

typedef struct
{
  char *repository; /* (owned) */
  char *selector;   /* (owned) */
  char *subject;    /* (owned) */
  char *scope;      /* (owned) */
  char *digest;     /* (owned) (nullable) of what was received */
  char *media_type; /* (owned) (nullable) */
} Fetch;

static void
fetch_free (Fetch *fetch)
{
  g_free (fetch->repository);
  g_free (fetch->selector);
  g_free (fetch->subject);
  g_free (fetch->scope);
  g_free (fetch->digest);
  g_free (fetch->media_type);
  g_free (fetch);
}

/* A task with a Fetch, or NULL when it has ended already because the names are none. */
static GTask *
make_task (ChdRegistry *self,
           gpointer tag,
           const char *repository,
           const char *selector,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Fetch *fetch = g_new0 (Fetch, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, fetch, (GDestroyNotify) fetch_free);
  if (!chd_registry_check_names (repository, selector, &error))
    {
      g_task_return_error (task, error);
      return NULL;
    }
  fetch->repository = g_strdup (repository);
  fetch->selector = g_strdup (selector);
  fetch->subject = chd_registry_describe (self, repository, selector);
  fetch->scope = make_scope (repository);
  return g_steal_pointer (&task);
}

static ChdHttpRequest *
make_manifest_request (ChdRegistry *self, const char *method, Fetch *fetch)
{
  g_autofree char *target = g_strdup_printf ("/v2/%s/manifests/%s", fetch->repository, fetch->selector);
  ChdHttpRequest *request = chd_registry_request_new (self, method, target, CHD_HTTP_DEFAULT, fetch->subject);

  chd_http_request_set_header (request, "Accept", CHD_OCI_ACCEPT);
  chd_http_request_set_max_body (request, CHD_OCI_MAX_MANIFEST);
  return request;
}

static gboolean
check_media_type (ChdRegistry *self, const char *media_type, GError **error)
{
  if (chd_oci_is_manifest_type (media_type) || chd_oci_is_index_type (media_type))
    return TRUE;
  g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
               /* Translators: %s is a host name */
               _ ("%s is not an image registry, or keeps this image in a form that is not supported."),
               chd_registry_get_host (self));
  if (error != NULL)
    chd_error_set_details (*error, media_type);
  return FALSE;
}

static gboolean
check_digest (const char *digest, const char *data, gsize length)
{
  g_autofree char *hash = g_compute_checksum_for_data (chd_oci_digest_type (digest), (const guchar *) data, length);

  return strcmp (strchr (digest, ':') + 1, hash) == 0;
}

/* Fills in digest and media type of what was received in @response, after checking that they are right. */
static gboolean
check_manifest (ChdRegistry *self, Fetch *fetch, ChdHttpResponse *response, GError **error)
{
  const char *header = chd_http_response_get_header (response, "Docker-Content-Digest");
  g_autoptr (ChdOciManifest) manifest = NULL;
  gsize length;
  const char *data = g_bytes_get_data (chd_http_response_get_body (response), &length);
  const char *wanted = chd_oci_is_digest (fetch->selector) ? fetch->selector : header;

  fetch->media_type = chd_registry_get_media_type (response);
  if (!check_media_type (self, fetch->media_type, error))
    return FALSE;
  if (wanted != NULL && (!chd_oci_is_digest (wanted) || !check_digest (wanted, data, length)))
    {
      g_propagate_error (error, chd_registry_make_corrupt (self, wanted));
      return FALSE;
    }
  manifest = chd_oci_manifest_parse (data, length, fetch->media_type, error);
  if (manifest == NULL)
    return FALSE;
  fetch->digest = wanted != NULL ? g_strdup (wanted) : chd_oci_digest (data, length);
  return TRUE;
}

static void
manifest_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = CHD_REGISTRY (object);
  Fetch *fetch = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_registry_send_finish (self, result, &error);

  if (response == NULL && is_missing (error))
    g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
                             /* Translators: %s is an image */
                             _ ("The image %s is not in the registry."), fetch->subject);
  else if (response == NULL || !check_manifest (self, fetch, response, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, g_bytes_ref (chd_http_response_get_body (response)), (GDestroyNotify) g_bytes_unref);
}

void
chd_registry_get_manifest_async (ChdRegistry *self,
                                 const char *repository,
                                 const char *selector,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task =
      make_task (self, chd_registry_get_manifest_async, repository, selector, cancellable, callback, user_data);
  g_autoptr (ChdHttpRequest) request = NULL;
  Fetch *fetch;

  if (task == NULL)
    return;
  fetch = g_task_get_task_data (task);
  request = make_manifest_request (self, "GET", fetch);
  chd_registry_send_async (self, request, fetch->scope, NULL, cancellable, manifest_cb, task);
}

GBytes *
chd_registry_get_manifest_finish (ChdRegistry *self,
                                  GAsyncResult *result,
                                  char **digest,
                                  char **media_type,
                                  GError **error)
{
  Fetch *fetch = g_task_get_task_data (G_TASK (result));
  GBytes *bytes = g_task_propagate_pointer (G_TASK (result), error);

  if (digest != NULL)
    *digest = bytes != NULL ? g_strdup (fetch->digest) : NULL;
  if (media_type != NULL)
    *media_type = bytes != NULL ? g_strdup (fetch->media_type) : NULL;
  return bytes;
}

/* Find */

static ChdImageInfo *
make_info (const char *digest, const char *media_type)
{
  ChdImageInfo *info = g_new0 (ChdImageInfo, 1);

  info->digest = g_strdup (digest);
  info->media_type = g_strdup (media_type);
  info->size = -1;
  return info;
}

static void
found_manifest_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autofree char *digest = NULL, *media_type = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      chd_registry_get_manifest_finish (CHD_REGISTRY (object), result, &digest, &media_type, &error);

  if (bytes != NULL)
    g_task_return_pointer (task, make_info (digest, media_type), (GDestroyNotify) chd_image_info_free);
  else if (g_error_matches (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING))
    g_task_return_pointer (task, NULL, NULL);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
found_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = CHD_REGISTRY (object);
  Fetch *fetch = g_task_get_task_data (task);
  gboolean by_digest = chd_oci_is_digest (fetch->selector);
  g_autofree char *media_type = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_registry_send_finish (self, result, &error);
  const char *digest;

  if (response == NULL)
    {
      if (is_missing (error))
        g_task_return_pointer (task, NULL, NULL);
      else
        g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  media_type = chd_registry_get_media_type (response);
  digest = chd_http_response_get_header (response, "Docker-Content-Digest");
  if (!check_media_type (self, media_type, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (digest == NULL && by_digest)
    digest = fetch->selector;
  if (digest == NULL)
    {
      chd_registry_get_manifest_async (self, fetch->repository, fetch->selector, g_task_get_cancellable (task),
                                       found_manifest_cb, g_object_ref (task));
      return;
    }
  if (!chd_oci_is_digest (digest) || (by_digest && strcmp (digest, fetch->selector) != 0))
    g_task_return_error (task, chd_registry_make_corrupt (self, digest));
  else
    g_task_return_pointer (task, make_info (digest, media_type), (GDestroyNotify) chd_image_info_free);
}

void
chd_registry_find_async (ChdRegistry *self,
                         const char *repository,
                         const char *selector,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = make_task (self, chd_registry_find_async, repository, selector, cancellable, callback, user_data);
  g_autoptr (ChdHttpRequest) request = NULL;
  Fetch *fetch;

  if (task == NULL)
    return;
  fetch = g_task_get_task_data (task);
  request = make_manifest_request (self, "HEAD", fetch);
  chd_registry_send_async (self, request, fetch->scope, NULL, cancellable, found_cb, task);
}

ChdImageInfo *
chd_registry_find_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Blobs */

typedef struct
{
  ChdOciDescriptor *descriptor; /* (owned) */
  ChdDigestStream *stream;      /* (owned) */
  char *subject;                /* (owned) */
} Download;

static void
download_free (Download *download)
{
  chd_oci_descriptor_free (download->descriptor);
  g_clear_object (&download->stream);
  g_free (download->subject);
  g_free (download);
}

static void
blob_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = CHD_REGISTRY (object);
  Download *download = g_task_get_task_data (task);
  const char *wanted = strchr (download->descriptor->digest, ':') + 1;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_registry_send_finish (self, result, &error);

  if (response == NULL && is_missing (error))
    g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
                             /* Translators: %s is an image */
                             _ ("A part of the image %s is not in the registry."), download->subject);
  else if (response == NULL && g_error_matches (error, CHD_ERROR, CHD_ERROR_LIMIT))
    g_task_return_error (task, chd_registry_make_corrupt (self, download->descriptor->digest));
  else if (response == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (chd_digest_stream_get_size (download->stream) != download->descriptor->size ||
           strcmp (chd_digest_stream_get_hash (download->stream), wanted) != 0)
    g_task_return_error (task, chd_registry_make_corrupt (self, download->descriptor->digest));
  else
    g_task_return_boolean (task, TRUE);
}

void
chd_registry_get_blob_async (ChdRegistry *self,
                             const char *repository,
                             const ChdOciDescriptor *descriptor,
                             GOutputStream *output,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *target = g_strdup_printf ("/v2/%s/blobs/%s", repository, descriptor->digest);
  g_autofree char *scope = make_scope (repository);
  g_autoptr (ChdHttpRequest) request = NULL;
  Download *download;
  GError *error = NULL;

  g_task_set_source_tag (task, chd_registry_get_blob_async);
  if (!chd_registry_check_names (repository, descriptor->digest, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  download = g_new0 (Download, 1);
  download->descriptor = chd_oci_descriptor_copy (descriptor);
  download->stream = chd_digest_stream_new (output, chd_oci_digest_type (descriptor->digest));
  download->subject = chd_registry_describe (self, repository, NULL);
  g_task_set_task_data (task, download, (GDestroyNotify) download_free);
  request = chd_registry_request_new (self, "GET", target, CHD_HTTP_DEFAULT, download->subject);
  chd_http_request_set_max_body (request, (gsize) descriptor->size);
  chd_registry_send_async (self, request, scope, G_OUTPUT_STREAM (download->stream), cancellable, blob_cb,
                           g_steal_pointer (&task));
}

gboolean
chd_registry_get_blob_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
