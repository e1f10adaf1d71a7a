/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"
#include "chd-step-process.h"

G_BEGIN_DECLS

/* The life of a TaskRun as transactions. Which step is due follows from the stored status alone: the first one that
 * is not terminated; it has started when there is a row for it in "_steps".
 *
 *  (1) chd_task_run_step_started() stores the row; only when that was committed may the step be released.
 *  (2) chd_task_run_step_ended() stores the end and takes the row away, both at once. */

/* The place of a step's row: "<uid>.<attempt>.<index>". (transfer full) */
char *chd_step_row_name (const char *uid, guint attempt, guint index);

/* The step that is due: its index; -1 when the run does not wait for one (not prepared, or ended). */
int chd_task_run_get_due_step (JsonObject *run);

void chd_task_run_reconcile (ChdReconcile *self, const char *namespace_, const char *name);

typedef struct
{
  char *namespace_;
  char *run;
  char *uid;
  guint attempt;
  guint index;
} ChdStepKey;

void chd_step_key_clear (ChdStepKey *self);
void chd_step_key_init (ChdStepKey *self, JsonObject *run, guint index);
gboolean chd_step_key_init_from_row (ChdStepKey *self, JsonObject *row);

/* The process that waits at its gate. */
typedef struct
{
  GPid pid;
  guint64 start_time;
  const char *boot_id;
  const char *record_path;
  const char *image_id;
} ChdStepRow;

/* Returns: FALSE when the step is not wanted any more. */
gboolean chd_task_run_step_started (ChdReconcile *self, const ChdStepKey *key, const ChdStepRow *row);

/* What a step has left behind. */
typedef struct
{
  ChdStepExit exit;  /* message is borrowed */
  gboolean adopted;  /* by an engine that did not start it */
  gboolean released; /* by this engine, so it did begin */
  char **names;      /* of the task's results that are there, and of the step's own, which begin with '/' */
  char **values;     /* the same length */
  char *problem;     /* (nullable) why they cannot be taken */
} ChdStepOutcome;

void chd_task_run_step_ended (ChdReconcile *self, const ChdStepKey *key, const ChdStepOutcome *outcome);

/* Why a step does not start, for people. Does not end anything. */
void chd_task_run_step_waits (ChdReconcile *self,
                              const ChdStepKey *key,
                              const char *reason,
                              const char *message,
                              const char *waiting_reason,
                              const char *waiting_message);
/* It cannot start: the run fails. */
void chd_task_run_step_refused (ChdReconcile *self, const ChdStepKey *key, const char *reason, const char *message);

G_END_DECLS
