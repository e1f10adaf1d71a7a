/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* Chooses an environment; says whether the registry holds its image, asking again when another one is chosen
 * (ux-guide 3.2). */
#define CHD_TYPE_ENVIRONMENT_ROW (chd_environment_row_get_type ())
G_DECLARE_FINAL_TYPE (ChdEnvironmentRow, chd_environment_row, CHD, ENVIRONMENT_ROW, AdwComboRow)

/* @id: (nullable): chosen at first */
GtkWidget *chd_environment_row_new (ChdWorkspace *workspace, const char *id);
const char *chd_environment_row_get_id (ChdEnvironmentRow *self); /* (nullable) */

G_END_DECLS
