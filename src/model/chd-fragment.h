/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"

G_BEGIN_DECLS

/* A part of a chain on its way to another place: a chain of its own with some nodes, the links among them, and the
 * units, scripts and environments that they name. */

/* @nodes: ids; unknown ones are passed over. (transfer full) */
ChdChain *chd_fragment_new (ChdChain *chain, const char *const *nodes);

/* Makes a fragment fit a chain: nodes get ids that are free there, with their links and references; a unit, script or
 * environment that the chain has already (units: the same id and title, else the title alone) is the chain's from now
 * on; others keep their id or get a free one. Changes the fragment only. */
void chd_fragment_adapt (ChdChain *fragment, ChdChain *chain);

/* Appends an adapted fragment's items, units only when a node needs them; as one step, named by the caller.
 * Returns: (transfer full): the ids of the nodes */
char **chd_fragment_append (ChdChain *fragment, ChdChain *chain);

/* The fragment as an outline that people read: units, their nodes, what comes after them. (transfer full) */
char *chd_fragment_describe (ChdChain *fragment);

G_END_DECLS
