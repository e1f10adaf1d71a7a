/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where an engine is and how to sign in there. See the header for what always holds. */

#include "config.h"

#include "chd-connection.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <string.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"

#define MAX_PEM (1024 * 1024)
#define SERVICE_ACCOUNT_FOLDER "/var/run/secrets/kubernetes.io/serviceaccount"

struct _ChdConnection
{
  GObject parent_instance;

  char *name;        /* (owned) */
  char *server;      /* (owned) (nullable) */
  char *socket_path; /* (owned) (nullable) */
  char *namespace_;  /* (owned) (nullable) */
  char *registry;    /* (owned) (nullable) */
  char *ca;          /* (owned) (nullable) PEM */
  char *ca_file;     /* (owned) (nullable) */
  gboolean insecure;
  char *tls_server_name;      /* (owned) (nullable) */
  char *proxy;                /* (owned) (nullable) secret: may hold a password */
  char *token;                /* (owned) (nullable) secret */
  char *token_file;           /* (owned) (nullable) */
  char *username;             /* (owned) (nullable) */
  char *password;             /* (owned) (nullable) secret */
  char *certificate;          /* (owned) (nullable) PEM */
  char *key;                  /* (owned) (nullable) secret, PEM */
  char *certificate_file;     /* (owned) (nullable) */
  char *key_file;             /* (owned) (nullable) */
  JsonObject *exec;           /* (owned) (nullable) */
  JsonNode *cluster_config;   /* (owned) (nullable) for exec */
  char *folder;               /* (owned) (nullable) */
  char *impersonated_user;    /* (owned) (nullable) */
  char **impersonated_groups; /* (owned) (nullable) */
  char *source_file;          /* (owned) (nullable) */
  char *source_context;       /* (owned) (nullable) */
  char *problem;              /* (owned) (nullable) */
  guint allowed_risks;
};

G_DEFINE_FINAL_TYPE (ChdConnection, chd_connection, G_TYPE_OBJECT)

typedef enum
{
  PROP_NAME = 1,
  PROP_SERVER,
  PROP_NAMESPACE,
  PROP_REGISTRY,
} ChdConnectionProperty;

static GParamSpec *properties[PROP_REGISTRY + 1];

static void
set_secret (char **target, const char *value)
{
  char *copy = g_strdup (value);

  chd_secret_free (*target);
  *target = copy;
}

static gboolean
check_url (const char *url, gboolean path_allowed, GError **error)
{
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL) : NULL;
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  if ((g_strcmp0 (scheme, "http") != 0 && g_strcmp0 (scheme, "https") != 0) || host == NULL || *host == '\0')
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("A server address looks like “https://host:6443”."));
      return FALSE;
    }
  /* The address itself stays out of the message: it holds a password. */
  if (g_uri_get_userinfo (uri) != NULL)
    {
      g_set_error_literal (
          error, CHD_ERROR, CHD_ERROR_INVALID,
          _ ("A server address must not hold a user name or password. Enter them in their own fields."));
      return FALSE;
    }
  /* In the text itself: the parsed path has lost its dots already. */
  if (strstr (url, "/..") != NULL || strcasestr (url, "%2e") != NULL ||
      (!path_allowed && strlen (g_uri_get_path (uri)) > 1))
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The path of this server address cannot be used."));
      return FALSE;
    }
  return TRUE;
}

static gboolean
is_outside (ChdConnection *self, const char *path)
{
  g_autofree char *folder = NULL;
  char *resolved, *resolved_folder;
  gboolean outside = TRUE;

  if (path == NULL)
    return FALSE;
  if (self->folder == NULL)
    return FALSE; /* the user's own description */

  resolved = realpath (path, NULL);
  resolved_folder = realpath (self->folder, NULL);
  if (resolved_folder != NULL)
    folder = g_strconcat (resolved_folder, "/", NULL);
  if (resolved != NULL && folder != NULL)
    outside = !g_str_has_prefix (resolved, folder);
  free (resolved);
  free (resolved_folder);
  return outside;
}

