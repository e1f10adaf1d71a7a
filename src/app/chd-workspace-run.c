/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The workspace's creations and runs, and the states of nodes that follow from them. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-workspace-private.h"

static void
send_node_states (ChdWorkspace *self)
{
  ChdRunStatus *status = self->run != NULL ? chd_run_get_status (self->run) : NULL;

  if (status == NULL)
    return;
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);

      g_signal_emit_by_name (self, "node-state", node->node, node->state, node->note, -1.0);
    }
}

static void
run_changed_cb (ChdWorkspace *self, ChdRun *run)
{
  send_node_states (self);
  g_signal_emit_by_name (self, "run-changed");
  chd_workspace_refresh_approvals (self);
  chd_workspace_update_state (self);
}

static void
run_failed_cb (ChdWorkspace *self, GError *error, ChdRun *run)
{
  chd_workspace_report (self, _ ("The run cannot be followed any more."), error);
}

void
chd_workspace_set_run (ChdWorkspace *self, ChdRun *run)
{
  if (self->run != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->run, self);
      chd_run_close (self->run);
    }
  if (g_set_object (&self->run, run))
    {
      g_signal_emit_by_name (self, "node-states-cleared");
      if (run != NULL)
        {
          g_signal_connect_object (run, "changed", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (run, "finished", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (run, "failed", G_CALLBACK (run_failed_cb), self, G_CONNECT_SWAPPED);
        }
      g_object_notify (G_OBJECT (self), "run");
    }
  send_node_states (self);
  g_signal_emit_by_name (self, "run-changed");
  chd_workspace_update_state (self);
}

static void
run_started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdRun) run = chd_run_start_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->starting_run = FALSE;
  if (run != NULL)
    chd_workspace_set_run (self, run);
  else
    chd_workspace_report (self, _ ("The chain could not be started."), error);
  chd_workspace_update_state (self);
}

static void
run_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdRun) run = chd_run_open_finish (result, &error);

  if (run != NULL)
    chd_workspace_set_run (self, run);
  else
    chd_workspace_report (self, _ ("The run cannot be shown."), error);
}

static void
run_stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!chd_run_stop_finish (result, &error))
    chd_workspace_report (self, _ ("The run could not be stopped."), error);
}

static void
create_state_cb (ChdWorkspace *self, GParamSpec *pspec, ChdCreateOp *op)
{
  if (chd_create_op_get_state (op) == CHD_CREATE_DONE)
    chd_workspace_ask_what_is_created (self);
  chd_workspace_update_state (self);
}

static void
create_node_cb (ChdWorkspace *self,
                const char *node,
                ChdNodeState state,
                const char *note,
                double progress,
                ChdCreateOp *op)
{
  g_signal_emit_by_name (self, "node-state", node, state, note, progress);
}

ChdCreateOp *
chd_workspace_begin_creation (ChdWorkspace *self)
{
  g_autofree char *folder = NULL;

  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);

  if (self->session == NULL || self->chain == NULL)
    return NULL;
  if (self->create_op != NULL)
    g_signal_handlers_disconnect_by_data (self->create_op, self);
  g_clear_object (&self->create_op);
  folder = chd_document_dup_folder (self->document);
  self->create_op = chd_create_op_new (self->session, self->chain, self->catalogue, folder);
  g_signal_connect_object (self->create_op, "notify::state", G_CALLBACK (create_state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->create_op, "node-changed", G_CALLBACK (create_node_cb), self, G_CONNECT_SWAPPED);
  g_object_notify (G_OBJECT (self), "create-op");
  return self->create_op;
}

void
chd_workspace_abandon_plan (ChdWorkspace *self)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->create_op == NULL || chd_create_op_get_state (self->create_op) > CHD_CREATE_PLANNED)
    return;
  g_signal_handlers_disconnect_by_data (self->create_op, self);
  g_clear_object (&self->create_op);
  g_object_notify (G_OBJECT (self), "create-op");
  g_signal_emit_by_name (self, "node-states-cleared");
  send_node_states (self);
}

ChdCreateOp *
chd_workspace_get_create_op (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->create_op;
}

void
chd_workspace_start_run (ChdWorkspace *self, GVariant *params)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session == NULL || self->chain == NULL || self->state == CHD_WORKSPACE_RUNNING)
    return;
  chd_workspace_set_run (self, NULL);
  self->starting_run = TRUE;
  chd_workspace_update_state (self);
  chd_run_start_async (self->session, self->chain, self->catalogue, params, self->running, run_started_cb,
                       g_object_ref (self));
}

void
chd_workspace_show_run (ChdWorkspace *self, const char *name)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session != NULL && self->chain != NULL)
    chd_run_open_async (self->session, name, self->chain, self->catalogue, self->running, run_opened_cb,
                        g_object_ref (self));
}

void
chd_workspace_stop_run (ChdWorkspace *self, ChdStopMode mode)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session != NULL && self->run != NULL)
    chd_run_stop_async (self->session, chd_run_get_name (self->run), mode, self->working, run_stopped_cb,
                        g_object_ref (self));
}

ChdRun *
chd_workspace_get_run (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->run;
}

const ChdNodeStatus *
chd_workspace_find_node_status (ChdWorkspace *self, const char *node)
{
  ChdRunStatus *status;

  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);

  status = self->run != NULL ? chd_run_get_status (self->run) : NULL;
  return status != NULL ? chd_run_status_find_node (status, node) : NULL;
}
