/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-canvas.h"

G_BEGIN_DECLS

/* The bar over the canvas that finds nodes and units, and walks from one to the next. */
#define CHD_TYPE_FIND_BAR (chd_find_bar_get_type ())
G_DECLARE_FINAL_TYPE (ChdFindBar, chd_find_bar, CHD, FIND_BAR, AdwBin)

void chd_find_bar_set_canvas (ChdFindBar *self, ChdCanvas *canvas); /* (nullable) */
void chd_find_bar_open (ChdFindBar *self);
/* To the next match or the one before, opening the bar when there is none to go to. */
void chd_find_bar_go (ChdFindBar *self, gboolean forward);

G_END_DECLS
