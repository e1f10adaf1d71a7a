/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* chain-step, the supervisor of one step. It uses the C library alone: one is there for each running step.
 *
 * Descriptors it is started with: STEP_FD_SPEC, and for a sandbox STEP_FD_ARGS and STEP_FD_SECCOMP, are files in
 * memory; STEP_FD_GATE is a pipe. The specification is a row of strings "key=value", each ended by a NUL. */
enum
{
  STEP_FD_SPEC = 3,
  STEP_FD_ARGS = 4,    /* goes on to bwrap --args */
  STEP_FD_SECCOMP = 5, /* goes on to bwrap --seccomp */
  STEP_FD_STATUS = 6,  /* made by us: bwrap --json-status-fd */
  STEP_FD_BLOCK = 7,   /* made by us: bwrap --block-fd */
  STEP_FD_GATE = 8,
};

#define STEP_MAX_SPEC (4 * 1024 * 1024)
#define STEP_MAX_MESSAGE 1000

typedef struct
{
  const char *log;
  const char *record;
  const char *subject;     /* the sentence for a step that could not be started */
  const char *cut_note;    /* the sentence that ends a log that was cut */
  const char *crowd_note;  /* the sentence for a step with too many processes */
  const char *working_dir; /* without a sandbox */
  char **argv;             /* bwrap and its arguments; without a sandbox the command itself */
  char **envp;             /* the command's environment, without a sandbox; bwrap gets none */
  bool sandboxed;
  uint64_t seconds; /* 0: no limit */
  uint64_t memory;
  uint64_t processes;
  uint64_t file_size;
  uint64_t output;
} StepSpec;

bool step_spec_read (StepSpec *spec);

/* The record: lines of words; the last whole line counts. chd-step-exit.c reads it. */
bool step_record_begin (const char *path, int64_t started_at);
typedef struct
{
  const char *end; /* a word */
  int code;
  int signal;
  int64_t started_at;
  int64_t finished_at;
  bool output_cut;
  const char *message; /* may be NULL */
} StepEnd;
void step_record_end (const StepEnd *end);
int64_t step_real_time (void);

/* The log. */
typedef struct
{
  int fd;
  const char *name; /* "stdout" or "stderr" */
  char line[16384]; /* CRI's own limit of a line's part */
  size_t length;
  bool open_line; /* a part was written without the line's end */
} StepStream;

bool step_log_open (const char *path, uint64_t limit, const char *cut_note);
void step_log_feed (StepStream *stream, const char *data, size_t length);
void step_log_flush_part (StepStream *stream); /* what waits for its line's end */
void step_log_end_stream (StepStream *stream);
bool step_log_is_cut (void);

/* The process that is the step. */
typedef struct
{
  pid_t pid;   /* bwrap, or the command itself */
  pid_t init;  /* the first process of the sandbox; 0 while unknown */
  int init_fd; /* pidfd of it, or -1 */
  int out_fd;  /* what it says */
  int err_fd;
  int status_fd; /* bwrap's reports, or -1 */
  int block_fd;  /* to be written when the limits are set, or -1 */
  char status[1024];
  size_t status_length;
} StepChild;

bool step_child_start (StepChild *child, const StepSpec *spec, int *saved_errno);
void step_child_read_status (StepChild *child, const StepSpec *spec);
bool step_child_exit_code (const StepChild *child, int *code); /* false: the command was never started */

/* What runs below the step. */
typedef struct
{
  uint64_t processes; /* with their threads */
  uint64_t memory;    /* bytes in memory that are not files */
} StepUsage;

void step_watch_measure (const StepChild *child, StepUsage *usage, bool exactly);
void step_watch_signal (const StepChild *child, int signal); /* to each process but the sandbox's own */
void step_watch_kill (const StepChild *child);
