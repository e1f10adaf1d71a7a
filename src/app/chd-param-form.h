/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-workspace.h"

G_BEGIN_DECLS

/* A form generated from declared params: a row a param, by its type, choices and widget hint (ux-guide 3.1), checked
 * while typing; silent until a field was left or confirmed.
 *
 * Properties: "values" (GVariant a{sv}: only what differs from the defaults), "valid" (boolean).
 * Signal: "changed" (). */
#define CHD_TYPE_PARAM_FORM (chd_param_form_get_type ())
G_DECLARE_FINAL_TYPE (ChdParamForm, chd_param_form, CHD, PARAM_FORM, AdwBin)

/* @node: (nullable): whose upstream results may be referred to */
GtkWidget *chd_param_form_new (ChdWorkspace *workspace, const char *node);
/* @params: (element-type ChdParam); @values: a{sv} */
void chd_param_form_set_params (ChdParamForm *self, GPtrArray *params, GVariant *values);
GVariant *chd_param_form_dup_values (ChdParamForm *self);
/* Shows what is wrong everywhere and focuses the first fault; whether nothing was. */
gboolean chd_param_form_confirm (ChdParamForm *self);

G_END_DECLS
