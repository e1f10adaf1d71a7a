/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looks at the processes below a step and ends them. All of them are our descendants: in a sandbox below its first
 * process, and without one because we take over what loses its parent. */

#include "step.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* More would be a step whose limit has failed; nobody needs to see all of it. */
#define MAX_SEEN 20000

typedef void (*Visit) (pid_t pid, const char *stat, void *data);

static size_t
read_file (const char *path, char *buffer, size_t size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, buffer, size - 1) : -1;

  if (fd >= 0)
    close (fd);
  buffer[n > 0 ? n : 0] = '\0';
  return n > 0 ? (size_t) n : 0;
}

/* Adds the children of one thread; more than the buffer holds are seen the next time, or through their parents' end. */
static size_t
add_children (pid_t pid, const char *thread, pid_t *found, size_t count)
{
  static char text[64 * 1024];
  char path[96];
  char *next = text;

  snprintf (path, sizeof path, "/proc/%d/task/%s/children", (int) pid, thread);
  read_file (path, text, sizeof text);
  while (count < MAX_SEEN)
    {
      char *end;
      long child = strtol (next, &end, 10);

      if (end == next)
        break;
      found[count++] = (pid_t) child;
      next = end;
    }
  return count;
}

static long
thread_count (const char *stat)
{
  const char *field = strrchr (stat, ')');
  long value = 1;

  if (field != NULL)
    sscanf (field, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld", &value);
  return value;
}

/* Each process below @top, parents first, without @top itself. */
static void
walk (pid_t top, Visit visit, void *data)
{
  static pid_t found[MAX_SEEN];
  size_t count = 1;
  char stat[1024];
  char path[64];

  found[0] = top;
  for (size_t i = 0; i < count; i++)
    {
      snprintf (path, sizeof path, "/proc/%d/stat", (int) found[i]);
      if (read_file (path, stat, sizeof stat) == 0)
        continue;
      if (thread_count (stat) > 1)
        {
          DIR *dir;
          struct dirent *item;

          snprintf (path, sizeof path, "/proc/%d/task", (int) found[i]);
          dir = opendir (path);
          while (dir != NULL && (item = readdir (dir)) != NULL)
            if (item->d_name[0] != '.')
              count = add_children (found[i], item->d_name, found, count);
          if (dir != NULL)
            closedir (dir);
        }
      else
        {
          snprintf (path, sizeof path, "%d", (int) found[i]);
          count = add_children (found[i], path, found, count);
        }
      if (i > 0)
        visit (found[i], stat, data);
    }
}

/* Private pages in memory: those of files are shared with everyone. */
static uint64_t
private_bytes (pid_t pid)
{
  char path[64], text[128];
  unsigned long resident = 0, shared = 0;

  snprintf (path, sizeof path, "/proc/%d/statm", (int) pid);
  read_file (path, text, sizeof text);
  if (sscanf (text, "%*u %lu %lu", &resident, &shared) != 2 || resident < shared)
    return 0;
  return (uint64_t) (resident - shared) * (uint64_t) sysconf (_SC_PAGESIZE);
}

/* The process's share of what it has in common with its parent after a fork; dear, so only asked in doubt. */
static uint64_t
proportional_bytes (pid_t pid)
{
  char path[64], text[2048];
  const char *line;
  unsigned long kib = 0;

  snprintf (path, sizeof path, "/proc/%d/smaps_rollup", (int) pid);
  if (read_file (path, text, sizeof text) == 0 || (line = strstr (text, "\nPss_Anon:")) == NULL ||
      sscanf (line, "\nPss_Anon: %lu", &kib) != 1)
    return private_bytes (pid);
  return (uint64_t) kib * 1024;
}

typedef struct
{
  StepUsage *usage;
  bool exactly;
} Measure;

static void
measure_process (pid_t pid, const char *stat, void *data)
{
  Measure *measure = data;

  measure->usage->processes += (uint64_t) thread_count (stat);
  measure->usage->memory += measure->exactly ? proportional_bytes (pid) : private_bytes (pid);
}

void
step_watch_measure (const StepChild *child, StepUsage *usage, bool exactly)
{
  Measure measure = { usage, exactly };

  usage->processes = 0;
  usage->memory = 0;
  walk (child->init > 0 ? child->init : getpid (), measure_process, &measure);
}

static void
signal_process (pid_t pid, const char *stat, void *data)
{
  kill (pid, *(const int *) data);
}

void
step_watch_signal (const StepChild *child, int signal)
{
  walk (child->init > 0 ? child->init : getpid (), signal_process, &signal);
}

void
step_watch_kill (const StepChild *child)
{
  int signal = SIGKILL;

  /* The first process of a sandbox takes all others with it. */
  if (child->init_fd >= 0)
    syscall (SYS_pidfd_send_signal, child->init_fd, SIGKILL, NULL, 0);
  else
    walk (getpid (), signal_process, &signal);
}
