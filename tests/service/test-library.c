/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The library: what is shipped, what the user has put there, what cannot be read. And saved connections. */

#include "config.h"

#include "chd-connections.h"
#include "chd-library.h"
#include "service-test.h"

static ChdCatalogue *
load (char ***problems)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  ChdCatalogue *catalogue;

  chd_library_load_async (NULL, NULL, chd_test_result_cb, &result);
  catalogue = chd_library_load_finish (wait_for_result (&result), problems, &error);
  g_assert_no_error (error);
  return catalogue;
}

static void
put (const char *kind, const char *name, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = chd_library_dup_user_folder (kind, &error);
  g_autofree char *path = NULL;

  g_assert_no_error (error);
  path = g_build_filename (folder, name, NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_shipped (void)
{
  static const char *const interfaces[] = {
    "approval", "multi-level-approval", "notification", "data-check", "http-call", "wait", "shell"
  };
  g_auto (GStrv) problems = NULL;
  g_autoptr (ChdCatalogue) catalogue = load (&problems);

  for (guint i = 0; problems[i] != NULL; i++)
    g_test_message ("%s", problems[i]);
  g_assert_cmpuint (g_strv_length (problems), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (interfaces); i++)
    {
      ChdInterface *interface = chd_catalogue_find_interface (catalogue, interfaces[i]);

      g_assert_nonnull (interface);
      g_assert_cmpint (chd_interface_get_origin (interface), ==, CHD_ORIGIN_SHIPPED);
    }
  g_assert_nonnull (chd_catalogue_find_environment (catalogue, "shell"));
}

static void
test_own (void)
{
  g_auto (GStrv) problems = NULL;
  g_autoptr (ChdCatalogue) catalogue = NULL;
  ChdInterface *interface;

  put ("interfaces", "wait.yaml",
       "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata:\n  name: wait\n  labels: "
       "{chain-designer.example.org/interface: 'true'}\n  annotations: {chain-designer.example.org/title: My wait}\n"
       "spec:\n  tasks:\n  - name: wait\n    taskSpec: {steps: [{name: s, image: x, script: 'sleep 1'}]}\n");
  put ("interfaces", "broken.yaml", "kind: [");
  put ("interfaces", "notes.txt", "not looked at");
  put ("scripts", "hello.json", "{\"id\": \"hello\", \"title\": \"Hello\", \"text\": \"echo hello\"}");
  put ("environments", "wrong.json", "{\"id\": 5}");
  catalogue = load (&problems);
  interface = chd_catalogue_find_interface (catalogue, "wait");
  g_assert_cmpint (chd_interface_get_origin (interface), ==, CHD_ORIGIN_LIBRARY);
  g_assert_cmpstr (chd_interface_get_title (interface), ==, "My wait");
  g_assert_cmpstr (chd_catalogue_find_script (catalogue, "hello")->text, ==, "echo hello");
  g_assert_cmpuint (g_strv_length (problems), ==, 2);
  g_assert_nonnull (strstr (problems[0], "broken.yaml"));
  g_assert_nonnull (strstr (problems[1], "wrong.json"));
}

static void
test_connections (void)
{
  g_autoptr (ChdConnection) connection = chd_connection_new ("office");
  g_autoptr (ChdConnection) found = NULL;
  g_autoptr (ChdConnection) context = NULL;
  g_autoptr (ChdConnection) local = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;
  g_autofree char *file = g_build_filename (g_get_user_config_dir (), "chain-designer", "connections.json", NULL);
  g_autofree char *kubeconfig = g_build_filename (g_get_user_config_dir (), "kubeconfig", NULL);
  g_autofree char *text = NULL;
  GStatBuf info;

  g_assert_true (chd_connection_set_server (connection, "https://cluster.example.org:6443", &error));
  chd_connection_set_token (connection, "sesame-very-secret");
  g_assert_true (chd_connections_save (connection, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  g_assert_null (strstr (text, "sesame"));
  g_assert_cmpint (g_stat (file, &info), ==, 0);
  g_assert_cmpuint (info.st_mode & 077, ==, 0);

  found = chd_connections_find ("office", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (chd_connection_get_server (found), ==, "https://cluster.example.org:6443");
  g_assert_false (chd_connection_has_credentials (found));
  local = chd_connections_find ("local", &error);
  g_assert_no_error (error);
  g_assert_nonnull (chd_connection_get_socket_path (local));

  g_assert_true (g_file_set_contents (
      kubeconfig,
      "apiVersion: v1\nkind: Config\ncurrent-context: lab\nclusters: [{name: c, cluster: {server: "
      "'https://lab.example.org'}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{name: lab, context: {cluster: "
      "c, user: u, namespace: dept}}]\n",
      -1, NULL));
  g_setenv ("KUBECONFIG", kubeconfig, TRUE);
  context = chd_connections_find ("lab", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (chd_connection_get_namespace (context), ==, "dept");
  names = chd_connections_list ();
  g_assert_cmpstr (names[0], ==, "local");
  g_assert_cmpstr (names[1], ==, "office");
  g_assert_cmpstr (names[2], ==, "lab");
  g_assert_null (names[3]);

  g_assert_true (chd_connections_remove ("office", &error));
  g_assert_null (chd_connections_find ("office", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "lab"));
}

int
main (int argc, char *argv[])
{
  g_autofree char *home = make_home ();
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/library/everything-shipped-can-be-read", test_shipped);
  g_test_add_func ("/service/library/the-user-s-own-replaces-and-adds", test_own);
  g_test_add_func ("/service/connections/are-kept-without-secrets", test_connections);
  result = g_test_run ();
  remove_folder (home);
  return result;
}
