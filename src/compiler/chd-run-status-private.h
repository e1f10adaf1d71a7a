/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run-status.h"
#include "chd-plan.h"

G_BEGIN_DECLS

/* How a run stands as a whole, from its own condition. */
typedef enum
{
  CHD_RUN_OPEN,
  CHD_RUN_DONE,
  CHD_RUN_FAILED,
  CHD_RUN_CANCELLED,
  CHD_RUN_TIMED_OUT,
} ChdRunEnd;

/* What is known while one run is read. Objects are borrowed. */
typedef struct
{
  ChdChain *chain;
  ChdCatalogue *catalogue;
  ChdRunEnd end;
  GHashTable *children;    /* (element-type utf8 JsonObject): pipeline task → child reference */
  GHashTable *skipped;     /* (element-type utf8 JsonObject): pipeline task → entry of skippedTasks */
  GHashTable *task_runs;   /* (element-type utf8 JsonObject): name → object */
  GHashTable *custom_runs; /* (element-type utf8 JsonObject) */
  GHashTable *approvals;   /* (element-type utf8 JsonObject) */
  GHashTable *guards;      /* (element-type utf8 GPtrArray), of chd_guards_new() */
} ChdRunReader;

/* A part while it is read. */
typedef struct
{
  ChdPartStatus *status; /* (owned) */
  gboolean in_finally;   /* says nothing about the node's success */
  gboolean cut_off;      /* never started although nothing about the node forbade it */
} ChdPartRead;

ChdRunEnd chd_run_end_read (JsonObject *run);
void chd_part_read (ChdRunReader *reader, ChdPartRead *part, const ChdNode *node);
void chd_part_status_free (ChdPartStatus *part);

/* Sentences (chd-run-words.c). (transfer full) (nullable) */
char *chd_say_skipped (ChdRunReader *reader, const ChdNode *node, JsonObject *skipped);
char *chd_say_failed (JsonObject *task_run);
char *chd_say_approvers (ChdChain *chain, JsonObject *approval);
char *chd_say_rejected (JsonObject *approval);
char *chd_say_waiting (ChdChain *chain, const ChdNode *node, GHashTable *nodes);

G_END_DECLS
