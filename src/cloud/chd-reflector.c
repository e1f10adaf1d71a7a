/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * List, then watch, for ever. What events mean is in chd-reflector-cache.c; here is when to ask the server what.
 *
 *  (1) A watch begins where the last one stood: at the version of the last event, bookmark or list.
 *  (2) A list is due at the beginning, after 410, after three times a line that makes no sense, on refresh, and every
 *      ten minutes. Nothing else makes one.
 *  (3) Trouble is waited out, longer each time; a version that is newer than the last one ends the trouble.
 *  (4) A list that is older than what is known (a stale copy of the server, or one that was restored) is asked for once
 *      more after a wait; the second time it is the truth. */

#include "config.h"

#include "chd-reflector.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-cluster-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-line-stream.h"
#include "chd-reflector-cache.h"
#include "chd-util.h"
#include "chd-wire-error.h"

#define DEFAULT_BACKOFF_MS 800
#define MAX_BACKOFF_MS 30000
#define RELIST_SECONDS 600
/* For how long the server is to keep a watch open: random, so that many do not end at once. */
#define MIN_WATCH_SECONDS 300
#define MAX_WATCH_SECONDS 600
/* How much longer than that a silent watch is believed; and how long when the server sends bookmarks every minute. */
#define SILENCE_MARGIN_SECONDS 30
#define BOOKMARK_SILENCE_SECONDS 120
/* An interruption that is shorter is not shown. */
#define MOMENT_SECONDS 5
/* A watch that ends sooner, without a word, is trouble; one that lived longer ends it. */
#define SHORT_WATCH (1 * G_USEC_PER_SEC)
#define LONG_WATCH (60 * G_USEC_PER_SEC)
#define MAX_BAD_LINES 3

struct _ChdReflector
{
  GObject parent_instance;

  ChdCluster *cluster; /* (owned) */
  ChdKubeType type;
  char *namespace_; /* (owned) "" for all */
  char *selector;   /* (owned) (nullable) */
  guint backoff;
  guint silence_limit; /* seconds; 0 for ours */

  ChdReflectorState state;
  gboolean synced;
  gint64 last_seen;
  GError *error; /* (owned) (nullable) */

  ChdReflectorCache *cache; /* (owned) */
  char *version;            /* (owned) (nullable) */
  guint generation;         /* changes with every start, stop and refresh */

  gboolean list_due;
  gboolean accept_older;
  guint failures; /* in a row */
  guint bad_lines;
  GCancellable *listing; /* (owned) (nullable) */
  ChdLineStream *stream; /* (owned) (nullable) */
  gint64 watch_began;
  gboolean progressed; /* this watch brought a newer version */
  gboolean has_bookmarks;

  guint wait_id;
  guint moment_id;
  guint relist_id;
};

G_DEFINE_FINAL_TYPE (ChdReflector, chd_reflector, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATE = 1,
  PROP_LAST_SEEN,
} ChdReflectorProperty;
static GParamSpec *properties[PROP_LAST_SEEN + 1];

enum
{
  SIGNAL_ADDED,
  SIGNAL_MODIFIED,
  SIGNAL_DELETED,
  SIGNAL_SYNCED,
  SIGNAL_FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void connect_now (ChdReflector *self);

/* State */

static void
set_state (ChdReflector *self, ChdReflectorState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
set_seen (ChdReflector *self)
{
  gint64 now = g_get_real_time ();
  gboolean tell = now - self->last_seen >= G_USEC_PER_SEC || now < self->last_seen;

  self->last_seen = now;
  if (tell)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_SEEN]);
}

static void
set_live (ChdReflector *self)
{
  g_clear_handle_id (&self->moment_id, g_source_remove);
  g_clear_error (&self->error);
  set_seen (self);
  set_state (self, CHD_REFLECTOR_LIVE);
}

static gboolean
moment_over_cb (gpointer user_data)
{
  ChdReflector *self = user_data;

  self->moment_id = 0;
  set_state (self, CHD_REFLECTOR_RECONNECTING);
  return G_SOURCE_REMOVE;
}

