/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#include "chd-image-store.h"
#include "chd-registry-store-private.h"
#include "chd-sandbox.h"
#include "chd-step-process.h"
#include "chd-test-loop.h"
#include "chd-util.h"

/* What tests of images and steps share: a folder that goes away, the shipped shell image in a registry of its own. */

static inline int
step_test_remove_cb (const char *path, const struct stat *info, int kind, struct FTW *where)
{
  return remove (path);
}

static inline void
step_test_remove_folder (char *folder)
{
  nftw (folder, step_test_remove_cb, 64, FTW_DEPTH | FTW_PHYS);
  g_free (folder);
}

static inline char *
step_test_make_folder (void)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("chd-step-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

/* Puts an OCI archive with one manifest into @registry as @repository:@tag; its digest. */
static inline char *
step_test_import (ChdRegistryStore *registry, const char *path, const char *repository, const char *tag)
{
  struct archive *reader = archive_read_new ();
  struct archive_entry *entry;
  g_autoptr (GBytes) manifest = NULL;
  g_autoptr (GError) error = NULL;
  char *digest;

  archive_read_support_format_tar (reader);
  g_assert_cmpint (archive_read_open_filename (reader, path, 65536), ==, ARCHIVE_OK);
  while (archive_read_next_header (reader, &entry) == ARCHIVE_OK)
    {
      gsize size = (gsize) archive_entry_size (entry);
      g_autofree char *data = g_malloc (size + 1);
      g_autoptr (GBytes) bytes = NULL;
      g_autofree char *blob = NULL;

      g_assert_cmpint (archive_read_data (reader, data, size), ==, size);
      data[size] = '\0';
      bytes = g_bytes_new (data, size);
      if (!g_str_has_prefix (archive_entry_pathname (entry), "blobs/"))
        continue;
      blob = chd_registry_store_put_blob (registry, repository, bytes, &error);
      g_assert_no_error (error);
      if (size < 65536 && strstr (data, "\"layers\":[") != NULL)
        {
          g_assert_null (manifest);
          manifest = g_steal_pointer (&bytes);
        }
    }
  archive_read_free (reader);
  g_assert_nonnull (manifest);
  digest =
      chd_registry_store_put_manifest (registry, repository, tag, manifest, CHD_OCI_TYPE_MANIFEST, NULL, NULL, &error);
  g_assert_no_error (error);
  return digest;
}

static inline ChdImage *
step_test_resolve (ChdImageStore *store, const char *reference, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_image_store_resolve_async (store, reference, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  return chd_image_store_resolve_finish (store, result, error);
}

/* The shipped image "shell", unpacked below @folder. */
static inline ChdImage *
step_test_shell_image (const char *folder)
{
  g_autofree char *registry_folder = g_build_filename (folder, "registry", NULL);
  g_autofree char *roots = g_build_filename (folder, "roots", NULL);
  g_autofree char *archive = chd_data_path ("environments/shell.tar");
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdRegistryStore) registry = chd_registry_store_open (registry_folder, &error);
  g_autoptr (ChdImageStore) store = NULL;
  g_autofree char *digest = NULL;
  ChdImage *image;

  g_assert_no_error (error);
  digest = step_test_import (registry, archive, "environments/shell", "1");
  store = chd_image_store_new (registry, roots);
  image = step_test_resolve (store, "environments/shell:1", &error);
  g_assert_no_error (error);
  return image;
}
