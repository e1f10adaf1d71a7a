/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From an image's name to a root folder. Finding (small documents) and unpacking (minutes, for a large image) happen in
 * worker threads; several that wait for the same root share one unpacking, which goes on when one of them gives up.
 *
 * A root is roots/<algorithm>-<hex of the manifest>, complete when it is there; what is being unpacked has a name that
 * begins with a dot, and what a crash left of it is removed at the first use. */

#include "config.h"

#include "chd-image-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-image-private.h"
#include "chd-image-reference.h"
#include "chd-layer.h"
#include "chd-util.h"

#define PART_PREFIX ".part-"
/* An index may name an index; reliability.md section 9. */
#define MAX_INDEX_DEPTH 2
#define MAX_CONFIG (4 * 1024 * 1024)

struct _ChdImageStore
{
  GObject parent_instance;

  ChdRegistryStore *registry; /* (owned) */
  char *folder;
  GMutex mutex;
  gboolean cleaned;
  GHashTable *waiting; /* root → GPtrArray of GTask, on the main loop only */
};

G_DEFINE_FINAL_TYPE (ChdImageStore, chd_image_store, G_TYPE_OBJECT)

/* What was found about one request. */
typedef struct
{
  char *reference;
  char *root;
  ChdImage *image;          /* (owned) */
  ChdOciManifest *manifest; /* (owned) */
  char **diff_ids;          /* (owned) */
  gboolean ready;           /* the root is there */
} Request;

static void
request_free (Request *request)
{
  g_free (request->reference);
  g_free (request->root);
  g_clear_pointer (&request->image, chd_image_unref);
  g_clear_pointer (&request->manifest, chd_oci_manifest_free);
  g_strfreev (request->diff_ids);
  g_free (request);
}

static void
chd_image_store_finalize (GObject *object)
{
  ChdImageStore *self = CHD_IMAGE_STORE (object);

  g_hash_table_unref (self->waiting);
  g_mutex_clear (&self->mutex);
  g_object_unref (self->registry);
  g_free (self->folder);
  G_OBJECT_CLASS (chd_image_store_parent_class)->finalize (object);
}

static void
chd_image_store_class_init (ChdImageStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_image_store_finalize;
}

static void
chd_image_store_init (ChdImageStore *self)
{
  g_mutex_init (&self->mutex);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
}

ChdImageStore *
chd_image_store_new (ChdRegistryStore *registry, const char *folder)
{
  ChdImageStore *self;

  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (registry), NULL);

  self = g_object_new (CHD_TYPE_IMAGE_STORE, NULL);
  self->registry = g_object_ref (registry);
  self->folder = g_canonicalize_filename (folder, NULL);
  return self;
}

/* Makes the folder, and removes what an earlier engine did not finish. Once, before anything is unpacked. */
static gboolean
prepare_folder (ChdImageStore *self, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  int fd;

  if (self->cleaned)
    return TRUE;
  if (!chd_make_private_directory (self->folder, error))
    return FALSE;
  dir = g_dir_open (self->folder, 0, NULL);
  fd = open (self->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  while (dir != NULL && fd >= 0 && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, PART_PREFIX))
      chd_layer_remove_tree (fd, name);
  if (fd >= 0)
    close (fd);
  self->cleaned = TRUE;
  return TRUE;
}

/* The manifest for this machine, through indexes. */
static ChdOciManifest *
find_manifest (ChdImageStore *self, const char *repository, const char *selector, char **digest, GError **error)
{
  g_autofree char *next = g_strdup (selector);

  for (guint depth = 0; depth <= MAX_INDEX_DEPTH; depth++)
    {
      g_autofree char *found = NULL;
      g_autofree char *type = NULL;
      g_autoptr (GBytes) bytes =
          chd_registry_store_get_manifest (self->registry, repository, next, &found, &type, error);
      g_autoptr (ChdOciManifest) manifest = NULL;
      const ChdOciDescriptor *child;

      if (bytes == NULL)
        return NULL;
      manifest = chd_oci_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), type, error);
      if (manifest == NULL)
        return NULL;
      if (!manifest->is_index)
        {
          *digest = g_steal_pointer (&found);
          return g_steal_pointer (&manifest);
        }
      child = chd_oci_index_select (manifest, "linux", chd_oci_host_architecture (), error);
      if (child == NULL)
        return NULL;
      g_free (next);
      next = g_strdup (child->digest);
    }
  g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("The image's indexes are nested too deeply."));
  return NULL;
}

