/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading of image manifests and indexes. The reader refuses whatever two readers could read differently: an image
 * must be the same one for us, for the registry and for the node that runs it. */

#include "config.h"

#include "chd-oci.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/utsname.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-json.h"
#include "chd-util.h"

/* Media types are short words; longer ones are no media types. */
#define MAX_MEDIA_TYPE 255

#define REF_NAME "org.opencontainers.image.ref.name"

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The image's manifest is not valid: %s."), what);
  return FALSE;
}

void
chd_oci_descriptor_free (ChdOciDescriptor *self)
{
  if (self == NULL)
    return;
  g_free (self->media_type);
  g_free (self->digest);
  g_free (self->artifact_type);
  g_free (self->ref_name);
  g_free (self->os);
  g_free (self->architecture);
  g_free (self->variant);
  g_free (self);
}

/**
 * chd_oci_descriptor_copy:
 *
 * Returns: (transfer full):
 */
ChdOciDescriptor *
chd_oci_descriptor_copy (const ChdOciDescriptor *self)
{
  ChdOciDescriptor *copy = g_new0 (ChdOciDescriptor, 1);

  copy->media_type = g_strdup (self->media_type);
  copy->digest = g_strdup (self->digest);
  copy->size = self->size;
  copy->artifact_type = g_strdup (self->artifact_type);
  copy->ref_name = g_strdup (self->ref_name);
  copy->os = g_strdup (self->os);
  copy->architecture = g_strdup (self->architecture);
  copy->variant = g_strdup (self->variant);
  copy->foreign = self->foreign;
  return copy;
}

void
chd_oci_manifest_free (ChdOciManifest *self)
{
  if (self == NULL)
    return;
  g_free (self->media_type);
  g_clear_pointer (&self->config, chd_oci_descriptor_free);
  g_clear_pointer (&self->layers, g_ptr_array_unref);
  g_clear_pointer (&self->manifests, g_ptr_array_unref);
  g_clear_pointer (&self->subject, chd_oci_descriptor_free);
  g_free (self->artifact_type);
  g_clear_pointer (&self->annotations, json_object_unref);
  g_free (self);
}

gboolean
chd_oci_is_manifest_type (const char *media_type)
{
  return g_strcmp0 (media_type, CHD_OCI_TYPE_MANIFEST) == 0 || g_strcmp0 (media_type, CHD_DOCKER_TYPE_MANIFEST) == 0;
}

gboolean
chd_oci_is_index_type (const char *media_type)
{
  return g_strcmp0 (media_type, CHD_OCI_TYPE_INDEX) == 0 || g_strcmp0 (media_type, CHD_DOCKER_TYPE_LIST) == 0;
}

/**
 * chd_oci_layer_compression:
 * @compression: (out) (optional)
 */
gboolean
chd_oci_layer_compression (const char *media_type, ChdOciCompression *compression)
{
  static const struct
  {
    const char *type;
    ChdOciCompression compression;
  } known[] = {
    { CHD_OCI_TYPE_LAYER, CHD_OCI_COMPRESSION_NONE },         { CHD_OCI_TYPE_LAYER_GZIP, CHD_OCI_COMPRESSION_GZIP },
    { CHD_OCI_TYPE_LAYER_ZSTD, CHD_OCI_COMPRESSION_ZSTD },    { CHD_DOCKER_TYPE_LAYER, CHD_OCI_COMPRESSION_NONE },
    { CHD_DOCKER_TYPE_LAYER_GZIP, CHD_OCI_COMPRESSION_GZIP },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_strcmp0 (media_type, known[i].type) == 0)
      {
        if (compression != NULL)
          *compression = known[i].compression;
        return TRUE;
      }
  return FALSE;
}

/* Content that is embedded in a descriptor must be what the digest says, whoever reads it. */
static gboolean
check_data (const char *data, const ChdOciDescriptor *descriptor)
{
  gsize length;
  g_autofree guchar *bytes = g_base64_decode (data, &length);
  g_autofree char *digest = NULL;

  if ((gint64) length != descriptor->size)
    return FALSE;
  digest = g_compute_checksum_for_data (chd_oci_digest_type (descriptor->digest), bytes, length);
  return g_str_has_suffix (descriptor->digest, digest);
}

