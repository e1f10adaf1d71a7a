/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "chd-connection.h"
#include "chd-http.h"
#include "chd-kube.h"

G_BEGIN_DECLS

/* The verbs of a Kubernetes API. Objects are JsonObject and immutable.
 *
 * @namespace_: %NULL means the connection's namespace; "" means all of them (list and watch).
 * Signal "warning" (const char *text): what the server says in Warning headers, one harmless line. */

#define CHD_TYPE_CLUSTER (chd_cluster_get_type ())
G_DECLARE_FINAL_TYPE (ChdCluster, chd_cluster, CHD, CLUSTER, GObject)

/**
 * ChdWriteFlags:
 * @CHD_WRITE_DRY_RUN: everything but the storing
 * @CHD_WRITE_FORCE: server-side apply takes over fields of other managers
 */
typedef enum
{
  CHD_WRITE_DEFAULT = 0,
  CHD_WRITE_DRY_RUN = 1 << 0,
  CHD_WRITE_FORCE = 1 << 1,
} ChdWriteFlags;

typedef enum
{
  CHD_PATCH_MERGE,
  CHD_PATCH_JSON,
} ChdPatchType;

/* What a server offers. */
typedef struct
{
  char *version;   /* "v1.36.2" */
  gboolean tekton; /* Tasks, Pipelines and their runs, v1 */
  gboolean custom_runs;
  gboolean approvals;
  gboolean access_reviews;
  guint64 types; /* bit 1 << ChdKubeType for each resource that is served */
} ChdClusterInfo;

ChdClusterInfo *chd_cluster_info_copy (const ChdClusterInfo *info);
void chd_cluster_info_free (ChdClusterInfo *info);
gboolean chd_cluster_info_has (const ChdClusterInfo *info, ChdKubeType type);

typedef struct
{
  char *name;
  char **groups;
} ChdIdentity;

void chd_identity_free (ChdIdentity *identity);

ChdCluster *chd_cluster_new (ChdConnection *connection, GError **error);
ChdCluster *chd_cluster_new_for_http (ChdHttp *http, const char *namespace_);
ChdHttp *chd_cluster_get_http (ChdCluster *self);
const char *chd_cluster_get_namespace (ChdCluster *self);

void chd_cluster_discover_async (ChdCluster *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
ChdClusterInfo *chd_cluster_discover_finish (ChdCluster *self, GAsyncResult *result, GError **error);

void chd_cluster_get_async (ChdCluster *self,
                            ChdKubeType type,
                            const char *namespace_,
                            const char *name,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
JsonObject *chd_cluster_get_finish (ChdCluster *self, GAsyncResult *result, GError **error);

/* All pages. @selector: (nullable). Returns: (element-type JsonObject): with apiVersion and kind filled in.
 * @version: (out) (optional): the list's resourceVersion. */
void chd_cluster_list_async (ChdCluster *self,
                             ChdKubeType type,
                             const char *namespace_,
                             const char *selector,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
GPtrArray *chd_cluster_list_finish (ChdCluster *self, GAsyncResult *result, char **version, GError **error);

/* The objects say their kind, name and namespace (the cluster's, when they say none). */
void chd_cluster_create_async (ChdCluster *self,
                               JsonObject *object,
                               ChdWriteFlags flags,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
JsonObject *chd_cluster_create_finish (ChdCluster *self, GAsyncResult *result, GError **error);

void chd_cluster_apply_async (ChdCluster *self,
                              JsonObject *object,
                              ChdWriteFlags flags,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* @created: (out) (optional) */
JsonObject *chd_cluster_apply_finish (ChdCluster *self, GAsyncResult *result, gboolean *created, GError **error);

/* @subresource: (nullable): "status" */
void chd_cluster_replace_async (ChdCluster *self,
                                JsonObject *object,
                                const char *subresource,
                                ChdWriteFlags flags,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
JsonObject *chd_cluster_replace_finish (ChdCluster *self, GAsyncResult *result, GError **error);

void chd_cluster_patch_async (ChdCluster *self,
                              ChdKubeType type,
                              const char *namespace_,
                              const char *name,
                              const char *subresource,
                              ChdPatchType patch_type,
                              JsonNode *patch,
                              ChdWriteFlags flags,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
JsonObject *chd_cluster_patch_finish (ChdCluster *self, GAsyncResult *result, GError **error);

/* @uid: (nullable): only that very object, else CHD_ERROR_CONFLICT. What is gone already counts as deleted. */
void chd_cluster_delete_async (ChdCluster *self,
                               ChdKubeType type,
                               const char *namespace_,
                               const char *name,
                               const char *uid,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean chd_cluster_delete_finish (ChdCluster *self, GAsyncResult *result, GError **error);

void chd_cluster_who_am_i_async (ChdCluster *self,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
ChdIdentity *chd_cluster_who_am_i_finish (ChdCluster *self, GAsyncResult *result, GError **error);

/* @verb: "create", "get" …; @subresource: (nullable): "log" */
void chd_cluster_can_i_async (ChdCluster *self,
                              const char *verb,
                              ChdKubeType type,
                              const char *subresource,
                              const char *namespace_,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean chd_cluster_can_i_finish (ChdCluster *self, GAsyncResult *result, gboolean *allowed, GError **error);

/* Names of the namespaces; a user who may not list them gets the connection's own. */
void chd_cluster_list_namespaces_async (ChdCluster *self,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
char **chd_cluster_list_namespaces_finish (ChdCluster *self, GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdClusterInfo, chd_cluster_info_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdIdentity, chd_identity_free)

G_END_DECLS
