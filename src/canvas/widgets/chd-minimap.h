/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-canvas.h"

G_BEGIN_DECLS

/* The whole chain in small, with the part in view marked; a click or a drag moves the view, arrow keys too. */
#define CHD_TYPE_MINIMAP (chd_minimap_get_type ())
G_DECLARE_FINAL_TYPE (ChdMinimap, chd_minimap, CHD, MINIMAP, GtkWidget)

GtkWidget *chd_minimap_new (ChdCanvas *canvas);

G_END_DECLS
