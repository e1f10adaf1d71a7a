/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cloud-test.h"

#include "chd-kubeconfig.h"

/* Every member in the order of its name, without what means nothing: the two sides write these differently. */
static JsonNode *
normalize (JsonNode *node)
{
  JsonNode *result;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node), *sorted = json_object_new ();
      g_autoptr (GList) names = g_list_sort (json_object_get_members (object), (GCompareFunc) strcmp);

      for (GList *l = names; l != NULL; l = l->next)
        {
          JsonNode *member = json_object_get_member (object, l->data);

          if (!JSON_NODE_HOLDS_NULL (member) &&
              !(JSON_NODE_HOLDS_ARRAY (member) && json_array_get_length (json_node_get_array (member)) == 0))
            json_object_set_member (sorted, l->data, normalize (member));
        }
      result = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (result, sorted);
      return result;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node), *copy = json_array_new ();

      for (guint i = 0; i < json_array_get_length (array); i++)
        json_array_add_element (copy, normalize (json_array_get_element (array, i)));
      result = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (result, copy);
      return result;
    }
  return json_node_copy (node);
}

static char *
normal_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = chd_json_node_from_object (object);
  g_autoptr (JsonNode) normal = normalize (node);

  return chd_json_write (normal, TRUE, NULL);
}

/* kubectl's own results. */
static void
test_as_kubectl (void)
{
  g_autofree char *folder = chd_test_shared ("data/kubeconfig");
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0;

  if (folder == NULL)
    return;
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, "expected.json", NULL);
      g_autofree char *text = NULL;
      g_autoptr (JsonObject) expected = NULL;
      g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (ChdKubeconfig) config = NULL;
      g_autoptr (GError) error = NULL;
      JsonArray *names;
      gsize length;

      if (!g_file_get_contents (path, &text, &length, NULL))
        continue;
      expected = chd_json_parse_object (text, length, length, CHD_JSON_DEFAULT, NULL);
      names = chd_json_array (expected, "KUBECONFIG");
      for (guint i = 0; i < chd_json_length (names); i++)
        {
          const char *file = chd_json_string_at (names, i);

          g_ptr_array_add (files, *file != '\0' ? g_build_filename (folder, name, file, NULL) : g_strdup (""));
        }
      g_ptr_array_add (files, NULL);
      config = chd_kubeconfig_load ((const char *const *) files->pdata, &error);
      g_test_message ("%s: %s", name, error != NULL ? error->message : "read");
      if (json_object_has_member (expected, "error"))
        {
          g_assert_null (config);
          g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
        }
      else
        {
          g_autoptr (JsonObject) merged = NULL;
          g_autofree char *ours = NULL, *theirs = NULL;

          g_assert_no_error (error);
          merged = chd_kubeconfig_get_merged (config);
          ours = normal_text (merged);
          theirs = normal_text (chd_json_object (expected, "result"));
          g_assert_cmpstr (ours, ==, theirs);
        }
      n++;
    }
  g_assert_cmpuint (n, >=, 9);
}

