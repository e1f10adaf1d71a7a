/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Private to cloud: hashes and counts what is written through it. */

#define CHD_TYPE_DIGEST_STREAM (chd_digest_stream_get_type ())
G_DECLARE_FINAL_TYPE (ChdDigestStream, chd_digest_stream, CHD, DIGEST_STREAM, GFilterOutputStream)

ChdDigestStream *chd_digest_stream_new (GOutputStream *base, GChecksumType type);
/* Ends the hashing. Lower-case hex digits. */
const char *chd_digest_stream_get_hash (ChdDigestStream *self);
gint64 chd_digest_stream_get_size (ChdDigestStream *self);

G_END_DECLS