static gboolean
is_local (ChdConnection *self)
{
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GInetAddress) address = NULL;
  const char *host;

  if (self->socket_path != NULL)
    return TRUE;
  uri = self->server != NULL ? g_uri_parse (self->server, G_URI_FLAGS_ENCODED, NULL) : NULL;
  host = uri != NULL ? g_uri_get_host (uri) : NULL;
  if (host == NULL)
    return FALSE;
  address = g_inet_address_new_from_string (host);
  return address != NULL ? g_inet_address_get_is_loopback (address) : g_ascii_strcasecmp (host, "localhost") == 0;
}

static void
chd_connection_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChdConnection *self = CHD_CONNECTION (object);

  switch ((ChdConnectionProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_SERVER:
      g_value_set_string (value, self->server);
      break;
    case PROP_NAMESPACE:
      g_value_set_string (value, chd_connection_get_namespace (self));
      break;
    case PROP_REGISTRY:
      g_value_set_string (value, self->registry);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_connection_finalize (GObject *object)
{
  ChdConnection *self = CHD_CONNECTION (object);

  chd_secret_free (self->token);
  chd_secret_free (self->password);
  chd_secret_free (self->key);
  chd_secret_free (self->proxy);
  g_clear_pointer (&self->exec, json_object_unref);
  g_clear_pointer (&self->cluster_config, json_node_unref);
  g_strfreev (self->impersonated_groups);
  g_free (self->impersonated_user);
  g_free (self->name);
  g_free (self->server);
  g_free (self->socket_path);
  g_free (self->namespace_);
  g_free (self->registry);
  g_free (self->ca);
  g_free (self->ca_file);
  g_free (self->tls_server_name);
  g_free (self->token_file);
  g_free (self->username);
  g_free (self->certificate);
  g_free (self->certificate_file);
  g_free (self->key_file);
  g_free (self->folder);
  g_free (self->source_file);
  g_free (self->source_context);
  g_free (self->problem);
  G_OBJECT_CLASS (chd_connection_parent_class)->finalize (object);
}

static void
chd_connection_class_init (ChdConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_connection_get_property;
  object_class->finalize = chd_connection_finalize;
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SERVER] = g_param_spec_string ("server", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_NAMESPACE] =
      g_param_spec_string ("namespace", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_REGISTRY] =
      g_param_spec_string ("registry", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
chd_connection_init (ChdConnection *self)
{
  self->name = g_strdup ("");
}

ChdConnection *
chd_connection_new (const char *name)
{
  ChdConnection *self = g_object_new (CHD_TYPE_CONNECTION, NULL);

  chd_connection_set_name (self, name);
  return self;
}

ChdConnection *
chd_connection_new_for_socket (const char *name, const char *socket_path)
{
  ChdConnection *self = chd_connection_new (name);

  chd_connection_set_socket_path (self, socket_path);
  return self;
}

/**
 * chd_connection_new_in_cluster:
 * Returns: (transfer full): the engine in whose pod this program runs, or %NULL with %CHD_ERROR_NOT_FOUND
 */
ChdConnection *
chd_connection_new_in_cluster (GError **error)
{
  const char *host = g_getenv ("KUBERNETES_SERVICE_HOST");
  const char *port = g_getenv ("KUBERNETES_SERVICE_PORT");
  g_autoptr (ChdConnection) self = chd_connection_new (_ ("This cluster"));
  g_autofree char *namespace_ = NULL;
  g_autofree char *server = NULL;

  if (host == NULL || port == NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("This program does not run inside a cluster."));
      return NULL;
    }
  server = g_strdup_printf (strchr (host, ':') != NULL ? "https://[%s]:%s" : "https://%s:%s", host, port);
  if (!chd_connection_set_server (self, server, error))
    return NULL;
  chd_connection_set_token_file (self, SERVICE_ACCOUNT_FOLDER "/token");
  chd_connection_set_ca_file (self, SERVICE_ACCOUNT_FOLDER "/ca.crt");
  namespace_ = chd_read_regular_file (SERVICE_ACCOUNT_FOLDER "/namespace", 253, NULL, NULL);
  if (namespace_ != NULL)
    chd_connection_set_namespace (self, g_strstrip (namespace_));
  return g_steal_pointer (&self);
}

/**
 * chd_connection_copy:
 * Returns: (transfer full): an independent copy, secrets included
 */
ChdConnection *
chd_connection_copy (ChdConnection *self)
{
  ChdConnection *copy = chd_connection_new (self->name);

  chd_set_str (&copy->server, self->server);
  chd_set_str (&copy->socket_path, self->socket_path);
  chd_set_str (&copy->namespace_, self->namespace_);
  chd_set_str (&copy->registry, self->registry);
  chd_set_str (&copy->ca, self->ca);
  chd_set_str (&copy->ca_file, self->ca_file);
  copy->insecure = self->insecure;
  chd_set_str (&copy->tls_server_name, self->tls_server_name);
  set_secret (&copy->proxy, self->proxy);
  set_secret (&copy->token, self->token);
  chd_set_str (&copy->token_file, self->token_file);
  chd_set_str (&copy->username, self->username);
  set_secret (&copy->password, self->password);
  chd_set_str (&copy->certificate, self->certificate);
  set_secret (&copy->key, self->key);
  chd_set_str (&copy->certificate_file, self->certificate_file);
  chd_set_str (&copy->key_file, self->key_file);
  chd_connection_set_exec (copy, self->exec, self->folder, self->cluster_config);
  chd_set_str (&copy->impersonated_user, self->impersonated_user);
  copy->impersonated_groups = g_strdupv (self->impersonated_groups);
  chd_set_str (&copy->source_file, self->source_file);
  chd_set_str (&copy->source_context, self->source_context);
  chd_set_str (&copy->problem, self->problem);
  copy->allowed_risks = self->allowed_risks;
  return copy;
}

const char *
chd_connection_get_name (ChdConnection *self)
{
  return self->name;
}

void
chd_connection_set_name (ChdConnection *self, const char *name)
{
  g_autofree char *harmless = chd_str_sanitize (name, -1, 253);

  g_strdelimit (harmless, "\n\t", ' ');
  if (chd_set_str (&self->name, harmless))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

const char *
chd_connection_get_server (ChdConnection *self)
{
  return self->server;
}

/**
 * chd_connection_set_server:
 * @url: (nullable): "https://host:port" with an optional path
 */
gboolean
chd_connection_set_server (ChdConnection *self, const char *url, GError **error)
{
  if (url != NULL && !check_url (url, TRUE, error))
    return FALSE;
  if (chd_set_str (&self->server, url))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SERVER]);
  return TRUE;
}

const char *
chd_connection_get_socket_path (ChdConnection *self)
{
  return self->socket_path;
}

void
chd_connection_set_socket_path (ChdConnection *self, const char *path)
{
  chd_set_str (&self->socket_path, path);
}

/**
 * chd_connection_get_namespace:
 * Returns: (not nullable): the namespace to work in
 */
const char *
chd_connection_get_namespace (ChdConnection *self)
{
  return self->namespace_ != NULL && *self->namespace_ != '\0' ? self->namespace_ : "default";
}

void
chd_connection_set_namespace (ChdConnection *self, const char *namespace_)
{
  if (chd_set_str (&self->namespace_, namespace_))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAMESPACE]);
}

