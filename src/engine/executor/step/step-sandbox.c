/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starts the step: bwrap with its pipes and limits, or, where the user has allowed it, the command itself. */

#include "step.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_FILES 4096

static void
set_limit (pid_t pid, int resource, uint64_t value)
{
  struct rlimit limit = { value, value };
  struct rlimit now;

  if (prlimit (pid, (enum __rlimit_resource) resource, NULL, &now) == 0 && now.rlim_max < limit.rlim_max)
    limit.rlim_cur = limit.rlim_max = now.rlim_max;
  prlimit (pid, (enum __rlimit_resource) resource, &limit, NULL);
}

static void
move_fd (int from, int to)
{
  if (from == to)
    fcntl (to, F_SETFD, 0);
  else if (dup2 (from, to) < 0)
    _exit (127);
}

/* In the child: only async-signal-safe calls. */
static void
run (const StepSpec *spec, int out_fd, int err_fd, int status_fd, int block_fd, int error_fd)
{
  sigset_t none;
  int null_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_DFL);
  signal (SIGHUP, SIG_DFL);
  umask (022);
  move_fd (null_fd, 0);
  move_fd (out_fd, 1);
  move_fd (err_fd, 2);
  set_limit (0, RLIMIT_CORE, 0);
  set_limit (0, RLIMIT_FSIZE, spec->file_size);
  set_limit (0, RLIMIT_NOFILE, MAX_FILES);
  /* Far enough beyond the limit that is measured to be met only by what outruns the measuring. */
  set_limit (0, RLIMIT_DATA, spec->memory * 4);
  if (spec->sandboxed)
    {
      move_fd (STEP_FD_ARGS, STEP_FD_ARGS);
      move_fd (STEP_FD_SECCOMP, STEP_FD_SECCOMP);
      move_fd (status_fd, STEP_FD_STATUS);
      move_fd (block_fd, STEP_FD_BLOCK);
      execv (spec->argv[0], spec->argv);
    }
  else
    {
      setsid ();
      prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
      set_limit (0, RLIMIT_NPROC, spec->processes);
      if (chdir (spec->working_dir) == 0)
        execvpe (spec->argv[0], spec->argv, spec->envp);
    }
  if (write (error_fd, &errno, sizeof errno) < 0)
    _exit (126);
  _exit (127);
}

/* The pipes' ends get numbers above those that bwrap is promised. */
static bool
make_pipe (int fds[2])
{
  int raw[2];

  if (pipe2 (raw, O_CLOEXEC) != 0)
    return false;
  for (int i = 0; i < 2; i++)
    {
      fds[i] = fcntl (raw[i], F_DUPFD_CLOEXEC, STEP_FD_GATE + 1);
      close (raw[i]);
    }
  return fds[0] >= 0 && fds[1] >= 0;
}

bool
step_child_start (StepChild *child, const StepSpec *spec, int *saved_errno)
{
  int out[2], err[2], status[2], block[2], error[2];

  child->init = 0;
  child->init_fd = child->status_fd = child->block_fd = -1;
  if (!make_pipe (out) || !make_pipe (err) || !make_pipe (status) || !make_pipe (block) || !make_pipe (error))
    {
      *saved_errno = errno;
      return false;
    }
  child->pid = fork ();
  if (child->pid == 0)
    run (spec, out[1], err[1], status[1], block[0], error[1]);
  *saved_errno = errno;
  close (out[1]);
  close (err[1]);
  close (status[1]);
  close (block[0]);
  close (error[1]);
  child->out_fd = out[0];
  child->err_fd = err[0];
  child->status_fd = status[0];
  child->block_fd = block[1];
  /* Closed by a successful exec. */
  if (child->pid > 0 && read (error[0], saved_errno, sizeof *saved_errno) == (ssize_t) sizeof *saved_errno)
    child->pid = -1;
  close (error[0]);
  return child->pid > 0;
}

static bool
find_number (const char *text, const char *name, int *value)
{
  const char *found = strstr (text, name);

  return found != NULL && sscanf (found + strlen (name), "\" : %d", value) == 1;
}

void
step_child_read_status (StepChild *child, const StepSpec *spec)
{
  size_t space = sizeof child->status - 1 - child->status_length;
  ssize_t n = space > 0 ? read (child->status_fd, child->status + child->status_length, space) : 0;
  int init;

  if (n < 0 && (errno == EINTR || errno == EAGAIN))
    return;
  if (n <= 0)
    {
      close (child->status_fd);
      child->status_fd = -1;
      return;
    }
  child->status_length += (size_t) n;
  child->status[child->status_length] = '\0';
  if (child->init == 0 && strchr (child->status, '\n') != NULL && find_number (child->status, "child-pid", &init) &&
      init > 0)
    {
      child->init = init;
      child->init_fd = (int) syscall (SYS_pidfd_open, init, 0);
      /* Counted in the sandbox's own user name space, so only from here on. */
      set_limit (init, RLIMIT_NPROC, spec->processes);
      if (write (child->block_fd, "", 1) < 0)
        step_watch_kill (child);
      close (child->block_fd);
      child->block_fd = -1;
    }
}

bool
step_child_exit_code (const StepChild *child, int *code)
{
  return find_number (child->status, "exit-code", code);
}
