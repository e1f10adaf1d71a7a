/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An image on disk that was checked and can be uploaded. The two kinds of content are read by
 * chd-image-source-oci.c and chd-image-source-docker.c. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-source-private.h"

#define CHUNK (256 * 1024)

G_DEFINE_FINAL_TYPE (ChdImageSource, chd_image_source, G_TYPE_OBJECT)

typedef struct
{
  char *path; /* (owned) */
  ChdImageSourceType type;
  char *ref_name;     /* (owned) (nullable) */
  char *architecture; /* (owned) (nullable) */
} Open;

static const char *const type_names[] = {
  [CHD_IMAGE_SOURCE_OCI_ARCHIVE] = "oci-archive",
  [CHD_IMAGE_SOURCE_DOCKER_ARCHIVE] = "docker-archive",
  [CHD_IMAGE_SOURCE_OCI_LAYOUT] = "oci-layout",
};

gboolean
chd_image_source_type_from_string (const char *text, ChdImageSourceType *type)
{
  for (guint i = CHD_IMAGE_SOURCE_OCI_ARCHIVE; i < G_N_ELEMENTS (type_names); i++)
    if (g_strcmp0 (text, type_names[i]) == 0)
      {
        *type = (ChdImageSourceType) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * chd_image_source_type_to_string:
 * Returns: (nullable): %NULL for %CHD_IMAGE_SOURCE_AUTO
 */
const char *
chd_image_source_type_to_string (ChdImageSourceType type)
{
  return type_names[type];
}

/* For the readers */

/**
 * chd_image_source_hash:
 * @name: of a file of the image
 * @size: (out):
 *
 * Returns: (transfer full): the digest of the file's bytes, without the algorithm's name
 */
char *
chd_image_source_hash (ChdImageSource *self,
                       const char *name,
                       GChecksumType algorithm,
                       gint64 *size,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GInputStream) stream = chd_image_files_open_stream (self->files, name, size, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (algorithm);
  g_autofree guint8 *buffer = g_malloc (CHUNK);
  gssize n;

  if (stream == NULL)
    return NULL;
  while ((n = g_input_stream_read (stream, buffer, CHUNK, cancellable, error)) > 0)
    g_checksum_update (checksum, buffer, n);
  return n == 0 ? g_strdup (g_checksum_get_string (checksum)) : NULL;
}

/* @name: of the file that holds it, already checked. An image may use a layer twice; it is uploaded once. */
void
chd_image_source_add_blob (ChdImageSource *self, const ChdOciDescriptor *blob, const char *name)
{
  if (g_hash_table_contains (self->names, blob->digest))
    return;
  g_hash_table_insert (self->names, g_strdup (blob->digest), g_strdup (name));
  g_ptr_array_add (self->blobs, chd_oci_descriptor_copy (blob));
  self->size += blob->size;
}

gboolean
chd_image_source_take_config (ChdImageSource *self, GBytes *bytes, guint n_layers, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  self->config = chd_oci_config_parse (data, length, error);
  if (self->config == NULL)
    return FALSE;
  if (g_strv_length (self->config->diff_ids) == n_layers)
    return TRUE;
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_CORRUPT,
                       _ ("The image contradicts itself: its configuration lists other layers than its manifest."));
  return FALSE;
}

static const char *
tag_of (const char *name)
{
  const char *colon = strrchr (name, ':');

  return colon != NULL && strchr (colon, '/') == NULL ? colon + 1 : name;
}

/**
 * chd_image_source_name_matches:
 * @name: (nullable): what an archive calls an image: a tag, or a whole reference
 * @wanted: what is looked for: one of both as well
 */
gboolean
chd_image_source_name_matches (const char *name, const char *wanted)
{
  if (name == NULL)
    return FALSE;
  if (strcmp (name, wanted) == 0 ||
      (g_str_has_suffix (name, wanted) && name[strlen (name) - strlen (wanted) - 1] == '/'))
    return TRUE;
  /* A bare tag says nothing about the repository, so it fits any. */
  return (tag_of (name) == name || tag_of (wanted) == wanted) && strcmp (tag_of (name), tag_of (wanted)) == 0;
}

/* Opening */

static gboolean
choose_type (ChdImageSource *self, ChdImageSourceType type, GError **error)
{
  gboolean folder = chd_image_files_is_folder (self->files);
  gboolean oci = chd_image_files_has (self->files, "oci-layout");

  self->type = type;
  if (type == CHD_IMAGE_SOURCE_AUTO)
    {
      if (folder)
        self->type = CHD_IMAGE_SOURCE_OCI_LAYOUT;
      else
        self->type = oci ? CHD_IMAGE_SOURCE_OCI_ARCHIVE : CHD_IMAGE_SOURCE_DOCKER_ARCHIVE;
    }
  if (folder != (self->type == CHD_IMAGE_SOURCE_OCI_LAYOUT))
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           folder ? _ ("An image archive is expected here, not a folder.")
                                  : _ ("An image folder is expected here, not a file."));
      return FALSE;
    }
  if (self->type == CHD_IMAGE_SOURCE_DOCKER_ARCHIVE ? chd_image_files_has (self->files, "manifest.json") : oci)
    return TRUE;
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                       folder ? _ ("The folder does not hold an image: the file “oci-layout” is missing in it.")
                              : _ ("The archive does not hold an image of the expected form."));
  return FALSE;
}

