/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An image that steps can run in: where its files are, and what its configuration says. Immutable. */

#include "config.h"

#include "chd-image-private.h"

struct _ChdImage
{
  gatomicrefcount ref_count;
  char *reference;
  char *root;
  char *digest;         /* (nullable) */
  char *image_id;       /* (not nullable) */
  ChdOciConfig *config; /* (nullable) for the host system */
};

G_DEFINE_BOXED_TYPE (ChdImage, chd_image, chd_image_ref, chd_image_unref)

static const char *const none[] = { NULL };

ChdImage *
chd_image_new (const char *reference,
               const char *root,
               const char *repository,
               const char *digest,
               ChdOciConfig *config)
{
  ChdImage *self = g_new0 (ChdImage, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->reference = g_strdup (reference);
  self->root = g_strdup (root);
  self->digest = g_strdup (digest);
  self->image_id = g_strconcat (repository, "@", digest, NULL);
  self->config = config;
  return self;
}

ChdImage *
chd_image_new_host (void)
{
  ChdImage *self = g_new0 (ChdImage, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->reference = g_strdup (CHD_IMAGE_HOST);
  self->root = g_strdup ("/");
  self->image_id = g_strdup (CHD_IMAGE_HOST);
  return self;
}

ChdImage *
chd_image_ref (ChdImage *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
chd_image_unref (ChdImage *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->reference);
  g_free (self->root);
  g_free (self->digest);
  g_free (self->image_id);
  g_clear_pointer (&self->config, chd_oci_config_free);
  g_free (self);
}

gboolean
chd_image_is_host (const ChdImage *self)
{
  return self->config == NULL;
}

const char *
chd_image_get_root (const ChdImage *self)
{
  return self->root;
}

const char *
chd_image_get_reference (const ChdImage *self)
{
  return self->reference;
}

const char *
chd_image_get_digest (const ChdImage *self)
{
  return self->digest;
}

const char *
chd_image_get_image_id (const ChdImage *self)
{
  return self->image_id;
}

const char *const *
chd_image_get_entrypoint (const ChdImage *self)
{
  return self->config != NULL && self->config->entrypoint != NULL ? (const char *const *) self->config->entrypoint
                                                                  : none;
}

const char *const *
chd_image_get_cmd (const ChdImage *self)
{
  return self->config != NULL && self->config->cmd != NULL ? (const char *const *) self->config->cmd : none;
}

const char *const *
chd_image_get_env (const ChdImage *self)
{
  return self->config != NULL && self->config->env != NULL ? (const char *const *) self->config->env : none;
}

const char *
chd_image_get_working_dir (const ChdImage *self)
{
  return self->config != NULL ? self->config->working_dir : NULL;
}

const char *
chd_image_get_user (const ChdImage *self)
{
  return self->config != NULL ? self->config->user : NULL;
}
