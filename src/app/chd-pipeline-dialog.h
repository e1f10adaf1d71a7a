/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A node's pipeline request: interface position, interface, and the form generated from its params, with a view of
 * what will be created (ux-guide 3.1). Apply is one step of the chain. */
#define CHD_TYPE_PIPELINE_DIALOG (chd_pipeline_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChdPipelineDialog, chd_pipeline_dialog, CHD, PIPELINE_DIALOG, AdwWindow)

/* @position: a ChdPosition, or -1 to let the user choose; @interface_id: (nullable): chosen already */
GtkWidget *chd_pipeline_dialog_new (ChdWorkspace *workspace, const char *node, int position, const char *interface_id);

G_END_DECLS
