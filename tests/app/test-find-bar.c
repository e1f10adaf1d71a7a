/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The find bar: walks what it finds, over the end and back, and follows the chain. */

#include "config.h"

#include "chd-edit.h"
#include "chd-find-bar.h"
#include "chd-layout.h"
#include "chd-test-loop.h"

static ChdChain *
make_chain (void)
{
  ChdChain *chain = chd_chain_new ("loan", "Loan approval");

  chd_chain_append (chain, chd_unit_new ("risk", "Risk", NULL));
  chd_chain_append (chain, chd_node_new ("check", "Check credit", "risk"));
  chd_chain_append (chain, chd_node_new ("sign", "Sign contract", "risk"));
  chd_chain_append (chain, chd_node_new ("recheck", "Check again", "risk"));
  chd_chain_append (chain, chd_link_new ("check", "sign"));
  chd_chain_append (chain, chd_link_new ("sign", "recheck"));
  chd_layout_apply (chain);
  chd_chain_clear_history (chain);
  return chain;
}

static GtkWidget *
find_child (GtkWidget *widget, GType type)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = g_type_is_a (G_OBJECT_TYPE (child), type) ? child : find_child (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_at (GtkWidget *canvas, const char *id)
{
  ChdItemKind kind;
  g_auto (GStrv) ids = chd_canvas_dup_selection (CHD_CANVAS (canvas), &kind);

  return ids[0] != NULL && ids[1] == NULL && g_str_equal (ids[0], id);
}

static void
test_walk (void)
{
  g_autoptr (ChdChain) chain = make_chain ();
  GtkWidget *window = gtk_window_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *canvas = chd_canvas_new (chain);
  ChdFindBar *bar = g_object_new (CHD_TYPE_FIND_BAR, NULL);
  GtkWidget *entry = find_child (GTK_WIDGET (bar), GTK_TYPE_SEARCH_ENTRY);
  GtkWidget *revealer = find_child (GTK_WIDGET (bar), GTK_TYPE_REVEALER);
  GtkWidget *count;

  gtk_box_append (GTK_BOX (box), GTK_WIDGET (bar));
  gtk_box_append (GTK_BOX (box), canvas);
  gtk_window_set_child (GTK_WINDOW (window), box);
  chd_find_bar_set_canvas (bar, CHD_CANVAS (canvas));
  gtk_window_present (GTK_WINDOW (window));
  chd_test_wait_for (gtk_widget_get_width (canvas) > 0);

  /* The key for the next match opens the bar when there is nothing to go to. */
  chd_find_bar_go (bar, TRUE);
  g_assert_true (gtk_revealer_get_reveal_child (GTK_REVEALER (revealer)));
  gtk_editable_set_text (GTK_EDITABLE (entry), "check");
  /* Enter does not wait for the entry's delay. */
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (is_at (canvas, "check"));
  count = gtk_widget_get_next_sibling (entry);
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (count)), ==, "1 of 2");
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (is_at (canvas, "recheck"));
  g_signal_emit_by_name (entry, "activate");
  g_assert_true (is_at (canvas, "check"));
  chd_find_bar_go (bar, FALSE);
  g_assert_true (is_at (canvas, "recheck"));
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (count)), ==, "2 of 2");

  /* What is found follows the chain, and the walk stays where it is. */
  chd_edit_set_title (chain, CHD_ITEM_NODE, "sign", "Check the signature", NULL);
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (count)), ==, "3 of 3");
  gtk_editable_set_text (GTK_EDITABLE (entry), "nobody");
  g_signal_emit_by_name (entry, "activate");
  g_assert_cmpstr (gtk_label_get_label (GTK_LABEL (count)), ==, "Nothing found");
  g_signal_emit_by_name (entry, "stop-search");
  g_assert_false (gtk_revealer_get_reveal_child (GTK_REVEALER (revealer)));

  chd_find_bar_set_canvas (bar, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/app/find-bar/walk", test_walk);
  return g_test_run ();
}
