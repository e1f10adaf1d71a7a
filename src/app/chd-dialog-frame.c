/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The frame of form dialogs, so that they all look and answer to keys alike. */

#include "config.h"

#include "chd-dialog-frame.h"

#include <glib/gi18n.h>

static gboolean
confirm_cb (GtkWidget *widget, GVariant *args, gpointer button)
{
  if (gtk_widget_is_sensitive (button))
    g_signal_emit_by_name (button, "clicked");
  return TRUE;
}

static gboolean
close_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

static void
add_keys (GtkWidget *window, GtkWidget *button)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_shortcut_trigger_parse_string (
                                                              "<Control>Return|<Control>KP_Enter"),
                                                          gtk_callback_action_new (confirm_cb, button, NULL)));
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                        gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("Escape"),
                                                          gtk_callback_action_new (close_cb, NULL, NULL)));
  gtk_widget_add_controller (window, keys);
}

static GtkWidget *
new_fault_label (AdwWindow *window)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "accessible-role", GTK_ACCESSIBLE_ROLE_ALERT, NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_bottom (label, 6);
  gtk_widget_add_css_class (label, "error");
  gtk_widget_set_visible (label, FALSE);
  g_object_set_data (G_OBJECT (window), "fault", label);
  return label;
}

/* The first field has the keyboard; where there is none, the button that confirms. */
static void
shown_cb (GtkWidget *window, GtkWidget *button)
{
  GtkWidget *content = g_object_get_data (G_OBJECT (window), "content");

  if (!gtk_widget_child_focus (content, GTK_DIR_TAB_FORWARD))
    gtk_widget_grab_focus (button);
}

void
chd_dialog_frame_show_fault (AdwWindow *window, const char *text)
{
  GtkWidget *label = g_object_get_data (G_OBJECT (window), "fault");

  gtk_label_set_label (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL);
}

GtkWidget *
chd_dialog_frame_set (AdwWindow *window, const char *title, const char *confirm, GtkWidget *content)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_ ("_Cancel"));
  GtkWidget *button = gtk_button_new_with_mnemonic (confirm);

  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (gtk_window_close), window, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (button, "suggested-action");
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), button);
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), new_fault_label (window));
  gtk_box_append (GTK_BOX (box), content);

  gtk_window_set_title (GTK_WINDOW (window), title);
  gtk_window_set_default_size (GTK_WINDOW (window), 680, 600);
  gtk_widget_set_size_request (GTK_WIDGET (window), 360, 400);
  adw_window_set_content (window, box);
  g_object_set_data (G_OBJECT (window), "content", content);
  g_signal_connect_object (window, "show", G_CALLBACK (shown_cb), button, 0);
  add_keys (GTK_WIDGET (window), button);
  return button;
}

GtkBox *
chd_dialog_frame_new_column (GtkWidget **scroller)
{
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);

  *scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (*scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_margin_top (column, 24);
  gtk_widget_set_margin_bottom (column, 24);
  gtk_widget_set_margin_start (column, 12);
  gtk_widget_set_margin_end (column, 12);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (*scroller), clamp);
  return GTK_BOX (column);
}
