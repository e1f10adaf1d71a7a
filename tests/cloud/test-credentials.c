/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cloud-test.h"
#include "image-test.h"

#include "chd-registry.h"

#define CANARY "c4n4ry-t0ken"

/* Nothing that is logged, at whatever level, and nothing that an error says may hold the canary. */

static guint logged;

static GLogWriterOutput
log_writer (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0)
      g_assert_null (strstr (fields[i].value, CANARY));
  logged++;
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)) != 0)
    return g_log_writer_default (level, fields, n_fields, user_data);
  return G_LOG_WRITER_HANDLED;
}

static void
check_error (const GError *error)
{
  const char *const texts[] = { error->message, chd_error_get_details (error), chd_error_get_object (error),
                                chd_error_get_field (error), chd_error_get_reason (error) };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (texts[i] == NULL || strstr (texts[i], CANARY) == NULL);
}

typedef struct
{
  char *folder;
  SoupServer *soup;
  char *url;
  GPtrArray *seen; /* the Authorization of each request, "" for none */
  const char *wanted;
  const char *peer; /* subject of the last client certificate, or NULL */
  char *challenge;
  char *redirect;
  const char *token_answer;
  GPtrArray *token_queries;
} Fixture;

static void
answer (SoupServerMessage *message, guint status, const char *body)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
}

static void
handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Fixture *fixture = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *authorization =
      soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Authorization");
  GTlsCertificate *peer = soup_server_message_get_tls_peer_certificate (message);

  g_ptr_array_add (fixture->seen, g_strdup (authorization != NULL ? authorization : ""));
  g_free ((char *) fixture->peer);
  fixture->peer = peer != NULL ? g_tls_certificate_get_subject_name (peer) : NULL;
  if (strcmp (path, "/token") == 0)
    {
      g_ptr_array_add (fixture->token_queries, g_strdup (g_uri_get_query (soup_server_message_get_uri (message))));
      answer (message, fixture->token_answer != NULL ? 200 : 401,
              fixture->token_answer != NULL ? fixture->token_answer : "{}");
    }
  else if (fixture->redirect != NULL)
    {
      soup_server_message_set_redirect (message, 307, fixture->redirect);
    }
  else if (fixture->wanted == NULL || g_strcmp0 (authorization, fixture->wanted) == 0)
    {
      soup_message_headers_append (headers, "Docker-Content-Digest",
                                   "sha256:5df6e272133dd4197d9ebf46d56eb15f66de667c735bf9c412b4eec17999d827");
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message,
                                        strstr (path, "/manifests/") != NULL ? CHD_OCI_TYPE_MANIFEST
                                                                             : "application/json",
                                        SOUP_MEMORY_STATIC, "{\"a\":1}", 7);
    }
  else
    {
      if (fixture->challenge != NULL)
        soup_message_headers_append (headers, "WWW-Authenticate", fixture->challenge);
      answer (message, 401, "{\"kind\":\"Status\",\"reason\":\"Unauthorized\",\"code\":401}");
    }
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("chd-credentials-XXXXXX", NULL);
  fixture->seen = g_ptr_array_new_with_free_func (g_free);
  fixture->token_queries = g_ptr_array_new_with_free_func (g_free);
  fixture->soup = server_start (handle, fixture, &fixture->url);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  soup_server_disconnect (fixture->soup);
  g_object_unref (fixture->soup);
  remove_folder (fixture->folder);
  g_ptr_array_unref (fixture->seen);
  g_ptr_array_unref (fixture->token_queries);
  g_free (fixture->url);
  g_free (fixture->challenge);
  g_free (fixture->redirect);
  g_free ((char *) fixture->peer);
}

static const char *
last_seen (Fixture *fixture)
{
  return fixture->seen->len > 0 ? fixture->seen->pdata[fixture->seen->len - 1] : "nothing";
}

static char *
path_in (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->folder, name, NULL);
}

