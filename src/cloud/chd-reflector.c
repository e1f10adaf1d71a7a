/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * List, then watch, for ever. What events mean is in chd-reflector-cache.c, the watch itself in chd-reflector-watch.c;
 * here is when to ask the server what.
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

#include "chd-cluster-private.h"
#include "chd-error.h"
#include "chd-reflector-private.h"
#include "chd-util.h"
#include "chd-wire-error.h"

#define DEFAULT_BACKOFF_MS 800
#define MAX_BACKOFF_MS 30000
#define RELIST_SECONDS 600
/* An interruption that is shorter is not shown. */
#define MOMENT_SECONDS 5

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

/* State */

static void
set_state (ChdReflector *self, ChdReflectorState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
chd_reflector_set_seen (ChdReflector *self)
{
  gint64 now = g_get_real_time ();
  gboolean tell = now - self->last_seen >= G_USEC_PER_SEC || now < self->last_seen;

  self->last_seen = now;
  if (tell)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_SEEN]);
}

void
chd_reflector_set_live (ChdReflector *self)
{
  g_clear_handle_id (&self->moment_id, g_source_remove);
  g_clear_error (&self->error);
  chd_reflector_set_seen (self);
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

void
chd_reflector_set_cut_off (ChdReflector *self)
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
  chd_reflector_connect (self);
  return G_SOURCE_REMOVE;
}

static void
wait_and_connect (ChdReflector *self)
{
  guint64 wait = (guint64) self->backoff << MIN (self->failures - 1, 10);

  self->wait_id =
      g_timeout_add ((guint) (MIN (wait, MAX_BACKOFF_MS) * g_random_double_range (1.0, 2.0)), wait_over_cb, self);
}

void
chd_reflector_take_trouble (ChdReflector *self, const GError *error, gboolean of_list)
{
  chd_reflector_set_cut_off (self);
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
          chd_reflector_connect (self);
          return;
        }
    }
  /* A server that cannot begin at this version: some say so with these. */
  if (!of_list && (chd_error_get_status (error) == 400 || chd_error_get_status (error) == 422 ||
                   (chd_error_get_status (error) == 500 && self->failures >= CHD_REFLECTOR_MAX_BAD_LINES)))
    self->list_due = TRUE;
  wait_and_connect (self);
}

/* Changes */

gboolean
chd_reflector_emit_changes (ChdReflector *self, GPtrArray *changes)
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
      chd_reflector_take_trouble (self, error, TRUE);
      return;
    }
  self->accept_older = FALSE;
  self->list_due = FALSE;
  self->synced = TRUE;
  chd_set_str (&self->version, version);
  g_clear_handle_id (&self->relist_id, g_source_remove);
  self->relist_id = g_timeout_add_seconds (RELIST_SECONDS, relist_cb, self);
  changes = chd_reflector_cache_replace (self->cache, objects, older);
  chd_reflector_set_live (self);
  if (chd_reflector_emit_changes (self, changes))
    {
      guint generation = self->generation;

      g_signal_emit (self, signals[SIGNAL_SYNCED], 0);
      if (self->generation == generation)
        chd_reflector_start_watch (self);
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
    chd_reflector_take_trouble (self, error, TRUE);
}

void
chd_reflector_connect (ChdReflector *self)
{
  if (!self->list_due)
    {
      chd_reflector_start_watch (self);
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
  chd_reflector_connect (self);
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
  chd_reflector_set_cut_off (self);
  self->list_due = TRUE;
  chd_reflector_connect (self);
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
