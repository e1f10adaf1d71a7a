/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A Tekton variable as it stands in a text: "$(params.x)", "$(params['a.b'])", "$(tasks.t.results.r[0])",
 * "$(params.list[*])". What does not have this form, such as the shell's "$(date -u)", is no reference. */

typedef enum
{
  CHD_REFERENCE_PLAIN,
  CHD_REFERENCE_ALL,   /* [*] */
  CHD_REFERENCE_INDEX, /* [n] */
} ChdReferenceForm;

typedef struct
{
  char **names; /* at least one */
  guint n_names;
  gboolean quoted; /* the last name stood in ['…'], so dots in it mean nothing */
  ChdReferenceForm form;
  guint index;
  gsize offset; /* of "$(" in the text */
  gsize length; /* with "$(" and ")" */
} ChdReference;

void chd_reference_free (ChdReference *self);
/* The first reference at or behind @offset; %NULL when there is none. */
ChdReference *chd_reference_find (const char *text, gsize offset);
/* The names joined by dots: what a variable is known by. (transfer full) */
char *chd_reference_key (const ChdReference *self);
/* Whether @text is this one reference and nothing else. */
gboolean chd_reference_is_whole (const ChdReference *self, const char *text);
/* "tasks.<task>.results.<result>…" (or "finally."…): the names, borrowed from @self; @key for "….results.r.key". */
gboolean chd_reference_is_result (const ChdReference *self, const char **task, const char **result, const char **key);

typedef void (*ChdReferenceFunc) (const ChdReference *reference, const char *text, gpointer user_data);
/* Calls @func for every reference in every string below @node (member names left out). */
void chd_reference_foreach (JsonNode *node, ChdReferenceFunc func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdReference, chd_reference_free)

G_END_DECLS
