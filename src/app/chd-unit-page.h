/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A unit in the inspector: name, level, lead, where it belongs. */
#define CHD_TYPE_UNIT_PAGE (chd_unit_page_get_type ())
G_DECLARE_FINAL_TYPE (ChdUnitPage, chd_unit_page, CHD, UNIT_PAGE, AdwBin)

GtkWidget *chd_unit_page_new (ChdWorkspace *workspace);
/* Shows what the workspace has selected, as it is now. */
void chd_unit_page_update (ChdUnitPage *self);

G_END_DECLS
