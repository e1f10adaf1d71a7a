/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How manifests come into the store and leave it: checked against what their repository has, tagged, listed by what
 * they refer to, deleted with the blobs that nobody needs any more. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-json.h"
#include "chd-registry-store-private.h"
#include "chd-util.h"

/* Referrers of one manifest that are listed. */
#define MAX_REFERRERS 1000

static gboolean
has_manifest (ChdRegistryStore *self, const char *repository, const char *digest)
{
  g_autofree char *path = chd_registry_repository_path (self, repository, "_manifests", digest);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* What the manifest names and its repository lacks. Its subject may be absent: that is what the specification says. */
static char **
find_missing (ChdRegistryStore *self, const char *repository, const ChdOciManifest *manifest)
{
  g_autoptr (GStrvBuilder) missing = g_strv_builder_new ();

  if (manifest->config != NULL && !chd_registry_store_has_blob (self, repository, manifest->config->digest))
    g_strv_builder_add (missing, manifest->config->digest);
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      const ChdOciDescriptor *layer = manifest->layers->pdata[i];

      if (!layer->foreign && !chd_registry_store_has_blob (self, repository, layer->digest))
        g_strv_builder_add (missing, layer->digest);
    }
  for (guint i = 0; i < manifest->manifests->len; i++)
    {
      const ChdOciDescriptor *child = manifest->manifests->pdata[i];

      if (!has_manifest (self, repository, child->digest) &&
          !chd_registry_store_has_blob (self, repository, child->digest))
        g_strv_builder_add (missing, child->digest);
    }
  return g_strv_builder_end (missing);
}

/* The bytes as a blob, and what points to them; the tag last, so that it never points to nothing. */
static gboolean
store_manifest (ChdRegistryStore *self,
                const char *repository,
                const char *tag,
                const char *digest,
                GBytes *bytes,
                const ChdOciManifest *manifest,
                const char *media_type,
                GError **error)
{
  g_autofree char *blob = chd_registry_blob_path (self, digest);
  g_autofree char *link = chd_registry_repository_path (self, repository, "_manifests", digest);

  if (!g_file_test (blob, G_FILE_TEST_IS_REGULAR) &&
      !chd_registry_write_small (self, blob, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error))
    return FALSE;
  if (!chd_registry_write_small (self, link, media_type, strlen (media_type), error))
    return FALSE;
  if (manifest->subject != NULL)
    {
      g_autofree char *folder =
          chd_registry_repository_path (self, repository, "_referrers", manifest->subject->digest);
      g_autofree char *name = g_path_get_basename (link);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (!chd_registry_write_small (self, path, "", 0, error))
        return FALSE;
    }
  if (tag != NULL)
    {
      g_autofree char *path = chd_registry_repository_path (self, repository, "_tags", tag);

      return chd_registry_write_small (self, path, digest, strlen (digest), error);
    }
  return TRUE;
}

char *
chd_registry_store_put_manifest (ChdRegistryStore *self,
                                 const char *repository,
                                 const char *selector,
                                 GBytes *bytes,
                                 const char *media_type,
                                 char ***missing,
                                 char **subject,
                                 GError **error)
{
  const char *data = g_bytes_get_data (bytes, NULL);
  gsize length = g_bytes_get_size (bytes);
  gboolean by_digest = chd_oci_is_digest (selector);
  g_autoptr (ChdOciManifest) manifest = NULL;
  g_autoptr (GError) inner = NULL;
  g_autofree char *digest = NULL;
  g_auto (GStrv) absent = NULL;
  gboolean stored = FALSE;

  if (!chd_registry_check_repository (repository, error))
    return NULL;
  if (!by_digest && !chd_oci_is_tag (selector))
    {
      chd_registry_refuse (error, CHD_ERROR_INVALID, "MANIFEST_INVALID", _ ("This is neither a tag nor a digest."));
      return NULL;
    }
  if (length > CHD_OCI_MAX_MANIFEST)
    {
      chd_registry_refuse (error, CHD_ERROR_LIMIT, "SIZE_INVALID", _ ("The manifest is larger than 4 MiB."));
      return NULL;
    }
  if (by_digest)
    {
      GChecksumType type = chd_oci_digest_type (selector);
      g_autofree char *actual = g_compute_checksum_for_bytes (type, bytes);

      if (!g_str_has_suffix (selector, actual))
        {
          chd_registry_refuse (error, CHD_ERROR_INVALID, "DIGEST_INVALID",
                               _ ("The manifest is not the one that the digest names."));
          return NULL;
        }
    }
  if (!chd_oci_is_manifest_type (media_type) && !chd_oci_is_index_type (media_type))
    {
      chd_registry_refuse (error, CHD_ERROR_INVALID, "MANIFEST_INVALID", _ ("This is not a manifest's media type."));
      return NULL;
    }
  manifest = chd_oci_manifest_parse (data, length, media_type, &inner);
  if (manifest == NULL)
    {
      chd_error_set_reason (inner, "MANIFEST_INVALID");
      g_propagate_error (error, g_steal_pointer (&inner));
      return NULL;
    }

  digest = by_digest ? g_strdup (selector) : chd_oci_digest (data, length);
  chd_registry_store_lock (self);
  absent = find_missing (self, repository, manifest);
  if (absent[0] == NULL)
    stored = store_manifest (self, repository, by_digest ? NULL : selector, digest, bytes, manifest, media_type, error);
  else
    chd_registry_refuse (error, CHD_ERROR_INVALID, "MANIFEST_BLOB_UNKNOWN",
                         _ ("The manifest names blobs that are not in its repository."));
  chd_registry_store_unlock (self);
  if (missing != NULL)
    *missing = g_steal_pointer (&absent);
  if (!stored)
    return NULL;
  if (subject != NULL)
    *subject = manifest->subject != NULL ? g_strdup (manifest->subject->digest) : NULL;
  return g_steal_pointer (&digest);
}

