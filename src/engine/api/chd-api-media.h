/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What form of answer a client asks for by its Accept header (kubernetes-api.md sections 2 and 5). */

typedef enum
{
  CHD_API_AS_OBJECT,
  CHD_API_AS_TABLE,
  CHD_API_AS_METADATA,
  CHD_API_AS_DISCOVERY,
} ChdApiAs;

typedef struct
{
  ChdApiAs as;
  const char *version; /* of the form: "v1", "v1beta1", "v2", "v2beta1" */
  gboolean yaml;
  gboolean pretty;
} ChdApiMedia;

/* @accept: (nullable). @discovery: whether the path is /api or /apis. Errors: 406. */
gboolean chd_api_media_negotiate (const char *accept, gboolean discovery, ChdApiMedia *media, GError **error);

/* The type in front of the parameters, in lower case. @header: (nullable). (transfer full) */
char *chd_api_media_type (const char *header);

G_END_DECLS
