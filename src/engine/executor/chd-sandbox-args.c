/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a step to bubblewrap's arguments. bubblewrap is a tool, not a policy: what a step can reach is decided here.
 *
 * The sandbox's root is a folder in memory in which the image's folders appear, each read-only. Where something has to
 * be mounted at a path that the image does not have, the folder above it is made in memory too, with the image's
 * entries in it; at the end all that is made read-only. Links of the image are followed while the paths are worked out,
 * so that bubblewrap never has to. */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-sandbox-private.h"
#include "chd-util.h"

/* bwrap takes 9000. */
#define MAX_ARGS 8000
#define MAX_LINKS 40
#define MAX_PASSWD (1024 * 1024)

/* Of this machine's own system; the rest of /etc is nobody's business. */
static const char *const host_folders[] = { "bin", "etc", "lib", "lib32", "lib64", "libx32", "sbin", "usr" };
static const char *const host_etc[] = {
  "alternatives",
  "ca-certificates",
  "ca-certificates.conf",
  "debian_version",
  "fonts",
  "group",
  "host.conf",
  "hosts",
  "java",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "locale.conf",
  "localtime",
  "magic",
  "mime.types",
  "nsswitch.conf",
  "os-release",
  "passwd",
  "perl",
  "pki",
  "protocols",
  "services",
  "ssl",
  "terminfo",
  "timezone",
};

typedef struct
{
  GPtrArray *args;
  const char *root;
  gboolean is_host;
  GPtrArray *mounts; /* of ChdStepMount, with resolved paths, parents first */
  int root_fd;
} Builder;

static void
add (GPtrArray *args, const char *first, ...)
{
  va_list list;

  va_start (list, first);
  for (const char *arg = first; arg != NULL; arg = va_arg (list, const char *))
    g_ptr_array_add (args, g_strdup (arg));
  va_end (list);
}

static void
add_tmpfs (GPtrArray *args, const char *mode, guint64 bytes, const char *path)
{
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, bytes);

  add (args, "--perms", mode, "--size", size, "--tmpfs", path, NULL);
}

void
chd_sandbox_add_common_args (GPtrArray *args, gboolean user_namespace, gboolean network, guint64 shm_bytes)
{
  add (args, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--hostname",
       "step", NULL);
  if (user_namespace)
    add (args, "--unshare-user", "--disable-userns", NULL);
  if (network)
    add (args, "--share-net", NULL);
  add (args, "--proc", "/proc", "--dev", "/dev", NULL);
  /* bwrap's own /dev could be filled up to half of the machine's memory. */
  add_tmpfs (args, "1777", shm_bytes, "/dev/shm");
  add (args, "--remount-ro", "/dev", NULL);
  /* Files below /proc/sys ask for their owner only, and when we run as root, so does the step: without this it could
   * set the kernel's parameters for the whole machine. */
  add (args, "--remount-ro", "/proc", NULL);
}

static char *
join (const char *folder, const char *name)
{
  return g_build_filename (folder, name, NULL);
}

/* Where @path (absolute) is when the image's links are followed; what does not exist stays as it is. */
static char *
resolve (Builder *self, const char *path)
{
  g_autofree char *done = g_strdup ("/");
  g_autoptr (GQueue) left = g_queue_new ();
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint links = 0;
  char *part;

  for (guint i = 0; parts[i] != NULL; i++)
    g_queue_push_tail (left, g_strdup (parts[i]));
  while ((part = g_queue_pop_head (left)) != NULL)
    {
      g_autofree char *name = part;
      g_autofree char *next = NULL;
      g_autofree char *on_host = NULL;
      g_autofree char *target = NULL;

      if (*name == '\0' || strcmp (name, ".") == 0)
        continue;
      next = strcmp (name, "..") == 0 ? g_path_get_dirname (done) : join (done, name);
      on_host = join (self->root, next);
      target = links < MAX_LINKS ? g_file_read_link (on_host, NULL) : NULL;
      if (target != NULL)
        {
          g_auto (GStrv) more = g_strsplit (target, "/", -1);

          links++;
          for (guint i = g_strv_length (more); i > 0; i--)
            g_queue_push_head (left, g_strdup (more[i - 1]));
          if (*target == '/')
            {
              g_free (done);
              done = g_strdup ("/");
            }
          continue;
        }
      g_free (done);
      done = g_steal_pointer (&next);
    }
  return g_steal_pointer (&done);
}