static void
test_kinds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdHttp) http = make_http (fixture->url);
  g_autoptr (ChdCredentials) bearer = chd_credentials_new_bearer (CANARY);
  g_autoptr (ChdCredentials) basic = chd_credentials_new_basic ("alice", "p:w");
  g_autoptr (ChdCredentials) split = chd_credentials_new_bearer (CANARY "\r\nX-Injected: 1");
  g_autoptr (JsonObject) first = NULL, second = NULL, third = NULL;
  g_autoptr (GError) error = NULL;

  chd_http_set_credentials (http, bearer);
  first = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (last_seen (fixture), ==, "Bearer " CANARY);
  chd_http_set_credentials (http, basic);
  second = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (last_seen (fixture), ==, "Basic YWxpY2U6cDp3");

  /* A token that would break out of its header is not sent at all. */
  chd_http_set_credentials (http, split);
  third = http_get_json (http, "/", &error);
  g_assert_null (third);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_SIGN_IN);
  check_error (error);
  g_assert_cmpuint (fixture->seen->len, ==, 2);
}

static void
test_token_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = path_in (fixture, "token");
  g_autofree char *big = g_strnfill (70000, 'x');
  g_autoptr (ChdHttp) http = make_http (fixture->url);
  g_autoptr (ChdCredentials) credentials = chd_credentials_new_token_file (path);
  g_autoptr (JsonObject) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;
  const char *const bad[] = { "two\nlines", "", "not ascii \303\244", big };

  chd_http_set_credentials (http, credentials);
  put_file (fixture->folder, "token", "  old\n", -1);
  first = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (last_seen (fixture), ==, "Bearer old");

  /* The token was replaced before its minute was over: a 401 has it read again, once. */
  put_file (fixture->folder, "token", CANARY "\n", -1);
  fixture->wanted = "Bearer " CANARY;
  second = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->seen->len, ==, 3);
  fixture->wanted = "Bearer never";
  g_assert_null (http_get_json (http, "/", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_SIGN_IN);
  g_assert_cmpuint (fixture->seen->len, ==, 5);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (ChdCredentials) fresh = chd_credentials_new_token_file (path);

      g_clear_error (&error);
      put_file (fixture->folder, "token", bad[i], -1);
      chd_http_set_credentials (http, fresh);
      g_assert_null (http_get_json (http, "/", &error));
      g_assert_true (error->domain == CHD_ERROR);
    }
  g_assert_cmpuint (fixture->seen->len, ==, 5);
}

/* Whatever goes wrong, no error and no log line holds a secret. */
static void
test_never_told (Fixture *fixture, gconstpointer data)
{
  static const char *const targets[] = { "/", "http://127.0.0.1:1/elsewhere", "/?x=1" };
  g_autoptr (ChdHttp) http = make_http (fixture->url);
  g_autoptr (ChdHttp) nobody = make_http ("http://127.0.0.1:1");
  g_autoptr (ChdCredentials) credentials = chd_credentials_new_bearer (CANARY);
  g_autoptr (ChdConnection) connection = chd_connection_new ("c");
  g_autoptr (JsonObject) stored = NULL;
  g_autofree char *text = NULL;
  ChdHttp *const clients[] = { http, nobody };

  fixture->wanted = "Bearer other";
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      chd_http_set_credentials (clients[i], credentials);
      chd_http_set_timeouts (clients[i], 500, 500);
      for (guint k = 0; k < G_N_ELEMENTS (targets); k++)
        {
          g_autoptr (GError) error = NULL;

          g_assert_null (http_get_json (clients[i], targets[k], &error));
          check_error (error);
        }
    }
  g_assert_cmpuint (logged, >, 0);

  chd_connection_set_token (connection, CANARY);
  chd_connection_set_basic (connection, "u", CANARY);
  g_assert_true (chd_connection_set_proxy (connection, "http://u:" CANARY "@proxy:1", NULL));
  stored = chd_connection_to_json (connection);
  text = chd_json_write_object (stored, FALSE, NULL);
  g_assert_null (strstr (text, CANARY));
  g_free (text);
  text = chd_connection_dup_proxy_for_display (connection);
  g_assert_null (strstr (text, CANARY));
}

