/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-kubeconfig.h"

G_BEGIN_DECLS

typedef enum
{
  CHD_KUBECONFIG_CLUSTER,
  CHD_KUBECONFIG_USER,
  CHD_KUBECONFIG_CONTEXT,
} ChdKubeconfigList;

/* A copy of @entry's known members, each of the right type, empty ones left out as kubectl does. %NULL with @error
 * naming the member that is of another type. */
JsonObject *chd_kubeconfig_clean_entry (ChdKubeconfigList list, JsonObject *entry, GError **error);

/* @cluster, @user, @context: clean; their folders are what relative paths in them are relative to.
 * @user: (nullable): anonymous */
ChdConnection *chd_kubeconfig_make_connection (const char *name,
                                               JsonObject *context,
                                               JsonObject *cluster,
                                               const char *cluster_folder,
                                               JsonObject *user,
                                               const char *user_folder,
                                               GError **error);

G_END_DECLS
