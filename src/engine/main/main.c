/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * chain-engine: the local engine, and the small commands to a running one. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-locale.h"
#include "engine-commands.h"
#include "engine-options.h"
#include "engine-service.h"

#define EXIT_USAGE 2

static const struct
{
  const char *name;
  int (*run) (const EngineOptions *options);
} commands[] = {
  { "status", engine_command_status },
  { "stop", engine_command_stop },
  { "kubeconfig", engine_command_kubeconfig },
  { "check", engine_command_check },
};

int
main (int argc, char **argv)
{
  g_auto (EngineOptions) options = { NULL };
  g_autoptr (GError) error = NULL;

  chd_locale_init ();

  if (!engine_options_parse (&options, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_USAGE;
    }
  if (options.command == NULL)
    return engine_serve (&options);
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, options.command))
      return commands[i].run (&options);
  g_printerr (_ ("There is no command “%s”: status, stop, kubeconfig or check.\n"), options.command);
  return EXIT_USAGE;
}
