/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-cli.h"
#include "chd-run.h"

G_BEGIN_DECLS

/* Opens a run and waits until what it shows is what the engine has. @chain: (nullable): its chain when that is at
 * hand. %NULL: told on stderr. */
ChdRun *chd_cli_open_run (ChdCli *cli, const char *name, ChdChain *chain);
const char *chd_cli_get_node_title (ChdRun *run, const char *id);

/* Tells the states of @run until its end; Ctrl-C leaves the run alone. */
int chd_cli_watch_run (ChdCli *cli, ChdRun *run);

/* While waiting for @run: says when the engine does not answer, and starts the one on this computer again. */
void chd_cli_guard_start (ChdCli *cli, ChdRun *run);
void chd_cli_guard_stop (ChdCli *cli);

G_END_DECLS
