/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * chd_api_protobuf_decode:
 *
 * The few messages that kubectl sends in protobuf (kubernetes-api.md section 3.3): namespaces, ConfigMaps, service
 * accounts, the three reviews, options of deletions.
 *
 * Errors: 400 for what is broken, 415 for other kinds.
 *
 * Returns: (transfer full): the object as its JSON would be
 */
JsonObject *chd_api_protobuf_decode (const guint8 *data, gsize length, GError **error);

G_END_DECLS
