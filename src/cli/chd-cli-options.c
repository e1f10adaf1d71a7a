/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line: options of chainctl, which may stand before or after the command, and those of a command. */

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chd-cli.h"
#include "chd-util.h"

#define N_OPTIONS 7
#define MAX_NAMESPACE 63

int
chd_cli_usage (ChdCli *cli)
{
  chd_cli_say (_ ("Usage: %s"), cli->synopsis);
  return CHD_EXIT_USAGE;
}

/* G_OPTION_ARG_STRING would read text in the encoding of the locale, and “C” has no Chinese. */
const GOptionEntry *
chd_cli_get_options (ChdCli *cli)
{
  static GOptionEntry entries[N_OPTIONS];
  const GOptionEntry wanted[N_OPTIONS] = {
    { "connection", 0, 0, G_OPTION_ARG_FILENAME, &cli->connection, N_ ("Engine to work with; “local” by default"),
      N_ ("NAME") },
    { "kubeconfig", 0, 0, G_OPTION_ARG_FILENAME, &cli->kubeconfig, N_ ("Kubeconfig that has the engine"), N_ ("FILE") },
    { "context", 0, 0, G_OPTION_ARG_FILENAME, &cli->context, N_ ("Context of the kubeconfig"), N_ ("NAME") },
    { "namespace", 'n', 0, G_OPTION_ARG_FILENAME, &cli->namespace_, N_ ("Namespace on the engine"), N_ ("NAME") },
    { "registry", 0, 0, G_OPTION_ARG_FILENAME, &cli->registry, N_ ("Image registry"), N_ ("URL") },
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &cli->output, N_ ("Form of the output: text or json"), N_ ("FORM") },
    { NULL },
  };

  memcpy (entries, wanted, sizeof entries);
  return entries;
}

gboolean
chd_cli_check_options (ChdCli *cli)
{
  if (cli->output != NULL && !g_str_equal (cli->output, "text") && !g_str_equal (cli->output, "json"))
    chd_cli_say ("%s", _ ("The output is text or json."));
  else if (cli->connection != NULL && (cli->kubeconfig != NULL || cli->context != NULL))
    chd_cli_say ("%s", _ ("Name a connection or a kubeconfig's context, not both."));
  else if (cli->namespace_ != NULL && !chd_str_is_label (cli->namespace_, MAX_NAMESPACE))
    chd_cli_say (_ ("“%s” cannot be the name of a namespace."), cli->namespace_);
  else
    {
      cli->json = g_strcmp0 (cli->output, "json") == 0;
      return TRUE;
    }
  return FALSE;
}

static GOptionContext *
make_context (ChdCli *cli, const GOptionEntry *entries)
{
  GOptionContext *context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_add_main_entries (context, chd_cli_get_options (cli), GETTEXT_PACKAGE);
  return context;
}

static void
print_help (ChdCli *cli, GOptionContext *context)
{
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
  const char *options = strstr (g_strchomp (help), "\n\n");

  /* GLib's own first line would have the options before the command. */
  chd_cli_print (_ ("Usage: %s"), cli->synopsis);
  chd_cli_print ("%s", cli->title);
  if (options != NULL)
    chd_cli_print ("%s", options + 1);
}

/* Filenames may be of any bytes; all else that is given must be text. */
static gboolean
check_text (char **arguments)
{
  for (guint i = 0; arguments[i] != NULL; i++)
    if (!g_utf8_validate (arguments[i], -1, NULL) && !g_file_test (arguments[i], G_FILE_TEST_EXISTS))
      {
        chd_cli_say (_ ("Argument %u is not text in UTF-8."), i + 1);
        return FALSE;
      }
  return TRUE;
}

gboolean
chd_cli_parse (ChdCli *cli, char **arguments, const GOptionEntry *entries, guint n_min, guint n_max, char ***rest)
{
  g_autoptr (GOptionContext) context = make_context (cli, entries);
  g_auto (GStrv) argv = g_new0 (char *, g_strv_length (arguments) + 2);
  g_autoptr (GError) error = NULL;
  gboolean help = FALSE;
  const GOptionEntry help_entries[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, N_ ("Show this help"), NULL },
    { NULL },
  };
  guint n, skip = 1;

  if (!check_text (arguments))
    return FALSE;
  /* GOption takes the first for the program's name. */
  argv[0] = g_strdup ("chainctl");
  for (guint i = 0; arguments[i] != NULL; i++)
    argv[i + 1] = g_strdup (arguments[i]);
  g_option_context_add_main_entries (context, help_entries, GETTEXT_PACKAGE);
  if (!g_option_context_parse_strv (context, &argv, &error))
    {
      chd_cli_say ("%s", error->message);
      chd_cli_usage (cli);
      return FALSE;
    }
  if (help)
    {
      print_help (cli, context);
      chd_cli_flush ();
      exit (CHD_EXIT_DONE);
    }
  if (!chd_cli_check_options (cli))
    return FALSE;
  skip += g_strcmp0 (argv[1], "--") == 0;
  n = g_strv_length (argv + skip);
  if (n < n_min || n > n_max)
    {
      chd_cli_usage (cli);
      return FALSE;
    }
  *rest = g_strdupv (argv + skip);
  return TRUE;
}
