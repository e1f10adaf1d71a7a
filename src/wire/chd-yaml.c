/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A YAML document as JSON, with the lines its parts came from. */

#include "config.h"

#include "chd-yaml.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-yaml-private.h"

struct _ChdYamlDocument
{
  gatomicrefcount ref_count;
  JsonNode *root;    /* (owned) immutable */
  GHashTable *lines; /* (owned) JsonNode → line; the nodes live as long as root */
  guint line;
};

ChdYamlDocument *
chd_yaml_document_new (JsonNode *root, GHashTable *lines, guint line)
{
  ChdYamlDocument *self = g_new0 (ChdYamlDocument, 1);

  g_atomic_ref_count_init (&self->ref_count);
  json_node_seal (root);
  self->root = root;
  self->lines = lines;
  self->line = line;
  return self;
}

/**
 * chd_yaml_parse:
 *
 * As chd_yaml_parse_documents(), for a text that holds one document.
 *
 * Returns: (transfer full): its root, immutable
 */
JsonNode *
chd_yaml_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (GPtrArray) documents = chd_yaml_parse_documents (data, length, error);

  if (documents == NULL)
    return NULL;
  if (documents->len != 1)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   ngettext ("One YAML document is expected; there is %u.",
                             "One YAML document is expected; there are %u.", documents->len),
                   documents->len);
      return NULL;
    }
  return json_node_ref (chd_yaml_document_get_root (documents->pdata[0]));
}

/**
 * chd_yaml_parse_object:
 *
 * As chd_yaml_parse(), for a text that holds one mapping.
 *
 * Returns: (transfer full): the mapping, immutable
 */
JsonObject *
chd_yaml_parse_object (const char *data, gsize length, GError **error)
{
  g_autoptr (JsonNode) root = chd_yaml_parse (data, length, error);

  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("The YAML text has to be a mapping of keys to values."));
      return NULL;
    }
  return json_object_ref (json_node_get_object (root));
}

ChdYamlDocument *
chd_yaml_document_ref (ChdYamlDocument *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
chd_yaml_document_unref (ChdYamlDocument *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  json_node_unref (self->root);
  g_hash_table_unref (self->lines);
  g_free (self);
}

/**
 * chd_yaml_document_get_root:
 * Returns: (transfer none): the root, of any type (null for an empty document)
 */
JsonNode *
chd_yaml_document_get_root (ChdYamlDocument *self)
{
  return self->root;
}

/**
 * chd_yaml_document_get_object:
 * Returns: (nullable) (transfer none): the root if it is a mapping
 */
JsonObject *
chd_yaml_document_get_object (ChdYamlDocument *self)
{
  return JSON_NODE_HOLDS_OBJECT (self->root) ? json_node_get_object (self->root) : NULL;
}

/**
 * chd_yaml_document_get_line:
 * Returns: where the document begins, counted from 1
 */
guint
chd_yaml_document_get_line (ChdYamlDocument *self)
{
  return self->line;
}

/**
 * chd_yaml_document_get_line_of:
 * @path: member names and indices separated by '/', for example "spec/tasks/2/name"
 *
 * Returns: the line of what is at @path, or of the nearest thing above it that exists
 */
guint
chd_yaml_document_get_line_of (ChdYamlDocument *self, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  JsonNode *node = self->root;
  guint line = self->line;

  for (guint i = 0; parts[i] != NULL && node != NULL; i++)
    {
      guint64 index;

      if (JSON_NODE_HOLDS_OBJECT (node))
        node = json_object_get_member (json_node_get_object (node), parts[i]);
      else if (JSON_NODE_HOLDS_ARRAY (node) && g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT, &index, NULL) &&
               index < json_array_get_length (json_node_get_array (node)))
        node = json_array_get_element (json_node_get_array (node), (guint) index);
      else
        node = NULL;
      if (node != NULL && g_hash_table_contains (self->lines, node))
        line = GPOINTER_TO_UINT (g_hash_table_lookup (self->lines, node));
    }
  return line;
}
