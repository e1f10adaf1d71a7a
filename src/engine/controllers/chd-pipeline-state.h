/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-pipeline-graph.h"
#include "chd-variables.h"

G_BEGIN_DECLS

/* Where a PipelineRun stands, worked out from its tasks and their runs alone: what is done, what is skipped and why,
 * what may start. Pure; Tekton's rules (tekton-api.md section 18). */

typedef enum
{
  CHD_SKIP_NONE,
  CHD_SKIP_STOPPING,
  CHD_SKIP_CANCELLED,
  CHD_SKIP_STOPPED,
  CHD_SKIP_WHEN,
  CHD_SKIP_PARENT,
  CHD_SKIP_RESULTS,
  CHD_SKIP_PIPELINE_TIMEOUT,
  CHD_SKIP_TASKS_TIMEOUT,
  CHD_SKIP_FINALLY_TIMEOUT,
} ChdSkip;

typedef struct
{
  JsonObject *task;     /* (owned) as in status.pipelineSpec */
  JsonObject *resolved; /* (owned) (nullable) with results and states put in, once what it waits for is done */
  JsonObject *run;      /* (owned) (nullable) its TaskRun or CustomRun */
  gboolean final;
  gboolean done;
  gboolean succeeded;
  gboolean failed; /* also when its failure is ignored */
  gboolean cancelled;
  gboolean ignored; /* failed, and the pipeline goes on */
  gboolean invalid; /* needs a result that a task should have written and did not */
  gboolean ready;   /* may start now */
  ChdSkip skip;
} ChdPipelineTask;

typedef struct
{
  gboolean gracefully_cancelled;
  gboolean gracefully_stopped;
  gboolean pipeline_timed_out;
  gboolean tasks_timed_out;
  gboolean finally_timed_out;
} ChdPipelineCircumstances;

typedef struct
{
  ChdPipelineGraph *graph;
  GPtrArray *tasks; /* (element-type ChdPipelineTask): tasks in the graph's order of positions, then finally */
  guint n_dag;
  ChdVariables *results; /* results of what succeeded, states of the tasks once all are done */
  gboolean stopping;     /* a failure keeps anything new from starting */
  gboolean dag_done;
  gboolean finally_done;

  guint n_succeeded, n_failed, n_ignored, n_cancelled, n_skipped, n_skipped_by_timeout, n_invalid, n_incomplete;
} ChdPipelineState;

/* Finds the run of a pipeline task. Returns: (transfer none) (nullable) */
typedef JsonObject *(*ChdFindRunFunc) (JsonObject *task, gpointer user_data);

/* @spec: status.pipelineSpec. (nullable) when its tasks are no graph, with @problem. */
ChdPipelineState *chd_pipeline_state_new (JsonObject *spec,
                                          ChdFindRunFunc find,
                                          gpointer user_data,
                                          const ChdPipelineCircumstances *circumstances,
                                          char **problem);
void chd_pipeline_state_free (ChdPipelineState *self);

const char *chd_skip_reason (ChdSkip skip); /* as status.skippedTasks says it */
/* A copy of a condition list without what only the request had: (transfer full) (nullable) */
JsonArray *chd_pipeline_state_get_conditions (ChdPipelineTask *task);
/* status.results. Those of tasks that were skipped or failed are left out. @missing: (out) (transfer full) (nullable):
 * those that a task which succeeded should have given */
JsonArray *chd_pipeline_state_get_results (ChdPipelineState *self, JsonObject *spec, char **missing);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdPipelineState, chd_pipeline_state_free)

G_END_DECLS
