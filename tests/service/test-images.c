/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Images in a registry that is not the engine's own: Debian's docker-registry. */

#include "config.h"

#include "chd-images.h"
#include "engine-test.h"

static Engine *engine;

typedef struct
{
  GSubprocess *process;
  ChdSession *session;
  char *host;
} Registry;

static guint
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

static gboolean
answers (const char *host)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (client, host, 0, NULL, NULL);

  return connection != NULL;
}

static Registry *
registry_start (void)
{
  g_autofree char *program = g_find_program_in_path ("docker-registry");
  g_autofree char *config = g_build_filename (engine->home, "registry.yml", NULL);
  g_autofree char *data = g_build_filename (engine->home, "registry-data", NULL);
  g_autofree char *text = NULL;
  g_autofree char *url = NULL;
  const char *argv[] = { program, "serve", config, NULL };
  g_autoptr (ChdConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  Registry *registry;

  if (program == NULL)
    {
      g_test_skip ("docker-registry is not installed");
      return NULL;
    }
  registry = g_new0 (Registry, 1);
  registry->host = g_strdup_printf ("127.0.0.1:%u", find_port ());
  text = g_strdup_printf ("version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "
                          "'%s'}\n",
                          data, registry->host);
  g_assert_true (g_file_set_contents (config, text, -1, NULL));
  registry->process =
      g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < CHD_TEST_SECONDS * 100 && !answers (registry->host); i++)
    g_usleep (10000);
  connection = chd_connection_copy (chd_session_get_connection (engine->session));
  url = g_strconcat ("http://", registry->host, NULL);
  g_assert_true (chd_connection_set_registry (connection, url, &error));
  registry->session = open_session (connection, engine->store, &error);
  g_assert_no_error (error);
  return registry;
}

static void
registry_stop (Registry *registry)
{
  g_subprocess_force_exit (registry->process);
  g_subprocess_wait (registry->process, NULL, NULL);
  g_object_unref (registry->process);
  g_object_unref (registry->session);
  g_free (registry->host);
  g_free (registry);
}

static ChdImageState *
query (ChdSession *session, const ChdEnvironment *environment, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_images_query_async (session, environment, NULL, NULL, chd_test_result_cb, &result);
  return chd_images_query_finish (wait_for_result (&result), error);
}

static ChdImageState *
ensure (ChdSession *session, const ChdEnvironment *environment, gboolean *uploaded, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_images_ensure_async (session, environment, NULL, NULL, NULL, NULL, NULL, chd_test_result_cb, &result);
  return chd_images_ensure_finish (wait_for_result (&result), uploaded, error);
}

static ChdEnvironment *
make_environment (const char *image, const char *path)
{
  ChdEnvironment *environment = chd_environment_new ("own", "Own", image);

  environment->source_path = g_strdup (path);
  return environment;
}

static void
test_upload (void)
{
  g_autoptr (ChdEnvironment) environment = make_environment ("team/shell:1", "shell.tar");
  g_autoptr (ChdImageState) missing = NULL;
  g_autoptr (ChdImageState) sent = NULL;
  g_autoptr (ChdImageState) kept = NULL;
  g_autoptr (ChdImageState) there = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = NULL;
  gboolean uploaded = FALSE;
  Registry *registry = registry_start ();

  if (registry == NULL)
    return;
  missing = query (registry->session, environment, &error);
  g_assert_no_error (error);
  g_assert_cmpint (missing->kind, ==, CHD_IMAGE_UPLOADABLE);
  g_assert_true (g_str_has_suffix (missing->source_path, "/shell.tar"));

  sent = ensure (registry->session, environment, &uploaded, &error);
  g_assert_no_error (error);
  g_assert_true (uploaded);
  g_assert_cmpint (sent->kind, ==, CHD_IMAGE_PRESENT);
  /* The engine is told the registry's name, and the digest is pinned. */
  prefix = g_strdup_printf ("%s/team/shell", registry->host);
  g_assert_true (g_str_has_prefix (sent->reference, prefix));
  g_assert_true (g_str_has_suffix (sent->reference, sent->digest));

  kept = ensure (registry->session, environment, &uploaded, &error);
  g_assert_no_error (error);
  g_assert_false (uploaded);
  g_assert_cmpstr (kept->digest, ==, sent->digest);
  there = query (registry->session, environment, &error);
  g_assert_no_error (error);
  g_assert_cmpint (there->kind, ==, CHD_IMAGE_PRESENT);
  g_assert_cmpint (there->size, >, 100000);
  registry_stop (registry);
}

static void
test_missing (void)
{
  g_autoptr (ChdEnvironment) without = make_environment ("team/nothing:1", NULL);
  g_autoptr (ChdEnvironment) lost = make_environment ("team/nothing:1", "lost.tar");
  g_autoptr (ChdEnvironment) host = make_environment ("host", NULL);
  g_autoptr (ChdEnvironment) wrong = make_environment ("Not a reference!", NULL);
  g_autoptr (ChdImageState) state = NULL;
  g_autoptr (ChdImageState) system = NULL;
  g_autoptr (GError) error = NULL;

  state = query (engine->session, without, &error);
  g_assert_no_error (error);
  g_assert_cmpint (state->kind, ==, CHD_IMAGE_NO_SOURCE);
  g_assert_null (ensure (engine->session, without, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING);
  g_clear_error (&error);
  g_assert_null (ensure (engine->session, lost, NULL, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING);
  g_assert_nonnull (strstr (error->message, "lost.tar"));
  g_clear_error (&error);
  g_assert_null (query (engine->session, wrong, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_clear_error (&error);
  system = query (engine->session, host, &error);
  g_assert_no_error (error);
  g_assert_cmpint (system->kind, ==, CHD_IMAGE_HOST_SYSTEM);
}

/* A registry that cannot be reached is an error, not a missing image. */
static void
test_unreachable (void)
{
  g_autoptr (ChdEnvironment) environment = make_environment ("team/shell:1", "shell.tar");
  g_autoptr (ChdImageState) state = NULL;
  g_autoptr (GError) error = NULL;
  Registry *registry = registry_start ();

  if (registry == NULL)
    return;
  g_subprocess_force_exit (registry->process);
  g_subprocess_wait (registry->process, NULL, NULL);
  state = query (registry->session, environment, &error);
  g_assert_null (state);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE);
  registry_stop (registry);
}

int
main (int argc, char *argv[])
{
  int result;

  engine = engine_start (make_home ());
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/images/are-sent-once", test_upload);
  g_test_add_func ("/service/images/that-are-missing-are-told", test_missing);
  g_test_add_func ("/service/images/need-a-registry", test_unreachable);
  result = g_test_run ();
  engine_stop (engine);
  return result;
}
