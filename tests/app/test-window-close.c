/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A window that is closed lets everything go: its parts, the workspace, and with it the document and the draft, so that
 * what was discarded does not come back with the next start. */

#include "config.h"

#include "chd-test-loop.h"
#include "chd-window-private.h"

static ChdApplication *application;

static void
ignore_activation_cb (void)
{
}

static void
start_application (void)
{
  g_autoptr (GError) error = NULL;

  application = chd_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (ignore_activation_cb), NULL);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  chd_test_wait_for (chd_application_get_store (application) != NULL);
}

static ChdWindow *
open_window (void)
{
  ChdWindow *window = chd_window_new (application);

  chd_window_new_chain (window);
  gtk_window_present (GTK_WINDOW (window));
  chd_test_wait_for (gtk_widget_get_width (GTK_WIDGET (window->canvas)) > 0);
  return window;
}

static void
draw (ChdWindow *window)
{
  ChdChain *chain = chd_workspace_get_chain (chd_window_get_workspace (window));

  chd_chain_begin (chain, "Draw");
  chd_chain_append (chain, chd_unit_new ("risk", "Risk", NULL));
  chd_chain_append (chain, chd_node_new ("check", "Check", "risk"));
  chd_chain_end (chain);
  chd_workspace_select (chd_window_get_workspace (window), CHD_ITEM_NODE, "check");
}

/* Waits until @window and all it owned are gone. Closes the window by @close. */
static void
check_release (ChdWindow *window, void (*close) (ChdWindow *window))
{
  ChdWorkspace *workspace = chd_window_get_workspace (window);
  ChdDocument *document = chd_workspace_get_document (workspace);
  gpointer parts[] = { window,
                       workspace,
                       document,
                       window->canvas,
                       window->left_flap,
                       window->right_flap,
                       window->bottom_panel,
                       window->inspector,
                       window->palette,
                       window->outline };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_object_add_weak_pointer (parts[i], &parts[i]);
  close (window);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    chd_test_wait_for (parts[i] == NULL);
}

static void
close_it (ChdWindow *window)
{
  gtk_window_close (GTK_WINDOW (window));
}

static AdwMessageDialog *
find_question (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) toplevel = g_list_model_get_item (toplevels, i);

      if (ADW_IS_MESSAGE_DIALOG (toplevel))
        return ADW_MESSAGE_DIALOG (toplevel);
    }
  return NULL;
}

/* (nullable): the button with the mnemonic label @label. */
static GtkWidget *
find_button (GtkWidget *widget, const char *label)
{
  GtkWidget *found = NULL;

  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_button (child, label);
  return found;
}

static void
close_and_answer (ChdWindow *window, const char *label)
{
  GtkWidget *button;

  gtk_window_close (GTK_WINDOW (window));
  chd_test_wait_for (find_question () != NULL);
  button = find_button (GTK_WIDGET (find_question ()), label);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  chd_test_wait_for (find_question () == NULL);
}

static void
close_and_discard (ChdWindow *window)
{
  close_and_answer (window, "_Discard");
}

static void
test_unchanged (void)
{
  check_release (open_window (), close_it);
}

static void
test_discarded (void)
{
  ChdWindow *window = open_window ();

  draw (window);
  chd_document_flush_draft (chd_workspace_get_document (chd_window_get_workspace (window)));
  check_release (window, close_and_discard);
}

static void
test_cancelled (void)
{
  ChdWindow *window = open_window ();

  draw (window);
  close_and_answer (window, "_Cancel");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));
  g_assert_nonnull (chd_chain_find_node (chd_workspace_get_chain (chd_window_get_workspace (window)), "check"));
  check_release (window, close_and_discard);
}

int
main (int argc, char *argv[])
{
  int result;

  /* No engine: these windows have none to talk to, and say so. */
  g_setenv ("CHD_ENGINE_SOCKET", "/dev/null/engine", TRUE);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  start_application ();
  g_test_add_func ("/app/window-close/unchanged", test_unchanged);
  g_test_add_func ("/app/window-close/discarded", test_discarded);
  g_test_add_func ("/app/window-close/cancelled", test_cancelled);
  result = g_test_run ();
  g_clear_object (&application);
  return result;
}
