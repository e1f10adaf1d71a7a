/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

/* The verbs that write, from the request's side: options and bodies are read, the rest is a transaction. */
void chd_api_create (ChdApiRequest *request);
void chd_api_update (ChdApiRequest *request);
void chd_api_patch (ChdApiRequest *request);
void chd_api_delete (ChdApiRequest *request);
void chd_api_delete_collection (ChdApiRequest *request);

G_END_DECLS
