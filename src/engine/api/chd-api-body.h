/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

/* Reading the bodies of requests. Everything passes the strict scan (chd-json.h) first. */

/* @strict: duplicate keys are refused. Returns: (transfer full) (nullable): the object, in JSON, YAML or protobuf */
JsonObject *chd_api_body_object (ChdApiRequest *request, gboolean strict, GError **error);
/* A merge patch, a strategic patch or an apply configuration: an object. */
JsonNode *chd_api_body_patch (ChdApiRequest *request, gboolean yaml, GError **error);
/* A JSON patch: an array. */
JsonNode *chd_api_body_operations (ChdApiRequest *request, GError **error);
/* DeleteOptions; none is an empty object. (transfer full) */
JsonObject *chd_api_body_options (ChdApiRequest *request, GError **error);

G_END_DECLS
