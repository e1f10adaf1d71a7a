/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-grid.h"
#include "chd-scene.h"

G_BEGIN_DECLS

/* The ways of links: orthogonal, out of the right end of a card and into the left end of the next one. */

#define CHD_ROUTE_STUB 16.0 /* how far a link goes straight on at its ends */
#define CHD_ROUTE_MAX_POINTS 6

/* The plain way between two ports that avoids no cards. Returns: the number of points */
guint chd_route_plain (ChdPoint from, ChdPoint to, ChdPoint points[CHD_ROUTE_MAX_POINTS]);

/* Sets the points of all links whose two ends exist, around the cards. @cards: the grid of the nodes' cards. */
void chd_route_all (const ChdSceneNode *nodes, guint n_nodes, ChdSceneLink *links, guint n_links, ChdGrid *cards);

G_END_DECLS
