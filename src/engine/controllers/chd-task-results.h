/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-variables.h"

G_BEGIN_DECLS

/* What steps hand on: results of the task and of single steps, with Tekton's limit for them. */

/* A termination message of a container may not be larger. */
#define CHD_RESULTS_MAX 4096
#define CHD_RESULTS_TOO_LARGE "Termination message is above max allowed size 4096, caused by large task result."

/* Puts results into @run's status: those of the step named by '/' and the name, the others of the task.
 * Returns: (transfer full) (nullable): them as a termination message says them */
char *chd_task_results_take (JsonObject *run, guint index, char **names, char **values);
/* How large the termination message is. */
gsize chd_task_results_size (char **names, char **values);
/* At the end of all steps: whether values have the type they were declared with. (transfer full) (nullable) */
char *chd_task_results_check (JsonObject *run);
/* "steps.<s>.results.<r>" of the steps that have ended. (transfer full) */
ChdVariables *chd_task_step_variables (JsonObject *run);

G_END_DECLS