static void
set_cut_off (ChdReflector *self)
{
  if (self->state == CHD_REFLECTOR_LIVE && self->moment_id == 0)
    self->moment_id = g_timeout_add_seconds (MOMENT_SECONDS, moment_over_cb, self);
}

static void
close_all (ChdReflector *self)
{
  self->generation++;
  g_clear_handle_id (&self->wait_id, g_source_remove);
  g_clear_handle_id (&self->relist_id, g_source_remove);
  if (self->listing != NULL)
    g_cancellable_cancel (self->listing);
  g_clear_object (&self->listing);
  g_clear_pointer (&self->stream, chd_line_stream_close);
}

/* Trouble */

static gboolean
is_final (ChdReflector *self, const GError *error, gboolean of_list)
{
  return g_error_matches (error, CHD_ERROR, CHD_ERROR_SIGN_IN) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED) ||
         (of_list && (g_error_matches (error, CHD_ERROR, CHD_ERROR_INVALID) ||
                      g_error_matches (error, CHD_ERROR, CHD_ERROR_LIMIT)));
}

static void
fail (ChdReflector *self, const GError *error)
{
  g_autoptr (GError) copy = g_error_copy (error);

  close_all (self);
  g_clear_handle_id (&self->moment_id, g_source_remove);
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  set_state (self, CHD_REFLECTOR_STOPPED);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, copy);
}

static gboolean
wait_over_cb (gpointer user_data)
{
  ChdReflector *self = user_data;

  self->wait_id = 0;
  connect_now (self);
  return G_SOURCE_REMOVE;
}

static void
wait_and_connect (ChdReflector *self)
{
  guint64 wait = (guint64) self->backoff << MIN (self->failures - 1, 10);

  self->wait_id =
      g_timeout_add ((guint) (MIN (wait, MAX_BACKOFF_MS) * g_random_double_range (1.0, 2.0)), wait_over_cb, self);
}

/* The list or the watch did not work out. */
static void
take_trouble (ChdReflector *self, const GError *error, gboolean of_list)
{
  set_cut_off (self);
  if (is_final (self, error, of_list))
    {
      fail (self, error);
      return;
    }
  g_clear_error (&self->error);
  self->error = g_error_copy (error);
  self->failures++;
  if (!of_list && chd_wire_error_is_expired (error))
    {
      self->list_due = TRUE;
      /* At once the first time; a server that says so to every version is asked more slowly. */
      if (self->failures == 1)
        {
          connect_now (self);
          return;
        }
    }
  /* A server that cannot begin at this version: some say so with these. */
  if (!of_list && (chd_error_get_status (error) == 400 || chd_error_get_status (error) == 422 ||
                   (chd_error_get_status (error) == 500 && self->failures >= MAX_BAD_LINES)))
    self->list_due = TRUE;
  wait_and_connect (self);
}

/* Changes */

/* Emits what has changed; FALSE when a handler stopped or restarted the reflector. */
static gboolean
emit_changes (ChdReflector *self, GPtrArray *changes)
{
  guint generation = self->generation;

  for (guint i = 0; i < changes->len && self->generation == generation; i++)
    {
      ChdChange *change = changes->pdata[i];

      switch (change->type)
        {
        case CHD_CHANGE_ADDED:
          g_signal_emit (self, signals[SIGNAL_ADDED], 0, change->object);
          break;
        case CHD_CHANGE_MODIFIED:
          g_signal_emit (self, signals[SIGNAL_MODIFIED], 0, change->object, change->before);
          break;
        case CHD_CHANGE_DELETED:
        default:
          g_signal_emit (self, signals[SIGNAL_DELETED], 0, change->object);
          break;
        }
    }
  return self->generation == generation;
}

static void
move_to_version (ChdReflector *self, const char *version)
{
  if (chd_kube_compare_versions (version, self->version) > 0)
    {
      self->progressed = TRUE;
      self->failures = 0;
      self->bad_lines = 0;
    }
  chd_set_str (&self->version, version);
}

/* Watching */

