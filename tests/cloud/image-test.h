/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "chd-image-source.h"
#include "chd-json.h"
#include "chd-oci.h"

/* Images made on the spot. */

static inline void
run (const char *first, ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  int status;
  va_list args;

  va_start (args, first);
  for (const char *arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *) arg);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

static inline void
put_file (const char *folder, const char *name, const char *data, gssize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents (path, data, length, &error);
  g_assert_no_error (error);
}

static inline ChdOciDescriptor *
put_blob (const char *folder, const char *media_type, const char *data, gsize length)
{
  ChdOciDescriptor *blob = g_new0 (ChdOciDescriptor, 1);
  g_autofree char *name = NULL;

  blob->media_type = g_strdup (media_type);
  blob->digest = chd_oci_digest (data, length);
  blob->size = (gint64) length;
  name = g_strconcat ("blobs/sha256/", blob->digest + strlen ("sha256:"), NULL);
  put_file (folder, name, data, (gssize) length);
  return blob;
}

/* An OCI layout with @n_layers layers of @layer_size bytes (no real tar archives: nobody unpacks them here).
 * @extra: goes into the configuration and makes the image another one. Returns: the manifest's digest. */
static inline char *
make_layout (const char *folder, guint n_layers, gsize layer_size, const char *extra)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_oci_descriptor_free);
  g_autoptr (GString) config = g_string_new (NULL);
  g_autoptr (ChdOciDescriptor) config_blob = NULL, manifest_blob = NULL;
  g_autoptr (GBytes) manifest = NULL;
  g_autofree char *index = NULL;
  g_autofree char *data = g_malloc (layer_size + 1);

  g_string_append_printf (config,
                          "{\"architecture\":\"%s\",\"os\":\"linux\",\"author\":\"%s\","
                          "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[",
                          chd_oci_host_architecture (), extra);
  for (guint i = 0; i < n_layers; i++)
    {
      ChdOciDescriptor *layer;

      for (gsize k = 0; k < layer_size; k++)
        data[k] = (char) ('a' + (k * 7 + k / 1000 + i) % 26);
      layer = put_blob (folder, CHD_OCI_TYPE_LAYER, data, layer_size);
      g_string_append_printf (config, "%s\"%s\"", i > 0 ? "," : "", layer->digest);
      g_ptr_array_add (layers, layer);
    }
  g_string_append (config, "]}}");
  config_blob = put_blob (folder, CHD_OCI_TYPE_CONFIG, config->str, config->len);
  manifest = chd_oci_manifest_build (config_blob, layers);
  manifest_blob =
      put_blob (folder, CHD_OCI_TYPE_MANIFEST, g_bytes_get_data (manifest, NULL), g_bytes_get_size (manifest));
  index = g_strdup_printf ("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,"
                           "\"annotations\":{\"org.opencontainers.image.ref.name\":\"made:1\"}}]}",
                           CHD_OCI_TYPE_MANIFEST, manifest_blob->digest, (int) manifest_blob->size);
  put_file (folder, "index.json", index, -1);
  put_file (folder, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}", -1);
  return g_strdup (manifest_blob->digest);
}

static inline ChdImageSource *
open_image (const char *path)
{
  g_autoptr (GError) error = NULL;
  ChdImageSource *source = chd_image_source_open (path, CHD_IMAGE_SOURCE_AUTO, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return source;
}

static inline void
remove_folder (char *folder)
{
  run ("rm", "-rf", folder, NULL);
  g_free (folder);
}
