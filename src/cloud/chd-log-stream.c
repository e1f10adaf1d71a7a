/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Follows a container's log over cuts. A stream that ends proves nothing: the pod is asked, and its word decides
 * whether to wait, to go on, or to fetch the rest once more and end. Which lines were shown already is known to
 * chd-log-cursor.c. */

#include "config.h"

#include "chd-log-stream.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-line-stream.h"
#include "chd-log-cursor.h"
#include "chd-util.h"

#define DEFAULT_BACKOFF_MS 800
#define MAX_BACKOFF_MS 30000
/* Waiting for a container to start is no trouble, and its first line is waited for. */
#define MAX_WAITING_MS 3000
/* Until a log that is only read, or was never there, is given up. */
#define MAX_FAILURES 5
/* A step may be silent for hours; after this it is asked whether it still runs. */
#define SILENCE_SECONDS 120
/* Room for the time stamp in front of a line. */
#define MAX_STAMP 40

typedef enum
{
  CONTAINER_MISSING,
  CONTAINER_WAITING,
  CONTAINER_RUNNING,
  CONTAINER_TERMINATED,
} ContainerState;

struct _ChdLogStream
{
  GObject parent_instance;

  ChdCluster *cluster; /* (owned) */
  char *namespace_;    /* (owned) */
  char *pod;           /* (owned) */
  char *container;     /* (owned) */
  gsize max_bytes;
  guint backoff;

  gboolean running;
  gboolean follow;
  gboolean finishing; /* the container has ended; this is the last request */
  gboolean opened;    /* the log was there once */
  gsize bytes;
  guint failures; /* in a row */
  guint waits;    /* for the container to start */
  GError *error;  /* (owned) (nullable) of the last request for the log */

  ChdLineStream *stream;     /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) of the question about the pod */
  guint wait_id;
  gboolean ask_pod; /* after waiting: about the pod first, or for the log at once */
  ChdLogCursor cursor;
};

G_DEFINE_FINAL_TYPE (ChdLogStream, chd_log_stream, G_TYPE_OBJECT)

enum
{
  SIGNAL_LINE,
  SIGNAL_ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void open_log (ChdLogStream *self);
static void ask_about_pod (ChdLogStream *self);

/* Ending */

static void
close_all (ChdLogStream *self)
{
  self->running = FALSE;
  g_clear_handle_id (&self->wait_id, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->stream, chd_line_stream_close);
  g_clear_error (&self->error);
}

/* @error: (nullable) */
static void
finish (ChdLogStream *self, const GError *error)
{
  g_autoptr (GError) copy = error != NULL ? g_error_copy (error) : NULL;

  close_all (self);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, copy);
}

static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, CHD_ERROR, CHD_ERROR_SIGN_IN) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
}

/* Waiting */

static gboolean
wait_over_cb (gpointer user_data)
{
  ChdLogStream *self = user_data;

  self->wait_id = 0;
  if (self->ask_pod)
    ask_about_pod (self);
  else
    open_log (self);
  return G_SOURCE_REMOVE;
}

static void
wait_and (ChdLogStream *self, gboolean ask_pod, guint times, guint64 longest)
{
  guint64 wait = (guint64) self->backoff << MIN (times, 10);

  self->ask_pod = ask_pod;
  self->wait_id = g_timeout_add ((guint) (MIN (wait, longest) * g_random_double_range (1.0, 1.5)), wait_over_cb, self);
}

/* Trouble that waiting may cure; without following, not for ever. */
static void
try_again (ChdLogStream *self, const GError *error, gboolean ask_pod)
{
  self->failures++;
  if (self->failures > MAX_FAILURES && (!self->follow || self->finishing))
    finish (self, error);
  else
    wait_and (self, ask_pod, self->failures - 1, MAX_BACKOFF_MS);
}

/* Lines */

/* Emits @text as harmless lines of at most the limit. May end it all. */
static void
emit_text (ChdLogStream *self, const char *text, gsize length)
{
  g_autofree char *harmless = NULL;
  const char *at;

  if (length > 0 && text[length - 1] == '\r')
    length--;
  harmless = chd_str_sanitize (text, (gssize) length, CHD_LOG_STREAM_MAX_LINE + MAX_STAMP);
  at = harmless;
  do
    {
      gsize rest = strlen (at);
      const char *end = at + rest;
      g_autofree char *part = NULL;

      if (rest > CHD_LOG_STREAM_MAX_LINE)
        end = g_utf8_find_prev_char (at, at + CHD_LOG_STREAM_MAX_LINE);
      part = g_strndup (at, (gsize) (end - at));
      at = end;
      self->bytes += strlen (part) + 1;
      if (self->bytes > self->max_bytes)
        {
          g_autoptr (GError) error =
              g_error_new (CHD_ERROR, CHD_ERROR_LIMIT,
                           /* Translators: %s is a size, such as “64 MB” */
                           _ ("The log is longer than %s. The rest is not shown."), g_format_size (self->max_bytes));

          finish (self, error);
          return;
        }
      g_signal_emit (self, signals[SIGNAL_LINE], 0, part, self->cursor.time / 1000);
    }
  while (*at != '\0' && self->running);
}

