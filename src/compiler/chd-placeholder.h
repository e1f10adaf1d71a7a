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
} ChdPlaceholder;

gboolean chd_placeholder_parse (const char *text, gsize length, ChdPlaceholder *reference);
void chd_placeholder_clear (ChdPlaceholder *reference);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChdPlaceholder, chd_placeholder_clear)

/* Gives the text to put in place of @reference, %NULL to leave it; %NULL with @error set ends the replacing. */
typedef char *(*ChdPlaceholderFunc) (const ChdPlaceholder *reference, gpointer user_data, GError **error);

char *chd_placeholders_replace (const char *text, ChdPlaceholderFunc func, gpointer user_data, GError **error);
gboolean chd_placeholders_is_single (const char *text, ChdPlaceholder *reference);

/* Every reference in every string below @node. */
typedef void (*ChdPlaceholderVisitor) (const ChdPlaceholder *reference, gpointer user_data);
void chd_placeholders_visit (JsonNode *node, ChdPlaceholderVisitor visitor, gpointer user_data);

G_END_DECLS
