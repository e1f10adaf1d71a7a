/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-line-stream.h"
#include "chd-reflector-cache.h"
#include "chd-reflector.h"

G_BEGIN_DECLS

/* So many lines in a row that are no events, and a list is due. */
#define CHD_REFLECTOR_MAX_BAD_LINES 3

struct _ChdReflector
{
  GObject parent_instance;

  ChdCluster *cluster; /* (owned) */
  ChdKubeType type;
  char *namespace_; /* (owned) "" for all */
  char *selector;   /* (owned) (nullable) */
  guint backoff;
  guint silence_limit; /* seconds; 0 for ours */

  ChdReflectorState state;
  gboolean synced;
  gint64 last_seen;
  GError *error; /* (owned) (nullable) */

  ChdReflectorCache *cache; /* (owned) */
  char *version;            /* (owned) (nullable) */
  guint generation;         /* changes with every start, stop and refresh */

  gboolean list_due;
  gboolean accept_older;
  guint failures; /* in a row */
  guint bad_lines;
  GCancellable *listing; /* (owned) (nullable) */
  ChdLineStream *stream; /* (owned) (nullable) */
  gint64 watch_began;
  gboolean progressed; /* this watch brought a newer version */
  gboolean has_bookmarks;

  guint wait_id;
  guint moment_id;
  guint relist_id;
};

/* Asks for what is due: a list, or a watch. */
void chd_reflector_connect (ChdReflector *self);
void chd_reflector_start_watch (ChdReflector *self);

void chd_reflector_set_live (ChdReflector *self);
void chd_reflector_set_seen (ChdReflector *self);
void chd_reflector_set_cut_off (ChdReflector *self);
/* The list or the watch did not work out: waits, or fails for good. */
void chd_reflector_take_trouble (ChdReflector *self, const GError *error, gboolean of_list);
/* Emits what has changed; %FALSE when a handler stopped or restarted the reflector. */
gboolean chd_reflector_emit_changes (ChdReflector *self, GPtrArray *changes);

G_END_DECLS
