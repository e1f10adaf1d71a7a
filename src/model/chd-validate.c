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

/* What would move the cursor of a terminal or turn the sentence around. */
static gboolean
is_plain (gunichar c)
{
  return !g_unichar_iscntrl (c) && !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069);
}

/**
 * chd_validation_shorten:
 *
 * Returns: (transfer none): @text as it can stand in a sentence: cut when it is long, without control characters; valid
 *   as long as the validation and @text
 */
const char *
chd_validation_shorten (ChdValidation *self, const char *text)
{
  g_autoptr (GString) shown = NULL;
  gboolean good = TRUE;
  const char *at = text;
  guint n = 0;

  for (; *at != '\0' && n < MAX_TITLE; at = g_utf8_next_char (at), n++)
    good = good && is_plain (g_utf8_get_char (at));
  if (*at == '\0' && good)
    return text;
  shown = g_string_new (NULL);
  for (const char *c = text; c < at; c = g_utf8_next_char (c))
    g_string_append_unichar (shown, is_plain (g_utf8_get_char (c)) ? g_utf8_get_char (c) : ' ');
  if (*at != '\0')
    g_string_append (shown, "…");
  return g_string_chunk_insert (self->strings, shown->str);
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
