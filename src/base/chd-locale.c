/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The language of a program. */

#include "config.h"

#include "chd-locale.h"

#include <glib/gi18n.h>
#include <locale.h>

static gboolean
runs_from_build_tree (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  return self != NULL && g_str_has_prefix (self, CHD_BUILD_DIR "/");
}

void
chd_locale_init (void)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, runs_from_build_tree () ? CHD_BUILD_DIR "/po" : CHD_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
