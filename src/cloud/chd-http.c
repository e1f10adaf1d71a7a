/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One origin: its address, trust and credentials, and the sessions that talk to it. Requests are sent by
 * chd-http-exchange.c. Main thread only. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-http-address.h"
#include "chd-http-private.h"
#include "chd-util.h"

/* Watches and followed logs hold a connection each; libsoup's own default of 2 for a host would starve the rest. */
#define MAX_CONNECTIONS 64
#define MAX_CONNECTIONS_PER_HOST 32
#define DEFAULT_BACKOFF 800

struct _ChdHttp
{
  GObject parent_instance;

  char *url;              /* (owned) for requests; without credentials */
  GUri *base;             /* (owned) */
  char *host;             /* (owned) for people */
  char *socket_path;      /* (owned) (nullable) */
  GTlsDatabase *database; /* (owned) (nullable) NULL for the system's */
  int ca_fd;              /* the PEM text that database reads; -1 for none */
  gboolean insecure;
  char *tls_server_name;        /* (owned) (nullable) */
  char *proxy;                  /* (owned) (nullable) may hold a password */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  ChdCredentials *credentials;  /* (owned) (nullable) */
  gboolean allow_plain_text;
  GPtrArray *headers; /* (owned) name, value, … */
  guint backoff;
  guint connect_timeout;
  guint request_timeout;

  SoupSession *session;         /* (owned) (nullable) made when first needed */
  SoupSession *foreign_session; /* (owned) (nullable) for other origins: no credentials, the system's trust */
};

G_DEFINE_FINAL_TYPE (ChdHttp, chd_http, G_TYPE_OBJECT)

/* glib-networking remembers TLS 1.3 sessions for the whole process by address only: the next connection resumes with
 * the identity of another user, or skips the check of the server after an insecure one. No tickets, no such mix-up.
 * And libsoup 3.2's young HTTP/2 is left out: the same framing over TLS, TCP and Unix sockets. Both are read from the
 * environment when the first session is made; threads may read it too, so it is set before main(). */
__attribute__ ((constructor)) static void
prepare_process (void)
{
  g_setenv ("G_TLS_GNUTLS_PRIORITY", "NORMAL:%COMPAT:%NO_TICKETS", FALSE);
  g_setenv ("SOUP_FORCE_HTTP1", "1", FALSE);
}

static int
effective_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  if (port > 0)
    return port;
  return g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;
}

static gboolean
is_http (GUri *uri)
{
  const char *scheme = g_uri_get_scheme (uri);

  return (g_strcmp0 (scheme, "http") == 0 || g_strcmp0 (scheme, "https") == 0) && g_uri_get_host (uri) != NULL &&
         *g_uri_get_host (uri) != '\0';
}

static gboolean
same_origin (GUri *a, GUri *b)
{
  return g_strcmp0 (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 && effective_port (a) == effective_port (b) &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0;
}

gboolean
chd_http_same_origin (const char *a, const char *b)
{
  g_autoptr (GUri) uri_a = g_uri_parse (a, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GUri) uri_b = g_uri_parse (b, SOUP_HTTP_URI_FLAGS, NULL);

  return uri_a != NULL && uri_b != NULL && is_http (uri_a) && is_http (uri_b) && same_origin (uri_a, uri_b);
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0;
}

/* Sessions */

static gboolean
accept_certificate_cb (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags errors, gpointer data)
{
  /* Only asked when the check failed; the user has said that this connection goes on all the same. */
  return TRUE;
}

static void
network_event_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *stream, gpointer user_data)
{
  GTlsCertificate *certificate = user_data;

  /* Given here, and not in "request-certificate", the certificate is part of what TLS sessions are kept under. */
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (stream))
    g_tls_connection_set_certificate (G_TLS_CONNECTION (stream), certificate);
}

static void
request_queued_cb (SoupSession *session, SoupMessage *message, gpointer user_data)
{
  ChdHttp *self = CHD_HTTP (user_data);

  if (self->insecure)
    g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);
  if (self->certificate != NULL)
    g_signal_connect_data (message, "network-event", G_CALLBACK (network_event_cb), g_object_ref (self->certificate),
                           (GClosureNotify) (void (*) (void)) g_object_unref, 0);
}

static SoupSession *
make_session (GSocketConnectable *connectable)
{
  SoupSession *session =
      g_object_new (SOUP_TYPE_SESSION, "max-conns", MAX_CONNECTIONS, "max-conns-per-host", MAX_CONNECTIONS_PER_HOST,
                    "timeout", 0, "user-agent", "chain-designer/" CHD_VERSION, "remote-connectable", connectable, NULL);

  /* We set Authorization ourselves, and undo no encoding: a bomb or a cut body would pass for a whole one. */
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  return session;
}