static void
write_helper (Fixture *fixture, const char *body)
{
  g_autofree char *path = path_in (fixture, "helper");
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\ncd %s\necho x >>runs\n%s\n", fixture->folder, body);

  g_assert_true (g_file_set_contents_full (path, script, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
}

static guint
count_runs (Fixture *fixture)
{
  g_autofree char *path = path_in (fixture, "runs");
  g_autofree char *text = NULL;
  gsize length = 0;

  g_file_get_contents (path, &text, &length, NULL);
  return (guint) length / 2;
}

#define CREDENTIAL(status)                                                                                             \
  "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{" status "}}'"

static ChdCredentials *
make_program (Fixture *fixture, const char *command)
{
  g_autoptr (ChdConnection) connection = chd_connection_new ("c");
  g_autoptr (JsonObject) exec = json_object_new ();
  g_autoptr (GError) error = NULL;
  ChdCredentials *credentials;

  json_object_set_string_member (exec, "apiVersion", "client.authentication.k8s.io/v1");
  json_object_set_string_member (exec, "command", command);
  chd_connection_set_exec (connection, exec, fixture->folder, NULL);
  g_assert_null (chd_credentials_new_for_connection (connection, NULL));
  chd_connection_allow_risks (connection, CHD_RISK_EXEC);
  credentials = chd_credentials_new_for_connection (connection, &error);
  g_assert_no_error (error);
  return credentials;
}

static void
test_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdHttp) http = make_http (fixture->url);
  g_autoptr (ChdCredentials) credentials = make_program (fixture, "./helper");
  g_autoptr (JsonObject) first = NULL, second = NULL, third = NULL;
  g_autoptr (GError) error = NULL;

  chd_http_set_credentials (http, credentials);
  write_helper (fixture, CREDENTIAL ("\"token\":\"first\""));
  first = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (last_seen (fixture), ==, "Bearer first");
  second = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_runs (fixture), ==, 1);

  /* Refused: asked again, and the request sent again. */
  write_helper (fixture, CREDENTIAL ("\"token\":\"second\",\"expirationTimestamp\":\"2001-01-01T00:00:00Z\""));
  fixture->wanted = "Bearer second";
  third = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_runs (fixture), ==, 2);

  /* Expired: asked before sending. */
  g_clear_pointer (&third, json_object_unref);
  third = http_get_json (http, "/", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_runs (fixture), ==, 3);
}

static void
test_bad_programs (Fixture *fixture, gconstpointer data)
{
  static const char *const bodies[] = {
    "echo " CANARY,
    "exit 3",
    CREDENTIAL (""),
    CREDENTIAL ("\"token\":\"a\\u0000b\""),
    "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"other/v1\",\"status\":{\"token\":\"x\"}}'",
    CREDENTIAL ("\"clientCertificateData\":\"" CANARY "\",\"clientKeyData\":\"" CANARY "\""),
    "head -c 3000000 /dev/zero",
    "kill -9 $$",
  };
  g_autoptr (ChdHttp) http = make_http (fixture->url);
  g_autoptr (ChdCredentials) missing = make_program (fixture, "./not-there");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (ChdCredentials) credentials = make_program (fixture, "./helper");

      write_helper (fixture, bodies[i]);
      chd_http_set_credentials (http, credentials);
      g_assert_null (http_get_json (http, "/", &error));
      g_assert_error (error, CHD_ERROR, CHD_ERROR_SIGN_IN);
      check_error (error);
      g_clear_error (&error);
    }
  chd_http_set_credentials (http, missing);
  g_assert_null (http_get_json (http, "/", &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_SIGN_IN);
  g_assert_cmpuint (fixture->seen->len, ==, 0);
}

/* TLS: who is on the other side, and who are we? */

typedef struct
{
  char *ca_pem, *other_ca_pem;
  GTlsCertificate *server, *expired, *alice, *bob;
} Certificates;

static void
make_ca (const char *folder, const char *name)
{
  g_autofree char *key = g_strdup_printf ("%s/%s.key", folder, name);
  g_autofree char *pem = g_strdup_printf ("%s/%s.pem", folder, name);
  g_autofree char *subject = g_strdup_printf ("/CN=%s", name);

  run ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
       "-subj", subject, "-keyout", key, "-out", pem, NULL);
}

