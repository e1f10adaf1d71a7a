/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

/* Serves pods/NAME/log. */
void chd_api_log (ChdApiRequest *request);

G_END_DECLS
