/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* A lasting state, told in one sentence with at most one button (AdwBanner is newer than our base).
 * Signal: "activated" (): the button. */
#define CHD_TYPE_BANNER (chd_banner_get_type ())
G_DECLARE_FINAL_TYPE (ChdBanner, chd_banner, CHD, BANNER, AdwBin)

/* @button: (nullable): its label. */
void chd_banner_show (ChdBanner *self, const char *text, const char *button);
void chd_banner_hide (ChdBanner *self);

G_END_DECLS
