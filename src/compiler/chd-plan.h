/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-catalogue.h"
#include "chd-chain.h"

G_BEGIN_DECLS

/* Which pipeline tasks one node becomes, and how they are ordered among themselves. Depends on the node and what it
 * names alone, so that the tasks of one node can be told without compiling the chain.
 *
 *  (1) "<node>-task" and "<node>-<position>-<task of the interface>"; a level of approval adds "-<unit>". A node whose
 *      id could be read as such a name gets a short hash behind its id; a name over 63 characters ends in one.
 *  (2) before → work → after; within the work the execution attribute decides.
 *  (3) "finally" tasks of the chain are made of on-failure pipelines and of the interfaces' own finally tasks. A task
 *      there cannot say "one of these has failed", since all its guards must hold. So each is made once for every
 *      task that it watches, and the copy for the n-th holds only if none of those before has the watched state:
 *      exactly one copy runs. */

#define CHD_PLAN_MAX_TASKS 200 /* of one node */

typedef struct
{
  char *name;          /* in the chain's Pipeline */
  char *template_name; /* in the node's own Pipeline */
  gboolean is_task;    /* of the node's task; else of the pipeline at `at` */
  ChdPosition at;
  JsonObject *source;   /* (unowned) (nullable): the task of the interface */
  const ChdUnit *level; /* (unowned) (nullable): of an approval made from the organisation */
  gboolean in_finally;
  GArray *after;   /* (element-type guint): indexes of those it waits for */
  guint watched;   /* in finally: index of the task whose state decides */
  GArray *earlier; /* (element-type guint) (nullable): in finally: those that must not have that state */
} ChdPlanTask;

typedef struct
{
  const ChdNode *node; /* (unowned) */
  char *stem;
  GPtrArray *tasks;  /* (element-type ChdPlanTask) */
  GHashTable *names; /* (unowned) names in use */
  GArray *first;     /* (element-type guint): tasks that wait for none of the node's */
  GArray *last;      /* those that none of the node's waits for */
} ChdPlan;

ChdPlan *chd_plan_new (ChdChain *chain, ChdCatalogue *catalogue, const ChdNode *node, GError **error);
void chd_plan_free (ChdPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdPlan, chd_plan_free)

char *chd_plan_make_stem (const char *node_id);
/* The part's task that was made of a task of its interface, for one level. (nullable) */
const ChdPlanTask *chd_plan_find (const ChdPlan *self, ChdPosition at, const char *source_name, const ChdUnit *level);
const ChdPlanTask *chd_plan_find_task (const ChdPlan *self); /* of the node's script */
const ChdPlanTask *chd_plan_get_last_of (const ChdPlan *self, ChdPosition at, const char *source_name);

/* (transfer container) (element-type ChdUnit) (nullable): from the node's unit up to what the form's "upTo" names */
GPtrArray *chd_list_levels (ChdChain *chain,
                            const ChdNode *node,
                            const ChdPipelineBinding *binding,
                            ChdInterface *interface,
                            GError **error);
gboolean chd_interface_expands_levels (ChdInterface *interface);

G_END_DECLS
