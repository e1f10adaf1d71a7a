/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-approvals.h"

G_BEGIN_DECLS

/* Private to approvals: an ApprovalTask of the manual-approval-gate, and our answer in it. */

/* @run: (nullable): its PipelineRun, which knows the node and the time limit */
ChdApproval *chd_approval_read (JsonObject *task, JsonObject *run);
/* "pending" also while the gate has not looked at it yet. */
const char *chd_approval_task_get_state (JsonObject *task);

/* Whose entry somebody may answer. */
typedef struct
{
  int index;         /* in spec.approvers; -1: none */
  gboolean is_group; /* answers as a member */
} ChdApproverEntry;

ChdApproverEntry chd_approval_task_find_entry (JsonObject *task, const char *user, const char *const *groups);
/* "pending", "approve" or "reject": what this user has said in that entry. */
const char *chd_approval_task_get_answer (JsonObject *task, ChdApproverEntry entry, const char *user);
/* A copy with the answer. @message: (nullable) */
JsonObject *chd_approval_task_answer (JsonObject *task,
                                      ChdApproverEntry entry,
                                      const char *user,
                                      const char *input,
                                      const char *message);

G_END_DECLS
