/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Elapsed time that survives a change of the wall clock. */

#include "config.h"

#include "chd-engine-clock.h"

#include <time.h>

#include "chd-util.h"

struct _ChdEngineClock
{
  GMutex mutex;
  GHashTable *seen; /* (element-type utf8 GHashTable): uid → timestamp → how far the clock was moved then */
  gint64 wall_at_start;
  gint64 boot_at_start;
};

static gint64
boot_time (void)
{
  struct timespec now;

  if (clock_gettime (CLOCK_BOOTTIME, &now) != 0)
    return g_get_monotonic_time ();
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

ChdEngineClock *
chd_engine_clock_new (void)
{
  ChdEngineClock *self = g_atomic_rc_box_new0 (ChdEngineClock);

  g_mutex_init (&self->mutex);
  self->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  self->wall_at_start = g_get_real_time ();
  self->boot_at_start = boot_time ();
  return self;
}

static void
clear (gpointer data)
{
  ChdEngineClock *self = data;

  g_hash_table_unref (self->seen);
  g_mutex_clear (&self->mutex);
}

ChdEngineClock *
chd_engine_clock_ref (ChdEngineClock *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
chd_engine_clock_unref (ChdEngineClock *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/* How far the wall clock has been moved since the engine's start. */
static gint64
get_shift (ChdEngineClock *self)
{
  return (g_get_real_time () - self->wall_at_start) - (boot_time () - self->boot_at_start);
}

gint64
chd_engine_clock_elapsed (ChdEngineClock *self, const char *uid, const char *timestamp)
{
  gint64 seconds;
  gint64 shift = get_shift (self);
  gint64 *shift_then;
  gint64 elapsed;
  GHashTable *times;

  if (uid == NULL || !chd_parse_timestamp (timestamp, &seconds))
    return 0;

  g_mutex_lock (&self->mutex);
  times = g_hash_table_lookup (self->seen, uid);
  if (times == NULL)
    {
      times = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (self->seen, g_strdup (uid), times);
    }
  shift_then = g_hash_table_lookup (times, timestamp);
  elapsed = g_get_real_time () - seconds * G_USEC_PER_SEC;
  if (shift_then == NULL)
    {
      shift_then = g_new (gint64, 1);
      /* Stored times are cut to whole seconds. One that was written just now counts from now on, so that a limit is
       * never shorter than it says. */
      *shift_then = elapsed >= 0 && elapsed < G_USEC_PER_SEC ? shift - elapsed : shift;
      g_hash_table_insert (times, g_strdup (timestamp), shift_then);
      if (elapsed < G_USEC_PER_SEC)
        elapsed = 0;
    }
  else
    {
      elapsed -= shift - *shift_then;
    }
  g_mutex_unlock (&self->mutex);
  return MAX (elapsed, 0);
}

void
chd_engine_clock_forget (ChdEngineClock *self, const char *uid)
{
  if (uid == NULL)
    return;
  g_mutex_lock (&self->mutex);
  g_hash_table_remove (self->seen, uid);
  g_mutex_unlock (&self->mutex);
}
