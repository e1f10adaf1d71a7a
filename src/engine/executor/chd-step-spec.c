/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a step is: image, command, environment, what it sees of the machine, and its limits. */

#include "config.h"

#include <string.h>

#include "chd-step-private.h"

#define MIB (G_GUINT64_CONSTANT (1024) * 1024)
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* Where Tekton has it; a private folder in memory unless something is bound there. */
#define DEFAULT_HOME "/tekton/home"

static void
mount_free (ChdStepMount *mount)
{
  g_free (mount->sandbox_path);
  g_free (mount->host_path);
  g_free (mount);
}

static guint
find_env (const ChdStepSpec *self, const char *name)
{
  gsize length = strlen (name);

  for (guint i = 0; i < self->env->len; i++)
    {
      const char *pair = self->env->pdata[i];

      if (strncmp (pair, name, length) == 0 && pair[length] == '=')
        return i;
    }
  return G_MAXUINT;
}

ChdStepSpec *
chd_step_spec_new (ChdImage *image)
{
  ChdStepSpec *self = g_new0 (ChdStepSpec, 1);
  const char *const *env = chd_image_get_env (image);

  self->image = chd_image_ref (image);
  self->env = g_ptr_array_new_with_free_func (g_free);
  self->mounts = g_ptr_array_new_with_free_func ((GDestroyNotify) mount_free);
  chd_step_spec_set_env (self, "PATH", DEFAULT_PATH);
  chd_step_spec_set_env (self, "HOME", DEFAULT_HOME);
  for (guint i = 0; env[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (env[i], "=", 2);

      if (parts[0] != NULL && parts[1] != NULL)
        chd_step_spec_set_env (self, parts[0], parts[1]);
    }
  chd_step_spec_set_limits (self, &(ChdStepLimits){ 0 });
  return self;
}

void
chd_step_spec_free (ChdStepSpec *self)
{
  if (self == NULL)
    return;
  chd_image_unref (self->image);
  g_strfreev (self->argv);
  g_ptr_array_unref (self->env);
  g_ptr_array_unref (self->mounts);
  g_free (self->working_dir);
  g_free (self->log_path);
  g_free (self->record_path);
  g_free (self);
}

void
chd_step_spec_set_argv (ChdStepSpec *self, const char *const *argv)
{
  g_strfreev (self->argv);
  self->argv = g_strdupv ((char **) argv);
}

void
chd_step_spec_set_env (ChdStepSpec *self, const char *name, const char *value)
{
  guint index;

  if (*name == '\0' || strchr (name, '=') != NULL)
    return; /* a name that no program could read */
  index = find_env (self, name);
  if (index != G_MAXUINT)
    g_ptr_array_remove_index (self->env, index);
  g_ptr_array_add (self->env, g_strconcat (name, "=", value, NULL));
}

const char *
chd_step_spec_get_env (const ChdStepSpec *self, const char *name)
{
  guint index = find_env (self, name);

  return index != G_MAXUINT ? strchr (self->env->pdata[index], '=') + 1 : NULL;
}

void
chd_step_spec_set_working_dir (ChdStepSpec *self, const char *path)
{
  g_free (self->working_dir);
  self->working_dir = path != NULL && *path != '\0' ? g_canonicalize_filename (path, "/") : NULL;
}

const char *
chd_step_spec_get_working_dir (const ChdStepSpec *self)
{
  const char *of_image = chd_image_get_working_dir (self->image);

  if (self->working_dir != NULL)
    return self->working_dir;
  return of_image != NULL && g_path_is_absolute (of_image) ? of_image : "/";
}

static void
add_mount (ChdStepSpec *self, const char *host_path, const char *sandbox_path, gboolean writable, guint64 bytes)
{
  ChdStepMount *mount = g_new0 (ChdStepMount, 1);

  mount->sandbox_path = g_canonicalize_filename (sandbox_path, "/");
  mount->host_path = host_path != NULL ? g_canonicalize_filename (host_path, NULL) : NULL;
  mount->writable = writable;
  mount->bytes = bytes;
  g_ptr_array_add (self->mounts, mount);
}

void
chd_step_spec_add_bind (ChdStepSpec *self, const char *host_path, const char *sandbox_path, gboolean writable)
{
  add_mount (self, host_path, sandbox_path, writable, 0);
}

void
chd_step_spec_add_tmpfs (ChdStepSpec *self, const char *sandbox_path, guint64 bytes)
{
  add_mount (self, NULL, sandbox_path, TRUE, bytes);
}

void
chd_step_spec_set_network (ChdStepSpec *self, gboolean network)
{
  self->network = network;
}

void
chd_step_spec_set_log_path (ChdStepSpec *self, const char *path)
{
  g_free (self->log_path);
  self->log_path = g_canonicalize_filename (path, NULL);
}

void
chd_step_spec_set_record_path (ChdStepSpec *self, const char *path)
{
  g_free (self->record_path);
  self->record_path = g_canonicalize_filename (path, NULL);
}

void
chd_step_spec_set_limits (ChdStepSpec *self, const ChdStepLimits *limits)
{
  self->limits = *limits;
  if (self->limits.memory == 0)
    self->limits.memory = 1024 * MIB;
  if (self->limits.processes == 0)
    self->limits.processes = 256;
  if (self->limits.file_size == 0)
    self->limits.file_size = 1024 * MIB;
  if (self->limits.output == 0)
    self->limits.output = 64 * MIB;
  if (self->limits.tmp == 0)
    self->limits.tmp = 256 * MIB;
}
