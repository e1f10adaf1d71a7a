/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* What is selected, for reading and changing: a node, a link, a unit; with nothing selected the chain.
 *
 * Property: "workspace" (ChdWorkspace, nullable). */
#define CHD_TYPE_INSPECTOR (chd_inspector_get_type ())
G_DECLARE_FINAL_TYPE (ChdInspector, chd_inspector, CHD, INSPECTOR, AdwBin)

G_END_DECLS
