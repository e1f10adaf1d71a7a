/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* The output of the selected node in the shown run, following while it runs.
 *
 * Property: "workspace" (ChdWorkspace, nullable). */
#define CHD_TYPE_LOG_PANEL (chd_log_panel_get_type ())
G_DECLARE_FINAL_TYPE (ChdLogPanel, chd_log_panel, CHD, LOG_PANEL, AdwBin)

G_END_DECLS
