/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-engine-clock.h"
#include "chd-kube.h"
#include "chd-object-store.h"

G_BEGIN_DECLS

/* What PipelineRuns, TaskRuns and CustomRuns have in common. */

#define CHD_RESOURCE_CONFIG_MAPS "configmaps."
#define CHD_RESOURCE_EVENTS "events."
#define CHD_RESOURCE_PODS "pods."
#define CHD_RESOURCE_TASKS "tasks.tekton.dev"
#define CHD_RESOURCE_PIPELINES "pipelines.tekton.dev"
#define CHD_RESOURCE_TASK_RUNS "taskruns.tekton.dev"
#define CHD_RESOURCE_PIPELINE_RUNS "pipelineruns.tekton.dev"
#define CHD_RESOURCE_CUSTOM_RUNS "customruns.tekton.dev"
#define CHD_RESOURCE_APPROVAL_TASKS "approvaltasks.openshift-pipelines.org"
#define CHD_RESOURCE_STEPS "_steps"

#define CHD_LABEL_TEKTON_PREFIX "tekton.dev/"
#define CHD_ANNOTATION_TASK_ON_ERROR "pipeline.tekton.dev/pipeline-task-on-error"
/* On a Task or TaskRun: a step whose end nobody saw may simply be run again. */
#define CHD_ANNOTATION_REPEATABLE CHD_LABEL_PREFIX "repeatable"

#define CHD_CANCELLED_BY_PIPELINE "TaskRun cancelled as the PipelineRun it belongs to has been cancelled."
#define CHD_CANCELLED_BY_TIMEOUT "TaskRun cancelled as the PipelineRun it belongs to has timed out."
#define CHD_CUSTOM_CANCELLED_BY_PIPELINE "CustomRun cancelled as the PipelineRun it belongs to has been cancelled."
#define CHD_CUSTOM_CANCELLED_BY_TIMEOUT "CustomRun cancelled as the PipelineRun it belongs to has timed out."

/* One look at one object, in the writer thread. */
typedef struct
{
  ChdTransaction *transaction;
  ChdEngineClock *clock;
  char *now;    /* RFC 3339 */
  gint64 again; /* (out): in how many microseconds to look again; -1: when something changes */
} ChdReconcile;

/* Asks for another look in @microseconds at the latest. */
void chd_reconcile_again_in (ChdReconcile *self, gint64 microseconds);
/* What is left of @limit since @timestamp; <= 0 when it is over. Asks for another look at its end. A limit that is 0 or
 * no duration never ends (G_MAXINT64). */
gint64 chd_reconcile_remaining (ChdReconcile *self, const char *uid, const char *timestamp, const char *limit);

const char *chd_run_get_status (JsonObject *run); /* "True", "False", "Unknown"; "" before the first look */
const char *chd_run_get_reason (JsonObject *run); /* "" when there is none */
gboolean chd_run_is_done (JsonObject *run);
/* Whether spec.managedBy gives it to a controller that is not part of this engine. */
gboolean chd_run_is_managed_by_other (JsonObject *run);
gboolean chd_run_has_ended (JsonObject *run, const char *status); /* with that status */
/* Puts in the condition “Succeeded”; its time changes only when something else of it does. */
void
chd_run_set_condition (JsonObject *run, const char *status, const char *reason, const char *message, const char *now);
/* The same, and the completion time. */
void chd_run_finish (JsonObject *run, const char *status, const char *reason, const char *message, const char *now);

/* Knative's kmeta.ChildName(). (transfer full) */
char *chd_run_child_name (const char *parent, const char *suffix);
/* A new object as a controller makes one: owned, generation 1. (transfer full) */
JsonObject *chd_run_new_child (ChdKubeType type, JsonObject *owner, const char *name);
/* Sets a member of the spec, as a client would: the generation counts it. */
void chd_run_set_spec (JsonObject *run, const char *name, const char *value);

/* Copies labels or annotations; what @target has already wins. */
void chd_run_inherit (JsonObject *target, JsonObject *source, const char *what);

/* Stores @run (transfer full) and, when its condition differs from @before's, the event that tells so. */
void chd_run_store (ChdReconcile *self, const char *resource, JsonObject *run, JsonObject *before);

G_END_DECLS
