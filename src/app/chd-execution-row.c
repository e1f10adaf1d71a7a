/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line of the execution table. */

#include "config.h"

#include "chd-execution-row.h"

struct _ChdExecutionRow
{
  GObject parent_instance;

  char *node;
  ChdNodeState state;
  char *texts[CHD_N_EXECUTION_COLUMNS]; /* (owned), never NULL */
};

G_DEFINE_FINAL_TYPE (ChdExecutionRow, chd_execution_row, G_TYPE_OBJECT)

static void
chd_execution_row_finalize (GObject *object)
{
  ChdExecutionRow *self = CHD_EXECUTION_ROW (object);

  g_free (self->node);
  for (guint i = 0; i < CHD_N_EXECUTION_COLUMNS; i++)
    g_free (self->texts[i]);
  G_OBJECT_CLASS (chd_execution_row_parent_class)->finalize (object);
}

static void
chd_execution_row_class_init (ChdExecutionRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_execution_row_finalize;
}

static void
chd_execution_row_init (ChdExecutionRow *self)
{
}

char *
chd_format_elapsed (gint64 seconds)
{
  seconds = MAX (seconds, 0);
  if (seconds < 3600)
    return g_strdup_printf ("%d:%02d", (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf ("%d:%02d:%02d", (int) (seconds / 3600), (int) (seconds / 60 % 60), (int) (seconds % 60));
}

static char *
format_start (gint64 time)
{
  g_autoptr (GDateTime) local = time > 0 ? g_date_time_new_from_unix_local (time) : NULL;

  return local != NULL ? g_date_time_format (local, "%H:%M:%S") : g_strdup ("");
}

static char *
format_ran (gint64 started, gint64 finished)
{
  if (started <= 0)
    return g_strdup ("");
  return chd_format_elapsed ((finished > 0 ? finished : g_get_real_time () / G_USEC_PER_SEC) - started);
}

ChdExecutionRow *
chd_execution_row_new (const ChdNodeStatus *node, const char *title, const ChdPartStatus *part)
{
  ChdExecutionRow *self = g_object_new (CHD_TYPE_EXECUTION_ROW, NULL);
  const char *note = part != NULL ? part->note : node->note;
  gint64 started = part != NULL ? part->started_at : node->started_at;
  gint64 finished = part != NULL ? part->finished_at : node->finished_at;

  self->node = g_strdup (node->node);
  self->state = part != NULL ? part->state : node->state;
  self->texts[CHD_EXECUTION_NODE] = g_strdup (title);
  self->texts[CHD_EXECUTION_PART] = g_strdup (part != NULL ? part->title : "");
  self->texts[CHD_EXECUTION_STATE] = g_strdup (chd_node_state_get_title (self->state));
  self->texts[CHD_EXECUTION_STARTED] = format_start (started);
  self->texts[CHD_EXECUTION_RAN] = format_ran (started, finished);
  self->texts[CHD_EXECUTION_NOTE] = g_strdup (note != NULL ? note : "");
  return self;
}

const char *
chd_execution_row_get_node (ChdExecutionRow *self)
{
  g_return_val_if_fail (CHD_IS_EXECUTION_ROW (self), NULL);
  return self->node;
}

ChdNodeState
chd_execution_row_get_state (ChdExecutionRow *self)
{
  g_return_val_if_fail (CHD_IS_EXECUTION_ROW (self), CHD_NODE_DRAFT);
  return self->state;
}

const char *
chd_execution_row_get_text (ChdExecutionRow *self, ChdExecutionColumn column)
{
  g_return_val_if_fail (CHD_IS_EXECUTION_ROW (self), NULL);
  return self->texts[column];
}

gboolean
chd_execution_row_equal (ChdExecutionRow *self, ChdExecutionRow *other)
{
  g_return_val_if_fail (CHD_IS_EXECUTION_ROW (self) && CHD_IS_EXECUTION_ROW (other), FALSE);

  if (self->state != other->state || !g_str_equal (self->node, other->node))
    return FALSE;
  for (guint i = 0; i < CHD_N_EXECUTION_COLUMNS; i++)
    if (!g_str_equal (self->texts[i], other->texts[i]))
      return FALSE;
  return TRUE;
}
