/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine's door. On the Unix socket only its owner is served. On loopback every web page of a browser can knock, so
 * a foreign Host and any Origin are refused, on the socket too, and the token decides. */

#include "config.h"

#include "chd-api-door.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chd-util.h"

#define SOCKET_KEY "chd-socket"
#define LENGTH_KEY "chd-body-length"
#define TOO_LONG_KEY "chd-body-too-long"
/* Whoever goes on sending after this is cut off. */
#define CUT_OFF (64 * 1024 * 1024)

gboolean
chd_api_door_admit_peer (GSocketConnection *connection)
{
  g_autoptr (GCredentials) credentials = g_socket_get_credentials (g_socket_connection_get_socket (connection), NULL);

  return credentials != NULL && g_credentials_get_unix_user (credentials, NULL) == getuid ();
}

void
chd_api_door_accept (SoupServer *server, GSocketConnection *connection)
{
  /* libsoup takes it for the host when a request names none, and knows only internet addresses. */
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new_from_string ("127.0.0.1", 80);
  g_autoptr (GSocketAddress) remote = g_unix_socket_address_new ("client");

  /* The server gives messages only the addresses, so the socket goes along with one of them. */
  g_object_set_data_full (G_OBJECT (remote), SOCKET_KEY, g_object_ref (g_socket_connection_get_socket (connection)),
                          g_object_unref);
  soup_server_accept_iostream (server, G_IO_STREAM (connection), local, remote, NULL);
}

static GSocket *
get_unix_socket (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return remote != NULL ? g_object_get_data (G_OBJECT (remote), SOCKET_KEY) : NULL;
}

int
chd_api_door_get_fd (SoupServerMessage *message)
{
  GSocket *socket = get_unix_socket (message);

  if (socket == NULL)
    socket = soup_server_message_get_socket (message);
  return socket != NULL ? g_socket_get_fd (socket) : -1;
}

/* Takes as long for a wrong token as for a right one: what is compared are digests. */
static gboolean
same_secret (const char *a, const char *b)
{
  g_autofree char *left = chd_sha256 (a, strlen (a));
  g_autofree char *right = chd_sha256 (b, strlen (b));
  guint difference = 0;

  for (gsize i = 0; right[i] != '\0'; i++)
    difference |= (guint) (left[i] ^ right[i]);
  return difference == 0;
}

static gboolean
is_own_host (const char *host)
{
  static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

  for (guint i = 0; host != NULL && i < G_N_ELEMENTS (names); i++)
    {
      gsize length = strlen (names[i]);

      if (g_ascii_strncasecmp (host, names[i], length) == 0 && (host[length] == '\0' || host[length] == ':'))
        return TRUE;
    }
  return FALSE;
}

static gboolean
refuse (GError **error, guint code, const char *reason, const char *text)
{
  g_propagate_error (error, chd_api_error_new (code, reason, NULL, "%s", text));
  return FALSE;
}

gboolean
chd_api_door_check (SoupServerMessage *message, const char *token, gboolean open, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *authorization = soup_message_headers_get_one (headers, "Authorization");
  const char *type = soup_message_headers_get_one (headers, "Content-Type");
  const char *length = soup_message_headers_get_list (headers, "Content-Length");
  g_autofree char *media = chd_api_media_type (type);

  if (!is_own_host (soup_message_headers_get_list (headers, "Host")))
    return refuse (error, 403, "Forbidden", "forbidden: this server is not known by that name");
  if (soup_message_headers_get_list (headers, "Origin") != NULL)
    return refuse (error, 403, "Forbidden", "forbidden: web pages are not served");
  if (length != NULL && strchr (length, ',') != NULL)
    return refuse (error, 400, "BadRequest", "the length of the body is said more than once");
  /* What a web page can send without asking first. */
  if (strcmp (media, "text/plain") == 0 || strcmp (media, "application/x-www-form-urlencoded") == 0 ||
      strcmp (media, "multipart/form-data") == 0)
    return refuse (error, 415, "UnsupportedMediaType",
                   "the body of the request was in an unknown format - accepted media types include: application/json, "
                   "application/yaml, application/vnd.kubernetes.protobuf");
  if (get_unix_socket (message) != NULL || open)
    return TRUE;
  if (authorization == NULL)
    return refuse (error, 401, "Unauthorized", "Unauthorized");
  if (token == NULL || g_ascii_strncasecmp (authorization, "Bearer ", 7) != 0 ||
      !same_secret (authorization + 7, token))
    return refuse (error, 401, "Unauthorized", "Unauthorized");
  return TRUE;
}

void
chd_api_door_identify (SoupServerMessage *message, char **user, char ***groups)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  const char *impersonated = soup_message_headers_get_one (headers, "Impersonate-User");
  const char *list = soup_message_headers_get_list (headers, "Impersonate-Group");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = g_strsplit (impersonated != NULL && list != NULL ? list : "", ",", 64);

  *user = g_strdup (impersonated != NULL && *impersonated != '\0' ? impersonated : g_get_user_name ());
  for (guint i = 0; names[i] != NULL; i++)
    if (*g_strstrip (names[i]) != '\0')
      g_strv_builder_add (builder, names[i]);
  *groups = g_strv_builder_end (builder);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  gsize max = GPOINTER_TO_SIZE (user_data);
  gsize length = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (message), LENGTH_KEY)) + g_bytes_get_size (chunk);

  g_object_set_data (G_OBJECT (message), LENGTH_KEY, GSIZE_TO_POINTER (length));
  if (length <= max)
    return;
  if (!chd_api_door_body_too_long (message))
    {
      SoupMessageBody *body = soup_server_message_get_request_body (message);

      g_object_set_data (G_OBJECT (message), TOO_LONG_KEY, GINT_TO_POINTER (TRUE));
      soup_message_body_set_accumulate (body, FALSE);
      soup_message_body_truncate (body);
    }
  if (length > CUT_OFF && chd_api_door_get_fd (message) >= 0)
    shutdown (chd_api_door_get_fd (message), SHUT_RDWR);
}

void
chd_api_door_limit_body (SoupServerMessage *message, gsize max)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (headers) > (goffset) max)
    {
      g_object_set_data (G_OBJECT (message), TOO_LONG_KEY, GINT_TO_POINTER (TRUE));
      soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
    }
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), GSIZE_TO_POINTER (max));
}

gboolean
chd_api_door_body_too_long (SoupServerMessage *message)
{
  return g_object_get_data (G_OBJECT (message), TOO_LONG_KEY) != NULL;
}
