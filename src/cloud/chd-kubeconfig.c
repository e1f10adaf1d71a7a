/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads kubeconfig files and merges them by kubectl's rules: of each name the first file's entry counts, as a whole;
 * of current-context the first that is not empty. Paths in an entry belong to the folder of its own file. */

#include "config.h"

#include "chd-kubeconfig.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-kubeconfig-private.h"
#include "chd-util.h"
#include "chd-yaml.h"

#define MAX_FILES 100
#define MAX_ENTRIES 10000

typedef struct
{
  JsonObject *object; /* (owned) clean */
  char *file;         /* (owned) */
} Entry;

static const struct
{
  const char *list;
  const char *member;
} lists[] = {
  [CHD_KUBECONFIG_CLUSTER] = { "clusters", "cluster" },
  [CHD_KUBECONFIG_USER] = { "users", "user" },
  [CHD_KUBECONFIG_CONTEXT] = { "contexts", "context" },
};

struct _ChdKubeconfig
{
  GObject parent_instance;

  GHashTable *entries[G_N_ELEMENTS (lists)]; /* (owned) name → Entry */
  char *current;                             /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (ChdKubeconfig, chd_kubeconfig, G_TYPE_OBJECT)

static void
entry_free (Entry *entry)
{
  json_object_unref (entry->object);
  g_free (entry->file);
  g_free (entry);
}

/* Puts the file's name in front of what is wrong in it. */
static void
set_file_error (GError **error, const char *file, const char *reason)
{
  g_autofree char *name = g_filename_display_basename (file);

  /* Translators: file name, and a sentence that says what is wrong in it */
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The kubeconfig %s cannot be used. %s"), name, reason);
}

/* Reading one file */

static gboolean
take_entry (ChdKubeconfig *self,
            ChdKubeconfigList list,
            JsonNode *node,
            const char *file,
            GHashTable *seen,
            GError **error)
{
  JsonObject *item = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *name = chd_json_string (item, "name", NULL);
  g_autoptr (JsonObject) clean = NULL;
  Entry *entry;

  /* What is no entry, or has no name, nobody can refer to. */
  if (item != NULL && name == NULL && json_object_has_member (item, "name") &&
      !json_object_get_null_member (item, "name"))
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("A name in it is not a text. Put it between quotation marks."));
      return FALSE;
    }
  if (name == NULL || *name == '\0')
    return TRUE;
  if (!g_hash_table_add (seen, g_strdup (name)))
    {
      g_autofree char *shown = chd_str_sanitize (name, -1, 100);

      /* Translators: %s is a name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The name “%s” is in it twice."), shown);
      return FALSE;
    }
  if (g_hash_table_contains (self->entries[list], name))
    return TRUE;
  if (g_hash_table_size (self->entries[list]) >= MAX_ENTRIES)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("It has too many entries."));
      return FALSE;
    }

  clean = chd_kubeconfig_clean_entry (list, chd_json_object (item, lists[list].member), error);
  if (clean == NULL)
    return FALSE;
  entry = g_new0 (Entry, 1);
  entry->object = g_steal_pointer (&clean);
  entry->file = g_strdup (file);
  g_hash_table_insert (self->entries[list], g_strdup (name), entry);
  return TRUE;
}

static gboolean
take_config (ChdKubeconfig *self, JsonObject *config, const char *file, GError **error)
{
  const char *kind = chd_json_string (config, "kind", "Config");
  const char *current = chd_json_string (config, "current-context", "");

  if (*kind != '\0' && strcmp (kind, "Config") != 0)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("It is not a kubeconfig."));
      return FALSE;
    }
  for (guint list = 0; list < G_N_ELEMENTS (lists); list++)
    {
      JsonArray *array = chd_json_array (config, lists[list].list);
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      for (guint i = 0; i < chd_json_length (array); i++)
        if (!take_entry (self, (ChdKubeconfigList) list, json_array_get_element (array, i), file, seen, error))
          return FALSE;
    }
  if (self->current == NULL && *current != '\0')
    self->current = g_strdup (current);
  return TRUE;
}

static gboolean
take_file (ChdKubeconfig *self, const char *file, GError **error)
{
  gsize length;
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GPtrArray) documents = NULL;
  char *text = chd_read_regular_file (file, CHD_YAML_MAX_BYTES, &length, error);
  JsonObject *config = NULL;
  gboolean ok = TRUE;

  if (text == NULL)
    return FALSE;
  documents = chd_yaml_parse_documents (text, length, &local_error);
  explicit_bzero (text, length);
  g_free (text);
  if (documents == NULL)
    ok = FALSE;
  else if (documents->len > 0)
    config = chd_yaml_document_get_object (documents->pdata[0]);
  /* An empty file is an empty configuration. */
  if (ok && config != NULL)
    ok = take_config (self, config, file, &local_error);
  else if (ok && documents->len > 0 && !JSON_NODE_HOLDS_NULL (chd_yaml_document_get_root (documents->pdata[0])))
    ok = (g_set_error_literal (&local_error, CHD_ERROR, CHD_ERROR_INVALID, _ ("It is not a kubeconfig.")), FALSE);
  if (ok)
    return TRUE;
  set_file_error (error, file, local_error->message);
  return FALSE;
}

