/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads exit records. They are written by chain-step (step/step-record.c): lines of words, of which the last whole one
 * counts:
 *
 *   running <started>
 *   <end> <exit code> <signal> <started> <finished> <output was cut> <message> */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "chd-step-process.h"
#include "chd-util.h"

#define MAX_RECORD (64 * 1024)

static const char *const words[] = { "exited", "signaled", "killed", "timed-out", "out-of-memory", "not-started" };

void
chd_step_exit_free (ChdStepExit *self)
{
  if (self == NULL)
    return;
  g_free (self->message);
  g_free (self);
}

static void
read_end (ChdStepExit *self, const char *line)
{
  g_auto (GStrv) fields = g_strsplit (line, " ", 7);

  if (g_strv_length (fields) < 6)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (fields[0], words[i]) == 0)
      {
        self->end = (ChdStepEnd) i;
        self->exit_code = atoi (fields[1]);
        self->signal = atoi (fields[2]);
        self->started_at = g_ascii_strtoll (fields[3], NULL, 10);
        self->finished_at = g_ascii_strtoll (fields[4], NULL, 10);
        self->output_cut = *fields[5] == '1';
        if (fields[6] != NULL && *fields[6] != '\0')
          self->message = chd_str_sanitize (fields[6], -1, 2000);
      }
}

ChdStepExit *
chd_step_exit_read (const char *record_path)
{
  ChdStepExit *self = g_new0 (ChdStepExit, 1);
  g_autofree char *text = chd_read_regular_file (record_path, MAX_RECORD, NULL, NULL);
  g_auto (GStrv) lines = NULL;

  self->end = CHD_STEP_NEVER_RAN;
  if (text == NULL)
    return self;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    if (g_str_has_prefix (lines[i], "running "))
      {
        self->end = CHD_STEP_LOST;
        self->started_at = g_ascii_strtoll (lines[i] + strlen ("running "), NULL, 10);
      }
    else
      read_end (self, lines[i]);
  if (self->end == CHD_STEP_NOT_STARTED)
    self->started_at = 0;
  return self;
}
