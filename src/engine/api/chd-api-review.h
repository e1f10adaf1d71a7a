/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

/* Answers a review of one's identity or rights: whoever is served may do everything. @body: the review sent */
void chd_api_review (ChdApiRequest *request, JsonObject *body);

G_END_DECLS
