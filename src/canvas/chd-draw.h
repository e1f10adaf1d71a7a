/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-painter.h"
#include "chd-scene.h"

G_BEGIN_DECLS

/* The parts of a drawing, in scene coordinates, with any painter. */

void chd_draw_lane_frame (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane);
void chd_draw_lane_title (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane);
/* Larger, to be read from far. */
void chd_draw_far_lane_title (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane);
void chd_draw_link (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint link);
void chd_draw_link_label (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint link);
void chd_draw_card (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint node);
/* A card as it is recognised from far: its icon and its title in large letters. */
void chd_draw_far_card (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint node);
/* The line and the arrow head of any way. */
void chd_draw_way (ChdPainter *painter, const ChdPoint *points, guint n_points, double width, const ChdColor *color);
void chd_draw_scene (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene);

/* Where parts are. */
#define CHD_CARD_RADIUS 12.0
#define CHD_LANE_RADIUS 12.0
#define CHD_CARD_TEXT_X 46.0
#define CHD_CARD_TITLE_Y 26.0

G_END_DECLS
