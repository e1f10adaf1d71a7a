/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"

G_BEGIN_DECLS

/* Private to model. @after: (transfer full) */
void chd_chain_change (ChdChain *self, ChdItemKind kind, guint index, const ChdItem *before, ChdItem *after);

G_END_DECLS