SoupSession *
chd_http_get_session (ChdHttp *self)
{
  g_autoptr (GSocketConnectable) connectable = NULL;
  const char *host = g_uri_get_host (self->base);

  if (self->session != NULL)
    return self->session;

  if (self->socket_path != NULL)
    connectable = G_SOCKET_CONNECTABLE (g_unix_socket_address_new (self->socket_path));
  else if (self->tls_server_name != NULL && g_strcmp0 (g_uri_get_scheme (self->base), "https") == 0)
    connectable = chd_http_address_new (host, (guint16) effective_port (self->base), self->tls_server_name);

  self->session = make_session (connectable);
  if (self->database != NULL)
    soup_session_set_tls_database (self->session, self->database);
  if (self->proxy != NULL)
    {
      g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (self->proxy, NULL);

      soup_session_set_proxy_resolver (self->session, resolver);
    }
  else if (chd_http_is_local (self))
    {
      soup_session_set_proxy_resolver (self->session, NULL);
    }
  g_signal_connect_object (self->session, "request-queued", G_CALLBACK (request_queued_cb), self, 0);
  return self->session;
}

SoupSession *
chd_http_get_foreign_session (ChdHttp *self)
{
  if (self->foreign_session == NULL)
    self->foreign_session = make_session (NULL);
  return self->foreign_session;
}

/* What the session was made from has changed; exchanges under way keep the old one until they end. */
static void
forget_session (ChdHttp *self)
{
  g_clear_object (&self->session);
}

/* For the exchange */

GUri *
chd_http_resolve (ChdHttp *self, const char *target, GError **error)
{
  g_autoptr (GUri) uri = NULL;
  g_autofree char *text = NULL;

  if (*target == '/')
    {
      text = g_strconcat (self->url, target, NULL);
      target = text;
    }
  uri = g_uri_parse (target, SOUP_HTTP_URI_FLAGS, NULL);
  if (uri == NULL || !is_http (uri) || g_uri_get_userinfo (uri) != NULL)
    {
      /* Translators: %s is a host name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED, _ ("%s refers to an address that cannot be used."), self->host);
      return NULL;
    }
  return g_steal_pointer (&uri);
}

gboolean
chd_http_is_own_origin (ChdHttp *self, GUri *uri)
{
  return same_origin (self->base, uri);
}

ChdCredentials *
chd_http_get_credentials (ChdHttp *self)
{
  return self->credentials;
}

gboolean
chd_http_check_plain_text (ChdHttp *self, GError **error)
{
  if (self->allow_plain_text || chd_http_is_local (self) || g_strcmp0 (g_uri_get_scheme (self->base), "https") == 0)
    return TRUE;

  g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
               /* Translators: %s is a host name */
               _ ("The credentials would travel to %s unencrypted. Use an “https” address, or allow it for this "
                  "connection."),
               self->host);
  return FALSE;
}

void
chd_http_append_headers (ChdHttp *self, SoupMessageHeaders *headers)
{
  for (guint i = 0; i < self->headers->len; i += 2)
    soup_message_headers_append (headers, self->headers->pdata[i], self->headers->pdata[i + 1]);
}

guint
chd_http_get_backoff (ChdHttp *self)
{
  return self->backoff;
}

guint
chd_http_get_connect_timeout (ChdHttp *self)
{
  return self->connect_timeout;
}

guint
chd_http_get_request_timeout (ChdHttp *self)
{
  return self->request_timeout;
}

const char *
chd_http_get_host (ChdHttp *self)
{
  return self->host;
}

/* GObject */

static void
chd_http_finalize (GObject *object)
{
  ChdHttp *self = CHD_HTTP (object);

  g_clear_object (&self->session);
  g_clear_object (&self->foreign_session);
  g_clear_object (&self->database);
  g_clear_object (&self->certificate);
  g_clear_object (&self->credentials);
  g_clear_pointer (&self->base, g_uri_unref);
  g_clear_pointer (&self->proxy, chd_secret_free);
  g_ptr_array_unref (self->headers);
  if (self->ca_fd >= 0)
    close (self->ca_fd);
  g_free (self->tls_server_name);
  g_free (self->socket_path);
  g_free (self->host);
  g_free (self->url);
  G_OBJECT_CLASS (chd_http_parent_class)->finalize (object);
}

static void
chd_http_class_init (ChdHttpClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_http_finalize;
}

static void
chd_http_init (ChdHttp *self)
{
  self->headers = g_ptr_array_new_with_free_func (g_free);
  self->ca_fd = -1;
  self->backoff = DEFAULT_BACKOFF;
  self->connect_timeout = CHD_HTTP_CONNECT_SECONDS * 1000;
  self->request_timeout = CHD_HTTP_REQUEST_SECONDS * 1000;
}

/* A port that is not the usual one is where to look first when nobody answers. */
static char *
describe_host (GUri *uri)
{
  gboolean usual = effective_port (uri) == (g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80);
  g_autofree char *text = usual ? g_strdup (g_uri_get_host (uri))
                                : g_strdup_printf (strchr (g_uri_get_host (uri), ':') != NULL ? "[%s]:%d" : "%s:%d",
                                                   g_uri_get_host (uri), effective_port (uri));

  return chd_str_sanitize (text, -1, 300);
}

