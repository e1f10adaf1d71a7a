/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-object-store.h"
#include "chd-store-database.h"

G_BEGIN_DECLS

/* What the main thread sees of a store: all live objects, and the last changes. */
typedef struct _ChdStoreView ChdStoreView;

ChdStoreView *chd_store_view_load (ChdStoreDatabase *database, GError **error);
void chd_store_view_free (ChdStoreView *self);

JsonObject *chd_store_view_get (ChdStoreView *self, const char *resource, const char *namespace_, const char *name);
GPtrArray *chd_store_view_list (ChdStoreView *self, const char *resource, const char *namespace_);
guint64 chd_store_view_get_version (ChdStoreView *self);
/* The oldest version a watch can start from. */
guint64 chd_store_view_get_horizon (ChdStoreView *self);
GPtrArray *chd_store_view_changes_since (ChdStoreView *self, const char *resource, guint64 version);

/* Takes in a committed change. @resource: interned. @object: the new state; for deletions the last one with the new
 * version. Returns: (transfer full): to be given up with g_ptr_array's free function of chd_store_view_new_changes() */
ChdStoreChange *chd_store_view_apply (ChdStoreView *self,
                                      ChdChangeType type,
                                      guint64 version,
                                      const char *resource,
                                      const char *namespace_,
                                      const char *name,
                                      JsonObject *object,
                                      gsize bytes);
GPtrArray *chd_store_view_new_changes (void);

G_END_DECLS
