/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-graph.h"
#include "chd-validate.h"

G_BEGIN_DECLS

/* Private to validation: what its parts share. Each part looks at one subject matter (structure, names, references …)
 * and adds what it finds in any order; the findings are put into document order at the end. */
typedef struct
{
  ChdChain *chain;
  ChdCatalogue *catalogue;
  ChdGraph *graph;       /* (owned) */
  GArray *findings;      /* (owned) of Finding, private to chd-validate.c */
  guint n_of[2];         /* findings by severity */
  GStringChunk *strings; /* (owned) for shortened titles */
} ChdValidation;

/* An item that is looked at. */
typedef struct
{
  ChdValidation *validation;
  ChdItemKind kind;
  guint index;
  const ChdItem *item;
  const char *title; /* for sentences: never long */
} ChdSubject;

/* More params a script, interface or request does not sensibly have; beyond it, they are not looked at. */
#define CHD_MAX_PARAMS 500

void chd_subject_init (ChdSubject *self, ChdValidation *validation, ChdItemKind kind, guint index);
void chd_subject_add (const ChdSubject *self,
                      ChdSeverity severity,
                      const char *code,
                      const char *field,
                      const char *repair,
                      const char *message,
                      ...) G_GNUC_PRINTF (6, 7);
const char *chd_validation_shorten (ChdValidation *self, const char *text);
gboolean chd_validation_knows_results (ChdValidation *self, const ChdNode *node);

void chd_validate_structure (ChdValidation *self);
void chd_validate_names (ChdValidation *self);
void chd_validate_references (ChdValidation *self);
void chd_validate_approvals (ChdValidation *self);
void chd_validate_params (ChdValidation *self);
void chd_validate_size (ChdValidation *self);

/* Where a value stands, for what it refers to: params of the chain and results of other nodes. */
typedef struct
{
  const ChdSubject *subject; /* the node */
  gboolean is_task;          /* for its task; else for its pipeline at `at` */
  ChdPosition at;
  const char *field;
  const char *label; /* of the param, for sentences */
} ChdValuePlace;

typedef struct _ChdUses ChdUses;
ChdUses *chd_uses_new (ChdValidation *validation);
void chd_uses_look_at (ChdUses *self, const ChdValuePlace *place, GVariant *value);
void chd_uses_finish (ChdUses *self);

G_END_DECLS
