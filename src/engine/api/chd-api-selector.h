/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-resource.h"

G_BEGIN_DECLS

/* Which objects a list or watch is about: labels and fields (kubernetes-api.md section 8). */
typedef struct _ChdApiSelector ChdApiSelector;

/* @labels, @fields: (nullable): as in the query. Errors are 400 in the API server's words. */
ChdApiSelector *
chd_api_selector_new (const ChdApiResource *resource, const char *labels, const char *fields, GError **error);
void chd_api_selector_free (ChdApiSelector *self);
gboolean chd_api_selector_is_empty (ChdApiSelector *self);
gboolean chd_api_selector_matches (ChdApiSelector *self, JsonObject *object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdApiSelector, chd_api_selector_free)

G_END_DECLS
