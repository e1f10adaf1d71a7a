/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A link in the inspector: between which nodes, and under which condition. */
#define CHD_TYPE_LINK_PAGE (chd_link_page_get_type ())
G_DECLARE_FINAL_TYPE (ChdLinkPage, chd_link_page, CHD, LINK_PAGE, AdwBin)

GtkWidget *chd_link_page_new (ChdWorkspace *workspace);
/* Shows what the workspace has selected, as it is now. */
void chd_link_page_update (ChdLinkPage *self);

G_END_DECLS
