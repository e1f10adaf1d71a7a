/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"

G_BEGIN_DECLS

/* Puts status.pipelineSpec of a PipelineRun together: finds the pipeline, checks what was given against what it asks
 * for, puts in what is known at the start. @run may be changed.
 *
 * Returns: whether the run can go on; otherwise its condition says why not. */
gboolean chd_pipeline_prepare (ChdReconcile *self, JsonObject *run);

G_END_DECLS
