/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* Several things in the inspector: how many, and what they have in common. */
#define CHD_TYPE_SEVERAL_PAGE (chd_several_page_get_type ())
G_DECLARE_FINAL_TYPE (ChdSeveralPage, chd_several_page, CHD, SEVERAL_PAGE, AdwBin)

GtkWidget *chd_several_page_new (ChdWorkspace *workspace);
/* Shows what the workspace has selected, as it is now. */
void chd_several_page_update (ChdSeveralPage *self);

G_END_DECLS
