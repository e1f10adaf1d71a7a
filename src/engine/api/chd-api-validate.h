/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-error.h"
#include "chd-api-resource.h"

G_BEGIN_DECLS

/* What the API itself checks of an object; Tekton's own rules are chd_admit()'s. Pure. */

/* Wrong types in metadata (and in a ConfigMap's data): 400 in the words of Go's decoder. */
gboolean chd_api_check_types (const ChdApiResource *resource, JsonObject *object, GError **error);
/* Names, labels, annotations, owners, finalizers, a ConfigMap's keys and size: 422. */
gboolean chd_api_check_object (const ChdApiResource *resource, JsonObject *object, JsonObject *before, GError **error);

G_END_DECLS
