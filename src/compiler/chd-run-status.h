/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-catalogue.h"
#include "chd-chain.h"
#include "chd-node-state.h"

G_BEGIN_DECLS

/* What a run's objects say about the chain's nodes (field.md P13–P16). Pure.
 *
 *  (1) Node states derive from the run's child references, skipped tasks and the children's status, from nothing else.
 *  (2) A node is processing from the first part that started until the last part has ended; it succeeded only if all
 *      of its parts did. One failed part makes it failed; parts that then never started are skipped.
 *  (3) Rejected, timed out and failed are three states.
 *  (4) A run that has ended leaves no node waiting or processing. */

/* One pipeline task of a node's part, or one approval. */
typedef struct
{
  char *task;       /* the pipeline task's name in the chain's Pipeline */
  char *title;      /* for people: "Task", "Before: Multi-level approval – finance" */
  gboolean is_task; /* of the node's task; else of the pipeline at `at` */
  ChdPosition at;
  char *child;       /* (nullable): name of the TaskRun or CustomRun */
  char *pod;         /* (nullable) */
  char **containers; /* (nullable): of the pod, in order of the steps */
  char *approval;    /* (nullable): name of the ApprovalTask, when it is one */
  ChdNodeState state;
  char *reason;      /* (nullable): the engine's word */
  char *note;        /* (nullable) translated: why, in one sentence */
  gint64 started_at; /* Unix time in seconds, 0 when unknown */
  gint64 finished_at;
  guint attempt;       /* from 1 */
  JsonObject *results; /* (nullable): name → value */
} ChdPartStatus;

typedef struct
{
  char *node;
  ChdNodeState state;
  char *note; /* (nullable) translated: why it waits, was skipped or failed, in one sentence */
  gint64 started_at;
  gint64 finished_at;
  GPtrArray *parts; /* (element-type ChdPartStatus), in order of execution */
} ChdNodeStatus;

/* Immutable, reference-counted (g_rc_box). */
typedef struct
{
  char *name; /* of the PipelineRun */
  char *chain;
  char *uid;
  ChdNodeState state; /* of the whole: WAITING, PROCESSING, AWAITING_APPROVAL, SUCCEEDED, FAILED, REJECTED, TIMED_OUT,
                         CANCELLED */
  char *note;         /* (nullable) translated */
  char *details;      /* (nullable): the engine's own words */
  gint64 created_at;
  gint64 started_at;
  gint64 finished_at;
  gboolean finished;
  GPtrArray *nodes; /* (element-type ChdNodeStatus), in document order */
} ChdRunStatus;

/**
 * chd_run_status_read:
 * @run: the PipelineRun
 * @task_runs: (element-type JsonObject): of this run; others are passed over
 * @custom_runs: (element-type JsonObject)
 * @approval_tasks: (element-type JsonObject)
 */
ChdRunStatus *chd_run_status_read (ChdChain *chain,
                                   ChdCatalogue *catalogue,
                                   JsonObject *run,
                                   GPtrArray *task_runs,
                                   GPtrArray *custom_runs,
                                   GPtrArray *approval_tasks);
ChdRunStatus *chd_run_status_ref (ChdRunStatus *self);
void chd_run_status_unref (ChdRunStatus *self);
const ChdNodeStatus *chd_run_status_find_node (const ChdRunStatus *self, const char *node);

/* What a list of runs shows, from the PipelineRun alone (no chain at hand): no nodes. */
ChdRunStatus *chd_run_status_read_summary (JsonObject *run);

/* For --output json: name, chain, state, nodes …; (transfer full). */
JsonObject *chd_run_status_to_json (const ChdRunStatus *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdRunStatus, chd_run_status_unref)

G_END_DECLS