const char *
chd_connection_get_registry (ChdConnection *self)
{
  return self->registry;
}

gboolean
chd_connection_set_registry (ChdConnection *self, const char *url, GError **error)
{
  if (url != NULL && !check_url (url, FALSE, error))
    return FALSE;
  if (chd_set_str (&self->registry, url))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REGISTRY]);
  return TRUE;
}

const char *
chd_connection_get_ca (ChdConnection *self)
{
  return self->ca;
}

/**
 * chd_connection_set_ca:
 * @pem: (nullable): the only certificate authorities to trust; %NULL for the system's
 */
gboolean
chd_connection_set_ca (ChdConnection *self, const char *pem, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (pem != NULL && strlen (pem) <= MAX_PEM)
    certificate = g_tls_certificate_new_from_pem (pem, -1, NULL);
  if (pem != NULL && certificate == NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("The certificate authority of this connection is not a PEM certificate."));
      return FALSE;
    }
  chd_set_str (&self->ca, pem);
  return TRUE;
}

gboolean
chd_connection_get_insecure (ChdConnection *self)
{
  return self->insecure;
}

void
chd_connection_set_insecure (ChdConnection *self, gboolean insecure)
{
  self->insecure = insecure;
}

const char *
chd_connection_get_tls_server_name (ChdConnection *self)
{
  return self->tls_server_name;
}

