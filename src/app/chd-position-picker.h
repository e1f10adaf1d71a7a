/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A node's interface positions as a picture of its life: before → work → after, and on failure; each tells what it
 * holds. Property: "position" (ChdPosition as int). */
#define CHD_TYPE_POSITION_PICKER (chd_position_picker_get_type ())
G_DECLARE_FINAL_TYPE (ChdPositionPicker, chd_position_picker, CHD, POSITION_PICKER, AdwBin)

GtkWidget *chd_position_picker_new (ChdWorkspace *workspace, const char *node);
ChdPosition chd_position_picker_get_position (ChdPositionPicker *self);
void chd_position_picker_set_position (ChdPositionPicker *self, ChdPosition position);

G_END_DECLS