static void
end_watch (ChdReflector *self, const GError *error)
{
  gint64 lived = g_get_monotonic_time () - self->watch_began;

  g_clear_pointer (&self->stream, chd_line_stream_close);
  if (lived >= LONG_WATCH)
    self->failures = 0;
  if (error == NULL && (self->progressed || lived >= SHORT_WATCH))
    {
      set_cut_off (self);
      connect_now (self);
    }
  else if (error != NULL)
    {
      take_trouble (self, error, FALSE);
    }
  else
    {
      g_autoptr (GError) short_watch = g_error_new_literal (CHD_ERROR, CHD_ERROR_UNREACHABLE,
                                                            _ ("The server ends the connection at once. Try again."));

      take_trouble (self, short_watch, FALSE);
    }
}

/* A line that is no event: the next one cannot be trusted either. */
static void
take_bad_line (ChdReflector *self)
{
  g_autoptr (GError) error =
      g_error_new_literal (CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The server sent an event that makes no sense."));

  if (++self->bad_lines >= MAX_BAD_LINES)
    {
      self->bad_lines = 0;
      self->list_due = TRUE;
    }
  end_watch (self, error);
}

static void
take_event (ChdReflector *self, const char *type, JsonObject *object)
{
  g_autoptr (GPtrArray) changes = NULL;
  const char *version = chd_kube_get_resource_version (object);

  if (strcmp (type, "BOOKMARK") == 0)
    {
      if (version == NULL)
        return;
      move_to_version (self, version);
      if (!self->has_bookmarks && self->silence_limit == 0)
        chd_line_stream_set_silence_limit (self->stream, BOOKMARK_SILENCE_SECONDS);
      self->has_bookmarks = TRUE;
      return;
    }
  if (strcmp (type, "ERROR") == 0)
    {
      g_autoptr (GError) error = chd_wire_error_from_status (object, 0, NULL);

      end_watch (self, error);
      return;
    }
  if (strcmp (type, "ADDED") != 0 && strcmp (type, "MODIFIED") != 0 && strcmp (type, "DELETED") != 0)
    {
      g_debug ("an event of the unknown type “%s” is passed over", type);
      return;
    }
  if (!chd_reflector_cache_is_object (object))
    {
      take_bad_line (self);
      return;
    }
  move_to_version (self, version);
  changes = strcmp (type, "DELETED") == 0 ? chd_reflector_cache_remove (self->cache, object)
                                          : chd_reflector_cache_put (self->cache, object);
  emit_changes (self, changes);
}

static void
line_cb (const char *line, gsize length, gboolean whole, gpointer user_data)
{
  g_autoptr (ChdReflector) self = g_object_ref (user_data);
  g_autoptr (JsonObject) event = NULL;
  const char *type;
  JsonObject *object;

  if (whole && (length == 0 || (length == 1 && *line == '\r')))
    return;
  if (whole)
    event = chd_json_parse_object (line, length, CHD_JSON_MAX_WATCH_LINE, CHD_JSON_DEFAULT, NULL);
  type = chd_json_string (event, "type", NULL);
  object = chd_json_object (event, "object");
  if (type == NULL || object == NULL)
    take_bad_line (self);
  else
    take_event (self, type, object);
}

static void
heard_cb (gpointer user_data)
{
  set_seen (user_data);
}

static void
opened_cb (ChdHttpResponse *response, gpointer user_data)
{
  g_autoptr (ChdReflector) self = g_object_ref (user_data);

  set_live (self);
}

static void
ended_cb (const char *rest, gsize length, const GError *error, gpointer user_data)
{
  g_autoptr (ChdReflector) self = g_object_ref (user_data);

  /* Half a line at the end is dropped: the next watch brings it whole. */
  end_watch (self, error);
}

static void
start_watch (ChdReflector *self)
{
  static const ChdLineStreamEvents events = { opened_cb, heard_cb, line_cb, ended_cb };
  g_autofree char *path = chd_kube_path (self->type, self->namespace_, NULL, NULL);
  g_autoptr (GString) target = g_string_new (path);
  g_autoptr (ChdHttpRequest) request = NULL;
  guint seconds = (guint) g_random_int_range (MIN_WATCH_SECONDS, MAX_WATCH_SECONDS + 1);
  guint silence = self->has_bookmarks ? BOOKMARK_SILENCE_SECONDS : seconds + SILENCE_MARGIN_SECONDS;

  g_string_append (target, "?watch=true&allowWatchBookmarks=true&resourceVersion=");
  g_string_append_uri_escaped (target, self->version, NULL, FALSE);
  g_string_append_printf (target, "&timeoutSeconds=%u", seconds);
  if (self->selector != NULL && *self->selector != '\0')
    {
      g_string_append (target, "&labelSelector=");
      g_string_append_uri_escaped (target, self->selector, NULL, FALSE);
    }
  request = chd_http_request_new ("GET", target->str, CHD_HTTP_NO_RETRY);
  chd_http_request_set_header (request, "Accept", "application/json");
  self->watch_began = g_get_monotonic_time ();
  self->progressed = FALSE;
  self->stream =
      chd_line_stream_open (chd_cluster_get_http (self->cluster), request, CHD_JSON_MAX_WATCH_LINE, &events, self);
  chd_line_stream_set_silence_limit (self->stream, self->silence_limit != 0 ? self->silence_limit : silence);
}

/* Listing */

static gboolean
relist_cb (gpointer user_data)
{
  ChdReflector *self = user_data;

  self->relist_id = 0;
  chd_reflector_refresh (self);
  return G_SOURCE_REMOVE;
}

static void
take_list (ChdReflector *self, GPtrArray *objects, const char *version)
{
  gboolean older = self->version != NULL && chd_kube_compare_versions (version, self->version) < 0;
  g_autoptr (GPtrArray) changes = NULL;

  if (older && !self->accept_older)
    {
      g_autoptr (GError) error = g_error_new_literal (CHD_ERROR, CHD_ERROR_CORRUPT,
                                                      _ ("The server answers with an old state. It is asked again."));

      self->accept_older = TRUE;
      take_trouble (self, error, TRUE);
      return;
    }
  self->accept_older = FALSE;
  self->list_due = FALSE;
  self->synced = TRUE;
  chd_set_str (&self->version, version);
  g_clear_handle_id (&self->relist_id, g_source_remove);
  self->relist_id = g_timeout_add_seconds (RELIST_SECONDS, relist_cb, self);
  changes = chd_reflector_cache_replace (self->cache, objects, older);
  set_live (self);
  if (emit_changes (self, changes))
    {
      guint generation = self->generation;

      g_signal_emit (self, signals[SIGNAL_SYNCED], 0);
      if (self->generation == generation)
        start_watch (self);
    }
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdReflector) self = user_data;
  g_autofree char *version = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) objects = chd_cluster_list_finish (CHD_CLUSTER (object), result, &version, &error);

  /* Whoever cancelled it has gone on already. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->listing);
  if (objects != NULL)
    take_list (self, objects, version);
  else
    take_trouble (self, error, TRUE);
}

/* Asks for what is due. */
static void
connect_now (ChdReflector *self)
{
  if (!self->list_due)
    {
      start_watch (self);
      return;
    }
  self->listing = g_cancellable_new ();
  chd_cluster_list_full_async (self->cluster, self->type, self->namespace_, self->selector, CHD_HTTP_NO_RETRY,
                               self->listing, listed_cb, g_object_ref (self));
}

