/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The engine's own certificate authority and its token, kept in the data folder (mode 0600). */
typedef struct
{
  GTlsCertificate *certificate; /* of the server, for 127.0.0.1 and localhost */
  char *authority;              /* PEM */
  char *token;                  /* 64 hex digits */
} ChdApiTls;

ChdApiTls *chd_api_tls_load (const char *folder, GError **error);
void chd_api_tls_free (ChdApiTls *self);
/* (transfer full) */
char *chd_api_tls_make_kubeconfig (ChdApiTls *self, guint16 port);

G_END_DECLS
