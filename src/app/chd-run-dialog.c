/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The values of a run. */

#include "config.h"

#include "chd-run-dialog.h"

#include <glib/gi18n.h>

#include "chd-dialog-frame.h"
#include "chd-param-form.h"

struct _ChdRunDialog
{
  AdwWindow parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  ChdParamForm *form;
};

G_DEFINE_FINAL_TYPE (ChdRunDialog, chd_run_dialog, ADW_TYPE_WINDOW)

static void
run_clicked_cb (ChdRunDialog *self)
{
  g_autoptr (GVariant) values = NULL;

  if (!chd_param_form_confirm (self->form))
    return;
  values = chd_param_form_dup_values (self->form);
  chd_workspace_start_run (self->workspace, values);
  gtk_window_close (GTK_WINDOW (self));
}

static void
chd_run_dialog_dispose (GObject *object)
{
  g_clear_object (&CHD_RUN_DIALOG (object)->workspace);
  G_OBJECT_CLASS (chd_run_dialog_parent_class)->dispose (object);
}

static void
chd_run_dialog_class_init (ChdRunDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_run_dialog_dispose;
}

static void
chd_run_dialog_init (ChdRunDialog *self)
{
}

GtkWidget *
chd_run_dialog_new (ChdWorkspace *workspace)
{
  ChdRunDialog *self = g_object_new (CHD_TYPE_RUN_DIALOG, NULL);
  const ChdHead *head = chd_chain_get_head (chd_workspace_get_chain (workspace));
  g_autofree char *title = g_strdup_printf (_ ("Run “%s”"), head->title);
  GtkWidget *scroller, *run, *group = adw_preferences_group_new ();
  GtkBox *column = chd_dialog_frame_new_column (&scroller);

  self->workspace = g_object_ref (workspace);
  self->form = CHD_PARAM_FORM (chd_param_form_new (workspace, NULL));
  chd_param_form_set_params (self->form, head->params, NULL);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group),
                                   head->params->len > 0 ? _ ("Values of This Run") : _ ("Nothing to Fill In"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                         head->params->len > 0 ? _ ("They can be used by every node of the chain.")
                                                               : _ ("The chain starts as it is."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->form));
  gtk_box_append (column, group);
  run = chd_dialog_frame_set (ADW_WINDOW (self), title, _ ("_Run"), scroller);
  gtk_window_set_default_size (GTK_WINDOW (self), 520, 420);
  g_signal_connect_object (run, "clicked", G_CALLBACK (run_clicked_cb), self, G_CONNECT_SWAPPED);
  if (head->params->len == 0)
    gtk_window_set_focus (GTK_WINDOW (self), run);
  return GTK_WIDGET (self);
}
