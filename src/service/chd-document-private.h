/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-document.h"
#include "chd-drafts.h"

G_BEGIN_DECLS

/* @base, @draft_id: (nullable) (transfer full) */
ChdDocument *chd_document_new_for_file (ChdChain *chain, ChdStore *store, GFile *file, char *base, char *draft_id);

G_END_DECLS
