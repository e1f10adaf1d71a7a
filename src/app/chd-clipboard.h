/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-window.h"

G_BEGIN_DECLS

#define CHD_CLIPBOARD_TYPE "application/x-chain-designer"

/* Parts of chains in the desktop's clipboard: our own type, and for everyone else an outline as plain text. */
void chd_clipboard_put (GdkClipboard *clipboard, ChdChain *fragment);

void chd_clipboard_get_async (GdkClipboard *clipboard,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* Of our type, or of a plain text that is a chain document. (transfer full) */
ChdChain *chd_clipboard_get_finish (GdkClipboard *clipboard, GAsyncResult *result, GError **error);

G_END_DECLS
