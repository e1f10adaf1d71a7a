/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* General (style, single keys), Engine (which connection windows use: the built-in engine, a context of the
 * kubeconfig, a saved connection), Approvals (the name answers are given under). */
#define CHD_TYPE_PREFERENCES_WINDOW (chd_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (ChdPreferencesWindow, chd_preferences_window, CHD, PREFERENCES_WINDOW, AdwPreferencesWindow)

GtkWidget *chd_preferences_window_new (GSettings *settings);

G_END_DECLS
