/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Signing in at a registry, as its challenges say: a name and password, or a token for a scope from the token server
 * that it names. The first request goes without; from then on it is known what is wanted.
 *
 *  (1) Name and password go to the registry's origin, and to a token server that is reached by https or stands on the
 *      same host. Never elsewhere.
 *  (2) A request is repeated once with a new token, never more. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "chd-error.h"
#include "chd-http-private.h"
#include "chd-json.h"
#include "chd-registry-private.h"
#include "chd-util.h"
#include "chd-wire-error.h"

#define MAX_TOKEN_ANSWER (1024 * 1024)
#define DEFAULT_EXPIRY_SECONDS 60
#define EXPIRY_MARGIN_SECONDS 5
#define MAX_EXPIRY_SECONDS (24 * 3600)
#define MAX_TOKENS 100

typedef struct
{
  char *header;   /* (owned) secret */
  gint64 expires; /* monotonic µs */
} Token;

typedef struct
{
  ChdHttpRequest *request; /* (owned) */
  char *scope;             /* (owned) */
  GOutputStream *output;   /* (owned) (nullable) */
  gboolean renewed;
} Send;

static void begin (GTask *task);

static void
token_free (Token *token)
{
  chd_secret_free (token->header);
  g_free (token);
}

void
chd_registry_auth_init (ChdRegistryAuth *auth)
{
  memset (auth, 0, sizeof *auth);
  auth->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) token_free);
}

void
chd_registry_auth_clear (ChdRegistryAuth *auth)
{
  g_free (auth->username);
  chd_secret_free (auth->password);
  g_free (auth->realm);
  g_free (auth->service);
  g_hash_table_unref (auth->tokens);
}

static void
send_free (Send *send)
{
  chd_http_request_unref (send->request);
  g_clear_object (&send->output);
  g_free (send->scope);
  g_free (send);
}

/* Tokens */

/* Takes name and password along when the token server may see them. */
static ChdHttp *
open_token_server (ChdRegistry *self, GUri *realm, GError **error)
{
  ChdRegistryAuth *auth = chd_registry_get_auth (self);
  g_autoptr (GUri) own = g_uri_parse (chd_http_get_url (chd_registry_get_http (self)), SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) origin = NULL;
  g_autoptr (ChdHttp) http = NULL;
  g_autofree char *address = NULL;

  if (g_strcmp0 (g_uri_get_scheme (realm), "https") != 0 &&
      (g_ascii_strcasecmp (g_uri_get_host (realm), g_uri_get_host (own)) != 0 ||
       g_strcmp0 (g_uri_get_scheme (own), "https") == 0))
    {
      g_autofree char *host = chd_str_sanitize (g_uri_get_host (realm), -1, 253);

      g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                   /* Translators: two host names */
                   _ ("%s wants you to sign in at %s without encryption. Nothing was sent there."),
                   chd_registry_get_host (self), host);
      return NULL;
    }
  origin = g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (realm), NULL, g_uri_get_host (realm),
                        g_uri_get_port (realm), "", NULL, NULL);
  address = g_uri_to_string (origin);
  /* The same origin is trusted as the registry is. */
  if (chd_http_same_origin (address, chd_http_get_url (chd_registry_get_http (self))))
    return g_object_ref (chd_registry_get_http (self));
  http = chd_http_new (address, NULL, error);
  if (http == NULL)
    return NULL;
  chd_http_set_backoff (http, chd_http_get_backoff (chd_registry_get_http (self)));
  if (auth->username != NULL)
    {
      g_autoptr (ChdCredentials) credentials = chd_credentials_new_basic (auth->username, auth->password);

      chd_http_set_credentials (http, credentials);
    }
  return g_steal_pointer (&http);
}

static char *
make_basic (ChdRegistryAuth *auth)
{
  char *pair = g_strconcat (auth->username, ":", auth->password != NULL ? auth->password : "", NULL);
  char *encoded = g_base64_encode ((const guchar *) pair, strlen (pair));
  char *header = g_strconcat ("Basic ", encoded, NULL);

  chd_secret_free (pair);
  chd_secret_free (encoded);
  return header;
}

