/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Creating a chain: first the plan, then the progress, then what became of it. Closing the dialog does not end the
 * creation; it belongs to the workspace, and opening the dialog again shows it. */

#include "config.h"

#include "chd-create-dialog.h"

#include <glib/gi18n.h>

#include "chd-dialog-frame.h"
#include "chd-error-dialog.h"
#include "chd-target-row.h"

struct _ChdCreateDialog
{
  AdwWindow parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  ChdCreateOp *op;         /* (owned) */
  GCancellable *stop;      /* (owned): the creation's, once it was started here */
  GHashTable *rows;        /* (owned): ChdCreateTarget → ChdTargetRow */
  GtkWidget *confirm;
  GtkLabel *summary;
  GtkSpinner *spinner;
  GtkProgressBar *progress;
  GtkListBox *list;
  GtkBox *failure;
  GtkWidget *undo;
  GtkWidget *stop_button;
};

G_DEFINE_FINAL_TYPE (ChdCreateDialog, chd_create_dialog, ADW_TYPE_WINDOW)

static guint
count_action (ChdCreateDialog *self, ChdAction action)
{
  GPtrArray *targets = chd_create_op_get_targets (self->op);
  guint count = 0;

  for (guint i = 0; i < targets->len; i++)
    count += ((ChdCreateTarget *) g_ptr_array_index (targets, i))->action == action;
  return count;
}

static guint
count_failed (ChdCreateDialog *self)
{
  GPtrArray *targets = chd_create_op_get_targets (self->op);
  guint count = 0;

  for (guint i = 0; i < targets->len; i++)
    {
      const ChdCreateTarget *target = g_ptr_array_index (targets, i);

      count += target->state == CHD_NODE_CREATE_FAILED || target->state == CHD_NODE_CONFLICT;
    }
  return count;
}

static void
add_count (GString *text, guint count, const char *format)
{
  if (count == 0)
    return;
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append_printf (text, "%u %s", count, format);
}

static char *
describe_plan (ChdCreateDialog *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_count (text, count_action (self, CHD_ACTION_CREATE), C_ ("plan", "new"));
  add_count (text, count_action (self, CHD_ACTION_UPDATE), C_ ("plan", "changed"));
  add_count (text, count_action (self, CHD_ACTION_KEEP), C_ ("plan", "unchanged"));
  add_count (text, count_action (self, CHD_ACTION_DELETE), C_ ("plan", "to be removed"));
  add_count (text, count_action (self, CHD_ACTION_UPLOAD), C_ ("plan", "to be uploaded"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
describe (ChdCreateDialog *self)
{
  guint n_targets = chd_create_op_get_targets (self->op)->len, n_done, n_failed = count_failed (self);

  g_object_get (self->op, "n-done", &n_done, NULL);
  switch (chd_create_op_get_state (self->op))
    {
    case CHD_CREATE_NEW:
    case CHD_CREATE_PLANNING:
      return g_strdup (_ ("Comparing the chain with what the engine has…"));
    case CHD_CREATE_PLANNED:
      return describe_plan (self);
    case CHD_CREATE_RUNNING:
      return g_strdup_printf (_ ("%u of %u"), n_done, n_targets);
    case CHD_CREATE_DONE:
      return g_strdup (_ ("Chain created. Nothing runs yet."));
    case CHD_CREATE_FAILED:
      return n_failed > 0 ? g_strdup_printf (ngettext ("%u of %u parts failed. The others are in place.",
                                                       "%u of %u parts failed. The others are in place.", n_failed),
                                             n_failed, n_targets)
                          : g_strdup (_ ("The chain could not be created."));
    case CHD_CREATE_CANCELLED:
      return g_strdup (_ ("Stopped. What was made stays; creating again goes on from here."));
    default:
      g_assert_not_reached ();
    }
}

static void
update (ChdCreateDialog *self)
{
  ChdCreateState state = chd_create_op_get_state (self->op);
  guint n_targets = chd_create_op_get_targets (self->op)->len, n_done;
  gboolean busy = state == CHD_CREATE_PLANNING || state == CHD_CREATE_RUNNING;
  gboolean retry = state == CHD_CREATE_FAILED || state == CHD_CREATE_CANCELLED;
  g_autofree char *text = describe (self);

  gtk_label_set_label (self->summary, text);
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  g_object_get (self->op, "n-done", &n_done, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->progress), state == CHD_CREATE_RUNNING);
  gtk_progress_bar_set_fraction (self->progress, n_targets > 0 ? (double) n_done / n_targets : 0);
  gtk_button_set_label (GTK_BUTTON (self->confirm), state == CHD_CREATE_DONE      ? _ ("_Run Now")
                                                    : retry                       ? _ ("_Try Again")
                                                    : state == CHD_CREATE_RUNNING ? _ ("Creating…")
                                                                                  : _ ("_Create"));
  gtk_widget_set_sensitive (self->confirm, !busy && state != CHD_CREATE_NEW);
  gtk_widget_set_visible (self->undo, retry && n_done > 0);
  gtk_widget_set_visible (self->stop_button, state == CHD_CREATE_RUNNING && self->stop != NULL);
}

static void
fill_list (ChdCreateDialog *self)
{
  GPtrArray *targets = chd_create_op_get_targets (self->op);
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  g_hash_table_remove_all (self->rows);
  for (guint i = 0; i < targets->len; i++)
    {
      gpointer target = g_ptr_array_index (targets, i);

      row = chd_target_row_new (target);
      g_hash_table_insert (self->rows, target, row);
      gtk_list_box_append (self->list, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->list), targets->len > 0);
  update (self);
}

static void
target_changed_cb (ChdCreateDialog *self, ChdCreateTarget *target)
{
  ChdTargetRow *row = g_hash_table_lookup (self->rows, target);

  if (row != NULL)
    chd_target_row_update (row, target);
  update (self);
}

static void
show_failure (ChdCreateDialog *self, const GError *error)
{
  GtkWidget *child, *label, *details;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->failure))) != NULL)
    gtk_box_remove (self->failure, child);
  gtk_widget_set_visible (GTK_WIDGET (self->failure), error != NULL);
  if (error == NULL)
    return;
  label = gtk_label_new (error->message);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "error");
  gtk_box_append (self->failure, label);
  details = chd_error_details_new (error);
  if (details != NULL)
    gtk_box_append (self->failure, details);
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdCreateDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!chd_create_op_plan_finish (CHD_CREATE_OP (source), result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_failure (self, error);
  if (self->op != NULL)
    fill_list (self);
}

