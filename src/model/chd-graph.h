/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"

G_BEGIN_DECLS

/* Private to model: the nodes and links of a chain as numbers, for questions that walk through all of it. Links to
 * nowhere and from a node to itself are left out. Does not follow changes of the chain. */
typedef struct
{
  guint n;
  guint *first;   /* n + 1: where in `targets` the links of a node begin */
  guint *targets; /* indexes of nodes */
  guint *rank;    /* per node: its place in an order in which links point forward; G_MAXUINT on or behind a circle */
  guint n_ranked;
} ChdGraph;

ChdGraph *chd_graph_new (ChdChain *chain);
void chd_graph_free (ChdGraph *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdGraph, chd_graph_free)

GPtrArray *chd_graph_list_circles (const ChdGraph *self);
void chd_graph_mark_reached (const ChdGraph *self, guint from, guint last_rank, guint *marks, guint mark);

G_END_DECLS
