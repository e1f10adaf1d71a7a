/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Uploads one blob: opens a session, sends chunks, closes it with the digest.
 *
 *  (1) The registry's count decides: after each chunk, and after trouble, the next byte sent is the one that it says
 *      comes next.
 *  (2) The newest Location is used, and is remembered in the registry's object until the blob is complete.
 *  (3) Trouble is waited out a few times as long as something moves on; a session that is gone begins anew. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-http-private.h"
#include "chd-registry-private.h"
#include "chd-util.h"

/* What is lost at most when the line breaks. A smaller blob goes with the closing request. */
#define CHUNK (8 * 1024 * 1024)
#define MAX_CHUNK (256 * 1024 * 1024)
/* In a row, without a byte more at the registry. */
#define MAX_FAILURES 5
#define MAX_BACKOFF_MS 30000
/* Whole uploads of one blob that were refused in the end: the second time it is not chance. */
#define MAX_RESTARTS 2

typedef enum
{
  STEP_CHECK, /* is the blob there after all? The answer to the closing request may have been lost. */
  STEP_OPEN,
  STEP_ASK,
  STEP_SEND,
  STEP_CLOSE,
} Step;

typedef struct
{
  Step step;
  ChdImageSource *source; /* (owned) */
  ChdOciDescriptor *blob; /* (owned) */
  char *repository;       /* (owned) */
  char *scope;            /* (owned) */
  char *subject;          /* (owned) */
  char *location;         /* (owned) (nullable) */
  gint64 acknowledged;
  gint64 chunk;
  guint failures;
  guint restarts;
  ChdUploadProgress progress;
  gpointer progress_data;
} Upload;

static void advance (GTask *task);

static void
upload_free (Upload *upload)
{
  g_clear_object (&upload->source);
  chd_oci_descriptor_free (upload->blob);
  g_free (upload->repository);
  g_free (upload->scope);
  g_free (upload->subject);
  g_free (upload->location);
  g_free (upload);
}

static void
set_location (GTask *task, const char *location)
{
  ChdRegistry *self = g_task_get_source_object (task);
  Upload *upload = g_task_get_task_data (task);

  chd_set_str (&upload->location, location);
  chd_registry_set_session (self, upload->repository, upload->blob->digest, location);
}

static void
set_acknowledged (Upload *upload, gint64 bytes)
{
  if (bytes > upload->acknowledged)
    upload->failures = 0;
  upload->acknowledged = bytes;
  upload->progress (bytes, upload->progress_data);
}

static void
start_anew (GTask *task)
{
  Upload *upload = g_task_get_task_data (task);

  set_location (task, NULL);
  set_acknowledged (upload, 0);
  upload->step = STEP_CHECK;
}

/* How many bytes the registry has, by "0-<last>"; "0-0" of a session that got none yet means none. -1: not said. */
static gint64
read_range (Upload *upload, ChdHttpResponse *response)
{
  const char *range = chd_http_response_get_header (response, "Range");
  guint64 last;

  if (range == NULL || !g_str_has_prefix (range, "0-") ||
      !g_ascii_string_to_unsigned (range + 2, 10, 0, (guint64) G_MAXINT64 - 1, &last, NULL))
    return -1;
  if (last == 0 && upload->acknowledged == 0)
    return 0;
  return (gint64) last + 1;
}

/* Waiting */

static gboolean
wait_over_cb (gpointer user_data)
{
  GTask *task = user_data;

  if (g_task_return_error_if_cancelled (task))
    g_object_unref (task);
  else
    advance (task);
  return G_SOURCE_REMOVE;
}

/* Takes @task. */
static void
wait_and_advance (GTask *task)
{
  ChdRegistry *self = g_task_get_source_object (task);
  Upload *upload = g_task_get_task_data (task);
  guint64 wait = (guint64) chd_http_get_backoff (chd_registry_get_http (self)) << MIN (upload->failures - 1, 10);

  chd_http_wait ((guint) (MIN (wait, MAX_BACKOFF_MS) * g_random_double_range (1.0, 1.5)), g_task_get_cancellable (task),
                 wait_over_cb, task);
}

/* Answers */

static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, CHD_ERROR, CHD_ERROR_UNREACHABLE) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_ENGINE);
}

