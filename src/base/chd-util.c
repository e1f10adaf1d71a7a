/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Small things every room needs: names, durations, time stamps, paths of what is shipped. */

#include "config.h"

#include "chd-util.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chd-error.h"

/**
 * chd_set_str:
 * @target: (inout): a string that is owned by its holder
 * @value: (nullable): the new value, copied
 *
 * Returns: %TRUE when the value changed
 */
gboolean
chd_set_str (char **target, const char *value)
{
  char *copy;

  if (g_strcmp0 (*target, value) == 0)
    return FALSE;

  copy = g_strdup (value);
  g_free (*target);
  *target = copy;
  return TRUE;
}

/**
 * chd_str_is_label:
 * @max_length: in bytes; Kubernetes allows 63, our chains and nodes 24
 *
 * Returns: whether @text is a DNS label (RFC 1123): a-z, 0-9 and '-', beginning and ending with a letter or digit
 */
gboolean
chd_str_is_label (const char *text, gsize max_length)
{
  gsize length = text != NULL ? strlen (text) : 0;

  if (length == 0 || length > max_length || text[0] == '-' || text[length - 1] == '-')
    return FALSE;

  return strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/**
 * chd_str_to_label:
 * @text: any text, for example a title
 * @max_length: in bytes
 * @fallback: used when nothing of @text can be kept, for example a Chinese title
 *
 * Returns: (transfer full): a DNS label
 */
char *
chd_str_to_label (const char *text, gsize max_length, const char *fallback)
{
  g_autofree char *ascii = g_str_to_ascii (text != NULL ? text : "", "C");
  GString *label = g_string_new (NULL);

  for (const char *c = ascii; *c != '\0' && label->len < max_length; c++)
    {
      if (g_ascii_isalnum (*c))
        g_string_append_c (label, g_ascii_tolower (*c));
      else if (*c != '?' && label->len > 0 && label->str[label->len - 1] != '-')
        g_string_append_c (label, '-');
    }
  while (label->len > 0 && label->str[label->len - 1] == '-')
    g_string_truncate (label, label->len - 1);
  if (label->len == 0)
    g_string_append_len (label, fallback, MIN (strlen (fallback), max_length));

  return g_string_free (label, FALSE);
}

/**
 * chd_str_random_suffix:
 *
 * Returns: (transfer full): @length characters of the alphabet Kubernetes uses for generated names (no vowels, no
 *   look-alikes)
 */
char *
chd_str_random_suffix (guint length)
{
  static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
  char *suffix = g_malloc (length + 1);

  for (guint i = 0; i < length; i++)
    suffix[i] = alphabet[g_random_int_range (0, sizeof alphabet - 1)];
  suffix[length] = '\0';
  return suffix;
}

/**
 * chd_secret_free:
 * @secret: (nullable) (transfer full): a token, password or key
 *
 * Frees a string after overwriting it.
 */
void
chd_secret_free (char *secret)
{
  if (secret == NULL)
    return;

  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

/**
 * chd_str_sanitize:
 * @length: in bytes, or -1
 * @max_bytes: what is longer is cut
 *
 * Returns: (transfer full): valid UTF-8 without NUL and control characters other than tab and newline, safe for
 *   labels and terminals
 */
char *
chd_str_sanitize (const char *data, gssize length, gsize max_bytes)
{
  gsize size = length >= 0 ? (gsize) length : strlen (data);
  g_autofree char *valid = g_utf8_make_valid (data, (gssize) MIN (size, max_bytes));

  for (guchar *c = (guchar *) valid; *c != '\0'; c++)
    {
      if ((*c < 0x20 && *c != '\t' && *c != '\n') || *c == 0x7f)
        *c = ' ';
      /* U+0080 to U+009F are control characters too, to many terminals; they take two bytes. */
      else if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f)
        c[0] = c[1] = ' ';
    }
  return g_steal_pointer (&valid);
}

/**
 * chd_parse_duration:
 * @text: Go's syntax as Kubernetes and Tekton use it, for example "1h30m", "90s", "1.5h", "0"
 * @seconds: (out): rounded up to whole seconds, so that a short limit does not become none
 */
gboolean
chd_parse_duration (const char *text, gint64 *seconds)
{
  const char *c = text;
  double total = 0;

  if (text == NULL || *text == '\0')
    return FALSE;
  if (strcmp (text, "0") == 0)
    {
      *seconds = 0;
      return TRUE;
    }
  while (*c != '\0')
    {
      char *end;
      double value;

      if (!g_ascii_isdigit (*c) && *c != '.')
        return FALSE;
      value = g_ascii_strtod (c, &end);
      if (end == c)
        return FALSE;
      c = end;
      if (g_str_has_prefix (c, "ms"))
        total += value / 1000, c += 2;
      else if (*c == 'h')
        total += value * 3600, c++;
      else if (*c == 'm')
        total += value * 60, c++;
      else if (*c == 's')
        total += value, c++;
      else
        return FALSE;
      if (!(total >= 0 && total < 1e10))
        return FALSE;
    }
  *seconds = (gint64) total + (total > (double) (gint64) total);
  return TRUE;
}

/**
 * chd_format_duration:
 *
 * Returns: (transfer full): @seconds as Go writes them, for example "1h30m0s"
 */
char *
chd_format_duration (gint64 seconds)
{
  if (seconds >= 3600)
    return g_strdup_printf ("%" G_GINT64_FORMAT "h%dm%ds", seconds / 3600, (int) (seconds / 60 % 60),
                            (int) (seconds % 60));
  if (seconds >= 60)
    return g_strdup_printf ("%dm%ds", (int) (seconds / 60), (int) (seconds % 60));
  return g_strdup_printf ("%ds", (int) seconds);
}

/**
 * chd_format_timestamp:
 *
 * Returns: (transfer full): RFC 3339 in UTC with whole seconds, as Kubernetes' metav1.Time
 */
char *
chd_format_timestamp (gint64 unix_seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (unix_seconds);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("1970-01-01T00:00:00Z");
}

gboolean
chd_parse_timestamp (const char *text, gint64 *unix_seconds)
{
  g_autoptr (GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  if (time == NULL)
    return FALSE;
  *unix_seconds = g_date_time_to_unix (time);
  return TRUE;
}

/**
 * chd_sha256:
 *
 * Returns: (transfer full): 64 lower-case hex digits
 */
char *
chd_sha256 (gconstpointer data, gsize length)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, length);
}

