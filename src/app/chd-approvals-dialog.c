/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What waits for an answer, and answering it. Nothing is approved by a single key. */

#include "config.h"

#include "chd-approvals-dialog.h"

#include <glib/gi18n.h>

#include "chd-approvals.h"
#include "chd-error-dialog.h"

struct _ChdApprovalsDialog
{
  AdwWindow parent_instance;

  ChdWorkspace *workspace;   /* (owned) */
  GCancellable *cancellable; /* (owned): ends with the dialog */
  GtkStack *stack;
  GtkBox *cards;
  AdwStatusPage *trouble;
};

G_DEFINE_FINAL_TYPE (ChdApprovalsDialog, chd_approvals_dialog, ADW_TYPE_WINDOW)

typedef struct
{
  ChdApprovalsDialog *dialog; /* the card is part of it */
  ChdApproval *approval;      /* (owned) */
  GtkDropDown *approver;
  GtkEditable *message;
  GtkWidget *card;
  GtkBox *fault;
} Card;

static void load (ChdApprovalsDialog *self);

static void
card_free (Card *card)
{
  chd_approval_unref (card->approval);
  g_free (card);
}

static char *
dup_age (gint64 since)
{
  gint64 minutes = (g_get_real_time () / G_USEC_PER_SEC - since) / 60;

  if (minutes < 1)
    return g_strdup (_ ("just now"));
  if (minutes < 60)
    return g_strdup_printf (ngettext ("%d min ago", "%d min ago", (int) minutes), (int) minutes);
  if (minutes < 24 * 60)
    return g_strdup_printf (ngettext ("%d h ago", "%d h ago", (int) (minutes / 60)), (int) (minutes / 60));
  {
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (since);

    return g_date_time_format (time, "%x");
  }
}

static void
show_fault (Card *card, const char *text, const GError *error)
{
  GtkWidget *child, *label = gtk_label_new (text);
  GtkWidget *details = error != NULL ? chd_error_details_new (error) : NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (card->fault))) != NULL)
    gtk_box_remove (card->fault, child);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "error");
  gtk_box_append (card->fault, label);
  if (details != NULL)
    gtk_box_append (card->fault, details);
  gtk_widget_set_visible (GTK_WIDGET (card->fault), TRUE);
}

typedef struct
{
  ChdApprovalsDialog *dialog; /* (owned) */
  char *name;
} Answer;

static Card *
find_card (ChdApprovalsDialog *self, const char *name)
{
  for (GtkWidget *widget = gtk_widget_get_first_child (GTK_WIDGET (self->cards)); widget != NULL;
       widget = gtk_widget_get_next_sibling (widget))
    {
      Card *card = g_object_get_data (G_OBJECT (widget), "card");

      if (g_str_equal (card->approval->name, name))
        return card;
    }
  return NULL;
}

static void
decided_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Answer *answer = user_data;
  ChdApprovalsDialog *self = answer->dialog;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdApproval) approval = chd_approvals_decide_finish (result, &error);
  Card *card = self->workspace != NULL ? find_card (self, answer->name) : NULL;

  if (approval != NULL && self->workspace != NULL)
    {
      if (card != NULL)
        gtk_widget_set_sensitive (card->card, TRUE);
      load (self);
      chd_workspace_refresh_approvals (self->workspace);
    }
  else if (error != NULL && card != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      gtk_widget_set_sensitive (card->card, TRUE);
      show_fault (card, error->message, error);
    }
  g_object_unref (answer->dialog);
  g_free (answer->name);
  g_free (answer);
}

