/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-run.h"

G_BEGIN_DECLS

/* The output of one node of a run (or of all): part by part, step by step, following while it runs.
 *
 * Signals: "line" (const char *node, const char *part, const char *step, gint64 time, const char *text): @time is Unix
 * time in µs, 0 when unknown; texts are harmless UTF-8;
 * "ended" (const GError *error): (nullable): no more lines will come. */

#define CHD_TYPE_NODE_LOG (chd_node_log_get_type ())
G_DECLARE_FINAL_TYPE (ChdNodeLog, chd_node_log, CHD, NODE_LOG, GObject)

/* @node: (nullable): all nodes. @follow: %FALSE gives what is there now. Takes a reference of @run. */
ChdNodeLog *chd_node_log_new (ChdSession *session, ChdRun *run, const char *node, gboolean follow);
void chd_node_log_start (ChdNodeLog *self);
void chd_node_log_stop (ChdNodeLog *self);

G_END_DECLS
