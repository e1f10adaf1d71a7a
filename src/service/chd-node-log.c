/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The output of a run's nodes. A part is read step by step, in order; while following, parts are read at the same time,
 * as they run; else one after the other. A part whose task is tried again has another pod and is read again. */

#include "config.h"

#include "chd-node-log.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-log-stream.h"

/* How many parts are followed at once; each holds a connection. */
#define MAX_FOLLOWED 8
#define STEP_PREFIX "step-"

/* One pod of one part. */
typedef struct
{
  ChdNodeLog *log; /* owner */
  char *node;
  char *title;
  char *pod;
  char **containers;
  guint next;
  ChdLogStream *stream; /* (owned) (nullable) */
} Part;

struct _ChdNodeLog
{
  GObject parent_instance;

  ChdSession *session; /* (owned) */
  ChdRun *run;         /* (owned) */
  char *node;          /* (owned) (nullable): all */
  gboolean follow;
  gboolean started;
  gboolean ended;
  GPtrArray *parts; /* (owned) of Part: in the order they came up */
  guint n_open;     /* parts that are being read */
  gboolean any_line;
  GError *error; /* (owned) (nullable): the first */
};

G_DEFINE_FINAL_TYPE (ChdNodeLog, chd_node_log, G_TYPE_OBJECT)

enum
{
  SIGNAL_LINE,
  SIGNAL_ENDED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
part_free (Part *part)
{
  if (part->stream != NULL)
    {
      g_signal_handlers_disconnect_by_data (part->stream, part);
      chd_log_stream_stop (part->stream);
    }
  g_clear_object (&part->stream);
  g_free (part->node);
  g_free (part->title);
  g_free (part->pod);
  g_strfreev (part->containers);
  g_free (part);
}

static void
end (ChdNodeLog *self, const GError *error)
{
  if (self->ended)
    return;
  self->ended = TRUE;
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, error);
}

static gboolean
wants (ChdNodeLog *self, const ChdNodeStatus *node)
{
  return self->node == NULL || g_strcmp0 (self->node, node->node) == 0;
}

/* Whether nothing more can come: all that is wanted has ended, or the run has. */
static gboolean
is_over (ChdNodeLog *self)
{
  const ChdRunStatus *status = chd_run_get_status (self->run);

  if (status == NULL)
    return FALSE;
  if (status->finished)
    return TRUE;
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = status->nodes->pdata[i];

      if (wants (self, node) && !chd_node_state_is_final (node->state))
        return FALSE;
    }
  return TRUE;
}

static const char *
get_step (const char *container)
{
  return g_str_has_prefix (container, STEP_PREFIX) ? container + strlen (STEP_PREFIX) : container;
}

static void open_next (Part *part);
static void go_on (ChdNodeLog *self);

static void
line_cb (ChdLogStream *stream, const char *text, gint64 time, gpointer user_data)
{
  Part *part = user_data;

  part->log->any_line = TRUE;
  g_signal_emit (part->log, signals[SIGNAL_LINE], 0, part->node, part->title, get_step (part->containers[part->next]),
                 time, text);
}

static void
stream_ended_cb (ChdLogStream *stream, const GError *error, gpointer user_data)
{
  Part *part = user_data;
  ChdNodeLog *self = part->log;
  g_autoptr (ChdNodeLog) alive = g_object_ref (self);

  /* A pod that is gone, or one that never came up, has nothing to say; the others have. */
  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  g_signal_handlers_disconnect_by_data (stream, part);
  g_clear_object (&part->stream);
  part->next++;
  if (!self->ended)
    open_next (part);
}

static void
open_next (Part *part)
{
  ChdNodeLog *self = part->log;
  const char *container = part->containers[part->next];

  if (container == NULL)
    {
      self->n_open--;
      go_on (self);
      return;
    }
  part->stream = chd_log_stream_new (chd_session_get_cluster (self->session), NULL, part->pod, container);
  g_signal_connect (part->stream, "line", G_CALLBACK (line_cb), part);
  g_signal_connect (part->stream, "ended", G_CALLBACK (stream_ended_cb), part);
  chd_log_stream_start (part->stream, self->follow);
}

static gboolean
knows (ChdNodeLog *self, const char *pod)
{
  for (guint i = 0; i < self->parts->len; i++)
    if (g_strcmp0 (((Part *) self->parts->pdata[i])->pod, pod) == 0)
      return TRUE;
  return FALSE;
}

