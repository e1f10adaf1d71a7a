/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where an engine is and how to sign in there. See the header for what always holds. Trust, signing in and risks have
 * files of their own. */

#include "config.h"

#include "chd-connection.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-util.h"

#define SERVICE_ACCOUNT_FOLDER "/var/run/secrets/kubernetes.io/serviceaccount"

G_DEFINE_FINAL_TYPE (ChdConnection, chd_connection, G_TYPE_OBJECT)

typedef enum
{
  PROP_NAME = 1,
  PROP_SERVER,
  PROP_NAMESPACE,
  PROP_REGISTRY,
} ChdConnectionProperty;

static GParamSpec *properties[PROP_REGISTRY + 1];

void
chd_connection_set_secret (char **target, const char *value)
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
  chd_connection_set_secret (&copy->proxy, self->proxy);
  chd_connection_set_secret (&copy->token, self->token);
  chd_set_str (&copy->token_file, self->token_file);
  chd_set_str (&copy->username, self->username);
  chd_connection_set_secret (&copy->password, self->password);
  chd_set_str (&copy->certificate, self->certificate);
  chd_connection_set_secret (&copy->key, self->key);
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
