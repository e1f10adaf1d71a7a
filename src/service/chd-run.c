/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One run that is watched. Four mirrors (PipelineRun, TaskRuns, CustomRuns, ApprovalTasks) are the only source of what
 * is shown; whatever arrives only marks the status as old, and it is read again from the mirrors at most a few times a
 * second.
 *
 *  (1) Before all mirrors have their first list there is no status: half a state is no state.
 *  (2) The run is finished when the engine says so and every child it refers to is mirrored and has ended; until then
 *      its end is not shown. After a few seconds without that the children are listed anew: what then has not ended
 *      never will.
 *  (3) A finished run is written to the history, and its mirrors stop. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-kube.h"
#include "chd-reflector.h"
#include "chd-run-history.h"
#include "chd-run-private.h"

#define READ_MILLISECONDS 50
#define LATE_CHILD_SECONDS 5

typedef enum
{
  MIRROR_RUN,
  MIRROR_TASK_RUNS,
  MIRROR_CUSTOM_RUNS,
  MIRROR_APPROVALS,
  N_MIRRORS,
} Mirror;

struct _ChdRun
{
  GObject parent_instance;

  ChdSession *session;     /* (owned) */
  ChdChain *chain;         /* (owned) */
  ChdCatalogue *catalogue; /* (owned) */
  char *name;              /* (owned) */
  char *uid;               /* (owned): another run under the name is not this one */
  JsonObject *object;      /* (owned): the PipelineRun */

  ChdReflector *mirrors[N_MIRRORS]; /* (owned) (nullable) where the engine has no such objects */
  ChdRunStatus *status;             /* (owned) (nullable) */
  char *status_text;                /* (owned) (nullable): what was told last */
  guint read_source;
  guint late_source;
  gboolean listing[N_MIRRORS]; /* listed anew because a child is late */
  gboolean too_late;           /* for children that have not ended */
  gboolean finished;
  gboolean closed;
  gboolean was_live;
};

G_DEFINE_FINAL_TYPE (ChdRun, chd_run, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATUS = 1,
  PROP_LIVE,
  PROP_LAST_SEEN,
} ChdRunProperty;

static GParamSpec *properties[PROP_LAST_SEEN + 1];

