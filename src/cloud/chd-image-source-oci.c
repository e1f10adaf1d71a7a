/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads an OCI layout: chooses the image by the index, and checks each part by size and digest. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-source-private.h"
#include "chd-json.h"
#include "chd-util.h"

#define MAX_LAYOUT_FILE 4096

static char *
blob_name (const char *digest)
{
  g_auto (GStrv) parts = g_strsplit (digest, ":", 2);

  return g_build_filename ("blobs", parts[0], parts[1], NULL);
}

static gboolean
check_layout (ChdImageSource *self, GError **error)
{
  g_autoptr (GBytes) bytes = chd_image_files_read (self->files, "oci-layout", MAX_LAYOUT_FILE, error);
  g_autoptr (JsonObject) layout = NULL;

  if (bytes == NULL)
    return FALSE;
  layout = chd_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), MAX_LAYOUT_FILE,
                                  CHD_JSON_UNIQUE_KEYS, error);
  if (layout == NULL)
    return FALSE;
  if (strcmp (chd_json_string (layout, "imageLayoutVersion", ""), "1.0.0") == 0)
    return TRUE;
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                       _ ("The image has a layout of another version than 1.0.0."));
  return FALSE;
}

static gboolean
check_digest (const ChdOciDescriptor *blob, const char *hash, gint64 size, GError **error)
{
  if (size == blob->size && strcmp (hash, strchr (blob->digest, ':') + 1) == 0)
    return TRUE;
  g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
               /* Translators: %s is a digest */
               _ ("The image is damaged: a part of it is not what its digest says (%s). Make or download it again."),
               blob->digest);
  return FALSE;
}

static gboolean
add_layer (ChdImageSource *self, const ChdOciDescriptor *layer, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = blob_name (layer->digest);
  gint64 size;
  g_autofree char *hash =
      chd_image_source_hash (self, name, chd_oci_digest_type (layer->digest), &size, cancellable, error);

  if (hash == NULL || !check_digest (layer, hash, size, error))
    return FALSE;
  chd_image_source_add_blob (self, layer, name);
  return TRUE;
}

/* A manifest or a configuration: what is parsed is what was checked. */
static GBytes *
read_small_blob (ChdImageSource *self, const ChdOciDescriptor *blob, GError **error)
{
  g_autofree char *name = blob_name (blob->digest);
  g_autoptr (GBytes) bytes = chd_image_files_read (self->files, name, CHD_OCI_MAX_MANIFEST, error);
  g_autofree char *hash = NULL;

  if (bytes == NULL)
    return NULL;
  hash = g_compute_checksum_for_bytes (chd_oci_digest_type (blob->digest), bytes);
  if (!check_digest (blob, hash, (gint64) g_bytes_get_size (bytes), error))
    return NULL;
  return g_steal_pointer (&bytes);
}

static char *
list_names (GPtrArray *entries)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < entries->len && i < 20; i++)
    {
      const ChdOciDescriptor *entry = entries->pdata[i];
      g_autofree char *shown = chd_str_sanitize (entry->ref_name != NULL ? entry->ref_name : entry->digest, -1, 100);

      g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", shown);
    }
  return g_strdup (names->str);
}

/* The entries of the layout's index that are images and have the wanted name; all when only one is there. */
static GPtrArray *
list_candidates (const ChdOciManifest *index, const char *ref_name, GError **error)
{
  g_autoptr (GPtrArray) images = g_ptr_array_new ();
  g_autoptr (GPtrArray) named = g_ptr_array_new ();
  g_autofree char *names = NULL;

  for (guint i = 0; i < index->manifests->len; i++)
    {
      ChdOciDescriptor *entry = index->manifests->pdata[i];

      if (!chd_oci_is_manifest_type (entry->media_type) && !chd_oci_is_index_type (entry->media_type))
        continue;
      g_ptr_array_add (images, entry);
      if (ref_name != NULL && chd_image_source_name_matches (entry->ref_name, ref_name))
        g_ptr_array_add (named, entry);
    }
  if (images->len <= 1 || ref_name == NULL)
    return g_steal_pointer (&images);
  if (named->len > 0)
    return g_steal_pointer (&named);
  names = list_names (images);
  /* Translators: name of an image, and a list of names */
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The archive holds no image “%s”. It has: %s."), ref_name,
               names);
  return NULL;
}

