/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The outline: its rows, and that its list, the canvas and the workspace select and edit the same. */

#include "config.h"

#include "chd-edit.h"
#include "chd-layout.h"
#include "chd-outline-model.h"
#include "chd-outline.h"
#include "chd-test-loop.h"

static ChdChain *
make_chain (void)
{
  ChdChain *chain = chd_chain_new ("loan", "Loan approval");

  chd_chain_append (chain, chd_unit_new ("bank", "Bank", NULL));
  chd_chain_append (chain, chd_unit_new ("risk", "Risk", "bank"));
  chd_chain_append (chain, chd_unit_new ("legal", "Legal", "bank"));
  chd_chain_append (chain, chd_node_new ("sign", "Sign contract", "legal"));
  chd_chain_append (chain, chd_node_new ("score", "Score", "risk"));
  chd_chain_append (chain, chd_node_new ("check", "Check credit", "risk"));
  chd_chain_append (chain, chd_link_new ("check", "score"));
  chd_chain_append (chain, chd_link_new ("score", "sign"));
  chd_layout_apply (chain);
  chd_chain_clear_history (chain);
  return chain;
}

/* "bank>0 risk>1 check+2": ids with their depth; + for what can be unfolded, > for what is. */
static char *
list_rows (ChdOutlineModel *model)
{
  g_autoptr (GString) text = g_string_new (NULL);
  static const char folds[] = { ' ', '+', '>' };

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (model)); i++)
    {
      g_autoptr (ChdOutlineRow) row = g_list_model_get_item (G_LIST_MODEL (model), i);

      g_string_append_printf (text, "%s%s%c%u", i > 0 ? " " : "", chd_outline_row_get_id (row),
                              folds[chd_outline_row_get_fold (row)], chd_outline_row_get_depth (row));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_rows (ChdOutlineModel *model, const char *rows)
{
  g_autofree char *text = list_rows (model);

  g_assert_cmpstr (text, ==, rows);
}

typedef struct
{
  guint position, removed, added;
} Told;

static void
items_changed_cb (GListModel *model, guint position, guint removed, guint added, Told *told)
{
  *told = (Told){ position, removed, added };
}

static void
test_rows (void)
{
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  g_autoptr (ChdOutlineModel) model = chd_outline_model_new (scene);
  Told told = { 0 };

  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
  chd_outline_model_set_active (model, TRUE);
  /* In the order of execution, not of the document. */
  assert_rows (model, "bank>0 risk>1 check+2 score+2 legal>1 sign 2");
  g_signal_connect (model, "items-changed", G_CALLBACK (items_changed_cb), &told);
  chd_outline_model_fold (model, 3, FALSE);
  assert_rows (model, "bank>0 risk>1 check+2 score>2 score->sign 3 legal>1 sign 2");
  chd_outline_model_fold (model, 1, TRUE);
  assert_rows (model, "bank>0 risk+1 legal>1 sign 2");
  g_assert_cmpuint (chd_outline_model_reveal (model, CHD_ITEM_LINK, "check->score"), ==, 3);
  assert_rows (model, "bank>0 risk>1 check>2 check->score 3 score>2 score->sign 3 legal>1 sign 2");

  /* Only what differs is told as changed. */
  chd_edit_set_title (chain, CHD_ITEM_NODE, "sign", "Sign", NULL);
  g_assert_cmpuint (told.position, ==, 5);
  g_assert_cmpuint (told.removed, ==, 3);
  g_assert_cmpuint (told.added, ==, 3);

  chd_outline_model_set_filter (model, "check");
  assert_rows (model, "bank>0 risk>1 check>2 check->score 3");
  chd_outline_model_set_filter (model, "legal");
  assert_rows (model, "bank>0 legal>1 sign 2");
  chd_outline_model_set_filter (model, "nobody");
  assert_rows (model, "");
  chd_outline_model_set_active (model, FALSE);
  chd_chain_remove (chain, CHD_ITEM_NODE, "sign");
  chd_outline_model_set_filter (model, "");
  assert_rows (model, "");
  chd_outline_model_set_active (model, TRUE);
  assert_rows (model, "bank>0 risk>1 check>2 check->score 3 score 2 legal 1");
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

static void
test_selection (void)
{
  g_autoptr (ChdChain) chain = make_chain ();
  g_autoptr (ChdDocument) document = chd_document_new (chain, NULL);
  g_autoptr (ChdWorkspace) workspace = chd_workspace_new (NULL);
  GtkWidget *window = gtk_window_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *canvas = chd_canvas_new (chain);
  ChdOutline *outline = g_object_new (CHD_TYPE_OUTLINE, "workspace", workspace, NULL);
  GtkSelectionModel *selection;
  ChdItemKind kind;

  chd_workspace_set_document (workspace, document);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (outline));
  gtk_box_append (GTK_BOX (box), canvas);
  gtk_window_set_child (GTK_WINDOW (window), box);
  chd_outline_set_canvas (outline, CHD_CANVAS (canvas));
  gtk_window_present (GTK_WINDOW (window));
  selection = gtk_list_view_get_model (GTK_LIST_VIEW (find_child (GTK_WIDGET (outline), GTK_TYPE_LIST_VIEW)));
  chd_test_wait_for (g_list_model_get_n_items (G_LIST_MODEL (selection)) == 6);

  gtk_selection_model_select_item (selection, 3, TRUE);
  g_assert_cmpstr (chd_workspace_get_selection (workspace, &kind)[0], ==, "score");
  g_assert_cmpint (kind, ==, CHD_ITEM_NODE);
  g_assert_cmpstr (chd_canvas_get_focus_node (CHD_CANVAS (canvas)), ==, "score");
  /* A unit and a node cannot be selected together: what came last counts. */
  gtk_selection_model_select_item (selection, 1, FALSE);
  g_assert_cmpstr (chd_workspace_get_selection (workspace, &kind)[0], ==, "risk");
  g_assert_cmpint (kind, ==, CHD_ITEM_UNIT);

  chd_workspace_select (workspace, CHD_ITEM_NODE, "sign");
  g_assert_true (gtk_selection_model_is_selected (selection, 5));
  g_assert_false (gtk_selection_model_is_selected (selection, 1));
  chd_workspace_select (workspace, CHD_ITEM_LINK, "check->score");
  g_assert_true (gtk_selection_model_is_selected (selection, 3));

  chd_outline_set_canvas (outline, NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/app/outline/rows", test_rows);
  g_test_add_func ("/app/outline/selection", test_selection);
  return g_test_run ();
}