/* Chooses what is done about @error; FALSE to give up. */
static gboolean
recover (GTask *task, const GError *error)
{
  Upload *upload = g_task_get_task_data (task);
  guint status = chd_error_get_status (error);
  const char *reason = chd_error_get_reason (error);

  if (upload->step == STEP_CHECK && status == 404)
    {
      upload->step = STEP_OPEN;
      return TRUE;
    }
  if (is_passing (error))
    {
      if (++upload->failures > MAX_FAILURES)
        return FALSE;
      if (upload->location != NULL)
        upload->step = STEP_ASK;
      return TRUE;
    }
  /* A session that was left from before may be gone, or answer anything. */
  if (upload->step == STEP_ASK || (status == 404 && upload->location != NULL))
    {
      if (++upload->restarts > MAX_RESTARTS)
        return FALSE;
      start_anew (task);
      return TRUE;
    }
  if (status == 416 && upload->location != NULL)
    {
      if (++upload->failures > MAX_FAILURES)
        return FALSE;
      upload->step = STEP_ASK;
      return TRUE;
    }
  if (status == 400 && upload->location != NULL &&
      (g_strcmp0 (reason, "DIGEST_INVALID") == 0 || g_strcmp0 (reason, "BLOB_UPLOAD_INVALID") == 0 ||
       g_strcmp0 (reason, "SIZE_INVALID") == 0))
    {
      if (++upload->restarts > MAX_RESTARTS)
        return FALSE;
      start_anew (task);
      return TRUE;
    }
  return FALSE;
}

/* A chunk, or a question, was answered: how far is the registry? */
static gboolean
take_count (GTask *task, ChdHttpResponse *response, gint64 expected)
{
  Upload *upload = g_task_get_task_data (task);
  gint64 count = read_range (upload, response);

  if (count < 0)
    count = expected;
  if (count < 0 || count > upload->blob->size)
    {
      start_anew (task);
      return ++upload->restarts <= MAX_RESTARTS;
    }
  if (count <= upload->acknowledged && expected > upload->acknowledged && ++upload->failures > MAX_FAILURES)
    return FALSE;
  set_acknowledged (upload, count);
  upload->step = upload->blob->size - count > upload->chunk ? STEP_SEND : STEP_CLOSE;
  return TRUE;
}

static gboolean
take_location (GTask *task, ChdHttpResponse *response, GError **error)
{
  ChdRegistry *self = g_task_get_source_object (task);
  const char *header = chd_http_response_get_header (response, "Location");
  g_autofree char *location = NULL;

  /* Not each answer has a new one. */
  if (header == NULL && ((Upload *) g_task_get_task_data (task))->location != NULL)
    return TRUE;
  location = chd_registry_resolve (self, response, header, error);
  if (location == NULL)
    return FALSE;
  set_location (task, location);
  return TRUE;
}

static void
take_chunk_size (Upload *upload, ChdHttpResponse *response)
{
  const char *header = chd_http_response_get_header (response, "OCI-Chunk-Min-Length");
  guint64 least;

  if (header != NULL && g_ascii_string_to_unsigned (header, 10, 1, MAX_CHUNK, &least, NULL))
    upload->chunk = MAX (upload->chunk, (gint64) least);
}

static gboolean
collect (GTask *task, ChdHttpResponse *response, GError **error)
{
  Upload *upload = g_task_get_task_data (task);
  gint64 expected = upload->acknowledged;

  if (!take_location (task, response, error))
    return FALSE;
  take_chunk_size (upload, response);
  if (upload->step == STEP_SEND)
    expected += upload->chunk;
  if (take_count (task, response, upload->step == STEP_ASK ? -1 : expected))
    return TRUE;
  g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED,
               /* Translators: %s is an image */
               _ ("The registry loses what is uploaded of %s."), upload->subject);
  return FALSE;
}

static gboolean
check_stored (GTask *task, ChdHttpResponse *response, GError **error)
{
  Upload *upload = g_task_get_task_data (task);
  const char *digest = chd_http_response_get_header (response, "Docker-Content-Digest");

  if (digest == NULL || strcmp (digest, upload->blob->digest) == 0)
    return TRUE;
  g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
               /* Translators: %s is an image */
               _ ("The registry stored something else than what was uploaded of %s."), upload->subject);
  return FALSE;
}

static void
answer_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Upload *upload = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_registry_send_finish (CHD_REGISTRY (object), result, &error);

  if (response == NULL)
    {
      if (error->domain != CHD_ERROR || !recover (task, error))
        g_task_return_error (task, g_steal_pointer (&error));
      else if (upload->failures > 0)
        wait_and_advance (g_steal_pointer (&task));
      else
        advance (g_steal_pointer (&task));
      return;
    }
  if (upload->step == STEP_CLOSE || upload->step == STEP_CHECK)
    {
      set_location (task, NULL);
      if (!check_stored (task, response, &error))
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
      set_acknowledged (upload, upload->blob->size);
      g_task_return_boolean (task, TRUE);
      return;
    }
  if (collect (task, response, &error))
    advance (g_steal_pointer (&task));
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* Requests */

