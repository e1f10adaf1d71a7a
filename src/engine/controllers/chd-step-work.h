/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-step-plan.h"
#include "chd-step-process.h"
#include "chd-step-runner.h"
#include "chd-task-run.h"

G_BEGIN_DECLS

/* One TaskRun that has a step to run. It goes through the stages below; every stage ends with one callback. Private to
 * the runner. */

typedef enum
{
  STAGE_QUEUED,
  STAGE_IMAGE,    /* being found or unpacked */
  STAGE_NO_IMAGE, /* waits to ask again */
  STAGE_FILES,    /* being written */
  STAGE_COMMIT,   /* the process waits for its row */
  STAGE_RUNNING,
  STAGE_RESULTS, /* being read */
  STAGE_SAVING,  /* the end is being stored */
  STAGE_REFUSED, /* why it cannot start is being stored */
} ChdStepStage;

typedef struct
{
  ChdStepRunner *runner; /* (nullable) when that is gone, or the work has come to its end */
  guint ref_count;       /* main thread only */
  ChdStepKey key;
  ChdStepStage stage;
  gboolean counted;  /* takes one of the places */
  gboolean unwanted; /* the run has ended, or goes on without this step */
  gboolean adopted;
  gboolean released;
  gboolean told;    /* that it has to wait */
  gboolean started; /* what the transaction answered */
  ChdImage *image;
  ChdStepPlan *plan;
  ChdStepProcess *process;
  GCancellable *cancellable;
  guint retry_id;
  ChdStepOutcome outcome;
  char *exit_message;
  char *reason; /* of a condition that is to be stored */
  char *message;
} ChdStepWork;

ChdStepWork *chd_step_work_new (ChdStepRunner *runner);
ChdStepWork *chd_step_work_ref (ChdStepWork *work);
void chd_step_work_unref (gpointer data);

/* Begins, when it has got a place. */
void chd_step_work_begin (ChdStepWork *work);
/* Follows the process it has. */
void chd_step_work_watch (ChdStepWork *work);
/* Stores why the run has to wait, beside whatever else it does. */
void chd_step_work_tell (ChdStepWork *work, const char *reason, const char *message);
JsonObject *chd_step_work_find_run (ChdStepWork *work); /* (nullable) */

/* What the stages use of the runner. */
struct _ChdStepRunner
{
  ChdObjectStore *store;
  ChdEngineClock *clock;
  ChdImageStore *images;
  ChdSandbox *sandbox;
  char *folder;
  GHashTable *works; /* (element-type utf8 ChdStepWork): by uid of the TaskRun */
  GQueue queue;      /* (element-type ChdStepWork): STAGE_QUEUED, borrowed */
  guint n_places;
  guint n_taken;
  ChdStepRunnerFunc changed;
  gpointer user_data;
};

/* It has come to its end; what is due now is found out from the stored run. */
void chd_step_runner_finish (ChdStepWork *work);
/* Others may have its place, until chd_step_runner_queue(). */
void chd_step_runner_give_place (ChdStepWork *work);
void chd_step_runner_queue (ChdStepWork *work);

G_END_DECLS
