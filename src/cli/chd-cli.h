/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-catalogue.h"
#include "chd-chain.h"
#include "chd-document.h"
#include "chd-session.h"

G_BEGIN_DECLS

/* What every command of chainctl works with. A command opens what it needs; everything ends with the program.
 *
 * Data goes to stdout, messages to stderr. Exit codes: 0 done, 1 the work failed, 2 bad usage (design.md, 6).
 * Ctrl-C ends every wait; what could end one by itself is the wait's business. */

#define CHD_EXIT_DONE 0
#define CHD_EXIT_FAILED 1
#define CHD_EXIT_USAGE 2

typedef struct
{
  char *connection; /* --connection */
  char *kubeconfig;
  char *context;
  char *namespace_;
  char *registry;
  char *output; /* --output */
  gboolean json;

  const char *synopsis; /* of the command: "chainctl run FILE|CHAIN …" */
  const char *title;    /* translated: what it does */

  GCancellable *cancellable; /* Ctrl-C */
  ChdStore *store;
  ChdSession *session;
  ChdCatalogue *catalogue;
} ChdCli;

/* A command: @arguments are those after its name, NULL-terminated. */
typedef int (*ChdCommandFunc) (ChdCli *cli, char **arguments);

/* Waiting for one asynchronous call: pass chd_cli_result_cb and the address of a GAsyncResult pointer that is NULL.
 * Returns: (transfer none): valid until the next wait */
void chd_cli_result_cb (GObject *object, GAsyncResult *result, gpointer result_place);
GAsyncResult *chd_cli_wait (GAsyncResult **result);
/* Waiting for anything else: one turn of the main loop, in which what was printed goes out. FALSE: interrupted. */
gboolean chd_cli_iterate (ChdCli *cli);

/* Each returns FALSE or NULL after it has said why on stderr. */
gboolean chd_cli_open_session (ChdCli *cli);
gboolean chd_cli_load_catalogue (ChdCli *cli); /* with what the engine publishes when a session is open */
ChdDocument *chd_cli_load_document (ChdCli *cli, const char *path);
/* A chain by its file, or by its name on the engine. */
ChdChain *chd_cli_load_chain (ChdCli *cli, const char *file_or_name);
/* Whether the engine of this call is the one on this computer, which is started when it is not there. */
gboolean chd_cli_is_local (ChdCli *cli);

/* Says what went wrong and gives the exit code. @error is freed. */
int chd_cli_fail (GError *error);
int chd_cli_usage (ChdCli *cli);

/* Options that every command takes, before its name or after; ends with a NULL entry. Valid as long as @cli. */
const GOptionEntry *chd_cli_get_options (ChdCli *cli);
gboolean chd_cli_check_options (ChdCli *cli);
/* Options of a command, taken out of @arguments; --help ends the program. @rest: (out): what is left. FALSE: told on
 * stderr. */
gboolean
chd_cli_parse (ChdCli *cli, char **arguments, const GOptionEntry *entries, guint n_min, guint n_max, char ***rest);

/* A line for people, on stderr. */
void chd_cli_say (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* A line of data, on stdout. */
void chd_cli_print (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* What was printed goes out; a reader that has gone away or a full disk ends the program. */
void chd_cli_flush (void);
void chd_cli_print_json (JsonObject *object); /* (transfer full): pretty, with a line end */
void chd_cli_print_json_line (JsonObject *object);
/* One row of a table: cells padded by what they take on screen. @widths: of all but the last; ends with -1 */
void chd_cli_print_row (const int *widths, ...) G_GNUC_NULL_TERMINATED;
/* "3 min" for people; (transfer full). */
char *chd_cli_format_age (gint64 unix_seconds);

/* The commands. */
int chd_cmd_validate (ChdCli *cli, char **arguments);
int chd_cmd_compile (ChdCli *cli, char **arguments);
int chd_cmd_layout (ChdCli *cli, char **arguments);
int chd_cmd_export (ChdCli *cli, char **arguments);
int chd_cmd_create (ChdCli *cli, char **arguments);
int chd_cmd_delete (ChdCli *cli, char **arguments);
int chd_cmd_list (ChdCli *cli, char **arguments);
int chd_cmd_open (ChdCli *cli, char **arguments);
int chd_cmd_run (ChdCli *cli, char **arguments);
int chd_cmd_runs (ChdCli *cli, char **arguments);
int chd_cmd_status (ChdCli *cli, char **arguments);
int chd_cmd_logs (ChdCli *cli, char **arguments);
int chd_cmd_cancel (ChdCli *cli, char **arguments);
int chd_cmd_approvals (ChdCli *cli, char **arguments);
int chd_cmd_approve (ChdCli *cli, char **arguments);
int chd_cmd_reject (ChdCli *cli, char **arguments);
int chd_cmd_environments (ChdCli *cli, char **arguments);
int chd_cmd_push_environment (ChdCli *cli, char **arguments);
int chd_cmd_engine (ChdCli *cli, char **arguments);

G_END_DECLS