/**
 * chd_http_new:
 * @url: (nullable): "https://host:port/prefix"; %NULL with a socket
 * @socket_path: (nullable): a Unix socket to connect to instead of the host
 *
 * Returns: (transfer full): a client for that origin, or %NULL with %CHD_ERROR_INVALID
 */
ChdHttp *
chd_http_new (const char *url, const char *socket_path, GError **error)
{
  g_autoptr (ChdHttp) self = g_object_new (CHD_TYPE_HTTP, NULL);
  g_autoptr (GUri) uri = g_uri_parse (url != NULL ? url : "http://localhost", SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *path = NULL;
  gsize length;

  if (uri == NULL || !is_http (uri) || g_uri_get_userinfo (uri) != NULL ||
      (url != NULL && (strstr (url, "/..") != NULL || strcasestr (url, "%2e") != NULL)))
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("A server address looks like “https://host:6443”, without user name or password."));
      return NULL;
    }

  path = g_strdup (g_uri_get_path (uri));
  for (length = strlen (path); length > 0 && path[length - 1] == '/'; length--)
    path[length - 1] = '\0';
  self->base = g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                            g_uri_get_port (uri), path, NULL, NULL);
  self->url = g_uri_to_string (self->base);
  length = strlen (self->url);
  if (length > 0 && self->url[length - 1] == '/')
    self->url[length - 1] = '\0';
  self->socket_path = g_strdup (socket_path);
  self->host = socket_path != NULL ? g_strdup (_ ("the local engine")) : describe_host (uri);
  return g_steal_pointer (&self);
}

const char *
chd_http_get_url (ChdHttp *self)
{
  return self->url;
}

/**
 * chd_http_is_local:
 * Returns: whether nothing leaves this machine
 */
gboolean
chd_http_is_local (ChdHttp *self)
{
  return self->socket_path != NULL || is_loopback (g_uri_get_host (self->base));
}

/**
 * chd_http_set_ca:
 * @pem: (nullable): the certificate authorities to trust instead of the system's
 */
gboolean
chd_http_set_ca (ChdHttp *self, const char *pem, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *path = NULL;
  GTlsDatabase *database = NULL;
  int fd = -1;

  if (pem != NULL)
    {
      gsize length = strlen (pem);

      fd = memfd_create ("ca", MFD_CLOEXEC);
      if (fd < 0 || write (fd, pem, length) != (gssize) length)
        {
          g_set_error_literal (error, CHD_ERROR, CHD_ERROR_FAILED, g_strerror (errno));
          if (fd >= 0)
            close (fd);
          return FALSE;
        }
      /* There is no database from memory, and this one reads its file again for each connection. */
      path = g_strdup_printf ("/proc/self/fd/%d", fd);
      database = g_tls_file_database_new (path, &local_error);
      if (database == NULL)
        {
          close (fd);
          g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                               _ ("The certificate authority of this connection is not a PEM certificate."));
          return FALSE;
        }
    }

  g_clear_object (&self->database);
  if (self->ca_fd >= 0)
    close (self->ca_fd);
  self->database = database;
  self->ca_fd = fd;
  forget_session (self);
  return TRUE;
}

void
chd_http_set_insecure (ChdHttp *self, gboolean insecure)
{
  self->insecure = insecure;
  forget_session (self);
}

void
chd_http_set_tls_server_name (ChdHttp *self, const char *name)
{
  chd_set_str (&self->tls_server_name, name);
  forget_session (self);
}

void
chd_http_set_proxy (ChdHttp *self, const char *url)
{
  g_clear_pointer (&self->proxy, chd_secret_free);
  self->proxy = g_strdup (url);
  forget_session (self);
}

/**
 * chd_http_set_client_certificate:
 * @certificate: (nullable): a certificate with its private key
 */
void
chd_http_set_client_certificate (ChdHttp *self, GTlsCertificate *certificate)
{
  if (g_set_object (&self->certificate, certificate))
    forget_session (self);
}

void
chd_http_set_credentials (ChdHttp *self, ChdCredentials *credentials)
{
  g_set_object (&self->credentials, credentials);
}

void
chd_http_set_allow_plain_text (ChdHttp *self, gboolean allow)
{
  self->allow_plain_text = allow;
}

void
chd_http_add_header (ChdHttp *self, const char *name, const char *value)
{
  g_ptr_array_add (self->headers, g_strdup (name));
  g_ptr_array_add (self->headers, g_strdup (value));
}

void
chd_http_set_backoff (ChdHttp *self, guint milliseconds)
{
  self->backoff = milliseconds;
}

void
chd_http_set_timeouts (ChdHttp *self, guint connect_milliseconds, guint request_milliseconds)
{
  self->connect_timeout = connect_milliseconds;
  self->request_timeout = request_milliseconds;
}
