/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads the headers of a tar archive and remembers where each file's bytes are, so that single ones can be read later
 * without unpacking anything. Links are followed inside the archive only; a name that climbs out is not remembered. */

#include "config.h"

#include "chd-tar-index.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-util.h"

#define BLOCK 512
/* What an image archive needs at most: some files for each layer of each image in it, with short names. Together they
 * bound the memory of an index. */
#define MAX_ENTRIES 10000
#define MAX_NAME 512
#define MAX_EXTENSION (64 * 1024)
#define MAX_LINKS 8

typedef struct
{
  goffset offset;
  gint64 size;
  char *link; /* (owned) (nullable) another name in the archive, whose bytes these are */
} Entry;

struct _ChdTarIndex
{
  GHashTable *entries; /* (owned) name → Entry */
};

/* What extension headers say about the next entry. */
typedef struct
{
  char *path;  /* (owned) (nullable) */
  char *link;  /* (owned) (nullable) */
  gint64 size; /* -1 when they say nothing */
} Extension;

static void
entry_free (Entry *entry)
{
  g_free (entry->link);
  g_free (entry);
}

static void
extension_clear (Extension *extension)
{
  g_clear_pointer (&extension->path, g_free);
  g_clear_pointer (&extension->link, g_free);
  extension->size = -1;
}

static gboolean
refuse (GError **error, ChdErrorCode code, const char *message)
{
  g_set_error_literal (error, CHD_ERROR, (int) code, message);
  return FALSE;
}

static gboolean
refuse_damaged (GError **error)
{
  return refuse (error, CHD_ERROR_CORRUPT,
                 _ ("The image archive is damaged or was cut off. Make or download it again."));
}

static gboolean
read_at (int fd, goffset offset, gpointer buffer, gsize length, GError **error)
{
  gsize done = 0;

  while (done < length)
    {
      gssize n = pread (fd, (char *) buffer + done, length - done, offset + (goffset) done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED,
                       /* Translators: %s is the system's reason */
                       _ ("The image archive cannot be read: %s"), g_strerror (errno));
          return FALSE;
        }
      if (n == 0)
        return refuse_damaged (error);
      done += (gsize) n;
    }
  return TRUE;
}

/* A number field: octal digits, or, for what does not fit, a big-endian number behind a first byte of 0x80. */
static gboolean
read_number (const guint8 *field, gsize length, gint64 *value)
{
  guint64 number = 0;
  gsize i = 0;

  if (field[0] == 0x80)
    {
      for (i = 1; i < length; i++)
        {
          if (number >> 55 != 0)
            return FALSE;
          number = number << 8 | field[i];
        }
      *value = (gint64) number;
      return TRUE;
    }
  while (i < length && field[i] == ' ')
    i++;
  for (; i < length && field[i] >= '0' && field[i] <= '7'; i++)
    {
      if (number >> 59 != 0)
        return FALSE;
      number = number << 3 | (guint64) (field[i] - '0');
    }
  if (i < length && field[i] != '\0' && field[i] != ' ')
    return FALSE;
  *value = (gint64) number;
  return TRUE;
}

static gboolean
is_header (const guint8 *block)
{
  gint64 expected;
  gint64 sum = 0;

  for (guint i = 0; i < BLOCK; i++)
    sum += i >= 148 && i < 156 ? ' ' : block[i];
  return read_number (block + 148, 8, &expected) && sum == expected;
}

static gboolean
is_zero (const guint8 *block)
{
  for (guint i = 0; i < BLOCK; i++)
    if (block[i] != 0)
      return FALSE;
  return TRUE;
}

static gboolean
looks_compressed (const guint8 *block)
{
  static const struct
  {
    const char *bytes;
    gsize length;
  } magics[] = {
    { "\x1f\x8b", 2 }, { "\x28\xb5\x2f\xfd", 4 }, { "\xfd\x37zXZ", 5 }, { "BZh", 3 }, { "PK\x03\x04", 4 }
  };

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    if (memcmp (block, magics[i].bytes, magics[i].length) == 0)
      return TRUE;
  return FALSE;
}

