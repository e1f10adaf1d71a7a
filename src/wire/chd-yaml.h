/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a YAML text may cost; reliability.md section 9. */
#define CHD_YAML_MAX_BYTES (4 * 1024 * 1024)
#define CHD_YAML_MAX_DOCUMENTS 1000
#define CHD_YAML_MAX_DEPTH 64
#define CHD_YAML_MAX_NODES 100000                /* after aliases were put in */
#define CHD_YAML_MAX_EXPANDED (16 * 1024 * 1024) /* bytes of text after aliases were put in */

/**
 * ChdYamlDocument:
 *
 * One document of a YAML stream as JSON. Its tree is immutable; use chd_json_copy_object() to change it.
 *
 * Plain scalars are read as kubectl and the API server read them (YAML 1.1: `yes` is true, `010` is 8, `12:30` stays
 * text), so that a file means the same here and there. Keys given twice and tags are refused.
 */
typedef struct _ChdYamlDocument ChdYamlDocument;

GPtrArray *chd_yaml_parse_documents (const char *data, gsize length, GError **error);
JsonNode *chd_yaml_parse (const char *data, gsize length, GError **error);
JsonObject *chd_yaml_parse_object (const char *data, gsize length, GError **error);

ChdYamlDocument *chd_yaml_document_ref (ChdYamlDocument *self);
void chd_yaml_document_unref (ChdYamlDocument *self);
JsonNode *chd_yaml_document_get_root (ChdYamlDocument *self);
JsonObject *chd_yaml_document_get_object (ChdYamlDocument *self);
guint chd_yaml_document_get_line (ChdYamlDocument *self);
guint chd_yaml_document_get_line_of (ChdYamlDocument *self, const char *path);

char *chd_yaml_write (JsonNode *node);
char *chd_yaml_write_object (JsonObject *object);
char *chd_yaml_write_documents (GPtrArray *objects);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdYamlDocument, chd_yaml_document_unref)

G_END_DECLS
