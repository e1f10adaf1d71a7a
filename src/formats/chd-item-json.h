/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-item.h"

G_BEGIN_DECLS

/* Single items as the document holds them; the head without what the other items are, but with the organisation's
 * title. For the clipboard and for drafts. */
JsonObject *chd_item_to_json (const ChdItem *item);
ChdItem *chd_item_from_json (ChdItemKind kind, JsonObject *object, GError **error);

G_END_DECLS
