/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-admission.h"
#include "chd-field-errors.h"

G_BEGIN_DECLS

/* Parts of admission, for chd-admission.c, the controllers (which make objects without asking the door) and tests. */

/* Fills in what Tekton's defaulting webhook fills in. @object may be changed. */
void chd_admission_set_defaults (ChdKubeType type, JsonObject *object);
void chd_admission_default_task_spec (JsonObject *spec);
void chd_admission_default_pipeline_spec (JsonObject *spec);

/* The types of known members as Go's decoder checks them. (transfer full) (nullable): its complaint */
char *chd_admission_check_types (ChdKubeType type, JsonObject *object);

/* @path: of the spec itself, "spec" or "spec.pipelineSpec" */
void chd_validate_task_spec (JsonObject *spec, const char *path, ChdFieldErrors *errors);
void chd_validate_pipeline_spec (JsonObject *spec, const char *path, gboolean embedded, ChdFieldErrors *errors);
void chd_validate_pipeline_run_spec (JsonObject *spec, ChdFieldErrors *errors);
void chd_validate_task_run_spec (JsonObject *spec, ChdFieldErrors *errors);
void chd_validate_custom_run_spec (JsonObject *spec, ChdFieldErrors *errors);
/* The approval gate's webhook: (transfer full) (nullable): why it refuses, and whether as a structural error */
char *chd_validate_approval (JsonObject *object, JsonObject *before, const ChdUser *user, gboolean *structural);

/* Pieces that several of them use. */
void chd_validate_param_specs (JsonArray *params, const char *path, ChdFieldErrors *errors);
void chd_validate_run_params (JsonArray *params, const char *path, ChdFieldErrors *errors);
void chd_validate_workspace_bindings (JsonArray *workspaces, const char *path, ChdFieldErrors *errors);

G_END_DECLS
