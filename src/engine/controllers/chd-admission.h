/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-kube.h"

G_BEGIN_DECLS

/* Who asks. */
typedef struct
{
  const char *name;
  const char *const *groups; /* (nullable) */
} ChdUser;

/**
 * chd_admit:
 * @object: as it is to be stored, metadata already checked by the API
 * @before: (nullable): what is stored now; %NULL at creation
 * @user: who asks
 *
 * What Tekton's admission webhooks and the approval gate's do (tekton-api.md sections 2 and 20): fills in defaults and
 * checks. Pure; may be called in any thread. Types that have no webhook pass unchanged.
 *
 * Errors: CHD_ERROR_INVALID with the webhook's whole text as message, status 400 and reason "BadRequest".
 *
 * Returns: (transfer full): the object with its defaults
 */
JsonObject *chd_admit (ChdKubeType type, JsonObject *object, JsonObject *before, const ChdUser *user, GError **error);

G_END_DECLS
