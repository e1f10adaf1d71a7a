/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"

G_BEGIN_DECLS

ChdChain *chd_chain_read (const char *data, gsize length, GError **error);

G_END_DECLS
