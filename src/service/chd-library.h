/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-catalogue.h"
#include "chd-session.h"

G_BEGIN_DECLS

/* Fills the catalogue: what is shipped (data/interfaces, data/scripts, data/environments), what lies in the user's
 * library ($XDG_DATA_HOME/chain-designer/{interfaces,scripts,environments}), and what is published on an engine
 * (Pipelines with the interface label). A file that cannot be read is passed over and told. */

/* @session: (nullable) */
void chd_library_load_async (ChdSession *session,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* @problems: (out) (optional) (transfer full): a sentence a file that was passed over */
ChdCatalogue *chd_library_load_finish (GAsyncResult *result, char ***problems, GError **error);

/* The folder of a kind ("interfaces") in the user's library, made when needed; (transfer full). */
char *chd_library_dup_user_folder (const char *kind, GError **error);

G_END_DECLS
