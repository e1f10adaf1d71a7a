/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * chainctl: the services of the designer in a terminal. */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chd-cli.h"
#include "chd-locale.h"

static const struct
{
  const char *name;
  const char *arguments;
  const char *title;
  ChdCommandFunc func;
} commands[] = {
  { "validate", "FILE…", N_ ("Check chains"), chd_cmd_validate },
  { "compile", "FILE", N_ ("Print the engine's objects"), chd_cmd_compile },
  { "layout", "FILE [-i]", N_ ("Lay a chain out"), chd_cmd_layout },
  { "export", "FILE --format svg|png|pdf [--run RUN] -o OUT", N_ ("Write the picture"), chd_cmd_export },
  { "create", "FILE [--dry-run]", N_ ("Create a chain on the engine"), chd_cmd_create },
  { "delete", "CHAIN [--with-runs]", N_ ("Delete a chain from the engine"), chd_cmd_delete },
  { "list", "", N_ ("List the chains on the engine"), chd_cmd_list },
  { "open", "CHAIN", N_ ("Print the document of a chain on the engine"), chd_cmd_open },
  { "run", "FILE|CHAIN [--param K=V]… [--watch]", N_ ("Run a chain"), chd_cmd_run },
  { "runs", "[CHAIN]", N_ ("List runs"), chd_cmd_runs },
  { "status", "RUN [--watch]", N_ ("Show the states of a run"), chd_cmd_status },
  { "logs", "RUN [NODE] [--follow]", N_ ("Print what the steps have written"), chd_cmd_logs },
  { "cancel", "RUN", N_ ("Stop a run"), chd_cmd_cancel },
  { "approvals", "", N_ ("List what waits for an answer"), chd_cmd_approvals },
  { "approve", "NAME [--message M] [--as USER]", N_ ("Say yes"), chd_cmd_approve },
  { "reject", "NAME [--message M] [--as USER]", N_ ("Say no"), chd_cmd_reject },
  { "environments", "[FILE]", N_ ("List environments and their images"), chd_cmd_environments },
  { "push-environment", "ID [FILE]", N_ ("Upload an environment's image"), chd_cmd_push_environment },
  { "engine", "start|stop|status|kubeconfig", N_ ("The engine on this computer"), chd_cmd_engine },
};

#define SYNOPSIS_WIDTH 60

static void
print_help (ChdCli *cli)
{
  static const int command_widths[] = { SYNOPSIS_WIDTH, -1 }, option_widths[] = { 20, -1 };
  const GOptionEntry *options = chd_cli_get_options (cli);

  chd_cli_print ("%s", _ ("Usage: chainctl [OPTION…] COMMAND"));
  chd_cli_print ("%s", _ ("\nCommands (chainctl COMMAND --help tells more):"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *synopsis = g_strdup_printf ("  %s %s", commands[i].name, commands[i].arguments);

      chd_cli_print_row (command_widths, synopsis, _ (commands[i].title), NULL);
    }
  chd_cli_print ("%s", _ ("\nOptions, before the command or after it:"));
  for (guint i = 0; options[i].long_name != NULL; i++)
    {
      g_autofree char *option = g_strdup_printf ("  --%s %s", options[i].long_name, _ (options[i].arg_description));

      chd_cli_print_row (option_widths, option, _ (options[i].description), NULL);
    }
  chd_cli_print ("%s", _ ("\nThe exit code is 0 when it is done, 1 when the work failed, 2 when the call is wrong."));
}

/* @arguments: those after the program's name and its options */
static int
run_command (ChdCli *cli, char **arguments)
{
  g_autofree char *synopsis = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (commands) && !g_str_equal (commands[i].name, arguments[0]); i++)
    ;
  if (i == G_N_ELEMENTS (commands))
    {
      chd_cli_say (_ ("There is no command “%s”; chainctl --help lists them."), arguments[0]);
      return CHD_EXIT_USAGE;
    }
  synopsis = g_strdup_printf ("chainctl %s %s", commands[i].name, commands[i].arguments);
  cli->synopsis = g_strchomp (synopsis);
  cli->title = _ (commands[i].title);
  return commands[i].func (cli, arguments + 1);
}

static gboolean
interrupted_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
reader_gone_cb (int fd, GIOCondition condition, gpointer user_data)
{
  _exit (CHD_EXIT_FAILED);
}

/* "chainctl logs RUN --follow | head": one that waits writes nothing, and would not notice. */
static void
watch_reader (void)
{
  struct stat status;

  if (fstat (STDOUT_FILENO, &status) == 0 && S_ISFIFO (status.st_mode))
    g_unix_fd_add (STDOUT_FILENO, G_IO_ERR, reader_gone_cb, NULL);
}

static void
clear_cli (ChdCli *cli)
{
  g_clear_object (&cli->catalogue);
  g_clear_object (&cli->session);
  if (cli->store != NULL)
    chd_store_close (cli->store);
  g_clear_object (&cli->store);
  g_clear_object (&cli->cancellable);
  g_free (cli->connection);
  g_free (cli->kubeconfig);
  g_free (cli->context);
  g_free (cli->namespace_);
  g_free (cli->registry);
  g_free (cli->output);
}

int
main (int argc, char **argv)
{
  ChdCli cli = { 0 };
  gboolean version = FALSE, help = FALSE;
  const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, NULL, NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = g_strdupv (argv);
  int result = CHD_EXIT_USAGE;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, CHD_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  cli.cancellable = g_cancellable_new ();
  g_unix_signal_add (SIGINT, interrupted_cb, cli.cancellable);
  g_unix_signal_add (SIGTERM, interrupted_cb, cli.cancellable);
  watch_reader ();

  /* What stands after the command is the command's to read. */
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, chd_cli_get_options (&cli), NULL);
  if (!g_option_context_parse_strv (context, &arguments, &error))
    {
      chd_cli_say ("%s", error->message);
      chd_cli_say ("%s", _ ("chainctl --help lists the options."));
    }
  else if (version)
    {
      chd_cli_print ("chainctl %s", CHD_VERSION);
      result = CHD_EXIT_DONE;
    }
  else if (help || g_strcmp0 (arguments[1], "help") == 0)
    {
      print_help (&cli);
      result = CHD_EXIT_DONE;
    }
  else if (arguments[1] == NULL)
    chd_cli_say ("%s", _ ("Which command? chainctl --help lists them."));
  else if (chd_cli_check_options (&cli))
    result = run_command (&cli, arguments + 1);
  chd_cli_flush ();
  clear_cli (&cli);
  return result;
}
