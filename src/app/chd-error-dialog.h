/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* An error in full: what could not be done, why, and behind an expander what the other side said word for word. */
void chd_error_dialog_show (GtkWindow *parent, const char *what, const GError *error);
/* The expander alone, for dialogs that show errors in place: (transfer floating) (nullable) when there is nothing. */
GtkWidget *chd_error_details_new (const GError *error);

G_END_DECLS
