/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Uploads a whole image: asks what is there, sends what is missing, then the manifest under its tag. A GTask goes from
 * step to step; each is safe to be done again. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-registry-private.h"

#define PROGRESS_INTERVAL (G_USEC_PER_SEC / 10)

typedef enum
{
  STEP_FIND_TAG,
  STEP_FIND_MANIFEST,
  STEP_FIND_BLOBS,
  STEP_MOUNT,
  STEP_UPLOAD,
  STEP_PUT_MANIFEST,
  STEP_CONFIRM,
  STEP_DONE,
} Step;

typedef struct
{
  Step step;
  ChdImageSource *source; /* (owned) */
  char *repository;       /* (owned) */
  char *tag;              /* (owned) */
  char *mount_from;       /* (owned) (nullable) */
  char *scope;            /* (owned) */
  char *subject;          /* (owned) */
  GPtrArray *missing;     /* (owned) of ChdOciDescriptor, borrowed from the source */
  guint next;             /* index: of the blob asked for, then of the missing one sent */
  char *location;         /* (owned) (nullable) a session that came out of mounting */
  gboolean again;         /* the registry missed blobs that it had said to have */

  gint64 done;  /* of the blobs that are complete */
  gint64 total; /* of the missing ones */
  ChdRegistryProgress progress;
  gpointer progress_data;
  GDestroyNotify progress_destroy;
  gint64 last_progress;
} Push;

static void advance (GTask *task);

static void
push_free (Push *push)
{
  if (push->progress_destroy != NULL)
    push->progress_destroy (push->progress_data);
  g_clear_object (&push->source);
  g_clear_pointer (&push->missing, g_ptr_array_unref);
  g_free (push->repository);
  g_free (push->tag);
  g_free (push->mount_from);
  g_free (push->scope);
  g_free (push->subject);
  g_free (push->location);
  g_free (push);
}

static const ChdOciDescriptor *
current_blob (Push *push)
{
  GPtrArray *blobs = push->step == STEP_FIND_BLOBS ? chd_image_source_get_blobs (push->source) : push->missing;

  return push->next < blobs->len ? blobs->pdata[push->next] : NULL;
}

static void
report (Push *push, gint64 of_current, const char *digest, gboolean always)
{
  gint64 now = g_get_monotonic_time ();

  if (push->progress == NULL || (!always && now - push->last_progress < PROGRESS_INTERVAL))
    return;
  push->last_progress = now;
  push->progress (push->done + of_current, push->total, digest, push->progress_data);
}

static void
acknowledged_cb (gint64 acknowledged, gpointer user_data)
{
  Push *push = user_data;
  const ChdOciDescriptor *blob = current_blob (push);

  report (push, acknowledged, blob != NULL ? blob->digest : NULL, FALSE);
}

/* Collecting: what an answer means for the next step */

static void
next_missing (Push *push)
{
  push->step = push->next < push->missing->len ? STEP_MOUNT : STEP_PUT_MANIFEST;
}

static gboolean
is_same (Push *push, ChdHttpResponse *response)
{
  return response != NULL && g_strcmp0 (chd_http_response_get_header (response, "Docker-Content-Digest"),
                                        chd_image_source_get_digest (push->source)) == 0;
}

static gboolean
take_found (Push *push, ChdHttpResponse *response)
{
  switch (push->step)
    {
    case STEP_FIND_TAG:
      push->step = is_same (push, response) ? STEP_DONE : STEP_FIND_MANIFEST;
      break;
    case STEP_FIND_MANIFEST:
      push->step = response != NULL ? STEP_PUT_MANIFEST : STEP_FIND_BLOBS;
      break;
    case STEP_FIND_BLOBS:
    default:
      if (response == NULL)
        {
          ChdOciDescriptor *blob = (ChdOciDescriptor *) current_blob (push);

          g_ptr_array_add (push->missing, blob);
          push->total += blob->size;
          report (push, 0, NULL, FALSE);
        }
      push->next++;
      if (current_blob (push) == NULL)
        {
          push->next = 0;
          next_missing (push);
        }
      break;
    }
  return TRUE;
}

