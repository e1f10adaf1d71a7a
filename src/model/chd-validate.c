/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation as a whole: the parts add their findings, which are then put into document order. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-validate-private.h"

/* A document may be wrong a million times; nobody reads so much. Per severity, so that warnings hide no error. */
#define MAX_FINDINGS 5000

/* Titles are cut for sentences, in characters. */
#define MAX_TITLE 60

typedef struct
{
  ChdProblem *problem; /* (owned) */
  ChdItemKind kind;
  guint index;
  guint serial;
} Finding;

/**
 * chd_validation_shorten:
 *
 * Returns: (transfer none): @text, cut when it is long; valid as long as the validation
 */
const char *
chd_validation_shorten (ChdValidation *self, const char *text)
{
  g_autofree char *start = NULL;
  g_autofree char *cut = NULL;

  if (strlen (text) <= MAX_TITLE || g_utf8_strlen (text, 4 * MAX_TITLE + 4) <= MAX_TITLE)
    return text;
  start = g_utf8_substring (text, 0, MAX_TITLE - 1);
  cut = g_strconcat (start, "…", NULL);
  return g_string_chunk_insert (self->strings, cut);
}

void
chd_subject_init (ChdSubject *self, ChdValidation *validation, ChdItemKind kind, guint index)
{
  self->validation = validation;
  self->kind = kind;
  self->index = index;
  self->item = chd_chain_get_item (validation->chain, kind, index);
  self->title = chd_validation_shorten (validation, chd_item_get_title (self->item));
}

/**
 * chd_subject_add:
 * @code: static
 * @field: (nullable):
 * @repair: (nullable): translated
 * @message: translated
 *
 * Notes a problem of the item.
 */
void
chd_subject_add (const ChdSubject *self,
                 ChdSeverity severity,
                 const char *code,
                 const char *field,
                 const char *repair,
                 const char *message,
                 ...)
{
  ChdValidation *validation = self->validation;
  Finding finding = { NULL, self->kind, self->index, validation->findings->len };
  va_list args;

  if (validation->n_of[severity] >= MAX_FINDINGS)
    return;
  validation->n_of[severity]++;
  finding.problem = g_rc_box_new0 (ChdProblem);
  finding.problem->severity = severity;
  finding.problem->code = code;
  finding.problem->kind = self->kind;
  finding.problem->id = g_strdup (self->item->id);
  finding.problem->field = g_strdup (field);
  finding.problem->repair = g_strdup (repair);
  va_start (args, message);
  finding.problem->message = g_strdup_vprintf (message, args);
  va_end (args);
  g_array_append_val (validation->findings, finding);
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const Finding *p = a, *q = b;

  if (p->kind != q->kind)
    return p->kind < q->kind ? -1 : 1;
  if (p->index != q->index)
    return p->index < q->index ? -1 : 1;
  return p->serial < q->serial ? -1 : p->serial > q->serial;
}

/**
 * chd_validate:
 * @catalogue: (nullable): what the document may name without defining it
 *
 * Returns: (transfer full) (element-type ChdProblem): what is wrong with the chain, in document order
 */
GPtrArray *
chd_validate (ChdChain *chain, ChdCatalogue *catalogue)
{
  GPtrArray *problems = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_problem_unref);
  g_autoptr (ChdCatalogue) empty = catalogue == NULL ? chd_catalogue_new () : NULL;
  ChdValidation self = {
    .chain = chain,
    .catalogue = catalogue != NULL ? catalogue : empty,
    .graph = chd_graph_new (chain),
    .findings = g_array_new (FALSE, FALSE, sizeof (Finding)),
    .strings = g_string_chunk_new (4096),
  };

  chd_validate_structure (&self);
  chd_validate_names (&self);
  chd_validate_references (&self);
  chd_validate_approvals (&self);
  chd_validate_params (&self);
  chd_validate_size (&self);

  g_array_sort (self.findings, compare_findings);
  for (guint i = 0; i < self.findings->len; i++)
    g_ptr_array_add (problems, g_array_index (self.findings, Finding, i).problem);
  g_array_unref (self.findings);
  g_string_chunk_free (self.strings);
  chd_graph_free (self.graph);
  return problems;
}
