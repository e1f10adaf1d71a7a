/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-error.h"
#include "chd-api-write.h"

G_BEGIN_DECLS

/* What fields an object may have. */

extern const char *const chd_api_schema_structs[];

/**
 * chd_api_schema_check:
 * @object: loses the fields nobody knows, and those that are null
 * @patch: whether the object came of a patch (the refusal has another form then)
 * @warnings: (element-type utf8): gets one text for each unknown field, when @validation says so
 *
 * Errors: with strict validation 400 (422 for patches), naming the unknown fields.
 */
gboolean chd_api_schema_check (const ChdApiResource *resource,
                               JsonObject *object,
                               ChdApiValidation validation,
                               gboolean patch,
                               GPtrArray *warnings,
                               GError **error);
/* Wrong types: 422, as the check of a custom resource's schema. */
gboolean chd_api_schema_check_types (const ChdApiResource *resource, JsonObject *object, GError **error);
/* What server-side apply says to an unknown field or a wrong type: 500. */
gboolean
chd_api_schema_check_applied (const ChdApiResource *resource, JsonObject *applied, const char *name, GError **error);
/* The kind as an OpenAPI schema, for "kubectl explain". (transfer full) */
JsonObject *chd_api_schema_to_openapi (const ChdApiResource *resource);

G_END_DECLS
