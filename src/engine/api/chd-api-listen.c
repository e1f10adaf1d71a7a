/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Opening the sockets. libsoup keeps connections that it was handed alive only while it listens somewhere itself; so it
 * gets a socket whose name is gone again before anybody could know it. */

#include "config.h"

#include "chd-api-listen.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "chd-error.h"
#include "chd-util.h"

#define BACKLOG 1024
#define KEEP_SUFFIX "-"

static gboolean
fail (GError **error, GError *cause, const char *path)
{
  g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The engine cannot listen on %s."), path);
  if (error != NULL)
    chd_error_set_details (*error, cause != NULL ? cause->message : g_strerror (errno));
  return FALSE;
}

/* Whether somebody listens there already. */
static gboolean
is_taken (const char *path)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection = NULL;

  g_socket_client_set_timeout (client, 2);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  return connection != NULL;
}

static GSocket *
bind_unix (const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  mode_t mask;
  gboolean ok;

  if (socket == NULL)
    return NULL;
  g_socket_set_listen_backlog (socket, BACKLOG);
  g_unlink (path);
  mask = umask (0177);
  ok = g_socket_bind (socket, address, FALSE, error);
  umask (mask);
  if (!ok || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static gboolean
keep_alive (SoupServer *server, const char *path, GError **error)
{
  g_autofree char *name = g_strconcat (path, KEEP_SUFFIX, NULL);
  g_autoptr (GSocket) socket = bind_unix (name, error);

  g_unlink (name);
  return socket != NULL && soup_server_listen_socket (server, socket, 0, error);
}

GSocketService *
chd_api_listen_unix (SoupServer *server, const char *path, GError **error)
{
  g_autoptr (GSocketService) service = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) local = NULL;

  if (strlen (path) + strlen (KEEP_SUFFIX) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The path %s is too long for a socket."), path);
      return NULL;
    }
  if (!g_file_test (parent, G_FILE_TEST_IS_DIR) && !chd_make_private_directory (parent, error))
    return NULL;
  if (is_taken (path))
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_CONFLICT, _ ("Another engine listens on %s already."), path);
      return NULL;
    }
  service = g_socket_service_new ();
  g_socket_service_stop (service);
  if (!keep_alive (server, path, &local) || (socket = bind_unix (path, &local)) == NULL ||
      !g_socket_listener_add_socket (G_SOCKET_LISTENER (service), socket, NULL, &local))
    {
      fail (error, local, path);
      return NULL;
    }
  return g_steal_pointer (&service);
}

guint16
chd_api_listen_loopback (SoupServer *server, GTlsCertificate *certificate, guint16 port, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &local);

  soup_server_set_tls_certificate (server, certificate);
  if (socket != NULL)
    g_socket_set_listen_backlog (socket, BACKLOG);
  if (socket == NULL || !g_socket_bind (socket, address, TRUE, &local) || !g_socket_listen (socket, &local) ||
      (bound = g_socket_get_local_address (socket, &local)) == NULL ||
      !soup_server_listen_socket (server, socket, SOUP_SERVER_LISTEN_HTTPS, &local))
    {
      fail (error, local, "127.0.0.1");
      return 0;
    }
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
}
