/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Server-side apply and the bookkeeping of who set which field (kubernetes-api.md section 7). Pure. */

typedef struct
{
  const char *manager;
  const char *api_version;
  const char *time; /* RFC 3339, for entries that change */
  gboolean force;   /* take fields over from other managers */
  gboolean status;  /* through the status subresource */
} ChdApiManager;

/**
 * chd_api_apply:
 * @live: (nullable): what is stored
 * @applied: the whole intent of this manager
 *
 * Errors: 409 with one cause a field when another manager set it to something else.
 *
 * Returns: (transfer full): the object as it is to be stored, with managedFields; it shares nothing with the arguments
 */
JsonObject *chd_api_apply (JsonObject *live, JsonObject *applied, const ChdApiManager *manager, GError **error);

/**
 * chd_api_track_update:
 * @before: (nullable): what was stored
 * @after: (inout): what is to be stored; its managedFields are set
 *
 * What any other write does to managedFields: the writer owns what it changed, and takes it from everybody else.
 */
void chd_api_track_update (JsonObject *before, JsonObject *after, const ChdApiManager *manager);

G_END_DECLS
