/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-cluster.h"

G_BEGIN_DECLS

/* Private to service: all objects of one chain on an engine, found by our labels: Tasks, Pipelines and ConfigMaps, and
 * its PipelineRuns when asked for. (element-type JsonObject) */
void chd_chain_objects_list_async (ChdCluster *cluster,
                                   const char *chain,
                                   gboolean with_runs,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GPtrArray *chd_chain_objects_list_finish (GAsyncResult *result, GError **error);

/* Deletes exactly these objects (by their uid), a few at a time; what is gone already counts as deleted. */
void chd_chain_objects_delete_async (ChdCluster *cluster,
                                     GPtrArray *objects,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean chd_chain_objects_delete_finish (GAsyncResult *result, GError **error);

G_END_DECLS