/* The realm's address with service and one scope parameter for each scope. */
static char *
make_token_target (ChdRegistryAuth *auth, const char *scope)
{
  g_autoptr (GString) target = g_string_new (auth->realm);
  g_auto (GStrv) scopes = g_strsplit (scope, " ", -1);
  const char *separator = strchr (auth->realm, '?') != NULL ? "&" : "?";

  if (auth->service != NULL)
    {
      g_string_append_printf (target, "%sservice=", separator);
      g_string_append_uri_escaped (target, auth->service, NULL, FALSE);
      separator = "&";
    }
  for (guint i = 0; scopes[i] != NULL; i++)
    if (*scopes[i] != '\0')
      {
        g_string_append_printf (target, "%sscope=", separator);
        g_string_append_uri_escaped (target, scopes[i], ":/,", FALSE);
        separator = "&";
      }
  return g_strdup (target->str);
}

static gboolean
keep_token (ChdRegistryAuth *auth, const char *scope, JsonObject *answer)
{
  const char *token = chd_json_string (answer, "token", NULL);
  gint64 seconds = chd_json_int (answer, "expires_in", DEFAULT_EXPIRY_SECONDS);
  Token *kept;

  if (token == NULL || *token == '\0')
    token = chd_json_string (answer, "access_token", NULL);
  if (token == NULL || *token == '\0')
    return FALSE;
  /* It must not break out of its header. */
  for (const char *c = token; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c))
      return FALSE;

  if (g_hash_table_size (auth->tokens) >= MAX_TOKENS)
    g_hash_table_remove_all (auth->tokens);
  kept = g_new0 (Token, 1);
  kept->header = g_strconcat ("Bearer ", token, NULL);
  /* The registry measures by its own clock; ours only counts. */
  seconds = CLAMP (seconds, EXPIRY_MARGIN_SECONDS + 1, MAX_EXPIRY_SECONDS) - EXPIRY_MARGIN_SECONDS;
  kept->expires = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  g_hash_table_replace (auth->tokens, g_strdup (scope), kept);
  return TRUE;
}

static void
token_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = g_task_get_source_object (task);
  Send *send = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) answer = chd_http_send_json_finish (CHD_HTTP (object), result, NULL, &error);

  if (answer != NULL && !keep_token (chd_registry_get_auth (self), send->scope, answer))
    error = g_error_new (CHD_ERROR, CHD_ERROR_SIGN_IN,
                         /* Translators: %s is a host name */
                         _ ("The sign-in server of %s gave no token."), chd_registry_get_host (self));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    begin (g_steal_pointer (&task));
}