/**
 * chd_data_path:
 * @relative: a file or folder of data/, for example "interfaces"
 *
 * Returns: (transfer full): where it is: under CHD_DATA_DIR of the environment, where it was installed, in the source
 *   tree the program was built from, or in the build tree (what is made while building)
 */
char *
chd_data_path (const char *relative)
{
  const char *override = g_getenv ("CHD_DATA_DIR");
  const char *const folders[] = {
    override != NULL ? override : CHD_DATA_DIR,
    override != NULL ? NULL : CHD_SOURCE_DATA_DIR,
    CHD_BUILD_DIR "/data",
  };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = folders[i] != NULL ? g_build_filename (folders[i], relative, NULL) : NULL;

      if (path != NULL && g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&path);
    }
  return g_build_filename (override != NULL ? override : CHD_SOURCE_DATA_DIR, relative, NULL);
}

/**
 * chd_program_path:
 * @program: "chain-engine", for example
 *
 * Returns: (transfer full) (nullable): one of our programs: beside the running one, in the build tree, where
 *   helpers are installed, or in PATH
 */
char *
chd_program_path (const char *program)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  /* Beside it; where they are in the build tree, from a program and from a test; where helpers are installed. */
  const char *const folders[] = {
    "",
    "../engine/main",
    "../cli",
    "../engine/executor/step",
    "../executor/step",
    "../src/engine/main",
    "../../src/engine/main",
    "../../src/engine/executor/step",
    CHD_LIBEXEC_DIR,
  };

  if (self != NULL)
    {
      g_autofree char *here = g_path_get_dirname (self);

      for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
        {
          g_autofree char *candidate = g_path_is_absolute (folders[i])
                                           ? g_build_filename (folders[i], program, NULL)
                                           : g_build_filename (here, folders[i], program, NULL);

          if (g_file_test (candidate, G_FILE_TEST_IS_EXECUTABLE) && !g_file_test (candidate, G_FILE_TEST_IS_DIR))
            return g_canonicalize_filename (candidate, NULL);
        }
    }
  return g_find_program_in_path (program);
}

/**
 * chd_read_regular_file:
 * @max_bytes: more is refused
 * @length: (out) (optional):
 *
 * Reads a small file that somebody else named: never a device, a pipe or something endless.
 *
 * Returns: (transfer full): its bytes, with a NUL behind them
 */
char *
chd_read_regular_file (const char *path, gsize max_bytes, gsize *length, GError **error)
{
  g_autofree char *name = g_filename_display_name (path);
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat info;
  char *data = NULL;
  gsize done = 0;

  if (fd < 0 || fstat (fd, &info) != 0)
    {
      /* Translators: file name, and the system's reason */
      g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("The file %s cannot be opened: %s"), name,
                   g_strerror (errno));
    }
  else if (!S_ISREG (info.st_mode) || (guint64) info.st_size > max_bytes)
    {
      /* Translators: %s is a file name */
      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("%s is not a file of the kind and size expected here."), name);
    }
  else
    {
      ssize_t n = 1;

      data = g_malloc ((gsize) info.st_size + 1);
      while (done < (gsize) info.st_size && (n = read (fd, data + done, (gsize) info.st_size - done)) != 0)
        {
          if (n < 0 && errno != EINTR)
            break;
          if (n > 0)
            done += (gsize) n;
        }
      data[done] = '\0';
      if (n < 0)
        {
          /* Translators: file name, and the system's reason */
          g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED, _ ("The file %s cannot be read: %s"), name,
                       g_strerror (errno));
          g_clear_pointer (&data, g_free);
        }
    }
  if (fd >= 0)
    close (fd);
  if (length != NULL)
    *length = done;
  return data;
}

/**
 * chd_make_private_directory:
 *
 * Makes @path and its parents; the folder itself is readable by its owner only (mode 0700).
 */
gboolean
chd_make_private_directory (const char *path, GError **error)
{
  struct stat info;

  if (g_mkdir_with_parents (path, 0700) != 0 || stat (path, &info) != 0 ||
      ((info.st_mode & 077) != 0 && chmod (path, 0700) != 0))
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED, "The folder “%s” cannot be made: %s", path, g_strerror (errno));
      return FALSE;
    }
  return TRUE;
}
