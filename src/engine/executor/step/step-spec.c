/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads what the engine wants of a step: strings "key=value" in a file in memory. They stay there for good. */

#include "step.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_STRINGS 20000

typedef struct
{
  const char *key;
  const char **text;
  uint64_t *number;
} Field;

static void
set_field (StepSpec *spec, const char *key, size_t length, const char *value)
{
  const Field fields[] = {
    { "log", &spec->log, NULL },
    { "record", &spec->record, NULL },
    { "subject", &spec->subject, NULL },
    { "cut-note", &spec->cut_note, NULL },
    { "crowd-note", &spec->crowd_note, NULL },
    { "working-dir", &spec->working_dir, NULL },
    { "seconds", NULL, &spec->seconds },
    { "memory", NULL, &spec->memory },
    { "processes", NULL, &spec->processes },
    { "file-size", NULL, &spec->file_size },
    { "output", NULL, &spec->output },
  };

  for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
    if (strlen (fields[i].key) == length && strncmp (fields[i].key, key, length) == 0)
      {
        if (fields[i].text != NULL)
          *fields[i].text = value;
        else
          *fields[i].number = strtoull (value, NULL, 10);
      }
  if (length == strlen ("sandboxed") && strncmp (key, "sandboxed", length) == 0)
    spec->sandboxed = *value == '1';
}

bool
step_spec_read (StepSpec *spec)
{
  struct stat info;
  char *text;
  size_t argc = 0, envc = 0;

  if (fstat (STEP_FD_SPEC, &info) != 0 || info.st_size <= 0 || info.st_size > STEP_MAX_SPEC)
    return false;
  text = mmap (NULL, (size_t) info.st_size, PROT_READ, MAP_PRIVATE, STEP_FD_SPEC, 0);
  if (text == MAP_FAILED || text[info.st_size - 1] != '\0')
    return false;
  spec->argv = calloc (MAX_STRINGS + 1, sizeof (char *));
  spec->envp = calloc (MAX_STRINGS + 1, sizeof (char *));
  if (spec->argv == NULL || spec->envp == NULL)
    return false;
  for (char *string = text; string < text + info.st_size; string += strlen (string) + 1)
    {
      char *equals = strchr (string, '=');

      if (equals == NULL)
        return false;
      if (strncmp (string, "arg=", 4) == 0 && argc < MAX_STRINGS)
        spec->argv[argc++] = equals + 1;
      else if (strncmp (string, "env=", 4) == 0 && envc < MAX_STRINGS)
        spec->envp[envc++] = equals + 1;
      else
        set_field (spec, string, (size_t) (equals - string), equals + 1);
    }
  return argc > 0 && spec->log != NULL && spec->record != NULL && spec->subject != NULL && spec->cut_note != NULL &&
         spec->crowd_note != NULL && spec->working_dir != NULL;
}
