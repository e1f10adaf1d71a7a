/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-node-state.h"

G_BEGIN_DECLS

typedef struct
{
  double red, green, blue, alpha;
} ChdColor;

/* How a card's edge is drawn in a state; see ux-guide.md, 5.1. */
typedef enum
{
  CHD_EDGE_SOLID,
  CHD_EDGE_DOTTED,
  CHD_EDGE_DASHED,
  CHD_EDGE_DOUBLE,
} ChdEdge;

/* The colours of a drawing. Everything derives from three of them, so that it follows the desktop's style. */
typedef struct
{
  gboolean dark;
  ChdColor background, text, accent;
  ChdColor dim;  /* text of second rank, still readable on the deepest lane */
  ChdColor lane; /* laid over what is below once a depth */
  ChdColor lane_border;
  ChdColor card;
  ChdColor card_border;
  ChdColor shadow;
  ChdColor link;
  ChdColor wrong; /* what is refused */
  ChdColor states[CHD_N_NODE_STATES];
} ChdPalette;

void chd_palette_init (ChdPalette *palette, gboolean dark);
/* From the colours of a widget. */
void chd_palette_init_from (ChdPalette *palette, ChdColor background, ChdColor text, ChdColor accent);
ChdColor chd_color_mix (ChdColor a, ChdColor b, double share_of_b);
ChdColor chd_color_fade (ChdColor color, double alpha);
double chd_color_contrast (ChdColor a, ChdColor b);

ChdColor chd_palette_get_card_fill (const ChdPalette *palette, ChdNodeState state);
ChdEdge chd_node_state_get_edge (ChdNodeState state, double *width);
gboolean chd_node_state_has_flag (ChdNodeState state); /* a filled corner */

G_END_DECLS
