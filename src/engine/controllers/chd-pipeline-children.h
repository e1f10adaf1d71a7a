/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-pipeline-state.h"
#include "chd-run.h"

G_BEGIN_DECLS

/* The TaskRuns and CustomRuns that a PipelineRun makes. */

gboolean chd_pipeline_task_is_custom (JsonObject *task);
/* "taskruns.tekton.dev" or "customruns.tekton.dev" */
const char *chd_pipeline_task_get_resource (JsonObject *task);
/* @task: resolved. Not stored yet. (transfer full) */
JsonObject *chd_pipeline_make_child (JsonObject *run, JsonObject *task, gboolean final, const char *name);
/* An entry of status.childReferences. (transfer full) */
JsonObject *chd_pipeline_make_reference (ChdPipelineTask *task, const char *name);
/* The name of the claim that stands for a volumeClaimTemplate of @owner_uid's run. (transfer full) */
char *chd_pipeline_claim_name (const char *owner_uid, const char *workspace);
/* The timeout of all tasks and of all finally tasks as Go texts; "" when there is none of its own. (transfer full) */
char *chd_pipeline_part_timeout (JsonObject *run, gboolean final);

G_END_DECLS