/* 201: the blob was there and is here now. 202: an upload is open instead. */
static gboolean
take_mount (ChdRegistry *self, Push *push, ChdHttpResponse *response, GError **error)
{
  if (chd_http_response_get_status (response) == 201)
    {
      push->done += current_blob (push)->size;
      push->next++;
      report (push, 0, NULL, FALSE);
      next_missing (push);
      return TRUE;
    }
  push->location = chd_registry_resolve (self, response, chd_http_response_get_header (response, "Location"), error);
  push->step = STEP_UPLOAD;
  return push->location != NULL;
}

static gboolean
take_manifest (Push *push, ChdHttpResponse *response, GError **error)
{
  if (chd_http_response_get_header (response, "Docker-Content-Digest") == NULL || is_same (push, response))
    {
      push->step = STEP_CONFIRM;
      return TRUE;
    }
  g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
               /* Translators: %s is an image */
               _ ("The registry stored something else than what was uploaded of %s."), push->subject);
  return FALSE;
}

static gboolean
collect (ChdRegistry *self, Push *push, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_registry_send_finish (self, result, &local_error);
  guint status = chd_error_get_status (local_error);

  if (response == NULL && status == 404 && push->step <= STEP_FIND_BLOBS)
    return take_found (push, NULL);
  if (response == NULL && status == 400 && push->step == STEP_PUT_MANIFEST && !push->again &&
      g_strcmp0 (chd_error_get_reason (local_error), "MANIFEST_BLOB_UNKNOWN") == 0)
    {
      /* Something was tidied away between asking and now. */
      push->again = TRUE;
      push->step = STEP_FIND_BLOBS;
      push->next = 0;
      g_ptr_array_set_size (push->missing, 0);
      return TRUE;
    }
  if (response == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  switch (push->step)
    {
    case STEP_FIND_TAG:
    case STEP_FIND_MANIFEST:
    case STEP_FIND_BLOBS:
      return take_found (push, response);
    case STEP_MOUNT:
      return take_mount (self, push, response, error);
    case STEP_PUT_MANIFEST:
      return take_manifest (push, response, error);
    case STEP_CONFIRM:
    case STEP_UPLOAD:
    case STEP_DONE:
    default:
      g_assert_not_reached ();
    }
}

static void
answer_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (collect (CHD_REGISTRY (object), g_task_get_task_data (task), result, &error))
    advance (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static void
uploaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Push *push = g_task_get_task_data (task);
  GError *error = NULL;

  if (!chd_registry_upload_finish (CHD_REGISTRY (object), result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  push->done += current_blob (push)->size;
  push->next++;
  next_missing (push);
  advance (g_steal_pointer (&task));
}

/* The tag is asked for as any reader would: a server that says yes to everything is found out here. */
static void
confirmed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Push *push = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (ChdImageInfo) info = chd_registry_find_finish (CHD_REGISTRY (object), result, &error);

  if (info != NULL && strcmp (info->digest, chd_image_source_get_digest (push->source)) == 0)
    {
      push->step = STEP_DONE;
      advance (g_steal_pointer (&task));
      return;
    }
  if (error == NULL)
    error =
        g_error_new (CHD_ERROR, CHD_ERROR_CONFLICT,
                     /* Translators: %s is an image */
                     _ ("Someone else uploaded another image as %s at the same time, or removed it."), push->subject);
  g_task_return_error (task, error);
}

/* Starting */

static ChdHttpRequest *
make_request (ChdRegistry *self, Push *push)
{
  const ChdOciDescriptor *blob = current_blob (push);
  const char *digest = chd_image_source_get_digest (push->source);
  g_autofree char *target = NULL;
  g_autoptr (GBytes) nothing = NULL;
  ChdHttpRequest *request;

  switch (push->step)
    {
    case STEP_FIND_BLOBS:
      target = g_strdup_printf ("/v2/%s/blobs/%s", push->repository, blob->digest);
      return chd_registry_request_new (self, "HEAD", target, CHD_HTTP_DEFAULT, push->subject);
    case STEP_MOUNT:
      target = g_strdup_printf ("/v2/%s/blobs/uploads/?mount=%s&from=", push->repository, blob->digest);
      {
        g_autoptr (GString) text = g_string_new (target);

        g_string_append_uri_escaped (text, push->mount_from, NULL, FALSE);
        request = chd_registry_request_new (self, "POST", text->str, CHD_HTTP_REPEATABLE, push->subject);
      }
      nothing = g_bytes_new (NULL, 0);
      chd_http_request_set_body (request, "application/octet-stream", nothing);
      return request;
    case STEP_PUT_MANIFEST:
      target = g_strdup_printf ("/v2/%s/manifests/%s", push->repository, push->tag);
      request = chd_registry_request_new (self, "PUT", target, CHD_HTTP_REPEATABLE, push->subject);
      chd_http_request_set_body (request, chd_image_source_get_media_type (push->source),
                                 chd_image_source_get_manifest (push->source));
      return request;
    case STEP_FIND_TAG:
    case STEP_FIND_MANIFEST:
    default:
      target = g_strdup_printf ("/v2/%s/manifests/%s", push->repository,
                                push->step == STEP_FIND_MANIFEST ? digest : push->tag);
      request = chd_registry_request_new (self, "HEAD", target, CHD_HTTP_DEFAULT, push->subject);
      chd_http_request_set_header (request, "Accept", CHD_OCI_ACCEPT);
      return request;
    }
}

/* Starts the step that is due; takes @task. */
static void
advance (GTask *task)
{
  ChdRegistry *self = g_task_get_source_object (task);
  Push *push = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (ChdHttpRequest) request = NULL;
  g_autofree char *location = NULL;

  /* A session of an earlier attempt comes before asking for the same blob elsewhere. */
  if (push->step == STEP_MOUNT &&
      (push->mount_from == NULL || chd_registry_get_session (self, push->repository, current_blob (push)->digest)))
    push->step = STEP_UPLOAD;

  if (push->step == STEP_DONE)
    {
      report (push, 0, NULL, TRUE);
      g_task_return_pointer (task, g_strdup (chd_image_source_get_digest (push->source)), g_free);
      g_object_unref (task);
      return;
    }
  if (push->step == STEP_UPLOAD)
    {
      location = g_steal_pointer (&push->location);
      chd_registry_upload_async (self, push->source, current_blob (push), push->repository, push->scope, location,
                                 acknowledged_cb, push, cancellable, uploaded_cb, task);
      return;
    }
  if (push->step == STEP_CONFIRM)
    {
      chd_registry_find_async (self, push->repository, push->tag, cancellable, confirmed_cb, task);
      return;
    }
  request = make_request (self, push);
  chd_registry_send_async (self, request, push->scope, NULL, cancellable, answer_cb, task);
}

void
chd_registry_push_async (ChdRegistry *self,
                         ChdImageSource *source,
                         const char *repository,
                         const char *tag,
                         const char *mount_from,
                         ChdRegistryProgress progress,
                         gpointer progress_data,
                         GDestroyNotify progress_destroy,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Push *push = g_new0 (Push, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, chd_registry_push_async);
  push->source = g_object_ref (source);
  push->progress = progress;
  push->progress_data = progress_data;
  push->progress_destroy = progress_destroy;
  g_task_set_task_data (task, push, (GDestroyNotify) push_free);
  if (!chd_registry_check_names (repository, tag, &error) ||
      (mount_from != NULL && !chd_registry_check_names (mount_from, NULL, &error)))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  push->repository = g_strdup (repository);
  push->tag = g_strdup (tag);
  push->mount_from = g_strdup (mount_from);
  push->subject = chd_registry_describe (self, repository, tag);
  push->scope = mount_from != NULL
                    ? g_strdup_printf ("repository:%s:pull,push repository:%s:pull", repository, mount_from)
                    : g_strdup_printf ("repository:%s:pull,push", repository);
  push->missing = g_ptr_array_new ();
  advance (task);
}

char *
chd_registry_push_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
