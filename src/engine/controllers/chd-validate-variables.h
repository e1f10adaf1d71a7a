/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "chd-field-errors.h"

G_BEGIN_DECLS

/* Whether the variables that a task or a pipeline uses exist and have the type their place needs. */

/* Go's %q. (transfer full) */
char *chd_go_quote (const char *text);

/* In every TaskSpec: "results." and "context." */
void chd_validate_task_variables (JsonObject *spec, const char *path, ChdFieldErrors *errors);
/* In a Task, which sees no params but its own. */
void chd_validate_task_usage (JsonObject *spec, const char *path, ChdFieldErrors *errors);
/* In the same way in a Pipeline's tasks or finally tasks; @list: "tasks" or "finally". */
void chd_validate_pipeline_usage (JsonObject *spec, const char *list, const char *path, ChdFieldErrors *errors);
void chd_validate_pipeline_context (JsonObject *spec, const char *list, const char *path, ChdFieldErrors *errors);

G_END_DECLS
