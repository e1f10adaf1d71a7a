/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Buttons that show an icon only. */

#include "config.h"

#include "chd-icon-button.h"

void
chd_icon_button_set_name (GtkWidget *button, const char *name)
{
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
