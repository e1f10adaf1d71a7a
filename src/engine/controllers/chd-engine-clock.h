/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long ago something was: stored times are wall times, but a wall clock that is set while the engine runs must
 * neither end a run early nor let it go on for ever. So the engine remembers how far the wall clock had been moved when
 * it first saw a stored time; time asleep counts. Across restarts only the wall clock is left. May be called in any
 * thread. */

typedef struct _ChdEngineClock ChdEngineClock;

ChdEngineClock *chd_engine_clock_new (void);
ChdEngineClock *chd_engine_clock_ref (ChdEngineClock *self);
void chd_engine_clock_unref (ChdEngineClock *self);

/* @uid, @timestamp: an object and one of its RFC 3339 times. Returns: microseconds, not negative */
gint64 chd_engine_clock_elapsed (ChdEngineClock *self, const char *uid, const char *timestamp);
/* The object has ended; nothing more is asked about it. */
void chd_engine_clock_forget (ChdEngineClock *self, const char *uid);

G_END_DECLS