static gboolean
set_part (Upload *upload, ChdHttpRequest *request, gint64 length, GError **error)
{
  g_autoptr (GInputStream) stream =
      chd_image_source_open_blob (upload->source, upload->blob->digest, upload->acknowledged, error);

  if (stream == NULL)
    return FALSE;
  chd_http_request_set_body_stream (request, "application/octet-stream", stream, length);
  return TRUE;
}

static void
set_nothing (ChdHttpRequest *request)
{
  g_autoptr (GBytes) nothing = g_bytes_new (NULL, 0);

  chd_http_request_set_body (request, "application/octet-stream", nothing);
}

static ChdHttpRequest *
make_request (GTask *task, GError **error)
{
  ChdRegistry *self = g_task_get_source_object (task);
  Upload *upload = g_task_get_task_data (task);
  gint64 rest = upload->blob->size - upload->acknowledged;
  g_autoptr (ChdHttpRequest) request = NULL;
  g_autofree char *target = NULL;
  g_autofree char *range = NULL;

  switch (upload->step)
    {
    case STEP_CHECK:
      target = g_strdup_printf ("/v2/%s/blobs/%s", upload->repository, upload->blob->digest);
      request = chd_registry_request_new (self, "HEAD", target, CHD_HTTP_DEFAULT, upload->subject);
      break;
    case STEP_OPEN:
      target = g_strdup_printf ("/v2/%s/blobs/uploads/", upload->repository);
      /* A session too many does no harm. */
      request = chd_registry_request_new (self, "POST", target, CHD_HTTP_REPEATABLE, upload->subject);
      set_nothing (request);
      break;
    case STEP_ASK:
      request = chd_registry_request_new (self, "GET", upload->location, CHD_HTTP_NO_REDIRECT, upload->subject);
      break;
    case STEP_SEND:
      request = chd_registry_request_new (self, "PATCH", upload->location, CHD_HTTP_NO_RETRY, upload->subject);
      range = g_strdup_printf ("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, upload->acknowledged,
                               upload->acknowledged + upload->chunk - 1);
      chd_http_request_set_header (request, "Content-Range", range);
      if (!set_part (upload, request, upload->chunk, error))
        return NULL;
      break;
    case STEP_CLOSE:
    default:
      target = g_strconcat (upload->location, strchr (upload->location, '?') != NULL ? "&" : "?",
                            "digest=", upload->blob->digest, NULL);
      request = chd_registry_request_new (self, "PUT", target, CHD_HTTP_NO_RETRY, upload->subject);
      if (rest == 0)
        {
          set_nothing (request);
          break;
        }
      if (upload->acknowledged > 0)
        {
          range =
              g_strdup_printf ("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, upload->acknowledged, upload->blob->size - 1);
          chd_http_request_set_header (request, "Content-Range", range);
        }
      if (!set_part (upload, request, rest, error))
        return NULL;
      break;
    }
  return g_steal_pointer (&request);
}

/* Starts the step that is due; takes @task. */
static void
advance (GTask *task)
{
  ChdRegistry *self = g_task_get_source_object (task);
  Upload *upload = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (ChdHttpRequest) request = make_request (task, &error);

  if (request == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  chd_registry_send_async (self, request, upload->scope, NULL, g_task_get_cancellable (task), answer_cb, task);
}

void
chd_registry_upload_async (ChdRegistry *self,
                           ChdImageSource *source,
                           const ChdOciDescriptor *blob,
                           const char *repository,
                           const char *scope,
                           const char *location,
                           ChdUploadProgress progress,
                           gpointer progress_data,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Upload *upload = g_new0 (Upload, 1);
  const char *session = chd_registry_get_session (self, repository, blob->digest);

  g_task_set_source_tag (task, chd_registry_upload_async);
  upload->source = g_object_ref (source);
  upload->blob = chd_oci_descriptor_copy (blob);
  upload->repository = g_strdup (repository);
  upload->scope = g_strdup (scope);
  upload->subject = chd_registry_describe (self, repository, NULL);
  upload->chunk = CHUNK;
  upload->progress = progress;
  upload->progress_data = progress_data;
  g_task_set_task_data (task, upload, (GDestroyNotify) upload_free);
  if (location != NULL)
    {
      set_location (task, location);
      upload->step = blob->size > upload->chunk ? STEP_SEND : STEP_CLOSE;
    }
  else if (session != NULL)
    {
      upload->location = g_strdup (session);
      upload->step = STEP_ASK;
    }
  else
    {
      upload->step = STEP_OPEN;
    }
  advance (task);
}

gboolean
chd_registry_upload_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
