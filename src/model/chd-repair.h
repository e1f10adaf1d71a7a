/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-validate.h"

G_BEGIN_DECLS

/* Repairs that need no decision. */

/* What a button says that does it: "Remove the link". Returns: (transfer full) (nullable): NULL when a person has to
 * decide */
char *chd_repair_dup_label (const ChdProblem *problem);
/* As one step. Returns: whether anything was done; the chain may have changed since it was looked at */
gboolean chd_repair_apply (ChdChain *chain, const ChdProblem *problem);

G_END_DECLS
