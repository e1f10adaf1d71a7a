/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * chain-step: the supervisor of one step. It waits at a gate until the engine has stored that it exists, writes that
 * the step runs, starts it, keeps its log and its limits, and writes how it ended. It lives on when the engine dies. */

#include "step.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* From the polite signal to the other one; the engine's promise is ten seconds for all of it. */
#define GRACE_MS 5000
#define QUIET_MS 200
#define BUSY_MS 50
/* A part of a line is shown when nothing follows it for so long. */
#define PART_MS 1000
/* How long the end of everything may take after it was killed. */
#define END_MS 3000

typedef enum
{
  REASON_NONE,
  REASON_KILLED,
  REASON_TIME,
  REASON_MEMORY,
  REASON_CROWD,
} Reason;

static StepSpec spec;
static StepChild child;
static StepStream out = { .name = "stdout" };
static StepStream err = { .name = "stderr" };
static char first_error[500]; /* what bwrap says when it cannot start the command */
static size_t first_error_length;
static int signal_fd;
static Reason reason;
static int64_t kill_at; /* monotonic, 0: not yet asked to end */
static int64_t last_output;
static int child_status;
static bool child_is_gone;

static int64_t
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
prepare_signals (void)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGCHLD);
  sigprocmask (SIG_BLOCK, &set, NULL);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  signal_fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True when a signal asks the step to end. */
static bool
take_signals (void)
{
  struct signalfd_siginfo info;
  bool asked = false;

  while (read (signal_fd, &info, sizeof info) == (ssize_t) sizeof info)
    asked = asked || info.ssi_signo != SIGCHLD;
  return asked;
}

/* False when the engine went away or thought better of it. */
static bool
wait_at_gate (void)
{
  struct pollfd items[] = { { .fd = STEP_FD_GATE, .events = POLLIN }, { .fd = signal_fd, .events = POLLIN } };
  char token;

  for (;;)
    {
      if (poll (items, 2, -1) < 0 && errno != EINTR)
        return false;
      if ((items[1].revents & POLLIN) && take_signals ())
        return false;
      if (items[0].revents != 0)
        {
          ssize_t n = read (STEP_FD_GATE, &token, 1);

          close (STEP_FD_GATE);
          return n == 1;
        }
    }
}

static void
ask_to_end (Reason why, bool politely)
{
  if (kill_at != 0)
    return;
  reason = why;
  kill_at = now_ms () + (politely ? GRACE_MS : 0);
  if (politely)
    step_watch_signal (&child, SIGTERM);
  else
    step_watch_kill (&child);
}

/* Returns false at the stream's end. */
static bool
read_output (int fd, StepStream *stream)
{
  static char buffer[64 * 1024];
  ssize_t n = read (fd, buffer, sizeof buffer);

  if (n < 0)
    return errno == EINTR || errno == EAGAIN;
  if (n == 0)
    return false;
  last_output = now_ms ();
  if (stream == &err && first_error_length < sizeof first_error - 1)
    {
      size_t part = sizeof first_error - 1 - first_error_length;

      part = part < (size_t) n ? part : (size_t) n;
      memcpy (first_error + first_error_length, buffer, part);
      first_error_length += part;
    }
  step_log_feed (stream, buffer, (size_t) n);
  return true;
}

static void
read_pipe (int *fd, StepStream *stream)
{
  if (*fd >= 0 && !read_output (*fd, stream))
    {
      close (*fd);
      *fd = -1;
      step_log_end_stream (stream);
    }
}

/* True when nothing is left of the step: everything that ran below it is our child by then. */
static bool
reap (void)
{
  pid_t pid;
  int status;

  while ((pid = waitpid (-1, &status, WNOHANG)) > 0)
    if (pid == child.pid)
      {
        child_is_gone = true;
        child_status = status;
      }
  return pid < 0 && errno == ECHILD;
}

static int
check_limits (int64_t started)
{
  StepUsage usage;
  int64_t now = now_ms ();
  bool near;

  if (spec.seconds > 0 && now - started >= (int64_t) spec.seconds * 1000)
    ask_to_end (REASON_TIME, true);
  if (kill_at != 0 && now >= kill_at)
    step_watch_kill (&child);
  if (now - last_output >= PART_MS)
    {
      step_log_flush_part (&out);
      step_log_flush_part (&err);
    }
  step_watch_measure (&child, &usage, false);
  if (usage.memory > spec.memory)
    step_watch_measure (&child, &usage, true);
  if (usage.memory > spec.memory)
    ask_to_end (REASON_MEMORY, false);
  /* The sandbox's own limit makes a fork fail before; root has none. */
  if (usage.processes > spec.processes)
    ask_to_end (REASON_CROWD, false);
  near = usage.memory > spec.memory / 8 || usage.processes > spec.processes / 8;
  return near || kill_at != 0 ? BUSY_MS : QUIET_MS;
}

