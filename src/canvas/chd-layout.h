/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"
#include "chd-geometry.h"

G_BEGIN_DECLS

/* Layered layout from left to right inside the organisation's lanes: what comes later stands further to the right,
 * cards do not overlap, few links cross. Deterministic; circles are laid out as if their closing link were absent. */

/* Returns: (transfer full): the centre of each node, in document order */
ChdPoint *chd_layout_run (ChdChain *chain);

/* Moves the nodes there, as one step "Tidy Up". Returns: whether anything moved (without that there is no step) */
gboolean chd_layout_apply (ChdChain *chain);

G_END_DECLS
