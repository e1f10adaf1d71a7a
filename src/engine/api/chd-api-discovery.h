/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

/* Serves what tells a client what there is: /version, health, /api, /apis and below, /openapi. Returns: %FALSE when the
 * path is none of these */
gboolean chd_api_discover (ChdApiRequest *request);

G_END_DECLS
