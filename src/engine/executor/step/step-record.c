/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The exit record: one file, lines appended and synced. A line that a power loss tore has no end and does not count. */

#include "step.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int record_fd = -1;

int64_t
step_real_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool
write_line (const char *line, size_t length)
{
  while (length > 0)
    {
      ssize_t n = write (record_fd, line, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      line += n;
      length -= (size_t) n;
    }
  return fdatasync (record_fd) == 0;
}

/* The name of the file is to last as well as its bytes. */
static bool
sync_folder (const char *path)
{
  char copy[4096];
  int fd;
  bool ok;

  if (strlen (path) >= sizeof copy)
    return false;
  strcpy (copy, path);
  fd = open (dirname (copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  ok = fd >= 0 && fsync (fd) == 0;
  if (fd >= 0)
    close (fd);
  return ok;
}

bool
step_record_begin (const char *path, int64_t started_at)
{
  char line[64];
  int length = snprintf (line, sizeof line, "running %lld\n", (long long) started_at);

  record_fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  /* Room for the end, so that it can be written on a disk that became full meanwhile; not every file system can. */
  if (record_fd >= 0 && fallocate (record_fd, FALLOC_FL_KEEP_SIZE, 0, STEP_MAX_MESSAGE + 512) != 0)
    errno = 0;
  return record_fd >= 0 && write_line (line, (size_t) length) && sync_folder (path);
}

void
step_record_end (const StepEnd *end)
{
  char line[STEP_MAX_MESSAGE + 256];
  const char *message = end->message != NULL ? end->message : "";
  int length =
      snprintf (line, sizeof line, "%s %d %d %lld %lld %d %.*s\n", end->end, end->code, end->signal,
                (long long) end->started_at, (long long) end->finished_at, end->output_cut, STEP_MAX_MESSAGE, message);

  for (int i = 0; i < length - 1; i++)
    if (line[i] == '\n' || line[i] == '\r')
      line[i] = ' ';
  /* When this fails (no space), the engine will find a process that ended unrecorded: a truth, too. */
  write_line (line, (size_t) length);
}
