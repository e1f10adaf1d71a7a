/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-store.h"

G_BEGIN_DECLS

/* The runs that this user started or watched: written down before the engine hears of them, so that one press is one
 * run, and kept when the engine has long forgotten them. At most CHD_RUN_HISTORY_MAX; the oldest go first. */

#define CHD_RUN_HISTORY_MAX 10000

/* The state of a run that was sent and not answered yet. */
#define CHD_RUN_HISTORY_STARTING "starting"

typedef struct
{
  char *name;
  char *chain;
  char *uid;         /* (nullable) */
  char *state;       /* CHD_RUN_HISTORY_STARTING, or chd_node_state_to_string() */
  gint64 created_at; /* Unix times in seconds; 0 when unknown */
  gint64 started_at;
  gint64 finished_at;
} ChdRunRecord;

void chd_run_record_free (ChdRunRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdRunRecord, chd_run_record_free)

/* Adds or replaces the row of this name; what is %NULL or 0 in @record keeps what was there. */
void chd_run_history_write_async (ChdStore *store,
                                  const char *engine,
                                  const ChdRunRecord *record,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean chd_run_history_write_finish (GAsyncResult *result, GError **error);

/* The engine has refused it: it never was. */
void chd_run_history_remove_async (ChdStore *store,
                                   const char *engine,
                                   const char *name,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean chd_run_history_remove_finish (GAsyncResult *result, GError **error);

/* The newest first. @chain: (nullable). (element-type ChdRunRecord) */
void chd_run_history_list_async (ChdStore *store,
                                 const char *engine,
                                 const char *chain,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
GPtrArray *chd_run_history_list_finish (GAsyncResult *result, GError **error);

G_END_DECLS
