/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads a docker archive ("docker save"): manifest.json names the configuration and the layers, which have no digests
 * of their own there. The layers stay as they are; the manifest that a registry needs is made here. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-source-private.h"
#include "chd-json.h"
#include "chd-util.h"

static gboolean
refuse (GError **error, ChdErrorCode code, const char *message)
{
  g_set_error_literal (error, CHD_ERROR, (int) code, message);
  return FALSE;
}

static gboolean
has_tag (JsonObject *image, const char *ref_name, const char **tag)
{
  JsonArray *tags = chd_json_array (image, "RepoTags");

  for (guint i = 0; i < chd_json_length (tags); i++)
    if (chd_image_source_name_matches (chd_json_string_at (tags, i), ref_name))
      {
        *tag = chd_json_string_at (tags, i);
        return TRUE;
      }
  return FALSE;
}

static JsonObject *
choose (JsonArray *images, const char *ref_name, const char **tag, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);

  *tag = NULL;
  if (chd_json_length (images) == 1)
    {
      JsonObject *only = chd_json_object_at (images, 0);

      *tag = chd_json_string_at (chd_json_array (only, "RepoTags"), 0);
      return only;
    }
  for (guint i = 0; i < chd_json_length (images); i++)
    {
      JsonObject *image = chd_json_object_at (images, i);
      const char *first = chd_json_string_at (chd_json_array (image, "RepoTags"), 0);
      g_autofree char *shown = chd_str_sanitize (first != NULL ? first : "—", -1, 100);

      if (ref_name != NULL && has_tag (image, ref_name, tag))
        return image;
      if (i < 20)
        g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", shown);
    }
  if (chd_json_length (images) == 0)
    refuse (error, CHD_ERROR_INVALID, _ ("The archive contains no image."));
  else if (ref_name == NULL)
    g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                 _ ("There are several images in the archive. Say which one is meant: %s."), names->str);
  else
    g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The archive holds no image “%s”. It has: %s."), ref_name,
                 names->str);
  return NULL;
}

/* Layers of old archives are plain tars; whatever they are, their first bytes say it. */
static const char *
layer_type (ChdImageSource *self, const char *name)
{
  gint64 size;
  g_autoptr (GInputStream) stream = chd_image_files_open_stream (self->files, name, &size, NULL);
  guint8 head[4] = { 0 };

  if (stream != NULL && g_input_stream_read_all (stream, head, sizeof head, NULL, NULL, NULL))
    {
      if (memcmp (head, "\x1f\x8b", 2) == 0)
        return CHD_OCI_TYPE_LAYER_GZIP;
      if (memcmp (head, "\x28\xb5\x2f\xfd", 4) == 0)
        return CHD_OCI_TYPE_LAYER_ZSTD;
    }
  return CHD_OCI_TYPE_LAYER;
}

static ChdOciDescriptor *
describe (ChdImageSource *self, const char *name, const char *media_type, GCancellable *cancellable, GError **error)
{
  g_autoptr (ChdOciDescriptor) blob = g_new0 (ChdOciDescriptor, 1);
  g_autofree char *hash = chd_image_source_hash (self, name, G_CHECKSUM_SHA256, &blob->size, cancellable, error);

  if (hash == NULL)
    return NULL;
  blob->media_type = g_strdup (media_type);
  blob->digest = g_strconcat ("sha256:", hash, NULL);
  return g_steal_pointer (&blob);
}

/* @layers: (element-type ChdOciDescriptor): gets one for each name */
static gboolean
add_layers (ChdImageSource *self, JsonArray *names, GPtrArray *layers, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < chd_json_length (names); i++)
    {
      const char *name = chd_json_string_at (names, i);
      const char *type;
      ChdOciDescriptor *layer;

      if (name == NULL)
        return refuse (error, CHD_ERROR_CORRUPT, _ ("A layer of the image has no name."));
      type = layer_type (self, name);
      layer = describe (self, name, type, cancellable, error);
      if (layer == NULL)
        return FALSE;
      g_ptr_array_add (layers, layer);
      /* Of an unpacked layer the configuration knows the digest. */
      if (strcmp (type, CHD_OCI_TYPE_LAYER) == 0 && strcmp (layer->digest, self->config->diff_ids[i]) != 0)
        return refuse (
            error, CHD_ERROR_CORRUPT,
            _ ("The image is damaged: a layer is not what its configuration says. Make or download it again."));
      chd_image_source_add_blob (self, layer, name);
    }
  return TRUE;
}

static JsonArray *
read_images (ChdImageSource *self, GError **error)
{
  g_autoptr (GBytes) bytes = chd_image_files_read (self->files, "manifest.json", CHD_OCI_MAX_MANIFEST, error);
  g_autoptr (JsonNode) root = NULL;

  if (bytes == NULL)
    return NULL;
  root = chd_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), CHD_OCI_MAX_MANIFEST,
                         CHD_JSON_UNIQUE_KEYS, error);
  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_ARRAY (root))
    {
      refuse (error, CHD_ERROR_CORRUPT, _ ("The archive’s list of images is damaged."));
      return NULL;
    }
  return json_array_ref (json_node_get_array (root));
}

gboolean
chd_image_source_load_docker (ChdImageSource *self, const char *ref_name, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonArray) images = read_images (self, error);
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_oci_descriptor_free);
  g_autoptr (ChdOciDescriptor) config = NULL;
  g_autoptr (GBytes) config_bytes = NULL;
  JsonObject *image;
  JsonArray *names;
  const char *config_name;
  const char *tag;

  if (images == NULL)
    return FALSE;
  image = choose (images, ref_name, &tag, error);
  if (image == NULL)
    return FALSE;
  config_name = chd_json_string (image, "Config", NULL);
  names = chd_json_array (image, "Layers");
  if (config_name == NULL || names == NULL)
    return refuse (error, CHD_ERROR_CORRUPT, _ ("The archive’s list of images is damaged."));
  if (chd_json_length (names) > CHD_OCI_MAX_LAYERS)
    return refuse (error, CHD_ERROR_LIMIT, _ ("The image has too many layers."));

  config_bytes = chd_image_files_read (self->files, config_name, CHD_OCI_MAX_MANIFEST, error);
  if (config_bytes == NULL || !chd_image_source_take_config (self, config_bytes, chd_json_length (names), error))
    return FALSE;
  config = describe (self, config_name, CHD_OCI_TYPE_CONFIG, cancellable, error);
  if (config == NULL)
    return FALSE;
  chd_image_source_add_blob (self, config, config_name);
  if (!add_layers (self, names, layers, cancellable, error))
    return FALSE;

  self->ref_name = g_strdup (tag);
  self->manifest = chd_oci_manifest_build (config, layers);
  self->media_type = g_strdup (CHD_OCI_TYPE_MANIFEST);
  self->digest = chd_oci_digest (g_bytes_get_data (self->manifest, NULL), g_bytes_get_size (self->manifest));
  return TRUE;
}
