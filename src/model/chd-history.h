/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-item.h"

G_BEGIN_DECLS

/* Private to model: what was changed, step by step. It keeps the edits; the chain applies and reverts them. */
typedef struct
{
  ChdItemKind kind;
  guint index;
  ChdItem *before; /* (owned) (nullable) */
  ChdItem *after;  /* (owned) (nullable) */
} ChdEdit;

typedef struct
{
  char *name;
  char *merge_key; /* (nullable) */
  GArray *edits;   /* of ChdEdit */
} ChdStep;

typedef struct
{
  GPtrArray *steps; /* of ChdStep; those before `done` can be undone, the others redone */
  guint done;
  int saved;        /* the value of `done` at the saved point; -1 when it cannot be reached any more */
  ChdStep *running; /* (nullable) */
  GArray *starts;   /* for each begin(): how many edits the running step had */
} ChdHistory;

void chd_history_init (ChdHistory *self);
void chd_history_clear (ChdHistory *self);
void chd_history_forget (ChdHistory *self);
void chd_history_begin (ChdHistory *self, const char *name);
gboolean chd_history_end (ChdHistory *self);
ChdStep *chd_history_get_step (const ChdHistory *self, guint index);

G_END_DECLS
