/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whom a connection trusts, and through which proxy it goes. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-util.h"

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

  if (pem != NULL && strlen (pem) <= CHD_CONNECTION_MAX_PEM)
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
  chd_connection_set_secret (&self->proxy, url);
  return TRUE;
}

void
chd_connection_set_ca_file (ChdConnection *self, const char *path)
{
  chd_set_str (&self->ca_file, path);
}

const char *
chd_connection_get_ca_file (ChdConnection *self)
{
  return self->ca_file;
}