static void
decide (Card *card, gboolean approve)
{
  ChdApprovalsDialog *self = card->dialog;
  const char *message = gtk_editable_get_text (card->message);
  guint selected = gtk_drop_down_get_selected (card->approver);
  Answer *answer;

  if (!approve && *message == '\0')
    {
      show_fault (card, _ ("Say why you reject it."), NULL);
      gtk_widget_grab_focus (GTK_WIDGET (card->message));
      return;
    }
  answer = g_new0 (Answer, 1);
  answer->dialog = g_object_ref (self);
  answer->name = g_strdup (card->approval->name);
  gtk_widget_set_sensitive (card->card, FALSE);
  chd_approvals_decide_async (chd_workspace_get_session (self->workspace), card->approval->name, approve,
                              selected != GTK_INVALID_LIST_POSITION ? card->approval->pending[selected] : NULL,
                              *message != '\0' ? message : NULL, self->cancellable, decided_cb, answer);
}

static void
approve_clicked_cb (GtkButton *button, Card *card)
{
  decide (card, TRUE);
}

static void
reject_clicked_cb (GtkButton *button, Card *card)
{
  decide (card, FALSE);
}

static GtkWidget *
new_wrapped (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static char *
describe (ChdApprovalsDialog *self, const ChdApproval *approval)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  const ChdNode *node = NULL;
  g_autofree char *age = dup_age (approval->created_at);

  if (chain != NULL && g_strcmp0 (chd_chain_get_head (chain)->item.id, approval->chain) == 0 && approval->node != NULL)
    node = chd_chain_find_node (chain, approval->node);
  /* Translators: the node that asks, its run, how many of the needed answers there are, and since when it waits. */
  return g_strdup_printf (_ ("%s · %s · %u of %u · %s"), node != NULL ? node->title : approval->node,
                          approval->run != NULL ? approval->run : "", approval->n_received, approval->n_required, age);
}

static GtkWidget *
new_card (ChdApprovalsDialog *self, ChdApproval *approval)
{
  Card *card = g_new0 (Card, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  GtkWidget *who = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *approve = gtk_button_new_with_mnemonic (_ ("_Approve"));
  GtkWidget *reject = gtk_button_new_with_mnemonic (_ ("_Reject…"));
  g_autofree char *subtitle = describe (self, approval);

  card->dialog = self;
  card->approval = chd_approval_ref (approval);
  card->approver = GTK_DROP_DOWN (gtk_drop_down_new_from_strings ((const char *const *) approval->pending));
  card->message = GTK_EDITABLE (gtk_entry_new ());
  card->fault = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  card->card = box;
  gtk_entry_set_placeholder_text (GTK_ENTRY (card->message), _ ("Comment"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (card->message), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Comment"), -1);
  gtk_widget_set_visible (GTK_WIDGET (card->fault), FALSE);
  gtk_widget_set_hexpand (GTK_WIDGET (card->approver), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (card->approver), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Answer as"), -1);
  gtk_box_append (GTK_BOX (who), gtk_label_new (_ ("Answer as")));
  gtk_box_append (GTK_BOX (who), GTK_WIDGET (card->approver));

  gtk_widget_add_css_class (approve, "suggested-action");
  gtk_widget_set_halign (buttons, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (buttons), reject);
  gtk_box_append (GTK_BOX (buttons), approve);
  g_signal_connect (approve, "clicked", G_CALLBACK (approve_clicked_cb), card);
  g_signal_connect (reject, "clicked", G_CALLBACK (reject_clicked_cb), card);

  gtk_box_append (GTK_BOX (box),
                  new_wrapped (approval->description != NULL && *approval->description != '\0' ? approval->description
                                                                                               : approval->name,
                               "heading"));
  gtk_box_append (GTK_BOX (box), new_wrapped (subtitle, "dim-label"));
  gtk_box_append (GTK_BOX (box), who);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (card->message));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (card->fault));
  gtk_box_append (GTK_BOX (box), new_wrapped (_ ("Rejecting ends the run."), "caption"));
  gtk_box_append (GTK_BOX (box), buttons);
  gtk_widget_add_css_class (box, "card");
  gtk_widget_add_css_class (box, "chd-approval");
  g_object_set_data_full (G_OBJECT (box), "card", card, (GDestroyNotify) card_free);
  return box;
}

static const ChdApproval *
find_approval (GPtrArray *approvals, const char *name)
{
  for (guint i = 0; i < approvals->len; i++)
    if (g_str_equal (((ChdApproval *) g_ptr_array_index (approvals, i))->name, name))
      return g_ptr_array_index (approvals, i);
  return NULL;
}

/* A card that still stands for the same stays, with the comment that is being written in it. */
static void
show_cards (ChdApprovalsDialog *self, GPtrArray *approvals)
{
  GtkWidget *widget = gtk_widget_get_first_child (GTK_WIDGET (self->cards));

  while (widget != NULL)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (widget);
      const ChdApproval *shown = ((Card *) g_object_get_data (G_OBJECT (widget), "card"))->approval;
      const ChdApproval *now = find_approval (approvals, shown->name);

      if (now == NULL || now->n_received != shown->n_received)
        gtk_box_remove (self->cards, widget);
      widget = next;
    }
  for (guint i = 0; i < approvals->len; i++)
    {
      ChdApproval *approval = g_ptr_array_index (approvals, i);

      if (find_card (self, approval->name) == NULL)
        gtk_box_append (self->cards, new_card (self, approval));
    }
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdApprovalsDialog) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) approvals = chd_approvals_list_finish (result, &error);

  if (self->workspace == NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (approvals == NULL)
    {
      adw_status_page_set_description (self->trouble, error->message);
      gtk_stack_set_visible_child_name (self->stack, "trouble");
      return;
    }
  show_cards (self, approvals);
  gtk_stack_set_visible_child_name (self->stack, approvals->len > 0 ? "cards" : "nothing");
}