static ChdOciDescriptor *
read_descriptor (JsonObject *object, GError **error)
{
  g_autoptr (ChdOciDescriptor) descriptor = g_new0 (ChdOciDescriptor, 1);
  const char *media_type = chd_json_string (object, "mediaType", NULL);
  const char *digest = chd_json_string (object, "digest", NULL);
  const char *data = chd_json_string (object, "data", NULL);
  JsonObject *platform = chd_json_object (object, "platform");
  JsonNode *size = object != NULL ? json_object_get_member (object, "size") : NULL;

  if (media_type == NULL || *media_type == '\0' || strlen (media_type) > MAX_MEDIA_TYPE)
    return refuse (error, _ ("a part of it has no media type")), NULL;
  if (!chd_oci_is_digest (digest))
    return refuse (error, _ ("a digest in it is not a digest")), NULL;
  if (size == NULL || !JSON_NODE_HOLDS_VALUE (size) || json_node_get_value_type (size) != G_TYPE_INT64 ||
      json_node_get_int (size) < 0)
    return refuse (error, _ ("a size in it is not a size")), NULL;

  descriptor->media_type = g_strdup (media_type);
  descriptor->digest = g_strdup (digest);
  descriptor->size = json_node_get_int (size);
  descriptor->artifact_type = g_strdup (chd_json_string (object, "artifactType", NULL));
  descriptor->ref_name = g_strdup (chd_json_string (chd_json_object (object, "annotations"), REF_NAME, NULL));
  descriptor->os = g_strdup (chd_json_string (platform, "os", NULL));
  descriptor->architecture = g_strdup (chd_json_string (platform, "architecture", NULL));
  descriptor->variant = g_strdup (chd_json_string (platform, "variant", NULL));
  descriptor->foreign = chd_json_length (chd_json_array (object, "urls")) > 0;
  if (data != NULL && !check_data (data, descriptor))
    return refuse (error, _ ("data embedded in it is not what its digest says")), NULL;
  return g_steal_pointer (&descriptor);
}

static gboolean
read_descriptors (JsonArray *array, guint max, GPtrArray *descriptors, GError **error)
{
  if (chd_json_length (array) > max)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("The image has %u layers or parts; %u are the limit."),
                   chd_json_length (array), max);
      return FALSE;
    }
  for (guint i = 0; i < chd_json_length (array); i++)
    {
      JsonObject *object = chd_json_object_at (array, i);
      ChdOciDescriptor *descriptor;

      if (object == NULL)
        return refuse (error, _ ("a part of it is not an object"));
      descriptor = read_descriptor (object, error);
      if (descriptor == NULL)
        return FALSE;
      g_ptr_array_add (descriptors, descriptor);
    }
  return TRUE;
}

static gboolean
read_body (ChdOciManifest *self, JsonObject *object, GError **error)
{
  JsonObject *subject = chd_json_object (object, "subject");

  /* An index is not limited to as few: one entry a platform, and each may have attestations. */
  if (self->is_index)
    return read_descriptors (chd_json_array (object, "manifests"), 10 * CHD_OCI_MAX_LAYERS, self->manifests, error) &&
           (subject == NULL || (self->subject = read_descriptor (subject, error)) != NULL);

  if (chd_json_object (object, "config") == NULL)
    return refuse (error, _ ("it names no configuration"));
  self->config = read_descriptor (chd_json_object (object, "config"), error);
  return self->config != NULL &&
         read_descriptors (chd_json_array (object, "layers"), CHD_OCI_MAX_LAYERS, self->layers, error) &&
         (subject == NULL || (self->subject = read_descriptor (subject, error)) != NULL);
}

