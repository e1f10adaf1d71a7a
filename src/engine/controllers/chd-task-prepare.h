/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"

G_BEGIN_DECLS

/* Where a step finds what is its own. */
#define CHD_STEP_RESULTS_FOLDER "/tekton/results"
#define CHD_STEP_STEPS_FOLDER "/tekton/steps"
#define CHD_STEP_SCRIPTS_FOLDER "/tekton/scripts"
#define CHD_STEP_CREDENTIALS_FOLDER "/tekton/creds"
#define CHD_STEP_WORKSPACE_FOLDER "/workspace"

/* "main", or "unnamed-0". (transfer full) */
char *chd_task_step_name (JsonObject *step, guint index);
/* "step-main", at most 63 characters. (transfer full) */
char *chd_task_container_name (JsonObject *step, guint index);
/* Which attempt this is: 0 for the first. */
guint chd_task_run_get_attempt (JsonObject *run);
/* The run's binding of a workspace of its task; (nullable) */
JsonObject *chd_task_run_find_binding (JsonObject *run, const char *workspace);
/* (transfer full) */
char *chd_task_workspace_path (JsonObject *declaration);

/* Puts status.taskSpec of a TaskRun together, as chd_pipeline_prepare() does for a PipelineRun. */
gboolean chd_task_prepare (ChdReconcile *self, JsonObject *run);

G_END_DECLS