/* GObject */

static void
chd_kubeconfig_finalize (GObject *object)
{
  ChdKubeconfig *self = CHD_KUBECONFIG (object);

  for (guint list = 0; list < G_N_ELEMENTS (lists); list++)
    g_hash_table_unref (self->entries[list]);
  g_free (self->current);
  G_OBJECT_CLASS (chd_kubeconfig_parent_class)->finalize (object);
}

static void
chd_kubeconfig_class_init (ChdKubeconfigClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_kubeconfig_finalize;
}

static void
chd_kubeconfig_init (ChdKubeconfig *self)
{
  for (guint list = 0; list < G_N_ELEMENTS (lists); list++)
    self->entries[list] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) entry_free);
}

/**
 * chd_kubeconfig_list_default_files:
 * Returns: (transfer full): what KUBECONFIG names, or ~/.kube/config; whether they exist or not
 */
char **
chd_kubeconfig_list_default_files (void)
{
  const char *variable = g_getenv ("KUBECONFIG");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) parts = g_strsplit (variable != NULL ? variable : "", ":", MAX_FILES);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0' && g_hash_table_add (seen, g_strdup (parts[i])))
      g_strv_builder_add (builder, parts[i]);
  if (variable == NULL || *variable == '\0')
    {
      g_autofree char *file = g_build_filename (g_get_home_dir (), ".kube", "config", NULL);

      g_strv_builder_add (builder, file);
    }
  return g_strv_builder_end (builder);
}

/**
 * chd_kubeconfig_load:
 * Returns: (transfer full): what the files say together, or %NULL when one of them cannot be read or used
 */
