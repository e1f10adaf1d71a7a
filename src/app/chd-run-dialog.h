/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* Values for a run, a form from the chain's params; starts it. */
#define CHD_TYPE_RUN_DIALOG (chd_run_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChdRunDialog, chd_run_dialog, CHD, RUN_DIALOG, AdwWindow)

GtkWidget *chd_run_dialog_new (ChdWorkspace *workspace);

G_END_DECLS
