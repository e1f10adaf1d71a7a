/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-step-plan.h"

G_BEGIN_DECLS

/* The environment of a step by Kubernetes' rules. @env is a list of name, value, name, value …; a name that comes again
 * replaces the value before. */

/* Adds envFrom and env of a container. Returns: FALSE when something it refers to is not there. */
gboolean chd_step_env_add (GPtrArray *env,
                           JsonObject *run,
                           JsonObject *container,
                           ChdFindConfigMapFunc find,
                           gpointer user_data,
                           GError **error);
/* "$(NAME)" becomes the value, "$$(NAME)" becomes "$(NAME)"; unknown names stay. (transfer full) */
char *chd_step_env_expand (GPtrArray *env, const char *text);

G_END_DECLS
