/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-step-plan.h"

G_BEGIN_DECLS

/* The files of steps on disk. What scripts may write into is read without trusting it: no link is followed, nothing
 * but regular files is opened, and only so much of them. Blocking; for worker threads. */

/* Makes the folders and files of a plan. */
gboolean chd_step_files_make (ChdStepPlan *plan, GError **error);
/* Reads results. @names, @values: (out) (transfer full): those that are there. Returns: (nullable): why they cannot be
 * taken */
char *chd_step_files_read_results (GPtrArray *results, char ***names, char ***values);
/* Where a bind of the plan is on this machine. (transfer full) */
char *chd_step_files_bind_path (const ChdPlanBind *bind);
/* Removes a folder with all that is in it, following no link. */
void chd_step_files_remove (const char *path);

G_END_DECLS
