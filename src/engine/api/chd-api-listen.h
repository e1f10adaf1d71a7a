/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* The engine's sockets. */

/* A service on the Unix socket @path (mode 0600), not started; @server keeps its connections alive. */
GSocketService *chd_api_listen_unix (SoupServer *server, const char *path, GError **error);
/* TLS on 127.0.0.1. @port: 0 for any. Returns: the port, 0 with @error */
guint16 chd_api_listen_loopback (SoupServer *server, GTlsCertificate *certificate, guint16 port, GError **error);

G_END_DECLS