static void
created_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdCreateDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!chd_create_op_run_finish (CHD_CREATE_OP (source), result, &error) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    show_failure (self, error);
  if (self->op != NULL)
    update (self);
}

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdCreateDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!chd_create_op_undo_finish (CHD_CREATE_OP (source), result, &error))
    show_failure (self, error);
  if (self->op != NULL)
    gtk_window_close (GTK_WINDOW (self));
}

static void
confirm_clicked_cb (ChdCreateDialog *self)
{
  if (chd_create_op_get_state (self->op) == CHD_CREATE_DONE)
    {
      GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

      gtk_window_close (GTK_WINDOW (self));
      gtk_widget_activate_action (GTK_WIDGET (parent), "win.run", NULL);
      return;
    }
  show_failure (self, NULL);
  g_clear_object (&self->stop);
  self->stop = g_cancellable_new ();
  chd_create_op_run_async (self->op, self->stop, created_cb, g_object_ref (self));
  update (self);
}

static void
undo_clicked_cb (ChdCreateDialog *self)
{
  gtk_widget_set_sensitive (self->undo, FALSE);
  chd_create_op_undo_async (self->op, NULL, undone_cb, g_object_ref (self));
}

static void
stop_clicked_cb (ChdCreateDialog *self)
{
  g_cancellable_cancel (self->stop);
}

static GtkWidget *
build_content (ChdCreateDialog *self)
{
  GtkWidget *scroller;
  GtkBox *column = chd_dialog_frame_new_column (&scroller);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->spinner = GTK_SPINNER (gtk_spinner_new ());
  self->summary = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->summary, TRUE);
  gtk_label_set_xalign (self->summary, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->summary), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->summary), "heading");
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->spinner));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->summary));

  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  self->failure = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  gtk_widget_set_visible (GTK_WIDGET (self->failure), FALSE);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");

  self->stop_button = gtk_button_new_with_mnemonic (_ ("_Stop"));
  self->undo = gtk_button_new_with_mnemonic (_ ("_Undo Creation"));
  gtk_widget_add_css_class (self->undo, "destructive-action");
  g_signal_connect_object (self->stop_button, "clicked", G_CALLBACK (stop_clicked_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->undo, "clicked", G_CALLBACK (undo_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (buttons), self->stop_button);
  gtk_box_append (GTK_BOX (buttons), self->undo);

  gtk_box_append (column, head);
  gtk_box_append (column, GTK_WIDGET (self->progress));
  gtk_box_append (column, GTK_WIDGET (self->failure));
  gtk_box_append (column, GTK_WIDGET (self->list));
  gtk_box_append (column, buttons);
  return scroller;
}

static gboolean
chd_create_dialog_close_request (GtkWindow *window)
{
  chd_workspace_abandon_plan (CHD_CREATE_DIALOG (window)->workspace);
  return GTK_WINDOW_CLASS (chd_create_dialog_parent_class)->close_request (window);
}

static void
chd_create_dialog_dispose (GObject *object)
{
  ChdCreateDialog *self = CHD_CREATE_DIALOG (object);

  g_clear_object (&self->workspace);
  g_clear_object (&self->op);
  g_clear_object (&self->stop);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  G_OBJECT_CLASS (chd_create_dialog_parent_class)->dispose (object);
}

static void
chd_create_dialog_class_init (ChdCreateDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_create_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = chd_create_dialog_close_request;
}

static void
chd_create_dialog_init (ChdCreateDialog *self)
{
  self->rows = g_hash_table_new (NULL, NULL);
}

GtkWidget *
chd_create_dialog_new (ChdWorkspace *workspace)
{
  ChdCreateDialog *self = g_object_new (CHD_TYPE_CREATE_DIALOG, NULL);
  ChdCreateOp *op = chd_workspace_get_create_op (workspace);
  gboolean running = op != NULL && chd_create_op_get_state (op) == CHD_CREATE_RUNNING;
  g_autofree char *title =
      g_strdup_printf (_ ("Create “%s”"), chd_chain_get_head (chd_workspace_get_chain (workspace))->title);

  self->workspace = g_object_ref (workspace);
  self->op = g_object_ref (running ? op : chd_workspace_begin_creation (workspace));
  self->confirm = chd_dialog_frame_set (ADW_WINDOW (self), title, _ ("_Create"), build_content (self));
  g_signal_connect_object (self->confirm, "clicked", G_CALLBACK (confirm_clicked_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->op, "target-changed", G_CALLBACK (target_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->op, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  if (running)
    fill_list (self);
  else
    chd_create_op_plan_async (self->op, NULL, planned_cb, g_object_ref (self));
  update (self);
  return GTK_WIDGET (self);
}
