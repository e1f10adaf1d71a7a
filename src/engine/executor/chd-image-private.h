/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-image-store.h"
#include "chd-oci.h"

G_BEGIN_DECLS

/* Takes over @config. */
ChdImage *chd_image_new (const char *reference,
                         const char *root,
                         const char *repository,
                         const char *digest,
                         ChdOciConfig *config);
ChdImage *chd_image_new_host (void);

G_END_DECLS
