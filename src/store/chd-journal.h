/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-store.h"

G_BEGIN_DECLS

/* What is being done on an engine, written down before it is sent: so that after a crash, a lost answer or a quit it
 * goes on where it was, and can be taken back.
 *
 *  (1) A creation has one row a target, written together before the first request; a target's row says what the engine
 *      made of it as soon as that is known. When all is done the creation is gone from the journal.
 *  (2) A target that a creation has newly made stays marked so when the creation is begun again: undo needs it.
 *
 * @engine: chd_session_get_engine_id(), which engine and which namespace. */

typedef enum
{
  CHD_JOURNAL_PLANNED, /* may have been sent */
  CHD_JOURNAL_MADE,    /* the engine said so */
  CHD_JOURNAL_FAILED,  /* the engine refused it */
} ChdJournalState;

typedef struct
{
  char *kind;   /* "Task" */
  char *name;   /* of the object */
  char *action; /* "create", "update", "delete", "upload" */
  char *hash;   /* (nullable): of its content */
  gboolean is_new;
  ChdJournalState state;
  char *uid; /* (nullable) */
} ChdJournalTarget;

typedef struct
{
  gint64 id;
  char *chain;
  char *hash; /* of the document */
  gint64 started_at;
  GPtrArray *targets; /* (element-type ChdJournalTarget) */
} ChdJournalCreation;

ChdJournalTarget *
chd_journal_target_new (const char *kind, const char *name, const char *action, const char *hash, gboolean is_new);
void chd_journal_target_free (ChdJournalTarget *target);
void chd_journal_creation_free (ChdJournalCreation *creation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdJournalTarget, chd_journal_target_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdJournalCreation, chd_journal_creation_free)

/* Begins a creation, or begins it again. @targets: (element-type ChdJournalTarget) (transfer full) */
void chd_journal_begin_async (ChdStore *store,
                              const char *engine,
                              const char *chain,
                              const char *hash,
                              GPtrArray *targets,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* As it stands in the journal now: is_new of an earlier try is kept, so are targets that only that one had made.
 * Returns: (transfer full) */
ChdJournalCreation *chd_journal_begin_finish (GAsyncResult *result, GError **error);

void chd_journal_set_target_async (ChdStore *store,
                                   gint64 creation,
                                   const char *kind,
                                   const char *name,
                                   ChdJournalState state,
                                   const char *uid,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean chd_journal_set_target_finish (GAsyncResult *result, GError **error);

/* All is done, or all was taken back. */
void chd_journal_end_async (ChdStore *store, gint64 creation, GAsyncReadyCallback callback, gpointer user_data);
gboolean chd_journal_end_finish (GAsyncResult *result, GError **error);

/* Creations that were begun and not ended. (element-type ChdJournalCreation) */
void chd_journal_list_async (ChdStore *store, const char *engine, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *chd_journal_list_finish (GAsyncResult *result, GError **error);

G_END_DECLS
