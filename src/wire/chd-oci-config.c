/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The image configuration, and what is built of OCI: descriptors, manifests, error bodies, digests. */

#include "config.h"

#include "chd-oci.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-json.h"

void
chd_oci_config_free (ChdOciConfig *self)
{
  if (self == NULL)
    return;
  g_free (self->os);
  g_free (self->architecture);
  g_free (self->created);
  g_free (self->user);
  g_free (self->working_dir);
  g_strfreev (self->entrypoint);
  g_strfreev (self->cmd);
  g_strfreev (self->env);
  g_strfreev (self->diff_ids);
  g_clear_pointer (&self->labels, json_object_unref);
  g_free (self);
}

static char *
dup_non_empty (JsonObject *object, const char *name)
{
  const char *value = chd_json_string (object, name, NULL);

  return value != NULL && *value != '\0' ? g_strdup (value) : NULL;
}

static char **
dup_strv (JsonObject *object, const char *name)
{
  JsonArray *array = chd_json_array (object, name);

  return array != NULL ? chd_json_strv (array) : NULL;
}

/**
 * chd_oci_config_parse:
 *
 * Returns: (transfer full): %NULL with an error when the document is no image configuration
 */
ChdOciConfig *
chd_oci_config_parse (const char *data, gsize length, GError **error)
{
  g_autoptr (ChdOciConfig) self = g_new0 (ChdOciConfig, 1);
  g_autoptr (JsonObject) object =
      chd_json_parse_object (data, length, CHD_OCI_MAX_MANIFEST, CHD_JSON_UNIQUE_KEYS, error);
  JsonObject *config;
  JsonArray *diff_ids;

  if (object == NULL)
    return NULL;
  config = chd_json_object (object, "config");
  diff_ids = chd_json_lookup_array (object, "rootfs/diff_ids");
  if (diff_ids == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The image's configuration names no layers."));
      return NULL;
    }
  self->diff_ids = chd_json_strv (diff_ids);
  for (guint i = 0; i < chd_json_length (diff_ids); i++)
    if (!chd_oci_is_digest (chd_json_string_at (diff_ids, i)))
      {
        g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                     _ ("A layer in the image's configuration has no valid digest."));
        return NULL;
      }
  self->os = g_strdup (chd_json_string (object, "os", "linux"));
  self->architecture = g_strdup (chd_json_string (object, "architecture", ""));
  self->created = dup_non_empty (object, "created");
  self->user = dup_non_empty (config, "User");
  self->working_dir = dup_non_empty (config, "WorkingDir");
  self->entrypoint = dup_strv (config, "Entrypoint");
  self->cmd = dup_strv (config, "Cmd");
  self->env = dup_strv (config, "Env");
  if (chd_json_object (config, "Labels") != NULL)
    self->labels = json_object_ref (chd_json_object (config, "Labels"));
  return g_steal_pointer (&self);
}

/**
 * chd_oci_descriptor_to_json:
 *
 * Returns: (transfer full):
 */
JsonObject *
chd_oci_descriptor_to_json (const char *media_type, const char *digest, gint64 size)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "mediaType", media_type);
  json_object_set_string_member (object, "digest", digest);
  json_object_set_int_member (object, "size", size);
  return object;
}

/**
 * chd_oci_manifest_build:
 *
 * Returns: (transfer full): the same bytes for the same input
 */
GBytes *
chd_oci_manifest_build (const ChdOciDescriptor *config, GPtrArray *layers)
{
  g_autoptr (JsonObject) manifest = json_object_new ();
  JsonArray *array = json_array_new ();
  gsize length;
  char *text;

  json_object_set_int_member (manifest, "schemaVersion", 2);
  json_object_set_string_member (manifest, "mediaType", CHD_OCI_TYPE_MANIFEST);
  json_object_set_object_member (manifest, "config",
                                 chd_oci_descriptor_to_json (config->media_type, config->digest, config->size));
  for (guint i = 0; i < layers->len; i++)
    {
      const ChdOciDescriptor *layer = layers->pdata[i];

      json_array_add_object_element (array, chd_oci_descriptor_to_json (layer->media_type, layer->digest, layer->size));
    }
  json_object_set_array_member (manifest, "layers", array);
  text = chd_json_write_object (manifest, FALSE, &length);
  return g_bytes_new_take (text, length);
}

/**
 * chd_oci_error_body:
 * @detail: (nullable)
 *
 * Returns: (transfer full):
 */
char *
chd_oci_error_body (const char *code, const char *message, const char *detail)
{
  g_autoptr (JsonObject) body = json_object_new ();
  JsonObject *entry = json_object_new ();
  JsonArray *errors = json_array_new ();

  json_object_set_string_member (entry, "code", code);
  json_object_set_string_member (entry, "message", message);
  if (detail != NULL)
    json_object_set_string_member (entry, "detail", detail);
  json_array_add_object_element (errors, entry);
  json_object_set_array_member (body, "errors", errors);
  return chd_json_write_object (body, FALSE, NULL);
}

/**
 * chd_oci_digest:
 *
 * Returns: (transfer full): the sha256 digest of @data
 */
char *
chd_oci_digest (gconstpointer data, gsize length)
{
  g_autofree char *hex = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, length);

  return g_strconcat ("sha256:", hex, NULL);
}

/**
 * chd_oci_digest_type:
 * @digest: one that satisfies chd_oci_is_digest()
 */
GChecksumType
chd_oci_digest_type (const char *digest)
{
  return g_str_has_prefix (digest, "sha512:") ? G_CHECKSUM_SHA512 : G_CHECKSUM_SHA256;
}
