/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The engine on this computer: its socket, and starting it when nobody has. Its place can be set by the environment
 * variables CHD_ENGINE_DATA (the data folder) and CHD_ENGINE_SOCKET; tests do. */

char *chd_local_engine_dup_socket (void);

/* Starts chain-engine unless one answers on the socket; ends when it does (CHD_ERROR_ENGINE with its last words
 * otherwise). It goes on when this program ends. */
void chd_local_engine_start_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
gboolean chd_local_engine_start_finish (GAsyncResult *result, GError **error);

/* Runs "chain-engine COMMAND [ARGUMENT…]" (stop, status, kubeconfig) and gives what it prints. */
void chd_local_engine_call_async (const char *const *arguments,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* @output: (out) (transfer full) */
gboolean chd_local_engine_call_finish (GAsyncResult *result, char **output, GError **error);

G_END_DECLS
