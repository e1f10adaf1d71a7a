/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-node-state.h"

G_BEGIN_DECLS

#define CHD_ICON_SIZE 24.0 /* the square in which the shapes are drawn */

/* Small pictures as shapes, so that every kind of output draws the same ones without an icon theme. */
typedef enum
{
  CHD_ICON_PAINT_FILL,
  CHD_ICON_PAINT_STROKE, /* 2 wide, round ends */
  CHD_ICON_PAINT_THIN,   /* 1.5 wide, round ends */
  CHD_ICON_PAINT_DOTTED, /* 2 wide, dots */
  CHD_ICON_PAINT_FAINT,  /* as STROKE at a third of the strength */
  CHD_ICON_PAINT_CUT,    /* a stroke in the colour below the icon */
  CHD_ICON_PAINT_ERASE,  /* a fill in that colour */
} ChdIconPaint;

/* Receives the path of a shape, then how it is painted. Angles in degrees, clockwise from three o'clock. */
typedef struct
{
  void (*move) (gpointer data, double x, double y);
  void (*line) (gpointer data, double x, double y);
  void (*arc) (gpointer data, double x, double y, double radius, double from, double to);
  void (*close) (gpointer data);
  void (*paint) (gpointer data, ChdIconPaint paint);
} ChdIconSink;

typedef enum
{
  CHD_ICON_PIPELINE = CHD_N_NODE_STATES,
  CHD_ICON_TASK,
  CHD_ICON_THEN,
  CHD_ICON_TOGETHER,
} ChdIcon; /* or a ChdNodeState */
#define CHD_N_ICONS (CHD_ICON_TOGETHER + 1)

void chd_icon_draw (guint icon, const ChdIconSink *sink, gpointer data);

G_END_DECLS
