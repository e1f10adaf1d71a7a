/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* The chain itself in the inspector: names, owner, and the values a run is started with. */
#define CHD_TYPE_CHAIN_PAGE (chd_chain_page_get_type ())
G_DECLARE_FINAL_TYPE (ChdChainPage, chd_chain_page, CHD, CHAIN_PAGE, AdwBin)

GtkWidget *chd_chain_page_new (ChdWorkspace *workspace);
/* Shows what the workspace has selected, as it is now. */
void chd_chain_page_update (ChdChainPage *self);

G_END_DECLS
