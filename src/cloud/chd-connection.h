/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Where an engine is and how to sign in there: a plain description that opens nothing and runs nothing.
 *
 *  (1) Secrets (token, password, private key) are zeroed when replaced and when the object ends; they are never in
 *      chd_connection_to_json(), in errors or in debug output.
 *  (2) What a stranger's file asks for beyond the network (a program to run, a file elsewhere, no certificate check,
 *      a token over plain HTTP) is listed by chd_connection_list_risks() and refused until allowed one by one. */

#define CHD_TYPE_CONNECTION (chd_connection_get_type ())
G_DECLARE_FINAL_TYPE (ChdConnection, chd_connection, CHD, CONNECTION, GObject)

/**
 * ChdRisk:
 * @CHD_RISK_EXEC: a program is run to get the credentials
 * @CHD_RISK_FILE: a file outside the description's own folder is read as credential or certificate
 * @CHD_RISK_INSECURE: the server's certificate is not checked
 * @CHD_RISK_PLAIN_TEXT: credentials travel unencrypted to another machine
 */
typedef enum
{
  CHD_RISK_EXEC = 1 << 0,
  CHD_RISK_FILE = 1 << 1,
  CHD_RISK_INSECURE = 1 << 2,
  CHD_RISK_PLAIN_TEXT = 1 << 3,
} ChdRisk;

ChdConnection *chd_connection_new (const char *name);
ChdConnection *chd_connection_new_for_socket (const char *name, const char *socket_path);
ChdConnection *chd_connection_new_in_cluster (GError **error);
ChdConnection *chd_connection_copy (ChdConnection *self);

/* A text that names the connection for people; one line of harmless text. Properties of the same names notify. */
const char *chd_connection_get_name (ChdConnection *self);
void chd_connection_set_name (ChdConnection *self, const char *name);
const char *chd_connection_get_server (ChdConnection *self);
gboolean chd_connection_set_server (ChdConnection *self, const char *url, GError **error);
const char *chd_connection_get_socket_path (ChdConnection *self);
void chd_connection_set_socket_path (ChdConnection *self, const char *path);
const char *chd_connection_get_namespace (ChdConnection *self);
void chd_connection_set_namespace (ChdConnection *self, const char *namespace_);

/* The image registry of this engine; %NULL means the engine's own /v2/. */
const char *chd_connection_get_registry (ChdConnection *self);
gboolean chd_connection_set_registry (ChdConnection *self, const char *url, GError **error);

/* Trust. PEM texts. */
const char *chd_connection_get_ca (ChdConnection *self);
gboolean chd_connection_set_ca (ChdConnection *self, const char *pem, GError **error);
gboolean chd_connection_get_insecure (ChdConnection *self);
void chd_connection_set_insecure (ChdConnection *self, gboolean insecure);
const char *chd_connection_get_tls_server_name (ChdConnection *self);
void chd_connection_set_tls_server_name (ChdConnection *self, const char *name);
const char *chd_connection_get_proxy (ChdConnection *self);
char *chd_connection_dup_proxy_for_display (ChdConnection *self);
gboolean chd_connection_set_proxy (ChdConnection *self, const char *url, GError **error);

/* Credentials. */
void chd_connection_set_token (ChdConnection *self, const char *token);
void chd_connection_set_token_file (ChdConnection *self, const char *path);
void chd_connection_set_basic (ChdConnection *self, const char *username, const char *password);
gboolean chd_connection_set_client_certificate (ChdConnection *self,
                                                const char *certificate_pem,
                                                const char *key_pem,
                                                GError **error);
void chd_connection_set_exec (ChdConnection *self, JsonObject *exec, const char *folder, JsonNode *cluster_config);
void chd_connection_set_impersonation (ChdConnection *self, const char *user, const char *const *groups);
const char *chd_connection_get_username (ChdConnection *self);
const char *chd_connection_get_token_file (ChdConnection *self);
gboolean chd_connection_has_credentials (ChdConnection *self);

/* The whole command line and environment of the credential program, as shown before it is allowed. */
char *chd_connection_dup_exec_for_display (ChdConnection *self);

/* Files instead of texts: absolute paths, opened when a client is made. One outside @folder (the description's own) is
 * a risk. */
void chd_connection_set_ca_file (ChdConnection *self, const char *path);
void chd_connection_set_client_certificate_files (ChdConnection *self, const char *certificate, const char *key);
void chd_connection_set_folder (ChdConnection *self, const char *folder);

guint chd_connection_list_risks (ChdConnection *self);
guint chd_connection_get_allowed_risks (ChdConnection *self);
void chd_connection_allow_risks (ChdConnection *self, guint risks);
gboolean chd_connection_check_risks (ChdConnection *self, GError **error);
char *chd_connection_dup_fingerprint (ChdConnection *self);

/* Where it came from: a kubeconfig file and its context, or %NULL. */
const char *chd_connection_get_source_file (ChdConnection *self);
const char *chd_connection_get_source_context (ChdConnection *self);
void chd_connection_set_source (ChdConnection *self, const char *file, const char *context);

/* Without secrets, for the library. A secret is set again from the keyring after reading. */
JsonObject *chd_connection_to_json (ChdConnection *self);
ChdConnection *chd_connection_new_from_json (JsonObject *object, GError **error);

G_END_DECLS
