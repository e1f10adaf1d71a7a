/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Private to service: whether an object on the engine is what we want it to be. Engines add defaults and write values
 * in forms of their own (tekton-api.md section 2), so it is asked whether all that we say is there, not whether
 * nothing else is: each member of @wanted is in @live, lists have the same length, durations the same value. Labels and
 * annotations of others may stand beside ours. */
gboolean chd_covers (JsonObject *live, JsonObject *wanted);

G_END_DECLS
