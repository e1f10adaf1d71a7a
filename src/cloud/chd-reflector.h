/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "chd-cluster.h"

G_BEGIN_DECLS

/* Mirrors one resource of one namespace (or all) with one selector: list, then watch, for ever. The only source of
 * run states.
 *
 *  (1) What it holds in the end is what the server has, whatever is cut, repeated, late or out of order on the way.
 *  (2) Of one uid an older version never replaces a newer one; another uid under the same name is a deletion and an
 *      addition.
 *  (3) It lists again only after 410, when the server cannot tell what was missed, on refresh, and every 10 minutes.
 *  (4) It waits longer and longer while the server is away (0.8 s doubled up to 30 s, with jitter), and never gives up
 *      but for 401, 403, 404 and the like, which "failed" reports.
 *
 * Signals: "added" (JsonObject *object), "modified" (JsonObject *object, JsonObject *before),
 * "deleted" (JsonObject *last), "synced" () after each complete list, "failed" (GError *error) when it has stopped.
 * Properties "state", "last-seen" notify. */

#define CHD_TYPE_REFLECTOR (chd_reflector_get_type ())
G_DECLARE_FINAL_TYPE (ChdReflector, chd_reflector, CHD, REFLECTOR, GObject)

/**
 * ChdReflectorState:
 * @CHD_REFLECTOR_STOPPED: not started, stopped, or ended by an error that waiting does not cure
 * @CHD_REFLECTOR_CONNECTING: the first list is under way; what is held is not complete
 * @CHD_REFLECTOR_LIVE: what is held is what the server has
 * @CHD_REFLECTOR_RECONNECTING: cut off for more than a moment; show the states as of "last-seen"
 */
typedef enum
{
  CHD_REFLECTOR_STOPPED,
  CHD_REFLECTOR_CONNECTING,
  CHD_REFLECTOR_LIVE,
  CHD_REFLECTOR_RECONNECTING,
} ChdReflectorState;

/* @selector: (nullable) */
ChdReflector *chd_reflector_new (ChdCluster *cluster, ChdKubeType type, const char *namespace_, const char *selector);

void chd_reflector_start (ChdReflector *self);
void chd_reflector_stop (ChdReflector *self);
/* Lists again at once. */
void chd_reflector_refresh (ChdReflector *self);

ChdReflectorState chd_reflector_get_state (ChdReflector *self);
gboolean chd_reflector_is_synced (ChdReflector *self);
/* Unix time in µs of the last word from the server, 0 for never. */
gint64 chd_reflector_get_last_seen (ChdReflector *self);
/* Why it is not live. (nullable) */
const GError *chd_reflector_get_error (ChdReflector *self);
/* @namespace_: (nullable): the cluster's own. Borrowed. */
JsonObject *chd_reflector_lookup (ChdReflector *self, const char *namespace_, const char *name);
/* (element-type JsonObject) (transfer container): in no order. */
GPtrArray *chd_reflector_list (ChdReflector *self);
guint chd_reflector_get_n_objects (ChdReflector *self);

/* The first wait after trouble in ms (800) and the longest silence of a watch in seconds; tests make them short. */
void chd_reflector_set_backoff (ChdReflector *self, guint milliseconds);
void chd_reflector_set_silence_limit (ChdReflector *self, guint seconds);

G_END_DECLS
