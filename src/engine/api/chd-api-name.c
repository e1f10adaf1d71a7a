/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The grammars of names and labels (kubernetes-api.md section 14), with the API server's own texts. */

#include "config.h"

#include "chd-api-name.h"

#include <string.h>

#define QUALIFIED_PART "'-', '_' or '.', and must start and end with an alphanumeric character "
#define NAME_EXAMPLES                                                                                                  \
  "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "                                        \
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
#define SUBDOMAIN_TEXT                                                                                                 \
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " \
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "                              \
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
#define LABEL_TEXT                                                                                                     \
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with " \
  "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "                            \
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

char *
chd_api_quote (const char *text)
{
  GString *quoted = g_string_new ("\"");

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      if (*c == '"' || *c == '\\')
        g_string_append_printf (quoted, "\\%c", *c);
      else if (*c == '\n')
        g_string_append (quoted, "\\n");
      else if (*c == '\t')
        g_string_append (quoted, "\\t");
      else if (*c == '\a')
        g_string_append (quoted, "\\a");
      else if ((guchar) *c < 0x20 || *c == 0x7f)
        g_string_append_printf (quoted, "\\x%02x", (guchar) *c);
      else
        g_string_append_len (quoted, c, g_utf8_next_char (c) - c);
    }
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

/* ([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9] */
static gboolean
is_qualified_part (const char *text, gsize length)
{
  if (length == 0 || !g_ascii_isalnum (text[0]) || !g_ascii_isalnum (text[length - 1]))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-_.", text[i]) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_dns_label (const char *text, gsize length)
{
  if (length == 0 || text[0] == '-' || text[length - 1] == '-')
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_islower (text[i]) && !g_ascii_isdigit (text[i]) && text[i] != '-')
      return FALSE;
  return TRUE;
}

static gboolean
is_subdomain (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ".", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (!is_dns_label (parts[i], strlen (parts[i])))
      return FALSE;
  return *text != '\0';
}

char *
chd_api_name_check_subdomain (const char *name)
{
  if (strlen (name) > 253)
    return g_strdup ("must be no more than 253 bytes");
  return is_subdomain (name) ? NULL : g_strdup (SUBDOMAIN_TEXT);
}

char *
chd_api_name_check_label (const char *name)
{
  if (strlen (name) > 63)
    return g_strdup ("must be no more than 63 bytes");
  return is_dns_label (name, strlen (name)) ? NULL : g_strdup (LABEL_TEXT);
}

char *
chd_api_name_check_label_value (const char *value)
{
  gsize length = strlen (value);

  if (length > 63)
    return g_strdup ("must be no more than 63 bytes");
  if (length == 0 || is_qualified_part (value, length))
    return NULL;
  return g_strdup ("a valid label must be an empty string or consist of alphanumeric characters, " QUALIFIED_PART
                   "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                   "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
}

char *
chd_api_name_check_label_key (const char *key)
{
  const char *slash = strchr (key, '/');
  const char *name = slash != NULL ? slash + 1 : key;

  if (strchr (name, '/') != NULL)
    return g_strdup ("a valid label key must consist of alphanumeric characters, " QUALIFIED_PART NAME_EXAMPLES
                     " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')");
  if (slash != NULL)
    {
      g_autofree char *prefix = g_strndup (key, (gsize) (slash - key));
      g_autofree char *problem = NULL;

      if (*prefix == '\0')
        return g_strdup ("prefix part must be non-empty");
      problem = chd_api_name_check_subdomain (prefix);
      if (problem != NULL)
        return g_strconcat ("prefix part ", problem, NULL);
    }
  if (*name == '\0')
    return g_strdup ("name part must be non-empty");
  if (strlen (name) > 63)
    return g_strdup ("name part must be no more than 63 bytes");
  if (!is_qualified_part (name, strlen (name)))
    return g_strdup ("name part must consist of alphanumeric characters, " QUALIFIED_PART NAME_EXAMPLES);
  return NULL;
}
