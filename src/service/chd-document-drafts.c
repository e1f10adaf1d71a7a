/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drafts that a crash has left: listed, opened again, dropped. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-chain-reader.h"
#include "chd-document-private.h"

void
chd_draft_free (ChdDraft *draft)
{
  g_free (draft->id);
  g_free (draft->title);
  g_free (draft->path);
  g_free (draft);
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GPtrArray) drafts = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_draft_free);
  GError *error = NULL;

  records = chd_drafts_list_finish (result, &error);
  if (records == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < records->len; i++)
    {
      const ChdDraftRecord *record = records->pdata[i];
      ChdDraft *draft = g_new0 (ChdDraft, 1);

      draft->id = g_strdup (record->id);
      draft->title = g_strdup (record->title);
      draft->path = g_strdup (record->path);
      draft->changed_at = record->changed_at;
      draft->suspect = record->suspect;
      g_ptr_array_add (drafts, draft);
    }
  g_task_return_pointer (task, g_steal_pointer (&drafts), (GDestroyNotify) g_ptr_array_unref);
}

void
chd_document_list_drafts_async (ChdStore *store,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (store, cancellable, callback, user_data);

  g_task_set_source_tag (task, chd_document_list_drafts_async);
  chd_drafts_list_async (store, listed_cb, task);
}

GPtrArray *
chd_document_list_drafts_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
taken_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdStore *store = g_task_get_source_object (task);
  g_autoptr (ChdDraftRecord) record = NULL;
  g_autoptr (ChdChain) chain = NULL;
  g_autoptr (GFile) file = NULL;
  GError *error = NULL;

  record = chd_drafts_take_finish (result, &error);
  if (record != NULL)
    chain = chd_chain_read (record->document, strlen (record->document), &error);
  if (chain == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  chd_chain_mark_unsaved (chain);
  if (record->path != NULL)
    file = g_file_new_for_path (record->path);
  chd_drafts_confirm_async (store, record->id, NULL, NULL);
  g_task_return_pointer (task,
                         chd_document_new_for_file (chain, store, file, g_steal_pointer (&record->base),
                                                    g_steal_pointer (&record->id)),
                         g_object_unref);
}

void
chd_document_recover_async (ChdStore *store,
                            const char *draft_id,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (store, cancellable, callback, user_data);

  g_task_set_source_tag (task, chd_document_recover_async);
  chd_drafts_take_async (store, draft_id, taken_cb, task);
}

ChdDocument *
chd_document_recover_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
chd_document_drop_draft (ChdStore *store, const char *draft_id)
{
  chd_drafts_remove_async (store, draft_id, NULL, NULL);
}
