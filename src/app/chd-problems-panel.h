/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* What validation found, as a list that jumps to its places.
 *
 * Property: "workspace" (ChdWorkspace, nullable). */
#define CHD_TYPE_PROBLEMS_PANEL (chd_problems_panel_get_type ())
G_DECLARE_FINAL_TYPE (ChdProblemsPanel, chd_problems_panel, CHD, PROBLEMS_PANEL, AdwBin)

/* Selects the next problem or the one before, and shows what it is about. */
void chd_problems_panel_go (ChdProblemsPanel *self, gboolean forward);

G_END_DECLS