enum
{
  SIGNAL_CHANGED,
  SIGNAL_FINISHED,
  SIGNAL_FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static gboolean
all_synced (ChdRun *self)
{
  for (guint i = 0; i < N_MIRRORS; i++)
    if (self->mirrors[i] != NULL && !chd_reflector_is_synced (self->mirrors[i]))
      return FALSE;
  return TRUE;
}

static GPtrArray *
list_mirror (ChdRun *self, Mirror mirror)
{
  return self->mirrors[mirror] != NULL ? chd_reflector_list (self->mirrors[mirror]) : g_ptr_array_new ();
}

/* The end. */

static JsonObject *
find_child (ChdRun *self, JsonObject *reference, Mirror *mirror)
{
  const char *kind = chd_json_string (reference, "kind", "");

  *mirror = g_str_equal (kind, "TaskRun") ? MIRROR_TASK_RUNS : MIRROR_CUSTOM_RUNS;
  if (self->mirrors[*mirror] == NULL)
    return NULL;
  return chd_reflector_lookup (self->mirrors[*mirror], NULL, chd_json_string (reference, "name", ""));
}

static gboolean
has_ended (JsonObject *object)
{
  JsonObject *condition = chd_kube_get_condition (object, "Succeeded");
  const char *status = condition != NULL ? chd_json_string (condition, "status", "") : "";

  return g_str_equal (status, "True") || g_str_equal (status, "False");
}

static gboolean
children_ended (ChdRun *self, const ChdRunStatus *status)
{
  JsonArray *references = chd_json_lookup_array (self->object, "status/childReferences");

  for (guint i = 0; i < chd_json_length (references); i++)
    {
      Mirror mirror;
      JsonObject *child = find_child (self, chd_json_object_at (references, i), &mirror);

      /* The approval gate does not hear of a cancellation: what it waits for never ends. */
      if (mirror == MIRROR_CUSTOM_RUNS && status->state == CHD_NODE_CANCELLED)
        continue;
      if (self->mirrors[mirror] != NULL && (child == NULL || !has_ended (child)))
        return FALSE;
    }
  return TRUE;
}

static void
write_history (ChdRun *self)
{
  const ChdRunStatus *status = self->status;
  ChdRunRecord record = { self->name,         status->chain,
                          self->uid,          (char *) chd_node_state_to_string (status->state),
                          status->created_at, status->started_at,
                          status->finished_at };

  chd_run_history_write_async (chd_session_get_store (self->session), chd_session_get_engine_id (self->session),
                               &record, NULL, NULL);
}

static void
finish (ChdRun *self)
{
  g_autoptr (ChdRun) alive = g_object_ref (self);

  self->finished = TRUE;
  write_history (self);
  chd_run_close (self);
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
}

static gboolean late_cb (gpointer user_data);

/* Whether the run has ended and so have its children. Until then what is known of the nodes is not the end of it:
 * their last words may still be on the way. */
static gboolean
is_complete (ChdRun *self, const ChdRunStatus *status)
{
  if (self->too_late || children_ended (self, status))
    return TRUE;
  if (self->late_source == 0 && !self->listing[MIRROR_TASK_RUNS] && !self->listing[MIRROR_CUSTOM_RUNS])
    self->late_source = g_timeout_add_seconds (LATE_CHILD_SECONDS, late_cb, self);
  return FALSE;
}

/* Is it the mirrors that are behind, or the children? */
static gboolean
late_cb (gpointer user_data)
{
  static const Mirror children[] = { MIRROR_TASK_RUNS, MIRROR_CUSTOM_RUNS };
  ChdRun *self = user_data;

  self->late_source = 0;
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    if (self->mirrors[children[i]] != NULL)
      {
        self->listing[children[i]] = TRUE;
        chd_reflector_refresh (self->mirrors[children[i]]);
      }
  return G_SOURCE_REMOVE;
}

static void
note_listed (ChdRun *self, ChdReflector *mirror)
{
  gboolean was_listing = self->listing[MIRROR_TASK_RUNS] || self->listing[MIRROR_CUSTOM_RUNS];

  for (guint i = 0; i < N_MIRRORS; i++)
    if (mirror == self->mirrors[i])
      self->listing[i] = FALSE;
  if (was_listing && !self->listing[MIRROR_TASK_RUNS] && !self->listing[MIRROR_CUSTOM_RUNS])
    self->too_late = TRUE;
}

/* Reading. */

static void
read_status (ChdRun *self)
{
  g_autoptr (GPtrArray) task_runs = list_mirror (self, MIRROR_TASK_RUNS);
  g_autoptr (GPtrArray) custom_runs = list_mirror (self, MIRROR_CUSTOM_RUNS);
  g_autoptr (GPtrArray) approvals = list_mirror (self, MIRROR_APPROVALS);
  g_autoptr (ChdRun) alive = g_object_ref (self);
  g_autoptr (ChdRunStatus) status =
      chd_run_status_read (self->chain, self->catalogue, self->object, task_runs, custom_runs, approvals);
  g_autoptr (JsonObject) object = chd_run_status_to_json (status);
  g_autofree char *text = chd_json_write_object (object, FALSE, NULL);
  gboolean finished = status->finished;

  /* An end that is not complete is not shown as one. */
  if (finished && !is_complete (self, status))
    return;
  if (g_strcmp0 (text, self->status_text) != 0)
    {
      g_clear_pointer (&self->status, chd_run_status_unref);
      self->status = g_steal_pointer (&status);
      g_free (self->status_text);
      self->status_text = g_steal_pointer (&text);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
    }
  if (finished && !self->finished && !self->closed)
    finish (self);
}

static gboolean
read_cb (gpointer user_data)
{
  ChdRun *self = user_data;

  self->read_source = 0;
  if (all_synced (self))
    read_status (self);
  return G_SOURCE_REMOVE;
}

static void
mark_old (ChdRun *self)
{
  if (self->read_source == 0 && !self->closed)
    self->read_source = g_timeout_add (READ_MILLISECONDS, read_cb, self);
}

static void
fail (ChdRun *self, GError *error)
{
  g_autoptr (ChdRun) alive = g_object_ref (self);

  if (self->closed)
    return;
  chd_run_close (self);
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, error);
}