static void
load (ChdApprovalsDialog *self)
{
  chd_approvals_list_async (chd_workspace_get_session (self->workspace), self->cancellable, loaded_cb,
                            g_object_ref (self));
}

static void
count_changed_cb (ChdApprovalsDialog *self)
{
  load (self);
}

static GtkWidget *
new_status_page (const char *icon, const char *title, const char *description)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), icon);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), description);
  return page;
}

static void
chd_approvals_dialog_dispose (GObject *object)
{
  ChdApprovalsDialog *self = CHD_APPROVALS_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (chd_approvals_dialog_parent_class)->dispose (object);
}

static void
chd_approvals_dialog_class_init (ChdApprovalsDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_approvals_dialog_dispose;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
chd_approvals_dialog_init (ChdApprovalsDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();

  self->cancellable = g_cancellable_new ();
  self->cards = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  gtk_widget_set_margin_top (GTK_WIDGET (self->cards), 18);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->cards), 18);
  gtk_widget_set_margin_start (GTK_WIDGET (self->cards), 12);
  gtk_widget_set_margin_end (GTK_WIDGET (self->cards), 12);
  adw_clamp_set_child (ADW_CLAMP (clamp), GTK_WIDGET (self->cards));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);

  self->trouble = ADW_STATUS_PAGE (new_status_page ("network-error-symbolic", _ ("Approvals Cannot Be Shown"), ""));
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_stack_add_named (self->stack,
                       new_status_page ("chd-approval-symbolic", _ ("Nothing Waits for You"),
                                        _ ("When a chain asks for a decision, it appears here.")),
                       "nothing");
  gtk_stack_add_named (self->stack, scroller, "cards");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->trouble), "trouble");

  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_window_set_title (GTK_WINDOW (self), _ ("Approvals"));
  gtk_window_set_default_size (GTK_WINDOW (self), 560, 560);
}

GtkWidget *
chd_approvals_dialog_new (ChdWorkspace *workspace)
{
  ChdApprovalsDialog *self = g_object_new (CHD_TYPE_APPROVALS_DIALOG, NULL);

  self->workspace = g_object_ref (workspace);
  g_signal_connect_object (workspace, "notify::n-approvals", G_CALLBACK (count_changed_cb), self, G_CONNECT_SWAPPED);
  load (self);
  return GTK_WIDGET (self);
}
