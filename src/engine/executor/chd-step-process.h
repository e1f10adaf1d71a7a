/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-image-store.h"
#include "chd-sandbox.h"

G_BEGIN_DECLS

/* One step that runs: a supervisor process (chain-step) that is the parent of the sandbox, keeps the log and the
 * limits, survives the engine, and at the end writes an exit record.
 *
 *  (1) chd_step_process_spawn() starts the supervisor, which waits at a gate. Nothing of the step has run. The caller
 *      stores pid, start time and boot id, and only then calls chd_step_process_release().
 *  (2) When the engine dies before (1) is done, the gate closes and the supervisor ends without running anything.
 *  (3) The exit record is first written, and synced, right after the gate opened and before the step runs. So: no
 *      record = never ran; a record "running" without a process = ended unrecorded (power loss); else = the end.
 *  (4) "exited" is emitted exactly once, from the main loop, after which no process of the step lives. */

/* What a step is. Everything is copied. */
typedef struct _ChdStepSpec ChdStepSpec;

ChdStepSpec *chd_step_spec_new (ChdImage *image);
void chd_step_spec_free (ChdStepSpec *self);
void chd_step_spec_set_argv (ChdStepSpec *self, const char *const *argv);
/* The image's own variables are there already (PATH and HOME too); these win. */
void chd_step_spec_set_env (ChdStepSpec *self, const char *name, const char *value);
/* Default: the image's, else "/". Made (empty, in memory) when neither the image nor a bind has it. */
void chd_step_spec_set_working_dir (ChdStepSpec *self, const char *path);
/* @host_path: an existing file or folder. @sandbox_path: absolute; need not exist in the image. */
void chd_step_spec_add_bind (ChdStepSpec *self, const char *host_path, const char *sandbox_path, gboolean writable);
/* A private folder in memory of at most @bytes. /tmp is always there. */
void chd_step_spec_add_tmpfs (ChdStepSpec *self, const char *sandbox_path, guint64 bytes);
void chd_step_spec_set_network (ChdStepSpec *self, gboolean network);
/* Both files are made anew. The log gets stdout and stderr as they come. */
void chd_step_spec_set_log_path (ChdStepSpec *self, const char *path);
void chd_step_spec_set_record_path (ChdStepSpec *self, const char *path);

/* 0 = the default beside it. */
typedef struct
{
  guint64 seconds;   /* of running time; none (Tekton's own timeouts decide) */
  guint64 memory;    /* bytes, of all processes together; 1 GiB */
  guint processes;   /* 256 */
  guint64 file_size; /* bytes of one file; 1 GiB */
  guint64 output;    /* bytes of log; 64 MiB */
  guint64 tmp;       /* bytes of /tmp; 256 MiB */
} ChdStepLimits;

void chd_step_spec_set_limits (ChdStepSpec *self, const ChdStepLimits *limits);

/**
 * ChdStepEnd:
 * @CHD_STEP_EXITED: by itself; see exit_code
 * @CHD_STEP_SIGNALED: by a signal that was not ours; see signal
 * @CHD_STEP_KILLED: by chd_step_process_kill()
 * @CHD_STEP_TIMED_OUT: by its limit of time
 * @CHD_STEP_OUT_OF_MEMORY: by its limit of memory
 * @CHD_STEP_NOT_STARTED: the sandbox or the command could not be started; see message. Nothing of it has run
 * @CHD_STEP_NEVER_RAN: the gate never opened
 * @CHD_STEP_LOST: ended without a record (the machine or the supervisor was killed)
 */
typedef enum
{
  CHD_STEP_EXITED,
  CHD_STEP_SIGNALED,
  CHD_STEP_KILLED,
  CHD_STEP_TIMED_OUT,
  CHD_STEP_OUT_OF_MEMORY,
  CHD_STEP_NOT_STARTED,
  CHD_STEP_NEVER_RAN,
  CHD_STEP_LOST,
} ChdStepEnd;

typedef struct
{
  ChdStepEnd end;
  int exit_code; /* 128 + signal when a signal ended it, as Kubernetes says it */
  int signal;
  gint64 started_at;   /* Unix time in microseconds; 0 when it never ran */
  gint64 finished_at;  /* the same */
  gboolean output_cut; /* the log reached its limit */
  char *message;       /* (nullable) a sentence, for NOT_STARTED */
} ChdStepExit;

#define CHD_TYPE_STEP_PROCESS (chd_step_process_get_type ())
G_DECLARE_FINAL_TYPE (ChdStepProcess, chd_step_process, CHD, STEP_PROCESS, GObject)

ChdStepProcess *chd_step_process_spawn (ChdSandbox *sandbox, ChdStepSpec *spec, GError **error);
/* Takes over a step that an earlier engine started. When its process is no more (or the pid means another one now, or
 * the machine was started anew), "exited" follows from the record alone. Never fails. */
ChdStepProcess *chd_step_process_adopt (GPid pid, guint64 start_time, const char *boot_id, const char *record_path);

GPid chd_step_process_get_pid (ChdStepProcess *self);
guint64 chd_step_process_get_start_time (ChdStepProcess *self); /* in clock ticks since boot, as in /proc/PID/stat */
const char *chd_step_process_get_boot_id (ChdStepProcess *self);
void chd_step_process_release (ChdStepProcess *self);
/* TERM, then KILL; over within 10 s whatever the step does. Before release: ends as never ran. */
void chd_step_process_kill (ChdStepProcess *self);
/* (nullable): %NULL until "exited". */
const ChdStepExit *chd_step_process_get_exit (ChdStepProcess *self);

/* Signal "exited" (ChdStepProcess *self): see chd_step_process_get_exit(). */

/* What an exit record says, without any process; for tests and "chain-engine check". */
ChdStepExit *chd_step_exit_read (const char *record_path);
void chd_step_exit_free (ChdStepExit *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdStepSpec, chd_step_spec_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdStepExit, chd_step_exit_free)

G_END_DECLS