static void
fail_deleted (ChdRun *self)
{
  /* Translators: %s is the name of a run */
  g_autoptr (GError) error =
      g_error_new (CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("The run “%s” was deleted on the engine."), self->name);

  fail (self, error);
}

static void
set_object (ChdRun *self, JsonObject *object)
{
  if (g_strcmp0 (chd_kube_get_name (object), self->name) != 0)
    return;
  if (g_strcmp0 (chd_kube_get_uid (object), self->uid) != 0)
    {
      fail_deleted (self);
      return;
    }
  json_object_ref (object);
  json_object_unref (self->object);
  self->object = object;
}

static void
added_cb (ChdRun *self, JsonObject *object, ChdReflector *mirror)
{
  if (mirror == self->mirrors[MIRROR_RUN])
    set_object (self, object);
  mark_old (self);
}

static void
modified_cb (ChdRun *self, JsonObject *object, JsonObject *before, ChdReflector *mirror)
{
  added_cb (self, object, mirror);
}

static void
deleted_cb (ChdRun *self, JsonObject *last, ChdReflector *mirror)
{
  if (mirror == self->mirrors[MIRROR_RUN] && g_strcmp0 (chd_kube_get_uid (last), self->uid) == 0)
    fail_deleted (self);
  else
    mark_old (self);
}

static void
synced_cb (ChdRun *self, ChdReflector *mirror)
{
  if (mirror == self->mirrors[MIRROR_RUN] && !self->closed && chd_reflector_lookup (mirror, NULL, self->name) == NULL)
    {
      fail_deleted (self);
      return;
    }
  note_listed (self, mirror);
  mark_old (self);
}

static void
failed_cb (ChdRun *self, GError *error, ChdReflector *mirror)
{
  fail (self, error);
}

static void
state_cb (ChdRun *self)
{
  gboolean live = chd_run_is_live (self);

  if (self->was_live == live)
    return;
  self->was_live = live;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE]);
}

static void
last_seen_cb (ChdRun *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_SEEN]);
}