ChdKubeconfig *
chd_kubeconfig_load (const char *const *files, GError **error)
{
  g_autoptr (ChdKubeconfig) self = g_object_new (CHD_TYPE_KUBECONFIG, NULL);
  gboolean only_one = files[0] != NULL && files[1] == NULL;

  for (guint i = 0; files[i] != NULL && i < MAX_FILES; i++)
    {
      g_autofree char *file = g_canonicalize_filename (files[i], NULL);

      if (*files[i] == '\0' || (!only_one && !g_file_test (file, G_FILE_TEST_EXISTS)))
        continue;
      if (!take_file (self, file, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

ChdKubeconfig *
chd_kubeconfig_load_file (const char *file, GError **error)
{
  const char *const files[] = { file, NULL };

  return chd_kubeconfig_load (files, error);
}

static char **
list_names (ChdKubeconfig *self, ChdKubeconfigList list)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (self->entries[list]), (GCompareFunc) strcmp);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (GList *l = names; l != NULL; l = l->next)
    g_strv_builder_add (builder, l->data);
  return g_strv_builder_end (builder);
}

/* Sorted; as they are written, so foreign text. Also those that cannot be used. */
char **
chd_kubeconfig_list_contexts (ChdKubeconfig *self)
{
  return list_names (self, CHD_KUBECONFIG_CONTEXT);
}

/* (nullable) */
const char *
chd_kubeconfig_get_current_context (ChdKubeconfig *self)
{
  return self->current;
}

/* (nullable): %NULL for an unknown context */
const char *
chd_kubeconfig_get_file_of_context (ChdKubeconfig *self, const char *context)
{
  Entry *entry = g_hash_table_lookup (self->entries[CHD_KUBECONFIG_CONTEXT], context);

  return entry != NULL ? entry->file : NULL;
}

/**
 * chd_kubeconfig_get_merged:
 *
 * Paths are as they stand in their own files. Holds secrets: neither to be shown nor stored.
 *
 * Returns: (transfer full): what "kubectl config view --raw" shows
 */
JsonObject *
chd_kubeconfig_get_merged (ChdKubeconfig *self)
{
  JsonObject *merged = json_object_new ();

  json_object_set_string_member (merged, "kind", "Config");
  json_object_set_string_member (merged, "apiVersion", "v1");
  for (guint list = 0; list < G_N_ELEMENTS (lists); list++)
    {
      JsonArray *array = json_array_new ();
      g_auto (GStrv) names = list_names (self, (ChdKubeconfigList) list);

      for (guint i = 0; names[i] != NULL; i++)
        {
          Entry *entry = g_hash_table_lookup (self->entries[list], names[i]);
          JsonObject *item = json_object_new ();

          json_object_set_string_member (item, "name", names[i]);
          json_object_set_object_member (item, lists[list].member, chd_json_copy_object (entry->object));
          json_array_add_object_element (array, item);
        }
      json_object_set_array_member (merged, lists[list].list, array);
    }
  json_object_set_string_member (merged, "current-context", self->current != NULL ? self->current : "");
  return merged;
}

/* Finds what a context refers to; FALSE with @error for a name that nobody has. */
static gboolean
find_entry (ChdKubeconfig *self,
            ChdKubeconfigList list,
            const char *name,
            const char *message,
            Entry **entry,
            GError **error)
{
  g_autofree char *shown = NULL;

  *entry = name != NULL ? g_hash_table_lookup (self->entries[list], name) : NULL;
  if (*entry != NULL)
    return TRUE;
  shown = chd_str_sanitize (name != NULL ? name : "", -1, 100);
  g_strdelimit (shown, "\n\t", ' ');
  g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, "%s", message);
  if (error != NULL)
    chd_error_set_details (*error, shown);
  return FALSE;
}

/**
 * chd_kubeconfig_dup_connection:
 *
 * Returns: (transfer full): the connection of a context, with nothing risky allowed; %NULL when the context refers to
 *   something that is not there or contradicts itself
 */
ChdConnection *
chd_kubeconfig_dup_connection (ChdKubeconfig *self, const char *context, GError **error)
{
  const char *name = context != NULL ? context : self->current;
  Entry *entry, *cluster, *user = NULL;
  const char *user_name;
  g_autofree char *cluster_folder = NULL;
  g_autofree char *user_folder = NULL;
  ChdConnection *connection;

  if (!find_entry (self, CHD_KUBECONFIG_CONTEXT, name, _ ("The kubeconfig has no such context."), &entry, error) ||
      !find_entry (self, CHD_KUBECONFIG_CLUSTER, chd_json_string (entry->object, "cluster", NULL),
                   _ ("The context refers to a cluster that is not in the kubeconfig."), &cluster, error))
    return NULL;
  user_name = chd_json_string (entry->object, "user", "");
  if (*user_name != '\0' &&
      !find_entry (self, CHD_KUBECONFIG_USER, user_name,
                   _ ("The context refers to a user that is not in the kubeconfig."), &user, error))
    return NULL;

  cluster_folder = g_path_get_dirname (cluster->file);
  user_folder = g_path_get_dirname (user != NULL ? user->file : cluster->file);
  connection = chd_kubeconfig_make_connection (name, entry->object, cluster->object, cluster_folder,
                                               user != NULL ? user->object : NULL, user_folder, error);
  if (connection != NULL)
    chd_connection_set_source (connection, entry->file, name);
  return connection;
}