void
chd_connection_set_tls_server_name (ChdConnection *self, const char *name)
{
  chd_set_str (&self->tls_server_name, name);
}

const char *
chd_connection_get_proxy (ChdConnection *self)
{
  return self->proxy;
}

/**
 * chd_connection_dup_proxy_for_display:
 * Returns: (transfer full) (nullable): the proxy's address without its password
 */
char *
chd_connection_dup_proxy_for_display (ChdConnection *self)
{
  g_autoptr (GUri) uri =
      self->proxy != NULL ? g_uri_parse (self->proxy, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL) : NULL;

  return uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO) : NULL;
}

gboolean
chd_connection_set_proxy (ChdConnection *self, const char *url, GError **error)
{
  static const char *const schemes[] = { "http", "https", "socks5", NULL };
  g_autoptr (GUri) uri = url != NULL ? g_uri_parse (url, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL) : NULL;

  if (url != NULL &&
      (uri == NULL || !g_strv_contains (schemes, g_uri_get_scheme (uri)) || g_uri_get_host (uri) == NULL))
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("The address of the proxy has to begin with “http”, “https” or “socks5”."));
      return FALSE;
    }
  set_secret (&self->proxy, url);
  return TRUE;
}

void
chd_connection_set_token (ChdConnection *self, const char *token)
{
  set_secret (&self->token, token);
}

void
chd_connection_set_token_file (ChdConnection *self, const char *path)
{
  chd_set_str (&self->token_file, path);
}

void
chd_connection_set_basic (ChdConnection *self, const char *username, const char *password)
{
  chd_set_str (&self->username, username);
  set_secret (&self->password, password);
}

/**
 * chd_connection_set_client_certificate:
 * @certificate_pem: (nullable): the certificate, its chain may follow
 * @key_pem: (nullable): its private key, not encrypted
 */
gboolean
chd_connection_set_client_certificate (ChdConnection *self,
                                       const char *certificate_pem,
                                       const char *key_pem,
                                       GError **error)
{
  if (certificate_pem != NULL)
    {
      g_autofree char *both = NULL;
      g_autoptr (GTlsCertificate) certificate = NULL;

      if (key_pem != NULL && strlen (certificate_pem) <= MAX_PEM && strlen (key_pem) <= MAX_PEM)
        {
          both = g_strconcat (certificate_pem, "\n", key_pem, NULL);
          certificate = g_tls_certificate_new_from_pem (both, -1, NULL);
          explicit_bzero (both, strlen (both));
        }
      if (certificate == NULL)
        {
          g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                               _ ("The client certificate and its key are not PEM texts that belong together."));
          return FALSE;
        }
    }
  chd_set_str (&self->certificate, certificate_pem);
  set_secret (&self->key, key_pem);
  return TRUE;
}

/**
 * chd_connection_set_exec:
 * @exec: (nullable): as in a kubeconfig
 * @folder: (nullable): what relative commands are relative to
 * @cluster_config: (nullable): what the cluster has for the program
 */
