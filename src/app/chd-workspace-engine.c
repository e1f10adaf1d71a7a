/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The workspace and its engine: signing in, the library with what the engine publishes, what the engine has of the
 * document, and what waits for an answer there. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-approvals.h"
#include "chd-engine-chains.h"
#include "chd-error.h"
#include "chd-library.h"
#include "chd-workspace-private.h"

static void
created_text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (ChdChain) chain = chd_engine_chains_open_finish (result, &text, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->asking);
  g_free (self->created_text);
  self->created_text = chain != NULL ? g_steal_pointer (&text) : NULL;
  chd_workspace_update_state (self);
}

void
chd_workspace_ask_what_is_created (ChdWorkspace *self)
{
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_pointer (&self->created_text, g_free);
  if (self->session != NULL && self->chain != NULL)
    {
      self->asking = g_cancellable_new ();
      chd_engine_chains_open_async (self->session, chd_chain_get_head (self->chain)->item.id, self->asking,
                                    created_text_cb, g_object_ref (self));
    }
  chd_workspace_update_state (self);
}

static void
library_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) problems = NULL;
  g_autoptr (ChdCatalogue) catalogue = chd_library_load_finish (result, &problems, &error);

  if (catalogue == NULL)
    {
      chd_workspace_report (self, _ ("The library of pipeline interfaces cannot be read."), error);
      return;
    }
  g_set_object (&self->catalogue, catalogue);
  g_object_notify (G_OBJECT (self), "catalogue");
  chd_workspace_update_problems (self);
  for (guint i = 0; problems != NULL && problems[i] != NULL; i++)
    {
      g_autoptr (GError) problem = g_error_new_literal (CHD_ERROR, CHD_ERROR_INVALID, problems[i]);

      chd_workspace_report (self, _ ("A file of the library was passed over."), problem);
    }
}

void
chd_workspace_load_library (ChdWorkspace *self)
{
  chd_library_load_async (self->session, self->working, library_loaded_cb, g_object_ref (self));
}

static void
approvals_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GPtrArray) approvals = chd_approvals_list_finish (result, NULL);

  if (approvals == NULL || approvals->len == self->n_approvals)
    return;
  self->n_approvals = approvals->len;
  g_object_notify (G_OBJECT (self), "n-approvals");
}

static void
session_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdSession) session = chd_session_open_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->connecting);
  g_object_notify (G_OBJECT (self), "connecting");
  if (session == NULL)
    {
      chd_workspace_report (self, _ ("The engine cannot be reached. Your work is saved here."), error);
      return;
    }
  g_set_object (&self->session, session);
  g_object_notify (G_OBJECT (self), "session");
  chd_workspace_load_library (self);
  chd_workspace_ask_what_is_created (self);
  chd_workspace_refresh_approvals (self);
}

void
chd_workspace_connect (ChdWorkspace *self, ChdConnection *connection)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  if (self->session != NULL)
    {
      chd_workspace_set_run (self, NULL);
      g_clear_object (&self->session);
      g_object_notify (G_OBJECT (self), "session");
      chd_workspace_ask_what_is_created (self);
    }
  self->connecting = g_cancellable_new ();
  g_object_notify (G_OBJECT (self), "connecting");
  chd_session_open_async (connection, self->store, self->connecting, session_opened_cb, g_object_ref (self));
}

ChdSession *
chd_workspace_get_session (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->session;
}

gboolean
chd_workspace_is_connecting (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), FALSE);
  return self->connecting != NULL;
}

guint
chd_workspace_get_n_approvals (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), 0);
  return self->n_approvals;
}

void
chd_workspace_refresh_approvals (ChdWorkspace *self)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session != NULL)
    chd_approvals_list_async (self->session, self->working, approvals_cb, g_object_ref (self));
}