typedef struct
{
  char *folder;
  char *file;
  char *canary; /* a program that leaves a trace when it is run */
  char *trace;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *script = NULL;

  fixture->folder = g_dir_make_tmp ("chd-kubeconfig-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "config", NULL);
  fixture->canary = g_build_filename (fixture->folder, "helper", NULL);
  fixture->trace = g_build_filename (fixture->folder, "was-run", NULL);
  script = g_strdup_printf ("#!/bin/sh\ntouch %s\necho '{\"kind\":\"ExecCredential\",\"apiVersion\":"
                            "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"from-helper\"}}'\n",
                            fixture->trace);
  g_assert_true (g_file_set_contents_full (fixture->canary, script, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->file);
  g_unlink (fixture->canary);
  g_unlink (fixture->trace);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->file);
  g_free (fixture->canary);
  g_free (fixture->trace);
}

static ChdKubeconfig *
load (Fixture *fixture, const char *cluster, const char *user, GError **error)
{
  g_autofree char *text =
      g_strdup_printf ("current-context: x\nclusters: [{name: c, cluster: {%s}}]\nusers: [{name: u, user: {%s}}]\n"
                       "contexts: [{name: x, context: {cluster: c, user: u, namespace: ns}}]\n",
                       cluster, user);

  g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
  return chd_kubeconfig_load_file (fixture->file, error);
}

static ChdConnection *
connect_as (Fixture *fixture, const char *cluster, const char *user, GError **error)
{
  g_autoptr (ChdKubeconfig) config = load (fixture, cluster, user, error);

  return config != NULL ? chd_kubeconfig_dup_connection (config, NULL, error) : NULL;
}

static void
test_connections (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *cluster, *user, *server;
    guint risks;
  } good[] = {
    { "server: \"https://h:6443/k8s/c-1?x=1#y\"", "token: t", "https://h:6443/k8s/c-1", 0 },
    { "server: \"h:6443\"", "", "http://h:6443", 0 },
    { "server: \"127.0.0.1:1\", insecure-skip-tls-verify: true", "token: t", "https://127.0.0.1:1", 0 },
    { "server: \"https://h\", insecure-skip-tls-verify: true", "", "https://h", CHD_RISK_INSECURE },
    { "server: \"http://h\"", "token: t", "http://h", CHD_RISK_PLAIN_TEXT },
    { "server: \"http://h\"", "username: u, password: p", "http://h", CHD_RISK_PLAIN_TEXT },
    { "server: \"https://h\"", "tokenFile: /etc/hostname", "https://h", CHD_RISK_FILE },
    { "server: \"https://h\"", "tokenFile: ../../etc/hostname", "https://h", CHD_RISK_FILE },
    { "server: \"https://h\"", "tokenFile: helper", "https://h", 0 },
    { "server: \"https://h\", certificate-authority: /etc/ssl/certs/x", "", "https://h", CHD_RISK_FILE },
    { "server: \"https://h\"", "exec: {apiVersion: a, command: ./helper}", "https://h", CHD_RISK_EXEC },
  };
  static const struct
  {
    const char *cluster, *user;
  } bad[] = {
    { "server: \"\"", "" },
    { "server: \"ftp://h\"", "" },
    { "server: \"https://secret:canary@h\"", "" },
    { "server: \"https://h/%2e%2e/x\"", "" },
    { "server: \"https://h\", certificate-authority: a, certificate-authority-data: YQ==", "" },
    { "server: \"https://h\", certificate-authority: a, insecure-skip-tls-verify: true", "" },
    { "server: \"https://h\", certificate-authority-data: bm90IGEgY2VydA==", "" },
    { "server: \"https://h\", proxy-url: \"ftp://canary:canary@h\"", "" },
    { "server: \"https://h\"", "token: canary, username: a, password: canary" },
    { "server: \"https://h\"", "client-certificate: a" },
    { "server: \"https://h\"", "client-key-data: Y2FuYXJ5" },
    { "server: \"https://h\"", "client-certificate-data: Y2FuYXJ5, client-key-data: Y2FuYXJ5" },
    { "server: \"https://h\"", "client-certificate-data: \"!!canary\", client-key: k" },
    { "server: \"https://h\"", "exec: {command: a}, auth-provider: {name: oidc}" },
    { "server: \"https://h\"", "as-groups: [a]" },
    { "server: \"https://h\"", "token: 12345" },
    { "server: [\"https://h\"]", "token: t" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdConnection) connection = connect_as (fixture, good[i].cluster, good[i].user, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (chd_connection_get_server (connection), ==, good[i].server);
      g_assert_cmpstr (chd_connection_get_namespace (connection), ==, "ns");
      g_assert_cmpstr (chd_connection_get_source_file (connection), ==, fixture->file);
      g_assert_cmpstr (chd_connection_get_source_context (connection), ==, "x");
      g_assert_cmpuint (chd_connection_list_risks (connection), ==, good[i].risks);
      g_assert_cmpuint (chd_connection_get_allowed_risks (connection), ==, 0);
      g_assert_true (chd_connection_check_risks (connection, NULL) == (good[i].risks == 0));
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdConnection) connection = connect_as (fixture, bad[i].cluster, bad[i].user, &error);

      g_assert_null (connection);
      g_test_message ("%s", error->message);
      g_assert_true (error->domain == CHD_ERROR);
      g_assert_null (strstr (error->message, "canary"));
      g_assert_true (chd_error_get_details (error) == NULL || strstr (chd_error_get_details (error), "canary") == NULL);
    }
}

