/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How errors are told in full. */

#include "config.h"

#include "chd-error-dialog.h"

#include <glib/gi18n.h>

#include "chd-error.h"

static void
append_line (GString *text, const char *label, const char *value)
{
  if (value != NULL && *value != '\0')
    g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "\n" : "", label, value);
}

static char *
describe (const GError *error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint status = chd_error_get_status (error);
  g_autofree char *number = status != 0 ? g_strdup_printf ("%u", status) : NULL;

  append_line (text, _ ("Status"), number);
  append_line (text, _ ("Reason"), chd_error_get_reason (error));
  append_line (text, _ ("Object"), chd_error_get_object (error));
  append_line (text, _ ("Message"), chd_error_get_details (error));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
copy_clicked_cb (GtkButton *button, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), text);
}

GtkWidget *
chd_error_details_new (const GError *error)
{
  g_autofree char *text = describe (error);
  GtkWidget *expander, *box, *label, *copy;

  if (*text == '\0')
    return NULL;

  label = gtk_label_new (text);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "monospace");

  copy = gtk_button_new_with_label (_ ("Copy"));
  gtk_widget_set_halign (copy, GTK_ALIGN_START);
  g_signal_connect_data (copy, "clicked", G_CALLBACK (copy_clicked_cb), g_strdup (text), (GClosureNotify) g_free, 0);

  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_set_margin_top (box, 6);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), copy);
  expander = gtk_expander_new (_ ("Technical details"));
  gtk_expander_set_child (GTK_EXPANDER (expander), box);
  return expander;
}

void
chd_error_dialog_show (GtkWindow *parent, const char *what, const GError *error)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, what, error->message);
  GtkWidget *details = chd_error_details_new (error);

  if (details != NULL)
    adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), details);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}