static ChdOciConfig *
read_config (ChdImageStore *self, const ChdOciManifest *manifest, GError **error)
{
  g_autofree char *path = chd_registry_store_lookup_blob (self->registry, manifest->config->digest, NULL);
  g_autofree char *text = NULL;
  g_autofree char *actual = NULL;
  g_autoptr (ChdOciConfig) config = NULL;
  gsize length;

  if (path != NULL)
    text = chd_read_regular_file (path, MAX_CONFIG, &length, NULL);
  if (text != NULL)
    actual =
        g_compute_checksum_for_data (chd_oci_digest_type (manifest->config->digest), (const guchar *) text, length);
  if (text == NULL || !g_str_has_suffix (manifest->config->digest, actual))
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The image's configuration is missing or damaged."));
      return NULL;
    }
  config = chd_oci_config_parse (text, length, error);
  if (config == NULL)
    return NULL;
  if (g_strv_length (config->diff_ids) != manifest->layers->len)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
                   _ ("The image's configuration and its manifest name a different number of layers."));
      return NULL;
    }
  if (g_strcmp0 (config->os, "linux") != 0 || g_strcmp0 (config->architecture, chd_oci_host_architecture ()) != 0)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                   /* Translators: kinds of machines, for example linux/arm64 and linux/amd64 */
                   _ ("The image is for %s/%s, but this machine is %s."), config->os, config->architecture,
                   chd_oci_host_architecture ());
      return NULL;
    }
  return g_steal_pointer (&config);
}

/* An absent image, in words that say which way out there is. */
static void
name_missing (GError **error, const char *reference)
{
  if (error == NULL || !g_error_matches (*error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
    return;
  g_clear_error (error);
  g_set_error (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
               /* Translators: %s is the name of an image */
               _ ("The image “%s” is not on this engine. Push it with “chainctl push-environment”."), reference);
}

static void
find_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  ChdImageStore *self = source;
  Request *request = task_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdImageReference) reference = chd_image_reference_parse (request->reference, &error);
  g_autoptr (ChdOciConfig) config = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *name = NULL;
  g_autofree char *repository = NULL;

  if (reference != NULL && prepare_folder (self, &error))
    request->manifest = find_manifest (self, chd_image_reference_get_repository (reference),
                                       chd_image_reference_get_selector (reference), &digest, &error);
  if (request->manifest != NULL)
    config = read_config (self, request->manifest, &error);
  if (config == NULL)
    {
      name_missing (&error, request->reference);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  name = g_strdelimit (g_strdup (digest), ":", '-');
  request->root = g_build_filename (self->folder, name, NULL);
  request->ready = g_file_test (request->root, G_FILE_TEST_IS_DIR);
  request->diff_ids = g_strdupv (config->diff_ids);
  repository = chd_image_reference_get_host (reference) != NULL
                   ? g_strconcat (chd_image_reference_get_host (reference), "/",
                                  chd_image_reference_get_repository (reference), NULL)
                   : g_strdup (chd_image_reference_get_repository (reference));
  request->image = chd_image_new (request->reference, request->root, repository, digest, g_steal_pointer (&config));
  g_task_return_boolean (task, TRUE);
}

/* Before anything of a layer is unpacked, its bytes must be those that the manifest names. */
static char *
check_layer (ChdImageStore *self, const ChdOciDescriptor *layer, GCancellable *cancellable, GError **error)
{
  gint64 size = 0;
  g_autofree char *path = chd_registry_store_lookup_blob (self->registry, layer->digest, &size);
  g_autoptr (GChecksum) checksum = g_checksum_new (chd_oci_digest_type (layer->digest));
  g_autoptr (ChdLayerStream) stream = NULL;
  const void *data;
  gssize n = 0;

  if (path == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
                   _ ("A layer of the image is not on this engine. Push the image again."));
      return NULL;
    }
  stream = chd_layer_stream_open (path, CHD_OCI_COMPRESSION_NONE, error);
  if (stream == NULL)
    return NULL;
  while (!g_cancellable_set_error_if_cancelled (cancellable, error) &&
         (n = chd_layer_stream_read (stream, &data, error)) > 0)
    g_checksum_update (checksum, data, n);
  if (n != 0 || g_cancellable_is_cancelled (cancellable))
    return NULL;
  if (size != layer->size || strcmp (g_checksum_get_string (checksum), strchr (layer->digest, ':') + 1) != 0)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT,
                   _ ("A layer of the image is damaged: its content is not the one its digest names."));
      return NULL;
    }
  return g_steal_pointer (&path);
}

