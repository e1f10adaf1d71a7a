/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"
#include "chd-catalogue.h"
#include "chd-kube.h"

G_BEGIN_DECLS

/* From a chain to the engine's objects (design.md, section 3). Pure: the same document, catalogue and digests give the
 * same objects, byte for byte.
 *
 *  (1) Names of tasks in the chain's Pipeline, and what becomes of `on-failure`: chd-plan.h. Guards: chd-guard.c.
 *  (2) A script's text goes to the engine as it is, with "#!interpreter" before it when it names none itself. Tekton
 *      replaces "$(params.x)" in it, but no shell's "$(command)"; validation warns of the former.
 *  (3) A script gets a string param x as PARAM_X, the member k of an object as PARAM_X_K, and a list as its arguments
 *      ("$@"): no variable of the environment can hold a list. Several lists follow each other, "--x" before the
 *      values of each. The file for result r is RESULT_R; what is written counts byte by byte.
 *  (4) An interface's tasks become tasks of the chain's Pipeline, its params replaced by the form's values
 * (chd-inline.c). Its finally tasks become finally tasks of the chain that run once the part has started. At
 * `on-failure` an interface may only have tasks that do not wait for each other, and no finally tasks. (5) An interface
 * with the annotation CHD_ANNOTATION_EXPAND "organisation-levels" is made once for each unit from the node's own up to
 * the one that the param "upTo" names (id or level), one after the other; the tasks' param "approvers" becomes the
 * unit's lead, and "description" begins with the unit's title. (6) A step's image in an interface that is an
 * environment's gets that environment's pinned reference. */

/* One object to be made. Immutable, reference-counted (g_rc_box). */
typedef struct
{
  ChdKubeType type;
  char *name;
  char *node;         /* (nullable): id; the chain's own objects have none */
  gboolean is_task;   /* of the node's task request; else of its pipeline request at `at` */
  ChdPosition at;     /* of a node's pipeline */
  char *environment;  /* (nullable): id, of a task */
  JsonObject *object; /* without namespace; with labels, and the annotation CHD_ANNOTATION_HASH of its own content */
} ChdTarget;

ChdTarget *chd_target_ref (ChdTarget *target);
void chd_target_unref (ChdTarget *target);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdTarget, chd_target_unref)

/**
 * chd_compile:
 * @images: (nullable) (element-type utf8 utf8): environment id → the reference the engine pulls, with digest; an
 *   environment that is not in it (before creation) gets its reference as the document has it
 * @document: the document's text, for the ConfigMap
 *
 * A chain with errors (chd_validate()) is refused: CHD_ERROR_INVALID with the first problem's message and field.
 *
 * Returns: (transfer full) (element-type ChdTarget): tasks, then the nodes' pipelines, the ConfigMap with the
 *   document, and the chain's own Pipeline last
 */
GPtrArray *
chd_compile (ChdChain *chain, ChdCatalogue *catalogue, GHashTable *images, const char *document, GError **error);

/* The key of the document in the ConfigMap "<chain>-design". */
#define CHD_DESIGN_KEY "chain.json"
char *chd_design_name (const char *chain);

/* Environments that the chain's tasks and interfaces use, each once, in the order of their first use. (transfer
 * container) (element-type ChdEnvironment) */
GPtrArray *chd_compile_list_environments (ChdChain *chain, ChdCatalogue *catalogue);

/* The chain's pipeline tasks of one node's part. (transfer full): names */
char **chd_compile_list_part_tasks (ChdChain *chain,
                                    ChdCatalogue *catalogue,
                                    const ChdNode *node,
                                    gboolean is_task,
                                    ChdPosition at);

/**
 * chd_compile_run:
 * @name: of the run, "<chain>-run-xxxxx"
 * @params: a{sv}: values of the chain's params; those left out keep their default
 *
 * The PipelineRun: params, each node's tasks under its unit's service account. CHD_ERROR_INVALID with field
 * "params.<name>" when a value is missing or wrong.
 */
JsonObject *
chd_compile_run (ChdChain *chain, ChdCatalogue *catalogue, const char *name, GVariant *params, GError **error);

G_END_DECLS
