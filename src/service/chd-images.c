/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An environment's image: is it in the registry, and if not, where is its source, and the upload.
 *
 * A reference without a host, or with the host of the engine's registry, is looked for there. One of another host is
 * asked of that host, without credentials, and never uploaded. */

#include "config.h"

#include "chd-images.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-image-source.h"
#include "chd-util.h"

#define HOST_SYSTEM "host"

typedef enum
{
  STEP_ASK,         /* is it there? */
  STEP_INSPECT,     /* how large, how old (query only) */
  STEP_OPEN_SOURCE, /* ensure only */
  STEP_PUSH,
  STEP_DONE,
} ImageStep;

typedef struct
{
  ImageStep step;
  gboolean ensure;
  gboolean uploaded;
  gboolean foreign;             /* of a registry that is not the engine's */
  ChdSession *session;          /* (owned) */
  ChdRegistry *registry;        /* (owned) (nullable) for the host system */
  ChdEnvironment *environment;  /* (owned) */
  ChdImageReference *reference; /* (owned) (nullable) for the host system */
  ChdImageSource *source;       /* (owned) (nullable) */
  ChdImageState *state;         /* (owned) what will be answered */
  ChdRegistryProgress progress;
  gpointer progress_data;
  GDestroyNotify progress_destroy;
} ImageWork;

void
chd_image_state_free (ChdImageState *state)
{
  g_free (state->reference);
  g_free (state->digest);
  g_free (state->created);
  g_free (state->source_path);
  g_free (state);
}

static void
image_work_free (ImageWork *work)
{
  if (work->progress_destroy != NULL)
    work->progress_destroy (work->progress_data);
  g_clear_object (&work->session);
  g_clear_object (&work->registry);
  g_clear_object (&work->source);
  chd_item_unref (work->environment);
  g_clear_pointer (&work->reference, chd_image_reference_unref);
  g_clear_pointer (&work->state, chd_image_state_free);
  g_free (work);
}

/* Where the source lies: beside the document, else with what is shipped. */
static char *
find_source (const ChdEnvironment *environment, const char *folder)
{
  g_autofree char *shipped = NULL;
  g_autofree char *own = NULL;

  if (environment->source_path == NULL || *environment->source_path == '\0')
    return NULL;
  if (g_path_is_absolute (environment->source_path))
    own = g_strdup (environment->source_path);
  else if (folder != NULL)
    own = g_build_filename (folder, environment->source_path, NULL);
  if (own != NULL && g_file_test (own, G_FILE_TEST_EXISTS))
    return g_canonicalize_filename (own, NULL);
  if (g_path_is_absolute (environment->source_path))
    return NULL;
  own = (g_free (own), g_build_filename ("environments", environment->source_path, NULL));
  shipped = chd_data_path (own);
  return g_file_test (shipped, G_FILE_TEST_EXISTS) ? g_steal_pointer (&shipped) : NULL;
}

/* How the engine names the image: its own registry has no host in references. */
static char *
make_reference (ImageWork *work, const char *digest)
{
  ChdConnection *connection = chd_session_get_connection (work->session);
  const char *host = chd_image_reference_get_host (work->reference);
  g_autoptr (ChdImageReference) named = NULL;
  g_autoptr (ChdImageReference) pinned = NULL;

  if (host == NULL && chd_connection_get_registry (connection) != NULL)
    named = chd_image_reference_with_host (work->reference, chd_registry_get_host (work->registry));
  else
    named = chd_image_reference_ref (work->reference);
  pinned = digest != NULL ? chd_image_reference_with_digest (named, digest) : chd_image_reference_ref (named);
  return chd_image_reference_to_string (pinned);
}

static void
set_present (ImageWork *work, const char *digest)
{
  work->state->kind = CHD_IMAGE_PRESENT;
  g_free (work->state->digest);
  work->state->digest = g_strdup (digest);
  g_free (work->state->reference);
  work->state->reference = make_reference (work, digest);
}

static void
set_missing (ImageWork *work)
{
  gboolean has_source = work->state->source_path != NULL && !work->foreign;

  work->state->kind = has_source ? CHD_IMAGE_UPLOADABLE : CHD_IMAGE_NO_SOURCE;
  work->state->reference = make_reference (work, NULL);
}