static GTlsCertificate *
issue (const char *folder, const char *name, const char *san, const char *days)
{
  g_autofree char *key = g_strdup_printf ("%s/%s.key", folder, name);
  g_autofree char *request = g_strdup_printf ("%s/%s.csr", folder, name);
  g_autofree char *pem = g_strdup_printf ("%s/%s.pem", folder, name);
  g_autofree char *subject = g_strdup_printf ("/CN=%s", name);
  g_autofree char *ca = g_strdup_printf ("%s/ca.pem", folder);
  g_autofree char *ca_key = g_strdup_printf ("%s/ca.key", folder);
  g_autofree char *extension = g_strdup_printf ("%s/%s.ext", folder, name);
  g_autofree char *file = g_strdup_printf ("%s.ext", name);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  put_file (folder, file, san, -1);
  run ("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject, "-keyout",
       key, "-out", request, NULL);
  run ("openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", days,
       "-extfile", extension, "-out", pem, NULL);
  certificate = g_tls_certificate_new_from_files (pem, key, &error);
  g_assert_no_error (error);
  return certificate;
}

/* FALSE when there is no openssl here. */
static gboolean
certificates_make (Certificates *self, const char *folder)
{
  g_autofree char *program = g_find_program_in_path ("openssl");
  g_autofree char *ca = g_strdup_printf ("%s/ca.pem", folder);
  g_autofree char *other = g_strdup_printf ("%s/other.pem", folder);

  if (program == NULL)
    {
      g_test_skip ("openssl is not there");
      return FALSE;
    }
  make_ca (folder, "ca");
  make_ca (folder, "other");
  self->server = issue (folder, "server", "subjectAltName=DNS:engine.internal,IP:127.0.0.1", "2");
  self->expired = issue (folder, "expired", "subjectAltName=IP:127.0.0.1", "-1");
  self->alice = issue (folder, "alice", "extendedKeyUsage=clientAuth", "2");
  self->bob = issue (folder, "bob", "extendedKeyUsage=clientAuth", "2");
  g_assert_true (g_file_get_contents (ca, &self->ca_pem, NULL, NULL));
  g_assert_true (g_file_get_contents (other, &self->other_ca_pem, NULL, NULL));
  return TRUE;
}

static void
certificates_clear (Certificates *self)
{
  g_object_unref (self->server);
  g_object_unref (self->expired);
  g_object_unref (self->alice);
  g_object_unref (self->bob);
  g_free (self->ca_pem);
  g_free (self->other_ca_pem);
}

static gboolean
accept_any_cb (SoupServerMessage *message, GTlsCertificate *peer, GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static void
started_cb (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_any_cb), NULL);
}