static void
test_not_supported (Fixture *fixture, gconstpointer data)
{
  static const char *const users[] = { "auth-provider: {name: oidc}", "as: lead, as-user-extra: {a: [b]}",
                                       "as: lead, as-uid: u" };

  for (guint i = 0; i < G_N_ELEMENTS (users); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdConnection) connection = connect_as (fixture, "server: \"https://h\"", users[i], &error);
      g_autoptr (JsonObject) stored = NULL;
      g_autoptr (ChdConnection) restored = NULL;

      g_assert_no_error (error);
      chd_connection_allow_risks (connection, ~0u);
      g_assert_null (chd_http_new_for_connection (connection, &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
      g_clear_error (&error);

      /* Also after it was stored in the library. */
      stored = chd_connection_to_json (connection);
      restored = chd_connection_new_from_json (stored, &error);
      g_assert_no_error (error);
      g_assert_null (chd_http_new_for_connection (restored, &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
    }
}

/* Nothing is run before it was allowed, for this command line only. */
static void
test_programs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *user = g_strdup_printf ("exec: {apiVersion: client.authentication.k8s.io/v1, command: ./helper, "
                                           "args: [get, \"a b\"], env: [{name: LD_PRELOAD, value: ./evil.so}], "
                                           "interactiveMode: Never}");
  g_autoptr (ChdConnection) connection = connect_as (fixture, "server: \"https://127.0.0.1:1\"", user, &error);
  g_autofree char *shown = NULL;
  g_autoptr (JsonObject) stored = NULL;
  g_autoptr (ChdConnection) restored = NULL, changed = NULL;
  g_autoptr (ChdCredentials) credentials = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *authorization = NULL, *harmless = NULL;

  g_assert_no_error (error);
  g_assert_null (chd_http_new_for_connection (connection, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED);
  g_clear_error (&error);
  shown = chd_connection_dup_exec_for_display (connection);
  g_assert_nonnull (strstr (shown, "./helper 'get' 'a b'"));
  g_assert_nonnull (strstr (shown, "LD_PRELOAD=./evil.so"));
  g_assert_false (g_file_test (fixture->trace, G_FILE_TEST_EXISTS));

  /* The permission is for what was shown: another argument loses it. */
  chd_connection_allow_risks (connection, CHD_RISK_EXEC);
  stored = chd_connection_to_json (connection);
  restored = chd_connection_new_from_json (stored, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (chd_connection_get_allowed_risks (restored), ==, CHD_RISK_EXEC);
  json_array_add_string_element (chd_json_lookup_array (stored, "exec/args"), "more");
  changed = chd_connection_new_from_json (stored, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (chd_connection_get_allowed_risks (changed), ==, 0);
  g_assert_false (g_file_test (fixture->trace, G_FILE_TEST_EXISTS));

  /* Allowed, it is run when a token is needed. */
  harmless =
      g_strdup ("exec: {apiVersion: client.authentication.k8s.io/v1, command: ./helper, interactiveMode: Never}");
  g_clear_object (&connection);
  connection = connect_as (fixture, "server: \"https://127.0.0.1:1\"", harmless, &error);
  g_assert_no_error (error);
  chd_connection_allow_risks (connection, CHD_RISK_EXEC);
  credentials = chd_credentials_new_for_connection (connection, &error);
  g_assert_no_error (error);
  g_assert_false (g_file_test (fixture->trace, G_FILE_TEST_EXISTS));
  chd_credentials_get_async (credentials, FALSE, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  authorization = chd_credentials_get_finish (credentials, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (authorization, ==, "Bearer from-helper");
  g_assert_true (g_file_test (fixture->trace, G_FILE_TEST_EXISTS));
}

static void
test_names_and_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdKubeconfig) config = NULL;
  g_autoptr (ChdConnection) connection = NULL;
  g_auto (GStrv) contexts = NULL, defaults = NULL;
  static const char text[] = "clusters: [{name: \"a\\e[31m\\nb\", cluster: {server: \"https://h\"}}]\n"
                             "contexts: [{name: \"z\\e[31m\\nb\", context: {cluster: \"a\\e[31m\\nb\", user: \"\"}},"
                             "{name: broken, context: {cluster: gone, user: gone}}]\n";

  g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
  config = chd_kubeconfig_load_file (fixture->file, &error);
  g_assert_no_error (error);
  contexts = chd_kubeconfig_list_contexts (config);
  g_assert_cmpuint (g_strv_length (contexts), ==, 2);
  g_assert_cmpstr (contexts[0], ==, "broken");
  g_assert_cmpstr (chd_kubeconfig_get_file_of_context (config, "broken"), ==, fixture->file);
  g_assert_null (chd_kubeconfig_get_current_context (config));
  connection = chd_kubeconfig_dup_connection (config, contexts[1], &error);
  g_assert_no_error (error);
  g_assert_null (strpbrk (chd_connection_get_name (connection), "\n\x1b"));
  g_assert_null (chd_kubeconfig_dup_connection (config, "broken", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  g_assert_cmpstr (chd_error_get_details (error), ==, "gone");
  g_clear_error (&error);
  g_assert_null (chd_kubeconfig_dup_connection (config, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* One file alone has to be there. */
  g_assert_null (chd_kubeconfig_load_file ("/nowhere/at/all", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (chd_kubeconfig_load_file ("/dev/zero", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (fixture->file, "[1, 2]", -1, NULL));
  g_assert_null (chd_kubeconfig_load_file (fixture->file, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);

  g_setenv ("KUBECONFIG", "/a:/b::/a", TRUE);
  defaults = chd_kubeconfig_list_default_files ();
  g_assert_cmpuint (g_strv_length (defaults), ==, 2);
  g_assert_cmpstr (defaults[1], ==, "/b");
  g_unsetenv ("KUBECONFIG");
}

/* Strangers' files: whatever they hold, no program runs, and nothing is said that was secret. */
static void
test_hostile (void)
{
  g_autofree char *folder = chd_test_shared ("data/hostile/kubeconfig");
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n = 0;

  if (folder == NULL)
    return;
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (ChdKubeconfig) config = chd_kubeconfig_load_file (path, &error);
      g_auto (GStrv) contexts = config != NULL ? chd_kubeconfig_list_contexts (config) : g_new0 (char *, 1);

      if (config == NULL)
        g_test_message ("%s: %s", name, error->message);
      for (guint i = 0; contexts[i] != NULL; i++)
        {
          g_autoptr (GError) own_error = NULL;
          g_autoptr (ChdConnection) connection = chd_kubeconfig_dup_connection (config, contexts[i], &own_error);
          g_autoptr (ChdHttp) http = NULL;

          if (connection != NULL)
            {
              g_autoptr (JsonObject) stored = chd_connection_to_json (connection);
              g_autofree char *text = chd_json_write_object (stored, FALSE, NULL);

              g_assert_null (strstr (text, "hunter2"));
              g_assert_null (strstr (text, "not-a-real-token"));
              http = chd_http_new_for_connection (connection, &own_error);
            }
          g_test_message ("%s: %s", name, own_error != NULL ? own_error->message : "can be used");
          g_assert_true (own_error == NULL || own_error->domain == CHD_ERROR);
          if (own_error != NULL)
            g_assert_null (strstr (own_error->message, "hunter2"));
          /* Only these may be used without asking. */
          g_assert_true (http == NULL || strcmp (name, "names.yaml") == 0 || strcmp (name, "proxy.yaml") == 0 ||
                         strcmp (name, "insecure.yaml") == 0);
        }
      n++;
    }
  g_assert_cmpuint (n, >=, 13);
}

static void
add (const char *name, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/cloud/kubeconfig/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cloud/kubeconfig/as-kubectl-reads-it", test_as_kubectl);
  add ("connections", test_connections);
  add ("not-supported", test_not_supported);
  add ("programs", test_programs);
  add ("names-and-files", test_names_and_files);
  g_test_add_func ("/cloud/kubeconfig/hostile", test_hostile);
  return g_test_run ();
}
