/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-catalogue.h"
#include "chd-chain.h"

G_BEGIN_DECLS

typedef enum
{
  CHD_SEVERITY_ERROR,   /* the chain cannot be created */
  CHD_SEVERITY_WARNING, /* it can, but is hardly meant so */
} ChdSeverity;

/* One finding of validation. Immutable, reference-counted (g_rc_box). */
typedef struct
{
  ChdSeverity severity;
  const char *code; /* stable, static: "too-few-nodes", "cycle", "unknown-unit", "missing-param" … */
  ChdItemKind kind; /* what it is about */
  char *id;         /* (nullable): the item */
  char *field;      /* (nullable): "task.params.amount", "pipelines.before.upTo" */
  char *message;    /* translated: a sentence that names the item by its title */
  char *repair;     /* (nullable) translated: what to do, as a verb phrase */
} ChdProblem;

ChdProblem *chd_problem_ref (ChdProblem *problem);
void chd_problem_unref (ChdProblem *problem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdProblem, chd_problem_unref)

/* Pure: the same chain and catalogue give the same problems in the same order (document order).
 * Returns: (transfer full) (element-type ChdProblem) */
GPtrArray *chd_validate (ChdChain *chain, ChdCatalogue *catalogue);
guint chd_problems_count (GPtrArray *problems, ChdSeverity severity);

/* What a name means for a node: the document's own, else the catalogue's. (transfer none) (nullable) */
const ChdScript *chd_resolve_script (ChdChain *chain, ChdCatalogue *catalogue, const char *id);
const ChdEnvironment *chd_resolve_environment (ChdChain *chain, ChdCatalogue *catalogue, const char *id);
/* Results that a node declares, of its task and its work pipeline. (transfer container) (element-type ChdResult) */
GPtrArray *chd_node_list_results (ChdChain *chain, ChdCatalogue *catalogue, const ChdNode *node);

G_END_DECLS