static char *
serve_tls (Fixture *fixture, GTlsCertificate *certificate)
{
  GSList *uris;
  char *url = NULL;

  soup_server_disconnect (fixture->soup);
  soup_server_set_tls_certificate (fixture->soup, certificate);
  soup_server_set_tls_auth_mode (fixture->soup, G_TLS_AUTHENTICATION_REQUESTED);
  g_signal_connect (fixture->soup, "request-started", G_CALLBACK (started_cb), NULL);
  g_assert_true (
      soup_server_listen_local (fixture->soup, 0, SOUP_SERVER_LISTEN_HTTPS | SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (fixture->soup);
  url = g_strdup_printf ("https://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return url;
}

/* Returns: whether the server was trusted. */
static gboolean
try_tls (const char *url, const char *ca, const char *name, gboolean insecure, GTlsCertificate *identity)
{
  g_autoptr (ChdHttp) http = make_http (url);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (chd_http_set_ca (http, ca, NULL));
  chd_http_set_insecure (http, insecure);
  chd_http_set_tls_server_name (http, name);
  chd_http_set_client_certificate (http, identity);
  object = http_get_json (http, "/", &error);
  if (object == NULL)
    g_assert_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE);
  return object != NULL;
}

/* In one process, in any order: trust and identity of one connection never become those of another. */
static void
test_tls (Fixture *fixture, gconstpointer data)
{
  Certificates certificates;
  g_autofree char *url = NULL, *expired_url = NULL;

  if (!certificates_make (&certificates, fixture->folder))
    return;
  url = serve_tls (fixture, certificates.server);
  for (guint round = 0; round < 2; round++)
    {
      g_assert_true (try_tls (url, NULL, NULL, TRUE, NULL));
      g_assert_false (try_tls (url, NULL, NULL, FALSE, NULL));
      g_assert_true (try_tls (url, certificates.ca_pem, NULL, FALSE, NULL));
      g_assert_false (try_tls (url, certificates.other_ca_pem, NULL, FALSE, NULL));
      g_assert_true (try_tls (url, certificates.ca_pem, "engine.internal", FALSE, NULL));
      g_assert_false (try_tls (url, certificates.ca_pem, "other.internal", FALSE, NULL));
      g_assert_null (fixture->peer);
      g_assert_true (try_tls (url, certificates.ca_pem, NULL, FALSE, certificates.alice));
      g_assert_cmpstr (fixture->peer, ==, "CN=alice");
      g_assert_true (try_tls (url, certificates.ca_pem, NULL, FALSE, certificates.bob));
      g_assert_cmpstr (fixture->peer, ==, "CN=bob");
      g_assert_true (try_tls (url, certificates.ca_pem, NULL, FALSE, NULL));
      g_assert_null (fixture->peer);
    }
  expired_url = serve_tls (fixture, certificates.expired);
  g_assert_false (try_tls (expired_url, certificates.ca_pem, NULL, FALSE, NULL));
  certificates_clear (&certificates);
}

/* A certificate of ours is not shown to where a redirect leads. */
static void
test_certificate_stays (Fixture *fixture, gconstpointer data)
{
  Certificates certificates;
  Fixture second = { 0 };
  g_autofree char *url = NULL, *second_url = NULL;
  g_autoptr (ChdHttp) http = NULL;
  g_autoptr (ChdCredentials) credentials = chd_credentials_new_bearer (CANARY);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;

  if (!certificates_make (&certificates, fixture->folder))
    return;
  set_up (&second, NULL);
  second_url = serve_tls (&second, certificates.server);
  url = serve_tls (fixture, certificates.server);
  fixture->redirect = g_strconcat (second_url, "/elsewhere", NULL);
  http = make_http (url);
  chd_http_set_insecure (http, TRUE);
  chd_http_set_client_certificate (http, certificates.alice);
  chd_http_set_credentials (http, credentials);
  object = http_get_json (http, "/", &error);
  /* Neither our permission to skip the check goes along, so the second is not reached at all. */
  g_assert_null (object);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE);
  check_error (error);
  g_assert_cmpuint (second.seen->len, ==, 0);
  g_assert_cmpstr (fixture->peer, ==, "CN=alice");
  tear_down (&second, NULL);
  certificates_clear (&certificates);
}

/* Registries */

static ChdImageInfo *
ask_registry (ChdRegistry *registry, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_registry_find_async (registry, "team/made", "1", NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  return chd_registry_find_finish (registry, result, error);
}

static ChdRegistry *
make_registry (Fixture *fixture, const char *username)
{
  g_autoptr (ChdHttp) http = make_http (fixture->url);
  ChdRegistry *registry = chd_registry_new (http, NULL);

  if (username != NULL)
    chd_registry_set_login (registry, username, CANARY);
  return registry;
}

static void
test_registry_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdRegistry) registry = make_registry (fixture, "alice");
  g_autoptr (ChdImageInfo) first = NULL, second = NULL, third = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *pair = g_base64_encode ((const guchar *) "alice:" CANARY, strlen ("alice:" CANARY));
  g_autofree char *basic = g_strconcat ("Basic ", pair, NULL);

  fixture->wanted = "Bearer granted";
  fixture->token_answer = "{\"token\":\"granted\",\"expires_in\":300}";
  fixture->challenge =
      g_strdup_printf ("Bearer realm=\"%s/token?a=b\",service=\"the service\",scope=\"ignored\"", fixture->url);
  first = ask_registry (registry, &error);
  g_assert_no_error (error);
  g_assert_nonnull (first);
  g_assert_cmpuint (fixture->seen->len, ==, 3);
  g_assert_cmpstr (fixture->seen->pdata[0], ==, "");
  g_assert_cmpstr (fixture->seen->pdata[1], ==, basic);
  g_assert_cmpstr (fixture->token_queries->pdata[0], ==, "a=b&service=the%20service&scope=repository:team/made:pull");

  /* The token is kept for its time … */
  second = ask_registry (registry, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->seen->len, ==, 4);

  /* … and renewed when the registry no longer takes it, once. */
  fixture->wanted = "Bearer newer";
  fixture->token_answer = "{\"access_token\":\"newer\"}";
  third = ask_registry (registry, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->seen->len, ==, 7);
  fixture->wanted = "Bearer never";
  g_assert_null (ask_registry (registry, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED);
  check_error (error);
  g_assert_cmpuint (fixture->seen->len, ==, 10);
}

static void
test_registry_anonymous_and_basic (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdRegistry) anonymous = make_registry (fixture, NULL), known = make_registry (fixture, "alice"),
                          wrong = make_registry (fixture, "bob");
  g_autoptr (ChdImageInfo) info = NULL, again = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *pair = g_base64_encode ((const guchar *) "alice:" CANARY, strlen ("alice:" CANARY));
  g_autofree char *basic = g_strconcat ("Basic ", pair, NULL);

  fixture->challenge = g_strdup ("Basic realm=\"x\"");
  fixture->wanted = basic;
  g_assert_null (ask_registry (anonymous, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_SIGN_IN);
  g_clear_error (&error);
  info = ask_registry (known, &error);
  g_assert_no_error (error);
  again = ask_registry (known, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->seen->len, ==, 4);
  g_assert_null (ask_registry (wrong, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_SIGN_IN);
  check_error (error);
  g_assert_cmpuint (fixture->seen->len, ==, 6);
  g_clear_error (&error);

  /* A token without a login, for what is public. */
  g_free (fixture->challenge);
  fixture->challenge = g_strdup_printf ("Bearer realm=\"%s/token\"", fixture->url);
  fixture->wanted = "Bearer public";
  fixture->token_answer = "{\"token\":\"public\"}";
  g_clear_pointer (&info, chd_image_info_free);
  info = ask_registry (anonymous, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->seen->pdata[7], ==, "");
}

static void
test_registry_bad_token_servers (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *challenge, *answer;
    int code;
    gboolean asked;
  } cases[] = {
    { "Bearer realm=\"http://127.0.0.2:1/token\"", "{}", CHD_ERROR_NOT_ALLOWED, FALSE },
    { "Bearer realm=\"file:///etc/passwd\"", "{}", CHD_ERROR_SIGN_IN, FALSE },
    { "Bearer realm=\"https://u:p@127.0.0.1/token\"", "{}", CHD_ERROR_SIGN_IN, FALSE },
    { "Bearer nothing", "{}", CHD_ERROR_SIGN_IN, FALSE },
    { "Bearer realm=\"HERE/token\"", "{}", CHD_ERROR_SIGN_IN, TRUE },
    { "Bearer realm=\"HERE/token\"", "{\"token\":\"a b\"}", CHD_ERROR_SIGN_IN, TRUE },
    { "Bearer realm=\"HERE/token\"", "{\"token\":5}", CHD_ERROR_SIGN_IN, TRUE },
    { "Bearer realm=\"HERE/token\"", "[]", CHD_ERROR_CORRUPT, TRUE },
    { "Bearer realm=\"HERE/token\"", NULL, CHD_ERROR_SIGN_IN, TRUE },
  };

  fixture->wanted = "Bearer x";
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ChdRegistry) registry = make_registry (fixture, "alice");
      g_autoptr (GString) challenge = g_string_new (cases[i].challenge);
      g_autoptr (GError) error = NULL;
      guint before = fixture->seen->len;

      g_string_replace (challenge, "HERE", fixture->url, 1);
      g_free (fixture->challenge);
      fixture->challenge = g_strdup (challenge->str);
      fixture->token_answer = cases[i].answer;
      g_assert_null (ask_registry (registry, &error));
      g_assert_error (error, CHD_ERROR, cases[i].code);
      check_error (error);
      g_assert_cmpuint (fixture->seen->len - before, ==, cases[i].asked ? 2 : 1);
    }
}

static void
add (const char *name, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/cloud/credentials/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_setenv ("G_MESSAGES_DEBUG", "all", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (log_writer, NULL, NULL);
  add ("kinds", test_kinds);
  add ("token-file", test_token_file);
  add ("never-told", test_never_told);
  add ("program", test_program);
  add ("bad-programs", test_bad_programs);
  add ("tls", test_tls);
  add ("certificate-stays", test_certificate_stays);
  add ("registry-token", test_registry_token);
  add ("registry-anonymous-and-basic", test_registry_anonymous_and_basic);
  add ("registry-bad-token-servers", test_registry_bad_token_servers);
  return g_test_run ();
}
