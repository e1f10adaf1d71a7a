/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-write.h"

G_BEGIN_DECLS

/* Between the files that write. All of it runs in the writer thread. */

gboolean chd_api_write_patch (ChdTransaction *transaction, ChdApiWrite *self, GError **error);
gboolean chd_api_write_apply (ChdTransaction *transaction, ChdApiWrite *self, GError **error);
gboolean chd_api_write_delete (ChdTransaction *transaction, ChdApiWrite *self, GError **error);
gboolean chd_api_write_delete_collection (ChdTransaction *transaction, ChdApiWrite *self, GError **error);

/* Ends a dry run: everything is taken back. */
gboolean chd_api_write_take_back (ChdApiWrite *self, GError **error);
void chd_api_write_set_result (ChdApiWrite *self, JsonObject *object);

/* The member when it is a text and not empty. */
const char *chd_api_write_text_of (JsonObject *metadata, const char *name);

gboolean chd_api_write_check_namespace (ChdTransaction *transaction, ChdApiWrite *self, GError **error);
gboolean chd_api_write_check_identity (ChdApiWrite *self, JsonObject *object, GError **error);
gboolean chd_api_write_check_version (ChdApiWrite *self, JsonObject *object, JsonObject *before, GError **error);
gboolean chd_api_write_check_uid (ChdApiWrite *self, JsonObject *object, JsonObject *before, GError **error);

/* Puts the server's own metadata into @object. */
void chd_api_write_own_metadata (ChdApiWrite *self, JsonObject *object, JsonObject *before);
void chd_api_write_default_namespace (JsonObject *object);
/* Admission and the checks of the result. @object: (transfer full). Returns: (transfer full) */
JsonObject *chd_api_write_admit (ChdApiWrite *self, JsonObject *object, JsonObject *before, GError **error);
/* @object: (transfer full): the whole new state of what is stored as @before */
gboolean chd_api_write_replace (ChdTransaction *transaction,
                                ChdApiWrite *self,
                                JsonObject *object,
                                JsonObject *before,
                                GError **error);
/* From the finished object to its row. @object: (transfer full) */
gboolean chd_api_write_store (ChdTransaction *transaction,
                              ChdApiWrite *self,
                              JsonObject *object,
                              JsonObject *before,
                              GError **error);

G_END_DECLS
