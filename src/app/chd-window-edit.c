/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What editing needs of a window beside the canvas: the clipboard. */

#include "config.h"

#include "chd-clipboard.h"
#include "chd-window-private.h"

static void
copy_cb (ChdWindow *self, ChdChain *fragment)
{
  chd_clipboard_put (gtk_widget_get_clipboard (GTK_WIDGET (self)), fragment);
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdCanvas) canvas = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdChain) fragment = chd_clipboard_get_finish (GDK_CLIPBOARD (source), result, &error);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (canvas));

  /* The document may have been closed meanwhile. */
  if (!CHD_IS_WINDOW (root))
    return;
  if (fragment != NULL)
    chd_canvas_paste (canvas, fragment);
  else
    chd_window_show_toast (CHD_WINDOW (root), error->message, FALSE);
}

static void
paste_cb (ChdWindow *self)
{
  chd_clipboard_get_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, pasted_cb, g_object_ref (self->canvas));
}

void
chd_window_connect_editing (ChdWindow *self)
{
  g_signal_connect_object (self->canvas, "copy", G_CALLBACK (copy_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "paste", G_CALLBACK (paste_cb), self, G_CONNECT_SWAPPED);
}
