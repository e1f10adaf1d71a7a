/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-create-op.h"
#include "chd-document.h"
#include "chd-run.h"
#include "chd-validate.h"

G_BEGIN_DECLS

/* What one window works on, without any widget: a document, the engine in use, the catalogue, the selection, and what
 * is under way: a creation, a run. Panels and dialogs bind to it and never talk to each other. */

#define CHD_TYPE_WORKSPACE (chd_workspace_get_type ())
G_DECLARE_FINAL_TYPE (ChdWorkspace, chd_workspace, CHD, WORKSPACE, GObject)

/**
 * ChdWorkspaceState:
 * @CHD_WORKSPACE_DRAFT: the engine does not have the chain, or is not reached
 * @CHD_WORKSPACE_CHANGED: the engine has an earlier version
 * @CHD_WORKSPACE_CREATING: a creation is under way
 * @CHD_WORKSPACE_CREATED: the engine has just this version
 * @CHD_WORKSPACE_RUNNING: a run is under way
 *
 * Properties (all notify): "document" (nullable), "session" (nullable), "catalogue", "connecting" (boolean), "state",
 * "create-op" (nullable: the last creation), "run" (nullable: the run that is shown), "n-approvals" (guint).
 * Signals:
 *   "commit" ()                   what is being typed has to go into the chain now
 *   "selection-changed" ()
 *   "problems-changed" ()
 *   "node-state" (const char *id, ChdNodeState state, const char *note, double progress)
 *   "node-states-cleared" ()
 *   "run-changed" ()              the shown run has other states
 *   "failed" (const char *what, GError *error)   what could not be done, in a sentence; the error says why
 */
typedef enum
{
  CHD_WORKSPACE_DRAFT,
  CHD_WORKSPACE_CHANGED,
  CHD_WORKSPACE_CREATING,
  CHD_WORKSPACE_CREATED,
  CHD_WORKSPACE_RUNNING,
} ChdWorkspaceState;

ChdWorkspace *chd_workspace_new (ChdStore *store);

ChdDocument *chd_workspace_get_document (ChdWorkspace *self);
void chd_workspace_set_document (ChdWorkspace *self, ChdDocument *document);
/* Takes over what is still being typed into a field: before it is saved, checked, sent, or asked about. */
void chd_workspace_commit (ChdWorkspace *self);
/* Lets the document and its draft go at once, and ends what is under way, which would keep them until its answer. */
void chd_workspace_close (ChdWorkspace *self);
ChdChain *chd_workspace_get_chain (ChdWorkspace *self); /* (nullable) */
ChdCatalogue *chd_workspace_get_catalogue (ChdWorkspace *self);
ChdStore *chd_workspace_get_store (ChdWorkspace *self);

/* Signs in at an engine; loads the catalogue with what it publishes. The outcome is told by "session" or "failed". */
void chd_workspace_connect (ChdWorkspace *self, ChdConnection *connection);
ChdSession *chd_workspace_get_session (ChdWorkspace *self); /* (nullable) */
gboolean chd_workspace_is_connecting (ChdWorkspace *self);

ChdWorkspaceState chd_workspace_get_state (ChdWorkspace *self);
/* "Draft · saved · Built-in engine on this computer"; (transfer full). */
char *chd_workspace_dup_state_text (ChdWorkspace *self);
/* (element-type ChdProblem), of the chain as it is now. */
GPtrArray *chd_workspace_get_problems (ChdWorkspace *self);

/* Ids of nodes, links or units, of one kind at a time; NULL-terminated, never %NULL. */
const char *const *chd_workspace_get_selection (ChdWorkspace *self, ChdItemKind *kind);
void chd_workspace_set_selection (ChdWorkspace *self, ChdItemKind kind, const char *const *ids);
void chd_workspace_select (ChdWorkspace *self, ChdItemKind kind, const char *id); /* @id: (nullable) */
/* The one node that is selected. (nullable) */
const ChdNode *chd_workspace_get_selected_node (ChdWorkspace *self);

/* A creation of the chain as it is now; becomes "create-op". The caller plans and runs it. %NULL without a session. */
ChdCreateOp *chd_workspace_begin_creation (ChdWorkspace *self);
/* Forgets a creation that was planned and is not wanted; one that was started goes on. */
void chd_workspace_abandon_plan (ChdWorkspace *self);
ChdCreateOp *chd_workspace_get_create_op (ChdWorkspace *self); /* (nullable) */

/* Starts a run with @params (a{sv}); becomes "run", or "failed" tells. */
void chd_workspace_start_run (ChdWorkspace *self, GVariant *params);
/* Shows an earlier run of this chain. */
void chd_workspace_show_run (ChdWorkspace *self, const char *name);
void chd_workspace_stop_run (ChdWorkspace *self, ChdStopMode mode);
ChdRun *chd_workspace_get_run (ChdWorkspace *self);                                         /* (nullable) */
const ChdNodeStatus *chd_workspace_find_node_status (ChdWorkspace *self, const char *node); /* (nullable) */
guint chd_workspace_get_n_approvals (ChdWorkspace *self);
/* Asks again what waits for an answer. */
void chd_workspace_refresh_approvals (ChdWorkspace *self);

G_END_DECLS