static gboolean
fail_without_source (ImageWork *work, GError **error)
{
  const ChdEnvironment *environment = work->environment;

  if (work->state->kind == CHD_IMAGE_UPLOADABLE)
    return TRUE;
  if (environment->source_path != NULL && !work->foreign)
    /* Translators: an image, an environment's title, a file */
    g_set_error (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
                 _ ("The registry has no image %s for the environment “%s”, and its source %s is not there."),
                 environment->image, environment->title, environment->source_path);
  else
    /* Translators: an image, an environment's title */
    g_set_error (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
                 _ ("The registry has no image %s for the environment “%s”. Push it there, or give the environment a "
                    "source it can be uploaded from."),
                 environment->image, environment->title);
  if (error != NULL)
    chd_error_set_object (*error, environment->item.id);
  return FALSE;
}

static gboolean
collect_answer (ImageWork *work, GAsyncResult *result, GError **error)
{
  g_autoptr (ChdImageInfo) info = NULL;
  g_autoptr (GError) local = NULL;

  info = chd_registry_find_finish (work->registry, result, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (info != NULL)
    {
      set_present (work, info->digest);
      work->step = work->ensure ? STEP_DONE : STEP_INSPECT;
      return TRUE;
    }
  set_missing (work);
  work->step = work->ensure ? STEP_OPEN_SOURCE : STEP_DONE;
  return !work->ensure || fail_without_source (work, error);
}

static gboolean
collect_inspection (ImageWork *work, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (ChdImageInfo) info = chd_registry_inspect_finish (work->registry, result, &local);

  work->step = STEP_DONE;
  if (info != NULL)
    {
      work->state->size = info->size;
      work->state->created = g_strdup (info->created);
      return TRUE;
    }
  /* Deleted since it was asked for, or of a kind that says nothing about itself: it is there all the same. */
  if (g_error_matches (local, CHD_ERROR, CHD_ERROR_IMAGE_MISSING) ||
      g_error_matches (local, CHD_ERROR, CHD_ERROR_UNSUPPORTED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* The digest that the document pins decides what may be uploaded under it. */
static gboolean
check_digest (ImageWork *work, GError **error)
{
  const char *wanted = chd_image_reference_get_digest (work->reference);

  if (wanted == NULL || g_strcmp0 (wanted, chd_image_source_get_digest (work->source)) == 0)
    return TRUE;
  /* Translators: a file, an environment's title, an image */
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
               _ ("%s is another image than the one that the environment “%s” asks for (%s)."),
               work->state->source_path, work->environment->title, work->environment->image);
  return FALSE;
}

static gboolean
collect_push (ImageWork *work, GAsyncResult *result, GError **error)
{
  g_autofree char *digest = chd_registry_push_finish (work->registry, result, error);

  if (digest == NULL)
    return FALSE;
  set_present (work, digest);
  work->uploaded = TRUE;
  work->step = STEP_DONE;
  return TRUE;
}

static gboolean
collect (ImageWork *work, GAsyncResult *result, GError **error)
{
  switch (work->step)
    {
    case STEP_ASK:
      return collect_answer (work, result, error);
    case STEP_INSPECT:
      return collect_inspection (work, result, error);
    case STEP_OPEN_SOURCE:
      work->source = chd_image_source_open_finish (result, error);
      if (work->source == NULL)
        {
          g_prefix_error (error, "%s: ", work->environment->source_path);
          return FALSE;
        }
      if (!check_digest (work, error))
        return FALSE;
      work->state->size = chd_image_source_get_size (work->source);
      work->step = STEP_PUSH;
      return TRUE;
    case STEP_PUSH:
      return collect_push (work, result, error);
    case STEP_DONE:
      break;
    }
  g_assert_not_reached ();
}

static void step_cb (GObject *object, GAsyncResult *result, gpointer user_data);

static void
start_open_source (ImageWork *work, GTask *task)
{
  ChdImageSourceType type = CHD_IMAGE_SOURCE_AUTO;

  if (work->environment->source_type != NULL)
    chd_image_source_type_from_string (work->environment->source_type, &type);
  chd_image_source_open_async (work->state->source_path, type, work->environment->image, NULL,
                               g_task_get_cancellable (task), step_cb, task);
}

/* Starts the step that is due. Takes over @task. */
static void
advance (GTask *task)
{
  ImageWork *work = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  const char *repository = work->reference != NULL ? chd_image_reference_get_repository (work->reference) : NULL;
  const char *tag;

  switch (work->step)
    {
    case STEP_ASK:
      chd_registry_find_async (work->registry, repository, chd_image_reference_get_selector (work->reference),
                               cancellable, step_cb, task);
      break;
    case STEP_INSPECT:
      chd_registry_inspect_async (work->registry, repository, work->state->digest, cancellable, step_cb, task);
      break;
    case STEP_OPEN_SOURCE:
      start_open_source (work, task);
      break;
    case STEP_PUSH:
      tag = chd_image_reference_get_tag (work->reference);
      chd_registry_push_async (work->registry, work->source, repository, tag != NULL ? tag : "latest", NULL,
                               work->progress, work->progress_data, NULL, cancellable, step_cb, task);
      break;
    case STEP_DONE:
      g_task_return_pointer (task, g_steal_pointer (&work->state), (GDestroyNotify) chd_image_state_free);
      g_object_unref (task);
      break;
    }
}

static void
step_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (collect (g_task_get_task_data (task), result, &error))
    advance (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

/* The engine's registry, or the one that the reference names. */
static gboolean
choose_registry (ImageWork *work, GError **error)
{
  ChdRegistry *own = chd_session_get_registry (work->session);
  const char *host = chd_image_reference_get_host (work->reference);
  g_autofree char *url = NULL;
  g_autoptr (ChdHttp) http = NULL;

  if (host == NULL || g_strcmp0 (host, chd_registry_get_host (own)) == 0)
    {
      work->registry = g_object_ref (own);
      return TRUE;
    }
  work->foreign = TRUE;
  url = g_strconcat ("https://", host, NULL);
  http = chd_http_new (url, NULL, error);
  if (http != NULL)
    work->registry = chd_registry_new (http, host);
  return work->registry != NULL;
}

static void
start (GTask *task, ChdSession *session, const ChdEnvironment *environment, const char *folder)
{
  ImageWork *work = g_task_get_task_data (task);
  GError *error = NULL;

  work->session = g_object_ref (session);
  work->environment = chd_item_ref (environment);
  work->state = g_new0 (ChdImageState, 1);
  work->state->size = -1;
  if (g_strcmp0 (environment->image, HOST_SYSTEM) == 0)
    {
      work->state->kind = CHD_IMAGE_HOST_SYSTEM;
      work->state->reference = g_strdup (HOST_SYSTEM);
      work->step = STEP_DONE;
      advance (task);
      return;
    }
  work->state->source_path = find_source (environment, folder);
  work->reference = chd_image_reference_parse (environment->image, &error);
  if (work->reference == NULL || !choose_registry (work, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  advance (task);
}

void
chd_images_query_async (ChdSession *session,
                        const ChdEnvironment *environment,
                        const char *folder,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, chd_images_query_async);
  g_task_set_task_data (task, g_new0 (ImageWork, 1), (GDestroyNotify) image_work_free);
  start (task, session, environment, folder);
}

ChdImageState *
chd_images_query_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
chd_images_ensure_async (ChdSession *session,
                         const ChdEnvironment *environment,
                         const char *folder,
                         ChdRegistryProgress progress,
                         gpointer progress_data,
                         GDestroyNotify progress_destroy,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  ImageWork *work = g_new0 (ImageWork, 1);

  g_task_set_source_tag (task, chd_images_ensure_async);
  g_task_set_task_data (task, work, (GDestroyNotify) image_work_free);
  work->ensure = TRUE;
  work->progress = progress;
  work->progress_data = progress_data;
  work->progress_destroy = progress_destroy;
  start (task, session, environment, folder);
}

ChdImageState *
chd_images_ensure_finish (GAsyncResult *result, gboolean *uploaded, GError **error)
{
  ImageWork *work = g_task_get_task_data (G_TASK (result));

  if (uploaded != NULL)
    *uploaded = work->uploaded;
  return g_task_propagate_pointer (G_TASK (result), error);
}