static void
add_part (ChdNodeLog *self, const ChdNodeStatus *node, const ChdPartStatus *status)
{
  Part *part;

  if (status->pod == NULL || *status->pod == '\0' || status->containers == NULL || status->containers[0] == NULL ||
      knows (self, status->pod))
    return;
  part = g_new0 (Part, 1);
  part->log = self;
  part->node = g_strdup (node->node);
  part->title = g_strdup (status->title);
  part->pod = g_strdup (status->pod);
  part->containers = g_strdupv (status->containers);
  g_ptr_array_add (self->parts, part);
}

static guint
count_begun (ChdNodeLog *self)
{
  guint n_begun = 0;

  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = self->parts->pdata[i];

      n_begun += part->stream != NULL || part->next > 0;
    }
  return n_begun;
}

/* Reads what is due; ends when there is nothing left to wait for. */
static void
go_on (ChdNodeLog *self)
{
  guint limit = self->follow ? MAX_FOLLOWED : 1;

  if (self->ended)
    return;
  for (guint i = count_begun (self); i < self->parts->len && self->n_open < limit && !self->ended;
       i = count_begun (self))
    {
      self->n_open++;
      open_next (self->parts->pdata[i]);
    }
  if (self->n_open == 0 && count_begun (self) == self->parts->len &&
      (is_over (self) || (!self->follow && chd_run_get_status (self->run) != NULL)))
    end (self, self->any_line ? NULL : self->error);
}

static void
look (ChdNodeLog *self)
{
  const ChdRunStatus *status = chd_run_get_status (self->run);
  g_autoptr (ChdNodeLog) alive = g_object_ref (self);

  if (status == NULL || self->ended)
    return;
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = status->nodes->pdata[i];

      for (guint j = 0; wants (self, node) && j < node->parts->len; j++)
        add_part (self, node, node->parts->pdata[j]);
    }
  go_on (self);
}

static void
changed_cb (ChdNodeLog *self)
{
  /* Without following, what was there at first is what is told. */
  if (self->follow || self->parts->len == 0)
    look (self);
}

static void
run_failed_cb (ChdNodeLog *self, GError *error)
{
  end (self, error);
}

static gboolean
check_node (ChdNodeLog *self)
{
  g_autoptr (GError) error = NULL;

  if (self->node == NULL || chd_chain_find_node (chd_run_get_chain (self->run), self->node) != NULL)
    return TRUE;
  /* Translators: the id of a node */
  error = g_error_new (CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("The chain of this run has no node “%s”."), self->node);
  end (self, error);
  return FALSE;
}

static void
chd_node_log_dispose (GObject *object)
{
  ChdNodeLog *self = CHD_NODE_LOG (object);

  self->ended = TRUE;
  g_ptr_array_set_size (self->parts, 0);
  g_clear_object (&self->run);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (chd_node_log_parent_class)->dispose (object);
}

static void
chd_node_log_finalize (GObject *object)
{
  ChdNodeLog *self = CHD_NODE_LOG (object);

  g_ptr_array_unref (self->parts);
  g_clear_error (&self->error);
  g_free (self->node);
  G_OBJECT_CLASS (chd_node_log_parent_class)->finalize (object);
}

static void
chd_node_log_class_init (ChdNodeLogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GType type = CHD_TYPE_NODE_LOG;

  object_class->dispose = chd_node_log_dispose;
  object_class->finalize = chd_node_log_finalize;
  signals[SIGNAL_LINE] = g_signal_new ("line", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 5,
                                       G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_INT64, G_TYPE_STRING);
  signals[SIGNAL_ENDED] =
      g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
chd_node_log_init (ChdNodeLog *self)
{
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) part_free);
}

ChdNodeLog *
chd_node_log_new (ChdSession *session, ChdRun *run, const char *node, gboolean follow)
{
  ChdNodeLog *self = g_object_new (CHD_TYPE_NODE_LOG, NULL);

  self->session = g_object_ref (session);
  self->run = g_object_ref (run);
  self->node = g_strdup (node);
  self->follow = follow;
  return self;
}

void
chd_node_log_start (ChdNodeLog *self)
{
  g_return_if_fail (CHD_IS_NODE_LOG (self) && !self->started);

  self->started = TRUE;
  if (!check_node (self))
    return;
  g_signal_connect_object (self->run, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "finished", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->run, "failed", G_CALLBACK (run_failed_cb), self, G_CONNECT_SWAPPED);
  look (self);
}

void
chd_node_log_stop (ChdNodeLog *self)
{
  g_return_if_fail (CHD_IS_NODE_LOG (self));

  if (self->ended)
    return;
  self->ended = TRUE;
  g_ptr_array_set_size (self->parts, 0);
}
