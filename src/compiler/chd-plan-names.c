/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Names of pipeline tasks that no other node's tasks have, from the node alone: rule (1) of chd-plan.h. */

#include "config.h"

#include <string.h>

#include "chd-plan-private.h"
#include "chd-util.h"

static char *
hash_suffix (const char *text)
{
  g_autofree char *digest = chd_sha256 (text, strlen (text));

  return g_strndup (digest, 5);
}

/* Whether the id has one of the words that part node and task in names. */
static gboolean
is_ambiguous (const char *id)
{
  static const char *const words[] = { "task", "before", "work", "after", "on-failure" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    for (const char *at = strstr (id, words[i]); at != NULL; at = strstr (at + 1, words[i]))
      {
        char behind = at[strlen (words[i])];

        if ((at == id || at[-1] == '-') && (behind == '\0' || behind == '-'))
          return TRUE;
      }
  return FALSE;
}

/**
 * chd_plan_make_stem:
 *
 * Returns: (transfer full): what the names of the node's tasks begin with; rule (1)
 */
char *
chd_plan_make_stem (const char *node_id)
{
  g_autofree char *suffix = NULL;

  if (!is_ambiguous (node_id))
    return g_strdup (node_id);
  suffix = hash_suffix (node_id);
  return g_strdup_printf ("%s-%s", node_id, suffix);
}

/* @name: (transfer full). Rule (1): a name over 63 characters ends in a hash of itself. */
char *
chd_plan_fit_name (char *name)
{
  g_autofree char *whole = name;
  g_autofree char *suffix = NULL;
  gsize length = CHD_MAX_ID - 6;

  if (strlen (whole) <= CHD_MAX_ID)
    return g_steal_pointer (&whole);
  suffix = hash_suffix (whole);
  while (length > 0 && whole[length - 1] == '-')
    length--;
  return g_strdup_printf ("%.*s-%s", (int) length, whole, suffix);
}
