/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Stand-ins for GLib newer than 2.74. */
gboolean chd_set_str (char **target, const char *value);

gboolean chd_str_is_label (const char *text, gsize max_length);
char *chd_str_to_label (const char *text, gsize max_length, const char *fallback);
char *chd_str_random_suffix (guint length);
void chd_secret_free (char *secret);
char *chd_str_sanitize (const char *data, gssize length, gsize max_bytes);

gboolean chd_parse_duration (const char *text, gint64 *seconds);
char *chd_format_duration (gint64 seconds);
char *chd_format_timestamp (gint64 unix_seconds);
gboolean chd_parse_timestamp (const char *text, gint64 *unix_seconds);

char *chd_sha256 (gconstpointer data, gsize length);

char *chd_read_regular_file (const char *path, gsize max_bytes, gsize *length, GError **error);
char *chd_data_path (const char *relative);
char *chd_program_path (const char *program);
gboolean chd_make_private_directory (const char *path, GError **error);

G_END_DECLS