static gboolean
is_below (const char *path, const char *folder)
{
  gsize length = strlen (folder);

  return strcmp (folder, "/") == 0 ? path[1] != '\0' : strncmp (path, folder, length) == 0 && path[length] == '/';
}

static gboolean
is_listed (const char *name, const char *const *names, guint n_names)
{
  for (guint i = 0; i < n_names; i++)
    if (strcmp (names[i], name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_visible (Builder *self, const char *folder, const char *name)
{
  static const char *const own[] = { "proc", "dev", "tmp" };

  if (strcmp (folder, "/") == 0)
    return !is_listed (name, own, G_N_ELEMENTS (own)) &&
           (!self->is_host || is_listed (name, host_folders, G_N_ELEMENTS (host_folders)));
  if (self->is_host && strcmp (folder, "/etc") == 0)
    return is_listed (name, host_etc, G_N_ELEMENTS (host_etc)) || g_str_has_prefix (name, "python") ||
           g_str_has_prefix (name, "java-");
  /* Private keys lie beside the certificates. */
  if (self->is_host && strcmp (folder, "/etc/ssl") == 0)
    return strcmp (name, "certs") == 0 || strcmp (name, "openssl.cnf") == 0;
  return TRUE;
}

/* Whether @folder must be made in memory: something below it is mounted where the image has nothing. */
static gboolean
needs_folder (Builder *self, const char *folder)
{
  if (self->is_host && (strcmp (folder, "/etc") == 0 || strcmp (folder, "/etc/ssl") == 0))
    return TRUE;
  for (guint i = 0; i < self->mounts->len; i++)
    {
      const ChdStepMount *mount = self->mounts->pdata[i];
      g_autofree char *on_host = join (self->root, mount->sandbox_path);

      if (is_below (mount->sandbox_path, folder) && !g_file_test (on_host, G_FILE_TEST_EXISTS))
        return TRUE;
    }
  return FALSE;
}

static gboolean
add_folder (Builder *self, const char *folder, GError **error)
{
  g_autofree char *on_host = join (self->root, folder);
  DIR *dir = opendir (on_host);
  struct dirent *item;
  gboolean ok = TRUE;

  if (dir == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The image's folder “%s” cannot be read: %s"), folder,
                   g_strerror (errno));
      return FALSE;
    }
  while (ok && (item = readdir (dir)) != NULL)
    {
      g_autofree char *path = join (folder, item->d_name);
      g_autofree char *source = join (on_host, item->d_name);
      g_autofree char *target = NULL;
      struct stat info;

      if (strcmp (item->d_name, ".") == 0 || strcmp (item->d_name, "..") == 0 ||
          !is_visible (self, folder, item->d_name) ||
          fstatat (dirfd (dir), item->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      if (S_ISLNK (info.st_mode))
        {
          target = g_file_read_link (source, NULL);
          if (target != NULL)
            add (self->args, "--symlink", target, path, NULL);
        }
      else if (S_ISDIR (info.st_mode) && needs_folder (self, path))
        {
          add (self->args, "--perms", "0755", "--dir", path, NULL);
          ok = add_folder (self, path, error);
        }
      else if (S_ISDIR (info.st_mode) || S_ISREG (info.st_mode))
        add (self->args, "--ro-bind", source, path, NULL);
      if (ok && self->args->len > MAX_ARGS)
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT,
                       _ ("The image's folder “%s” has too many files for something to be mounted in it."), folder);
          ok = FALSE;
        }
    }
  closedir (dir);
  return ok;
}

static int
compare_mounts (gconstpointer a, gconstpointer b)
{
  const ChdStepMount *first = *(const ChdStepMount *const *) a;
  const ChdStepMount *second = *(const ChdStepMount *const *) b;

  return strcmp (first->sandbox_path, second->sandbox_path);
}

static void
mount_free (ChdStepMount *mount)
{
  g_free (mount->sandbox_path);
  g_free (mount->host_path);
  g_free (mount);
}

static void
take_mount (Builder *self, const char *sandbox_path, const char *host_path, gboolean writable, guint64 bytes)
{
  ChdStepMount *mount = g_new0 (ChdStepMount, 1);

  mount->sandbox_path = resolve (self, sandbox_path);
  mount->host_path = g_strdup (host_path);
  mount->writable = writable;
  mount->bytes = bytes;
  /* The last one of the same place wins. */
  for (guint i = 0; i < self->mounts->len; i++)
    {
      const ChdStepMount *other = self->mounts->pdata[i];

      if (strcmp (other->sandbox_path, mount->sandbox_path) == 0)
        {
          g_ptr_array_remove_index (self->mounts, i);
          break;
        }
    }
  g_ptr_array_add (self->mounts, mount);
}

/* The mount that @path is in, or %NULL. */
static const ChdStepMount *
find_mount (Builder *self, const char *path)
{
  const ChdStepMount *best = NULL;

  for (guint i = 0; i < self->mounts->len; i++)
    {
      const ChdStepMount *mount = self->mounts->pdata[i];

      if ((strcmp (mount->sandbox_path, path) == 0 || is_below (path, mount->sandbox_path)) &&
          (best == NULL || strlen (mount->sandbox_path) > strlen (best->sandbox_path)))
        best = mount;
    }
  return best;
}

/* Makes the folder @below within @folder, which scripts may have filled with links: none is followed. */
static void
make_beneath (const char *folder, const char *below)
{
  g_auto (GStrv) parts = g_strsplit (below, "/", -1);
  int fd = open (folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; fd >= 0 && parts[i] != NULL; i++)
    {
      int next;

      if (*parts[i] == '\0')
        continue;
      if (mkdirat (fd, parts[i], 0777) != 0 && errno != EEXIST)
        g_debug ("A working folder cannot be made: %s", g_strerror (errno));
      next = openat (fd, parts[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      close (fd);
      fd = next;
    }
  if (fd >= 0)
    close (fd);
}

/* The working folder must exist: in the image, in what is bound, or in memory. */
static void
prepare_working_dir (Builder *self, const ChdStepSpec *spec)
{
  g_autofree char *path = resolve (self, chd_step_spec_get_working_dir (spec));
  const ChdStepMount *mount = find_mount (self, path);
  g_autofree char *on_host = join (self->root, path);

  if (mount != NULL && mount->host_path != NULL && mount->writable)
    make_beneath (mount->host_path, path + strlen (mount->sandbox_path));
  else if (mount == NULL && !is_below (path, "/tmp") && strcmp (path, "/tmp") != 0 &&
           (!g_file_test (on_host, G_FILE_TEST_IS_DIR) || (self->is_host && !g_str_has_prefix (path, "/usr"))) &&
           strcmp (path, "/") != 0)
    take_mount (self, path, NULL, TRUE, spec->limits.tmp);
}

static void
collect_mounts (Builder *self, const ChdStepSpec *spec)
{
  const char *home = chd_step_spec_get_env (spec, "HOME");

  if (spec->network)
    {
      static const char *const files[] = { "/etc/resolv.conf", "/etc/hosts" };

      for (guint i = 0; i < G_N_ELEMENTS (files); i++)
        {
          char *real = realpath (files[i], NULL);

          if (real != NULL)
            take_mount (self, files[i], real, FALSE, 0);
          free (real);
        }
    }
  if (home != NULL && strcmp (home, "/tekton/home") == 0)
    take_mount (self, home, NULL, TRUE, spec->limits.tmp);
  for (guint i = 0; i < spec->mounts->len; i++)
    {
      const ChdStepMount *mount = spec->mounts->pdata[i];

      take_mount (self, mount->sandbox_path, mount->host_path, mount->writable, mount->bytes);
    }
  prepare_working_dir (self, spec);
  g_ptr_array_sort (self->mounts, compare_mounts);
}

static void
add_mounts (Builder *self)
{
  for (guint i = 0; i < self->mounts->len; i++)
    {
      const ChdStepMount *mount = self->mounts->pdata[i];

      if (mount->host_path == NULL)
        add_tmpfs (self->args, "0777", mount->bytes, mount->sandbox_path);
      else
        add (self->args, mount->writable ? "--bind" : "--ro-bind", mount->host_path, mount->sandbox_path, NULL);
    }
}

/* "name" of the image's own /etc/passwd (@column 2) or /etc/group; numbers as they are. */
static char *
find_id (Builder *self, const char *file, const char *name, guint column)
{
  struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_IN_ROOT };
  g_autofree char *fd_path = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  int fd;

  if (*name != '\0' && strspn (name, "0123456789") == strlen (name) && strlen (name) <= 9)
    return g_strdup (name);
  fd = (int) syscall (SYS_openat2, self->root_fd, file, &how, sizeof how);
  if (fd < 0)
    return NULL;
  fd_path = g_strdup_printf ("/proc/self/fd/%d", fd);
  text = chd_read_regular_file (fd_path, MAX_PASSWD, NULL, NULL);
  close (fd);
  lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], ":", -1);

      if (g_strv_length (fields) > column && strcmp (fields[0], name) == 0 && *fields[column] != '\0' &&
          strspn (fields[column], "0123456789") == strlen (fields[column]) && strlen (fields[column]) <= 9)
        return g_strdup (fields[column]);
    }
  return NULL;
}

