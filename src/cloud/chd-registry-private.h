/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-registry.h"

G_BEGIN_DECLS

/* Names are checked before they become part of a path. */
gboolean chd_registry_check_names (const char *repository, const char *selector, GError **error);
/* How people call an image of this registry. */
char *chd_registry_describe (ChdRegistry *self, const char *repository, const char *selector);
ChdHttp *chd_registry_get_http (ChdRegistry *self);
/* What was received is not what it should be. @details: (nullable) */
GError *chd_registry_make_corrupt (ChdRegistry *self, const char *details);
/* Media type without parameters. */
char *chd_registry_get_media_type (ChdHttpResponse *response);
/* @location: what a Location or Link header says. Returns: an absolute address of this registry, or %NULL with @error
 * when it leads elsewhere. */
char *chd_registry_resolve (ChdRegistry *self, ChdHttpResponse *response, const char *location, GError **error);

/* A request as the user that the registry wants: with a token for @scope ("repository:name:pull"), a name and
 * password, or nothing. The body of an opened answer goes to @output (nullable). */
ChdHttpRequest *chd_registry_request_new (ChdRegistry *self,
                                          const char *method,
                                          const char *target,
                                          ChdHttpFlags flags,
                                          const char *subject);
void chd_registry_send_async (ChdRegistry *self,
                              ChdHttpRequest *request,
                              const char *scope,
                              GOutputStream *output,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
ChdHttpResponse *chd_registry_send_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

/* What authorizing knows. */
typedef struct
{
  char *username;     /* (owned) (nullable) */
  char *password;     /* (owned) (nullable) secret */
  gboolean basic;     /* the registry asked for name and password */
  char *realm;        /* (owned) (nullable) the token server, once the registry named it */
  char *service;      /* (owned) (nullable) */
  GHashTable *tokens; /* (owned) scope → Token */
} ChdRegistryAuth;

ChdRegistryAuth *chd_registry_get_auth (ChdRegistry *self);
void chd_registry_auth_init (ChdRegistryAuth *auth);
void chd_registry_auth_clear (ChdRegistryAuth *auth);

/* Called with the bytes of the blob that the registry has. */
typedef void (*ChdUploadProgress) (gint64 acknowledged, gpointer user_data);

/* Uploads one blob that the registry does not have. @location: (nullable): a session that is open already. */
void chd_registry_upload_async (ChdRegistry *self,
                                ChdImageSource *source,
                                const ChdOciDescriptor *blob,
                                const char *repository,
                                const char *scope,
                                const char *location,
                                ChdUploadProgress progress,
                                gpointer progress_data,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean chd_registry_upload_finish (ChdRegistry *self, GAsyncResult *result, GError **error);

/* Sessions of uploads that were broken off, to be gone on with: where the next request of @digest goes. */
const char *chd_registry_get_session (ChdRegistry *self, const char *repository, const char *digest);
void chd_registry_set_session (ChdRegistry *self, const char *repository, const char *digest, const char *location);

G_END_DECLS