static void
start_mirror (ChdRun *self, Mirror mirror, ChdKubeType type, const char *selector)
{
  ChdReflector *reflector;

  if (!chd_cluster_info_has (chd_session_get_info (self->session), type))
    return;
  reflector = chd_reflector_new (chd_session_get_cluster (self->session), type, NULL, selector);
  self->mirrors[mirror] = reflector;
  g_signal_connect_object (reflector, "added", G_CALLBACK (added_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (reflector, "modified", G_CALLBACK (modified_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (reflector, "deleted", G_CALLBACK (deleted_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (reflector, "synced", G_CALLBACK (synced_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (reflector, "failed", G_CALLBACK (failed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (reflector, "notify::state", G_CALLBACK (state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (reflector, "notify::last-seen", G_CALLBACK (last_seen_cb), self, G_CONNECT_SWAPPED);
}

/* A run of ours carries its name as a label; of another one the closest label there is selects it among others. */
static char *
make_run_selector (JsonObject *run)
{
  const char *chain = chd_kube_get_label (run, CHD_LABEL_CHAIN);

  if (chd_kube_get_label (run, CHD_LABEL_RUN) != NULL)
    return chd_kube_selector (CHD_LABEL_RUN, chd_kube_get_label (run, CHD_LABEL_RUN), NULL);
  return chain != NULL ? chd_kube_selector (CHD_LABEL_CHAIN, chain, NULL) : NULL;
}

static void
chd_run_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ChdRun *self = CHD_RUN (object);

  switch ((ChdRunProperty) id)
    {
    case PROP_STATUS:
      g_value_set_pointer (value, self->status);
      break;
    case PROP_LIVE:
      g_value_set_boolean (value, chd_run_is_live (self));
      break;
    case PROP_LAST_SEEN:
      g_value_set_int64 (value, chd_run_get_last_seen (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
chd_run_dispose (GObject *object)
{
  ChdRun *self = CHD_RUN (object);

  chd_run_close (self);
  for (guint i = 0; i < N_MIRRORS; i++)
    g_clear_object (&self->mirrors[i]);
  G_OBJECT_CLASS (chd_run_parent_class)->dispose (object);
}

static void
chd_run_finalize (GObject *object)
{
  ChdRun *self = CHD_RUN (object);

  g_clear_object (&self->session);
  g_clear_object (&self->chain);
  g_clear_object (&self->catalogue);
  g_clear_pointer (&self->status, chd_run_status_unref);
  g_clear_pointer (&self->object, json_object_unref);
  g_free (self->status_text);
  g_free (self->name);
  g_free (self->uid);
  G_OBJECT_CLASS (chd_run_parent_class)->finalize (object);
}

static void
chd_run_class_init (ChdRunClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = chd_run_get_property;
  object_class->dispose = chd_run_dispose;
  object_class->finalize = chd_run_finalize;
  properties[PROP_STATUS] = g_param_spec_pointer ("status", NULL, NULL, flags);
  properties[PROP_LIVE] = g_param_spec_boolean ("live", NULL, NULL, FALSE, flags);
  properties[PROP_LAST_SEEN] = g_param_spec_int64 ("last-seen", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_CHANGED] =
      g_signal_new ("changed", CHD_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FINISHED] =
      g_signal_new ("finished", CHD_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_FAILED] =
      g_signal_new ("failed", CHD_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
chd_run_init (ChdRun *self)
{
}

ChdRun *
chd_run_new (ChdSession *session, ChdChain *chain, ChdCatalogue *catalogue, JsonObject *run)
{
  ChdRun *self = g_object_new (CHD_TYPE_RUN, NULL);
  g_autofree char *selector = make_run_selector (run);
  g_autofree char *children = NULL;

  self->session = g_object_ref (session);
  self->chain = g_object_ref (chain);
  self->catalogue = g_object_ref (catalogue);
  self->name = g_strdup (chd_kube_get_name (run));
  self->uid = g_strdup (chd_kube_get_uid (run));
  self->object = json_object_ref (run);
  children = chd_kube_selector (CHD_LABEL_TEKTON_PIPELINE_RUN, self->name, NULL);
  start_mirror (self, MIRROR_RUN, CHD_KUBE_PIPELINE_RUN, selector);
  start_mirror (self, MIRROR_TASK_RUNS, CHD_KUBE_TASK_RUN, children);
  start_mirror (self, MIRROR_CUSTOM_RUNS, CHD_KUBE_CUSTOM_RUN, children);
  start_mirror (self, MIRROR_APPROVALS, CHD_KUBE_APPROVAL_TASK, children);
  for (guint i = 0; i < N_MIRRORS; i++)
    if (self->mirrors[i] != NULL)
      chd_reflector_start (self->mirrors[i]);
  return self;
}

JsonObject *
chd_run_get_object (ChdRun *self)
{
  return self->object;
}

const char *
chd_run_get_name (ChdRun *self)
{
  return self->name;
}

ChdChain *
chd_run_get_chain (ChdRun *self)
{
  return self->chain;
}

ChdRunStatus *
chd_run_get_status (ChdRun *self)
{
  return self->status;
}

gboolean
chd_run_is_live (ChdRun *self)
{
  if (self->finished)
    return TRUE;
  for (guint i = 0; i < N_MIRRORS; i++)
    if (self->mirrors[i] != NULL && chd_reflector_get_state (self->mirrors[i]) != CHD_REFLECTOR_LIVE)
      return FALSE;
  return TRUE;
}

gint64
chd_run_get_last_seen (ChdRun *self)
{
  gint64 oldest = G_MAXINT64;

  for (guint i = 0; i < N_MIRRORS; i++)
    if (self->mirrors[i] != NULL)
      oldest = MIN (oldest, chd_reflector_get_last_seen (self->mirrors[i]));
  return oldest != G_MAXINT64 ? oldest : 0;
}

void
chd_run_close (ChdRun *self)
{
  g_return_if_fail (CHD_IS_RUN (self));

  self->closed = TRUE;
  g_clear_handle_id (&self->read_source, g_source_remove);
  g_clear_handle_id (&self->late_source, g_source_remove);
  for (guint i = 0; i < N_MIRRORS; i++)
    if (self->mirrors[i] != NULL)
      chd_reflector_stop (self->mirrors[i]);
  state_cb (self);
}
