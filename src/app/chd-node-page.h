/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A node in the inspector: name and unit, its requests, how its pipeline and task relate, what comes before and after,
 * and its state in the shown run. */
#define CHD_TYPE_NODE_PAGE (chd_node_page_get_type ())
G_DECLARE_FINAL_TYPE (ChdNodePage, chd_node_page, CHD, NODE_PAGE, AdwBin)

GtkWidget *chd_node_page_new (ChdWorkspace *workspace);
/* Shows what the workspace has selected, as it is now. */
void chd_node_page_update (ChdNodePage *self);
/* Shows what the run has become; leaves the rest alone, and the keyboard where it is. */
void chd_node_page_update_run (ChdNodePage *self);

G_END_DECLS
