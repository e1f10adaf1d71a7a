/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>

#include "chd-chain-reader.h"
#include "chd-compiler.h"
#include "chd-interface-reader.h"
#include "chd-item-json.h"
#include "chd-json.h"
#include "chd-util.h"
#include "chd-yaml.h"

/* What the tests of the compiler share: documents, the shipped catalogue, objects as YAML. */

static inline char *
test_read (const char *path, gsize *length)
{
  g_autoptr (GError) error = NULL;
  char *text = chd_read_regular_file (path, CHD_JSON_MAX_DOCUMENT, length, &error);

  if (text == NULL)
    g_error ("%s: %s", path, error->message);
  return text;
}

static inline ChdChain *
test_chain_from_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  ChdChain *chain = chd_chain_read (text, strlen (text), &error);

  g_assert_no_error (error);
  return chain;
}

static inline void
test_add_interfaces (ChdCatalogue *catalogue, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".yaml"))
      {
        g_autofree char *path = g_build_filename (folder, name, NULL);
        gsize length;
        g_autofree char *text = test_read (path, &length);
        g_autoptr (GError) error = NULL;
        g_autoptr (ChdInterface) interface = chd_interface_read (text, length, CHD_ORIGIN_SHIPPED, &error);

        if (interface == NULL)
          g_error ("%s: %s", path, error->message);
        chd_catalogue_add_interface (catalogue, interface);
      }
}

static inline ChdCatalogue *
test_catalogue_new (void)
{
  ChdCatalogue *catalogue = chd_catalogue_new ();
  g_autofree char *interfaces = chd_data_path ("interfaces");
  g_autofree char *path = chd_data_path ("environments/shell.json");
  gsize length;
  g_autofree char *text = test_read (path, &length);
  g_autoptr (JsonObject) object = chd_json_parse_object (text, length, CHD_JSON_MAX_OBJECT, 0, NULL);
  g_autoptr (ChdItem) environment = chd_item_from_json (CHD_ITEM_ENVIRONMENT, object, NULL);

  test_add_interfaces (catalogue, interfaces);
  chd_catalogue_add_environment (catalogue, (const ChdEnvironment *) environment);
  return catalogue;
}

/* What creation knows: the digest of the shell's image. */
static inline GHashTable *
test_images_new (void)
{
  GHashTable *images = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autofree char *digest = chd_sha256 ("shell", 5);

  g_hash_table_insert (images, (gpointer) "shell", g_strdup_printf ("environments/shell:1@sha256:%s", digest));
  return images;
}

static inline JsonObject *
test_find_object (GPtrArray *targets, ChdKubeType type, const char *name)
{
  for (guint i = 0; i < targets->len; i++)
    {
      ChdTarget *target = g_ptr_array_index (targets, i);

      if (target->type == type && strcmp (target->name, name) == 0)
        return target->object;
    }
  return NULL;
}

static inline char *
test_write_targets (GPtrArray *targets)
{
  g_autoptr (GPtrArray) objects = g_ptr_array_new ();

  for (guint i = 0; i < targets->len; i++)
    g_ptr_array_add (objects, ((ChdTarget *) g_ptr_array_index (targets, i))->object);
  return chd_yaml_write_documents (objects);
}
