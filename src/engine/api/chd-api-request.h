/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "chd-api-error.h"
#include "chd-api-media.h"
#include "chd-api-resource.h"
#include "chd-object-store.h"

G_BEGIN_DECLS

/* One request to the API, while it is served. */
typedef struct
{
  SoupServerMessage *message; /* (owned) */
  ChdObjectStore *store;      /* (owned) */
  char *folder;               /* the engine's data folder */
  char **segments;            /* the path's parts, decoded */
  GHashTable *query;          /* first value of each parameter, decoded */
  ChdApiTarget target;        /* without a resource for other paths */
  ChdApiMedia media;
  char *user;
  char **groups;
  GPtrArray *warnings;       /* (element-type utf8) to be said in headers */
  GCancellable *cancellable; /* cancelled when the client is gone */
  gboolean paused;
  gboolean finished; /* the message is over, nothing can be said any more */
} ChdApiRequest;

ChdApiRequest *chd_api_request_new (SoupServerMessage *message, ChdObjectStore *store, const char *folder);
ChdApiRequest *chd_api_request_ref (ChdApiRequest *self);
void chd_api_request_unref (ChdApiRequest *self);

const char *chd_api_request_query (ChdApiRequest *self, const char *name);
/* Absent, "0" and "false" are false, everything else is true. */
gboolean chd_api_request_flag (ChdApiRequest *self, const char *name);
gboolean chd_api_request_int (ChdApiRequest *self, const char *name, gint64 fallback, gint64 *value, GError **error);
/* fieldManager, else the User-Agent up to its first slash. (transfer full) */
char *chd_api_request_manager (ChdApiRequest *self);

/* The answer will come later. */
void chd_api_request_hold (ChdApiRequest *self);

/* Answers. Each ends the request; objects are borrowed. */
void chd_api_reply_error (ChdApiRequest *self, const GError *error);
void chd_api_reply_text (ChdApiRequest *self, guint code, const char *text);
void chd_api_reply_not_found (ChdApiRequest *self); /* "404 page not found" */
/* As it is, without regard to tables. @content_type: (nullable): %NULL for the negotiated one */
void chd_api_reply_json (ChdApiRequest *self, guint code, JsonObject *object, const char *content_type);
/* In the form that was asked for. */
void chd_api_reply_object (ChdApiRequest *self, guint code, JsonObject *object);

/* An object as the answer shows it: itself (built-in kinds in lists without kind), a table, or its metadata.
 * (transfer full) */
JsonObject *chd_api_present (ChdApiRequest *self, JsonObject *object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdApiRequest, chd_api_request_unref)

G_END_DECLS
