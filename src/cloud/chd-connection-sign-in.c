/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a connection signs in. Secrets are zeroed when they are replaced. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-util.h"

void
chd_connection_set_token (ChdConnection *self, const char *token)
{
  chd_connection_set_secret (&self->token, token);
}

const char *
chd_connection_get_token (ChdConnection *self)
{
  return self->token;
}

void
chd_connection_set_token_file (ChdConnection *self, const char *path)
{
  chd_set_str (&self->token_file, path);
}

const char *
chd_connection_get_token_file (ChdConnection *self)
{
  return self->token_file;
}

void
chd_connection_set_basic (ChdConnection *self, const char *username, const char *password)
{
  chd_set_str (&self->username, username);
  chd_connection_set_secret (&self->password, password);
}

const char *
chd_connection_get_username (ChdConnection *self)
{
  return self->username;
}

const char *
chd_connection_get_password (ChdConnection *self)
{
  return self->password;
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

      if (key_pem != NULL && strlen (certificate_pem) <= CHD_CONNECTION_MAX_PEM &&
          strlen (key_pem) <= CHD_CONNECTION_MAX_PEM)
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
  chd_connection_set_secret (&self->key, key_pem);
  return TRUE;
}

void
chd_connection_set_client_certificate_files (ChdConnection *self, const char *certificate, const char *key)
{
  chd_set_str (&self->certificate_file, certificate);
  chd_set_str (&self->key_file, key);
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
      certificate = chd_read_regular_file (self->certificate_file, CHD_CONNECTION_MAX_PEM, NULL, error);
      ok = certificate != NULL;
    }
  if (ok && self->key_file != NULL)
    {
      chd_secret_free (key);
      key = chd_read_regular_file (self->key_file, CHD_CONNECTION_MAX_PEM, NULL, error);
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

JsonObject *
chd_connection_get_exec (ChdConnection *self)
{
  return self->exec;
}

JsonNode *
chd_connection_get_cluster_config (ChdConnection *self)
{
  return self->cluster_config;
}

void
chd_connection_set_folder (ChdConnection *self, const char *folder)
{
  chd_set_str (&self->folder, folder);
}

const char *
chd_connection_get_folder (ChdConnection *self)
{
  return self->folder;
}

void
chd_connection_set_impersonation (ChdConnection *self, const char *user, const char *const *groups)
{
  chd_set_str (&self->impersonated_user, user);
  g_strfreev (self->impersonated_groups);
  self->impersonated_groups = g_strdupv ((char **) groups);
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

gboolean
chd_connection_has_credentials (ChdConnection *self)
{
  return self->token != NULL || self->token_file != NULL || self->username != NULL || self->certificate != NULL ||
         self->certificate_file != NULL || self->exec != NULL;
}
