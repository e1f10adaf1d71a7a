/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"

G_BEGIN_DECLS

char *chd_chain_write (ChdChain *chain, gsize *length);

G_END_DECLS
