/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Saved connections, kubeconfig contexts and the keyring. The file is small and is read at each use, so that two
 * programs of ours see each other's changes. */

#include "config.h"

#include "chd-connections.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-kubeconfig.h"
#include "chd-local-engine.h"
#include "chd-util.h"

#define MAX_FILE (1024 * 1024)
#define MAX_SAVED 1000

static const SecretSchema schema = {
  CHD_APPLICATION_ID ".Connection",
  SECRET_SCHEMA_NONE,
  { { "connection", SECRET_SCHEMA_ATTRIBUTE_STRING }, { "server", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

static char *
dup_file (void)
{
  return g_build_filename (g_get_user_config_dir (), "chain-designer", "connections.json", NULL);
}

/* (transfer full): the array of saved ones; an empty one when there is no file. */
static JsonArray *
read_saved (GError **error)
{
  g_autofree char *path = dup_file ();
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonArray *saved;
  gsize length;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return json_array_new ();
  text = chd_read_regular_file (path, MAX_FILE, &length, error);
  if (text == NULL)
    return NULL;
  object = chd_json_parse_object (text, length, MAX_FILE, CHD_JSON_UNIQUE_KEYS, error);
  if (object == NULL)
    {
      /* Translators: %s is a file name */
      g_prefix_error (error, _ ("The saved connections in %s cannot be read: "), path);
      return NULL;
    }
  saved = chd_json_array (object, "connections");
  return saved != NULL ? json_array_ref (saved) : json_array_new ();
}

static gboolean
write_saved (JsonArray *saved, GError **error)
{
  g_autofree char *path = dup_file ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length;

  json_object_set_array_member (object, "connections", json_array_ref (saved));
  text = chd_json_write_object (object, TRUE, &length);
  if (!chd_make_private_directory (folder, error))
    return FALSE;
  if (g_file_set_contents_full (path, text, (gssize) length,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, &local))
    return TRUE;
  /* Translators: a file name, and the system's reason */
  g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED, _ ("The connections cannot be saved in %s: %s"), path,
               local->message);
  return FALSE;
}

static JsonObject *
find_saved (JsonArray *saved, const char *name)
{
  for (guint i = 0; i < MIN (chd_json_length (saved), MAX_SAVED); i++)
    {
      JsonObject *object = chd_json_object_at (saved, i);

      if (g_strcmp0 (chd_json_string (object, "name", NULL), name) == 0)
        return object;
    }
  return NULL;
}

static ChdKubeconfig *
load_kubeconfig (GError **error)
{
  g_auto (GStrv) files = chd_kubeconfig_list_default_files ();

  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    if (g_file_test (files[i], G_FILE_TEST_EXISTS))
      return chd_kubeconfig_load ((const char *const *) files, error);
  return NULL;
}

static void
add_once (GPtrArray *names, const char *name)
{
  if (name != NULL && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

char **
chd_connections_list (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonArray) saved = read_saved (NULL);
  g_autoptr (ChdKubeconfig) kubeconfig = load_kubeconfig (NULL);

  add_once (names, CHD_CONNECTION_LOCAL);
  for (guint i = 0; saved != NULL && i < MIN (chd_json_length (saved), MAX_SAVED); i++)
    add_once (names, chd_json_string (chd_json_object_at (saved, i), "name", NULL));
  if (kubeconfig != NULL)
    {
      g_auto (GStrv) contexts = chd_kubeconfig_list_contexts (kubeconfig);

      for (guint i = 0; contexts[i] != NULL; i++)
        add_once (names, contexts[i]);
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static void
set_not_found (GError **error, const char *name)
{
  g_auto (GStrv) names = chd_connections_list ();
  g_autofree char *list = g_strjoinv (", ", names);

  /* Translators: the name that was asked for, and the names there are */
  g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("There is no connection “%s”. There are: %s."), name, list);
}

/* The contexts' own way, with what the user has allowed for exactly this description. */
static ChdConnection *
find_context (ChdKubeconfig *kubeconfig, JsonArray *saved, const char *name, GError **error)
{
  g_autoptr (ChdConnection) connection = chd_kubeconfig_dup_connection (kubeconfig, name, error);

  if (connection == NULL)
    return NULL;
  for (guint i = 0; i < MIN (chd_json_length (saved), MAX_SAVED); i++)
    {
      JsonObject *object = chd_json_object_at (saved, i);
      g_autofree char *fingerprint = chd_connection_dup_fingerprint (connection);

      if (g_strcmp0 (chd_json_string (object, "allowedFor", NULL), fingerprint) == 0)
        chd_connection_allow_risks (connection, (guint) chd_json_int (object, "allowed", 0));
    }
  return g_steal_pointer (&connection);
}

ChdConnection *
chd_connections_find (const char *name, GError **error)
{
  g_autoptr (JsonArray) saved = NULL;
  g_autoptr (ChdKubeconfig) kubeconfig = NULL;
  g_autoptr (GError) local = NULL;
  JsonObject *object;

  g_return_val_if_fail (name != NULL, NULL);

  if (g_strcmp0 (name, CHD_CONNECTION_LOCAL) == 0)
    {
      g_autofree char *socket = chd_local_engine_dup_socket ();

      return chd_connection_new_for_socket (CHD_CONNECTION_LOCAL, socket);
    }
  saved = read_saved (error);
  if (saved == NULL)
    return NULL;
  object = find_saved (saved, name);
  if (object != NULL)
    return chd_connection_new_from_json (object, error);
  kubeconfig = load_kubeconfig (&local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (kubeconfig != NULL)
    {
      g_auto (GStrv) contexts = chd_kubeconfig_list_contexts (kubeconfig);

      if (g_strv_contains ((const char *const *) contexts, name))
        return find_context (kubeconfig, saved, name, error);
    }
  set_not_found (error, name);
  return NULL;
}

static JsonArray *
copy_without (JsonArray *saved, const char *name)
{
  JsonArray *copy = json_array_new ();

  for (guint i = 0; i < MIN (chd_json_length (saved), MAX_SAVED); i++)
    {
      JsonObject *object = chd_json_object_at (saved, i);

      if (object != NULL && g_strcmp0 (chd_json_string (object, "name", NULL), name) != 0)
        json_array_add_object_element (copy, json_object_ref (object));
    }
  return copy;
}

gboolean
chd_connections_save (ChdConnection *connection, GError **error)
{
  const char *name = chd_connection_get_name (connection);
  g_autoptr (JsonArray) saved = NULL;
  g_autoptr (JsonArray) copy = NULL;

  if (*name == '\0' || g_strcmp0 (name, CHD_CONNECTION_LOCAL) == 0)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("A saved connection needs a name, and another one than “local”."));
      if (error != NULL)
        chd_error_set_field (*error, "name");
      return FALSE;
    }
  saved = read_saved (error);
  if (saved == NULL)
    return FALSE;
  copy = copy_without (saved, name);
  json_array_add_object_element (copy, chd_connection_to_json (connection));
  return write_saved (copy, error);
}

gboolean
chd_connections_remove (const char *name, GError **error)
{
  g_autoptr (JsonArray) saved = read_saved (error);
  g_autoptr (JsonArray) copy = NULL;

  if (saved == NULL)
    return FALSE;
  if (find_saved (saved, name) == NULL)
    {
      set_not_found (error, name);
      return FALSE;
    }
  copy = copy_without (saved, name);
  return write_saved (copy, error);
}

static const char *
get_address (ChdConnection *connection)
{
  const char *server = chd_connection_get_server (connection);

  return server != NULL ? server : "";
}

static void
stored_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  gboolean forget = g_task_get_task_data (task) != NULL;

  if (forget)
    secret_password_clear_finish (result, &error);
  else
    secret_password_store_finish (result, &error);
  if (error == NULL)
    {
      g_task_return_boolean (task, TRUE);
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else
    {
      GError *failure = g_error_new_literal (CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                                             _ ("The keyring of this computer does not keep the token; it will be "
                                                "asked for each time."));

      chd_error_set_details (failure, error->message);
      g_task_return_error (task, failure);
    }
}

void
chd_connections_store_token_async (ChdConnection *connection,
                                   const char *token,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);
  const char *name = chd_connection_get_name (connection);
  g_autofree char *label = NULL;

  g_task_set_source_tag (task, chd_connections_store_token_async);
  if (token == NULL)
    {
      g_task_set_task_data (task, (gpointer) "forget", NULL);
      secret_password_clear (&schema, cancellable, stored_cb, task, "connection", name, "server",
                             get_address (connection), NULL);
      return;
    }
  /* Translators: the entry's name in the keyring; %s is a connection's name */
  label = g_strdup_printf (_ ("Chain Designer: token of “%s”"), name);
  secret_password_store (&schema, SECRET_COLLECTION_DEFAULT, label, token, cancellable, stored_cb, task, "connection",
                         name, "server", get_address (connection), NULL);
}

gboolean
chd_connections_store_token_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
looked_up_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  char *token = secret_password_lookup_finish (result, NULL);

  if (token != NULL)
    chd_connection_set_token (g_task_get_source_object (task), token);
  secret_password_free (token);
  g_task_return_boolean (task, TRUE);
}

void
chd_connections_lookup_token_async (ChdConnection *connection,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GTask *task = g_task_new (connection, cancellable, callback, user_data);

  g_task_set_source_tag (task, chd_connections_lookup_token_async);
  /* A socket needs no token, a kubeconfig brings its own; nobody's keyring is opened for those. */
  if (chd_connection_has_credentials (connection) || chd_connection_get_socket_path (connection) != NULL ||
      chd_connection_get_source_file (connection) != NULL)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  secret_password_lookup (&schema, cancellable, looked_up_cb, task, "connection", chd_connection_get_name (connection),
                          "server", get_address (connection), NULL);
}

gboolean
chd_connections_lookup_token_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
