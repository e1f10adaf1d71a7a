/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine's registry alone, for tests with real clients: serves a folder on a port of loopback, which it prints,
 * until its standard input ends. */

#include "config.h"

#include <glib-unix.h>
#include <stdio.h>
#include <unistd.h>

#include "chd-registry-server.h"

static void
handle_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  chd_registry_server_handle (user_data, server, message, path, query);
}

/* Other paths and what the registry lets through; a registry request must never come here. */
static void
other_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  soup_server_message_set_status (message, 418, NULL);
}

static gboolean
end_cb (int fd, GIOCondition condition, gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdRegistryStore) store = chd_registry_store_open (argv[1], &error);
  g_autoptr (ChdRegistryServer) registry = NULL;
  g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GSList *uris;

  if (store == NULL)
    g_error ("%s", error->message);
  registry = chd_registry_server_new (store);
  soup_server_add_early_handler (server, NULL, handle_cb, registry, NULL);
  soup_server_add_handler (server, NULL, other_cb, NULL, NULL);
  if (!soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error))
    g_error ("%s", error->message);
  uris = soup_server_get_uris (server);
  printf ("%d\n", g_uri_get_port (uris->data));
  fflush (stdout);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP, end_cb, loop);
  g_main_loop_run (loop);
  soup_server_disconnect (server);
  return 0;
}
