/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "chd-connection.h"

G_BEGIN_DECLS

/* Private to cloud: what a credential program answered. */
typedef struct
{
  char *token;                  /* (owned) (nullable) secret */
  GTlsCertificate *certificate; /* (owned) (nullable) */
  gint64 expires;               /* Unix seconds, 0 for never */
} ChdExecResult;

void chd_exec_result_free (ChdExecResult *result);

/* Runs the program of @connection, which the user has allowed. */
void chd_exec_plugin_run_async (ChdConnection *connection,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
ChdExecResult *chd_exec_plugin_run_finish (GAsyncResult *result, GError **error);

G_END_DECLS
