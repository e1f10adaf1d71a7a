/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* Tells by a notification, while its window is not in use, that a run has ended or that somebody is asked for a
 * decision; withdraws it when the window is looked at. The setting "notifications" switches it off. */
#define CHD_TYPE_NOTIFIER (chd_notifier_get_type ())
G_DECLARE_FINAL_TYPE (ChdNotifier, chd_notifier, CHD, NOTIFIER, GObject)

/* @window: must live as long as the notifier. */
ChdNotifier *chd_notifier_new (GtkWindow *window, ChdWorkspace *workspace, GSettings *settings);

G_END_DECLS
