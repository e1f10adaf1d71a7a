/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the window tells in passing: toasts, and errors with their details. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-error-dialog.h"
#include "chd-window-private.h"

typedef struct
{
  ChdWindow *window;
  char *what;
  GError *error;
} ShownError;

static void
shown_error_free (ShownError *shown)
{
  g_free (shown->what);
  g_clear_error (&shown->error);
  g_free (shown);
}

static void
details_clicked_cb (AdwToast *toast, ShownError *shown)
{
  chd_error_dialog_show (GTK_WINDOW (shown->window), shown->what, shown->error);
}

/* A toast's title is markup, and what we say holds names that people chose. */
static AdwToast *
new_toast (const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  return adw_toast_new (escaped);
}

void
chd_window_show_error (ChdWindow *self, const char *what, const GError *error)
{
  ShownError *shown = g_new0 (ShownError, 1);
  AdwToast *toast = new_toast (what);

  shown->window = self;
  shown->what = g_strdup (what);
  shown->error = g_error_copy (error);
  g_object_set (toast, "timeout", 0, "button-label", _ ("_Details"), NULL);
  g_signal_connect_data (toast, "button-clicked", G_CALLBACK (details_clicked_cb), shown,
                         (GClosureNotify) shown_error_free, 0);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
chd_window_show_toast (ChdWindow *self, const char *text, gboolean undoable)
{
  AdwToast *toast;

  g_return_if_fail (CHD_IS_WINDOW (self));

  toast = new_toast (text);
  if (undoable)
    g_object_set (toast, "button-label", _ ("_Undo"), "action-name", "win.undo", NULL);
  adw_toast_overlay_add_toast (self->toasts, toast);
}
