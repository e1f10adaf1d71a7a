/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A connection as the library keeps it: without secrets. What was allowed counts only while the description is the
 * very one it was allowed for. */

#include "config.h"

#include "chd-connection-private.h"
#include "chd-json.h"
#include "chd-util.h"

static JsonObject *
describe (ChdConnection *self)
{
  JsonObject *object = json_object_new ();
  g_autofree char *proxy = chd_connection_dup_proxy_for_display (self);
  JsonObject *exec = chd_connection_get_exec (self);
  const char *const *groups = chd_connection_get_impersonated_groups (self);
  g_autoptr (GPtrArray) files = chd_connection_list_files (self);

  json_object_set_string_member (object, "name", chd_connection_get_name (self));
  chd_json_set_string_if (object, "server", chd_connection_get_server (self));
  chd_json_set_string_if (object, "socket", chd_connection_get_socket_path (self));
  json_object_set_string_member (object, "namespace", chd_connection_get_namespace (self));
  chd_json_set_string_if (object, "registry", chd_connection_get_registry (self));
  chd_json_set_string_if (object, "certificateAuthority", chd_connection_get_ca (self));
  if (chd_connection_get_insecure (self))
    json_object_set_boolean_member (object, "insecure", TRUE);
  chd_json_set_string_if (object, "tlsServerName", chd_connection_get_tls_server_name (self));
  chd_json_set_string_if (object, "proxy", proxy);
  chd_json_set_string_if (object, "username", chd_connection_get_username (self));
  chd_json_set_string_if (object, "clientCertificate", chd_connection_get_certificate (self));
  chd_json_set_string_if (object, "certificateAuthorityFile", files->pdata[0]);
  chd_json_set_string_if (object, "tokenFile", files->pdata[1]);
  chd_json_set_string_if (object, "clientCertificateFile", files->pdata[2]);
  chd_json_set_string_if (object, "clientKeyFile", files->pdata[3]);
  if (exec != NULL)
    json_object_set_object_member (object, "exec", json_object_ref (exec));
  if (chd_connection_get_cluster_config (self) != NULL)
    json_object_set_member (object, "execConfig", json_node_ref (chd_connection_get_cluster_config (self)));
  chd_json_set_string_if (object, "folder", chd_connection_get_folder (self));
  chd_json_set_string_if (object, "as", chd_connection_get_impersonated_user (self));
  if (groups != NULL)
    json_object_set_array_member (object, "asGroups", chd_json_array_from_strv (groups));
  chd_json_set_string_if (object, "file", chd_connection_get_source_file (self));
  chd_json_set_string_if (object, "context", chd_connection_get_source_context (self));
  chd_json_set_string_if (object, "problem", chd_connection_get_problem (self));
  return object;
}

/**
 * chd_connection_dup_fingerprint:
 * Returns: (transfer full): a hash of all that was shown when risks were allowed
 */
char *
chd_connection_dup_fingerprint (ChdConnection *self)
{
  g_autoptr (JsonObject) object = describe (self);
  g_autofree char *text = NULL;
  gsize length;

  /* A new name or namespace is no new risk. */
  json_object_remove_member (object, "name");
  json_object_remove_member (object, "namespace");
  text = chd_json_write_object (object, FALSE, &length);
  return chd_sha256 (text, length);
}

/**
 * chd_connection_to_json:
 * Returns: (transfer full): the description without secrets
 */
JsonObject *
chd_connection_to_json (ChdConnection *self)
{
  JsonObject *object = describe (self);
  g_autofree char *fingerprint = NULL;

  if (chd_connection_get_allowed_risks (self) != 0)
    {
      fingerprint = chd_connection_dup_fingerprint (self);
      json_object_set_int_member (object, "allowed", chd_connection_get_allowed_risks (self));
      json_object_set_string_member (object, "allowedFor", fingerprint);
    }
  return object;
}

/**
 * chd_connection_new_from_json:
 * @object: as chd_connection_to_json() made it
 *
 * Returns: (transfer full): the connection, without secrets
 */
ChdConnection *
chd_connection_new_from_json (JsonObject *object, GError **error)
{
  g_autoptr (ChdConnection) self = chd_connection_new (chd_json_string (object, "name", ""));
  g_auto (GStrv) groups = chd_json_strv (chd_json_array (object, "asGroups"));
  g_autofree char *fingerprint = NULL;

  if (!chd_connection_set_server (self, chd_json_string (object, "server", NULL), error) ||
      !chd_connection_set_registry (self, chd_json_string (object, "registry", NULL), error) ||
      !chd_connection_set_ca (self, chd_json_string (object, "certificateAuthority", NULL), error) ||
      !chd_connection_set_proxy (self, chd_json_string (object, "proxy", NULL), error))
    return NULL;

  chd_connection_set_socket_path (self, chd_json_string (object, "socket", NULL));
  chd_connection_set_namespace (self, chd_json_string (object, "namespace", NULL));
  chd_connection_set_insecure (self, chd_json_bool (object, "insecure", FALSE));
  chd_connection_set_tls_server_name (self, chd_json_string (object, "tlsServerName", NULL));
  chd_connection_set_basic (self, chd_json_string (object, "username", NULL), NULL);
  chd_connection_set_certificate (self, chd_json_string (object, "clientCertificate", NULL));
  chd_connection_set_ca_file (self, chd_json_string (object, "certificateAuthorityFile", NULL));
  chd_connection_set_token_file (self, chd_json_string (object, "tokenFile", NULL));
  chd_connection_set_client_certificate_files (self, chd_json_string (object, "clientCertificateFile", NULL),
                                               chd_json_string (object, "clientKeyFile", NULL));
  chd_connection_set_exec (self, chd_json_object (object, "exec"), chd_json_string (object, "folder", NULL),
                           json_object_get_member (object, "execConfig"));
  chd_connection_set_impersonation (self, chd_json_string (object, "as", NULL),
                                    chd_json_array (object, "asGroups") != NULL ? (const char *const *) groups : NULL);
  chd_connection_set_source (self, chd_json_string (object, "file", NULL), chd_json_string (object, "context", NULL));
  chd_connection_set_problem (self, chd_json_string (object, "problem", NULL));

  fingerprint = chd_connection_dup_fingerprint (self);
  if (g_strcmp0 (fingerprint, chd_json_string (object, "allowedFor", NULL)) == 0)
    chd_connection_allow_risks (self, (guint) chd_json_int (object, "allowed", 0));
  return g_steal_pointer (&self);
}