/* The name as it is looked up: without "./" and "/" around it; NULL for one that leaves the archive. */
static char *
clean_name (const char *name)
{
  g_autofree char *absolute = NULL;
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);

  if (*name == '/' || g_strv_contains ((const char *const *) parts, ".."))
    return NULL;
  absolute = g_canonicalize_filename (name, "/");
  return absolute[1] != '\0' ? g_strdup (absolute + 1) : NULL;
}

/* Where a link leads; climbing ends at the root of the archive. */
static char *
resolve_link (const char *name, const char *target, gboolean hard)
{
  g_autofree char *folder = g_path_get_dirname (name);
  g_autofree char *base = hard ? g_strdup ("/") : g_build_filename ("/", folder, NULL);
  g_autofree char *absolute = g_canonicalize_filename (target, base);

  return g_strdup (absolute + 1);
}

static char *
header_name (const guint8 *block)
{
  g_autofree char *name = g_strndup ((const char *) block, 100);

  if (memcmp (block + 257, "ustar\0", 6) == 0 && block[345] != '\0')
    {
      g_autofree char *prefix = g_strndup ((const char *) block + 345, 155);

      return g_strconcat (prefix, "/", name, NULL);
    }
  return g_steal_pointer (&name);
}

/* One "length key=value\n" record after the other. */
static gboolean
read_pax (const char *text, gsize length, Extension *extension)
{
  gsize at = 0;

  while (at < length)
    {
      const char *record = text + at;
      const char *space = memchr (record, ' ', length - at);
      const char *equals;
      g_autofree char *digits = space != NULL ? g_strndup (record, (gsize) (space - record)) : NULL;
      g_autofree char *key = NULL;
      g_autofree char *value = NULL;
      guint64 size;

      if (digits == NULL || !g_ascii_string_to_unsigned (digits, 10, 1, length - at, &size, NULL) ||
          size < (gsize) (space - record) + 3 || record[size - 1] != '\n')
        return FALSE;
      equals = memchr (space, '=', (gsize) (record + size - space));
      if (equals == NULL)
        return FALSE;
      key = g_strndup (space + 1, (gsize) (equals - space - 1));
      value = g_strndup (equals + 1, (gsize) (record + size - 1 - equals - 1));
      if (g_str_has_prefix (key, "GNU.sparse."))
        return FALSE;
      if (strcmp (key, "path") == 0)
        chd_set_str (&extension->path, value);
      else if (strcmp (key, "linkpath") == 0)
        chd_set_str (&extension->link, value);
      else if (strcmp (key, "size") == 0)
        {
          guint64 number;

          if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &number, NULL))
            return FALSE;
          extension->size = (gint64) number;
        }
      at += size;
    }
  return TRUE;
}

static gboolean
read_extension (int fd, guint8 kind, goffset offset, gint64 size, Extension *extension, GError **error)
{
  g_autofree char *text = NULL;

  if (size > MAX_EXTENSION)
    return refuse (error, CHD_ERROR_LIMIT, _ ("The image archive contains a name that is too long."));
  text = g_malloc0 ((gsize) size + 1);
  if (!read_at (fd, offset, text, (gsize) size, error))
    return FALSE;
  if (kind == 'L')
    chd_set_str (&extension->path, text);
  else if (kind == 'K')
    chd_set_str (&extension->link, text);
  else if (!read_pax (text, (gsize) size, extension))
    return refuse_damaged (error);
  return TRUE;
}

static void
add_entry (ChdTarIndex *self, const guint8 *block, goffset offset, gint64 size, Extension *extension)
{
  guint8 kind = block[156];
  g_autofree char *raw = extension->path != NULL ? g_strdup (extension->path) : header_name (block);
  g_autofree char *name = clean_name (raw);
  Entry *entry;

  if (name == NULL || strlen (name) > MAX_NAME)
    return;
  if (kind != '0' && kind != '\0' && kind != '7' && kind != '1' && kind != '2')
    return;

  entry = g_new0 (Entry, 1);
  entry->offset = offset;
  entry->size = size;
  if (kind == '1' || kind == '2')
    {
      g_autofree char *target =
          extension->link != NULL ? g_strdup (extension->link) : g_strndup ((const char *) block + 157, 100);

      entry->link = resolve_link (name, target, kind == '1');
    }
  g_hash_table_replace (self->entries, g_steal_pointer (&name), entry);
}

