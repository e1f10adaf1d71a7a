/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-compiler.h"
#include "chd-create-op.h"

G_BEGIN_DECLS

/* Private to the creation: the operation's fields, its rows, and how its parts (plan, run, undo) speak of changes. */

/* A row of the plan with what the operation knows about it. */
typedef struct
{
  ChdCreateTarget row;         /* what is public; first, so that one is the other */
  ChdTarget *target;           /* (owned) (nullable): what is wanted; none for images and deletions */
  ChdEnvironment *environment; /* (owned) (nullable): of an image */
  JsonObject *live;            /* (owned) (nullable): what the engine has */
  gboolean is_new;             /* this creation made it: undo takes it back */
  gboolean blocked;            /* is not sent: its name or image stands against it */
} ChdCreateRow;

struct _ChdCreateOp
{
  GObject parent_instance;

  ChdSession *session;     /* (owned) */
  ChdChain *chain;         /* (owned) */
  ChdCatalogue *catalogue; /* (owned) */
  char *folder;            /* (owned) (nullable) */
  ChdCreateState state;
  gboolean busy;
  GPtrArray *rows;       /* (owned) of ChdCreateRow */
  GHashTable *images;    /* (owned): environment id → reference, of those in the registry */
  GHashTable *shown;     /* (owned): node id → what was told last */
  char *document;        /* (owned) (nullable): its text */
  gint64 planned_at;     /* monotonic */
  gint64 creation;       /* in the journal; 0 for none */
  GError *error;         /* (owned) (nullable) */
  GCancellable *current; /* (owned) (nullable): of what is under way */
};

void chd_create_row_free (ChdCreateRow *row);
ChdCreateRow *chd_create_op_find_row (ChdCreateOp *self, const char *kind, const char *name);
void chd_create_op_set_state (ChdCreateOp *self, ChdCreateState state);
/* @error: (nullable) (transfer full) */
void chd_create_op_set_error (ChdCreateOp *self, GError *error);
/* @error: (nullable) (transfer full) */
void chd_create_op_set_row (ChdCreateOp *self, ChdCreateRow *row, ChdNodeState state, GError *error);
void chd_create_op_set_progress (ChdCreateOp *self, ChdCreateRow *row, gint64 done, gint64 total);
/* All nodes again; after a plan. */
void chd_create_op_show_nodes (ChdCreateOp *self);
gboolean chd_create_row_is_image (const ChdCreateRow *row);
gboolean chd_create_row_is_done (const ChdCreateRow *row);
/* What has to be done with a wanted target, by what the engine has. */
void chd_create_row_decide (ChdCreateRow *row);
/* Compiles with the digests that are known. (element-type ChdTarget) */
GPtrArray *chd_create_op_compile (ChdCreateOp *self, GError **error);
gboolean chd_create_op_begin (ChdCreateOp *self, GTask *task);
void chd_create_op_end (ChdCreateOp *self);

G_END_DECLS
