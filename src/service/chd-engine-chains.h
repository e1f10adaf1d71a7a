/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-chain.h"
#include "chd-session.h"

G_BEGIN_DECLS

/* The chains that an engine holds, found by their design ConfigMaps. */

typedef struct
{
  char *name;
  char *title;
  char *unit_path;   /* (nullable) */
  char *revision;    /* (nullable) */
  char *hash;        /* (nullable): of the document it was made from */
  gint64 created_at; /* Unix time in seconds */
} ChdEngineChain;

void chd_engine_chain_free (ChdEngineChain *chain);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdEngineChain, chd_engine_chain_free)

void chd_engine_chains_list_async (ChdSession *session,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
GPtrArray *chd_engine_chains_list_finish (GAsyncResult *result, GError **error); /* (element-type ChdEngineChain) */

/* The document of a chain as text; CHD_ERROR_NOT_FOUND. */
void chd_engine_chains_open_async (ChdSession *session,
                                   const char *name,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* @text: (out) (optional) (transfer full): the document as it was stored */
ChdChain *chd_engine_chains_open_finish (GAsyncResult *result, char **text, GError **error);

/* Deletes everything of the chain; runs too when @with_runs, else their objects stay.
 * @n_deleted: (out) (optional) */
void chd_engine_chains_delete_async (ChdSession *session,
                                     const char *name,
                                     gboolean with_runs,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean chd_engine_chains_delete_finish (GAsyncResult *result, guint *n_deleted, GError **error);

G_END_DECLS
