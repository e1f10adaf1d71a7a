/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"

G_BEGIN_DECLS

/* One look at a CustomRun. Those that ask for an approval get their ApprovalTask and end as it is answered, which is
 * the manual approval gate's work; others wait for a controller of somebody else, or for their timeout. */
void chd_custom_run_reconcile (ChdReconcile *self, const char *namespace_, const char *name);

gboolean chd_custom_run_is_approval (JsonObject *run);

G_END_DECLS
