/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Making, reading and removing what steps have on disk. */

#include "config.h"

#include "chd-step-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-task-results.h"

/* Deeper trees are somebody's joke; what is left of them stays on disk. */
#define MAX_DEPTH 256

static gboolean
fail (GError **error, const char *path)
{
  g_autofree char *shown = g_filename_display_name (path);

  /* Translators: file name, and the system's reason */
  g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The step's files cannot be made: %s: %s"), shown,
               g_strerror (errno));
  return FALSE;
}

/* Makes @sub below @root, one part at a time: a link that a script has put there is an error, not a way. */
static gboolean
make_below (const char *root, const char *sub, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (sub, "/", -1);
  int fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = fd >= 0;

  for (guint i = 0; ok && parts[i] != NULL; i++)
    {
      int next;

      if (*parts[i] == '\0' || g_str_equal (parts[i], "."))
        continue;
      if (mkdirat (fd, parts[i], 0755) != 0 && errno != EEXIST)
        {
          ok = FALSE;
          break;
        }
      next = openat (fd, parts[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      ok = next >= 0;
      close (fd);
      fd = next;
    }
  if (!ok)
    fail (error, sub);
  if (fd >= 0)
    close (fd);
  return ok;
}

static gboolean
write_file (const ChdPlanFile *file, GError **error)
{
  int fd;
  gsize done = 0;
  ssize_t n = 0;

  if (g_unlink (file->path) != 0 && errno != ENOENT)
    return fail (error, file->path);
  fd = open (file->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, file->executable ? 0755 : 0644);
  if (fd < 0)
    return fail (error, file->path);
  while (done < file->length && n >= 0)
    {
      n = write (fd, file->content + done, file->length - done);
      if (n < 0 && errno == EINTR)
        n = 0;
      else if (n > 0)
        done += (gsize) n;
    }
  if (close (fd) != 0 || n < 0)
    return fail (error, file->path);
  return TRUE;
}

gboolean
chd_step_files_make (ChdStepPlan *plan, GError **error)
{
  for (guint i = 0; i < plan->folders->len; i++)
    {
      const ChdPlanFolder *folder = g_ptr_array_index (plan->folders, i);

      if (g_mkdir_with_parents (folder->root, 0755) != 0)
        return fail (error, folder->root);
      if (folder->sub != NULL && !make_below (folder->root, folder->sub, error))
        return FALSE;
    }
  for (guint i = 0; i < plan->files->len; i++)
    if (!write_file (g_ptr_array_index (plan->files, i), error))
      return FALSE;
  return TRUE;
}

char *
chd_step_files_bind_path (const ChdPlanBind *bind)
{
  return bind->sub != NULL && *bind->sub != '\0' ? g_build_filename (bind->host, bind->sub, NULL)
                                                 : g_strdup (bind->host);
}

/* A result: NULL without @problem when there is none. */
static char *
read_result (const ChdPlanResult *result, char **problem)
{
  int fd = open (result->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat info;
  g_autofree char *text = NULL;
  gsize done = 0;
  ssize_t n = 1;

  if (fd < 0 && errno == ENOENT)
    return NULL;
  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      *problem = g_strdup_printf ("The result \"%s\" is not a regular file.", result->name);
    }
  else
    {
      text = g_malloc0 (CHD_RESULTS_MAX + 2);
      while (done <= CHD_RESULTS_MAX && n != 0)
        {
          n = read (fd, text + done, CHD_RESULTS_MAX + 1 - done);
          if (n < 0 && errno != EINTR)
            break;
          if (n > 0)
            done += (gsize) n;
        }
      if (n < 0)
        *problem = g_strdup_printf ("The result \"%s\" cannot be read: %s", result->name, g_strerror (errno));
      else if (done > CHD_RESULTS_MAX)
        *problem = g_strdup (CHD_RESULTS_TOO_LARGE);
      else if (strlen (text) != done)
        *problem = g_strdup_printf ("The result \"%s\" holds a NUL byte, so it is no text.", result->name);
    }
  if (fd >= 0)
    close (fd);
  return *problem == NULL ? g_utf8_make_valid (text, (gssize) done) : NULL;
}

char *
chd_step_files_read_results (GPtrArray *results, char ***names, char ***values)
{
  g_autoptr (GStrvBuilder) name_list = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) value_list = g_strv_builder_new ();
  char *problem = NULL;

  for (guint i = 0; i < results->len && problem == NULL; i++)
    {
      const ChdPlanResult *result = g_ptr_array_index (results, i);
      g_autofree char *value = read_result (result, &problem);

      if (value != NULL)
        {
          g_strv_builder_add (name_list, result->name);
          g_strv_builder_add (value_list, value);
        }
    }
  *names = g_strv_builder_end (name_list);
  *values = g_strv_builder_end (value_list);
  if (problem == NULL && (*names)[0] != NULL && chd_task_results_size (*names, *values) > CHD_RESULTS_MAX)
    problem = g_strdup (CHD_RESULTS_TOO_LARGE);
  return problem;
}

static void
remove_in (int parent, const char *name, guint depth)
{
  struct stat info;
  struct dirent *entry;
  int fd;
  DIR *dir;

  /* A script may have taken the right to look into its own folder away from us; no script runs any more. */
  if (fstatat (parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR (info.st_mode))
    fchmodat (parent, name, 0700, 0);
  fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  dir = fd >= 0 ? fdopendir (fd) : NULL;
  if (dir == NULL)
    {
      if (fd >= 0)
        close (fd);
      unlinkat (parent, name, 0);
      return;
    }
  while ((entry = readdir (dir)) != NULL && depth < MAX_DEPTH)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      {
        if (unlinkat (fd, entry->d_name, 0) != 0)
          remove_in (fd, entry->d_name, depth + 1);
      }
  closedir (dir);
  unlinkat (parent, name, AT_REMOVEDIR);
}

void
chd_step_files_remove (const char *path)
{
  remove_in (AT_FDCWD, path, 0);
}
