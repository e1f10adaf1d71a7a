/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-catalogue.h"
#include "chd-chain.h"
#include "chd-run-status.h"
#include "chd-session.h"

G_BEGIN_DECLS

/* One run that is watched: a list and a watch of its PipelineRun, TaskRuns, CustomRuns and ApprovalTasks, made into
 * states of the chain's nodes.
 *
 * Properties: "status" (ChdRunStatus, nullable until the first answer), "live" (boolean: what is shown is what the
 * engine has now), "last-seen" (gint64, Unix time in µs).
 * Signals: "changed" () when the status is another one; "finished" () once, when the run has ended and all of its
 * children are known; "failed" (GError *error) when it cannot be watched (deleted, no access). */

#define CHD_TYPE_RUN (chd_run_get_type ())
G_DECLARE_FINAL_TYPE (ChdRun, chd_run, CHD, RUN, GObject)

/* Starts a run. Its name is in the journal before it is sent, so that one press is one run: when the answer is lost,
 * the same run is found again. @params: (nullable): a{sv}, see chd_compile_run(). */
void chd_run_start_async (ChdSession *session,
                          ChdChain *chain,
                          ChdCatalogue *catalogue,
                          GVariant *params,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* Returns: (transfer full): watched already */
ChdRun *chd_run_start_finish (GAsyncResult *result, GError **error);

/* Watches a run. @chain: (nullable): %NULL opens the one of the run's label from the engine. */
void chd_run_open_async (ChdSession *session,
                         const char *name,
                         ChdChain *chain,
                         ChdCatalogue *catalogue,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
ChdRun *chd_run_open_finish (GAsyncResult *result, GError **error);

const char *chd_run_get_name (ChdRun *self);
ChdChain *chd_run_get_chain (ChdRun *self);
ChdRunStatus *chd_run_get_status (ChdRun *self); /* (nullable) */
gboolean chd_run_is_live (ChdRun *self);
gint64 chd_run_get_last_seen (ChdRun *self);
/* Stops watching. */
void chd_run_close (ChdRun *self);

typedef enum
{
  CHD_STOP_NOW,           /* Cancelled */
  CHD_STOP_RUN_FINALLY,   /* CancelledRunFinally: then the closing steps */
  CHD_STOP_AFTER_CURRENT, /* StoppedRunFinally: lets running steps end, then the closing steps */
} ChdStopMode;

void chd_run_stop_async (ChdSession *session,
                         const char *name,
                         ChdStopMode mode,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
gboolean chd_run_stop_finish (GAsyncResult *result, GError **error);

/* The newest first. @chain: (nullable): of all chains.
 * Returns: (element-type ChdRunStatus): without nodes */
void chd_run_list_async (ChdSession *session,
                         const char *chain,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data);
GPtrArray *chd_run_list_finish (GAsyncResult *result, GError **error);

G_END_DECLS
