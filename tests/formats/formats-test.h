/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <string.h>

#include "chd-chain-reader.h"
#include "chd-chain-writer.h"
#include "chd-error.h"
#include "chd-json.h"

/* What the tests of formats have in common: fixtures, and the ways between text and chain. */

static inline char *
read_file (const char *path, gsize *length)
{
  g_autoptr (GError) error = NULL;
  char *data = NULL;

  g_file_get_contents (path, &data, length, &error);
  g_assert_no_error (error);
  return data;
}

static inline int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* Returns: (transfer full): paths of the files of a folder below tests/, in order */
static inline GPtrArray *
list_fixtures (const char *folder, const char *suffix)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, folder, NULL);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, suffix))
      g_ptr_array_add (paths, g_build_filename (path, name, NULL));
  g_ptr_array_sort (paths, compare_paths);
  g_assert_cmpuint (paths->len, >, 0);
  return paths;
}

static inline ChdChain *
read_chain (const char *text)
{
  g_autoptr (GError) error = NULL;
  ChdChain *chain = chd_chain_read (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (chain);
  return chain;
}

static inline void
assert_refused (const char *text, gsize length, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (chd_chain_read (text, length, &error));
  g_assert_error (error, CHD_ERROR, code);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}
