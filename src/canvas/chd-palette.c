/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Colours and edges. No state is told by colour alone: each has its own icon (chd-icon.c), its word, and an edge. */

#include "config.h"

#include "chd-palette.h"

#include <math.h>

#define RGB(hex)                                                                                                       \
  {                                                                                                                    \
    ((hex) >> 16 & 0xff) / 255.0, ((hex) >> 8 & 0xff) / 255.0, ((hex) &0xff) / 255.0, 1                                \
  }

/* Which of the few colours of states; 0 stands for text, 1 for dim. */
enum
{
  TEXT,
  DIM,
  BLUE,
  PURPLE,
  GREEN,
  RED,
  AMBER,
};

static const ChdColor state_colors[2][AMBER + 1] = {
  { { 0 }, { 0 }, RGB (0x1c71d8), RGB (0x813d9c), RGB (0x1b8553), RGB (0xc01c28), RGB (0x905400) },
  { { 0 }, { 0 }, RGB (0x78aeed), RGB (0xdc8add), RGB (0x8ff0a4), RGB (0xff7b63), RGB (0xf8e45c) },
};

static const struct
{
  guint color;
  ChdEdge edge;
  double width;
  double fill; /* how much of the colour lies over the card */
} looks[CHD_N_NODE_STATES] = {
  [CHD_NODE_DRAFT] = { TEXT, CHD_EDGE_DOTTED, 1.5, 0 },
  [CHD_NODE_PLANNED] = { TEXT, CHD_EDGE_SOLID, 1, 0 },
  [CHD_NODE_UPLOADING] = { BLUE, CHD_EDGE_SOLID, 2, 0.06 },
  [CHD_NODE_CREATING] = { BLUE, CHD_EDGE_SOLID, 2, 0.06 },
  [CHD_NODE_CREATED] = { TEXT, CHD_EDGE_SOLID, 1.5, 0 },
  [CHD_NODE_CREATE_FAILED] = { RED, CHD_EDGE_SOLID, 3, 0.08 },
  [CHD_NODE_CONFLICT] = { AMBER, CHD_EDGE_DASHED, 2.5, 0.08 },
  [CHD_NODE_WAITING] = { DIM, CHD_EDGE_SOLID, 1, 0 },
  [CHD_NODE_PROCESSING] = { BLUE, CHD_EDGE_SOLID, 3, 0.10 },
  [CHD_NODE_AWAITING_APPROVAL] = { PURPLE, CHD_EDGE_DOUBLE, 1.5, 0.10 },
  [CHD_NODE_SUCCEEDED] = { GREEN, CHD_EDGE_SOLID, 1.5, 0.07 },
  [CHD_NODE_FAILED] = { RED, CHD_EDGE_SOLID, 3, 0.08 },
  [CHD_NODE_TIMED_OUT] = { AMBER, CHD_EDGE_DASHED, 3, 0.08 },
  [CHD_NODE_REJECTED] = { RED, CHD_EDGE_DOUBLE, 1.5, 0.08 },
  [CHD_NODE_SKIPPED] = { DIM, CHD_EDGE_DASHED, 1.5, 0 },
  [CHD_NODE_CANCELLED] = { TEXT, CHD_EDGE_DASHED, 1.5, 0 },
};

ChdColor
chd_color_mix (ChdColor a, ChdColor b, double share_of_b)
{
  return (ChdColor){ a.red + (b.red - a.red) * share_of_b, a.green + (b.green - a.green) * share_of_b,
                     a.blue + (b.blue - a.blue) * share_of_b, a.alpha + (b.alpha - a.alpha) * share_of_b };
}

ChdColor
chd_color_fade (ChdColor color, double alpha)
{
  color.alpha *= alpha;
  return color;
}

static double
channel_light (double value)
{
  return value <= 0.04045 ? value / 12.92 : pow ((value + 0.055) / 1.055, 2.4);
}

static double
color_light (ChdColor color)
{
  return 0.2126 * channel_light (color.red) + 0.7152 * channel_light (color.green) +
         0.0722 * channel_light (color.blue);
}

/* By the rule of WCAG 2: from 1 to 21. */
double
chd_color_contrast (ChdColor a, ChdColor b)
{
  double first = color_light (a), second = color_light (b);

  return (MAX (first, second) + 0.05) / (MIN (first, second) + 0.05);
}

void
chd_palette_init_from (ChdPalette *palette, ChdColor background, ChdColor text, ChdColor accent)
{
  const ChdColor white = RGB (0xffffff), black = RGB (0x000000);

  /* The text of a style may be translucent; drawings need it plain. */
  text = chd_color_mix (background, text, text.alpha);
  text.alpha = background.alpha = 1;
  palette->dark = color_light (background) < color_light (text);
  palette->background = background;
  palette->text = text;
  /* What marks the selection has to be seen on any background (3:1 for graphics). */
  for (guint i = 0; i < 10 && chd_color_contrast (accent, background) < 3; i++)
    accent = chd_color_mix (accent, text, 0.15);
  palette->accent = accent;
  palette->dim = chd_color_mix (text, background, palette->dark ? 0.28 : 0.25);
  palette->lane = chd_color_fade (palette->dark ? white : black, 0.022);
  palette->lane_border = chd_color_fade (palette->dark ? white : black, 0.12);
  palette->card = palette->dark ? chd_color_mix (background, white, 0.12) : chd_color_mix (background, white, 1);
  palette->card_border = chd_color_mix (palette->card, text, 0.35);
  palette->shadow = chd_color_fade (black, palette->dark ? 0.25 : 0.08);
  palette->link = chd_color_mix (text, background, palette->dark ? 0.35 : 0.40);
  palette->wrong = state_colors[palette->dark ? 1 : 0][RED];
  for (guint i = 0; i < CHD_N_NODE_STATES; i++)
    {
      const ChdColor *colors = state_colors[palette->dark ? 1 : 0];

      palette->states[i] = looks[i].color == TEXT  ? palette->text
                           : looks[i].color == DIM ? palette->dim
                                                   : colors[looks[i].color];
      /* A little of the text's colour keeps them readable on their own tint, whatever the style's colours are. */
      for (guint j = 0; j < 12; j++)
        if (chd_color_contrast (palette->states[i], chd_palette_get_card_fill (palette, i)) < 4.6)
          palette->states[i] = chd_color_mix (palette->states[i], text, 0.08);
    }
}

void
chd_palette_init (ChdPalette *palette, gboolean dark)
{
  const ChdColor light_colors[] = { RGB (0xfafafa), RGB (0x323232), RGB (0x3584e4) };
  const ChdColor dark_colors[] = { RGB (0x1e1e1e), RGB (0xffffff), RGB (0x3584e4) };
  const ChdColor *colors = dark ? dark_colors : light_colors;

  chd_palette_init_from (palette, colors[0], colors[1], colors[2]);
}

ChdColor
chd_palette_get_card_fill (const ChdPalette *palette, ChdNodeState state)
{
  /* A light colour on a dark card needs less to be seen. */
  return chd_color_mix (palette->card, palette->states[state], looks[state].fill * (palette->dark ? 0.8 : 1));
}

ChdEdge
chd_node_state_get_edge (ChdNodeState state, double *width)
{
  *width = looks[state].width;
  return looks[state].edge;
}

gboolean
chd_node_state_has_flag (ChdNodeState state)
{
  return state == CHD_NODE_FAILED || state == CHD_NODE_CREATE_FAILED;
}
