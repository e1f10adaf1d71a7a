/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-catalogue.h"
#include "chd-chain.h"
#include "chd-node-state.h"
#include "chd-session.h"

G_BEGIN_DECLS

/* Creates a chain on an engine: plan, images, targets, prune (design.md section 3, “Creating”).
 *
 *  (1) Each target is a row of the journal before its request is sent, with what the engine made of it (name, uid)
 *      after; creating again after a crash, a lost network or a quit goes on where it was and makes nothing twice.
 *  (2) A target whose image could not be uploaded is not made. A failed target leaves the others in place.
 *  (3) Nothing of anybody else is overwritten: a conflict is reported as the target's state.
 *  (4) The chain is created when all of its targets are; that is derived, never set.
 *
 * Properties: "state" (ChdCreateState), "n-done", "n-targets" (guint), "error" (GError, nullable).
 * Signals: "planned" (), "target-changed" (ChdCreateTarget *target), "node-changed" (const char *node, ChdNodeState
 * state, const char *note, double progress): at most ten times a second a node. */

#define CHD_TYPE_CREATE_OP (chd_create_op_get_type ())
G_DECLARE_FINAL_TYPE (ChdCreateOp, chd_create_op, CHD, CREATE_OP, GObject)

typedef enum
{
  CHD_CREATE_NEW, /* not started */
  CHD_CREATE_PLANNING,
  CHD_CREATE_PLANNED, /* waits for chd_create_op_run_async() */
  CHD_CREATE_RUNNING,
  CHD_CREATE_DONE,   /* the chain is created */
  CHD_CREATE_FAILED, /* some targets failed; run again to retry those */
  CHD_CREATE_CANCELLED,
} ChdCreateState;

typedef enum
{
  CHD_ACTION_CREATE,
  CHD_ACTION_UPDATE,
  CHD_ACTION_KEEP,   /* the engine has it as it should be */
  CHD_ACTION_DELETE, /* the document no longer has it */
  CHD_ACTION_UPLOAD, /* an image */
} ChdAction;

/* One row of the plan. Owned by the operation; fields change with "target-changed". */
typedef struct
{
  ChdAction action;
  char *kind; /* "Task", "Pipeline", "ConfigMap", "image" */
  char *name;
  char *title;        /* for people: the node's, the environment's */
  char *node;         /* (nullable) */
  ChdNodeState state; /* PLANNED, UPLOADING, CREATING, CREATED, CREATE_FAILED, CONFLICT */
  gint64 bytes_done;  /* of an image */
  gint64 bytes_total; /* -1: not known */
  char *uid;          /* (nullable): what the engine made */
  GError *error;      /* (nullable) */
} ChdCreateTarget;

/* @chain must not change until the operation has ended. @folder: (nullable): the document's, for image sources. */
ChdCreateOp *chd_create_op_new (ChdSession *session, ChdChain *chain, ChdCatalogue *catalogue, const char *folder);

/* Asks the engine and the registry; changes nothing. Refused (CHD_ERROR_INVALID) when the chain has errors. */
void chd_create_op_plan_async (ChdCreateOp *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean chd_create_op_plan_finish (ChdCreateOp *self, GAsyncResult *result, GError **error);

/* Does it (plans first when that was not done). Again after a failure: only what failed. The error is the first
 * target's; the others are at their targets. */
void chd_create_op_run_async (ChdCreateOp *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean chd_create_op_run_finish (ChdCreateOp *self, GAsyncResult *result, GError **error);

/* Removes what this operation newly made. */
void chd_create_op_undo_async (ChdCreateOp *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean chd_create_op_undo_finish (ChdCreateOp *self, GAsyncResult *result, GError **error);

ChdCreateState chd_create_op_get_state (ChdCreateOp *self);
/* (element-type ChdCreateTarget): empty before the plan. */
GPtrArray *chd_create_op_get_targets (ChdCreateOp *self);
const char *chd_create_action_get_title (ChdAction action); /* translated: "New", "Changed" … */

/* Creations that a crash has interrupted: names of chains in the journal of this session's engine. */
void chd_create_op_list_unfinished_async (ChdSession *session,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
char **chd_create_op_list_unfinished_finish (ChdSession *session, GAsyncResult *result, GError **error);

G_END_DECLS
