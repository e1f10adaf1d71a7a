/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* The frame of every form dialog: Cancel at the start, one suggested button at the end, Escape cancels, Ctrl+Return
 * confirms (ux-guide section 3).
 *
 * Returns: (transfer none): the suggested button, whose "clicked" confirms */
GtkWidget *chd_dialog_frame_set (AdwWindow *window, const char *title, const char *confirm, GtkWidget *content);

/* What keeps the dialog from being confirmed, below its header; @text: (nullable): nothing any more. */
void chd_dialog_frame_show_fault (AdwWindow *window, const char *text);

/* A scrolled column of readable width for what a dialog asks. Returns: (transfer none): the box to append to */
GtkBox *chd_dialog_frame_new_column (GtkWidget **scroller);

G_END_DECLS
