/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"
#include "chd-catalogue.h"
#include "chd-kube.h"

G_BEGIN_DECLS

/* From a chain to the engine's objects (design.md, section 3). Pure: the same document, catalogue and digests give the
 * same objects, byte for byte. */

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

/* Environments that the chain's tasks use, each once, in document order. (transfer container)
 * (element-type ChdEnvironment) */
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
