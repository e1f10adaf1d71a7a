/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define CHD_API_MAX_OPERATIONS 10000

/* Patches without regard to what is patched. Neither changes its arguments; results share nothing with them. */

/* RFC 7396. (transfer full) */
JsonObject *chd_api_merge_patch (JsonObject *object, JsonObject *patch);
/* RFC 6902, with the API server's leniencies (kubernetes-api.md section 7). (transfer full) */
JsonNode *chd_api_json_patch (JsonObject *object, JsonArray *operations, GError **error);
/* A strategic merge patch of a built-in kind: a merge patch, but finalizers and owners are joined. Directives
 * ("$patch" and the like) are refused. (transfer full) */
JsonObject *chd_api_strategic_patch (JsonObject *object, JsonObject *patch, GError **error);

G_END_DECLS
