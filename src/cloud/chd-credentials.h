/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-connection.h"

G_BEGIN_DECLS

/* Where the Authorization of an origin comes from: a fixed token, a name and password, a file that is read again, or
 * a program that is asked again when what it gave has expired or was refused. */

#define CHD_TYPE_CREDENTIALS (chd_credentials_get_type ())
G_DECLARE_FINAL_TYPE (ChdCredentials, chd_credentials, CHD, CREDENTIALS, GObject)

ChdCredentials *chd_credentials_new_bearer (const char *token);
ChdCredentials *chd_credentials_new_basic (const char *username, const char *password);
ChdCredentials *chd_credentials_new_token_file (const char *path);
/* (nullable): %NULL when @connection has none. */
ChdCredentials *chd_credentials_new_for_connection (ChdConnection *connection, GError **error);

/* @renew: what was given last was refused (401). */
void chd_credentials_get_async (ChdCredentials *self,
                                gboolean renew,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* The value of the Authorization header, to be freed with chd_secret_free(); %NULL without @error when the
 * credentials are a certificate only. @certificate: (out) (optional) (nullable) (transfer full). */
char *
chd_credentials_get_finish (ChdCredentials *self, GAsyncResult *result, GTlsCertificate **certificate, GError **error);
gboolean chd_credentials_can_renew (ChdCredentials *self);

G_END_DECLS
