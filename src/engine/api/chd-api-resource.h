/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-kube.h"

G_BEGIN_DECLS

/* What the API serves, and how paths name it. */

typedef enum
{
  CHD_API_GET = 1 << 0,
  CHD_API_LIST = 1 << 1,
  CHD_API_WATCH = 1 << 2,
  CHD_API_CREATE = 1 << 3,
  CHD_API_UPDATE = 1 << 4,
  CHD_API_PATCH = 1 << 5,
  CHD_API_DELETE = 1 << 6,
  CHD_API_DELETE_COLLECTION = 1 << 7,
  CHD_API_READ = CHD_API_GET | CHD_API_LIST | CHD_API_WATCH,
  CHD_API_ALL = (1 << 8) - 1,
} ChdApiVerbs;

typedef struct
{
  ChdKubeType type;
  const ChdKubeResource *kube;
  const char *title; /* in messages: "tasks.tekton.dev", "configmaps" */
  const char *store; /* in the object store: "tasks.tekton.dev", "configmaps." */
  char *api_version; /* "tekton.dev/v1", "v1" */
  ChdApiVerbs verbs;
  gboolean custom;     /* served as a custom resource is: sorted keys, no strategic patches, items with their kind */
  gboolean has_status; /* has the status subresource */
  const char *short_names[3];
  const char *categories[3];
} ChdApiResource;

/* (nullable): %NULL when this type is not served. */
const ChdApiResource *chd_api_resource (ChdKubeType type);
/* @verb: one. Returns: the word in discovery and reviews */
const char *chd_api_verb_name (ChdApiVerbs verb);

typedef struct
{
  const ChdApiResource *resource;
  char *namespace_;  /* (owned) (nullable): %NULL in paths without one */
  char *name;        /* (owned) (nullable) */
  char *subresource; /* (owned) (nullable) */
} ChdApiTarget;

/* @segments: the path's parts, decoded. Returns: %FALSE when no resource has such a path */
gboolean chd_api_target_parse (const char *const *segments, ChdApiTarget *target);
void chd_api_target_clear (ChdApiTarget *target);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ChdApiTarget, chd_api_target_clear)

G_END_DECLS
