/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-session.h"

G_BEGIN_DECLS

/* What waits for people's answers. */

/* Immutable, reference-counted (g_rc_box). */
typedef struct
{
  char *name;
  char *uid;
  char *description;
  char *run;        /* (nullable) */
  char *chain;      /* (nullable) */
  char *node;       /* (nullable): id */
  char **approvers; /* "alice", "group:finance" */
  char **pending;   /* of those, who has not answered yet */
  char *state;      /* "pending", "approved", "rejected" */
  guint n_required;
  guint n_received;
  gint64 created_at; /* Unix time in seconds */
  gint64 deadline;   /* 0: none known */
} ChdApproval;

ChdApproval *chd_approval_ref (ChdApproval *approval);
void chd_approval_unref (ChdApproval *approval);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdApproval, chd_approval_unref)
JsonObject *chd_approval_to_json (const ChdApproval *approval);

/* Those that are pending and whose run still goes on, oldest first. (element-type ChdApproval) */
void chd_approvals_list_async (ChdSession *session,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
GPtrArray *chd_approvals_list_finish (GAsyncResult *result, GError **error);

/**
 * chd_approvals_decide_async:
 * @as: (nullable): who answers (impersonation); %NULL for the signed-in user. On an engine where the signed-in user
 *   is no approver but may act for others (the engine on this computer), the first pending approver is taken.
 * @message: (nullable)
 *
 * Answers once: a race with somebody else's answer is read again and told (CHD_ERROR_CONFLICT: “Someone else already
 * decided …”), a stranger is CHD_ERROR_NOT_ALLOWED.
 */
void chd_approvals_decide_async (ChdSession *session,
                                 const char *name,
                                 gboolean approve,
                                 const char *as,
                                 const char *message,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
ChdApproval *chd_approvals_decide_finish (GAsyncResult *result, GError **error);

G_END_DECLS
