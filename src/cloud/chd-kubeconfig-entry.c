/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What may stand in a cluster, a user and a context, and the connection that they make together. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-kubeconfig-private.h"
#include "chd-util.h"

typedef enum
{
  STRING,
  BOOLEAN,
  STRINGS,
  OBJECT,
  ANYTHING,
} Kind;

typedef struct
{
  const char *name;
  Kind kind;
} Member;

static const Member cluster_members[] = {
  { "server", STRING },
  { "tls-server-name", STRING },
  { "insecure-skip-tls-verify", BOOLEAN },
  { "certificate-authority", STRING },
  { "certificate-authority-data", STRING },
  { "proxy-url", STRING },
  { "disable-compression", BOOLEAN },
  { "extensions", ANYTHING },
  { NULL },
};
static const Member user_members[] = {
  { "client-certificate", STRING },
  { "client-certificate-data", STRING },
  { "client-key", STRING },
  { "client-key-data", STRING },
  { "token", STRING },
  { "tokenFile", STRING },
  { "as", STRING },
  { "as-uid", STRING },
  { "as-groups", STRINGS },
  { "as-user-extra", OBJECT },
  { "username", STRING },
  { "password", STRING },
  { "auth-provider", OBJECT },
  { "exec", OBJECT },
  { "extensions", ANYTHING },
  { NULL },
};
static const Member context_members[] = {
  { "cluster", STRING }, { "user", STRING }, { "namespace", STRING }, { "extensions", ANYTHING }, { NULL },
};

static gboolean
has_kind (JsonNode *node, Kind kind)
{
  switch (kind)
    {
    case STRING:
      return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
    case BOOLEAN:
      return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN;
    case STRINGS:
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return FALSE;
      for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
        if (chd_json_string_at (json_node_get_array (node), i) == NULL)
          return FALSE;
      return TRUE;
    case OBJECT:
      return JSON_NODE_HOLDS_OBJECT (node);
    case ANYTHING:
    default:
      return TRUE;
    }
}

/* What means the same as nothing. A context's user is kept: "" is said on purpose. */
static gboolean
is_empty (const Member *member, JsonNode *node)
{
  if (member->kind == STRING && *json_node_get_string (node) == '\0')
    return strcmp (member->name, "user") != 0 && strcmp (member->name, "server") != 0;
  return member->kind == BOOLEAN && !json_node_get_boolean (node);
}

JsonObject *
chd_kubeconfig_clean_entry (ChdKubeconfigList list, JsonObject *entry, GError **error)
{
  const Member *members = list == CHD_KUBECONFIG_CLUSTER ? cluster_members
                          : list == CHD_KUBECONFIG_USER  ? user_members
                                                         : context_members;
  g_autoptr (JsonObject) clean = json_object_new ();

  for (const Member *member = members; member->name != NULL; member++)
    {
      JsonNode *node = entry != NULL ? json_object_get_member (entry, member->name) : NULL;

      if (node == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      if (!has_kind (node, member->kind))
        {
          g_set_error (
              error, CHD_ERROR, CHD_ERROR_INVALID,
              /* Translators: %s is a word of the file, such as “token” */
              _ ("What it says as “%s” is of the wrong kind. A text may have to stand between quotation marks."),
              member->name);
          return NULL;
        }
      if (!is_empty (member, node))
        json_object_set_member (clean, member->name, json_node_copy (node));
    }
  return g_steal_pointer (&clean);
}

/* Making a connection */

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, message);
  return FALSE;
}

static const char *
get (JsonObject *object, const char *name)
{
  return chd_json_string (object, name, NULL);
}

static char *
make_path (const char *folder, const char *path)
{
  return path != NULL ? g_canonicalize_filename (path, folder) : NULL;
}

