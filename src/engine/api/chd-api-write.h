/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-api-resource.h"
#include "chd-api-selector.h"
#include "chd-object-store.h"

G_BEGIN_DECLS

/* A write to the API, as one transaction. */

typedef enum
{
  CHD_API_ACTION_CREATE,
  CHD_API_ACTION_UPDATE,
  CHD_API_ACTION_PATCH,
  CHD_API_ACTION_DELETE,
  CHD_API_ACTION_DELETE_COLLECTION,
} ChdApiAction;

typedef enum
{
  CHD_API_PATCH_MERGE,
  CHD_API_PATCH_JSON,
  CHD_API_PATCH_STRATEGIC,
  CHD_API_PATCH_APPLY,
} ChdApiPatchType;

typedef enum
{
  CHD_API_VALIDATION_WARN,
  CHD_API_VALIDATION_IGNORE,
  CHD_API_VALIDATION_STRICT,
} ChdApiValidation;

/* Everything in it belongs to the writer thread from when it is queued until its callback. */
typedef struct
{
  ChdApiAction action;
  const ChdApiResource *resource;
  char *namespace_; /* "" for cluster-wide resources */
  char *name;       /* (nullable) for creations and collections */
  gboolean status;  /* the status subresource */
  JsonNode *body;   /* (owned) (nullable) the object or patch */
  ChdApiPatchType patch_type;
  ChdApiValidation validation;
  gboolean force;
  gboolean dry_run;
  char *manager;
  char *user;
  char **groups;
  /* deletions */
  char *uid;              /* (nullable) precondition */
  char *resource_version; /* (nullable) precondition */
  gboolean orphan;
  ChdApiSelector *selector; /* (owned) (nullable) */

  /* what came of it */
  JsonObject *result; /* (owned) (nullable) a copy for the main thread; %NULL when a deletion left nothing */
  char *result_uid;   /* of what was deleted */
  GPtrArray *results; /* (owned) (element-type JsonObject) of a collection */
  gboolean created;
  gboolean rehearsed;  /* a dry run came to its end */
  GPtrArray *warnings; /* (owned) (element-type utf8) */
} ChdApiWrite;

ChdApiWrite *chd_api_write_new (ChdApiAction action, const ChdApiTarget *target);
void chd_api_write_free (ChdApiWrite *self);

/* The ChdTransactionFunc for a ChdApiWrite. */
gboolean chd_api_write_run (ChdTransaction *transaction, gpointer data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdApiWrite, chd_api_write_free)

G_END_DECLS
