/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "chd-registry-store-private.h"

G_BEGIN_DECLS

/* One request to the registry, from its headers to its answer. It lives as long as its message. */
typedef struct _ChdRegistryExchange ChdRegistryExchange;

typedef void (*ChdRegistryWork) (ChdRegistryExchange *exchange);

struct _ChdRegistryExchange
{
  ChdRegistryStore *store;    /* (owned) */
  SoupServerMessage *message; /* it owns us */
  GHashTable *query;          /* (owned) (nullable) */
  char *repository;           /* (nullable) */
  char *reference;            /* (nullable) a tag, digest or upload's id */
  ChdRegistryUpload *upload;  /* (nullable) while this request works on one */
  GByteArray *body;           /* (nullable) of a manifest */
  char *digest;               /* (nullable) what the work made */
  gint64 size;                /* the same, of an upload */
  char *subject;              /* (nullable) the same */
  char **missing;             /* (nullable) the same */
  GError *error;              /* (nullable) the first thing that went wrong */
  gboolean is_working;        /* a worker has it */
  gboolean is_finished;       /* the connection is done with the message; there is nobody to answer */
  ChdRegistryWork work;       /* in a worker thread: sets the fields above */
  ChdRegistryWork answer;     /* then, on the main loop */
};

ChdRegistryExchange *chd_registry_exchange_new (ChdRegistryStore *store, SoupServerMessage *message, GHashTable *query);
const char *chd_registry_exchange_query (ChdRegistryExchange *self, const char *name); /* (nullable) */

/* Reads the request's body into what is open, then does the work, then answers. */
void chd_registry_exchange_read_body (ChdRegistryExchange *self, ChdRegistryWork work, ChdRegistryWork answer);
/* The same without a body. */
void chd_registry_exchange_run (ChdRegistryExchange *self, ChdRegistryWork work, ChdRegistryWork answer);

/* Answers. Headers are set before. */
void chd_registry_exchange_set_header (ChdRegistryExchange *self, const char *name, const char *value);
void chd_registry_exchange_reply (ChdRegistryExchange *self, guint status);
void chd_registry_exchange_reply_json (ChdRegistryExchange *self, guint status, const char *type, JsonObject *object);
/* A part of @bytes when the request asks for one; streamed, not copied. */
void chd_registry_exchange_reply_bytes (ChdRegistryExchange *self, const char *type, const char *digest, GBytes *bytes);
void chd_registry_exchange_fail (ChdRegistryExchange *self, const GError *error);
void chd_registry_exchange_fail_code (ChdRegistryExchange *self, const char *reason, const char *message);

/* What is done with paths below /v2/<name>/…; chd-registry-server.c finds out which. */
void chd_registry_serve_blob (ChdRegistryExchange *self);
void chd_registry_serve_uploads (ChdRegistryExchange *self);
void chd_registry_serve_upload (ChdRegistryExchange *self);
void chd_registry_serve_manifest (ChdRegistryExchange *self);
void chd_registry_serve_tags (ChdRegistryExchange *self);
void chd_registry_serve_referrers (ChdRegistryExchange *self);
void chd_registry_serve_catalog (ChdRegistryExchange *self);

G_END_DECLS
