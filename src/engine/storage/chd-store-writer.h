/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-object-store.h"
#include "chd-store-database.h"
#include "chd-transaction-private.h"

G_BEGIN_DECLS

/* One queued transaction. */
typedef struct
{
  GTask *task; /* (owned) */
  ChdTransactionFunc func;
  gpointer data;
  GError *error;               /* (nullable) why it failed */
  ChdTransaction *transaction; /* (owned) (nullable) what it did */
  guint64 version;
} ChdStoreJob;

/* Called in the writer thread after each COMMIT (or its failure) with the jobs of it (transfer full). */
typedef void (*ChdStoreDoneFunc) (GPtrArray *jobs, gpointer user_data);

/* The thread that writes, and its queue. */
typedef struct _ChdStoreWriter ChdStoreWriter;

/* @database: (transfer full) */
ChdStoreWriter *
chd_store_writer_new (ChdStoreDatabase *database, const char *folder, ChdStoreDoneFunc done, gpointer user_data);
void chd_store_writer_push (ChdStoreWriter *self, ChdStoreJob *job /* (transfer full) */);
/* Changes up to @version may be forgotten. */
void chd_store_writer_set_horizon (ChdStoreWriter *self, guint64 version);
/* Finishes what is queued, then closes the database. */
void chd_store_writer_free (ChdStoreWriter *self);

void chd_store_job_free (ChdStoreJob *self);

G_END_DECLS