ChdOciManifest *
chd_oci_manifest_parse (const char *data, gsize length, const char *served_type, GError **error)
{
  g_autoptr (ChdOciManifest) self = g_new0 (ChdOciManifest, 1);
  g_autoptr (JsonObject) object =
      chd_json_parse_object (data, length, CHD_OCI_MAX_MANIFEST, CHD_JSON_UNIQUE_KEYS, error);
  const char *media_type;
  gboolean has_layers;
  gboolean has_manifests;

  if (object == NULL)
    return NULL;
  if (chd_json_int (object, "schemaVersion", 0) != 2)
    return refuse (error, _ ("it is not of schema version 2")), NULL;
  media_type = chd_json_string (object, "mediaType", NULL);
  if (json_object_has_member (object, "mediaType") && media_type == NULL)
    return refuse (error, _ ("its media type is not a text")), NULL;
  if (media_type != NULL && served_type != NULL && strcmp (media_type, served_type) != 0)
    return refuse (error, _ ("it says another media type inside than outside")), NULL;
  has_layers = json_object_has_member (object, "layers") || json_object_has_member (object, "config");
  has_manifests = json_object_has_member (object, "manifests");
  if (has_layers && has_manifests)
    return refuse (error, _ ("it is a manifest and an index at the same time")), NULL;
  if (media_type == NULL)
    media_type = served_type;
  if (media_type == NULL)
    media_type = has_manifests ? CHD_OCI_TYPE_INDEX : CHD_OCI_TYPE_MANIFEST;
  if (!chd_oci_is_index_type (media_type) && !chd_oci_is_manifest_type (media_type))
    return refuse (error, _ ("its media type is neither that of a manifest nor that of an index")), NULL;
  self->is_index = chd_oci_is_index_type (media_type);
  if (self->is_index ? !has_manifests : !has_layers)
    return refuse (error, _ ("its content is not what its media type says")), NULL;

  self->media_type = g_strdup (media_type);
  self->artifact_type = g_strdup (chd_json_string (object, "artifactType", NULL));
  self->layers = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_oci_descriptor_free);
  self->manifests = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_oci_descriptor_free);
  if (chd_json_object (object, "annotations") != NULL)
    self->annotations = json_object_ref (chd_json_object (object, "annotations"));
  if (!read_body (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * chd_oci_host_architecture:
 */
const char *
chd_oci_host_architecture (void)
{
  static const struct
  {
    const char *machine;
    const char *architecture;
  } known[] = {
    { "x86_64", "amd64" },    { "aarch64", "arm64" }, { "i686", "386" },
    { "i386", "386" },        { "armv7l", "arm" },    { "ppc64le", "ppc64le" },
    { "riscv64", "riscv64" }, { "s390x", "s390x" },   { "loongarch64", "loong64" },
  };
  static struct utsname name;

  if (uname (&name) != 0)
    return "amd64";
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (name.machine, known[i].machine) == 0)
      return known[i].architecture;
  return name.machine;
}

/**
 * chd_oci_index_select:
 *
 * An entry that names no platform is taken only when it is the only image.
 *
 * Returns: (transfer none): the first match, which lives as long as @index; %NULL with %CHD_ERROR_UNSUPPORTED, or
 *   %CHD_ERROR_INVALID for an index without images
 */
const ChdOciDescriptor *
chd_oci_index_select (const ChdOciManifest *index, const char *os, const char *architecture, GError **error)
{
  g_autoptr (GString) platforms = g_string_new (NULL);
  const ChdOciDescriptor *bare = NULL;
  guint images = 0;

  for (guint i = 0; i < index->manifests->len; i++)
    {
      const ChdOciDescriptor *entry = index->manifests->pdata[i];
      g_autofree char *shown = NULL;

      if (!chd_oci_is_manifest_type (entry->media_type))
        continue;
      images++;
      if (entry->architecture == NULL)
        {
          bare = entry;
          continue;
        }
      if (g_strcmp0 (entry->os, os) == 0 && strcmp (entry->architecture, architecture) == 0)
        return entry;
      shown = chd_str_sanitize (entry->architecture, -1, 60);
      g_string_append_printf (platforms, "%s%s/%s", platforms->len > 0 ? ", " : "",
                              entry->os != NULL && chd_str_is_label (entry->os, 60) ? entry->os : "?", shown);
    }
  if (bare != NULL && images == 1)
    return bare;
  if (images == 0)
    g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The index contains no image."));
  else
    g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED, _ ("The image is not there for %s/%s. It has: %s."), os,
                 architecture, platforms->len > 0 ? platforms->str : "—");
  return NULL;
}
