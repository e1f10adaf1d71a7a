/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-plan.h"

G_BEGIN_DECLS

/* What the files of the plan share. Arrays hold indexes of the plan's tasks. */

ChdPlanTask *chd_plan_get_task (const ChdPlan *self, guint index);
char *chd_plan_fit_name (char *name);

void chd_plan_add_index (GArray *array, guint value); /* once */
void chd_plan_find_dependencies (const ChdPlan *self, ChdPlanTask *task);
void chd_plan_find_ends (const ChdPlan *self, guint start, GArray *first, GArray *last);
void chd_plan_join (ChdPlan *self, GArray *tasks, GArray *waits_for);
void chd_plan_advance (const ChdPlan *self, guint start, GArray *last);
gboolean chd_plan_depends_on (const ChdPlan *self, guint task, guint other);

G_END_DECLS
