/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-variables.h"

G_BEGIN_DECLS

/* Params of a run against what its pipeline or task declares. */

typedef enum
{
  CHD_PARAMS_FINE,
  CHD_PARAMS_MISSING,
  CHD_PARAMS_WRONG_TYPE,
  CHD_PARAMS_MISSING_KEYS,
} ChdParamsProblem;

/* @names: (out) (transfer full): which, as Go prints a list: "[a b]" */
ChdParamsProblem chd_run_params_check (JsonArray *declared, JsonArray *given, char **names);
/* Sets "params.<name>" for each: given, else by default; an object's missing keys come from its default. What is given
 * without being declared is set too when @undeclared (an embedded spec sees the params of its run). */
void chd_run_params_apply (ChdVariables *variables, JsonArray *declared, JsonArray *given, gboolean undeclared);
/* Uses of an element that an array does not have: (transfer full) (nullable): "[$(params.a[3])]" */
char *chd_run_params_check_indices (ChdVariables *variables, JsonNode *node);

JsonObject *chd_run_params_find (JsonArray *params, const char *name); /* (nullable) */

G_END_DECLS
