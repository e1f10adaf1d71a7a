/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Go's time.Duration as text: what Tekton accepts for timeouts and sends back. Negative ones are durations too. */

gboolean chd_go_duration_parse (const char *text, gint64 *nanoseconds);
char *chd_go_duration_format (gint64 nanoseconds); /* (transfer full): "1h0m0s", "1.5s", "20ms" */

G_END_DECLS
