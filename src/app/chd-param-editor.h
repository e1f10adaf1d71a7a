/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* The widget in which one param's value is entered, by its type, choices and hint. A text, a list or an object may
 * hold references ("$(params.amount)", "$(nodes.check.results.decision)") that are picked or typed.
 *
 * Signals: "changed" () at every edit, "left" () when the focus leaves it. */
#define CHD_TYPE_PARAM_EDITOR (chd_param_editor_get_type ())
G_DECLARE_FINAL_TYPE (ChdParamEditor, chd_param_editor, CHD, PARAM_EDITOR, AdwBin)

/* @param: must stay as long as the editor. @node: (nullable): whose upstream results may be referred to */
GtkWidget *chd_param_editor_new (ChdWorkspace *workspace, const ChdParam *param, const char *node);
/* (transfer full) (nullable): %NULL when nothing is entered. */
GVariant *chd_param_editor_dup_value (ChdParamEditor *self);
void chd_param_editor_set_value (ChdParamEditor *self, GVariant *value);
/* The widget that takes the keyboard and carries the accessible label and fault. */
GtkWidget *chd_param_editor_get_control (ChdParamEditor *self);

G_END_DECLS
