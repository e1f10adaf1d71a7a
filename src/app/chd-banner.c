/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bar below the header: a sentence and at most one button, revealed while it holds. */

#include "config.h"

#include "chd-banner.h"

struct _ChdBanner
{
  AdwBin parent_instance;

  GtkRevealer *revealer;
  GtkWidget *box;
  GtkLabel *label;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (ChdBanner, chd_banner, ADW_TYPE_BIN)

static guint activated_signal;

static void
button_clicked_cb (ChdBanner *self)
{
  g_signal_emit (self, activated_signal, 0);
}

/* What is not shown is not there for assistive tools either. */
static void
revealed_cb (ChdBanner *self)
{
  if (!gtk_revealer_get_reveal_child (self->revealer))
    gtk_widget_set_visible (self->box, FALSE);
}

static void
chd_banner_class_init (ChdBannerClass *klass)
{
  activated_signal =
      g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chd_banner_init (ChdBanner *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_natural_wrap_mode (self->label, GTK_NATURAL_WRAP_NONE);
  gtk_label_set_justify (self->label, GTK_JUSTIFY_CENTER);
  self->button = GTK_BUTTON (gtk_button_new ());
  gtk_button_set_use_underline (self->button, TRUE);
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  g_signal_connect_object (self->button, "clicked", G_CALLBACK (button_clicked_cb), self, G_CONNECT_SWAPPED);

  gtk_widget_set_halign (GTK_WIDGET (self->label), GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (GTK_WIDGET (self->label), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->button));
  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_revealer_set_child (self->revealer, box);
  gtk_widget_set_visible (box, FALSE);
  self->box = box;
  g_signal_connect_object (self->revealer, "notify::child-revealed", G_CALLBACK (revealed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (box, "chd-banner");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->revealer));
}

void
chd_banner_show (ChdBanner *self, const char *text, const char *button)
{
  g_return_if_fail (CHD_IS_BANNER (self));

  gtk_label_set_label (self->label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->button), button != NULL);
  if (button != NULL)
    gtk_button_set_label (self->button, button);
  gtk_widget_set_visible (self->box, TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

void
chd_banner_hide (ChdBanner *self)
{
  g_return_if_fail (CHD_IS_BANNER (self));
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
}
