/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "chd-api-request.h"

G_BEGIN_DECLS

/* Who gets in (reliability.md section 11). */

/* The connection's peer is a process of this user. */
gboolean chd_api_door_admit_peer (GSocketConnection *connection);
/* Lets the server serve a connection of the Unix socket. */
void chd_api_door_accept (SoupServer *server, GSocketConnection *connection);
/* The descriptor of the connection that a message came by, -1 when it is not known. */
int chd_api_door_get_fd (SoupServerMessage *message);

/**
 * chd_api_door_check:
 * @token: (nullable): what TCP clients must show; %NULL refuses them all
 * @open: whether the path may be read without credentials (health, version)
 *
 * Looks at the headers, before anything of the body is read.
 */
gboolean chd_api_door_check (SoupServerMessage *message, const char *token, gboolean open, GError **error);

/* Who asks: the login name, or whom he impersonates. @user, @groups: (out) (transfer full) */
void chd_api_door_identify (SoupServerMessage *message, char **user, char ***groups);

/* Counts the body while it comes; what is too long is refused with 413. */
void chd_api_door_limit_body (SoupServerMessage *message, gsize max);
gboolean chd_api_door_body_too_long (SoupServerMessage *message);

G_END_DECLS
