/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

void chd_api_get (ChdApiRequest *request);
void chd_api_list (ChdApiRequest *request);
/* "<Kind>List" of @objects, as the answer to a list or to the deletion of a collection. (transfer full) */
JsonObject *chd_api_list_new (ChdApiRequest *request,
                              GPtrArray *objects,
                              const char *resource_version,
                              const char *continuation,
                              gint64 remaining);

/* The version a query names. Returns: %FALSE with @error when it is no number (@code: 400 for lists, 500 for watches)
 */
gboolean chd_api_parse_version (const char *text, guint code, guint64 *version, GError **error);

G_END_DECLS
