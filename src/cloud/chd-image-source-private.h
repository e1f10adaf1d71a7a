/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-image-files.h"
#include "chd-image-source.h"

G_BEGIN_DECLS

struct _ChdImageSource
{
  GObject parent_instance;

  char *path; /* (owned) */
  ChdImageSourceType type;
  ChdImageFiles *files; /* (owned) */
  char *digest;         /* (owned) */
  char *media_type;     /* (owned) */
  GBytes *manifest;     /* (owned) */
  ChdOciConfig *config; /* (owned) */
  GPtrArray *blobs;     /* (owned) of ChdOciDescriptor */
  GHashTable *names;    /* (owned) digest → file name, of the blobs */
  gint64 size;
  char *ref_name; /* (owned) (nullable) */
};

/* The readers of the two kinds of content. They fill what is above from type downwards. */
gboolean chd_image_source_load_oci (ChdImageSource *self,
                                    const char *ref_name,
                                    const char *architecture,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean
chd_image_source_load_docker (ChdImageSource *self, const char *ref_name, GCancellable *cancellable, GError **error);

/* What both need. */
char *chd_image_source_hash (ChdImageSource *self,
                             const char *name,
                             GChecksumType algorithm,
                             gint64 *size,
                             GCancellable *cancellable,
                             GError **error);
void chd_image_source_add_blob (ChdImageSource *self, const ChdOciDescriptor *blob, const char *name);
gboolean chd_image_source_take_config (ChdImageSource *self, GBytes *bytes, guint n_layers, GError **error);
gboolean chd_image_source_name_matches (const char *name, const char *wanted);

G_END_DECLS
