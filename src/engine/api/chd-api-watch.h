/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

/* Serves a watch: a stream of events, until the client or the time ends it. */
void chd_api_watch (ChdApiRequest *request);

G_END_DECLS