void
chd_connection_set_exec (ChdConnection *self, JsonObject *exec, const char *folder, JsonNode *cluster_config)
{
  g_clear_pointer (&self->exec, json_object_unref);
  g_clear_pointer (&self->cluster_config, json_node_unref);
  if (exec != NULL)
    self->exec = json_object_ref (exec);
  if (cluster_config != NULL)
    self->cluster_config = json_node_ref (cluster_config);
  chd_set_str (&self->folder, folder);
}

void
chd_connection_set_impersonation (ChdConnection *self, const char *user, const char *const *groups)
{
  chd_set_str (&self->impersonated_user, user);
  g_strfreev (self->impersonated_groups);
  self->impersonated_groups = g_strdupv ((char **) groups);
}

const char *
chd_connection_get_username (ChdConnection *self)
{
  return self->username;
}

const char *
chd_connection_get_token_file (ChdConnection *self)
{
  return self->token_file;
}

gboolean
chd_connection_has_credentials (ChdConnection *self)
{
  return self->token != NULL || self->token_file != NULL || self->username != NULL || self->certificate != NULL ||
         self->certificate_file != NULL || self->exec != NULL;
}

void
chd_connection_set_ca_file (ChdConnection *self, const char *path)
{
  chd_set_str (&self->ca_file, path);
}

void
chd_connection_set_client_certificate_files (ChdConnection *self, const char *certificate, const char *key)
{
  chd_set_str (&self->certificate_file, certificate);
  chd_set_str (&self->key_file, key);
}

void
chd_connection_set_folder (ChdConnection *self, const char *folder)
{
  chd_set_str (&self->folder, folder);
}

const char *
chd_connection_get_source_file (ChdConnection *self)
{
  return self->source_file;
}

const char *
chd_connection_get_source_context (ChdConnection *self)
{
  return self->source_context;
}

void
chd_connection_set_source (ChdConnection *self, const char *file, const char *context)
{
  chd_set_str (&self->source_file, file);
  chd_set_str (&self->source_context, context);
}

/* Risks */

/**
 * chd_connection_list_risks:
 * Returns: the #ChdRisk flags that apply, allowed or not
 */
guint
chd_connection_list_risks (ChdConnection *self)
{
  guint risks = 0;

  if (self->exec != NULL)
    risks |= CHD_RISK_EXEC;
  if (is_outside (self, self->ca_file) || is_outside (self, self->token_file) ||
      is_outside (self, self->certificate_file) || is_outside (self, self->key_file))
    risks |= CHD_RISK_FILE;
  if (self->insecure && !is_local (self))
    risks |= CHD_RISK_INSECURE;
  if (self->server != NULL && g_ascii_strncasecmp (self->server, "http:", 5) == 0 && !is_local (self) &&
      chd_connection_has_credentials (self))
    risks |= CHD_RISK_PLAIN_TEXT;
  return risks;
}

guint
chd_connection_get_allowed_risks (ChdConnection *self)
{
  return self->allowed_risks;
}

void
chd_connection_allow_risks (ChdConnection *self, guint risks)
{
  self->allowed_risks |= risks;
}

/**
 * chd_connection_check_risks:
 * Returns: %TRUE when everything risky was allowed, else %FALSE with %CHD_ERROR_NOT_ALLOWED
 */
gboolean
chd_connection_check_risks (ChdConnection *self, GError **error)
{
  guint open = chd_connection_list_risks (self) & ~self->allowed_risks;

  if (self->problem != NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED, self->problem);
      return FALSE;
    }
  if (open & CHD_RISK_EXEC)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” runs a program to sign in. Allow it after checking its command line."), self->name);
  else if (open & CHD_RISK_FILE)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” reads files outside its own folder to sign in. Allow it after checking which."), self->name);
  else if (open & CHD_RISK_INSECURE)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” does not check the server’s certificate. Allow it only in a network you trust."), self->name);
  else if (open & CHD_RISK_PLAIN_TEXT)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” would send its credentials unencrypted. Use an “https” address, or allow it."), self->name);
  return open == 0;
}

