/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Private to the document: bytes of a file, blocking; called in workers. */

/* @hash: (out) (transfer full): of the bytes. Larger than a document may be: CHD_ERROR_LIMIT. */
char *chd_document_file_read (GFile *file, gsize *length, char **hash, GCancellable *cancellable, GError **error);

/* Replaces the file durably; an existing one keeps its mode, and a link keeps pointing where it did. */
gboolean
chd_document_file_write (GFile *file, const char *text, gsize length, GCancellable *cancellable, GError **error);

/* The hash of what is there now; %NULL when there is no such file (or it cannot be read). */
char *chd_document_file_hash (GFile *file, GCancellable *cancellable);

G_END_DECLS
