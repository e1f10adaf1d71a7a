/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-create-op.h"

G_BEGIN_DECLS

/* One line of a creation: what is made, how far it is, and why it failed. */
#define CHD_TYPE_TARGET_ROW (chd_target_row_get_type ())
G_DECLARE_FINAL_TYPE (ChdTargetRow, chd_target_row, CHD, TARGET_ROW, AdwActionRow)

GtkWidget *chd_target_row_new (const ChdCreateTarget *target);
void chd_target_row_update (ChdTargetRow *self, const ChdCreateTarget *target);

G_END_DECLS
