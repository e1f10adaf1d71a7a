/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two HTTP headers that carry small languages: WWW-Authenticate (RFC 7235) and Link (RFC 8288). */

#include "config.h"

#include "chd-oci.h"

#include <string.h>

/* Bounds for what a server can make grow. */
#define MAX_CHALLENGES 16
#define MAX_PARAMETERS 32
#define MAX_HEADER (64 * 1024)

#define SPACE " \t"

void
chd_challenge_free (ChdChallenge *self)
{
  g_free (self->scheme);
  g_hash_table_unref (self->parameters);
  g_free (self);
}

/**
 * chd_challenge_get:
 * @parameter: in lower case
 *
 * Returns: (nullable): an empty value counts as none
 */
const char *
chd_challenge_get (const ChdChallenge *self, const char *parameter)
{
  return g_hash_table_lookup (self->parameters, parameter);
}

static gsize
token_length (const char *c)
{
  gsize length = 0;

  while (g_ascii_isalnum (c[length]) || (c[length] != '\0' && strchr ("!#$%&'*+-.^_`|~", c[length]) != NULL))
    length++;
  return length;
}

/* A token68-like or quoted value; %NULL (and @c at the end) for one that cannot be read. */
static char *
read_value (const char **c)
{
  GString *value;
  gsize length;

  if (**c != '"')
    {
      char *token;

      length = strcspn (*c, " \t,;\"");
      token = g_strndup (*c, length);
      *c += length;
      return token;
    }
  value = g_string_new (NULL);
  for ((*c)++; **c != '\0' && **c != '"'; (*c)++)
    {
      if (**c == '\\' && (*c)[1] != '\0')
        (*c)++;
      g_string_append_c (value, **c);
    }
  if (**c == '\0')
    return g_string_free (value, TRUE);
  (*c)++;
  return g_string_free (value, FALSE);
}

/* "name = value" at *@c: takes it over into @challenge. %FALSE when the rest of the line makes no sense. */
static gboolean
read_parameter (ChdChallenge *challenge, const char **c)
{
  gsize length = token_length (*c);
  g_autofree char *name = g_ascii_strdown (*c, (gssize) length);
  char *value;

  *c += length;
  *c += strspn (*c, SPACE);
  if (length == 0 || **c != '=')
    return FALSE;
  (*c)++;
  *c += strspn (*c, SPACE);
  value = read_value (c);
  if (value == NULL)
    return FALSE;
  if (*value == '\0' || g_hash_table_size (challenge->parameters) >= MAX_PARAMETERS)
    g_free (value);
  else
    g_hash_table_replace (challenge->parameters, g_steal_pointer (&name), value);
  *c += strspn (*c, SPACE);
  return **c == ',' || **c == '\0';
}

/* Is what follows a new scheme ("Basic realm=…") rather than one more parameter ("realm=…")? */
static gboolean
starts_challenge (const char *c)
{
  gsize length = token_length (c);

  if (length == 0)
    return FALSE;
  c += length;
  return *c == '\0' || *c == ',' || (strspn (c, SPACE) > 0 && c[strspn (c, SPACE)] != '=');
}

static void
parse_line (const char *line, GPtrArray *challenges)
{
  const char *c = line;
  ChdChallenge *challenge = NULL;

  while (challenges->len < MAX_CHALLENGES)
    {
      c += strspn (c, SPACE ",");
      if (*c == '\0')
        return;
      if (starts_challenge (c))
        {
          gsize length = token_length (c);

          challenge = g_new0 (ChdChallenge, 1);
          challenge->scheme = g_ascii_strdown (c, (gssize) length);
          challenge->parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
          g_ptr_array_add (challenges, challenge);
          c += length;
        }
      else if (challenge == NULL || !read_parameter (challenge, &c))
        return;
    }
}

GPtrArray *
chd_challenges_parse (const char *const *headers)
{
  GPtrArray *challenges = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_challenge_free);

  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    if (strlen (headers[i]) <= MAX_HEADER)
      parse_line (headers[i], challenges);
  return challenges;
}

/**
 * chd_link_header_next:
 * @header: (nullable)
 *
 * Returns: (transfer full) (nullable): possibly relative
 */
char *
chd_link_header_next (const char *header)
{
  const char *c = header;

  if (header == NULL || strlen (header) > MAX_HEADER)
    return NULL;
  while ((c = strchr (c, '<')) != NULL)
    {
      const char *end = strchr (c, '>');
      const char *comma;
      g_autofree char *parameters = NULL;

      if (end == NULL)
        return NULL;
      comma = strstr (end, ", <");
      parameters = comma != NULL ? g_strndup (end, (gsize) (comma - end)) : g_strdup (end);
      if (strstr (parameters, "rel=\"next\"") != NULL || strstr (parameters, "rel=next") != NULL)
        return g_strndup (c + 1, (gsize) (end - c - 1));
      c = end;
    }
  return NULL;
}
