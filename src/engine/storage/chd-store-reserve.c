/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What keeps a store able to act when the disk is full or its schema changes: a file of 4 MiB that is given up so that
 * history can still be deleted (sqlite needs room even for that), and copies of the database. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-store-database.h"

#define BACKUPS 3
#define BACKUP_PREFIX "engine.db.backup-"

static char *
reserve_path (const char *folder)
{
  return g_build_filename (folder, "engine.reserve", NULL);
}

gboolean
chd_store_reserve_exists (const char *folder)
{
  g_autofree char *path = reserve_path (folder);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* Makes the reserve when it is missing and there is room for twice as much, so that it is not given up again at
 * the next write. */
void
chd_store_reserve_make (const char *folder)
{
  g_autofree char *path = reserve_path (folder);
  struct statvfs info;
  int fd;

  if (chd_store_reserve_exists (folder) || statvfs (folder, &info) != 0 ||
      (guint64) info.f_bavail * info.f_frsize < 2 * CHD_STORE_RESERVE_BYTES)
    return;

  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  if (posix_fallocate (fd, 0, CHD_STORE_RESERVE_BYTES) != 0 || fsync (fd) != 0)
    unlink (path);
  close (fd);
}

gboolean
chd_store_reserve_free (const char *folder)
{
  g_autofree char *path = reserve_path (folder);

  return g_unlink (path) == 0;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
forget_old_backups (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, BACKUP_PREFIX))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i + BACKUPS < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      g_unlink (path);
    }
}

gboolean
chd_store_backup (sqlite3 *handle, const char *folder, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autofree char *name = g_strdup_printf (BACKUP_PREFIX "%s-%06d", stamp, g_date_time_get_microsecond (now));
  g_autofree char *path = g_build_filename (folder, name, NULL);
  sqlite3 *target = NULL;
  sqlite3_backup *backup;
  int rc;

  rc = sqlite3_open_v2 (path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
  if (rc == SQLITE_OK)
    {
      backup = sqlite3_backup_init (target, "main", handle, "main");
      if (backup != NULL)
        sqlite3_backup_step (backup, -1);
      rc = backup != NULL ? sqlite3_backup_finish (backup) : sqlite3_errcode (target);
    }
  sqlite3_close (target);
  if (rc != SQLITE_OK)
    {
      g_unlink (path);
      g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The engine's database cannot be copied: %s"),
                   sqlite3_errstr (rc));
      return FALSE;
    }
  forget_old_backups (folder);
  return TRUE;
}
