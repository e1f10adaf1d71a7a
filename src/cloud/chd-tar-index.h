/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Private to cloud: where the files of a plain tar archive stand in it. Immutable. */

typedef struct _ChdTarIndex ChdTarIndex;

ChdTarIndex *chd_tar_index_new (int fd, goffset length, GCancellable *cancellable, GError **error);
void chd_tar_index_free (ChdTarIndex *self);
gboolean chd_tar_index_lookup (ChdTarIndex *self, const char *name, goffset *offset, gint64 *size);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdTarIndex, chd_tar_index_free)

G_END_DECLS
