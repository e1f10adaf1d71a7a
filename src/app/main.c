/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-application.h"
#include "chd-locale.h"

int
main (int argc, char **argv)
{
  g_autoptr (ChdApplication) application = NULL;

  chd_locale_init ();

  application = chd_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
