/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"

G_BEGIN_DECLS

/* Private to the run. */

/* Watches at once. @run: the PipelineRun as the engine has it */
ChdRun *chd_run_new (ChdSession *session, ChdChain *chain, ChdCatalogue *catalogue, JsonObject *run);

/* (nullable): the PipelineRun as it was last seen. */
JsonObject *chd_run_get_object (ChdRun *self);

G_END_DECLS
