/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Variables in texts: "$(params.amount)", "$(tasks.check.results.decision[*])", "$(nodes.check.results.decision)".
 * There is no escaping (tekton-api.md, 17), and what does not read as one of these is plain text. */
typedef struct
{
  char *space;  /* "params", "tasks", "nodes" */
  char *name;   /* (nullable): of the param, task or node; none in "$(tasks.status)" */
  char *member; /* (nullable): "results", "status", "reason", "matrix" … of a task or node */
  char *field;  /* (nullable): of the member: the result */
  char *suffix; /* what follows: "", "[*]", "[0]", ".key" */
} ChdReference;

gboolean chd_reference_parse (const char *text, gsize length, ChdReference *reference);
void chd_reference_clear (ChdReference *reference);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChdReference, chd_reference_clear)

/* Gives the text to put in place of @reference, %NULL to leave it; %NULL with @error set ends the replacing. */
typedef char *(*ChdReferenceFunc) (const ChdReference *reference, gpointer user_data, GError **error);

char *chd_references_replace (const char *text, ChdReferenceFunc func, gpointer user_data, GError **error);
gboolean chd_references_is_single (const char *text, ChdReference *reference);

/* Every reference in every string below @node. */
typedef void (*ChdReferenceVisitor) (const ChdReference *reference, gpointer user_data);
void chd_references_visit (JsonNode *node, ChdReferenceVisitor visitor, gpointer user_data);

G_END_DECLS
