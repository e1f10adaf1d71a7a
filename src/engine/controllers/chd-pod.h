/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run.h"

G_BEGIN_DECLS

/* The virtual Pod of a TaskRun's attempt: no machine knows it, but kubectl, tkn and log followers find the steps as
 * its containers. Stores it as @run's status tells, in the same transaction. */
void chd_pod_store (ChdReconcile *self, JsonObject *run);

G_END_DECLS
