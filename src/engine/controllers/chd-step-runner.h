/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-image-store.h"
#include "chd-run.h"
#include "chd-sandbox.h"

G_BEGIN_DECLS

/* The processes of steps, in the main thread. It is told about every TaskRun as it was committed and brings processes
 * in line: starts the step that is due, kills what is not wanted any more, stores how steps ended.
 *
 *  (1) spawn (the process waits) → commit of its row → release. Nothing of a step runs before its row is stored.
 *  (2) A TaskRun has one process at a time, also when an attempt that was given up has not ended yet.
 *  (3) At most a fixed number of steps run at once; the others wait in the order they came, and say so. */

typedef struct _ChdStepRunner ChdStepRunner;

typedef void (*ChdStepRunnerFunc) (gpointer user_data);

/* @changed: called when the number of steps under way has changed */
ChdStepRunner *chd_step_runner_new (ChdObjectStore *store,
                                    ChdEngineClock *clock,
                                    ChdImageStore *images,
                                    ChdSandbox *sandbox,
                                    const char *folder,
                                    ChdStepRunnerFunc changed,
                                    gpointer user_data);
/* Lets processes run on. */
void chd_step_runner_free (ChdStepRunner *self);

/* Takes over what an earlier engine has started. */
void chd_step_runner_adopt (ChdStepRunner *self);
void chd_step_runner_consider (ChdStepRunner *self, JsonObject *run);
/* The TaskRun is no more. */
void chd_step_runner_forget (ChdStepRunner *self, const char *uid);

guint chd_step_runner_get_n_steps (ChdStepRunner *self);
/* Whether there is something under way for the TaskRun that will go on by itself. */
gboolean chd_step_runner_has (ChdStepRunner *self, const char *uid);

G_END_DECLS
