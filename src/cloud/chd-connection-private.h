/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-connection.h"

G_BEGIN_DECLS

#define CHD_CONNECTION_MAX_PEM (1024 * 1024)

struct _ChdConnection
{
  GObject parent_instance;

  char *name;        /* (owned) */
  char *server;      /* (owned) (nullable) */
  char *socket_path; /* (owned) (nullable) */
  char *namespace_;  /* (owned) (nullable) */
  char *registry;    /* (owned) (nullable) */
  char *ca;          /* (owned) (nullable) PEM */
  char *ca_file;     /* (owned) (nullable) */
  gboolean insecure;
  char *tls_server_name;      /* (owned) (nullable) */
  char *proxy;                /* (owned) (nullable) secret: may hold a password */
  char *token;                /* (owned) (nullable) secret */
  char *token_file;           /* (owned) (nullable) */
  char *username;             /* (owned) (nullable) */
  char *password;             /* (owned) (nullable) secret */
  char *certificate;          /* (owned) (nullable) PEM */
  char *key;                  /* (owned) (nullable) secret, PEM */
  char *certificate_file;     /* (owned) (nullable) */
  char *key_file;             /* (owned) (nullable) */
  JsonObject *exec;           /* (owned) (nullable) */
  JsonNode *cluster_config;   /* (owned) (nullable) for exec */
  char *folder;               /* (owned) (nullable) */
  char *impersonated_user;    /* (owned) (nullable) */
  char **impersonated_groups; /* (owned) (nullable) */
  char *source_file;          /* (owned) (nullable) */
  char *source_context;       /* (owned) (nullable) */
  char *problem;              /* (owned) (nullable) */
  guint allowed_risks;
};

/* Overwrites the old value before it is freed. */
void chd_connection_set_secret (char **target, const char *value);

/* Only for the room: what is never shown. Borrowed. */
const char *chd_connection_get_token (ChdConnection *self);
const char *chd_connection_get_password (ChdConnection *self);
const char *chd_connection_get_ca_file (ChdConnection *self);
const char *chd_connection_get_certificate (ChdConnection *self);
/* Without its key, which comes from the keyring. */
void chd_connection_set_certificate (ChdConnection *self, const char *pem);
/* Four paths, each NULL or owned by @self: CA, token, certificate, key. (transfer container) */
GPtrArray *chd_connection_list_files (ChdConnection *self);
GTlsCertificate *chd_connection_load_client_certificate (ChdConnection *self, GError **error);
JsonObject *chd_connection_get_exec (ChdConnection *self);
const char *chd_connection_get_folder (ChdConnection *self);
JsonNode *chd_connection_get_cluster_config (ChdConnection *self);
const char *chd_connection_get_impersonated_user (ChdConnection *self);
const char *const *chd_connection_get_impersonated_groups (ChdConnection *self);
/* What a description holds beyond what this program can do; using it is refused with that sentence. */
const char *chd_connection_get_problem (ChdConnection *self);
void chd_connection_set_problem (ChdConnection *self, const char *problem);

G_END_DECLS
