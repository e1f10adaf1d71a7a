/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-resource.h"

G_BEGIN_DECLS

/* Objects as a meta.k8s.io Table, which kubectl prints as it is (kubernetes-api.md section 5). */

/**
 * chd_api_table_new:
 * @objects: (element-type JsonObject):
 * @version: of meta.k8s.io
 * @include: (nullable): "None", "Metadata" or "Object"
 * @resource_version: (nullable):
 * @continuation: (nullable):
 * @remaining: -1 = not said
 */
JsonObject *chd_api_table_new (const ChdApiResource *resource,
                               GPtrArray *objects,
                               const char *version,
                               const char *include,
                               const char *resource_version,
                               const char *continuation,
                               gint64 remaining);
JsonObject *chd_api_table_metadata_of (JsonObject *object, const char *version);

G_END_DECLS
