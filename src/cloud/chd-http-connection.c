/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the description of a connection to clients for its engine and its registry. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-http.h"
#include "chd-util.h"

#define MAX_CA (1024 * 1024)

static gboolean
set_trust (ChdHttp *http, ChdConnection *connection, GError **error)
{
  const char *file = chd_connection_get_ca_file (connection);
  g_autofree char *pem = NULL;

  if (file != NULL)
    {
      g_autoptr (GTlsCertificate) certificate = NULL;

      pem = chd_read_regular_file (file, MAX_CA, NULL, error);
      if (pem == NULL)
        return FALSE;
      certificate = g_tls_certificate_new_from_pem (pem, -1, NULL);
      if (certificate == NULL)
        {
          g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                               _ ("The certificate authority of this connection is not a PEM certificate."));
          return FALSE;
        }
    }
  chd_http_set_insecure (http, chd_connection_get_insecure (connection));
  chd_http_set_tls_server_name (http, chd_connection_get_tls_server_name (connection));
  if (chd_connection_get_proxy (connection) != NULL)
    chd_http_set_proxy (http, chd_connection_get_proxy (connection));
  return chd_http_set_ca (http, pem != NULL ? pem : chd_connection_get_ca (connection), error);
}

static gboolean
set_identity (ChdHttp *http, ChdConnection *connection, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GTlsCertificate) certificate = chd_connection_load_client_certificate (connection, &local_error);
  g_autoptr (ChdCredentials) credentials = NULL;
  const char *const *groups = chd_connection_get_impersonated_groups (connection);

  if (local_error == NULL)
    credentials = chd_credentials_new_for_connection (connection, &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  chd_http_set_client_certificate (http, certificate);
  chd_http_set_credentials (http, credentials);
  if (chd_connection_get_impersonated_user (connection) != NULL)
    chd_http_add_header (http, "Impersonate-User", chd_connection_get_impersonated_user (connection));
  for (guint i = 0; groups != NULL && groups[i] != NULL; i++)
    chd_http_add_header (http, "Impersonate-Group", groups[i]);
  return TRUE;
}

/**
 * chd_http_new_for_connection:
 * Returns: (transfer full): a client for the engine, or %NULL: %CHD_ERROR_NOT_ALLOWED when a risk was not allowed
 */
ChdHttp *
chd_http_new_for_connection (ChdConnection *connection, GError **error)
{
  g_autoptr (ChdHttp) http = NULL;

  if (!chd_connection_check_risks (connection, error))
    return NULL;
  if (chd_connection_get_server (connection) == NULL && chd_connection_get_socket_path (connection) == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   /* Translators: %s is the name of a connection */
                   _ ("The connection “%s” has no server address."), chd_connection_get_name (connection));
      return NULL;
    }
  http = chd_http_new (chd_connection_get_server (connection), chd_connection_get_socket_path (connection), error);
  if (http == NULL || !set_trust (http, connection, error) || !set_identity (http, connection, error))
    return NULL;
  chd_http_set_allow_plain_text (http, (chd_connection_get_allowed_risks (connection) & CHD_RISK_PLAIN_TEXT) != 0);
  return g_steal_pointer (&http);
}

/**
 * chd_http_new_for_registry:
 * Returns: (transfer full): a client for the image registry that belongs to the engine
 */
ChdHttp *
chd_http_new_for_registry (ChdConnection *connection, GError **error)
{
  g_autoptr (ChdHttp) http = NULL;
  const char *registry = chd_connection_get_registry (connection);

  if (registry == NULL)
    return chd_http_new_for_connection (connection, error);
  if (!chd_connection_check_risks (connection, error))
    return NULL;
  http = chd_http_new (registry, NULL, error);
  if (http == NULL)
    return NULL;
  /* The same origin gets the same trust and credentials; another one only what the system trusts. */
  if (chd_connection_get_server (connection) != NULL &&
      chd_http_same_origin (registry, chd_connection_get_server (connection)) &&
      (!set_trust (http, connection, error) || !set_identity (http, connection, error)))
    return NULL;
  return g_steal_pointer (&http);
}