static gboolean
add_user (Builder *self, const ChdStepSpec *spec, GError **error)
{
  const char *user = chd_image_get_user (spec->image);
  g_auto (GStrv) parts = g_strsplit (user != NULL && *user != '\0' ? user : "0:0", ":", 2);
  g_autofree char *uid = find_id (self, "etc/passwd", parts[0], 2);
  g_autofree char *gid = NULL;

  if (parts[1] != NULL && *parts[1] != '\0')
    gid = find_id (self, "etc/group", parts[1], 2);
  else
    {
      gid = find_id (self, "etc/passwd", parts[0], 3);
      if (gid != NULL && strcmp (gid, parts[0]) == 0)
        {
          g_free (gid);
          gid = g_strdup ("0"); /* a number alone: the group is root's */
        }
    }
  if (uid == NULL || gid == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The image has no user “%s”, which it wants to run as."),
                   user);
      return FALSE;
    }
  add (self->args, "--uid", uid, "--gid", gid, NULL);
  return TRUE;
}

GPtrArray *
chd_sandbox_build_args (ChdSandbox *self, const ChdStepSpec *spec, GError **error)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) mounts = g_ptr_array_new_with_free_func ((GDestroyNotify) mount_free);
  Builder builder = { args, chd_image_get_root (spec->image), chd_image_is_host (spec->image), mounts, -1 };
  gboolean ok = TRUE;

  builder.root_fd = open (builder.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  collect_mounts (&builder, spec);
  ok = add_folder (&builder, "/", error);
  if (ok && !builder.is_host && chd_sandbox_has_user_namespace (self))
    ok = add_user (&builder, spec, error);
  if (builder.root_fd >= 0)
    close (builder.root_fd);
  if (!ok)
    return NULL;

  chd_sandbox_add_common_args (args, chd_sandbox_has_user_namespace (self), spec->network, spec->limits.tmp);
  add_tmpfs (args, "1777", spec->limits.tmp, "/tmp");
  add_mounts (&builder);
  add (args, "--remount-ro", "/", "--chdir", chd_step_spec_get_working_dir (spec), NULL);
  for (guint i = 0; i < spec->env->len; i++)
    {
      g_auto (GStrv) pair = g_strsplit (spec->env->pdata[i], "=", 2);

      add (args, "--setenv", pair[0], pair[1], NULL);
    }
  if (args->len > MAX_ARGS)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("The step has too many variables and mounted files."));
      return NULL;
    }
  return g_steal_pointer (&args);
}
