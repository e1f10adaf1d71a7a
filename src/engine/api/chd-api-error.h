/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "chd-api-resource.h"

G_BEGIN_DECLS

/* What the API refuses with: a GError that carries a Kubernetes Status. Its code is the HTTP status. Texts and shapes
 * are those of a real API server (kubernetes-api.md section 6), so they are English and not translated. */

#define CHD_API_ERROR (chd_api_error_quark ())
GQuark chd_api_error_quark (void);

/* @reason: (nullable). @details: (transfer full) (nullable). */
GError *chd_api_error_new (guint code, const char *reason, JsonObject *details, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
GError *chd_api_error_bad_request (const char *format, ...) G_GNUC_PRINTF (1, 2);
GError *chd_api_error_not_found (const ChdApiResource *resource, const char *name);
GError *chd_api_error_already_exists (const ChdApiResource *resource, const char *name);
GError *chd_api_error_modified (const ChdApiResource *resource, const char *name);
GError *chd_api_error_method_not_allowed (void);
/* For 410: how the list can be gone on with. */
void chd_api_error_set_continue (GError *error, const char *token);
/* Seconds after which to try again; 0 = not said. */
void chd_api_error_set_retry_after (GError *error, guint seconds);
guint chd_api_error_get_retry_after (const GError *error);

/* Works for errors of other domains too. */
guint chd_api_error_get_code (const GError *error);
JsonObject *chd_api_error_to_status (const GError *error);

/* A list of what is wrong with an object, for 422. */
typedef struct _ChdApiProblems ChdApiProblems;

ChdApiProblems *chd_api_problems_new (void);
void chd_api_problems_free (ChdApiProblems *self);
/* @reason: such as "FieldValueInvalid" */
void chd_api_problems_add (ChdApiProblems *self, const char *reason, const char *field, const char *format, ...)
    G_GNUC_PRINTF (4, 5);
gboolean chd_api_problems_is_empty (ChdApiProblems *self);
/* @kind: "Task.tekton.dev" in the message; @group may be "" */
GError *chd_api_problems_to_error (ChdApiProblems *self, const char *kind, const char *group, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdApiProblems, chd_api_problems_free)

G_END_DECLS
