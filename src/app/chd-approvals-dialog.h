/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* What waits for an answer: the request, who is asked, a comment, Approve and Reject (ux-guide 3.5). */
#define CHD_TYPE_APPROVALS_DIALOG (chd_approvals_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChdApprovalsDialog, chd_approvals_dialog, CHD, APPROVALS_DIALOG, AdwWindow)

GtkWidget *chd_approvals_dialog_new (ChdWorkspace *workspace);

G_END_DECLS
