/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-step-process.h"

G_BEGIN_DECLS

typedef struct
{
  char *sandbox_path; /* absolute, canonical */
  char *host_path;    /* (nullable) for a folder in memory */
  gboolean writable;
  guint64 bytes; /* of a folder in memory */
} ChdStepMount;

struct _ChdStepSpec
{
  ChdImage *image;   /* (owned) */
  char **argv;       /* (owned) (nullable) */
  GPtrArray *env;    /* (owned) of "NAME=value", each name once */
  char *working_dir; /* (nullable) */
  GPtrArray *mounts; /* (owned) of ChdStepMount */
  gboolean network;
  char *log_path;
  char *record_path;
  ChdStepLimits limits; /* with the defaults filled in */
};

/* (nullable): the value of an environment variable of the step. */
const char *chd_step_spec_get_env (const ChdStepSpec *self, const char *name);
const char *chd_step_spec_get_working_dir (const ChdStepSpec *self);

G_END_DECLS
