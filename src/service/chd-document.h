/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-chain.h"
#include "chd-store.h"

G_BEGIN_DECLS

/* A chain with its place on disk. Saving replaces the file durably and keeps its mode; every edit goes to a draft in
 * the store within a second, so that a crash loses nothing (reliability.md section 13). The draft is dropped when the
 * chain is saved, is as it was saved again, or the document is let go.
 *
 * Properties: "chain", "file" (nullable), "title", "saving" (boolean), "conflict" (boolean: the file was changed on
 * disk since it was read; found out by watching it and, at the latest, by saving). Saving then fails once with
 * CHD_ERROR_CONFLICT; saving again replaces the other's file. */

#define CHD_TYPE_DOCUMENT (chd_document_get_type ())
G_DECLARE_FINAL_TYPE (ChdDocument, chd_document, CHD, DOCUMENT, GObject)

/* @store: (nullable): without it no drafts are kept (chainctl). */
ChdDocument *chd_document_new (ChdChain *chain, ChdStore *store);

void chd_document_load_async (GFile *file,
                              ChdStore *store,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* Errors name the file, the line and what was expected. */
ChdDocument *chd_document_load_finish (GAsyncResult *result, GError **error);

/* @file: (nullable): %NULL for where it was. Marks the chain as saved (unless it was changed meanwhile) and drops the
 * draft. */
void chd_document_save_async (ChdDocument *self,
                              GFile *file,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean chd_document_save_finish (ChdDocument *self, GAsyncResult *result, GError **error);

ChdChain *chd_document_get_chain (ChdDocument *self);
GFile *chd_document_get_file (ChdDocument *self); /* (nullable) */
/* The document as it would be saved now; (transfer full). */
char *chd_document_dup_text (ChdDocument *self);
/* Where relative image sources are looked for; (transfer full) (nullable). */
char *chd_document_dup_folder (ChdDocument *self);
/* Writes the draft now (focus-out, logout). */
void chd_document_flush_draft (ChdDocument *self);

/* Drafts that a crash has left; each can be opened or dropped. */
typedef struct
{
  char *id;
  char *title;
  char *path;        /* (nullable): of the file it belongs to */
  gint64 changed_at; /* Unix time in seconds */
  gboolean suspect;  /* the program crashed when it loaded this one: ask before doing so again */
} ChdDraft;

void chd_draft_free (ChdDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdDraft, chd_draft_free)

void chd_document_list_drafts_async (ChdStore *store,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
GPtrArray *chd_document_list_drafts_finish (GAsyncResult *result, GError **error); /* (element-type ChdDraft) */
/* The document with the draft's content, unsaved; "conflict" when its file is newer than what the draft began from. */
void chd_document_recover_async (ChdStore *store,
                                 const char *draft_id,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
ChdDocument *chd_document_recover_finish (GAsyncResult *result, GError **error);
void chd_document_drop_draft (ChdStore *store, const char *draft_id);

G_END_DECLS
