/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A node's task request: script with editor, environment with the registry's state, values (ux-guide 3.2). Apply is
 * one step of the chain. */
#define CHD_TYPE_TASK_DIALOG (chd_task_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChdTaskDialog, chd_task_dialog, CHD, TASK_DIALOG, AdwWindow)

GtkWidget *chd_task_dialog_new (ChdWorkspace *workspace, const char *node);

G_END_DECLS
