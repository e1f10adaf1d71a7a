/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-object-store.h"
#include "chd-store-database.h"

G_BEGIN_DECLS

/* What a transaction did: all of it belongs to the writer thread but @copy, which is made for the main thread. */
typedef struct
{
  ChdChangeType type;
  guint64 version;
  const char *resource; /* interned */
  char *namespace_;
  char *name;
  JsonObject *before; /* (nullable) */
  JsonObject *after;
  JsonObject *copy; /* (nullable) until the commit */
  gsize bytes;
} ChdWrite;

void chd_write_free (ChdWrite *self);

/* @cache: "resource|namespace/name" → JsonObject, the writer thread's own objects
 * @version: the counter before it */
ChdTransaction *chd_transaction_new (ChdStoreDatabase *database, GHashTable *cache, guint64 version);
/* Takes back what the transaction put into the cache. */
void chd_transaction_undo (ChdTransaction *self);
/* What went wrong inside, which fails the transaction whatever its function answers. (transfer none) (nullable) */
const GError *chd_transaction_get_error (ChdTransaction *self);
guint64 chd_transaction_get_version (ChdTransaction *self);
/* (element-type ChdWrite), owned by the transaction */
GPtrArray *chd_transaction_get_writes (ChdTransaction *self);
/* Gives up what belongs to the writer thread, before the transaction goes to the main thread. */
void chd_transaction_release (ChdTransaction *self);
void chd_transaction_free (ChdTransaction *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdTransaction, chd_transaction_free)

G_END_DECLS