/**
 * chd_image_source_open:
 * Returns: (transfer full): the image, or %NULL: %CHD_ERROR_NOT_FOUND, %CHD_ERROR_INVALID for something that is no
 *   image or a choice among several that is missing, %CHD_ERROR_CORRUPT, %CHD_ERROR_LIMIT, %CHD_ERROR_UNSUPPORTED. The
 *   error's object is the path.
 */
ChdImageSource *
chd_image_source_open (const char *path,
                       ChdImageSourceType type,
                       const char *ref_name,
                       const char *architecture,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (ChdImageSource) self = g_object_new (CHD_TYPE_IMAGE_SOURCE, NULL);
  g_autoptr (GError) local_error = NULL;
  gboolean loaded = FALSE;

  self->path = g_strdup (path);
  self->files = chd_image_files_open (path, cancellable, &local_error);
  if (self->files != NULL && choose_type (self, type, &local_error))
    loaded = self->type == CHD_IMAGE_SOURCE_DOCKER_ARCHIVE
                 ? chd_image_source_load_docker (self, ref_name, cancellable, &local_error)
                 : chd_image_source_load_oci (self, ref_name,
                                              architecture != NULL ? architecture : chd_oci_host_architecture (),
                                              cancellable, &local_error);
  if (loaded)
    return g_steal_pointer (&self);

  chd_error_set_object (local_error, path);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

static void
open_free (Open *open)
{
  g_free (open->path);
  g_free (open->ref_name);
  g_free (open->architecture);
  g_free (open);
}

static void
open_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Open *open = task_data;
  GError *error = NULL;
  ChdImageSource *self =
      chd_image_source_open (open->path, open->type, open->ref_name, open->architecture, cancellable, &error);

  if (self != NULL)
    g_task_return_pointer (task, self, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void
chd_image_source_finalize (GObject *object)
{
  ChdImageSource *self = CHD_IMAGE_SOURCE (object);

  g_clear_pointer (&self->files, chd_image_files_free);
  g_clear_pointer (&self->manifest, g_bytes_unref);
  g_clear_pointer (&self->config, chd_oci_config_free);
  g_ptr_array_unref (self->blobs);
  g_hash_table_unref (self->names);
  g_free (self->ref_name);
  g_free (self->media_type);
  g_free (self->digest);
  g_free (self->path);
  G_OBJECT_CLASS (chd_image_source_parent_class)->finalize (object);
}

static void
chd_image_source_class_init (ChdImageSourceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_image_source_finalize;
}

static void
chd_image_source_init (ChdImageSource *self)
{
  self->blobs = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_oci_descriptor_free);
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
chd_image_source_open_async (const char *path,
                             ChdImageSourceType type,
                             const char *ref_name,
                             const char *architecture,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Open *open = g_new0 (Open, 1);

  g_task_set_source_tag (task, chd_image_source_open_async);
  open->path = g_strdup (path);
  open->type = type;
  open->ref_name = g_strdup (ref_name);
  open->architecture = g_strdup (architecture);
  g_task_set_task_data (task, open, (GDestroyNotify) open_free);
  g_task_run_in_thread (task, open_thread);
}

ChdImageSource *
chd_image_source_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const char *
chd_image_source_get_path (ChdImageSource *self)
{
  return self->path;
}

ChdImageSourceType
chd_image_source_get_source_type (ChdImageSource *self)
{
  return self->type;
}

const char *
chd_image_source_get_digest (ChdImageSource *self)
{
  return self->digest;
}

const char *
chd_image_source_get_media_type (ChdImageSource *self)
{
  return self->media_type;
}

GBytes *
chd_image_source_get_manifest (ChdImageSource *self)
{
  return self->manifest;
}

const ChdOciConfig *
chd_image_source_get_config (ChdImageSource *self)
{
  return self->config;
}

GPtrArray *
chd_image_source_get_blobs (ChdImageSource *self)
{
  return self->blobs;
}

gint64
chd_image_source_get_size (ChdImageSource *self)
{
  return self->size;
}

const char *
chd_image_source_get_ref_name (ChdImageSource *self)
{
  return self->ref_name;
}

GInputStream *
chd_image_source_open_blob (ChdImageSource *self, const char *digest, goffset offset, GError **error)
{
  const char *name = g_hash_table_lookup (self->names, digest);
  g_autoptr (GInputStream) stream = NULL;
  gint64 size;

  g_return_val_if_fail (name != NULL, NULL);

  stream = chd_image_files_open_stream (self->files, name, &size, error);
  if (stream == NULL || !g_seekable_seek (G_SEEKABLE (stream), offset, G_SEEK_SET, NULL, error))
    return NULL;
  return g_steal_pointer (&stream);
}
