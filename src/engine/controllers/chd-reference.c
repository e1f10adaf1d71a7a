/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding Tekton's variables in texts. */

#include "config.h"

#include "chd-reference.h"

#include <string.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
/* No expression that means something is longer; a bound on what a hostile text makes us look at again and again. */
#define MAX_LENGTH 4096

void
chd_reference_free (ChdReference *self)
{
  g_strfreev (self->names);
  g_free (self);
}

/* Reads "[*]", "[3]", "['name']" or "["name"]" at @c. Returns the character behind, or NULL. */
static const char *
parse_bracket (const char *c, GPtrArray *names, ChdReference *reference)
{
  const char *end;

  if (g_str_has_prefix (c, "[*]"))
    {
      reference->form = CHD_REFERENCE_ALL;
      return c + 3;
    }
  if (c[1] == '\'' || c[1] == '"')
    {
      end = strchr (c + 2, c[1]);
      if (end == NULL || end == c + 2 || end[1] != ']')
        return NULL;
      g_ptr_array_add (names, g_strndup (c + 2, (gsize) (end - c - 2)));
      reference->quoted = TRUE;
      return end + 2;
    }
  end = c + 1 + strspn (c + 1, "0123456789");
  if (end == c + 1 || *end != ']' || end - c > 9)
    return NULL;
  reference->form = CHD_REFERENCE_INDEX;
  reference->index = (guint) g_ascii_strtoull (c + 1, NULL, 10);
  return end + 1;
}

static ChdReference *
parse (const char *text, gsize offset)
{
  g_autoptr (ChdReference) reference = g_new0 (ChdReference, 1);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *c = text + offset + 2;

  while (TRUE)
    {
      gsize length = strspn (c, NAME_CHARS);

      if (length == 0)
        return NULL;
      g_ptr_array_add (names, g_strndup (c, length));
      reference->quoted = FALSE;
      c += length;
      while (*c == '[' && reference->form == CHD_REFERENCE_PLAIN)
        {
          c = parse_bracket (c, names, reference);
          if (c == NULL)
            return NULL;
        }
      if (*c != '.' || reference->form != CHD_REFERENCE_PLAIN)
        break;
      c++;
    }
  if (*c != ')' || c - (text + offset) > MAX_LENGTH)
    return NULL;
  reference->offset = offset;
  reference->length = (gsize) (c + 1 - (text + offset));
  reference->n_names = names->len;
  g_ptr_array_add (names, NULL);
  reference->names = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  return g_steal_pointer (&reference);
}

ChdReference *
chd_reference_find (const char *text, gsize offset)
{
  const char *c = text + offset;

  while ((c = strstr (c, "$(")) != NULL)
    {
      ChdReference *reference = parse (text, (gsize) (c - text));

      if (reference != NULL)
        return reference;
      c += 2;
    }
  return NULL;
}

char *
chd_reference_key (const ChdReference *self)
{
  return g_strjoinv (".", self->names);
}

gboolean
chd_reference_is_whole (const ChdReference *self, const char *text)
{
  return self->offset == 0 && text[self->length] == '\0';
}

gboolean
chd_reference_is_result (const ChdReference *self, const char **task, const char **result, const char **key)
{
  if (self->n_names < 4 || self->n_names > 5 || strcmp (self->names[2], "results") != 0 ||
      (strcmp (self->names[0], "tasks") != 0 && strcmp (self->names[0], "finally") != 0))
    return FALSE;
  if (task != NULL)
    *task = self->names[1];
  if (result != NULL)
    *result = self->names[3];
  if (key != NULL)
    *key = self->names[4]; /* the vector's end when there is no fifth */
  return TRUE;
}

void
chd_reference_foreach (JsonNode *node, ChdReferenceFunc func, gpointer user_data)
{
  if (node == NULL)
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name; /* json-glib's ordered iterator needs a place for it */
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        chd_reference_foreach (member, func, user_data);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        chd_reference_foreach (json_array_get_element (array, i), func, user_data);
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      const char *text = json_node_get_string (node);
      gsize offset = 0;
      ChdReference *reference;

      while ((reference = chd_reference_find (text, offset)) != NULL)
        {
          func (reference, text, user_data);
          offset = reference->offset + reference->length;
          chd_reference_free (reference);
        }
    }
}
