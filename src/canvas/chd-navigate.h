/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-scene.h"

G_BEGIN_DECLS

/* Where the keyboard goes from a node (ux-guide.md, 2.1). */
typedef enum
{
  CHD_GO_LEFT,
  CHD_GO_RIGHT,
  CHD_GO_UP,
  CHD_GO_DOWN,
  CHD_GO_PREVIOUS, /* in execution order */
  CHD_GO_NEXT,
  CHD_GO_FIRST,
  CHD_GO_LAST,
} ChdGo;

/* @from: CHD_NO_INDEX for the start of the chain. Returns: CHD_NO_INDEX when there is nothing that way */
guint chd_scene_go (ChdScene *scene, guint from, ChdGo go);

G_END_DECLS
