/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the API serves: one table that discovery, OpenAPI, paths and verbs all go by. */

#include "config.h"

#include "chd-api-resource.h"

#include <string.h>

#define REVIEW CHD_API_CREATE
#define TEKTON                                                                                                         \
  {                                                                                                                    \
    "tekton", "tekton-pipelines"                                                                                       \
  }

static ChdApiResource resources[CHD_KUBE_N_TYPES] = {
  [CHD_KUBE_NAMESPACE] = { .verbs = CHD_API_ALL & ~CHD_API_DELETE_COLLECTION,
                           .has_status = TRUE,
                           .short_names = { "ns" } },
  [CHD_KUBE_CONFIG_MAP] = { .verbs = CHD_API_ALL, .short_names = { "cm" } },
  [CHD_KUBE_SERVICE_ACCOUNT] = { .verbs = CHD_API_ALL, .short_names = { "sa" } },
  [CHD_KUBE_EVENT] = { .verbs = CHD_API_ALL, .short_names = { "ev" } },
  [CHD_KUBE_POD] = { .verbs = CHD_API_READ, .short_names = { "po" }, .categories = { "all" } },
  [CHD_KUBE_TASK] = { .verbs = CHD_API_ALL, .custom = TRUE, .has_status = TRUE, .categories = TEKTON },
  [CHD_KUBE_PIPELINE] = { .verbs = CHD_API_ALL, .custom = TRUE, .has_status = TRUE, .categories = TEKTON },
  [CHD_KUBE_TASK_RUN] = { .verbs = CHD_API_ALL,
                          .custom = TRUE,
                          .has_status = TRUE,
                          .short_names = { "tr", "trs" },
                          .categories = TEKTON },
  [CHD_KUBE_PIPELINE_RUN] = { .verbs = CHD_API_ALL,
                              .custom = TRUE,
                              .has_status = TRUE,
                              .short_names = { "pr", "prs" },
                              .categories = TEKTON },
  [CHD_KUBE_CUSTOM_RUN] = { .verbs = CHD_API_ALL, .custom = TRUE, .has_status = TRUE, .categories = TEKTON },
  [CHD_KUBE_APPROVAL_TASK] = { .verbs = CHD_API_ALL, .custom = TRUE, .has_status = TRUE, .categories = TEKTON },
  [CHD_KUBE_SELF_SUBJECT_REVIEW] = { .verbs = REVIEW },
  [CHD_KUBE_SELF_SUBJECT_ACCESS_REVIEW] = { .verbs = REVIEW },
  [CHD_KUBE_SELF_SUBJECT_RULES_REVIEW] = { .verbs = REVIEW },
};

static void
fill_in (ChdKubeType type)
{
  ChdApiResource *self = &resources[type];
  g_autofree char *store = NULL;

  self->type = type;
  self->kube = chd_kube_resource (type);
  store = g_strdup_printf ("%s.%s", self->kube->plural, self->kube->group);
  self->store = g_intern_string (store);
  self->title = *self->kube->group != '\0' ? self->store : self->kube->plural;
  self->api_version = chd_kube_api_version (type);
}

const ChdApiResource *
chd_api_resource (ChdKubeType type)
{
  static gsize ready = 0;

  if (g_once_init_enter (&ready))
    {
      for (guint i = 0; i < CHD_KUBE_N_TYPES; i++)
        fill_in (i);
      g_once_init_leave (&ready, 1);
    }
  return resources[type].verbs != 0 ? &resources[type] : NULL;
}

const char *
chd_api_verb_name (ChdApiVerbs verb)
{
  switch (verb)
    {
    case CHD_API_GET:
      return "get";
    case CHD_API_LIST:
      return "list";
    case CHD_API_WATCH:
      return "watch";
    case CHD_API_CREATE:
      return "create";
    case CHD_API_UPDATE:
      return "update";
    case CHD_API_PATCH:
      return "patch";
    case CHD_API_DELETE:
      return "delete";
    default:
      return "deletecollection";
    }
}

void
chd_api_target_clear (ChdApiTarget *target)
{
  g_clear_pointer (&target->namespace_, g_free);
  g_clear_pointer (&target->name, g_free);
  g_clear_pointer (&target->subresource, g_free);
  target->resource = NULL;
}

static gboolean
has_subresource (const ChdApiResource *resource, const char *subresource)
{
  if (strcmp (subresource, "status") == 0)
    return resource->has_status;
  return strcmp (subresource, "log") == 0 && resource->type == CHD_KUBE_POD;
}

/* [namespaces NS] PLURAL [NAME [SUBRESOURCE]], behind the group and version. */
gboolean
chd_api_target_parse (const char *const *segments, ChdApiTarget *target)
{
  gboolean core = g_strcmp0 (segments[0], "api") == 0;
  const char *const *rest;
  const char *group, *version;
  guint length = g_strv_length ((char **) segments);
  ChdKubeType type;

  memset (target, 0, sizeof *target);
  if (length < (core ? 3 : 4) || (!core && g_strcmp0 (segments[0], "apis") != 0))
    return FALSE;
  group = core ? "" : segments[1];
  version = segments[core ? 1 : 2];
  rest = segments + (core ? 2 : 3);
  length -= core ? 2 : 3;

  if (length >= 3 && strcmp (rest[0], "namespaces") == 0 && !(core && strcmp (rest[2], "status") == 0))
    {
      target->namespace_ = g_strdup (rest[1]);
      rest += 2;
      length -= 2;
    }
  if (length > 3 || !chd_kube_type_for_path (group, version, rest[0], &type) || chd_api_resource (type) == NULL)
    {
      chd_api_target_clear (target);
      return FALSE;
    }
  target->resource = chd_api_resource (type);
  target->name = length > 1 && *rest[1] != '\0' ? g_strdup (rest[1]) : NULL;
  target->subresource = length > 2 ? g_strdup (rest[2]) : NULL;
  if ((target->namespace_ != NULL) > target->resource->kube->namespaced ||
      (target->name != NULL && target->resource->kube->namespaced && target->namespace_ == NULL) ||
      (target->subresource != NULL && !has_subresource (target->resource, target->subresource)))
    {
      chd_api_target_clear (target);
      return FALSE;
    }
  return TRUE;
}
