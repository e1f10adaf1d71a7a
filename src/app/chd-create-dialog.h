/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* Plan of a creation (new, changed, unchanged, removed, images with their sizes), then its progress and outcome
 * (ux-guide 3.3). */
#define CHD_TYPE_CREATE_DIALOG (chd_create_dialog_get_type ())
G_DECLARE_FINAL_TYPE (ChdCreateDialog, chd_create_dialog, CHD, CREATE_DIALOG, AdwWindow)

GtkWidget *chd_create_dialog_new (ChdWorkspace *workspace);

G_END_DECLS
