/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The log in the form of Kubernetes' CRI: "<time> stdout|stderr F|P <text>". Bytes are kept as they come; a line that
 * is longer than the buffer is written in parts. At the limit the log ends with a note, and the rest of the output is
 * read and dropped: the step goes on, the disk does not fill. */

#include "step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int log_fd = -1;
static uint64_t space; /* bytes that may still be written */
static const char *note;
static bool is_cut;
static char pending[64 * 1024];
static size_t pending_length;

bool
step_log_open (const char *path, uint64_t limit, const char *cut_note)
{
  log_fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  space = limit;
  note = cut_note;
  return log_fd >= 0;
}

bool
step_log_is_cut (void)
{
  return is_cut;
}

static void
write_pending (void)
{
  size_t done = 0;

  while (done < pending_length)
    {
      ssize_t n = write (log_fd, pending + done, pending_length - done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          is_cut = true; /* no space: what is missing is said in the record */
          break;
        }
      done += (size_t) n;
    }
  pending_length = 0;
}

static void
write_line (const char *name, char tag, const char *text, size_t length)
{
  struct timespec now;
  struct tm parts;
  char head[64];
  size_t head_length;
  bool last = false;

  if (is_cut)
    return;
  clock_gettime (CLOCK_REALTIME, &now);
  gmtime_r (&now.tv_sec, &parts);
  head_length = strftime (head, sizeof head, "%Y-%m-%dT%H:%M:%S", &parts);
  head_length +=
      (size_t) snprintf (head + head_length, sizeof head - head_length, ".%09ldZ %s %c ", now.tv_nsec, name, tag);
  if (head_length + length + 1 > space)
    {
      last = true;
      text = note;
      length = strlen (note);
      head[head_length - 2] = 'F';
    }
  else
    space -= head_length + length + 1;
  if (pending_length + head_length + length + 1 > sizeof pending)
    write_pending ();
  memcpy (pending + pending_length, head, head_length);
  memcpy (pending + pending_length + head_length, text, length);
  pending_length += head_length + length;
  pending[pending_length++] = '\n';
  if (last)
    {
      write_pending ();
      is_cut = true;
    }
}

void
step_log_feed (StepStream *stream, const char *data, size_t length)
{
  while (length > 0 && !is_cut)
    {
      const char *end = memchr (data, '\n', length);
      size_t rest = sizeof stream->line - stream->length;
      size_t n = end != NULL ? (size_t) (end - data) : length;

      if (n > rest || (end == NULL && n == rest))
        {
          memcpy (stream->line + stream->length, data, rest);
          write_line (stream->name, 'P', stream->line, sizeof stream->line);
          stream->length = 0;
          stream->open_line = true;
          data += rest;
          length -= rest;
          continue;
        }
      memcpy (stream->line + stream->length, data, n);
      stream->length += n;
      data += n;
      length -= n;
      if (end != NULL)
        {
          write_line (stream->name, 'F', stream->line, stream->length);
          stream->length = 0;
          stream->open_line = false;
          data++;
          length--;
        }
    }
  write_pending ();
}

void
step_log_flush_part (StepStream *stream)
{
  if (stream->length == 0)
    return;
  write_line (stream->name, 'P', stream->line, stream->length);
  stream->length = 0;
  stream->open_line = true;
  write_pending ();
}

void
step_log_end_stream (StepStream *stream)
{
  if (stream->length > 0 || stream->open_line)
    write_line (stream->name, 'F', stream->line, stream->length);
  stream->length = 0;
  stream->open_line = false;
  write_pending ();
}
