/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Whether all of the conditions hold; variables must have been put in. No conditions hold. */
gboolean chd_when_holds (JsonArray *conditions);

G_END_DECLS
