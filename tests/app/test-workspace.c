/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a window works on, without any window and on a real engine: the states that follow from drawing, creating,
 * changing and running; a plan that is not wanted; the selection; and that closing lets the document go. */

#include "config.h"

#include "chd-connections.h"
#include "chd-local-engine.h"
#include "chd-util.h"
#include "chd-workspace.h"
#include "service-test.h"

static ChdStore *store;

/* Two nodes that wait for a moment, one after the other. */
static ChdDocument *
make_document (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("waiting", "Waiting");
  GVariantBuilder builder;

  chd_chain_append (chain, chd_unit_new ("sales", "Sales", NULL));
  for (guint i = 0; i < 2; i++)
    {
      ChdNode *node = chd_node_new (i == 0 ? "first" : "second", i == 0 ? "First" : "Second", "sales");

      g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&builder, "{sv}", "duration", g_variant_new_string ("1s"));
      chd_node_set_pipeline (node, chd_pipeline_binding_new (CHD_POSITION_WORK, "wait",
                                                             g_variant_ref_sink (g_variant_builder_end (&builder))));
      chd_chain_append (chain, node);
    }
  chd_chain_append (chain, chd_link_new ("first", "second"));
  return chd_document_new (chain, NULL);
}

static void
rename_node (ChdWorkspace *workspace, const char *id, const char *title)
{
  ChdChain *chain = chd_workspace_get_chain (workspace);
  ChdNode *changed = chd_item_copy (chd_chain_find_node (chain, id));

  chd_set_str (&changed->title, title);
  chd_chain_begin (chain, "Rename");
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
failed_cb (ChdWorkspace *workspace, const char *what, GError *error, gpointer user_data)
{
  g_error ("%s: %s", what, error->message);
}

static ChdWorkspace *
open_workspace (void)
{
  g_autoptr (ChdConnection) connection = chd_connections_find (CHD_CONNECTION_LOCAL, NULL);
  g_autoptr (ChdDocument) document = make_document ();
  ChdWorkspace *workspace = chd_workspace_new (store);

  g_signal_connect (workspace, "failed", G_CALLBACK (failed_cb), NULL);
  chd_workspace_set_document (workspace, document);
  chd_workspace_connect (workspace, connection);
  chd_test_wait_for (chd_workspace_get_session (workspace) != NULL);
  chd_test_wait_for (chd_catalogue_find_interface (chd_workspace_get_catalogue (workspace), "wait") != NULL);
  g_assert_cmpuint (chd_problems_count (chd_workspace_get_problems (workspace), CHD_SEVERITY_ERROR), ==, 0);
  return workspace;
}

static ChdCreateOp *
plan (ChdWorkspace *workspace)
{
  ChdCreateOp *op = chd_workspace_begin_creation (workspace);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  chd_create_op_plan_async (op, NULL, chd_test_result_cb, &result);
  chd_create_op_plan_finish (op, wait_for_result (&result), &error);
  g_assert_no_error (error);
  return op;
}

static void
create (ChdWorkspace *workspace)
{
  ChdCreateOp *op = plan (workspace);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  chd_create_op_run_async (op, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (chd_workspace_get_state (workspace) == CHD_WORKSPACE_CREATING || result != NULL);
  chd_create_op_run_finish (op, wait_for_result (&result), &error);
  g_assert_no_error (error);
}

static void
test_states (void)
{
  g_autoptr (ChdWorkspace) workspace = open_workspace ();
  g_autofree char *text = NULL;

  g_assert_cmpint (chd_workspace_get_state (workspace), ==, CHD_WORKSPACE_DRAFT);
  create (workspace);
  chd_test_wait_for (chd_workspace_get_state (workspace) == CHD_WORKSPACE_CREATED);

  rename_node (workspace, "first", "Changed");
  g_assert_cmpint (chd_workspace_get_state (workspace), ==, CHD_WORKSPACE_CHANGED);
  chd_chain_undo (chd_workspace_get_chain (workspace));
  g_assert_cmpint (chd_workspace_get_state (workspace), ==, CHD_WORKSPACE_CREATED);

  chd_workspace_start_run (workspace, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
  g_assert_cmpint (chd_workspace_get_state (workspace), ==, CHD_WORKSPACE_RUNNING);
  chd_test_wait_for (chd_workspace_find_node_status (workspace, "second") != NULL &&
                     chd_workspace_find_node_status (workspace, "second")->state == CHD_NODE_SUCCEEDED);
  g_assert_cmpint (chd_workspace_find_node_status (workspace, "first")->state, ==, CHD_NODE_SUCCEEDED);
  chd_test_wait_for (chd_workspace_get_state (workspace) == CHD_WORKSPACE_CREATED);
  text = chd_workspace_dup_state_text (workspace);
  g_assert_nonnull (strstr (text, "Created"));
  chd_workspace_close (workspace);
}

static void
node_state_cb (ChdWorkspace *workspace,
               const char *id,
               ChdNodeState state,
               const char *note,
               double progress,
               GHashTable *states)
{
  g_hash_table_insert (states, g_strdup (id), GINT_TO_POINTER (state));
}

/* A plan shows on the nodes what would be done; without a creation nothing of it is true. */
static void
test_plan_not_wanted (void)
{
  g_autoptr (ChdWorkspace) workspace = open_workspace ();
  g_autoptr (GHashTable) states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  rename_node (workspace, "second", "Another");
  g_signal_connect (workspace, "node-state", G_CALLBACK (node_state_cb), states);
  g_signal_connect_swapped (workspace, "node-states-cleared", G_CALLBACK (g_hash_table_remove_all), states);
  plan (workspace);
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (states, "second")), ==, CHD_NODE_PLANNED);

  chd_workspace_abandon_plan (workspace);
  g_assert_cmpuint (g_hash_table_size (states), ==, 0);
  g_assert_null (chd_workspace_get_create_op (workspace));

  /* What was done is no plan. */
  create (workspace);
  chd_workspace_abandon_plan (workspace);
  g_assert_nonnull (chd_workspace_get_create_op (workspace));
  g_assert_cmpint (GPOINTER_TO_INT (g_hash_table_lookup (states, "second")), ==, CHD_NODE_CREATED);
  chd_workspace_close (workspace);
}

static void
commit_cb (ChdWorkspace *workspace)
{
  const ChdNode *node = chd_workspace_get_selected_node (workspace);

  if (node != NULL)
    rename_node (workspace, node->item.id, "Typed");
}

/* What is being typed goes to what was selected, also when the id came from an item that this replaces. */
static void
test_selection_commits (void)
{
  g_autoptr (ChdWorkspace) workspace = chd_workspace_new (store);
  g_autoptr (ChdDocument) document = make_document ();
  ChdChain *chain = chd_document_get_chain (document);

  chd_workspace_set_document (workspace, document);
  chd_workspace_select (workspace, CHD_ITEM_NODE, "first");
  g_signal_connect (workspace, "commit", G_CALLBACK (commit_cb), NULL);
  chd_workspace_select (workspace, CHD_ITEM_UNIT, chd_chain_find_node (chain, "first")->unit);
  g_assert_cmpstr (chd_workspace_get_selection (workspace, NULL)[0], ==, "sales");
  g_assert_cmpstr (chd_chain_find_node (chain, "first")->title, ==, "Typed");
  g_assert_cmpstr (chd_chain_find_node (chain, "second")->title, ==, "Second");

  chd_workspace_select (workspace, CHD_ITEM_NODE, "second");
  chd_workspace_commit (workspace);
  g_assert_cmpstr (chd_chain_find_node (chain, "second")->title, ==, "Typed");
}

/* Not only when the engine has answered: the program may end before. */
static void
test_closed_while_connecting (void)
{
  g_autoptr (ChdConnection) connection = chd_connections_find (CHD_CONNECTION_LOCAL, NULL);
  ChdWorkspace *workspace = chd_workspace_new (store);
  ChdDocument *document = make_document ();

  chd_workspace_set_document (workspace, document);
  g_object_add_weak_pointer (G_OBJECT (document), (gpointer *) &document);
  g_object_unref (document);
  chd_workspace_connect (workspace, connection);
  chd_workspace_close (workspace);
  g_assert_null (document);
  g_assert_false (chd_workspace_is_connecting (workspace));

  g_object_add_weak_pointer (G_OBJECT (workspace), (gpointer *) &workspace);
  g_object_unref (workspace);
  chd_test_wait_for (workspace == NULL);
}

static void
stop_engine (void)
{
  static const char *const arguments[] = { "stop", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *output = NULL;

  chd_local_engine_call_async (arguments, NULL, chd_test_result_cb, &result);
  chd_local_engine_call_finish (wait_for_result (&result), &output, NULL);
}

int
main (int argc, char *argv[])
{
  int result;
  g_autofree char *home = NULL;
  g_autofree char *data = NULL;
  g_autofree char *socket = NULL;
  g_autofree char *library = NULL;

  g_test_init (&argc, &argv, NULL);
  home = make_home ();
  data = g_build_filename (home, "engine", NULL);
  socket = g_build_filename (home, "engine.sock", NULL);
  g_setenv ("CHD_ENGINE_DATA", data, TRUE);
  g_setenv ("CHD_ENGINE_SOCKET", socket, TRUE);
  library = g_build_filename (home, "library.db", NULL);
  store = open_store (library);
  g_test_add_func ("/app/workspace/selection-commits", test_selection_commits);
  g_test_add_func ("/app/workspace/closed-while-connecting", test_closed_while_connecting);
  g_test_add_func ("/app/workspace/states", test_states);
  g_test_add_func ("/app/workspace/plan-not-wanted", test_plan_not_wanted);
  result = g_test_run ();
  stop_engine ();
  chd_store_close (store);
  g_object_unref (store);
  remove_folder (home);
  return result;
}