static void
take_line (ChdLogStream *self, const char *line, gsize length, gboolean whole)
{
  if (!chd_log_cursor_take (&self->cursor, &line, &length, whole))
    return;
  self->failures = 0;
  emit_text (self, line, length);
}

static void
line_cb (const char *line, gsize length, gboolean whole, gpointer user_data)
{
  g_autoptr (ChdLogStream) self = g_object_ref (user_data);

  take_line (self, line, length, whole);
}

/* The stream */

static void
opened_cb (ChdHttpResponse *response, gpointer user_data)
{
  ChdLogStream *self = user_data;

  /* 204: no machine was chosen for the pod yet. */
  if (chd_http_response_get_status (response) == 200)
    self->opened = TRUE;
}

static void
ended_cb (const char *rest, gsize length, const GError *error, gpointer user_data)
{
  g_autoptr (ChdLogStream) self = g_object_ref (user_data);
  gboolean last = !self->follow || self->finishing;

  g_clear_error (&self->error);
  if (error == NULL && last)
    {
      if (length > 0)
        take_line (self, rest, length, TRUE);
      if (self->running)
        finish (self, NULL);
      return;
    }
  g_clear_pointer (&self->stream, chd_line_stream_close);
  if (error != NULL && is_final (error))
    {
      finish (self, error);
      return;
    }
  /* A container that ended before it began has no log. */
  if (self->finishing && chd_error_get_status (error) == 400)
    {
      finish (self, NULL);
      return;
    }
  self->error = error != NULL ? g_error_copy (error) : NULL;
  chd_log_cursor_cut (&self->cursor);
  if (self->finishing)
    try_again (self, error, FALSE);
  else
    ask_about_pod (self);
}

static void
open_log (ChdLogStream *self)
{
  static const ChdLineStreamEvents events = { opened_cb, NULL, line_cb, ended_cb };
  g_autofree char *path = chd_kube_path (CHD_KUBE_POD, self->namespace_, self->pod, "log");
  g_autofree char *since = chd_log_cursor_dup_since (&self->cursor);
  g_autoptr (GString) target = g_string_new (path);
  g_autoptr (ChdHttpRequest) request = NULL;

  g_string_append (target, "?timestamps=true&container=");
  g_string_append_uri_escaped (target, self->container, NULL, FALSE);
  if (self->follow && !self->finishing)
    g_string_append (target, "&follow=true");
  if (since != NULL)
    {
      g_string_append (target, "&sinceTime=");
      g_string_append_uri_escaped (target, since, NULL, FALSE);
    }
  request = chd_http_request_new ("GET", target->str, CHD_HTTP_NO_RETRY);
  self->stream = chd_line_stream_open (chd_cluster_get_http (self->cluster), request,
                                       CHD_LOG_STREAM_MAX_LINE + MAX_STAMP, &events, self);
  chd_line_stream_set_silence_limit (self->stream, SILENCE_SECONDS);
}

/* The pod */

static ContainerState
find_state (JsonObject *pod, const char *container)
{
  static const char *const lists[] = { "status/containerStatuses", "status/initContainerStatuses" };
  static const char *const specs[] = { "spec/containers", "spec/initContainers" };
  const char *phase = chd_json_lookup_string (pod, "status/phase", "");
  gboolean over = strcmp (phase, "Succeeded") == 0 || strcmp (phase, "Failed") == 0;

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      JsonArray *statuses = chd_json_lookup_array (pod, lists[i]);

      for (guint k = 0; k < chd_json_length (statuses); k++)
        {
          JsonObject *status = chd_json_object_at (statuses, k);
          JsonObject *state = chd_json_object (status, "state");

          if (g_strcmp0 (chd_json_string (status, "name", NULL), container) != 0)
            continue;
          if (over || chd_json_object (state, "terminated") != NULL)
            return CONTAINER_TERMINATED;
          return chd_json_object (state, "running") != NULL ? CONTAINER_RUNNING : CONTAINER_WAITING;
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (specs); i++)
    {
      JsonArray *containers = chd_json_lookup_array (pod, specs[i]);

      for (guint k = 0; k < chd_json_length (containers); k++)
        if (g_strcmp0 (chd_json_string (chd_json_object_at (containers, k), "name", NULL), container) == 0)
          return over ? CONTAINER_TERMINATED : CONTAINER_WAITING;
    }
  return CONTAINER_MISSING;
}

