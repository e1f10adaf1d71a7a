/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * chainctl: the services of the designer in a terminal. */

#include "config.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>

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

static void
print_help (FILE *stream)
{
  fprintf (stream, "%s\n",
           _ ("Usage: chainctl [--connection NAME | --kubeconfig F --context C] [--namespace NS] [--registry URL]\n"
              "                [--output text|json] COMMAND"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *synopsis = g_strdup_printf ("%s %s", commands[i].name, commands[i].arguments);

      fprintf (stream, "  %-58s %s\n", synopsis, _ (commands[i].title));
    }
}

static gboolean
interrupted_cb (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_REMOVE;
}

static gboolean
check_options (ChdCli *cli)
{
  if (cli->output != NULL && !g_str_equal (cli->output, "text") && !g_str_equal (cli->output, "json"))
    g_printerr ("%s\n", _ ("The output is text or json."));
  else if (cli->connection != NULL && (cli->kubeconfig != NULL || cli->context != NULL))
    g_printerr ("%s\n", _ ("Name a connection or a kubeconfig's context, not both."));
  else
    {
      cli->json = g_strcmp0 (cli->output, "json") == 0;
      return TRUE;
    }
  return FALSE;
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
    { "connection", 0, 0, G_OPTION_ARG_STRING, &cli.connection, NULL, NULL },
    { "kubeconfig", 0, 0, G_OPTION_ARG_FILENAME, &cli.kubeconfig, NULL, NULL },
    { "context", 0, 0, G_OPTION_ARG_STRING, &cli.context, NULL, NULL },
    { "namespace", 'n', 0, G_OPTION_ARG_STRING, &cli.namespace_, NULL, NULL },
    { "registry", 0, 0, G_OPTION_ARG_STRING, &cli.registry, NULL, NULL },
    { "output", 0, 0, G_OPTION_ARG_STRING, &cli.output, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, NULL, NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) arguments = NULL;
  int result = CHD_EXIT_USAGE;

  chd_locale_init ();

  cli.cancellable = g_cancellable_new ();
  g_unix_signal_add (SIGINT, interrupted_cb, cli.cancellable);
  g_unix_signal_add (SIGTERM, interrupted_cb, cli.cancellable);

  /* Options before the command are chainctl's own, those after it the command's. */
  arguments = g_strdupv (argv);
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse_strv (context, &arguments, &error))
    {
      g_printerr ("%s\n", error->message);
      print_help (stderr);
    }
  else if (version)
    {
      printf ("chainctl %s\n", CHD_VERSION);
      result = CHD_EXIT_DONE;
    }
  else if (help)
    {
      print_help (stdout);
      result = CHD_EXIT_DONE;
    }
  else if (arguments[1] == NULL)
    print_help (stderr);
  else if (check_options (&cli))
    {
      guint i;

      for (i = 0; i < G_N_ELEMENTS (commands) && !g_str_equal (commands[i].name, arguments[1]); i++)
        ;
      if (i < G_N_ELEMENTS (commands))
        result = commands[i].func (&cli, arguments + 2);
      else
        {
          g_printerr (_ ("There is no command “%s”."), arguments[1]);
          g_printerr ("\n");
          print_help (stderr);
        }
    }
  clear_cli (&cli);
  return result;
}