/* GObject */

static void
chd_reflector_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChdReflector *self = CHD_REFLECTOR (object);

  switch ((ChdReflectorProperty) prop_id)
    {
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_LAST_SEEN:
      g_value_set_int64 (value, self->last_seen);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_reflector_dispose (GObject *object)
{
  ChdReflector *self = CHD_REFLECTOR (object);

  close_all (self);
  g_clear_handle_id (&self->moment_id, g_source_remove);
  g_clear_object (&self->cluster);
  G_OBJECT_CLASS (chd_reflector_parent_class)->dispose (object);
}

static void
chd_reflector_finalize (GObject *object)
{
  ChdReflector *self = CHD_REFLECTOR (object);

  chd_reflector_cache_free (self->cache);
  g_clear_error (&self->error);
  g_free (self->namespace_);
  g_free (self->selector);
  g_free (self->version);
  G_OBJECT_CLASS (chd_reflector_parent_class)->finalize (object);
}

static void
chd_reflector_class_init (ChdReflectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_reflector_get_property;
  object_class->dispose = chd_reflector_dispose;
  object_class->finalize = chd_reflector_finalize;

  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, CHD_REFLECTOR_RECONNECTING, 0,
                                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_LAST_SEEN] = g_param_spec_int64 ("last-seen", NULL, NULL, 0, G_MAXINT64, 0,
                                                   G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_ADDED] = g_signal_new ("added", CHD_TYPE_REFLECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[SIGNAL_MODIFIED] = g_signal_new ("modified", CHD_TYPE_REFLECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                           G_TYPE_NONE, 2, JSON_TYPE_OBJECT, JSON_TYPE_OBJECT);
  signals[SIGNAL_DELETED] = g_signal_new ("deleted", CHD_TYPE_REFLECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[SIGNAL_SYNCED] =
      g_signal_new ("synced", CHD_TYPE_REFLECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FAILED] =
      g_signal_new ("failed", CHD_TYPE_REFLECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
chd_reflector_init (ChdReflector *self)
{
  self->cache = chd_reflector_cache_new ();
  self->backoff = DEFAULT_BACKOFF_MS;
}

/**
 * chd_reflector_new:
 * @namespace_: (nullable): %NULL for the cluster's, "" for all
 */
ChdReflector *
chd_reflector_new (ChdCluster *cluster, ChdKubeType type, const char *namespace_, const char *selector)
{
  ChdReflector *self = g_object_new (CHD_TYPE_REFLECTOR, NULL);

  self->cluster = g_object_ref (cluster);
  self->type = type;
  self->namespace_ = g_strdup (namespace_ != NULL ? namespace_ : chd_cluster_get_namespace (cluster));
  self->selector = g_strdup (selector);
  return self;
}

/* Starts from where it stopped; what is held stays until the first list says otherwise. */
void
chd_reflector_start (ChdReflector *self)
{
  if (self->state != CHD_REFLECTOR_STOPPED)
    return;
  self->generation++;
  self->list_due = TRUE;
  self->synced = FALSE;
  self->failures = 0;
  self->bad_lines = 0;
  g_clear_error (&self->error);
  set_state (self, CHD_REFLECTOR_CONNECTING);
  connect_now (self);
}

void
chd_reflector_stop (ChdReflector *self)
{
  close_all (self);
  g_clear_handle_id (&self->moment_id, g_source_remove);
  set_state (self, CHD_REFLECTOR_STOPPED);
}

void
chd_reflector_refresh (ChdReflector *self)
{
  if (self->state == CHD_REFLECTOR_STOPPED)
    return;
  close_all (self);
  set_cut_off (self);
  self->list_due = TRUE;
  connect_now (self);
}

ChdReflectorState
chd_reflector_get_state (ChdReflector *self)
{
  return self->state;
}

gboolean
chd_reflector_is_synced (ChdReflector *self)
{
  return self->synced;
}

gint64
chd_reflector_get_last_seen (ChdReflector *self)
{
  return self->last_seen;
}

const GError *
chd_reflector_get_error (ChdReflector *self)
{
  return self->error;
}

JsonObject *
chd_reflector_lookup (ChdReflector *self, const char *namespace_, const char *name)
{
  if (!chd_kube_resource (self->type)->namespaced)
    namespace_ = NULL;
  else if (namespace_ == NULL)
    namespace_ = chd_cluster_get_namespace (self->cluster);
  return chd_reflector_cache_lookup (self->cache, namespace_, name);
}

GPtrArray *
chd_reflector_list (ChdReflector *self)
{
  return chd_reflector_cache_list (self->cache);
}

guint
chd_reflector_get_n_objects (ChdReflector *self)
{
  return chd_reflector_cache_get_n_objects (self->cache);
}

void
chd_reflector_set_backoff (ChdReflector *self, guint milliseconds)
{
  self->backoff = milliseconds;
}

void
chd_reflector_set_silence_limit (ChdReflector *self, guint seconds)
{
  self->silence_limit = seconds;
}
