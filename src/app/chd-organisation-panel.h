/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* The units of the chain as a tree: select, add, rename, move, delete; every edit a step of the chain.
 *
 * Property: "workspace" (ChdWorkspace, nullable). */
#define CHD_TYPE_ORGANISATION_PANEL (chd_organisation_panel_get_type ())
G_DECLARE_FINAL_TYPE (ChdOrganisationPanel, chd_organisation_panel, CHD, ORGANISATION_PANEL, AdwBin)

G_END_DECLS
