/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Private to cloud: cuts a stream of bytes into lines, whatever the borders of its pieces are. */

typedef struct _ChdLineBuffer ChdLineBuffer;

ChdLineBuffer *chd_line_buffer_new (gsize max_line);
void chd_line_buffer_free (ChdLineBuffer *self);
void chd_line_buffer_feed (ChdLineBuffer *self, const char *data, gsize size);
const char *chd_line_buffer_next (ChdLineBuffer *self, gsize *length, gboolean *whole);
const char *chd_line_buffer_rest (ChdLineBuffer *self, gsize *length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdLineBuffer, chd_line_buffer_free)

G_END_DECLS