static void
take_pod (ChdLogStream *self, JsonObject *pod)
{
  ContainerState state = find_state (pod, self->container);
  g_autoptr (GError) missing = NULL;

  switch (state)
    {
    case CONTAINER_MISSING:
      missing = g_error_new_literal (CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("There is no such step, so it has no log."));
      finish (self, missing);
      break;
    case CONTAINER_WAITING:
      if (!self->follow)
        {
          finish (self, NULL);
          break;
        }
      wait_and (self, TRUE, self->waits++, MAX_WAITING_MS);
      break;
    case CONTAINER_TERMINATED:
      if (self->follow)
        {
          self->finishing = TRUE;
          self->failures = 0;
          open_log (self);
          break;
        }
      try_again (self, self->error, FALSE);
      break;
    case CONTAINER_RUNNING:
    default:
      try_again (self, self->error, FALSE);
      break;
    }
}

static void
pod_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdLogStream) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) pod = chd_cluster_get_finish (CHD_CLUSTER (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->cancellable);
  if (pod != NULL)
    {
      take_pod (self, pod);
    }
  else if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND) &&
           (self->opened || !self->follow || self->failures >= MAX_FAILURES))
    {
      g_autoptr (GError) gone =
          g_error_new_literal (CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("The log of this step is no longer kept."));

      finish (self, gone);
    }
  else if (is_final (error))
    {
      finish (self, error);
    }
  else
    {
      try_again (self, error, TRUE);
    }
}

static void
ask_about_pod (ChdLogStream *self)
{
  self->cancellable = g_cancellable_new ();
  chd_cluster_get_async (self->cluster, CHD_KUBE_POD, self->namespace_, self->pod, self->cancellable, pod_cb,
                         g_object_ref (self));
}

/* GObject */

static void
chd_log_stream_dispose (GObject *object)
{
  ChdLogStream *self = CHD_LOG_STREAM (object);

  close_all (self);
  g_clear_object (&self->cluster);
  G_OBJECT_CLASS (chd_log_stream_parent_class)->dispose (object);
}

static void
chd_log_stream_finalize (GObject *object)
{
  ChdLogStream *self = CHD_LOG_STREAM (object);

  g_free (self->namespace_);
  g_free (self->pod);
  g_free (self->container);
  G_OBJECT_CLASS (chd_log_stream_parent_class)->finalize (object);
}

static void
chd_log_stream_class_init (ChdLogStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = chd_log_stream_dispose;
  object_class->finalize = chd_log_stream_finalize;

  signals[SIGNAL_LINE] = g_signal_new ("line", CHD_TYPE_LOG_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                       2, G_TYPE_STRING, G_TYPE_INT64);
  signals[SIGNAL_ENDED] =
      g_signal_new ("ended", CHD_TYPE_LOG_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
chd_log_stream_init (ChdLogStream *self)
{
  self->max_bytes = CHD_LOG_STREAM_MAX_BYTES;
  self->backoff = DEFAULT_BACKOFF_MS;
  chd_log_cursor_init (&self->cursor);
}

ChdLogStream *
chd_log_stream_new (ChdCluster *cluster, const char *namespace_, const char *pod, const char *container)
{
  ChdLogStream *self = g_object_new (CHD_TYPE_LOG_STREAM, NULL);

  self->cluster = g_object_ref (cluster);
  self->namespace_ = g_strdup (namespace_ != NULL ? namespace_ : chd_cluster_get_namespace (cluster));
  self->pod = g_strdup (pod);
  self->container = g_strdup (container);
  return self;
}

/* Once for each object. */
void
chd_log_stream_start (ChdLogStream *self, gboolean follow)
{
  g_return_if_fail (!self->running);

  self->running = TRUE;
  self->follow = follow;
  open_log (self);
}

/* No signal comes any more. */
void
chd_log_stream_stop (ChdLogStream *self)
{
  close_all (self);
}

gboolean
chd_log_stream_is_running (ChdLogStream *self)
{
  return self->running;
}

void
chd_log_stream_set_max_bytes (ChdLogStream *self, gsize bytes)
{
  self->max_bytes = bytes;
}

void
chd_log_stream_set_backoff (ChdLogStream *self, guint milliseconds)
{
  self->backoff = milliseconds;
}
