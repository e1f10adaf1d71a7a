/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"

G_BEGIN_DECLS

/* A part of a chain (chd-fragment.h) as the text that travels through the clipboard: a chain document. */
char *chd_fragment_to_text (ChdChain *fragment);
/* (transfer full): NULL with an error when the text is no chain document, or one without nodes. */
ChdChain *chd_fragment_from_text (const char *text, GError **error);

G_END_DECLS
