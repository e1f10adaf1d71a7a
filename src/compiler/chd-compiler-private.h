/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-compiler.h"
#include "chd-plan.h"

G_BEGIN_DECLS

/* One compilation: what its parts share. All borrowed but the tables. */
typedef struct
{
  ChdChain *chain;
  ChdCatalogue *catalogue;
  GHashTable *images; /* (nullable) */
  GHashTable *plans;  /* (element-type utf8 ChdPlan): node id → plan */
  GHashTable *guards; /* (element-type utf8 GPtrArray): node id → its guard */
} ChdCompilation;

void chd_compilation_init (ChdCompilation *self, ChdChain *chain, ChdCatalogue *catalogue, GHashTable *images);
void chd_compilation_clear (ChdCompilation *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChdCompilation, chd_compilation_clear)
ChdPlan *chd_compilation_get_plan (ChdCompilation *self, const ChdNode *node, GError **error);
/* Of a task's environment. (transfer none) */
const char *chd_compilation_get_image (ChdCompilation *self, const ChdEnvironment *environment);
/* The environment whose image an interface's step names. (nullable) */
const ChdEnvironment *chd_find_environment_of_image (ChdChain *chain, ChdCatalogue *catalogue, const char *image);

/* Guards (chd-guard.c): the links whose conditions a node needs, (element-type ChdLink), in the order of the first
 * incoming path; see there. */
GHashTable *chd_guards_new (ChdChain *chain);

/* Values (chd-value-text.c). */
char *chd_compile_result (ChdCompilation *self,
                          const ChdNode *source,
                          const char *result,
                          const char *suffix,
                          GError **error);
char *
chd_compile_text (ChdCompilation *self, const ChdNode *node, const ChdPlanTask *task, const char *text, GError **error);
JsonNode *
chd_compile_value (ChdCompilation *self, const ChdNode *node, const ChdPlanTask *task, GVariant *value, GError **error);

/* Tasks made of an interface (chd-inline.c). */
JsonObject *chd_inline_task (ChdCompilation *self, const ChdPlan *plan, const ChdPlanTask *task, GError **error);
JsonObject *chd_template_task (ChdCompilation *self, const ChdPlan *plan, const ChdPlanTask *task);

/* Objects (chd-compile-objects.c). Without revision and hash. */
JsonObject *chd_compile_task_object (ChdCompilation *self, const ChdNode *node);
JsonObject *chd_compile_pipeline_object (ChdCompilation *self, const ChdNode *node, ChdPosition at, GError **error);
JsonObject *chd_compile_design (ChdCompilation *self, const char *document);
JsonObject *chd_compile_chain_object (ChdCompilation *self, GError **error);
JsonArray *chd_compile_param_list (GPtrArray *params);
char *chd_param_env_name (const char *prefix, const char *name);
void chd_label_object (ChdCompilation *self, JsonObject *object, const ChdNode *node, const char *position);

G_END_DECLS
