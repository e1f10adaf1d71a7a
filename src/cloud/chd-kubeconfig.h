/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "chd-connection.h"

G_BEGIN_DECLS

/* The contexts of one or several kubeconfig files, merged as kubectl merges them. Reading runs nothing, connects to
 * nothing and opens none of the files that the kubeconfig names. */

#define CHD_TYPE_KUBECONFIG (chd_kubeconfig_get_type ())
G_DECLARE_FINAL_TYPE (ChdKubeconfig, chd_kubeconfig, CHD, KUBECONFIG, GObject)

char **chd_kubeconfig_list_default_files (void);

/* Files that are missing are passed over, unless @files has only one. Small local files, read at once. */
ChdKubeconfig *chd_kubeconfig_load (const char *const *files, GError **error);
ChdKubeconfig *chd_kubeconfig_load_file (const char *file, GError **error);

char **chd_kubeconfig_list_contexts (ChdKubeconfig *self);
const char *chd_kubeconfig_get_current_context (ChdKubeconfig *self);
const char *chd_kubeconfig_get_file_of_context (ChdKubeconfig *self, const char *context);
JsonObject *chd_kubeconfig_get_merged (ChdKubeconfig *self);

/* @context: (nullable): %NULL for the current one */
ChdConnection *chd_kubeconfig_dup_connection (ChdKubeconfig *self, const char *context, GError **error);

G_END_DECLS
