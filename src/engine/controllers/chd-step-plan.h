/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-task-run.h"

G_BEGIN_DECLS

/* What a step of a TaskRun needs to run, as plain text that may go to another thread: worked out from the stored run
 * alone, so that it is the same after a restart. */

typedef struct
{
  char *root; /* made as it is */
  char *sub;  /* (nullable): made below it, and no link is followed there */
} ChdPlanFolder;

typedef struct
{
  char *path;
  char *content;
  gsize length;
  gboolean executable;
} ChdPlanFile;

typedef struct
{
  char *host; /* what is bound */
  char *sub;  /* (nullable): below it, see ChdPlanFolder */
  char *sandbox;
  gboolean writable;
} ChdPlanBind;

typedef struct
{
  char *name; /* as declared; of the step's own ones with a '/' in front */
  char *path;
} ChdPlanResult;

typedef struct
{
  char *image;
  char **command;    /* (nullable): the image's entrypoint */
  char **args;       /* (nullable): the image's, when there is no command either */
  GPtrArray *env;    /* (element-type utf8): name, value, name, value … */
  char *working_dir; /* (nullable) */
  gboolean network;
  guint64 seconds; /* 0: no limit of its own */
  char *log_path;
  char *record_path;
  GPtrArray *folders; /* (element-type ChdPlanFolder) */
  GPtrArray *files;   /* (element-type ChdPlanFile) */
  GPtrArray *binds;   /* (element-type ChdPlanBind), in this order */
  GPtrArray *results; /* (element-type ChdPlanResult) */
} ChdStepPlan;

/* (nullable) (transfer none) */
typedef JsonObject *(*ChdFindConfigMapFunc) (const char *namespace_, const char *name, gpointer user_data);

/**
 * chd_step_plan_new:
 * @run: with status.taskSpec
 * @owner_run: (nullable): the PipelineRun it belongs to, for the claims that its templates stand for
 * @folder: the engine's data folder
 *
 * Errors: a sentence fit for the reason CreateContainerConfigError
 */
ChdStepPlan *chd_step_plan_new (JsonObject *run,
                                guint index,
                                JsonObject *owner_run,
                                const char *folder,
                                ChdFindConfigMapFunc find,
                                gpointer user_data,
                                GError **error);
void chd_step_plan_free (ChdStepPlan *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdStepPlan, chd_step_plan_free)

G_END_DECLS
