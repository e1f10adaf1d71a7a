/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The order of a pipeline's tasks: an edge for each runAfter and for each reference to another task's result. */

typedef struct
{
  guint n_tasks;
  JsonObject **tasks; /* borrowed, in the pipeline's order */
  GHashTable *index;  /* (element-type utf8 guint): name → position */
  GArray **parents;   /* (element-type guint): positions, each once */
  GArray *order;      /* (element-type guint): all positions, parents first */
} ChdPipelineGraph;

/**
 * chd_pipeline_graph_new:
 * @tasks: (nullable): spec.tasks
 * @problem: (out) (nullable) (transfer full): Tekton's sentence about the first thing that makes it no graph
 *
 * Returns: (nullable): %NULL with @problem
 */
ChdPipelineGraph *chd_pipeline_graph_new (JsonArray *tasks, char **problem);
void chd_pipeline_graph_free (ChdPipelineGraph *self);
/* -1 when there is no task of that name. */
int chd_pipeline_graph_find (ChdPipelineGraph *self, const char *name);

/* Calls @func for each reference to a result that makes @task wait: in params, matrix, when and an embedded task. */
typedef void (*ChdResultFunc) (const char *task, const char *result, gpointer user_data);
void chd_pipeline_task_foreach_result (JsonObject *task, ChdResultFunc func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdPipelineGraph, chd_pipeline_graph_free)

G_END_DECLS
