/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-store.h"

G_BEGIN_DECLS

/* Unsaved documents, as whole texts. A draft belongs to the process that writes it; when that is gone without having
 * dropped it, it crashed, and the draft is offered again.
 *
 * A draft is marked before it is loaded and the mark removed after: one that is still marked has crashed the program
 * while it was loaded, and is not opened by itself a second time. */

typedef struct
{
  char *id;
  char *title;
  char *path;     /* (nullable): of the file it belongs to */
  char *base;     /* (nullable): a hash of the file's content that the edits began from */
  char *document; /* (nullable): in a list */
  gint64 changed_at;
  gboolean suspect; /* crashed the program when it was loaded */
} ChdDraftRecord;

void chd_draft_record_free (ChdDraftRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdDraftRecord, chd_draft_record_free)

/* Writes the draft of this process; its time is now. */
void
chd_drafts_write_async (ChdStore *store, const ChdDraftRecord *draft, GAsyncReadyCallback callback, gpointer user_data);
gboolean chd_drafts_write_finish (GAsyncResult *result, GError **error);

void chd_drafts_remove_async (ChdStore *store, const char *id, GAsyncReadyCallback callback, gpointer user_data);
gboolean chd_drafts_remove_finish (GAsyncResult *result, GError **error);

/* Those of processes that are gone, the newest first. (element-type ChdDraftRecord) */
void chd_drafts_list_async (ChdStore *store, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *chd_drafts_list_finish (GAsyncResult *result, GError **error);

/* Takes the draft over and marks it as being loaded. CHD_ERROR_NOT_FOUND. */
void chd_drafts_take_async (ChdStore *store, const char *id, GAsyncReadyCallback callback, gpointer user_data);
ChdDraftRecord *chd_drafts_take_finish (GAsyncResult *result, GError **error);
/* It was loaded well: the mark goes. */
void chd_drafts_confirm_async (ChdStore *store, const char *id, GAsyncReadyCallback callback, gpointer user_data);
gboolean chd_drafts_confirm_finish (GAsyncResult *result, GError **error);

G_END_DECLS
