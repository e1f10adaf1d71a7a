/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-cluster.h"

G_BEGIN_DECLS

/* Lists may be long; one page of them is not. */
#define CHD_CLUSTER_MAX_PAGE (32 * 1024 * 1024)

/* Passes on what the server says in Warning headers. */
void chd_cluster_report_warnings (ChdCluster *self, ChdHttpResponse *response);

/* As chd_cluster_list_async(), for callers with a patience of their own (%CHD_HTTP_NO_RETRY). */
void chd_cluster_list_full_async (ChdCluster *self,
                                  ChdKubeType type,
                                  const char *namespace_,
                                  const char *selector,
                                  ChdHttpFlags flags,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);

G_END_DECLS
