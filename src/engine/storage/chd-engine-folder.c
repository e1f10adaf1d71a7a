/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Paths in the engine's data folder. Every part comes from a checked name, but a slash or a dot name in one would
 * still lead outside, so each is made harmless here once more. */

#include "config.h"

#include "chd-engine-folder.h"

#include <string.h>

static char *
as_file_name (const char *text)
{
  char *name;

  if (text == NULL || *text == '\0' || strcmp (text, ".") == 0 || strcmp (text, "..") == 0)
    return g_strdup ("_");

  name = g_strdup (text);
  return g_strdelimit (name, "/", '_');
}

char *
chd_engine_folder_log (const char *folder, const char *namespace_, const char *pod, const char *container)
{
  g_autofree char *namespace_name = as_file_name (namespace_);
  g_autofree char *pod_name = as_file_name (pod);
  g_autofree char *container_name = as_file_name (container);
  g_autofree char *file_name = g_strconcat (container_name, ".log", NULL);

  return g_build_filename (folder, "logs", namespace_name, pod_name, file_name, NULL);
}

char *
chd_engine_folder_run (const char *folder, const char *uid)
{
  g_autofree char *name = as_file_name (uid);

  return g_build_filename (folder, "runs", name, NULL);
}
