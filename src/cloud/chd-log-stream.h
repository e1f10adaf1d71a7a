/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-cluster.h"

G_BEGIN_DECLS

/* Follows the log of one container from its beginning to its end.
 *
 *  (1) Each line comes once and in order, over any number of cuts (resumed by time stamp).
 *  (2) The end of a stream is no proof of the end of the step: the pod's status decides.
 *  (3) Lines are harmless UTF-8 without line end, at most 64 KiB; the whole at most the limit.
 *
 * Signals: "line" (const char *text, gint64 time): Unix time in µs, 0 when unknown;
 * "ended" (const GError *error): (nullable): %NULL at the natural end. */

#define CHD_LOG_STREAM_MAX_LINE (64 * 1024)
#define CHD_LOG_STREAM_MAX_BYTES (64 * 1024 * 1024)

#define CHD_TYPE_LOG_STREAM (chd_log_stream_get_type ())
G_DECLARE_FINAL_TYPE (ChdLogStream, chd_log_stream, CHD, LOG_STREAM, GObject)

/* @namespace_: (nullable): the cluster's own */
ChdLogStream *chd_log_stream_new (ChdCluster *cluster, const char *namespace_, const char *pod, const char *container);

/* @follow: %FALSE gives what is there now */
void chd_log_stream_start (ChdLogStream *self, gboolean follow);
void chd_log_stream_stop (ChdLogStream *self);
gboolean chd_log_stream_is_running (ChdLogStream *self);
void chd_log_stream_set_max_bytes (ChdLogStream *self, gsize bytes);
void chd_log_stream_set_backoff (ChdLogStream *self, guint milliseconds);

G_END_DECLS
