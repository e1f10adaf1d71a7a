/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-workspace.h"

G_BEGIN_DECLS

/* For the files of the workspace. Everything that takes time tells its outcome by a property or by "failed"; an answer
 * that belongs to an earlier document, session or run changes nothing. */
struct _ChdWorkspace
{
  GObject parent_instance;

  ChdStore *store;         /* (owned) (nullable) when it could not be opened */
  ChdDocument *document;   /* (owned) (nullable) */
  ChdChain *chain;         /* (owned) (nullable): the document's; its handlers are connected */
  ChdCatalogue *catalogue; /* (owned) */
  ChdSession *session;     /* (owned) (nullable) */
  GPtrArray *problems;     /* (owned): of the chain as it is */
  char *created_text;      /* (owned) (nullable): the document as the engine has it */
  ChdWorkspaceState state;

  ChdItemKind selection_kind;
  char **selection; /* (owned): never NULL */

  ChdCreateOp *create_op; /* (owned) (nullable) */
  ChdRun *run;            /* (owned) (nullable) */
  gboolean starting_run;
  guint n_approvals;

  GCancellable *connecting; /* (owned) (nullable): while a session is being opened */
  GCancellable *asking;     /* (owned) (nullable): what the engine has of the document */
  GCancellable *running;    /* (owned): runs of the document are started or opened */
  GCancellable *working;    /* (owned): ends with the workspace */
};

/* chd-workspace.c */
void chd_workspace_report (ChdWorkspace *self, const char *what, GError *error);
void chd_workspace_update_state (ChdWorkspace *self);
void chd_workspace_update_problems (ChdWorkspace *self);

/* chd-workspace-engine.c */
void chd_workspace_ask_what_is_created (ChdWorkspace *self);
void chd_workspace_load_library (ChdWorkspace *self);

/* chd-workspace-run.c */
void chd_workspace_set_run (ChdWorkspace *self, ChdRun *run); /* @run: (nullable) */

G_END_DECLS