static gboolean
read_headers (ChdTarIndex *self,
              int fd,
              goffset length,
              Extension *extension,
              GCancellable *cancellable,
              GError **error)
{
  goffset at = 0;

  while (at + BLOCK <= length)
    {
      guint8 block[BLOCK];
      guint8 kind;
      gint64 size;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) || !read_at (fd, at, block, BLOCK, error))
        return FALSE;
      if (is_zero (block))
        return TRUE;
      if (!is_header (block) || !read_number (block + 124, 12, &size))
        {
          if (at > 0)
            return refuse_damaged (error);
          if (looks_compressed (block))
            return refuse (error, CHD_ERROR_UNSUPPORTED,
                           _ ("The image archive is compressed. Unpack it to a “.tar” file first."));
          return refuse (error, CHD_ERROR_INVALID, _ ("The file is not an image archive."));
        }
      at += BLOCK;
      kind = block[156];
      if (kind != 'x' && kind != 'g' && kind != 'L' && kind != 'K' && extension->size >= 0)
        size = extension->size;
      if (kind == '1' || kind == '2' || kind == '5')
        size = 0;
      if (size > length - at)
        return refuse_damaged (error);

      if (kind == 'x' || kind == 'L' || kind == 'K')
        {
          if (!read_extension (fd, kind, at, size, extension, error))
            return FALSE;
        }
      else if (kind != 'g')
        {
          add_entry (self, block, at, size, extension);
          extension_clear (extension);
          if (g_hash_table_size (self->entries) > MAX_ENTRIES)
            return refuse (error, CHD_ERROR_LIMIT, _ ("The image archive contains too many files."));
        }
      at += (size + BLOCK - 1) / BLOCK * BLOCK;
    }
  if (at == 0)
    return refuse (error, CHD_ERROR_INVALID, _ ("The file is not an image archive."));
  return TRUE;
}

/**
 * chd_tar_index_new:
 * @fd: of a regular file; not kept
 * @length: of the file, in bytes
 *
 * An archive without its end mark is read too: some programs leave it out, and what an image needs from the archive
 * has digests.
 *
 * Returns: (transfer full): the index, or %NULL: %CHD_ERROR_INVALID for something else than an archive,
 *   %CHD_ERROR_CORRUPT for a damaged one
 */
ChdTarIndex *
chd_tar_index_new (int fd, goffset length, GCancellable *cancellable, GError **error)
{
  g_autoptr (ChdTarIndex) self = g_new0 (ChdTarIndex, 1);
  Extension extension = { NULL, NULL, -1 };
  gboolean complete;

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) entry_free);
  complete = read_headers (self, fd, length, &extension, cancellable, error);
  extension_clear (&extension);
  return complete ? g_steal_pointer (&self) : NULL;
}

void
chd_tar_index_free (ChdTarIndex *self)
{
  g_hash_table_unref (self->entries);
  g_free (self);
}

/**
 * chd_tar_index_lookup:
 * @name: "blobs/sha256/…", for example
 * @offset: (out): of the first byte in the archive
 * @size: (out):
 *
 * Returns: whether there is such a file; a link that leads nowhere, or in a circle, is none
 */
gboolean
chd_tar_index_lookup (ChdTarIndex *self, const char *name, goffset *offset, gint64 *size)
{
  for (guint i = 0; i <= MAX_LINKS; i++)
    {
      Entry *entry = g_hash_table_lookup (self->entries, name);

      if (entry == NULL)
        return FALSE;
      if (entry->link == NULL)
        {
          *offset = entry->offset;
          *size = entry->size;
          return TRUE;
        }
      name = entry->link;
    }
  return FALSE;
}
