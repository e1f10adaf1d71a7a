/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-request.h"

G_BEGIN_DECLS

/* An answer that is written piece by piece, as fast as the client takes it: when the last piece has gone, the owner is
 * asked for more, so nothing piles up. It notices when the client goes away. */
typedef struct _ChdApiStream ChdApiStream;

/* Called from the main loop whenever more can be written. */
typedef void (*ChdApiStreamFunc) (ChdApiStream *stream, gpointer user_data);

/* @destroy: called once when the stream is over, by chd_api_stream_end() or by the client */
ChdApiStream *chd_api_stream_new (ChdApiRequest *request,
                                  const char *content_type,
                                  ChdApiStreamFunc more,
                                  gpointer user_data,
                                  GDestroyNotify destroy);
/* Whether the last piece is still on its way. */
gboolean chd_api_stream_is_busy (ChdApiStream *self);
void chd_api_stream_write (ChdApiStream *self, GBytes *bytes /* (transfer full) */);
/* No more comes; @self must not be used afterwards. */
void chd_api_stream_end (ChdApiStream *self);

G_END_DECLS
