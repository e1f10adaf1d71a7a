/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* What a window without a document shows: draw a new chain, open one, start from a sample.
 * It activates "app.new-window", "win.open" and "win.open-sample" (s: file name). */
#define CHD_TYPE_START_PAGE (chd_start_page_get_type ())
G_DECLARE_FINAL_TYPE (ChdStartPage, chd_start_page, CHD, START_PAGE, AdwBin)

G_END_DECLS