/**
 * chd_connection_dup_exec_for_display:
 * Returns: (transfer full) (nullable): the program with all its arguments and environment, one line each
 */
char *
chd_connection_dup_exec_for_display (ChdConnection *self)
{
  JsonArray *args, *env;
  GString *text;
  g_autofree char *whole = NULL;

  if (self->exec == NULL)
    return NULL;
  text = g_string_new (chd_json_string (self->exec, "command", ""));
  args = chd_json_array (self->exec, "args");
  for (guint i = 0; i < chd_json_length (args); i++)
    {
      g_autofree char *quoted =
          g_shell_quote (chd_json_string_at (args, i) != NULL ? chd_json_string_at (args, i) : "");

      g_string_append_printf (text, " %s", quoted);
    }
  env = chd_json_array (self->exec, "env");
  for (guint i = 0; i < chd_json_length (env); i++)
    g_string_append_printf (text, "\n%s=%s", chd_json_string (chd_json_object_at (env, i), "name", ""),
                            chd_json_string (chd_json_object_at (env, i), "value", ""));
  whole = g_string_free (text, FALSE);
  return chd_str_sanitize (whole, -1, 16384);
}

/* For the room */

const char *
chd_connection_get_token (ChdConnection *self)
{
  return self->token;
}

const char *
chd_connection_get_password (ChdConnection *self)
{
  return self->password;
}

const char *
chd_connection_get_ca_file (ChdConnection *self)
{
  return self->ca_file;
}

const char *
chd_connection_get_certificate (ChdConnection *self)
{
  return self->certificate;
}

void
chd_connection_set_certificate (ChdConnection *self, const char *pem)
{
  chd_set_str (&self->certificate, pem);
}

GPtrArray *
chd_connection_list_files (ChdConnection *self)
{
  GPtrArray *files = g_ptr_array_new ();

  g_ptr_array_add (files, self->ca_file);
  g_ptr_array_add (files, self->token_file);
  g_ptr_array_add (files, self->certificate_file);
  g_ptr_array_add (files, self->key_file);
  return files;
}

/* NULL without @error when there is none. */
GTlsCertificate *
chd_connection_load_client_certificate (ChdConnection *self, GError **error)
{
  g_autofree char *certificate = g_strdup (self->certificate);
  char *key = g_strdup (self->key);
  char *both = NULL;
  GTlsCertificate *result = NULL;
  gboolean ok = TRUE;

  if (self->certificate_file != NULL)
    {
      g_free (certificate);
      certificate = chd_read_regular_file (self->certificate_file, MAX_PEM, NULL, error);
      ok = certificate != NULL;
    }
  if (ok && self->key_file != NULL)
    {
      chd_secret_free (key);
      key = chd_read_regular_file (self->key_file, MAX_PEM, NULL, error);
      ok = key != NULL;
    }
  if (ok && certificate != NULL)
    {
      both = g_strconcat (certificate, "\n", key, NULL);
      result = key != NULL ? g_tls_certificate_new_from_pem (both, -1, NULL) : NULL;
      if (result == NULL)
        g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                             _ ("The client certificate and its key are not PEM texts that belong together."));
    }
  chd_secret_free (both);
  chd_secret_free (key);
  return result;
}

JsonObject *
chd_connection_get_exec (ChdConnection *self)
{
  return self->exec;
}

const char *
chd_connection_get_folder (ChdConnection *self)
{
  return self->folder;
}

JsonNode *
chd_connection_get_cluster_config (ChdConnection *self)
{
  return self->cluster_config;
}

const char *
chd_connection_get_impersonated_user (ChdConnection *self)
{
  return self->impersonated_user;
}

const char *const *
chd_connection_get_impersonated_groups (ChdConnection *self)
{
  return (const char *const *) self->impersonated_groups;
}

const char *
chd_connection_get_problem (ChdConnection *self)
{
  return self->problem;
}

void
chd_connection_set_problem (ChdConnection *self, const char *problem)
{
  chd_set_str (&self->problem, problem);
}
