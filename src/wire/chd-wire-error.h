/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "chd-error.h"

G_BEGIN_DECLS

/* How much of a foreign error text is kept beside an error. */
#define CHD_WIRE_MAX_ERROR_BODY (64 * 1024)

ChdErrorCode chd_wire_error_code (guint http_status, const char *reason);
GError *chd_wire_error_from_response (guint http_status, const char *body, gsize length, const char *subject);
GError *chd_wire_error_from_status (JsonObject *status, guint http_status, const char *subject);
gboolean chd_wire_error_is_expired (const GError *error);
gboolean chd_wire_error_is_already_exists (const GError *error);
gboolean chd_wire_error_is_apply_conflict (const GError *error);

G_END_DECLS