/* Removes the bytes when no repository refers to them any more. Called under the lock. */
static void
drop_unused_blob (ChdRegistryStore *self, const char *digest)
{
  static const char *const kinds[] = { "_manifests", "_blobs" };
  g_autofree char *blob = chd_registry_blob_path (self, digest);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (GStrv) repositories = chd_registry_store_list_by (self, kinds[i]);

      for (guint j = 0; repositories[j] != NULL; j++)
        {
          g_autofree char *link = chd_registry_repository_path (self, repositories[j], kinds[i], digest);

          if (g_file_test (link, G_FILE_TEST_EXISTS))
            return;
        }
    }
  g_unlink (blob);
}

static void
drop_tags_of (ChdRegistryStore *self, const char *repository, const char *digest)
{
  g_auto (GStrv) tags = chd_registry_store_list_tags (self, repository, NULL);

  for (guint i = 0; tags != NULL && tags[i] != NULL; i++)
    {
      g_autofree char *path = chd_registry_repository_path (self, repository, "_tags", tags[i]);
      g_autofree char *text = chd_read_regular_file (path, 256, NULL, NULL);

      if (text != NULL && strcmp (g_strchomp (text), digest) == 0)
        g_unlink (path);
    }
}

gboolean
chd_registry_store_delete_manifest (ChdRegistryStore *self,
                                    const char *repository,
                                    const char *selector,
                                    GError **error)
{
  g_autofree char *digest = NULL;
  g_autofree char *type = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (ChdOciManifest) manifest = NULL;

  chd_registry_store_lock (self);
  bytes = chd_registry_store_get_manifest (self, repository, selector, &digest, &type, error);
  if (bytes != NULL && chd_oci_is_tag (selector))
    {
      path = chd_registry_repository_path (self, repository, "_tags", selector);
      g_unlink (path);
    }
  else if (bytes != NULL)
    {
      path = chd_registry_repository_path (self, repository, "_manifests", digest);
      drop_tags_of (self, repository, digest);
      manifest = chd_oci_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), type, NULL);
      if (manifest != NULL && manifest->subject != NULL)
        {
          g_autofree char *folder =
              chd_registry_repository_path (self, repository, "_referrers", manifest->subject->digest);
          g_autofree char *name = g_path_get_basename (path);
          g_autofree char *referrer = g_build_filename (folder, name, NULL);

          g_unlink (referrer);
        }
      g_unlink (path);
      drop_unused_blob (self, digest);
    }
  chd_registry_store_unlock (self);
  return bytes != NULL;
}

gboolean
chd_registry_store_delete_blob (ChdRegistryStore *self, const char *repository, const char *digest, GError **error)
{
  gboolean found;

  if (!chd_registry_check_repository (repository, error) || !chd_registry_check_digest (digest, error))
    return FALSE;
  chd_registry_store_lock (self);
  found = chd_registry_store_has_blob (self, repository, digest);
  if (found)
    {
      g_autofree char *link = chd_registry_repository_path (self, repository, "_blobs", digest);

      g_unlink (link);
      drop_unused_blob (self, digest);
    }
  chd_registry_store_unlock (self);
  return found || chd_registry_refuse (error, CHD_ERROR_NOT_FOUND, "BLOB_UNKNOWN", _ ("There is no such blob."));
}

static void
add_referrer (ChdRegistryStore *self,
              const char *repository,
              const char *digest,
              const char *artifact_type,
              JsonArray *list)
{
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = chd_registry_store_get_manifest (self, repository, digest, NULL, &type, NULL);
  g_autoptr (ChdOciManifest) manifest = NULL;
  const char *kind;
  JsonObject *descriptor;

  if (bytes != NULL)
    manifest = chd_oci_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), type, NULL);
  if (manifest == NULL)
    return;
  kind = manifest->artifact_type;
  if (kind == NULL && manifest->config != NULL)
    kind = manifest->config->media_type;
  if (artifact_type != NULL && g_strcmp0 (kind, artifact_type) != 0)
    return;
  descriptor = chd_oci_descriptor_to_json (type, digest, (gint64) g_bytes_get_size (bytes));
  chd_json_set_string_if (descriptor, "artifactType", kind);
  if (manifest->annotations != NULL)
    json_object_set_object_member (descriptor, "annotations", json_object_ref (manifest->annotations));
  json_array_add_object_element (list, descriptor);
}

JsonObject *
chd_registry_store_list_referrers (ChdRegistryStore *self,
                                   const char *repository,
                                   const char *digest,
                                   const char *artifact_type,
                                   GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (GDir) dir = NULL;
  JsonArray *list;
  JsonObject *index;
  const char *name;

  if (!chd_registry_check_repository (repository, error) || !chd_registry_check_digest (digest, error))
    return NULL;
  path = chd_registry_repository_path (self, repository, "_referrers", digest);
  list = json_array_new ();
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && json_array_get_length (list) < MAX_REFERRERS)
    {
      g_autofree char *referrer = g_strdup (name);
      char *dash = strchr (referrer, '-');

      if (dash == NULL)
        continue;
      *dash = ':';
      if (chd_oci_is_digest (referrer))
        add_referrer (self, repository, referrer, artifact_type, list);
    }
  index = json_object_new ();
  json_object_set_int_member (index, "schemaVersion", 2);
  json_object_set_string_member (index, "mediaType", CHD_OCI_TYPE_INDEX);
  json_object_set_array_member (index, "manifests", list);
  return index;
}
