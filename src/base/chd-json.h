/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The sizes that readers accept; reliability.md section 9. */
#define CHD_JSON_MAX_DOCUMENT (16 * 1024 * 1024)
#define CHD_JSON_MAX_OBJECT (3 * 1024 * 1024)
#define CHD_JSON_MAX_WATCH_LINE (8 * 1024 * 1024)
#define CHD_JSON_MAX_DEPTH 128

/**
 * ChdJsonFlags:
 * @CHD_JSON_DEFAULT: RFC 8259, with the limits above
 * @CHD_JSON_UNIQUE_KEYS: an object with the same key twice is refused (our own files)
 */
typedef enum
{
  CHD_JSON_DEFAULT = 0,
  CHD_JSON_UNIQUE_KEYS = 1 << 0,
} ChdJsonFlags;

gboolean chd_json_scan (const char *data, gsize length, gsize max_bytes, ChdJsonFlags flags, GError **error);
JsonNode *chd_json_parse (const char *data, gsize length, gsize max_bytes, ChdJsonFlags flags, GError **error);
JsonObject *chd_json_parse_object (const char *data, gsize length, gsize max_bytes, ChdJsonFlags flags, GError **error);

char *chd_json_write (JsonNode *node, gboolean pretty, gsize *length);
char *chd_json_write_object (JsonObject *object, gboolean pretty, gsize *length);

/* Reading of members: a missing one or one of another type gives the fallback, never a critical. */
const char *chd_json_string (JsonObject *object, const char *name, const char *fallback);
gint64 chd_json_int (JsonObject *object, const char *name, gint64 fallback);
double chd_json_double (JsonObject *object, const char *name, double fallback);
gboolean chd_json_bool (JsonObject *object, const char *name, gboolean fallback);
JsonObject *chd_json_object (JsonObject *object, const char *name);
JsonArray *chd_json_array (JsonObject *object, const char *name);
guint chd_json_length (JsonArray *array);
JsonObject *chd_json_object_at (JsonArray *array, guint index);
const char *chd_json_string_at (JsonArray *array, guint index);
char **chd_json_strv (JsonArray *array);

/* @path: member names separated by '/', for example "metadata/labels". */
JsonNode *chd_json_lookup (JsonObject *object, const char *path);
const char *chd_json_lookup_string (JsonObject *object, const char *path, const char *fallback);
JsonObject *chd_json_lookup_object (JsonObject *object, const char *path);
JsonArray *chd_json_lookup_array (JsonObject *object, const char *path);

/* Building. */
JsonObject *chd_json_ensure_object (JsonObject *object, const char *path);
void chd_json_set_string_if (JsonObject *object, const char *name, const char *value);
JsonArray *chd_json_array_from_strv (const char *const *strings);
JsonNode *chd_json_node_from_object (JsonObject *object);
JsonObject *chd_json_copy_object (JsonObject *object);
JsonNode *chd_json_copy_node (JsonNode *node);
gboolean chd_json_equal (JsonNode *a, JsonNode *b);

G_END_DECLS
