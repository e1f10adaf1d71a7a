/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-canvas.h"
#include "chd-workspace.h"

G_BEGIN_DECLS

/* The drawing as a list that is read: units, their nodes in the order of execution, and what each leads to, in words.
 * It has the canvas' keys and shares its selection. Property: "workspace". */
#define CHD_TYPE_OUTLINE (chd_outline_get_type ())
G_DECLARE_FINAL_TYPE (ChdOutline, chd_outline, CHD, OUTLINE, AdwBin)

void chd_outline_set_canvas (ChdOutline *self, ChdCanvas *canvas); /* (nullable) */

G_END_DECLS
