/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A reference to an image: [host/]repository[:tag][@digest]. Immutable.
 *
 * The first part is a host only when it contains a '.', a ':' or a capital letter, or is "localhost"; everything else
 * belongs to a default registry, so that "environments/shell:1" has no host. When tag and digest are both there, the
 * digest decides. */

#define CHD_IMAGE_REFERENCE_MAX_NAME 255
#define CHD_IMAGE_REFERENCE_MAX_TAG 128

typedef struct _ChdImageReference ChdImageReference;

#define CHD_TYPE_IMAGE_REFERENCE (chd_image_reference_get_type ())
GType chd_image_reference_get_type (void);

ChdImageReference *chd_image_reference_parse (const char *text, GError **error);
/* @host, @tag, @digest: (nullable). %NULL with @error when a part is not valid. */
ChdImageReference *
chd_image_reference_new (const char *host, const char *repository, const char *tag, const char *digest, GError **error);
ChdImageReference *chd_image_reference_ref (ChdImageReference *self);
void chd_image_reference_unref (ChdImageReference *self);

const char *chd_image_reference_get_host (const ChdImageReference *self);       /* (nullable) */
const char *chd_image_reference_get_repository (const ChdImageReference *self); /* "environments/shell" */
const char *chd_image_reference_get_tag (const ChdImageReference *self);        /* (nullable) as written */
const char *chd_image_reference_get_digest (const ChdImageReference *self);     /* (nullable) "sha256:…" */
/* What stands in a registry's path after manifests/: the digest, the tag, or "latest". */
const char *chd_image_reference_get_selector (const ChdImageReference *self);

/* The other part is kept: with_digest() keeps the tag as decoration, with_tag() drops the digest. */
ChdImageReference *chd_image_reference_with_host (const ChdImageReference *self, const char *host);
ChdImageReference *chd_image_reference_with_digest (const ChdImageReference *self, const char *digest);
ChdImageReference *chd_image_reference_with_tag (const ChdImageReference *self, const char *tag);
char *chd_image_reference_to_string (const ChdImageReference *self);

/* The grammars of the parts. @digest: a registered algorithm (sha256, sha512) with the right number of lower-case hex
 * digits; nothing else ever becomes part of a path or URL. */
gboolean chd_oci_is_repository (const char *name);
gboolean chd_oci_is_tag (const char *tag);
gboolean chd_oci_is_digest (const char *digest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdImageReference, chd_image_reference_unref)

G_END_DECLS
