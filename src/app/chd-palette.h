/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* What can be dragged onto the canvas or added by Enter: a node, the pipeline interfaces, the scripts; with a search.
 *
 * Property: "workspace" (ChdWorkspace, nullable). */
#define CHD_TYPE_PALETTE (chd_palette_get_type ())
G_DECLARE_FINAL_TYPE (ChdPalette, chd_palette, CHD, PALETTE, AdwBin)

G_END_DECLS
