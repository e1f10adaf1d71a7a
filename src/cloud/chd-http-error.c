/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the network, TLS and the HTTP library report, as sentences that say what to do. Their own words are details. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-http-private.h"
#include "chd-util.h"

static const char *
describe_certificate (GTlsCertificateFlags flags)
{
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return _ ("its certificate has expired");
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return _ ("its certificate is not valid yet: check the clock of this computer");
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return _ ("its certificate was issued for another name");
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return _ ("its certificate was revoked");
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return _ ("its certificate uses a method that is no longer safe");
  return _ ("its certificate comes from an authority that this connection does not know");
}

static char *
describe_tls (const GError *error, SoupMessage *message, const char *host, ChdErrorCode *code)
{
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE) && message != NULL)
    /* Translators: a host name, and the reason as a half sentence */
    return g_strdup_printf (_ ("%s cannot be trusted: %s. Correct the connection’s certificate authority or address."),
                            host, describe_certificate (soup_message_get_tls_peer_certificate_errors (message)));
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED))
    {
      *code = CHD_ERROR_SIGN_IN;
      /* Translators: %s is a host name */
      return g_strdup_printf (_ ("%s asks for a client certificate, or refuses the one of this connection."), host);
    }
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS))
    /* Translators: %s is a host name */
    return g_strdup_printf (_ ("%s does not speak TLS at this address. Check “http” or “https” and the port."), host);
  /* Translators: %s is a host name */
  return g_strdup_printf (_ ("No secure connection to %s could be made."), host);
}

static char *
describe_io (const GError *error, const char *host)
{
  switch (error->code)
    {
    case G_IO_ERROR_CONNECTION_REFUSED:
    case G_IO_ERROR_NOT_FOUND:
      /* Translators: %s is a host name */
      return g_strdup_printf (_ ("Nobody answers at %s. Check the address, and whether the engine runs."), host);
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
    case G_IO_ERROR_HOST_NOT_FOUND:
      /* Translators: %s is a host name */
      return g_strdup_printf (_ ("There is no way to %s in the network. Check the network connection."), host);
    case G_IO_ERROR_PERMISSION_DENIED:
      /* Translators: %s is a host name */
      return g_strdup_printf (_ ("This user account may not connect to %s."), host);
    case G_IO_ERROR_PROXY_FAILED:
    case G_IO_ERROR_PROXY_AUTH_FAILED:
    case G_IO_ERROR_PROXY_NEED_AUTH:
    case G_IO_ERROR_PROXY_NOT_ALLOWED:
      /* Translators: %s is a host name */
      return g_strdup_printf (_ ("The proxy does not connect to %s. Check the proxy settings."), host);
    default:
      /* Translators: %s is a host name */
      return g_strdup_printf (_ ("The connection to %s broke off. Try again."), host);
    }
}

/**
 * chd_http_translate_error:
 * @error: of the network library or the system
 * @message: (nullable): the message it happened with
 *
 * Returns: (transfer full): an error of ours; a cancellation and our own errors stay what they are
 */
GError *
chd_http_translate_error (ChdHttp *self, const GError *error, SoupMessage *message)
{
  const char *host = chd_http_get_host (self);
  ChdErrorCode code = CHD_ERROR_UNREACHABLE;
  g_autofree char *sentence = NULL;
  g_autofree char *details = NULL;
  GError *result;

  if (error->domain == CHD_ERROR || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_copy (error);

  if (error->domain == G_TLS_ERROR)
    {
      sentence = describe_tls (error, message, host, &code);
    }
  else if (error->domain == G_RESOLVER_ERROR)
    {
      /* Translators: %s is a host name */
      sentence = g_strdup_printf (_ ("The name %s is not known in this network. Check the address."), host);
    }
  else if (error->domain == G_IO_ERROR && error->code != G_IO_ERROR_INVALID_DATA)
    {
      sentence = describe_io (error, host);
    }
  else
    {
      code = CHD_ERROR_FAILED;
      /* Translators: %s is a host name */
      sentence =
          g_strdup_printf (_ ("%s gives answers that are not proper HTTP. Check the address and the port."), host);
    }

  result = g_error_new_literal (CHD_ERROR, (int) code, sentence);
  details = chd_str_sanitize (error->message, -1, 1000);
  chd_error_set_details (result, details);
  return result;
}
