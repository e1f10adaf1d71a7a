/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* The shown run as a table: node, part, state, started, ran; with the run's sum-up and the list of earlier runs.
 *
 * Property: "workspace" (ChdWorkspace, nullable). */
#define CHD_TYPE_EXECUTION_PANEL (chd_execution_panel_get_type ())
G_DECLARE_FINAL_TYPE (ChdExecutionPanel, chd_execution_panel, CHD, EXECUTION_PANEL, AdwBin)

G_END_DECLS