/* Until the step itself has ended. */
static void
supervise (void)
{
  int64_t started = now_ms ();
  int64_t next_check = started + BUSY_MS;

  while (!child_is_gone)
    {
      struct pollfd items[] = {
        { .fd = signal_fd, .events = POLLIN },
        { .fd = child.out_fd, .events = POLLIN },
        { .fd = child.err_fd, .events = POLLIN },
        { .fd = child.status_fd, .events = POLLIN },
      };
      int64_t wait = next_check - now_ms ();

      if (poll (items, 4, wait > 0 ? (int) wait : 0) < 0 && errno != EINTR)
        break;
      if (items[3].revents != 0)
        step_child_read_status (&child, &spec);
      if (items[1].revents != 0)
        read_pipe (&child.out_fd, &out);
      if (items[2].revents != 0)
        read_pipe (&child.err_fd, &err);
      if (items[0].revents != 0)
        {
          if (take_signals ())
            ask_to_end (REASON_KILLED, true);
          reap ();
        }
      if (now_ms () >= next_check)
        next_check = now_ms () + check_limits (started);
    }
}

/* Everything that is left ends, and what it said is read. */
static void
finish (void)
{
  int64_t deadline = now_ms () + END_MS;

  while (!reap () && now_ms () < deadline)
    {
      struct pollfd item = { .fd = signal_fd, .events = POLLIN };

      step_watch_kill (&child);
      poll (&item, 1, 10);
      take_signals ();
    }
  if (child.status_fd >= 0)
    step_child_read_status (&child, &spec);
  while (child.out_fd >= 0 || child.err_fd >= 0)
    {
      struct pollfd items[] = {
        { .fd = child.out_fd, .events = POLLIN },
        { .fd = child.err_fd, .events = POLLIN },
      };

      if (poll (items, 2, 0) <= 0)
        break;
      if (items[0].revents != 0)
        read_pipe (&child.out_fd, &out);
      if (items[1].revents != 0)
        read_pipe (&child.err_fd, &err);
    }
  step_log_end_stream (&out);
  step_log_end_stream (&err);
}

/* "bwrap: execvp /bin/x: No such file or directory" without what the subject has said already. */
static const char *
shorten_error (void)
{
  static const char *const heads[] = { "bwrap: ", "execvp " };
  char *text = first_error;
  char *colon;

  while (first_error_length > 0 && first_error[first_error_length - 1] == '\n')
    first_error_length--;
  first_error[first_error_length] = '\0';
  if (strncmp (text, heads[0], strlen (heads[0])) != 0)
    return text;
  text += strlen (heads[0]);
  colon = strrchr (text, ':');
  return strncmp (text, heads[1], strlen (heads[1])) == 0 && colon != NULL ? colon + 2 : text;
}

static void
describe_end (StepEnd *end)
{
  static const char *const words[] = { "exited", "killed", "timed-out", "out-of-memory", "signaled" };
  static char message[STEP_MAX_MESSAGE];
  bool started = true;
  int code = 0;

  if (!spec.sandboxed && child.pid > 0)
    code = WIFSIGNALED (child_status) ? 128 + WTERMSIG (child_status) : WEXITSTATUS (child_status);
  else if (child.pid <= 0 || !step_child_exit_code (&child, &code))
    {
      /* bwrap itself was killed; whether the command ran is not known, so it counts as run. */
      started = child.pid > 0 && (reason != REASON_NONE || WIFSIGNALED (child_status));
      code = 137;
    }
  end->code = code;
  end->end = words[reason];
  if (!started)
    {
      end->end = "not-started";
      snprintf (message, sizeof message, "%s (%s)", spec.subject, shorten_error ());
      end->message = message;
    }
  else if (reason == REASON_CROWD)
    {
      end->code = 137;
      end->message = spec.crowd_note;
    }
  /* A number above 128 is how the sandbox and every shell say that a signal ended it. */
  if (started && end->code > 128 && end->code <= 128 + 31)
    {
      end->signal = end->code - 128;
      if (reason == REASON_NONE)
        end->end = "signaled";
    }
}

int
main (int argc, char **argv)
{
  StepEnd end = { 0 };
  int saved_errno;

  setsid ();
  umask (077);
  prepare_signals ();
  for (int fd = STEP_FD_SPEC; fd <= STEP_FD_GATE; fd++)
    fcntl (fd, F_SETFD, FD_CLOEXEC);
  if (chdir ("/") != 0 || !step_spec_read (&spec) || !wait_at_gate ())
    return 0;

  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  end.started_at = step_real_time ();
  if (!step_record_begin (spec.record, end.started_at))
    return 1;
  if (!step_log_open (spec.log, spec.output, spec.cut_note))
    {
      saved_errno = errno;
      child.pid = -1;
    }
  else if (step_child_start (&child, &spec, &saved_errno))
    {
      fcntl (child.out_fd, F_SETFL, O_NONBLOCK);
      fcntl (child.err_fd, F_SETFL, O_NONBLOCK);
      fcntl (child.status_fd, F_SETFL, O_NONBLOCK);
      last_output = now_ms ();
      supervise ();
      finish ();
    }
  if (child.pid <= 0)
    first_error_length = (size_t) snprintf (first_error, sizeof first_error, "%s", strerror (saved_errno));
  describe_end (&end);
  end.finished_at = step_real_time ();
  end.output_cut = step_log_is_cut ();
  step_record_end (&end);
  return 0;
}