/* Takes @task. */
static void
fetch_token (GTask *task)
{
  ChdRegistry *self = g_task_get_source_object (task);
  ChdRegistryAuth *auth = chd_registry_get_auth (self);
  Send *send = g_task_get_task_data (task);
  g_autofree char *target = make_token_target (auth, send->scope);
  g_autoptr (GUri) realm = g_uri_parse (auth->realm, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (ChdHttpRequest) request = NULL;
  g_autoptr (ChdHttp) http = NULL;
  GError *error = NULL;

  http = open_token_server (self, realm, &error);
  if (http == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  request = chd_http_request_new ("GET", target, CHD_HTTP_NO_REDIRECT);
  chd_http_request_set_max_body (request, MAX_TOKEN_ANSWER);
  if (http == chd_registry_get_http (self) && auth->username != NULL)
    {
      char *basic = make_basic (auth);

      chd_http_request_set_header (request, "Authorization", basic);
      chd_secret_free (basic);
    }
  chd_http_send_json_async (http, request, g_task_get_cancellable (task), token_cb, task);
}

/* Challenges */

/* Remembers what the registry wants; FALSE when it is nothing that can be given. */
static gboolean
take_challenge (ChdRegistry *self, ChdHttpResponse *response, Send *send)
{
  ChdRegistryAuth *auth = chd_registry_get_auth (self);
  g_auto (GStrv) headers = chd_http_response_list_headers (response, "WWW-Authenticate");
  g_autoptr (GPtrArray) challenges = chd_challenges_parse ((const char *const *) headers);

  for (guint i = 0; i < challenges->len; i++)
    {
      const ChdChallenge *challenge = challenges->pdata[i];
      const char *realm = chd_challenge_get (challenge, "realm");
      g_autoptr (GUri) uri = NULL;

      if (strcmp (challenge->scheme, "bearer") != 0 || realm == NULL)
        continue;
      uri = g_uri_parse (realm, SOUP_HTTP_URI_FLAGS, NULL);
      if (uri == NULL || g_uri_get_host (uri) == NULL || g_uri_get_userinfo (uri) != NULL ||
          (strcmp (g_uri_get_scheme (uri), "http") != 0 && strcmp (g_uri_get_scheme (uri), "https") != 0))
        continue;
      chd_set_str (&auth->realm, realm);
      chd_set_str (&auth->service, chd_challenge_get (challenge, "service"));
      g_hash_table_remove (auth->tokens, send->scope);
      return TRUE;
    }
  for (guint i = 0; i < challenges->len; i++)
    if (strcmp (((ChdChallenge *) challenges->pdata[i])->scheme, "basic") == 0 && auth->username != NULL)
      {
        auth->basic = TRUE;
        return TRUE;
      }
  return FALSE;
}

static GError *
make_refusal (ChdRegistry *self, ChdHttpResponse *response, Send *send)
{
  GBytes *body = chd_http_response_get_body (response);
  gsize length = 0;
  const char *text = body != NULL ? g_bytes_get_data (body, &length) : NULL;
  g_autoptr (GError) said = chd_wire_error_from_response (401, text, length, send->request->subject);
  gboolean granted = chd_registry_get_auth (self)->realm != NULL && send->renewed;
  GError *error =
      granted
          ? g_error_new (CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                         /* Translators: %s is an image */
                         _ ("You are not allowed to do this with %s, or it does not exist."), send->request->subject)
          : g_error_new (CHD_ERROR, CHD_ERROR_SIGN_IN,
                         /* Translators: %s is a host name */
                         _ ("%s asks you to sign in. Check the user name and password of this registry."),
                         chd_registry_get_host (self));

  chd_error_set_details (error, chd_error_get_details (said));
  chd_error_set_object (error, send->request->subject);
  chd_error_set_status (error, 401);
  return error;
}

/* Sending */

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = g_task_get_source_object (task);
  Send *send = g_task_get_task_data (task);
  g_autoptr (ChdHttpResponse) response = NULL;
  GError *error = NULL;

  response = send->output != NULL ? chd_http_download_finish (CHD_HTTP (object), result, &error)
                                  : chd_http_send_finish (CHD_HTTP (object), result, &error);
  if (response == NULL)
    {
      g_task_return_error (task, error);
    }
  else if (chd_http_response_get_status (response) != 401)
    {
      g_task_return_pointer (task, g_steal_pointer (&response), (GDestroyNotify) chd_http_response_unref);
    }
  else if (!send->renewed && take_challenge (self, response, send) && chd_http_request_rewind (send->request))
    {
      send->renewed = TRUE;
      begin (g_steal_pointer (&task));
    }
  else
    {
      g_task_return_error (task, make_refusal (self, response, send));
    }
}

/* Sends with what is known to be wanted; takes @task. */
static void
begin (GTask *task)
{
  ChdRegistry *self = g_task_get_source_object (task);
  ChdRegistryAuth *auth = chd_registry_get_auth (self);
  Send *send = g_task_get_task_data (task);
  ChdHttp *http = chd_registry_get_http (self);

  if (auth->realm != NULL)
    {
      Token *token = g_hash_table_lookup (auth->tokens, send->scope);

      if (token == NULL || token->expires <= g_get_monotonic_time ())
        {
          fetch_token (task);
          return;
        }
      chd_http_request_set_header (send->request, "Authorization", token->header);
    }
  else if (auth->basic)
    {
      char *basic = make_basic (auth);

      chd_http_request_set_header (send->request, "Authorization", basic);
      chd_secret_free (basic);
    }

  if (send->output != NULL)
    chd_http_download_async (http, send->request, send->output, g_task_get_cancellable (task), sent_cb, task);
  else
    chd_http_send_async (http, send->request, g_task_get_cancellable (task), sent_cb, task);
}

ChdHttpRequest *
chd_registry_request_new (ChdRegistry *self,
                          const char *method,
                          const char *target,
                          ChdHttpFlags flags,
                          const char *subject)
{
  ChdHttpRequest *request = chd_http_request_new (method, target, flags | CHD_HTTP_RAW_UNAUTHORIZED);

  chd_http_request_set_subject (request, subject);
  return request;
}

void
chd_registry_send_async (ChdRegistry *self,
                         ChdHttpRequest *request,
                         const char *scope,
                         GOutputStream *output,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Send *send = g_new0 (Send, 1);

  g_task_set_source_tag (task, chd_registry_send_async);
  send->request = chd_http_request_ref (request);
  send->scope = g_strdup (scope);
  send->output = output != NULL ? g_object_ref (output) : NULL;
  g_task_set_task_data (task, send, (GDestroyNotify) send_free);
  begin (task);
}

ChdHttpResponse *
chd_registry_send_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