static gboolean
unpack_layers (ChdImageStore *self, const Request *request, int root_fd, GCancellable *cancellable, GError **error)
{
  ChdLayerUsage usage = { 0 };

  for (guint i = 0; i < request->manifest->layers->len; i++)
    {
      const ChdOciDescriptor *layer = request->manifest->layers->pdata[i];
      g_autofree char *path = NULL;
      ChdOciCompression compression;

      if (!chd_oci_layer_compression (layer->media_type, &compression))
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                       _ ("The image has a layer of a kind that cannot be unpacked."));
          return FALSE;
        }
      path = check_layer (self, layer, cancellable, error);
      if (path == NULL ||
          !chd_layer_unpack (path, compression, request->diff_ids[i], root_fd, &usage, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static void
unpack_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  ChdImageStore *self = source;
  const Request *request = task_data;
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *name = g_strconcat (PART_PREFIX, id, NULL);
  g_autofree char *part = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  int folder_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int root_fd = -1;
  gboolean ok = FALSE;
  gboolean there = FALSE;

  if (folder_fd >= 0 && mkdirat (folder_fd, name, 0700) == 0)
    root_fd = openat (folder_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  /* The root folder is what "/" will be: for everyone to read. Its parent is private. */
  if (root_fd >= 0 && fchmod (root_fd, 0755) == 0)
    {
      ok = unpack_layers (self, request, root_fd, cancellable, &error);
      /* The name must not outlive the files it stands for. */
      if (ok && (syncfs (root_fd) != 0 || g_rename (part, request->root) != 0))
        {
          /* Somebody else's unpacking may have ended between our look and our turn. */
          there = g_file_test (request->root, G_FILE_TEST_IS_DIR);
          ok = FALSE;
        }
      else if (ok)
        fsync (folder_fd);
    }
  if (!ok && error == NULL)
    g_set_error (&error, CHD_ERROR, CHD_ERROR_FAILED, _ ("The image cannot be unpacked: %s."), g_strerror (errno));
  if (!ok && folder_fd >= 0)
    chd_layer_remove_tree (folder_fd, name);
  if (root_fd >= 0)
    close (root_fd);
  if (folder_fd >= 0)
    close (folder_fd);
  if (ok || there)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
return_image (GTask *task)
{
  Request *request = g_task_get_task_data (task);

  g_task_return_pointer (task, chd_image_ref (request->image), (GDestroyNotify) chd_image_unref);
}

static void
unpacked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdImageStore *self = CHD_IMAGE_STORE (object);
  Request *request = g_task_get_task_data (G_TASK (result));
  g_autoptr (GPtrArray) tasks = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *root = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  g_hash_table_steal_extended (self->waiting, request->root, (gpointer *) &root, (gpointer *) &tasks);
  for (guint i = 0; i < tasks->len; i++)
    if (error != NULL)
      g_task_return_error (tasks->pdata[i], g_error_copy (error));
    else
      return_image (tasks->pdata[i]);
}

/* Lets @task wait for its root. The first one starts the unpacking, from a copy of its request. */
static void
await_root (ChdImageStore *self, GTask *task)
{
  Request *request = g_task_get_task_data (task);
  GPtrArray *tasks = g_hash_table_lookup (self->waiting, request->root);
  g_autoptr (GTask) work = NULL;
  Request *copy;

  if (tasks != NULL)
    {
      g_ptr_array_add (tasks, g_object_ref (task));
      return;
    }
  tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (tasks, g_object_ref (task));
  g_hash_table_insert (self->waiting, g_strdup (request->root), tasks);

  copy = g_new0 (Request, 1);
  copy->root = g_strdup (request->root);
  copy->manifest = g_steal_pointer (&request->manifest);
  copy->diff_ids = g_steal_pointer (&request->diff_ids);
  work = g_task_new (self, NULL, unpacked_cb, NULL);
  g_task_set_task_data (work, copy, (GDestroyNotify) request_free);
  g_task_run_in_thread (work, unpack_thread);
}

static void
found_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdImageStore *self = CHD_IMAGE_STORE (object);
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Request *request = g_task_get_task_data (task);

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (request->ready)
    return_image (task);
  else
    await_root (self, task);
}

void
chd_image_store_resolve_async (ChdImageStore *self,
                               const char *reference,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GTask) work = NULL;
  Request *request;

  g_return_if_fail (CHD_IS_IMAGE_STORE (self));
  g_return_if_fail (reference != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, chd_image_store_resolve_async);
  if (strcmp (reference, CHD_IMAGE_HOST) == 0)
    {
      g_task_return_pointer (task, chd_image_new_host (), (GDestroyNotify) chd_image_unref);
      return;
    }
  request = g_new0 (Request, 1);
  request->reference = g_strdup (reference);
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);

  /* The worker fills the request of the task, which waits meanwhile. */
  work = g_task_new (self, cancellable, found_cb, g_object_ref (task));
  g_task_set_task_data (work, request, NULL);
  g_task_run_in_thread (work, find_thread);
}

ChdImage *
chd_image_store_resolve_finish (ChdImageStore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
