/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a button without words does: as its tooltip for the eye, as its name for a screen reader. */
void chd_icon_button_set_name (GtkWidget *button, const char *name);

G_END_DECLS
