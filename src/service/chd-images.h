/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-item.h"
#include "chd-registry.h"
#include "chd-session.h"

G_BEGIN_DECLS

/* Whether an environment's image is where the engine can pull it. */
typedef enum
{
  CHD_IMAGE_PRESENT,     /* in the registry */
  CHD_IMAGE_UPLOADABLE,  /* missing there, its source is here */
  CHD_IMAGE_NO_SOURCE,   /* missing, and no source names one */
  CHD_IMAGE_HOST_SYSTEM, /* the engine's own system: no image */
} ChdImageStateKind;

typedef struct
{
  ChdImageStateKind kind;
  char *reference;   /* what the engine pulls: with digest when PRESENT */
  char *digest;      /* (nullable) */
  gint64 size;       /* in the registry or of the source, bytes; -1 unknown */
  char *created;     /* (nullable) RFC 3339 */
  char *source_path; /* (nullable): absolute */
} ChdImageState;

void chd_image_state_free (ChdImageState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdImageState, chd_image_state_free)

/* @folder: (nullable): what a relative source path is relative to; the shipped environments' folder is looked in
 * next. A registry that cannot be reached is an error (CHD_ERROR_UNREACHABLE), a missing image is not. */
void chd_images_query_async (ChdSession *session,
                             const ChdEnvironment *environment,
                             const char *folder,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
ChdImageState *chd_images_query_finish (GAsyncResult *result, GError **error);

/* Uploads the image unless the registry has it (then no blob is sent). CHD_ERROR_IMAGE_MISSING without a source. */
void chd_images_ensure_async (ChdSession *session,
                              const ChdEnvironment *environment,
                              const char *folder,
                              ChdRegistryProgress progress,
                              gpointer progress_data,
                              GDestroyNotify progress_destroy,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* Present in the end. @uploaded: (out) (optional): whether it was sent now */
ChdImageState *chd_images_ensure_finish (GAsyncResult *result, gboolean *uploaded, GError **error);

G_END_DECLS
