/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "chd-item.h"

G_BEGIN_DECLS

/* What a screen reader sees of a card or a lane: a child of the canvas that has a place and a name and draws nothing
 * (in GTK 4.8 nothing painted is visible to assistive tools). */
#define CHD_TYPE_CANVAS_PROXY (chd_canvas_proxy_get_type ())
G_DECLARE_FINAL_TYPE (ChdCanvasProxy, chd_canvas_proxy, CHD, CANVAS_PROXY, GtkWidget)

GtkWidget *chd_canvas_proxy_new (ChdItemKind kind);
ChdItemKind chd_canvas_proxy_get_kind (ChdCanvasProxy *self);
const char *chd_canvas_proxy_get_id (ChdCanvasProxy *self); /* (nullable): of what it stands for */
void chd_canvas_proxy_set_id (ChdCanvasProxy *self, const char *id);
/* Tells only what has changed. @description: (nullable) */
void chd_canvas_proxy_describe (ChdCanvasProxy *self, const char *name, const char *description, gboolean selected);
const char *chd_canvas_proxy_get_name (ChdCanvasProxy *self); /* (nullable) */

G_END_DECLS