static gboolean
have_platforms (GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    if (((ChdOciDescriptor *) entries->pdata[i])->architecture == NULL)
      return FALSE;
  return TRUE;
}

/* Returns: (transfer none): an entry of @index */
static const ChdOciDescriptor *
choose (const ChdOciManifest *index, const char *ref_name, const char *architecture, GError **error)
{
  g_autoptr (GPtrArray) candidates = list_candidates (index, ref_name, error);
  ChdOciManifest chosen = *index;
  g_autofree char *names = NULL;

  if (candidates == NULL)
    return NULL;
  if (candidates->len == 1 && chd_oci_is_index_type (((ChdOciDescriptor *) candidates->pdata[0])->media_type))
    return candidates->pdata[0];
  if (candidates->len <= 1 || have_platforms (candidates))
    {
      chosen.manifests = candidates;
      return chd_oci_index_select (&chosen, "linux", architecture, error);
    }
  names = list_names (candidates);
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
               /* Translators: %s is a list of names */
               _ ("There are several images in the archive. Say which one is meant: %s."), names);
  return NULL;
}

static ChdOciManifest *
parse (GBytes *bytes, const char *media_type, GError **error)
{
  return chd_oci_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), media_type, error);
}

/* From the layout's index to the manifest of one image, over at most one index in it. */
static ChdOciManifest *
find_manifest (ChdImageSource *self, const char *ref_name, const char *architecture, GError **error)
{
  g_autoptr (GBytes) bytes = chd_image_files_read (self->files, "index.json", CHD_OCI_MAX_MANIFEST, error);
  g_autoptr (ChdOciManifest) document = bytes != NULL ? parse (bytes, CHD_OCI_TYPE_INDEX, error) : NULL;
  const ChdOciDescriptor *entry = document != NULL ? choose (document, ref_name, architecture, error) : NULL;

  if (entry == NULL)
    return NULL;
  self->ref_name = g_strdup (entry->ref_name);
  for (guint depth = 0; depth < 2 && entry != NULL; depth++)
    {
      g_autoptr (ChdOciDescriptor) blob = chd_oci_descriptor_copy (entry);

      g_clear_pointer (&bytes, g_bytes_unref);
      g_clear_pointer (&document, chd_oci_manifest_free);
      bytes = read_small_blob (self, blob, error);
      document = bytes != NULL ? parse (bytes, blob->media_type, error) : NULL;
      if (document == NULL)
        return NULL;
      if (!document->is_index)
        {
          self->digest = g_strdup (blob->digest);
          self->media_type = g_strdup (document->media_type);
          self->manifest = g_bytes_ref (bytes);
          return g_steal_pointer (&document);
        }
      entry = chd_oci_index_select (document, "linux", architecture, error);
    }
  return NULL;
}

static gboolean
check_layers (const ChdOciManifest *manifest, GError **error)
{
  if (strcmp (manifest->config->media_type, CHD_OCI_TYPE_CONFIG) != 0 &&
      strcmp (manifest->config->media_type, CHD_DOCKER_TYPE_CONFIG) != 0)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                           _ ("What the archive holds is not the image of an environment."));
      return FALSE;
    }
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      const ChdOciDescriptor *layer = manifest->layers->pdata[i];

      if (layer->foreign || !chd_oci_layer_compression (layer->media_type, NULL))
        {
          g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                               layer->foreign ? _ ("A layer of the image is not in it but on another server.")
                                              : _ ("A layer of the image is packed in a way that is not supported."));
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
chd_image_source_load_oci (ChdImageSource *self,
                           const char *ref_name,
                           const char *architecture,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (ChdOciManifest) manifest = NULL;
  g_autoptr (GBytes) config = NULL;
  g_autofree char *name = NULL;

  if (!check_layout (self, error))
    return FALSE;
  manifest = find_manifest (self, ref_name, architecture, error);
  if (manifest == NULL || !check_layers (manifest, error))
    return FALSE;
  config = read_small_blob (self, manifest->config, error);
  if (config == NULL || !chd_image_source_take_config (self, config, manifest->layers->len, error))
    return FALSE;

  name = blob_name (manifest->config->digest);
  chd_image_source_add_blob (self, manifest->config, name);
  for (guint i = 0; i < manifest->layers->len; i++)
    if (!add_layer (self, manifest->layers->pdata[i], cancellable, error))
      return FALSE;
  return TRUE;
}
