/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is told to people about an image in a registry: manifest, then the one for this machine when there are several,
 * then the configuration. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-registry-private.h"
#include "chd-util.h"

typedef struct
{
  char *repository;      /* (owned) */
  ChdImageInfo *info;    /* (owned) what is known so far */
  GOutputStream *config; /* (owned) (nullable) */
} Inspect;

static void
inspect_free (Inspect *inspect)
{
  g_free (inspect->repository);
  chd_image_info_free (inspect->info);
  g_clear_object (&inspect->config);
  g_free (inspect);
}

static void
finish (GTask *task)
{
  Inspect *inspect = g_task_get_task_data (task);

  g_task_return_pointer (task, g_steal_pointer (&inspect->info), (GDestroyNotify) chd_image_info_free);
}

static void
config_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Inspect *inspect = g_task_get_task_data (task);
  GMemoryOutputStream *output = G_MEMORY_OUTPUT_STREAM (inspect->config);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdOciConfig) config = NULL;

  if (chd_registry_get_blob_finish (CHD_REGISTRY (object), result, &error))
    config = chd_oci_config_parse (g_memory_output_stream_get_data (output),
                                   g_memory_output_stream_get_data_size (output), &error);
  if (config == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (inspect->info->platform == NULL)
    {
      g_autofree char *platform = g_strdup_printf ("%s/%s", config->os, config->architecture);

      inspect->info->platform = chd_str_sanitize (platform, -1, 100);
    }
  if (config->created != NULL)
    inspect->info->created = chd_str_sanitize (config->created, -1, 100);
  finish (task);
}

/* Takes @task. */
static void
take_manifest (GTask *task, const ChdOciManifest *manifest)
{
  Inspect *inspect = g_task_get_task_data (task);

  inspect->info->size = manifest->config->size;
  for (guint i = 0; i < manifest->layers->len; i++)
    {
      gint64 size = ((ChdOciDescriptor *) manifest->layers->pdata[i])->size;

      inspect->info->size += MIN (size, G_MAXINT64 - inspect->info->size);
    }
  /* Something else than an image has no configuration to be read. */
  if (manifest->config->size > CHD_OCI_MAX_MANIFEST || strstr (manifest->config->media_type, "image") == NULL)
    {
      finish (task);
      g_object_unref (task);
      return;
    }
  inspect->config = g_memory_output_stream_new_resizable ();
  chd_registry_get_blob_async (g_task_get_source_object (task), inspect->repository, manifest->config, inspect->config,
                               g_task_get_cancellable (task), config_cb, task);
}

static char *
list_platforms (const ChdOciManifest *index)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < index->manifests->len && text->len < 500; i++)
    {
      const ChdOciDescriptor *entry = index->manifests->pdata[i];

      if (entry->architecture != NULL && strcmp (entry->architecture, "unknown") != 0)
        g_string_append_printf (text, "%s%s/%s", text->len > 0 ? ", " : "", entry->os != NULL ? entry->os : "?",
                                entry->architecture);
    }
  return text->len > 0 ? chd_str_sanitize (text->str, -1, 600) : NULL;
}

static ChdOciManifest *
parse (ChdRegistry *self, GAsyncResult *result, char **digest, char **media_type, GError **error)
{
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes = chd_registry_get_manifest_finish (self, result, digest, &type, error);
  g_autoptr (GError) local = NULL;
  ChdOciManifest *manifest = NULL;

  if (bytes != NULL)
    manifest = chd_oci_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), type, &local);
  if (local != NULL)
    {
      /* Translators: %s is a host name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_CORRUPT, _ ("%s keeps a damaged manifest of this image."),
                   chd_registry_get_host (self));
      chd_error_set_details (*error, local->message);
    }
  if (media_type != NULL)
    *media_type = g_steal_pointer (&type);
  return manifest;
}

static void
child_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdOciManifest) manifest = parse (CHD_REGISTRY (object), result, NULL, NULL, &error);

  /* An index may be there while a part of it is not. */
  if (manifest != NULL && !manifest->is_index)
    take_manifest (g_steal_pointer (&task), manifest);
  else if (manifest != NULL || g_error_matches (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING))
    finish (task);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
manifest_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = CHD_REGISTRY (object);
  Inspect *inspect = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdOciManifest) manifest = NULL;
  const ChdOciDescriptor *child;

  manifest = parse (self, result, &inspect->info->digest, &inspect->info->media_type, &error);
  if (manifest == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (!manifest->is_index)
    {
      take_manifest (g_steal_pointer (&task), manifest);
      return;
    }
  inspect->info->platform = list_platforms (manifest);
  child = chd_oci_index_select (manifest, "linux", chd_oci_host_architecture (), NULL);
  if (child == NULL)
    finish (task);
  else
    chd_registry_get_manifest_async (self, inspect->repository, child->digest, g_task_get_cancellable (task), child_cb,
                                     g_object_ref (task));
}

void
chd_registry_inspect_async (ChdRegistry *self,
                            const char *repository,
                            const char *selector,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Inspect *inspect = g_new0 (Inspect, 1);

  g_task_set_source_tag (task, chd_registry_inspect_async);
  inspect->repository = g_strdup (repository);
  inspect->info = g_new0 (ChdImageInfo, 1);
  inspect->info->size = -1;
  g_task_set_task_data (task, inspect, (GDestroyNotify) inspect_free);
  chd_registry_get_manifest_async (self, repository, selector, cancellable, manifest_cb, task);
}

ChdImageInfo *
chd_registry_inspect_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
