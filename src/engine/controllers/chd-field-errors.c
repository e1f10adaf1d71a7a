/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list of field errors that an admission webhook answers with. */

#include "config.h"

#include "chd-field-errors.h"

/* A document may be wrong in as many places as it has; nobody reads more than this. */
#define MAX_ENTRIES 200

typedef struct
{
  char *message;
  char *details;    /* (nullable) */
  GPtrArray *paths; /* (element-type utf8) */
} Entry;

struct _ChdFieldErrors
{
  GPtrArray *entries; /* (element-type Entry) */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->message);
  g_free (entry->details);
  g_ptr_array_unref (entry->paths);
  g_free (entry);
}

ChdFieldErrors *
chd_field_errors_new (void)
{
  ChdFieldErrors *self = g_new0 (ChdFieldErrors, 1);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
chd_field_errors_free (ChdFieldErrors *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static void
add (ChdFieldErrors *self, const char *message, const char *details, char *path /* (transfer full) */)
{
  Entry *entry = NULL;

  for (guint i = 0; i < self->entries->len && entry == NULL; i++)
    {
      Entry *other = g_ptr_array_index (self->entries, i);

      if (g_str_equal (other->message, message) && g_strcmp0 (other->details, details) == 0)
        entry = other;
    }
  if (entry == NULL && self->entries->len < MAX_ENTRIES)
    {
      entry = g_new0 (Entry, 1);
      entry->message = g_strdup (message);
      entry->details = g_strdup (details);
      entry->paths = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (self->entries, entry);
    }
  if (entry == NULL || entry->paths->len >= MAX_ENTRIES ||
      g_ptr_array_find_with_equal_func (entry->paths, path, g_str_equal, NULL))
    g_free (path);
  else
    g_ptr_array_add (entry->paths, path);
}

void
chd_field_errors_add (ChdFieldErrors *self, const char *message, const char *details, const char *path_format, ...)
{
  va_list args;

  va_start (args, path_format);
  add (self, message, details, g_strdup_vprintf (path_format, args));
  va_end (args);
}

void
chd_field_errors_add_value (ChdFieldErrors *self, const char *text, const char *path_format, ...)
{
  g_autofree char *message = g_strconcat ("invalid value: ", text, NULL);
  va_list args;

  va_start (args, path_format);
  add (self, message, NULL, g_strdup_vprintf (path_format, args));
  va_end (args);
}

void
chd_field_errors_add_missing (ChdFieldErrors *self, const char *path_format, ...)
{
  va_list args;

  va_start (args, path_format);
  add (self, "missing field(s)", NULL, g_strdup_vprintf (path_format, args));
  va_end (args);
}

void
chd_field_errors_add_disallowed (ChdFieldErrors *self, const char *path_format, ...)
{
  va_list args;

  va_start (args, path_format);
  add (self, "must not set the field(s)", NULL, g_strdup_vprintf (path_format, args));
  va_end (args);
}

gboolean
chd_field_errors_is_empty (ChdFieldErrors *self)
{
  return self->entries->len == 0;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = *(const Entry *const *) a;
  const Entry *second = *(const Entry *const *) b;
  int order = g_strcmp0 (first->message, second->message);

  return order != 0 ? order : g_strcmp0 (first->details, second->details);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

char *
chd_field_errors_to_string (ChdFieldErrors *self)
{
  GString *text = g_string_new (NULL);

  g_ptr_array_sort (self->entries, compare_entries);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (self->entries, i);

      if (i > 0)
        g_string_append_c (text, '\n');
      g_string_append_printf (text, "%s: ", entry->message);
      g_ptr_array_sort (entry->paths, compare_paths);
      for (guint j = 0; j < entry->paths->len; j++)
        g_string_append_printf (text, "%s%s", j > 0 ? ", " : "", (const char *) g_ptr_array_index (entry->paths, j));
      if (entry->details != NULL)
        g_string_append_printf (text, "\n%s", entry->details);
    }
  return g_string_free (text, FALSE);
}
