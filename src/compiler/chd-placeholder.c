/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding and replacing variables in texts, by Tekton's grammar and by ours for nodes. One pass: what is put in is not
 * looked at again. */

#include "config.h"

#include "chd-placeholder.h"

#include <string.h>

void
chd_placeholder_clear (ChdPlaceholder *reference)
{
  g_clear_pointer (&reference->space, g_free);
  g_clear_pointer (&reference->name, g_free);
  g_clear_pointer (&reference->member, g_free);
  g_clear_pointer (&reference->field, g_free);
  g_clear_pointer (&reference->suffix, g_free);
}

static gboolean
is_name_char (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-';
}

/* Takes ".name", "['name.with.dots']" or "[\"name\"]" off the front of the text. */
static char *
take_name (const char **at, const char *end)
{
  const char *start;

  if (*at + 1 < end && **at == '.' && is_name_char ((*at)[1]))
    {
      start = ++*at;
      while (*at < end && is_name_char (**at))
        ++*at;
      return g_strndup (start, *at - start);
    }
  if (end - *at > 4 && **at == '[' && ((*at)[1] == '\'' || (*at)[1] == '"'))
    {
      const char *quote = memchr (*at + 2, (*at)[1], end - *at - 2);

      if (quote == NULL || quote == *at + 2 || quote + 1 >= end || quote[1] != ']')
        return NULL;
      start = *at + 2;
      *at = quote + 2;
      return g_strndup (start, quote - start);
    }
  return NULL;
}

/* "", "[*]", "[12]", ".key" */
static gboolean
is_suffix (const char *text)
{
  gsize length = strlen (text);

  if (length == 0)
    return TRUE;
  if (*text == '.')
    {
      for (const char *c = text + 1; *c != '\0'; c++)
        if (!is_name_char (*c))
          return FALSE;
      return length > 1;
    }
  if (*text != '[' || text[length - 1] != ']' || length < 3)
    return FALSE;
  if (length == 3 && text[1] == '*')
    return TRUE;
  return strspn (text + 1, "0123456789") == length - 2;
}

/**
 * chd_placeholder_parse:
 * @text: what stands between "$(" and ")"
 * @reference: (out caller-allocates): to be cleared
 *
 * Returns: whether it is a variable of a space that the compiler has to do with
 */
gboolean
chd_placeholder_parse (const char *text, gsize length, ChdPlaceholder *reference)
{
  static const char *const spaces[] = { "params", "tasks", "nodes" };
  const char *end = text + length;
  const char *at = NULL;

  memset (reference, 0, sizeof *reference);
  for (guint i = 0; i < G_N_ELEMENTS (spaces) && at == NULL; i++)
    if (length > strlen (spaces[i]) && strncmp (text, spaces[i], strlen (spaces[i])) == 0)
      {
        reference->space = g_strdup (spaces[i]);
        at = text + strlen (spaces[i]);
      }
  if (at == NULL)
    return FALSE;

  reference->name = take_name (&at, end);
  if (reference->name == NULL)
    goto fail;
  if (strcmp (reference->space, "params") != 0)
    {
      reference->member = take_name (&at, end);
      if (reference->member == NULL && at == end)
        {
          /* "$(tasks.status)" speaks of all tasks. */
          reference->member = g_steal_pointer (&reference->name);
        }
      else if (reference->member == NULL)
        goto fail;
      else
        reference->field = take_name (&at, end);
    }
  reference->suffix = g_strndup (at, end - at);
  if (is_suffix (reference->suffix))
    return TRUE;

fail:
  chd_placeholder_clear (reference);
  return FALSE;
}

/* The next variable at or after @text: its start and the character behind it. */
static const char *
find_reference (const char *text, const char **end, ChdPlaceholder *reference)
{
  for (const char *start = strstr (text, "$("); start != NULL; start = strstr (start + 2, "$("))
    {
      const char *close = strchr (start, ')');

      if (close == NULL)
        return NULL;
      if (chd_placeholder_parse (start + 2, close - start - 2, reference))
        {
          *end = close + 1;
          return start;
        }
    }
  return NULL;
}

/**
 * chd_placeholders_replace:
 *
 * Returns: (transfer full) (nullable): @text with its variables replaced; %NULL with @error
 */
char *
chd_placeholders_replace (const char *text, ChdPlaceholderFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  const char *start, *end;

  for (;; text = end)
    {
      g_auto (ChdPlaceholder) reference = { 0 };
      g_autofree char *replacement = NULL;
      GError *local_error = NULL;

      start = find_reference (text, &end, &reference);
      if (start == NULL)
        break;
      g_string_append_len (out, text, start - text);
      replacement = func (&reference, user_data, &local_error);
      if (local_error != NULL)
        {
          g_propagate_error (error, local_error);
          return NULL;
        }
      if (replacement != NULL)
        g_string_append (out, replacement);
      else
        g_string_append_len (out, start, end - start);
    }
  g_string_append (out, text);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/**
 * chd_placeholders_is_single:
 * @reference: (out caller-allocates): to be cleared when %TRUE is returned
 *
 * Returns: whether @text is one variable and nothing else, so that it may stand for a list or an object
 */
gboolean
chd_placeholders_is_single (const char *text, ChdPlaceholder *reference)
{
  const char *end;

  memset (reference, 0, sizeof *reference);
  if (!g_str_has_prefix (text, "$("))
    return FALSE;
  if (find_reference (text, &end, reference) == text && *end == '\0')
    return TRUE;
  chd_placeholder_clear (reference);
  return FALSE;
}

void
chd_placeholders_visit (JsonNode *node, ChdPlaceholderVisitor visitor, gpointer user_data)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        chd_placeholders_visit (member, visitor, user_data);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        chd_placeholders_visit (json_array_get_element (array, i), visitor, user_data);
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      const char *text = json_node_get_string (node);
      const char *end;

      for (;;)
        {
          g_auto (ChdPlaceholder) reference = { 0 };

          if (find_reference (text, &end, &reference) == NULL)
            break;
          visitor (&reference, user_data);
          text = end;
        }
    }
}
