/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A button beside a text field that offers what its value can be taken from: params of the chain and results of nodes
 * that come before. (nullable) @node: none for values given at the start of a run, where nothing can be referred to. */
GtkWidget *chd_reference_button_new (ChdWorkspace *workspace, const char *node, GtkEditable *target, ChdParamType type);

G_END_DECLS