/* The text behind base64; to be freed with chd_secret_free(). The data itself is never part of an error. */
static gboolean
decode (const char *data, char **text, GError **error)
{
  g_autofree guchar *bytes = NULL;
  gsize length = 0;

  *text = NULL;
  if (data == NULL)
    return TRUE;
  if (data[strspn (data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\n")] == '\0')
    bytes = g_base64_decode (data, &length);
  if (bytes == NULL || length == 0 || memchr (bytes, '\0', length) != NULL ||
      !g_utf8_validate ((const char *) bytes, (gssize) length, NULL))
    return refuse (error, _ ("A certificate or key in the kubeconfig is damaged."));
  *text = g_strndup ((const char *) bytes, length);
  explicit_bzero (bytes, length);
  return TRUE;
}

/* kubectl's rules: the query is dropped, and without a scheme trust decides. */
static gboolean
set_server (ChdConnection *connection, JsonObject *cluster, JsonObject *user, GError **error)
{
  const char *text = get (cluster, "server");
  g_autofree char *server = NULL;
  gboolean secure = get (cluster, "certificate-authority") != NULL ||
                    get (cluster, "certificate-authority-data") != NULL || get (user, "client-certificate") != NULL ||
                    get (user, "client-certificate-data") != NULL ||
                    chd_json_bool (cluster, "insecure-skip-tls-verify", FALSE);

  if (text == NULL || *text == '\0')
    return refuse (error, _ ("The cluster in the kubeconfig has no server address."));
  server = strstr (text, "://") != NULL ? g_strdup (text) : g_strconcat (secure ? "https://" : "http://", text, NULL);
  server[strcspn (server, "?#")] = '\0';
  return chd_connection_set_server (connection, server, error);
}

static gboolean
set_cluster (ChdConnection *connection, JsonObject *cluster, const char *folder, GError **error)
{
  const char *data = get (cluster, "certificate-authority-data");
  g_autofree char *file = make_path (folder, get (cluster, "certificate-authority"));
  gboolean insecure = chd_json_bool (cluster, "insecure-skip-tls-verify", FALSE);
  g_autofree char *pem = NULL;

  if (data != NULL && file != NULL)
    return refuse (error, _ ("The kubeconfig gives the certificate authority twice, as data and as a file."));
  if (insecure && (data != NULL || file != NULL))
    return refuse (error, _ ("The kubeconfig names a certificate authority and says not to check certificates."));
  if (!decode (data, &pem, error) || (pem != NULL && !chd_connection_set_ca (connection, pem, error)))
    return FALSE;
  chd_connection_set_ca_file (connection, file);
  chd_connection_set_insecure (connection, insecure);
  chd_connection_set_tls_server_name (connection, get (cluster, "tls-server-name"));
  return get (cluster, "proxy-url") == NULL || chd_connection_set_proxy (connection, get (cluster, "proxy-url"), error);
}

static gboolean
set_certificate (ChdConnection *connection, JsonObject *user, const char *folder, GError **error)
{
  const char *certificate_data = get (user, "client-certificate-data");
  const char *key_data = get (user, "client-key-data");
  g_autofree char *certificate_file = make_path (folder, get (user, "client-certificate"));
  g_autofree char *key_file = make_path (folder, get (user, "client-key"));
  gboolean has_certificate = certificate_data != NULL || certificate_file != NULL;
  gboolean has_key = key_data != NULL || key_file != NULL;
  char *certificate = NULL, *key = NULL;
  gboolean ok;

  if ((certificate_data != NULL && certificate_file != NULL) || (key_data != NULL && key_file != NULL))
    return refuse (error, _ ("The kubeconfig gives the client certificate twice, as data and as a file."));
  if (has_certificate != has_key)
    return refuse (error, _ ("The kubeconfig has a client certificate without its key, or a key alone."));
  if (!has_certificate)
    return TRUE;

  ok = decode (certificate_data, &certificate, error) && decode (key_data, &key, error);
  /* Only when both are here can it be seen whether they are what they should be. */
  if (ok && certificate != NULL && key != NULL)
    {
      ok = chd_connection_set_client_certificate (connection, certificate, key, error);
    }
  else if (ok)
    {
      chd_connection_set_client_certificate (connection, NULL, key, NULL);
      chd_connection_set_certificate (connection, certificate);
      chd_connection_set_client_certificate_files (connection, certificate_file, key_file);
    }
  chd_secret_free (certificate);
  chd_secret_free (key);
  return ok;
}

static JsonNode *
find_exec_config (JsonObject *cluster)
{
  JsonArray *extensions = chd_json_array (cluster, "extensions");

  for (guint i = 0; i < chd_json_length (extensions); i++)
    {
      JsonObject *extension = chd_json_object_at (extensions, i);

      if (g_strcmp0 (get (extension, "name"), "client.authentication.k8s.io/exec") == 0)
        return json_object_get_member (extension, "extension");
    }
  return NULL;
}

/* What is left out here would make another user of this one, so it is refused when the connection is used. */
static void
set_problems (ChdConnection *connection, JsonObject *user)
{
  JsonObject *provider = chd_json_object (user, "auth-provider");
  g_autofree char *name = NULL;
  g_autofree char *problem = NULL;

  if (provider != NULL)
    {
      name = chd_str_sanitize (chd_json_string (provider, "name", "?"), -1, 100);
      problem = g_strdup_printf (
          /* Translators: %s is the name of an old way of signing in, such as “oidc” */
          _ ("This user signs in by “%s”, an old way that is not supported. Ask for a kubeconfig with a token or "
             "“exec”."),
          name);
      chd_connection_set_problem (connection, problem);
    }
  else if (get (user, "as-uid") != NULL || chd_json_object (user, "as-user-extra") != NULL)
    {
      chd_connection_set_problem (connection, _ ("This user acts for somebody else in a way that is not supported."));
    }
}

static gboolean
set_user (ChdConnection *connection, JsonObject *user, JsonObject *cluster, const char *folder, GError **error)
{
  g_autofree char *token_file = make_path (folder, get (user, "tokenFile"));
  gboolean has_token = get (user, "token") != NULL || token_file != NULL;
  gboolean has_basic = get (user, "username") != NULL || get (user, "password") != NULL;
  JsonObject *exec = chd_json_object (user, "exec");
  JsonArray *groups = chd_json_array (user, "as-groups");
  g_auto (GStrv) group_names = groups != NULL ? chd_json_strv (groups) : NULL;

  if ((has_token && has_basic) || (exec != NULL && chd_json_object (user, "auth-provider") != NULL))
    return refuse (error, _ ("The kubeconfig says more than one way to sign in for this user."));
  chd_connection_set_token (connection, get (user, "token"));
  chd_connection_set_token_file (connection, token_file);
  if (has_basic)
    chd_connection_set_basic (connection, chd_json_string (user, "username", ""), get (user, "password"));
  if (exec != NULL)
    chd_connection_set_exec (connection, exec, folder, find_exec_config (cluster));
  if (get (user, "as") != NULL)
    chd_connection_set_impersonation (connection, get (user, "as"), (const char *const *) group_names);
  else if (group_names != NULL && group_names[0] != NULL)
    return refuse (error, _ ("The kubeconfig names groups to act for, but no user."));
  set_problems (connection, user);
  return set_certificate (connection, user, folder, error);
}

ChdConnection *
chd_kubeconfig_make_connection (const char *name,
                                JsonObject *context,
                                JsonObject *cluster,
                                const char *cluster_folder,
                                JsonObject *user,
                                const char *user_folder,
                                GError **error)
{
  g_autoptr (ChdConnection) connection = chd_connection_new (name);

  if (!set_server (connection, cluster, user, error) || !set_cluster (connection, cluster, cluster_folder, error) ||
      (user != NULL && !set_user (connection, user, cluster, user_folder, error)))
    return NULL;
  chd_connection_set_folder (connection, user_folder);
  chd_connection_set_namespace (connection, get (context, "namespace"));
  return g_steal_pointer (&connection);
}
