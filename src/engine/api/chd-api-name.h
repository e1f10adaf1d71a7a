/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The grammars of names, label keys and label values; each answers in the API server's words what is wrong, or NULL
 * (transfer full). */
char *chd_api_name_check_label_key (const char *key);
char *chd_api_name_check_label_value (const char *value);
char *chd_api_name_check_subdomain (const char *name); /* names of most objects */
char *chd_api_name_check_label (const char *name);     /* namespaces */

/* @text in double quotes, as Go's %q writes it. (transfer full) */
char *chd_api_quote (const char *text);

G_END_DECLS
