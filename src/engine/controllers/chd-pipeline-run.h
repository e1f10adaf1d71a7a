/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"

G_BEGIN_DECLS

/* One look at a PipelineRun: starts what may start, stops what must stop, writes down where it stands. All of it is
 * part of the transaction. */
void chd_pipeline_run_reconcile (ChdReconcile *self, const char *namespace_, const char *name);

G_END_DECLS
